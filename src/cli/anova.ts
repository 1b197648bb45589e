import { anovaTables, geneQ } from "../association/anova/columns.ts";
import { anovaBlocks, anovaParts } from "../association/anova/map.ts";
import { type AnovaResult, anovaResult, variantCounts } from "../association/anova/result.ts";
import { labelsByRow } from "../association/batch.ts";
import { UsageError } from "../errors.ts";
import type { InputFile } from "../node/manifest.ts";
import { anovaFigures, anovaReport } from "../report/anovaReport.ts";
import { bases, count, counted, degrees } from "../report/numbers.ts";
import { closeResult } from "./closing.ts";
import { commonRecord, type Running, tableMetadata, withCohort } from "./cohortJob.ts";
import { shortNumber } from "./format.ts";
import { hashedFiles, startHashing } from "./inputs.ts";
import { writePage } from "./pageOfFigures.ts";
import { type Invocation, version } from "./shell.ts";
import { openSteps, runSteps, type SteppedJob } from "./steps.ts";
import { SIGNIFICANT_Q, type SummaryLine } from "./summary.ts";
import type { TransOptions } from "./transOptions.ts";

/** Options of `qortex trans` that this model has nothing for: refused, for unheeded they would mislead. */
const NOT_FOR_ANOVA = [
  ["crossMapping", "--cross-mapping"],
  ["regressCis", "--regress-cis"],
  ["shard", "--shard"],
] as const;

/** `qortex trans --model anova`. */
export async function runAnova(options: TransOptions, shell: Invocation): Promise<void> {
  if (options.permutations > 0)
    throw new UsageError("--permutations is not for --model anova; leave one out");
  for (const [name, option] of NOT_FOR_ANOVA) {
    if (options[name] !== undefined)
      throw new UsageError(`${option} is not for --model anova; leave one out`);
  }
  const computing = `screen of genotype classes, then f64 refine of every pair that may reach p ${shortNumber(options.pValue)}`;
  const job = { options, map: { kind: "trans" }, inputs: {} };
  await runSteps(job, shell, () =>
    withCohort(options, computing, shell, (running) => complete(running, job)),
  );
}

/** Variants whose results are kept together, about. */
const VARIANTS_OF_STEP = 8192;

async function complete(
  running: Running,
  job: SteppedJob & { readonly options: TransOptions },
): Promise<void> {
  const { options } = job;
  const { cohort, folder, shell, terminal, clock, backend, onMessage } = running;
  const { signal } = shell;
  const hashing = startHashing(options, signal);
  try {
    const { pValue, distance, allPairs, memory, out, format } = options;
    const onProgress = terminal.progress.bind(terminal);
    const asked = { backend, memory, signal, onProgress, pValue, distance, allPairs };
    const items = anovaBlocks(cohort);
    const size = Math.ceil(VARIANTS_OF_STEP / Math.max(1, items[0]?.end ?? 0));
    const plan = { first: 0, items, size };
    const steps = await openSteps(running, job, hashing, [plan]);
    const parts = steps.results(plan, (blocks) => anovaParts(cohort, asked, blocks));
    const result = await anovaResult(cohort, asked, parts);
    terminal.clear();
    for (const { name, schema, columns } of await anovaTables(cohort, result, tableMetadata(cohort))) {
      const table = await folder.table(name, schema, format);
      await table.write(columns);
      await table.close();
    }
    clock.lap("mapping");
    const inputs = await hashedFiles(hashing, onMessage);
    await illustrate(running, options, result, inputs);
    clock.lap("report");
    const { tests, candidates, degreesOfFreedom } = result;
    const counts = { tests, candidates, hits: result.gene.length, variants: variantCounts(result) };
    const significant = geneQ(cohort, result).q.filter((q) => q <= SIGNIFICANT_Q).length;
    const k = cohort.report.covariatesUsed.length;
    const reach = allPairs ? "all pairs" : `pairs more than ${bases(distance)} apart or on two chromosomes`;
    const lines: SummaryLine[] = [
      {
        label: "Model",
        value: `${counted(cohort.report.used, "sample")}, ${counted(k, "covariate")}, F with 2 and ${degrees(degreesOfFreedom)}`,
      },
      { label: "Tests", value: count(tests), note: reach },
      {
        label: "Written",
        value: counted(counts.hits, "pair"),
        note: `of ${count(candidates)} that passed the screen`,
      },
      { label: "Cross-mapping", value: NOT_FILTERED },
      {
        label: "Variants",
        value: Object.entries(counts.variants)
          .map(([status, number]) => `${count(number)} ${status}`)
          .join(", "),
      },
      {
        label: "Significant",
        value: counted(significant, "gene"),
        note: `q <= ${SIGNIFICANT_Q}, Benjamini-Hochberg over genes of each best p times its variants`,
      },
    ];
    const record = {
      ...commonRecord(running, options, inputs),
      ...{ model: "anova", degreesOfFreedom, counts, crossMapping: NOT_FILTERED },
    };
    const title = `ANOVA map of ${counted(cohort.genes.id.length, "gene")}`;
    await closeResult(running, out, record, { kind: "anova", title, lines, counts }, steps);
  } finally {
    hashing.stop();
  }
}

/** Plots and page. */
async function illustrate(
  running: Running,
  options: TransOptions,
  result: AnovaResult,
  inputs: readonly InputFile[],
): Promise<void> {
  const { cohort } = running;
  const { pValue, distance, allPairs } = options;
  const labels = await labelsByRow(cohort.tables.genotypes, result.variant);
  const facts = {
    ...{ version: version(), cohort, result, labels, pValue, distance, allPairs },
    variants: variantCounts(result),
    significantQ: SIGNIFICANT_Q,
    messages: [],
  };
  await writePage(running, "trans", options, inputs, {
    figures: (canvas) => anovaFigures(canvas, facts),
    report: (figures, messages, manifest) => anovaReport({ ...facts, messages }, figures, manifest),
  });
}

const NOT_FILTERED = "NOT filtered for cross-mapping";
