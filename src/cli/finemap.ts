import { GeneFinder } from "../association/geneIds.ts";
import { refuseOtherCohort } from "../cohort/marks.ts";
import { InputError } from "../errors.ts";
import { readGeneList } from "../formats/lists.ts";
import { fileSource } from "../node/files.ts";
import { inflateGzip } from "../node/inflate.ts";
import { spawnThread } from "../node/threads.ts";
import { FoundSets, finemapReport } from "../report/finemapReport.ts";
import { count, counted } from "../report/numbers.ts";
import { median } from "../statistics/quantile.ts";
import { finemap, type GeneFinemap, switchedIn } from "../targets/finemap.ts";
import { FinemapTables } from "../targets/finemapTables.ts";
import { type SummaryStatistics, summaryStatistics } from "../targets/summaryStatistics.ts";
import { closeResult } from "./closing.ts";
import { commonRecord, type Running, tableMetadata, withCohort } from "./cohortJob.ts";
import { checkFinemapOptions, type FinemapOptions } from "./finemapOptions.ts";
import { hashedFiles, startHashing } from "./inputs.ts";
import { writeCommandPage } from "./pageOfFigures.ts";
import { isSignificant, readResult, readTable, tablePath } from "./resultTable.ts";
import { type Invocation, version } from "./shell.ts";
import { openSteps, runSteps, type SteppedJob } from "./steps.ts";
import type { SummaryLine } from "./summary.ts";
import { dominatedGenes } from "./warnings.ts";

/** `qortex finemap`. */
export async function runFinemap(options: FinemapOptions, shell: Invocation): Promise<void> {
  checkFinemapOptions(options);
  const cis = options.cis === undefined ? undefined : await tablePath(options.cis, ["cis_genes"]);
  const inputs = { summary: options.summary, genes: options.genes, "cis genes": cis };
  const job = { options, map: { kind: "finemap" }, inputs };
  await runSteps(job, shell, () =>
    withCohort({ ...options, genesLater: true }, "f64 throughout", shell, (running) =>
      complete(running, job),
    ),
  );
}

/** Genes whose results are kept together. */
const GENES_OF_STEP = 16;

async function complete(
  running: Running,
  job: SteppedJob & { readonly options: FinemapOptions },
): Promise<void> {
  const { cohort, folder, shell, terminal, clock, backend, onMessage } = running;
  const { options } = job;
  const { signal } = shell;
  const hashing = startHashing(options, signal, job.inputs);
  try {
    const summary = options.summary === undefined ? undefined : await readSummary(running, options.summary);
    const chosen = await chosenGenes(running, options, job.inputs["cis genes"]);
    const genes = chosen ?? summary?.genes ?? Array.from(cohort.genes.id.keys());
    // With summary statistics nothing is taken of the expression but its samples and genes.
    if (summary === undefined) for (const message of dominatedGenes(cohort, genes)) onMessage(message);
    const { format, effects } = options;
    const tables = await FinemapTables.open(cohort, {
      ...{ effects, summary: summary !== undefined, metadata: tableMetadata(cohort) },
      table: (name, schema) => folder.table(name, schema, format),
    });
    const tally = new Tally();
    const found = new FoundSets();
    const onProgress = terminal.progress.bind(terminal);
    const { window, coverage, minCorrelation, maxIterations, memory, seed } = options;
    const estimateResidualVariance =
      options.residualVariance === "auto" ? summary === undefined : options.residualVariance === "estimated";
    const plan = { first: 0, items: genes, size: GENES_OF_STEP };
    const steps = await openSteps(running, job, hashing, [plan], genes);
    const run = steps.results(plan, (own) =>
      finemap(cohort, {
        ...{ backend, memory, seed, signal, onProgress, genes: own, summary, n: options.n },
        threads: { count: options.threads, spawn: spawnThread },
        ...{ window, effects, coverage, minCorrelation, maxIterations, estimateResidualVariance },
      }),
    );
    for await (const one of run) {
      tally.add(one);
      found.add(one);
      await tables.write(one);
    }
    await tables.close();
    terminal.clear();
    for (const text of tally.warnings(cohort.genes.id)) onMessage({ level: "warning", text });
    clock.lap("mapping");
    const inputs = await hashedFiles(hashing, onMessage);
    const lines = [...tally.lines(), ...alleleLines(summary)];
    await writeCommandPage(running, "finemap", options, inputs, () =>
      finemapReport({
        ...{ version: version(), cohort, found, lines, window, effects, coverage, minCorrelation },
        ...{ maxIterations, summary: options.summary, estimateResidualVariance },
      }),
    );
    clock.lap("report");
    const counts = tally.counts();
    const title = `Fine-mapping of ${counted(tally.genes, "gene")}`;
    const record = { ...commonRecord(running, options, inputs), counts };
    await closeResult(running, options.out, record, { kind: "finemap", title, lines, counts }, steps);
  } finally {
    hashing.stop();
  }
}

async function readSummary({ cohort, onMessage }: Running, path: string): Promise<SummaryStatistics> {
  const summary = summaryStatistics(await readTable(path), cohort);
  if (summary.unknownGenes > 0) {
    const text = `${path}: ${counted(summary.unknownGenes, "gene")} not among the expression's; left out`;
    onMessage({ level: "warning", text });
  }
  sayOtherVersions(path, summary.otherVersion, onMessage);
  return summary;
}

/** Numbers of the genes that the options name; undefined for all. */
async function chosenGenes(
  running: Running,
  options: FinemapOptions,
  cis: string | undefined,
): Promise<number[] | undefined> {
  if (cis !== undefined) return significantGenes(running, cis, options);
  if (options.genes === undefined) return undefined;
  const source = await fileSource(options.genes);
  const ids = await readGeneList(source, inflateGzip).finally(() => source.close());
  return numbersOf(running, ids, options.genes);
}

