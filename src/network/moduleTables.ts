import type { ExpressionSet } from "../cohort/expressionSet.ts";
import type { Column, TableSchema } from "../formats/table.ts";
import { pow10 } from "../statistics/elementary.ts";
import { bhLog10 } from "../statistics/multiple.ts";
import { moduleColor } from "./colors.ts";
import type { ModulesResult } from "./modules.ts";
import { type ModulePreservation, PRESERVATION_STATISTICS } from "./preservation.ts";
import type { ModuleTraits, Traits } from "./traits.ts";

/** A table of the result, whole in memory. */
export interface NetworkTable {
  readonly name: string;
  readonly schema: TableSchema;
  readonly columns: readonly Column[];
}

type Metadata = Readonly<Record<string, string>>;

function table(name: string, columns: readonly Column[], metadata: Metadata): NetworkTable {
  const schema = columns.map(({ name: column, type }) => ({
    ...{ name: column, type: type === "dictionary" ? ("string" as const) : type },
  }));
  return { name, schema: { columns: schema, metadata }, columns };
}

const text = (name: string, values: readonly string[]): Column => ({ name, type: "string", values });
const whole = (name: string, values: ArrayLike<number>): Column => ({
  ...{ name, type: "int32", values: Int32Array.from(values) },
});
const number = (name: string, values: ArrayLike<number>): Column => ({
  ...{ name, type: "double", values: Float64Array.from(values) },
});

/** All tables of modules. */
export function moduleTables(set: ExpressionSet, result: ModulesResult, metadata: Metadata): NetworkTable[] {
  return [
    geneTable(set, result, metadata),
    membershipTable(set, result, metadata),
    eigengeneTable(set, result, metadata),
    summaryTable(set, result, metadata),
    dendrogramTable(result, metadata),
    ...(result.fits.length > 0 ? [powerTable(result, metadata)] : []),
  ];
}

/** `genes`: a row a gene of the input. */
function geneTable(set: ExpressionSet, result: ModulesResult, metadata: Metadata): NetworkTable {
  const { labels, unmerged, eigengenes, memberships, connectivity, blocks } = result;
  const genes = set.id.map((_, gene) => gene);
  const block = new Int32Array(genes.length);
  const position = new Int32Array(genes.length);
  blocks.forEach(({ genes: own, tree }, b) => {
    tree.order.forEach((item, at) => {
      block[own[item]!] = b + 1;
      position[own[item]!] = at + 1;
    });
  });
  const at = new Map(eigengenes.modules.map((label, m) => [label, m]));
  const kME = genes.map((gene) => {
    const m = at.get(labels[gene]!);
    return m === undefined ? Number.NaN : memberships.kME[gene * eigengenes.modules.length + m]!;
  });
  return table(
    "genes",
    [
      text("gene", set.id),
      ...(set.symbol === undefined ? [] : [text("gene_symbol", set.symbol)]),
      text("status", set.status),
      whole("module", labels),
      text("color", Array.from(labels, moduleColor)),
      whole("module_unmerged", unmerged),
      number("kme", kME),
      number("k_total", connectivity.total),
      number("k_within", connectivity.within),
      whole("block", block),
      whole("position", position),
    ],
    metadata,
  );
}

/** `membership`: kME of every gene with every module. */
function membershipTable(
  set: ExpressionSet,
  { eigengenes, memberships }: ModulesResult,
  metadata: Metadata,
): NetworkTable {
  const width = eigengenes.modules.length;
  const columns = eigengenes.modules.map((label, m) =>
    number(
      `kme_${label}`,
      Float64Array.from(set.id, (_, gene) => memberships.kME[gene * width + m]!),
    ),
  );
  return table("membership", [text("gene", set.id), ...columns], metadata);
}

/** `eigengenes`: samples x modules. */
function eigengeneTable(set: ExpressionSet, { eigengenes }: ModulesResult, metadata: Metadata): NetworkTable {
  const columns = eigengenes.modules.map((label, m) => number(`ME${label}`, eigengenes.vectors[m]!));
  return table("eigengenes", [text("sample", set.samples), ...columns], metadata);
}

/** `modules`: a row a module. */
function summaryTable(set: ExpressionSet, result: ModulesResult, metadata: Metadata): NetworkTable {
  const { eigengenes } = result;
  const rows = eigengenes.modules.map((label) => moduleSummary(result, label));
  const hubs = rows.map(({ hub }) => hub);
  return table(
    "modules",
    [
      whole("module", eigengenes.modules),
      text("color", eigengenes.modules.map(moduleColor)),
      whole(
        "genes",
        rows.map(({ genes }) => genes),
      ),
      number("var_explained", eigengenes.explained),
      text(
        "hub_gene",
        hubs.map((gene) => set.id[gene]!),
      ),
      ...(set.symbol === undefined
        ? []
        : [
            text(
              "hub_symbol",
              hubs.map((gene) => set.symbol?.[gene] ?? ""),
            ),
          ]),
      number(
        "hub_kme",
        rows.map(({ kME }) => kME),
      ),
    ],
    metadata,
  );
}

