import type { Column, TableWriter } from "../formats/table.ts";
import { type GeneComponents, geneComponents } from "../network/components.ts";
import {
  CorrelationScale,
  type GenePairs,
  type GeneProfiles,
  geneProfiles,
  nearestPairs,
  strongPairs,
} from "../network/coregulation.ts";
import { cronbachAlpha } from "../network/cronbach.ts";
import { type ExpressionRows, expressionRows } from "../network/expressionRows.ts";
import {
  doubles,
  integers,
  named,
  probabilities,
  schemaOf,
  strings,
  wholeTable,
} from "../network/tableParts.ts";
import { count, counted, degrees } from "../report/numbers.ts";
import { log10 } from "../statistics/elementary.ts";
import { type CoregulationOptions, DEFAULT_PAIR_P } from "./networkFunctionOptions.ts";
import { finish, type NetworkRunning, withExpression, writeTable } from "./networkJob.ts";
import { checkMemory } from "./networkTables.ts";
import { type Invocation, version } from "./shell.ts";
import type { SummaryLine } from "./summary.ts";

/** Genes whose products with all others are held at once. */
const TILE = 512;
/** The tables that other commands go on from. */
export const COEFFICIENTS = "coefficients";

/** `qortex network coregulation`. */
export async function runCoregulation(options: CoregulationOptions, shell: Invocation): Promise<void> {
  await withExpression(options, "components in f64; pairs: screen, then f64", shell, (running) =>
    complete(running, options),
  );
}

async function complete(running: NetworkRunning, options: CoregulationOptions): Promise<void> {
  const { folder, shell, terminal, clock, cohorts, backend } = running;
  const { signal } = shell;
  const { format, alpha } = options;
  const set = cohorts[0]!;
  const rows = expressionRows(set);
  const genes = rows.gene.length;
  const { values, samples } = rows;
  // Expression twice, three matrices of the decomposition, vectors, coefficients and profiles, a tile of products.
  const order = Math.min(genes, samples);
  const most = Math.min(order, options.components ?? order);
  const numbers = 2 * set.id.length * samples + 3 * order * order + (3 * most + TILE) * genes;
  checkMemory(
    `co-regulation of ${counted(genes, "gene")} in ${counted(samples, "sample")}`,
    numbers,
    options.memory,
  );
  const components = await geneComponents(values, genes, samples, backend, {
    ...{ count: options.components, alpha, signal },
  });
  const profiles = geneProfiles(components);
  clock.lap("components");
  const { components: asked } = options;
  if (asked !== undefined && components.count < asked) {
    const text = `--components ${asked}: ${counted(samples, "sample")} and ${counted(genes, "gene")} have ${components.count}, which are taken`;
    running.onMessage({ level: "warning", text });
  }
  if (options.components === undefined && components.count === components.eigenvalues.length) {
    const text = `--alpha ${alpha} leaves none of ${components.count} components out, as there are many more genes than samples: all weigh the same, the weakest too; --components takes fewer`;
    running.onMessage({ level: "info", text });
  }
  const ids = Array.from(rows.gene, (g) => set.id[g]!);
  const symbols = set.symbol && Array.from(rows.gene, (g) => set.symbol![g]!);
  const metadata = { "qortex.version": version() };
  await writeTable(running, componentTable(components, metadata), format);
  await writeTable(running, coefficientTable(profiles, ids, metadata), format);
  const { top, pValue = DEFAULT_PAIR_P } = options;
  const scale = new CorrelationScale(profiles.components);
  const least = Math.max(Number.MIN_VALUE, scale.threshold(log10(pValue)));
  const found =
    top === undefined
      ? strongPairs(profiles, least, backend, signal)
      : nearestPairs(profiles, top, backend, signal);
  let writer: TableWriter | undefined;
  let pairs = 0;
  const partners = new Uint32Array(genes);
  for await (const batch of found) {
    const columns = pairColumns(batch, scale, ids, symbols, top !== undefined);
    writer ??= await folder.table("coregulation", schemaOf(columns, metadata), format);
    await writer.write(columns);
    pairs += batch.r.length;
    for (const gene of batch.first) partners[gene]!++;
    if (top === undefined) for (const gene of batch.second) partners[gene]!++;
    const done = batch.second.length === 0 ? 0 : batch.second[batch.second.length - 1]!;
    if (top === undefined) terminal.progress({ done, total: genes, phase: "testing" });
  }
  await writer?.close();
  await writeTable(running, geneTable(running, rows, partners, metadata), format);
  clock.lap("pairs");
  const limit = top === undefined ? `p <= ${pValue}` : `the ${top} strongest of each gene`;
  await finish(running, options, {
    kind: "network-coregulation",
    title: `Co-regulation of ${counted(genes, "gene")}`,
    lines: linesOf(components, pairs, limit, set.samples.length, set.covariatesUsed.length),
    counts: { genes: set.id.length, genesUsed: genes, components: components.count, pairs },
    model: "coregulation",
    degreesOfFreedom: components.count - 2,
  });
}

