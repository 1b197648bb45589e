import { significantLeads } from "../association/conditional/ledGenes.ts";
import type { GeneSignals, LedGene } from "../association/conditional/signal.ts";
import { independentSignals, signalThreshold } from "../association/conditional/signals.ts";
import { SignalTables } from "../association/conditional/tables.ts";
import { groupingOf } from "../association/permutation/grouping.ts";
import type { Grouping } from "../association/permutation/groups.ts";
import { count, counted } from "../report/numbers.ts";
import { FoundSignals, signalsReport } from "../report/signalsReport.ts";
import { pow10 } from "../statistics/elementary.ts";
import { closeResult } from "./closing.ts";
import { commonRecord, type Running, tableMetadata, withCohort } from "./cohortJob.ts";
import { checkIndependentOptions, type IndependentOptions } from "./independentOptions.ts";
import { hashedFiles, startHashing } from "./inputs.ts";
import { writeCommandPage } from "./pageOfFigures.ts";
import { groupsOf } from "./permutationOptions.ts";
import { readResult, tablePath } from "./resultTable.ts";
import { type Invocation, version } from "./shell.ts";
import { openSteps, runSteps, type SteppedJob } from "./steps.ts";
import type { SummaryLine } from "./summary.ts";
import { dominatedGenes } from "./warnings.ts";

/** `qortex independent`. */
export async function runIndependent(options: IndependentOptions, shell: Invocation): Promise<void> {
  const cis = await tablePath(checkIndependentOptions(options), ["cis_genes"]);
  const { permutationIndices, groups } = options;
  const inputs = { "cis genes": cis, "permutation indices": permutationIndices, groups };
  const job = { options, map: { kind: "independent" }, inputs };
  await runSteps(job, shell, () =>
    withCohort({ ...options, genesLater: true }, "f64 throughout", shell, (running) =>
      complete(running, job, cis),
    ),
  );
}

/** Genes whose signals are kept together. */
const GENES_OF_STEP = 8;

async function complete(
  running: Running,
  job: SteppedJob & { readonly options: IndependentOptions },
  cis: string,
): Promise<void> {
  const { cohort, folder, shell, terminal, clock, backend, onMessage } = running;
  const { options } = job;
  const { signal } = shell;
  const { window, permutations, memory, seed, fdr, format } = options;
  const hashing = startHashing(options, signal, job.inputs);
  try {
    const source = groupsOf(options);
    const grouping = source && groupingOf(cohort, source);
    const genes = significantLeads(await readResult(cis), cohort, fdr, grouping);
    for (const message of dominatedGenes(cohort, searched(genes, grouping))) onMessage(message);
    const tables = await SignalTables.open(
      cohort.genes,
      (name, schema) => folder.table(name, schema, format),
      tableMetadata(cohort),
      grouping,
    );
    const threshold = signalThreshold(genes);
    const tally = new Tally(pow10(threshold));
    const found = new FoundSignals();
    const degreesOfFreedom = options.beta === "mbqtl" ? ("full" as const) : ("learnt" as const);
    const onProgress = terminal.progress.bind(terminal);
    const plan = { first: 0, items: genes, size: GENES_OF_STEP };
    const numbers = genes.map(({ gene }) => gene);
    const steps = await openSteps(running, job, hashing, [plan], numbers);
    const run = steps.results(plan, (own) =>
      independentSignals(cohort, {
        ...{
          backend,
          memory,
          seed,
          signal,
          onProgress,
          genes: own,
          grouping,
          threshold,
          window,
          permutations,
        },
        degreesOfFreedom,
      }),
    );
    for await (const one of run) {
      tally.add(one);
      found.add(one);
      await tables.write(one);
    }
    await tables.close();
    terminal.clear();
    clock.lap("mapping");
    const inputs = await hashedFiles(hashing, onMessage);
    const lines = tally.lines();
    await writeCommandPage(running, "independent", options, inputs, () =>
      signalsReport({
        ...{ version: version(), cohort, found, lines, window, fdr, degreesOfFreedom },
        permutations: permutationsText(options),
        threshold: pow10(threshold),
      }),
    );
    clock.lap("report");
    const counts = tally.counts();
    const title = `Independent signals of ${counted(tally.genes, "gene")}`;
    const record = { ...commonRecord(running, options, inputs), counts };
    await closeResult(running, options.out, record, { kind: "independent", title, lines, counts }, steps);
  } finally {
    hashing.stop();
  }
}

/** Numbers of the genes whose signals are searched, in order: with `grouping` all phenotypes of their groups. */
function searched(genes: readonly LedGene[], grouping: Grouping | undefined): number[] {
  if (grouping === undefined) return genes.map(({ gene }) => gene);
  const groups = new Set(genes.map(({ gene }) => grouping.of[gene]));
  return [...grouping.of.keys()].filter((gene) => groups.has(grouping.of[gene]));
}

/** As the methods text says it; the default is that of the search. */
function permutationsText({ permutations: asked, permutationIndices, seed }: IndependentOptions): string {
  if (permutationIndices !== undefined) return `the permutations of ${permutationIndices}`;
  const [least, most] = [asked?.least ?? 1000, asked?.most ?? 1000];
  const number = least === most ? count(most) : `${count(least)} to ${count(most)}`;
  return `${number} permutations (seed ${seed})`;
}

/** What a search found, counted. */
class Tally {
  genes = 0;
  readonly #threshold: number;
  readonly #status = new Map<string, number>();
  /** Genes by their number of signals. */
  readonly #withSignals = new Map<number, number>();

  constructor(threshold: number) {
    this.#threshold = threshold;
  }

  add({ status, signals }: GeneSignals): void {
    this.genes++;
    this.#status.set(status, (this.#status.get(status) ?? 0) + 1);
    this.#withSignals.set(signals.length, (this.#withSignals.get(signals.length) ?? 0) + 1);
  }

  counts() {
    const signals = this.#ascending().reduce((sum, [number, genes]) => sum + number * genes, 0);
    return {
      genes: Object.fromEntries(this.#status),
      signals,
      genesBySignals: Object.fromEntries(this.#ascending()),
      pBetaThreshold: this.#threshold,
    };
  }

  lines(): SummaryLine[] {
    const status = [...this.#status].map(([name, number]) => `${count(number)} ${name}`).join(", ");
    const spread = this.#ascending().map(([signals, genes]) => `${count(genes)} with ${signals}`);
    return [
      { label: "Genes", value: status },
      { label: "Signals", value: `${count(this.counts().signals)}: genes ${spread.join(", ")}` },
      { label: "Limit", value: `beta p <= ${this.#threshold.toPrecision(3)}` },
    ];
  }

  #ascending(): [number, number][] {
    return [...this.#withSignals].sort(([a], [b]) => a - b);
  }
}
