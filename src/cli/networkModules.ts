import { moduleColor } from "../network/colors.ts";
import { type ModulesResult, modulesOf } from "../network/modules.ts";
import { moduleSummary, moduleTables, preservationTable, traitTable } from "../network/moduleTables.ts";
import { type ModulePreservation, modulePreservation } from "../network/preservation.ts";
import type { WholeTable } from "../network/tableParts.ts";
import { type ModuleTraits, moduleTraits, readTraits, type Traits } from "../network/traits.ts";
import { fileSource } from "../node/files.ts";
import { inflateGzip } from "../node/inflate.ts";
import { count, counted } from "../report/numbers.ts";
import { effect, pValue } from "./format.ts";
import {
  finish,
  hashInputs,
  type NetworkRunning,
  openCohort,
  withExpression,
  writeTable,
} from "./networkJob.ts";
import type { ModulesCommandOptions } from "./networkModulesOptions.ts";
import { illustrateModules } from "./networkModulesReport.ts";
import { type Invocation, version } from "./shell.ts";
import type { SummaryLine } from "./summary.ts";

/** `qortex network modules`. */
export async function runModules(options: ModulesCommandOptions, shell: Invocation): Promise<void> {
  const precision = options.exactOverlap ? "f64 throughout" : "f64, overlaps of whole numbers";
  await withExpression(options, precision, shell, (running) => complete(running, options));
}

async function complete(running: NetworkRunning, options: ModulesCommandOptions): Promise<void> {
  const { terminal, clock, onMessage, shell } = running;
  const { signal } = shell;
  const set = running.cohorts[0]!;
  const { method, maxPOutliers, networkType: type, seed, memory, pam, permutations } = options;
  const measure = { method, maxPOutliers };
  const onProgress = terminal.progress.bind(terminal);
  // Read first: what is wrong with them should not be said after the work.
  const traits = options.traits === undefined ? undefined : await traitsOf(running, options.traits);
  const { keep: _, remove: __, ...ofOthers } = options;
  const other =
    options.preservation === undefined
      ? undefined
      : await openCohort(ofOthers, options.preservation, undefined, onMessage);
  const result = await modulesOf(set, {
    ...{ measure, type, seed, memory, signal, onProgress, backend: running.backend },
    power: options.power === "auto" ? undefined : options.power,
    ...{ overlap: options.overlap, deepSplit: options.deepSplit, cutHeight: options.cutHeight },
    exactOverlap: options.exactOverlap,
    ...{ minModuleSize: options.minModuleSize, maxBlockSize: options.maxBlockSize },
    ...{ pamStage: pam !== "none", pamRespectsDendro: pam === "tree", mergeCutHeight: options.mergeHeight },
    ...{ minCoreKME: options.minCoreKme, minKMEtoStay: options.minKme, reassignThreshold: options.reassign },
    onStep: (text) => terminal.status(text),
  });
  terminal.clear();
  clock.lap("modules");
  if (result.powerBy === "advice") {
    const text = `no power makes the network scale-free (fit above 0.85); ${result.power} is taken, as WGCNA's authors advise for ${set.samples.length} samples; see soft_threshold, or give --power`;
    onMessage({ level: "warning", text });
  }
  if (options.maxBlockSize === "auto" && result.blocks.length > 1) {
    const text = `--max-block-size auto took ${count(result.maxBlockSize)} genes at once, which --memory holds: give --max-block-size ${result.maxBlockSize} for the same modules with another --memory`;
    onMessage({ level: "warning", text });
  }
  sayOdd(running, result);
  const overlap = result.overlapBound > 0 ? `within ${result.overlapBound.toExponential(1)}` : "f64";
  const metadata = {
    ...{ "qortex.version": version(), "qortex.method": method, "qortex.network": type },
    "qortex.overlap": overlap,
  };
  const tables: WholeTable[] = moduleTables(set, result, metadata);
  const related = traits && moduleTraits(result.eigengenes, traits);
  if (traits !== undefined && related !== undefined) tables.push(traitTable(related, traits, metadata));
  const preserved =
    other &&
    (await modulePreservation(set, result.labels, other, {
      ...{ measure, type, power: result.power, permutations, seed, signal, memory, backend: running.backend },
      onProgress: (done, total) => onProgress({ done, total, phase: "testing" }),
    }));
  if (preserved !== undefined) {
    clock.lap("preservation");
    tables.push(preservationTable(preserved, metadata));
  }
  for (const table of tables) await writeTable(running, table, options.format);
  clock.lap("writing");
  const inputs = { traits: options.traits, preservation: options.preservation };
  const hashed = await hashInputs(options, inputs, signal);
  await illustrateModules(running, options, { result, traits, related, preserved }, hashed);
  clock.lap("report");
  const modules = result.eigengenes.modules.length;
  await finish(running, options, {
    kind: "network-modules",
    title: `${counted(modules, "module")} of ${counted(set.id.length, "gene")}`,
    lines: linesOf(running, result, { traits, related, preserved }),
    counts: {
      genes: set.id.length,
      genesUsed: set.status.filter((status) => status === "ok").length,
      genesInModules: result.labels.filter((label) => label > 0).length,
      modules,
      power: result.power,
      powerBy: result.powerBy,
      blocks: result.blocks.map(({ genes }) => genes.length),
      maxBlockSize: result.maxBlockSize,
    },
    model: `${method}, ${type}`,
    degreesOfFreedom: set.samples.length - 2 - set.covariatesUsed.length,
    hashed,
  });
}