function componentTable(
  { genes, eigenvalues, count: kept }: GeneComponents,
  metadata: Record<string, string>,
) {
  const alpha = eigenvalues.map((value) => cronbachAlpha(value, genes));
  return wholeTable(
    "components",
    [
      integers(
        "component",
        eigenvalues.map((_, k) => k + 1),
      ),
      doubles("eigenvalue", eigenvalues),
      doubles(
        "variance_share",
        eigenvalues.map((value) => value / genes),
      ),
      doubles("cronbach_alpha", alpha),
      integers(
        "kept",
        eigenvalues.map((_, k) => (k < kept ? 1 : 0)),
      ),
    ],
    metadata,
  );
}

/** A column a component: eigenvector coefficients of mean 0 and standard deviation 1. */
function coefficientTable(
  { genes, components, coefficients }: GeneProfiles,
  ids: readonly string[],
  metadata: Record<string, string>,
) {
  const columns = Array.from({ length: components }, (_, k) =>
    doubles(
      `PC${k + 1}`,
      Float64Array.from({ length: genes }, (_, g) => coefficients[g * components + k]!),
    ),
  );
  return wholeTable(COEFFICIENTS, [strings("gene", ids), ...columns], metadata);
}

function pairColumns(
  { first, second, r }: GenePairs,
  scale: CorrelationScale,
  ids: readonly string[],
  symbols: readonly string[] | undefined,
  ranked: boolean,
): Column[] {
  const [a, b] = ranked ? (["gene", "partner"] as const) : (["gene_a", "gene_b"] as const);
  const symbol = (name: string): string => name.replace(/^(gene|partner)/, "$1_symbol");
  const rank = new Int32Array(r.length);
  for (let i = 0; i < r.length; i++) rank[i] = i > 0 && first[i] === first[i - 1] ? rank[i - 1]! + 1 : 1;
  return [
    named(a, ids, first),
    named(b, ids, second),
    ...(symbols === undefined ? [] : [named(symbol(a), symbols, first), named(symbol(b), symbols, second)]),
    ...(ranked ? [integers("rank", rank)] : []),
    doubles("r", r),
    doubles(
      "z",
      r.map((value) => scale.z(value)),
    ),
    ...probabilities(r.map((value) => scale.log10P(value))),
  ];
}

function geneTable(
  { cohorts }: NetworkRunning,
  { gene }: ExpressionRows,
  partners: Uint32Array,
  metadata: Record<string, string>,
) {
  const set = cohorts[0]!;
  const used = new Int32Array(set.id.length).fill(-1);
  gene.forEach((g, row) => {
    used[g] = row;
  });
  const status = set.status.map((one, g) => (one === "ok" && used[g]! < 0 ? "constant" : one));
  return wholeTable(
    "genes",
    [
      strings("gene", set.id),
      ...(set.symbol === undefined ? [] : [strings("gene_symbol", set.symbol)]),
      strings("status", status),
      integers("missing", set.missing),
      integers(
        "partners",
        used.map((row) => (row < 0 ? 0 : partners[row]!)),
      ),
    ],
    metadata,
  );
}

function linesOf(
  components: GeneComponents,
  pairs: number,
  limit: string,
  samples: number,
  covariates: number,
): SummaryLine[] {
  const { genes, eigenvalues, count: kept } = components;
  const share = eigenvalues.slice(0, kept).reduce((sum, value) => sum + value, 0) / genes;
  const last = cronbachAlpha(eigenvalues[kept - 1]!, genes);
  return [
    {
      label: "Expression",
      value: `${counted(samples, "sample")}, ${counted(covariates, "covariate")} taken out`,
    },
    {
      label: "Components",
      value: `${count(kept)} of ${count(eigenvalues.length)} kept, ${(100 * share).toFixed(1)} % of the variance`,
      note: `alpha of the last ${last.toFixed(3)}; pairs have ${degrees(kept - 2)}`,
    },
    { label: "Pairs", value: count(pairs), note: limit },
  ];
}
