import { type Covariates, covariatesOf } from "../association/covariates.ts";
import { covariateTables } from "../association/covariateTables.ts";
import type { CovariateTable } from "../formats/tables.ts";
import type { InputFile, Json } from "../node/manifest.ts";
import { covariatesFigures } from "../report/covariatesFigures.ts";
import { covariateKinds, covariatesReport } from "../report/covariatesReport.ts";
import { count, counted } from "../report/numbers.ts";
import { closeResult } from "./closing.ts";
import { commonRecord, type Running, tableMetadata, withCohort } from "./cohortJob.ts";
import { type CovariatesOptions, checkCovariatesOptions } from "./covariatesOptions.ts";
import { hashedFiles, startHashing } from "./inputs.ts";
import { writePage } from "./pageOfFigures.ts";
import { type Invocation, version } from "./shell.ts";
import type { SummaryLine } from "./summary.ts";

/** `qortex covariates`. */
export async function runCovariates(options: CovariatesOptions, shell: Invocation): Promise<void> {
  checkCovariatesOptions(options);
  const computing = "components in f64; a screen for the variants that drive them";
  await withCohort(options, computing, shell, (running) => complete(running, options));
}

/** Makes the covariates and writes the folder, the manifest last. */
async function complete(running: Running, options: CovariatesOptions): Promise<void> {
  const { folder, shell, terminal, clock, onMessage, cohort, backend } = running;
  const { signal } = shell;
  const hashing = startHashing(options, signal);
  try {
    const { memory, seed, window, genotypePcs, expressionPcs, titrate, chromosome, drivenP } = options;
    const result = await covariatesOf(cohort, {
      ...{ backend, memory, seed, signal, window, genotypePcs, expressionPcs, titrate, chromosome, drivenP },
      pruning: pruningOf(options),
      keepDriven: options.keepDrivenPcs,
      onProgress: terminal.progress.bind(terminal),
      onStep: (text) => terminal.status(text),
    });
    terminal.clear();
    clock.lap("components");
    await folder.text("covariates.txt", covariatesText(result.table));
    for (const { name, schema, columns } of covariateTables(result, tableMetadata(cohort))) {
      const table = await folder.table(name, schema, options.format);
      await table.write(columns);
      await table.close();
    }
    await writePrunedVariants(running, result);
    const inputs = await hashedFiles(hashing, onMessage);
    await illustrate(running, options, result, inputs);
    clock.lap("report");
    const counts = countsOf(result);
    const lines = summaryLines(result);
    const title = `${counted(result.columns.names.length, "covariate")} for ${counted(result.samples.length, "sample")}`;
    const next = `Next: qortex cis --covariates ${options.out}/covariates.txt --transform ${options.transform}, with the same genotypes and expression`;
    const record = { ...commonRecord(running, options, inputs), counts };
    await closeResult(running, options.out, record, { kind: "covariates", title, lines, counts, next });
  } finally {
    hashing.stop();
  }
}

function pruningOf({ pcaMaf: maf, pcaCallRate: callRate, ldWindow, ldStep, ldR2, build }: CovariatesOptions) {
  return { maf, callRate, window: ldWindow, step: ldStep, r2: ldR2, build };
}

/** Covariates in rows, samples in columns, tabs between: as tensorQTL, FastQTL and QTLtools have them. */
function covariatesText({ samples, covariates, cells }: CovariateTable): string {
  const rows = covariates.map((name, c) => [name, ...cells[c]!].join("\t"));
  return `${[["id", ...samples].join("\t"), ...rows].join("\n")}\n`;
}

/** The ids of the variants that genotype components are made of, one a line. */
async function writePrunedVariants({ folder, cohort }: Running, { genotype }: Covariates): Promise<void> {
  if (genotype === undefined) return;
  const { genotypes } = cohort.tables;
  const lines: string[] = [];
  const block = 4096;
  const wanted = genotype.pruned.index;
  for (let at = 0; at < wanted.length; ) {
    const start = wanted[at]!;
    const { id } = await genotypes.labels(start, Math.min(genotypes.variantCount, start + block));
    for (; at < wanted.length && wanted[at]! < start + id.length; at++)
      lines.push(`${id[wanted[at]! - start]}\n`);
  }
  await folder.text("pruned_variants.txt", lines.join(""));
}

/** Plots and page. */
function illustrate(
  running: Running,
  options: CovariatesOptions,
  result: Covariates,
  inputs: readonly InputFile[],
): Promise<void> {
  const { cohort } = running;
  const { window, drivenP } = options;
  const facts = { version: version(), cohort, result, window, drivenP, pruning: pruningOf(options) };
  return writePage(running, "covariates", options, inputs, {
    figures: (canvas) => covariatesFigures(canvas, result),
    report: (figures, messages, manifest) => covariatesReport({ ...facts, messages }, figures, manifest),
  });
}

function countsOf(result: Covariates): { readonly [key: string]: Json } {
  const { genotype, titration, drivers, driverTests, chosen, expression } = result;
  return {
    covariates: covariateKinds(result),
    dropped: result.dropped.map(({ name, why }) => ({ name, why })),
    ...(genotype === undefined ? {} : { variants: genotype.pruned.counts }),
    genes: expression.features,
    drivenComponents: drivers.length,
    driverTests,
    expressionComponents: chosen,
    ...(titration === undefined
      ? {}
      : {
          titration: {
            chromosome: titration.chromosome,
            elbow: titration.elbow,
            maximum: titration.maximum,
            points: titration.points.map((point) => ({ ...point })),
          },
        }),
  };
}

function summaryLines(result: Covariates): SummaryLine[] {
  const { genotype, titration, drivers, driverTests, chosen } = result;
  const kinds = covariateKinds(result);
  const lines: SummaryLine[] = [
    {
      label: "Covariates",
      value: `${count(kinds.given)} given, ${count(kinds.genotype)} genotype, ${count(kinds.expression)} expression`,
      note: `${result.dropped.length === 0 ? "none" : count(result.dropped.length)} dropped`,
    },
  ];
  if (genotype !== undefined) {
    const { kept, pruned, rare, longRange, notAutosomal, filtered } = genotype.pruned.counts;
    lines.push({
      label: "Pruned variants",
      value: count(kept),
      note: `${count(pruned)} in linkage, ${count(rare)} rare or badly called, ${count(longRange)} in regions of long-range LD, ${count(notAutosomal)} not autosomal, ${count(filtered)} filtered`,
    });
  }
  lines.push({
    label: "Driven",
    value: counted(drivers.length, "expression component"),
    note: `by a variant; ${count(driverTests)} tests`,
  });
  if (titration !== undefined) {
    const at = (components: number) => titration.points.find((point) => point.components === components);
    lines.push({
      label: "Titration",
      value: `chromosome ${titration.chromosome}, ${counted(at(titration.maximum)?.genesTested ?? 0, "gene")}`,
      note: `elbow ${titration.elbow}, maximum ${titration.maximum}`,
    });
    const most = Math.max(1, ...titration.points.map(({ egenes }) => egenes));
    for (const { components, egenes } of titration.points) {
      const bar = "█".repeat(Math.round((40 * egenes) / most));
      const mark = components === chosen ? " chosen" : "";
      lines.push({
        label: "",
        value: `${String(components).padStart(4)} ${bar} ${counted(egenes, "eGene")}${mark}`,
      });
    }
  }
  return lines;
}