/** A module's size, and its gene of largest kME in size. */
export function moduleSummary(
  { labels, eigengenes, memberships }: ModulesResult,
  label: number,
): { genes: number; hub: number; kME: number } {
  const m = eigengenes.modules.indexOf(label);
  const width = eigengenes.modules.length;
  let [genes, hub, kME] = [0, -1, 0];
  labels.forEach((own, gene) => {
    if (own !== label) return;
    genes++;
    const value = memberships.kME[gene * width + m]!;
    if (hub >= 0 && !(Math.abs(value) > Math.abs(kME))) return;
    hub = gene;
    kME = value;
  });
  return { genes, hub, kME };
}

/** `dendrogram`: a row a merge, as R's hclust has it: negative numbers are genes of the block by position in the input. */
function dendrogramTable({ blocks }: ModulesResult, metadata: Metadata): NetworkTable {
  const columns = {
    block: [] as number[],
    left: [] as number[],
    right: [] as number[],
    height: [] as number[],
  };
  blocks.forEach(({ tree, genes }, b) => {
    const name = (side: number) => (side < 0 ? -(genes[-side - 1]! + 1) : side);
    tree.height.forEach((height, m) => {
      columns.block.push(b + 1);
      columns.left.push(name(tree.merge[2 * m]!));
      columns.right.push(name(tree.merge[2 * m + 1]!));
      columns.height.push(height);
    });
  });
  const { block, left, right, height } = columns;
  return table(
    "dendrogram",
    [whole("block", block), whole("left", left), whole("right", right), number("height", height)],
    metadata,
  );
}

/** `soft_threshold`: a row a power of the scan. */
function powerTable({ fits }: ModulesResult, metadata: Metadata): NetworkTable {
  return table(
    "soft_threshold",
    [
      number(
        "power",
        fits.map(({ power }) => power),
      ),
      number(
        "r_squared",
        fits.map(({ rSquared }) => rSquared),
      ),
      number(
        "slope",
        fits.map(({ slope }) => slope),
      ),
      number(
        "truncated_r_squared",
        fits.map(({ truncatedRSquared }) => truncatedRSquared),
      ),
      number(
        "mean_k",
        fits.map(({ meanK }) => meanK),
      ),
      number(
        "median_k",
        fits.map(({ medianK }) => medianK),
      ),
      number(
        "max_k",
        fits.map(({ maxK }) => maxK),
      ),
    ],
    metadata,
  );
}

/** `module_traits`: a row a module and trait; q over all of them. */
export function traitTable(found: ModuleTraits, { names }: Traits, metadata: Metadata): NetworkTable {
  const tests = found.log10P.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : 1), 0);
  return table(
    "module_traits",
    [
      whole("module", found.module),
      text("color", Array.from(found.module, moduleColor)),
      { name: "trait", type: "dictionary", values: names, index: found.trait },
      whole("n", found.n),
      number("r", found.r),
      number("pval", found.log10P.map(pow10)),
      number("log10_p", found.log10P),
      number("qval", bhLog10(found.log10P, tests).map(pow10)),
    ],
    metadata,
  );
}

/** `preservation`: a row a module. */
export function preservationTable(found: readonly ModulePreservation[], metadata: Metadata): NetworkTable {
  return table(
    "preservation",
    [
      whole(
        "module",
        found.map(({ module }) => module),
      ),
      text(
        "color",
        found.map(({ module }) => moduleColor(module)),
      ),
      whole(
        "genes",
        found.map(({ genes }) => genes),
      ),
      whole(
        "genes_used",
        found.map(({ used }) => used),
      ),
      number(
        "z_summary",
        found.map(({ zSummary }) => zSummary),
      ),
      number(
        "z_density",
        found.map(({ zDensity }) => zDensity),
      ),
      number(
        "z_connectivity",
        found.map(({ zConnectivity }) => zConnectivity),
      ),
      ...PRESERVATION_STATISTICS.flatMap((name, i) => [
        number(
          name,
          found.map(({ observed }) => observed[i]!),
        ),
        number(
          `z_${name}`,
          found.map(({ z }) => z[i]!),
        ),
      ]),
    ],
    metadata,
  );
}
