import { eqtsTables } from "../association/scores/columns.ts";
import { type EqtsResult, mapEqts } from "../association/scores/map.ts";
import { GWAS_THRESHOLDS, type Score, scoresOf } from "../association/scores/scores.ts";
import { UsageError } from "../errors.ts";
import { readWeights } from "../formats/weights.ts";
import { fileSource } from "../node/files.ts";
import { inflateGzip } from "../node/inflate.ts";
import { eqtsFigures, eqtsReport } from "../report/eqtsReport.ts";
import { count, counted, degrees } from "../report/numbers.ts";
import { closeResult } from "./closing.ts";
import { commonRecord, type Running, tableMetadata, withCohort } from "./cohortJob.ts";
import type { EqtsOptions } from "./eqtsOptions.ts";
import { pValue } from "./format.ts";
import { hashedFiles, startHashing } from "./inputs.ts";
import { writePage } from "./pageOfFigures.ts";
import { type Invocation, version } from "./shell.ts";
import { openSteps, runSteps, type SteppedJob } from "./steps.ts";
import { SIGNIFICANT_Q, type SummaryLine } from "./summary.ts";

/** `qortex eqts`. */
export async function runEqts(options: EqtsOptions, shell: Invocation): Promise<void> {
  if (options.weights === undefined && options.gwas === undefined) {
    throw new UsageError("eqts needs --weights or --gwas: what the scores are made of");
  }
  if (options.chrx === "0/1")
    throw new UsageError("a score counts both alleles of a sample: take --chrx 0/2, or exclude");
  if (options.model !== "ols")
    throw new UsageError("eqts takes covariates out of both sides: leave --model at ols");
  const { weights = [], gwas = [] } = options;
  const roles = [
    ...weights.map((path, i) => [`weights ${i + 1}`, path] as const),
    ...gwas.map((path, i) => [`gwas ${i + 1}`, path] as const),
  ];
  const job = { options, map: { kind: "eqts" }, inputs: Object.fromEntries(roles) };
  await runSteps(job, shell, () =>
    withCohort(options, "f64 throughout", shell, (running) => complete(running, job)),
  );
}

/** Permutations whose results are kept together. */
const PERMUTATIONS_OF_STEP = 4;

async function complete(
  running: Running,
  job: SteppedJob & { readonly options: EqtsOptions },
): Promise<void> {
  const { options } = job;
  const { cohort, folder, shell, terminal, clock, backend, onMessage } = running;
  const { signal } = shell;
  const { weights = [], gwas = [], memory, seed, permutations, spearman = false, out, format } = options;
  const hashing = startHashing(options, signal, job.inputs);
  try {
    const files = [
      ...weights.map((path) => ({ path, ofGwas: false })),
      ...gwas.map((path) => ({ path, ofGwas: true })),
    ];
    // A step a file first, whose pass over the genotypes may be long, then the permutations.
    const reading = { first: 0, items: files, size: 1 };
    const all = Array.from({ length: permutations }, (_, p) => p);
    const permuting = { first: files.length, items: all, size: PERMUTATIONS_OF_STEP };
    const steps = await openSteps(running, job, hashing, [reading, permuting]);
    const scores: Score[] = [];
    const opened = steps.results(reading, async function* (own) {
      for (const { path, ofGwas } of own)
        yield { path, made: await openScores(path, ofGwas, running, memory) };
    });
    for await (const { path, made } of opened) {
      const taken = new Set(scores.map(({ name }) => name));
      const twice = made.find(({ name }) => taken.has(name));
      if (twice !== undefined)
        throw new UsageError(`two files give a score ${twice.name}; name them differently`);
      scores.push(...made);
      // A file of another build or naming gives no score at all, and that is no result.
      const level = made.some(({ used }) => used > 0) ? "info" : "warning";
      onMessage({ level, text: scoreText(path, made) });
    }
    clock.lap("scores");
    const onProgress = terminal.progress.bind(terminal);
    const result = await mapEqts(cohort, scores, {
      backend,
      memory,
      seed,
      spearman,
      permutations,
      keeping: (work) => steps.results(permuting, work),
      signal,
      onProgress,
    });
    terminal.clear();
    for (const { name, schema, columns } of eqtsTables(cohort, scores, result, tableMetadata(cohort))) {
      const table = await folder.table(name, schema, format);
      await table.write(columns);
      await table.close();
    }
    clock.lap("mapping");
    const inputs = await hashedFiles(hashing, onMessage);
    const facts = {
      ...{ version: version(), cohort, scores, result, spearman, permutations, seed },
      significantQ: SIGNIFICANT_Q,
      messages: [],
    };
    await writePage(running, "eqts", options, inputs, {
      figures: (canvas) => eqtsFigures(canvas, facts),
      report: (figures, messages, manifest) => eqtsReport({ ...facts, messages }, figures, manifest),
    });
    clock.lap("report");
    const counts = { scores: scores.length, tests: result.gene.length };
    const lines = summary(running, scores, result, spearman);
    const title = `eQTS map of ${counted(scores.length, "score")}`;
    const record = { ...commonRecord(running, options, inputs), counts };
    await closeResult(running, out, record, { kind: "eqts", title, lines, counts }, steps);
  } finally {
    hashing.stop();
  }
}

