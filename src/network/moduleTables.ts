import type { ExpressionSet } from "../cohort/expressionSet.ts";
import { pow10 } from "../statistics/elementary.ts";
import { bhLog10 } from "../statistics/multiple.ts";
import { moduleColor } from "./colors.ts";
import type { ModulesResult } from "./modules.ts";
import { type ModulePreservation, PRESERVATION_STATISTICS } from "./preservation.ts";
import { doubles, integers, strings, type WholeTable, wholeTable } from "./tableParts.ts";
import type { ModuleTraits, Traits } from "./traits.ts";

type Metadata = Readonly<Record<string, string>>;

/** All tables of modules. */
export function moduleTables(set: ExpressionSet, result: ModulesResult, metadata: Metadata): WholeTable[] {
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
function geneTable(set: ExpressionSet, result: ModulesResult, metadata: Metadata): WholeTable {
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
  return wholeTable(
    "genes",
    [
      strings("gene", set.id),
      ...(set.symbol === undefined ? [] : [strings("gene_symbol", set.symbol)]),
      strings("status", set.status),
      integers("module", labels),
      strings("color", Array.from(labels, moduleColor)),
      integers("module_unmerged", unmerged),
      doubles("kme", kME),
      doubles("k_total", connectivity.total),
      doubles("k_within", connectivity.within),
      integers("block", block),
      integers("position", position),
    ],
    metadata,
  );
}

/** `membership`: kME of every gene with every module. */
function membershipTable(
  set: ExpressionSet,
  { eigengenes, memberships }: ModulesResult,
  metadata: Metadata,
): WholeTable {
  const width = eigengenes.modules.length;
  const columns = eigengenes.modules.map((label, m) =>
    doubles(
      `kme_${label}`,
      Float64Array.from(set.id, (_, gene) => memberships.kME[gene * width + m]!),
    ),
  );
  return wholeTable("membership", [strings("gene", set.id), ...columns], metadata);
}

/** `eigengenes`: samples x modules. */
function eigengeneTable(set: ExpressionSet, { eigengenes }: ModulesResult, metadata: Metadata): WholeTable {
  const columns = eigengenes.modules.map((label, m) => doubles(`ME${label}`, eigengenes.vectors[m]!));
  return wholeTable("eigengenes", [strings("sample", set.samples), ...columns], metadata);
}

/** `modules`: a row a module. */
function summaryTable(set: ExpressionSet, result: ModulesResult, metadata: Metadata): WholeTable {
  const { eigengenes } = result;
  const rows = eigengenes.modules.map((label) => moduleSummary(result, label));
  const hubs = rows.map(({ hub }) => hub);
  return wholeTable(
    "modules",
    [
      integers("module", eigengenes.modules),
      strings("color", eigengenes.modules.map(moduleColor)),
      integers(
        "genes",
        rows.map(({ genes }) => genes),
      ),
      doubles("var_explained", eigengenes.explained),
      strings(
        "hub_gene",
        hubs.map((gene) => set.id[gene]!),
      ),
      ...(set.symbol === undefined
        ? []
        : [
            strings(
              "hub_symbol",
              hubs.map((gene) => set.symbol?.[gene] ?? ""),
            ),
          ]),
      doubles(
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
function dendrogramTable({ blocks }: ModulesResult, metadata: Metadata): WholeTable {
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
  return wholeTable(
    "dendrogram",
    [integers("block", block), integers("left", left), integers("right", right), doubles("height", height)],
    metadata,
  );
}

/** `soft_threshold`: a row a power of the scan. */
function powerTable({ fits }: ModulesResult, metadata: Metadata): WholeTable {
  return wholeTable(
    "soft_threshold",
    [
      doubles(
        "power",
        fits.map(({ power }) => power),
      ),
      doubles(
        "r_squared",
        fits.map(({ rSquared }) => rSquared),
      ),
      doubles(
        "slope",
        fits.map(({ slope }) => slope),
      ),
      doubles(
        "truncated_r_squared",
        fits.map(({ truncatedRSquared }) => truncatedRSquared),
      ),
      doubles(
        "mean_k",
        fits.map(({ meanK }) => meanK),
      ),
      doubles(
        "median_k",
        fits.map(({ medianK }) => medianK),
      ),
      doubles(
        "max_k",
        fits.map(({ maxK }) => maxK),
      ),
    ],
    metadata,
  );
}

/** `module_traits`: a row a module and trait; q over all of them. */
export function traitTable(found: ModuleTraits, { names }: Traits, metadata: Metadata): WholeTable {
  const tests = found.log10P.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : 1), 0);
  return wholeTable(
    "module_traits",
    [
      integers("module", found.module),
      strings("color", Array.from(found.module, moduleColor)),
      { name: "trait", type: "dictionary", values: names, index: found.trait },
      integers("n", found.n),
      doubles("r", found.r),
      doubles("pval", found.log10P.map(pow10)),
      doubles("log10_p", found.log10P),
      doubles("qval", bhLog10(found.log10P, tests).map(pow10)),
    ],
    metadata,
  );
}

/** `preservation`: a row a module. */
export function preservationTable(found: readonly ModulePreservation[], metadata: Metadata): WholeTable {
  return wholeTable(
    "preservation",
    [
      integers(
        "module",
        found.map(({ module }) => module),
      ),
      strings(
        "color",
        found.map(({ module }) => moduleColor(module)),
      ),
      integers(
        "genes",
        found.map(({ genes }) => genes),
      ),
      integers(
        "genes_used",
        found.map(({ used }) => used),
      ),
      doubles(
        "z_summary",
        found.map(({ zSummary }) => zSummary),
      ),
      doubles(
        "z_density",
        found.map(({ zDensity }) => zDensity),
      ),
      doubles(
        "z_connectivity",
        found.map(({ zConnectivity }) => zConnectivity),
      ),
      ...PRESERVATION_STATISTICS.flatMap((name, i) => [
        doubles(
          name,
          found.map(({ observed }) => observed[i]!),
        ),
        doubles(
          `z_${name}`,
          found.map(({ z }) => z[i]!),
        ),
      ]),
    ],
    metadata,
  );
}
