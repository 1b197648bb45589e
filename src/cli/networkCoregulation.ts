import type { TableWriter } from "../formats/table.ts";
import { type GeneComponents, geneComponents } from "../network/components.ts";
import { bestTrial, type ComponentTrial, componentTrials } from "../network/componentTrials.ts";
import { CorrelationScale, geneProfiles, nearestPairs, strongPairs } from "../network/coregulation.ts";
import { cronbachAlpha } from "../network/cronbach.ts";
import { type ExpressionRows, expressionRows } from "../network/expressionRows.ts";
import { membershipOf } from "../network/geneSets.ts";
import { schemaOf } from "../network/tableParts.ts";
import { coregulationReport, StrongestPairs } from "../report/coregulationReport.ts";
import { count, counted, degrees } from "../report/numbers.ts";
import { log10 } from "../statistics/elementary.ts";
import {
  coefficientTable,
  componentTable,
  geneTable,
  pairColumns,
  trialTable,
} from "./networkCoregulationTables.ts";
import { type CoregulationOptions, DEFAULT_PAIR_P } from "./networkFunctionOptions.ts";
import { finish, type NetworkRunning, withExpression, writeTable } from "./networkJob.ts";
import { checkMemory, readGeneSets } from "./networkTables.ts";
import { type Invocation, version } from "./shell.ts";
import type { SummaryLine } from "./summary.ts";

/** Genes whose products with all others are held at once. */
const TILE = 512;
/** Genes with most partners that are named. */
const HUBS = 5;

/** `qortex network coregulation`. */
export async function runCoregulation(options: CoregulationOptions, shell: Invocation): Promise<void> {
  await withExpression(options, "components in f64; pairs: screen, then f64", shell, (running) =>
    complete(running, options),
  );
}

/** The genes used, by row. */
interface Genes extends ExpressionRows {
  readonly ids: readonly string[];
  readonly symbols: readonly string[] | undefined;
}

async function complete(running: NetworkRunning, options: CoregulationOptions): Promise<void> {
  const { clock, cohorts } = running;
  const { format, top, pValue = DEFAULT_PAIR_P } = options;
  const set = cohorts[0]!;
  const rows = expressionRows(set);
  const ids = Array.from(rows.gene, (g) => set.id[g]!);
  const symbols = set.symbol && Array.from(rows.gene, (g) => set.symbol![g]!);
  const genes: Genes = { ...rows, ids, symbols };
  const metadata = { "qortex.version": version() };
  const components = await componentsOf(running, genes, options, metadata);
  const profiles = geneProfiles(components);
  clock.lap("components");
  await writeTable(running, componentTable(components, metadata), format);
  await writeTable(running, coefficientTable(profiles, ids, metadata), format);
  const partners = new Uint32Array(ids.length);
  const strongest = new StrongestPairs();
  const pairs = await writePairs(running, genes, profiles, { partners, strongest }, options);
  await writeTable(running, geneTable(running, rows, partners, metadata), format);
  clock.lap("pairs");
  const limit = top === undefined ? `p <= ${pValue}` : `the ${top} strongest of each gene`;
  const hubs = hubsOf(partners).map((g) => `${symbols?.[g] || ids[g]} ${count(partners[g]!)}`);
  const lines = [
    {
      label: "Expression",
      value: `${counted(set.samples.length, "sample")}, ${counted(set.covariatesUsed.length, "covariate")} taken out`,
    },
    ...componentLines(components),
    { label: "Pairs", value: count(pairs), note: limit },
    // With --top each gene has the same number of partners of its own.
    ...(top === undefined && pairs > 0 ? [{ label: "Hubs", value: hubs.join(", "), note: "partners" }] : []),
  ];
  const asked = options.components;
  await finish(running, options, {
    kind: "network-coregulation",
    title: `Co-regulation of ${counted(ids.length, "gene")}`,
    lines,
    page: () =>
      coregulationReport({
        ...{ version: version(), set, components, strongest, pairs, limit, lines },
        ...{ transform: options.transform, alpha: options.alpha },
        names: ids.map((id, g) => symbols?.[g] || id),
        partners: top === undefined ? partners : undefined,
        log10P: scaleOf(profiles.components),
        chosenBy: asked === undefined ? "alpha" : asked === "auc" ? "auc" : "asked",
      }),
    counts: { genes: set.id.length, genesUsed: ids.length, components: components.count, pairs },
    model: "coregulation",
    degreesOfFreedom: components.count - 2,
    inputs: { "gene sets": options.geneSets },
  });
}

