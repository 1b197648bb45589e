import type { Cohort } from "../cohort/cohort.ts";
import { InputError, throwIfAborted } from "../errors.ts";
import { readGeneList } from "../formats/lists.ts";
import { fileSource } from "../node/files.ts";
import { inflateGzip } from "../node/inflate.ts";
import { writeManifest } from "../node/manifest.ts";
import { count, counted } from "../report/numbers.ts";
import { median } from "../statistics/quantile.ts";
import { finemap, type GeneFinemap } from "../targets/finemap.ts";
import { FinemapTables } from "../targets/finemapTables.ts";
import { type SummaryStatistics, summaryStatistics } from "../targets/summaryStatistics.ts";
import { commonRecord, type Running, withCohort } from "./cohortJob.ts";
import { checkFinemapOptions, type FinemapOptions } from "./finemapOptions.ts";
import { duration } from "./format.ts";
import { startHashing } from "./inputs.ts";
import { isSignificant, readTable, tablePath } from "./resultTable.ts";
import { type Invocation, version } from "./shell.ts";
import { filesText, labelled, type SummaryLine } from "./summary.ts";
import { besideTheMap } from "./warnings.ts";

/** `qortex finemap`. */
export async function runFinemap(options: FinemapOptions, shell: Invocation): Promise<void> {
  checkFinemapOptions(options);
  const cis = options.cis === undefined ? undefined : await tablePath(options.cis, ["cis_genes"]);
  await withCohort(options, "f64 throughout", shell, (running) => complete(running, options, cis));
}

async function complete(running: Running, options: FinemapOptions, cis: string | undefined): Promise<void> {
  const { cohort, folder, shell, terminal, clock, backend, onMessage } = running;
  const { signal } = shell;
  const hashing = startHashing(options, signal, {
    summary: options.summary,
    genes: options.genes,
    "cis genes": cis,
  });
  try {
    const summary = options.summary === undefined ? undefined : await readSummary(running, options.summary);
    const genes = await chosenGenes(running.cohort, options, cis);
    const { format, effects } = options;
    const tables = await FinemapTables.open(cohort, {
      ...{ effects, summary: summary !== undefined, metadata: { "qortex.version": version() } },
      table: (name, schema) => folder.table(name, schema, format),
    });
    const tally = new Tally();
    const onProgress = terminal.progress.bind(terminal);
    const { window, coverage, minCorrelation, maxIterations, memory, seed } = options;
    const estimateResidualVariance =
      options.residualVariance === "auto" ? summary === undefined : options.residualVariance === "estimated";
    const run = finemap(cohort, {
      ...{ backend, memory, seed, signal, onProgress, genes, summary },
      ...{ window, effects, coverage, minCorrelation, maxIterations, estimateResidualVariance },
    });
    for await (const one of run) {
      tally.add(one);
      await tables.write(one);
    }
    await tables.close();
    terminal.clear();
    clock.lap("mapping");
    const inputs = await hashing.inputs;
    for (const failure of inputs.failures) onMessage(besideTheMap("no hash in the manifest", failure));
    const { files } = await writeManifest(folder, {
      ...commonRecord(running, options, inputs.files),
      counts: tally.counts(),
    });
    throwIfAborted(signal);
    await folder.commit();
    const lines = [...tally.lines(), ...alleleLines(summary)];
    const head = `Fine-mapping of ${counted(tally.genes, "gene")}, in ${duration(clock.total())}`;
    const { out } = options;
    const text = [head, labelled(lines), filesText(out, files)].join("\n\n");
    const record = { kind: "finemap", out, seconds: clock.total(), counts: tally.counts() };
    terminal.result(text, {
      ...record,
      files: files.map((file) => ({ ...file })),
      summary: lines.map((line) => ({ ...line, note: null })),
    });
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
  return summary;
}

/** Numbers of the genes that the options name; undefined for all. */
async function chosenGenes(
  cohort: Cohort,
  options: FinemapOptions,
  cis: string | undefined,
): Promise<number[] | undefined> {
  if (cis !== undefined) return significantGenes(cohort, cis, options.fdr);
  if (options.genes === undefined) return undefined;
  const source = await fileSource(options.genes);
  const ids = await readGeneList(source, inflateGzip).finally(() => source.close());
  return numbersOf(cohort, ids, options.genes);
}

/** The genes of a cis map's `cis_genes` whose q is at most `fdr`. */
async function significantGenes(cohort: Cohort, path: string, fdr: number): Promise<number[]> {
  const table = await readTable(path);
  const gene = table.column(["phenotype_id"]);
  const q = table.column(["qval", "qval_bonferroni"]);
  if (gene === undefined || q === undefined)
    throw new InputError(table.name, "has no columns phenotype_id and qval", "give a result of 'qortex cis'");
  const significant = gene.filter((_, i) => isSignificant(q[i], fdr));
  if (significant.length === 0)
    throw new InputError(table.name, `no gene has q <= ${fdr}`, "raise --fdr, or name genes with --genes");
  return numbersOf(cohort, significant, table.name);
}

function numbersOf(cohort: Cohort, ids: readonly string[], name: string): number[] {
  const numbers = new Map(cohort.genes.id.map((id, number) => [id, number]));
  const unknown = ids.filter((id) => !numbers.has(id));
  if (unknown.length > 0) {
    const which = unknown.slice(0, 3).join(", ") + (unknown.length > 3 ? ", ..." : "");
    throw new InputError(name, `${counted(unknown.length, "gene")} not in the expression (${which})`);
  }
  return ids.map((id) => numbers.get(id)!).sort((a, b) => a - b);
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

  add({ status, sets }: GeneFinemap): void {
    this.genes++;
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
    };
  }

  lines(): SummaryLine[] {
    const byStatus = [...this.status].map(([status, number]) => `${count(number)} ${status}`).join(", ");
    const sets = counted(this.sizes.length, "credible set");
    const lines = [
      { label: "Genes", value: byStatus },
      { label: "Found", value: `${sets} in ${counted(this.withSets, "gene")}` },
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
}