async function traitsOf({ cohorts, onMessage }: NetworkRunning, path: string): Promise<Traits> {
  const source = await fileSource(path);
  const traits = await readTraits(source, inflateGzip, cohorts[0]!.samples).finally(() => source.close());
  if (traits.dropped.length > 0) {
    const text = `${path}: ${counted(traits.dropped.length, "trait")} without numbers left out (${traits.dropped.slice(0, 3).join(", ")}${traits.dropped.length > 3 ? ", ..." : ""})`;
    onMessage({ level: "warning", text });
  }
  return traits;
}

/** An answer that is valid, but hardly the one that was looked for. */
function sayOdd({ onMessage }: NetworkRunning, { eigengenes, labels }: ModulesResult): void {
  if (eigengenes.modules.length === 0) {
    const text =
      "no module: no branch of the tree is large, tight and far enough; try a lower --power, --min-module-size, or a higher --deep-split";
    onMessage({ level: "warning", text });
    return;
  }
  const largest = labels.filter((label) => label === 1).length;
  if (2 * largest > labels.length) {
    const text = `module 1 holds ${count(largest)} of ${count(labels.length)} genes: one direction (a batch, a cell type) may run through all samples; take it out with --covariates`;
    onMessage({ level: "warning", text });
  }
}

interface Meaning {
  readonly traits: Traits | undefined;
  readonly related: ModuleTraits | undefined;
  readonly preserved: readonly ModulePreservation[] | undefined;
}

const SHOWN = 5;

/** With few genes there are too few classes of connectivity to fit a line through. */
function fitText(rSquared: number): string {
  return Number.isNaN(rSquared) ? "too few genes for a fit" : `fit ${rSquared.toFixed(2)}`;
}

function linesOf({ cohorts }: NetworkRunning, result: ModulesResult, meaning: Meaning): SummaryLine[] {
  const set = cohorts[0]!;
  const { power, powerBy, fits, labels, eigengenes } = result;
  const inModules = labels.filter((label) => label > 0).length;
  const fit = fits.find((row) => row.power === power);
  const by = { given: "given", scan: "the first that is scale-free", advice: "none is scale-free" }[powerBy];
  const lines: SummaryLine[] = [
    { label: "Samples", value: count(set.samples.length) },
    {
      label: "Power",
      value: String(power),
      note: fit ? `${by}, ${fitText(fit.rSquared)}, mean k ${effect(fit.meanK)}` : by,
    },
    result.overlapBound > 0
      ? {
          label: "Overlaps",
          value: `within ${result.overlapBound.toExponential(1)}`,
          note: "adjacencies of 14 bits; --exact-overlap for f64",
        }
      : { label: "Overlaps", value: "f64" },
    {
      label: "Modules",
      value: `${count(eigengenes.modules.length)} with ${counted(inModules, "gene")}`,
      note: `${count(labels.length - inModules)} in none`,
    },
  ];
  const name = (gene: number) => set.symbol?.[gene] || set.id[gene]!;
  for (const [m, label] of eigengenes.modules.slice(0, SHOWN).entries()) {
    const { genes, hub, kME } = moduleSummary(result, label);
    const value = `${moduleColor(label)}, ${counted(genes, "gene")}, ${Math.round(100 * eigengenes.explained[m]!)}% explained, hub ${name(hub)} (kME ${effect(kME)})`;
    lines.push({ label: `Module ${label}`, value });
  }
  return [...lines, ...meaningLines(meaning)];
}

function meaningLines({ traits, related, preserved }: Meaning): SummaryLine[] {
  const lines: SummaryLine[] = [];
  if (traits !== undefined && related !== undefined) {
    let best = -1;
    related.log10P.forEach((value, i) => {
      if (!Number.isNaN(value) && (best < 0 || value < related.log10P[best]!)) best = i;
    });
    if (best >= 0) {
      const value = `module ${related.module[best]} x ${traits.names[related.trait[best]!]}, r ${effect(related.r[best]!)}, p ${pValue(related.log10P[best]!)}`;
      lines.push({ label: "Traits", value });
    }
  }
  if (preserved !== undefined) {
    const strong = preserved.filter(({ zSummary }) => zSummary > 10).length;
    const none = preserved.filter(({ zSummary }) => zSummary < 2).length;
    const value = `${count(strong)} of ${counted(preserved.length, "module")} strongly preserved`;
    lines.push({ label: "Preservation", value, note: `Zsummary above 10; ${count(none)} below 2` });
  }
  return lines;
}