/** The genes of a cis map's `cis_genes` whose q is at most `fdr`. */
async function significantGenes(
  running: Running,
  path: string,
  { fdr, summary }: FinemapOptions,
): Promise<number[]> {
  const table = await readResult(path);
  // Of summary statistics the cohort only has the LD.
  if (summary === undefined) refuseOtherCohort(table.name, table.metadata, running.cohort);
  const gene = table.column(["phenotype_id"]);
  const q = table.column(["qval", "qval_bonferroni"]);
  if (gene === undefined || q === undefined)
    throw new InputError(table.name, "has no columns phenotype_id and qval", "give a result of 'qortex cis'");
  const significant = gene.filter((_, i) => isSignificant(q[i], fdr));
  if (significant.length === 0)
    throw new InputError(table.name, `no gene has q <= ${fdr}`, "raise --fdr, or name genes with --genes");
  return numbersOf(running, significant, table.name);
}

function numbersOf({ cohort, onMessage }: Running, ids: readonly string[], name: string): number[] {
  const finder = new GeneFinder(cohort.genes.id);
  const found = ids.map((id) => finder.find(id));
  const unknown = ids.filter((_, i) => found[i] === undefined);
  if (unknown.length > 0) {
    const which = unknown.slice(0, 3).join(", ") + (unknown.length > 3 ? ", ..." : "");
    throw new InputError(name, `${counted(unknown.length, "gene")} not in the expression (${which})`);
  }
  sayOtherVersions(name, finder.otherVersion, onMessage);
  return [...new Set(found as number[])].sort((a, b) => a - b);
}

function sayOtherVersions(name: string, ids: readonly string[], onMessage: Running["onMessage"]): void {
  if (ids.length === 0) return;
  const which = ids.slice(0, 3).join(", ") + (ids.length > 3 ? ", ..." : "");
  const text = `${name}: ${counted(ids.length, "gene")} found by Ensembl id without its version (${which})`;
  onMessage({ level: "warning", text });
}

function alleleLines(summary: SummaryStatistics | undefined): SummaryLine[] {
  if (summary === undefined) return [];
  const { swapped, otherAlleles } = summary.counts;
  const value = `${count(swapped)} pairs with the alleles swapped, ${count(otherAlleles)} with others, left out`;
  return [{ label: "Alleles", value }];
}

/** What a fine-mapping found, counted. */
class Tally {
  genes = 0;
  private readonly status = new Map<string, number>();
  private withSets = 0;
  private readonly sizes: number[] = [];
  private readonly perGene: number[] = [];
  private impure = 0;
  private readonly lambdas: number[] = [];
  private readonly switched: { gene: number; variants: string[] }[] = [];

  add({ gene, status, sets, impure, check, variants: { id } }: GeneFinemap): void {
    this.genes++;
    this.impure += impure;
    if (check !== undefined) {
      this.lambdas.push(check.lambda);
      const variants = switchedIn(check).map((i) => id[i]!);
      if (variants.length > 0) this.switched.push({ gene, variants });
    }
    this.status.set(status, (this.status.get(status) ?? 0) + 1);
    if (sets.length > 0) {
      this.withSets++;
      this.perGene.push(sets.length);
    }
    for (const { variants } of sets) this.sizes.push(variants.length);
  }

  counts() {
    return {
      genes: Object.fromEntries(this.status),
      genesWithSets: this.withSets,
      credibleSets: this.sizes.length,
      impureSets: this.impure,
      ...(this.lambdas.length > 0 && { switchedVariants: this.switchedVariants() }),
    };
  }

  /** What summary statistics and LD say of each other. */
  warnings(ids: readonly string[]): string[] {
    const [first] = this.switched;
    if (first === undefined) return [];
    const genes = counted(this.switched.length, "gene");
    return [
      `${counted(this.switchedVariants(), "variant")} of ${genes} look as if their alleles were switched or their statistics of others (${first.variants[0]} of ${ids[first.gene]}, ...): log_lr_switched in finemap_variants; their sets are not to be trusted`,
    ];
  }

  private switchedVariants(): number {
    return this.switched.reduce((sum, { variants }) => sum + variants.length, 0);
  }

  lines(): SummaryLine[] {
    const byStatus = [...this.status].map(([status, number]) => `${count(number)} ${status}`).join(", ");
    const sets = counted(this.sizes.length, "credible set");
    const lines = [
      { label: "Genes", value: byStatus },
      { label: "Found", value: `${sets} in ${counted(this.withSets, "gene")}${this.impureText()}` },
      ...this.checkLines(),
    ];
    if (this.sizes.length === 0) return lines;
    const largest = Math.max(...this.sizes);
    const single = this.sizes.filter((size) => size === 1).length;
    const several = this.perGene.filter((number) => number > 1).length;
    const size = `median ${median(this.sizes)}, largest ${largest}; ${count(single)} of one variant`;
    lines.push({ label: "Set size", value: size });
    lines.push({ label: "Several", value: `${counted(several, "gene")} with more than one set` });
    return lines;
  }
  private impureText(): string {
    if (this.impure === 0) return "";
    return `; ${counted(this.impure, "set")} more dropped, variants correlated too little (--min-correlation)`;
  }

  private checkLines(): SummaryLine[] {
    if (this.lambdas.length === 0) return [];
    const most = Math.max(...this.lambdas).toPrecision(2);
    const value = `lambda median ${median(this.lambdas).toPrecision(2)}, largest ${most} (0: the LD fits the statistics); ${counted(this.switchedVariants(), "variant")} likely switched`;
    return [{ label: "LD check", value }];
  }
}
