import { InputError } from "../errors.ts";
import { type CorrelatedPairs, correlate } from "../network/correlate.ts";
import { emptyStatistic } from "../network/correlator.ts";
import { writeDense, writeDenseParquet } from "../network/denseMatrix.ts";
import { geneTable, writePairs } from "../network/pairTables.ts";
import { correlateReport } from "../report/correlateReport.ts";
import { count, counted } from "../report/numbers.ts";
import { effect, pValue, shortNumber } from "./format.ts";
import { type CorrelateOptions, DEFAULT_MIN_R, METHODS } from "./networkCorrelateOptions.ts";
import { finish, type NetworkRunning, withExpression, writeTable } from "./networkJob.ts";
import { type Invocation, version } from "./shell.ts";
import type { SummaryLine } from "./summary.ts";

/** `qortex network correlate`. */
export async function runCorrelate(options: CorrelateOptions, shell: Invocation): Promise<void> {
  const computing = "screen, then f64; pairs with missing values in f64 alone";
  await withExpression(options, computing, shell, (running) => complete(running, options));
}

/** The limits as asked for, or the default one. */
function limitsOf({ minR, pValue: p, top }: CorrelateOptions): {
  minR?: number;
  pValue?: number;
  top?: number;
} {
  const none = minR === undefined && p === undefined && top === undefined;
  const given = { minR: none ? DEFAULT_MIN_R : minR, pValue: p, top };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

async function complete(running: NetworkRunning, options: CorrelateOptions): Promise<void> {
  const { folder, shell, terminal, clock, cohorts, backend } = running;
  const { signal } = shell;
  const { method, maxPOutliers, memory, format } = options;
  const measure = { method, maxPOutliers };
  const limits = limitsOf(options);
  const onProgress = terminal.progress.bind(terminal);
  const pairs = await correlate(cohorts, { ...limits, measure, backend, memory, signal, onProgress });
  clock.lap("correlating");
  if (presentGenes(pairs) < 2) {
    throw new InputError(
      cohorts.map(({ name }) => name).join(", "),
      `${counted(presentGenes(pairs), "gene")} of ${count(pairs.correlator.count)} can be correlated (the others are constant, missing or what covariates say)`,
      "a correlation needs two genes",
    );
  }
  const metadata = { "qortex.version": version(), "qortex.method": method };
  await writePairs(pairs, (name, schema) => folder.table(name, schema, format), metadata);
  await writeTable(running, geneTable(pairs, metadata), format);
  if (options.dense) {
    const { correlator } = pairs;
    const total = correlator.count;
    const onRow = (row: number) => onProgress({ done: row * total, total: total * total, phase: "writing" });
    await folder.stream(`correlation.${options.dense}`, (sink) =>
      options.dense === "parquet"
        ? writeDenseParquet(correlator, backend, sink, metadata, { signal, onRow })
        : writeDense(correlator, backend, sink, { signal, onRow }),
    );
  }
  clock.lap("writing");
  const [first] = cohorts;
  const lines = linesOf(running, pairs, options);
  await finish(running, options, {
    kind: "network-correlate",
    title: `Correlations of ${counted(pairs.correlator.count, "gene")}`,
    lines,
    page: () =>
      correlateReport({
        ...{ version: version(), sets: cohorts, pairs, method: METHODS[method], lines },
        ...{ transform: options.transform, limits: limitsText(options) },
      }),
    counts: {
      genes: pairs.correlator.count,
      genesCorrelated: presentGenes(pairs),
      tests: pairs.tests,
      pairs: pairs.a.length,
    },
    model: method,
    degreesOfFreedom: first!.samples.length - 2 - first!.covariatesUsed.length,
  });
}

function presentGenes({ correlator }: CorrelatedPairs): number {
  return correlator.genes.id.filter((_, gene) => correlator.isThere(gene)).length;
}

function linesOf(
  { cohorts }: NetworkRunning,
  pairs: CorrelatedPairs,
  options: CorrelateOptions,
): SummaryLine[] {
  const { correlator, tests, a, b, log10P } = pairs;
  const several = cohorts.length > 1;
  const samples = cohorts.map((set) => count(set.samples.length)).join(" + ");
  const covariates = cohorts.map((set) => count(set.covariatesUsed.length)).join(", ");
  const lines: SummaryLine[] = [
    {
      label: "Correlation",
      value: `${METHODS[options.method]}, ${samples} samples, ${covariates} covariates`,
      ...(several ? { note: "Fisher's z of each cohort, weighted by n - 3 - covariates" } : {}),
    },
    { label: "Genes", value: `${count(presentGenes(pairs))} of ${count(correlator.count)}` },
    { label: "Tests", value: counted(tests, "pair") },
  ];
  lines.push({ label: "Written", value: counted(a.length, "pair"), note: limitsText(options) });
  if (a.length === 0) return lines;
  let best = 0;
  log10P.forEach((value, i) => {
    if (value < log10P[best]!) best = i;
  });
  const out = emptyStatistic();
  correlator.statistic(a[best]!, b[best]!, out);
  const name = (gene: number) => correlator.genes.symbol?.[gene] || correlator.genes.id[gene]!;
  const value = `${name(a[best]!)} x ${name(b[best]!)}, r ${effect(out.r)}, p ${pValue(out.log10P)}`;
  lines.push({ label: "Strongest", value });
  return lines;
}

function limitsText(options: CorrelateOptions): string {
  const { minR, pValue: p, top } = limitsOf(options);
  return [
    ...(minR === undefined ? [] : [`|r| >= ${shortNumber(minR)}`]),
    ...(p === undefined ? [] : [`p <= ${shortNumber(p)}`]),
    ...(top === undefined ? [] : [`the ${top} strongest of either gene`]),
  ].join(", ");
}