async function openScores(
  path: string,
  gwas: boolean,
  { cohort, shell }: Running,
  memory: number,
): Promise<Score[]> {
  const source = await fileSource(path);
  try {
    const table = await readWeights(source, inflateGzip, gwas);
    const name = path.replace(/^.*[\\/]/, "").replace(/\.(txt|tsv|csv|gz|sumstats)\b/g, "");
    return await scoresOf(
      cohort,
      { name, table, thresholds: gwas ? GWAS_THRESHOLDS : [] },
      memory,
      shell.signal,
    );
  } finally {
    await source.close();
  }
}

/** What became of the rows of a file. */
function scoreText(path: string, scores: readonly Score[]): string {
  const { counts } = scores[0]!;
  const used = scores
    .map(({ threshold, used: variants }) =>
      Number.isNaN(threshold) ? count(variants) : `${count(variants)} at p ${threshold}`,
    )
    .join(", ");
  const left = [
    [counts.unusable, "without a number or allele"],
    [counts.aboveThreshold, `with p above ${GWAS_THRESHOLDS.at(-1)}`],
    [counts.hla, "in the HLA region"],
    [counts.notFound, "not in the genotypes"],
    [counts.otherAlleles, "with other alleles"],
    [counts.ambiguous, "whose one allele several variants have"],
    [counts.palindromic, "palindromic, strand not told"],
    [counts.constant, "constant"],
    [counts.clumped, "clumped"],
  ] as const;
  const dropped = left.filter(([number]) => number > 0).map(([number, what]) => `${count(number)} ${what}`);
  return `${path}: ${counted(counts.listed, "variant")}, ${used} used (${count(counts.swapped)} swapped, ${count(counts.flipped)} on the other strand); not used: ${dropped.join(", ") || "none"}`;
}

function summary(
  { cohort }: Running,
  scores: readonly Score[],
  result: EqtsResult,
  spearman: boolean,
): SummaryLine[] {
  const significant = result.q.filter((q) => q <= SIGNIFICANT_Q).length;
  const k = cohort.report.covariatesUsed.length;
  const lines: SummaryLine[] = [
    {
      label: "Model",
      value: `${spearman ? "ranks, " : ""}${counted(cohort.report.used, "sample")}, ${counted(k, "covariate")}, ${degrees(cohort.degreesOfFreedom)}`,
    },
    {
      label: "Scores",
      value: `${count(result.status.filter((status) => status === "ok").length)} of ${count(scores.length)} tested`,
    },
    { label: "Tests", value: count(result.gene.length) },
    {
      label: "Significant",
      value: counted(significant, "pair"),
      note: `q <= ${SIGNIFICANT_Q}, Benjamini-Hochberg over all pairs`,
    },
  ];
  if (result.fdr !== undefined) {
    const { level } = result.fdr;
    const note = `permutations; ${count(level.unmatched)} stronger than any permuted pair`;
    lines.push({ label: "FDR", value: `${counted(level.significant, "pair")} at FDR <= 0.05`, note });
  }
  let best = -1;
  result.log10P.forEach((value, i) => {
    if (best < 0 || value < result.log10P[best]!) best = i;
  });
  if (best >= 0) {
    const value = `${scores[result.score[best]!]!.name} x ${cohort.genes.id[result.gene[best]!]}, p ${pValue(result.log10P[best]!)}`;
    lines.push({ label: "Strongest", value });
  }
  return lines;
}