/** The components kept; what is doubtful of their number is said. */
async function componentsOf(
  running: NetworkRunning,
  genes: Genes,
  options: CoregulationOptions,
  metadata: Readonly<Record<string, string>>,
): Promise<GeneComponents> {
  const { shell, terminal, backend } = running;
  const { signal } = shell;
  const { alpha, seed, decomposition, components: asked } = options;
  const { values, samples, ids } = genes;
  const n = ids.length;
  // Expression twice, three matrices of the decomposition, vectors, coefficients and profiles, a tile of products.
  const order = Math.min(n, samples);
  const byAuc = asked === "auc";
  const most = byAuc ? order : Math.min(order, asked ?? order);
  const numbers = 2 * running.cohorts[0]!.id.length * samples + 3 * order * order + (3 * most + TILE) * n;
  checkMemory(
    `co-regulation of ${counted(n, "gene")} in ${counted(samples, "sample")}`,
    numbers,
    options.memory,
  );
  const wanted = byAuc ? order : asked;
  const found = await geneComponents(values, n, samples, backend, {
    ...{ count: wanted, alpha, decomposition, seed, signal },
  });
  if (typeof asked === "number" && found.count < asked) {
    const text = `--components ${asked}: ${counted(samples, "sample")} and ${counted(n, "gene")} have ${found.count}, which are taken`;
    running.onMessage({ level: "warning", text });
  }
  if (asked === undefined && found.count === found.eigenvalues.length) {
    const text = `--alpha ${alpha} leaves none of ${found.count} components out, as there are many more genes than samples: all weigh the same, the weakest too; --components takes fewer, or chooses (auc)`;
    running.onMessage({ level: "info", text });
  }
  if (!byAuc) return found;
  const sets = await readGeneSets(options.geneSets!, running.onMessage);
  const members = membershipOf(sets, ids, genes.symbols).map((one) => one.members);
  const onProgress = (done: number, total: number) => terminal.progress({ done, total, phase: "testing" });
  const trials = await componentTrials(found, members, backend, { signal, onProgress });
  const best = bestTrial(trials);
  await writeTable(running, trialTable(trials, best, metadata), options.format);
  running.onMessage({ level: "info", text: trialText(trials, best) });
  return { ...found, count: best.components, vectors: found.vectors.slice(0, best.components * n) };
}

function trialText(trials: readonly ComponentTrial[], best: ComponentTrial): string {
  const text = ({ components, meanAuc }: ComponentTrial): string => `${components}: ${meanAuc.toFixed(3)}`;
  const sets = best.auc.filter((value) => !Number.isNaN(value)).length;
  return `--components auc: ${best.components}, of which ${counted(sets, "gene set")} have the highest mean AUC (${trials.map(text).join(", ")})`;
}

/** The table of pairs; counts each gene's partners in `partners`, and returns how many pairs there are. */
async function writePairs(
  { folder, shell, terminal, backend }: NetworkRunning,
  { ids, symbols }: Genes,
  profiles: ReturnType<typeof geneProfiles>,
  { partners, strongest }: { readonly partners: Uint32Array; readonly strongest: StrongestPairs },
  { top, pValue = DEFAULT_PAIR_P, format }: CoregulationOptions,
): Promise<number> {
  const { signal } = shell;
  const scale = new CorrelationScale(profiles.components);
  const least = Math.max(Number.MIN_VALUE, scale.threshold(log10(pValue)));
  const found =
    top === undefined
      ? strongPairs(profiles, least, backend, signal)
      : nearestPairs(profiles, top, backend, signal);
  let writer: TableWriter | undefined;
  let pairs = 0;
  for await (const batch of found) {
    const columns = pairColumns(batch, scale, ids, symbols, top !== undefined);
    writer ??= await folder.table("coregulation", schemaOf(columns, { "qortex.version": version() }), format);
    await writer.write(columns);
    pairs += batch.r.length;
    strongest.add(batch);
    for (const gene of batch.first) partners[gene]!++;
    if (top === undefined) for (const gene of batch.second) partners[gene]!++;
    const done = batch.second.length === 0 ? 0 : batch.second[batch.second.length - 1]!;
    if (top === undefined) terminal.progress({ done, total: ids.length, phase: "testing" });
  }
  await writer?.close();
  return pairs;
}

/** log10 p of a correlation of profiles. */
function scaleOf(components: number): (r: number) => number {
  const scale = new CorrelationScale(components);
  return (r) => scale.log10P(r);
}

/** The genes with most partners, most first; of equal ones the earlier gene. */
function hubsOf(partners: Uint32Array): number[] {
  return Array.from(partners.keys())
    .filter((gene) => partners[gene]! > 0)
    .sort((a, b) => partners[b]! - partners[a]! || a - b)
    .slice(0, HUBS);
}

function componentLines(components: GeneComponents): SummaryLine[] {
  const { genes, eigenvalues, count: kept, residual } = components;
  const share = eigenvalues.slice(0, kept).reduce((sum, value) => sum + value, 0) / genes;
  const last = cronbachAlpha(eigenvalues[kept - 1]!, genes);
  const of = residual === undefined ? ` of ${count(eigenvalues.length)}` : "";
  const lines: SummaryLine[] = [
    {
      label: "Components",
      value: `${count(kept)}${of} kept, ${(100 * share).toFixed(1)} % of the variance`,
      note: `alpha of the last ${last.toFixed(3)}; pairs have ${degrees(kept - 2)}`,
    },
  ];
  if (residual !== undefined) {
    const text = `randomised; eigenvalues right to ${residual.toExponential(1)} (the last is ${eigenvalues[kept - 1]!.toPrecision(3)})`;
    lines.push({ label: "Decomposition", value: text });
  }
  return lines;
}
