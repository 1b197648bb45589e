import { genesTested } from "../association/tables.ts";
import type { Json } from "../node/manifest.ts";
import type { OutputFile } from "../node/output.ts";
import { perCopy } from "../report/alleles.ts";
import { correctedText, discoveryText, permutationsText, unitsText } from "../report/geneLevelText.ts";
import { anchorText, type Lead, leadPlace, significantLeads, strongestLeads } from "../report/leads.ts";
import { isScreened, type MapFacts } from "../report/mapFacts.ts";
import { bases, count, counted, degrees, shorten } from "../report/numbers.ts";
import { cisSignalsText, crossMappingText, FDR_OVER_Q, fdrLines } from "../report/transFacts.ts";
import { sortedQuantile } from "../statistics/quantile.ts";
import { duration, effect, fileSize, pValue } from "./format.ts";

/** Genes at or below this q are called significant. */
export const SIGNIFICANT_Q = 0.05;

/** Genes listed below the check. */
const TOP_SHOWN = 5;

export interface SummaryLine {
  readonly label: string;
  readonly value: string;
  /** What the value means, or where it comes from. */
  readonly note?: string;
  /** No headline of the report, however short. */
  readonly inline?: boolean;
}

/** The check of a run, one fact a line; the same for every backend. */
export function summaryLines(facts: MapFacts): SummaryLine[] {
  const { map, cohort, result } = facts;
  const { counts } = result;
  const significant = significantLeads(facts);
  const tested = counted(genesTested(counts), "gene");
  const lines: SummaryLine[] = [
    {
      label: "Model",
      value: `${counted(cohort.report.used, "sample")}, ${counted(cohort.report.covariatesUsed.length, "covariate")}, ${degrees(cohort.degreesOfFreedom)}`,
      inline: true,
    },
    {
      label: "Tests",
      value: count(counts.tests),
      note: `${counted(counts.variantsTested, "variant")} x ${tested}, ${reachText(map)}`,
    },
    { label: "Genes", value: byStatus(result.leads.status) },
    { label: "Variants", value: variantsLine(facts), inline: true },
    {
      label: "Significant",
      value: significantText(facts, significant.length),
      note: `q <= ${facts.significantQ}, ${discoveryText(facts)} over ${unitsText(facts)} of ${correctedText(facts)}${result.permutations === undefined ? "" : `; ${FDR_OVER_Q}`}`,
    },
    lambdaLine(facts),
    ...distanceLines(facts, significant),
    strongestLine(facts),
  ];
  const permutations = permutationsText(facts);
  if (permutations !== undefined) lines.splice(4, 0, { label: "Permutations", value: permutations });
  if (map.kind === "cis") return lines;
  const written = { label: "Written", value: counted(counts.hits, "pair") };
  const crossMapping = { label: "Cross-mapping", value: crossMappingText({ map, result }), inline: true };
  const signals = cisSignalsText(facts);
  const cisSignals = signals === undefined ? [] : [{ label: "Cis signals", value: signals }];
  lines.splice(2, 0, written, ...cisSignals, crossMapping, ...fdrLines(facts));
  return lines;
}

/** `268 genes`; of groups, `40 groups`. */
function significantText({ result }: MapFacts, number: number): string {
  return counted(number, result.geneLevel?.grouping ? "group" : "gene");
}

/** Which pairs are tested, in words. */
function reachText(map: MapFacts["map"]): string {
  if (map.kind === "cis" && map.pairs !== undefined) return `the pairs listed in ${map.pairs}`;
  if (map.kind === "cis") return `each gene with the variants within ${bases(map.window)} of it`;
  return map.allPairs ? "all pairs" : `pairs more than ${bases(map.distance)} apart or on two chromosomes`;
}

/** `600 ok, 5 no-variants, 3 constant`: `ok` first, then the commonest. */
function byStatus(status: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of status) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts]
    .sort(([a, m], [b, n]) => Number(b === "ok") - Number(a === "ok") || n - m || (a < b ? -1 : 1))
    .map(([name, number]) => `${count(number)} ${name}`)
    .join(", ");
}

function variantsLine(facts: MapFacts): string {
  const { variantsRead, variantsTested, dropped } = facts.result.counts;
  const reasons = Object.entries(dropped)
    .filter(([, number]) => number > 0)
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .map(([status, number]) => `${count(number)} ${status}`);
  return [`${count(variantsRead)} read`, `${count(variantsTested)} tested`, ...reasons].join(", ");
}

function lambdaLine(facts: MapFacts): SummaryLine {
  const { lambda, log10P } = facts.result.null;
  if (log10P.length === 0) return { label: "Lambda", value: "none", note: "no pair was tested" };
  const expected = facts.map.kind === "cis" ? "true effects near genes raise it" : "near 1 is expected";
  return {
    label: "Lambda",
    value: lambda.toFixed(3),
    note: `median chi-square of ${counted(log10P.length, "sampled pair")} over its expectation; ${expected}`,
  };
}

function distanceLines(facts: MapFacts, significant: readonly Lead[]): SummaryLine[] {
  const known = significant.map((lead) => lead.distance).filter((distance) => !Number.isNaN(distance));
  const elsewhere = significant.length - known.length;
  const label = "Lead distance";
  const [first] = known;
  if (first === undefined) {
    const where = elsewhere === 0 ? "no significant gene" : `${count(elsewhere)} on another chromosome`;
    return [{ label, value: where }];
  }
  const others = elsewhere > 0 ? `, ${count(elsewhere)} more on another chromosome` : "";
  const leads = `from the gene's ${anchorText(facts.map)}; ${counted(known.length, "significant lead")}${others}`;
  if (known.length === 1) return [{ label, value: bases(first), note: leads }];
  const sizes = Float64Array.from(known, Math.abs).sort();
  const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => sortedQuantile(sizes, share));
  const reach = Math.max(1, ...known.map(Math.abs));
  return [
    {
      label,
      value: `median ${bases(middle!)}`,
      note: `middle half ${bases(low!)} to ${bases(high!)} ${leads}`,
    },
    { label: "", value: `-${bases(reach)} ${histogram(known, reach, 41)} +${bases(reach)}` },
  ];
}

const BARS = " ▁▂▃▄▅▆▇█";

/** Counts in `bins` equal bins over [-reach, reach] as a row of block characters; any count shows. */
export function histogram(values: readonly number[], reach: number, bins: number): string {
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) {
    const bin = Math.min(bins - 1, Math.floor(((value + reach) / (2 * reach)) * bins));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const most = Math.max(...counts);
  return counts.map((n) => BARS[n === 0 ? 0 : Math.max(1, Math.round((8 * n) / most))]).join("");
}

function strongestLine(facts: MapFacts): SummaryLine {
  const label = "Strongest";
  const [lead] = strongestLeads(facts, 1);
  if (lead === undefined) return { label, value: "no pair", inline: true };
  const [effectAllele, otherAllele] = [lead.effectAllele, lead.otherAllele].map(allele);
  return {
    label,
    value: `${id(lead.variant)} x ${id(lead.gene)}, p ${pValue(lead.log10P)}`,
    note: `slope ${effect(lead.slope)}, SE ${effect(lead.slopeSe)}, ${perCopy(effectAllele ?? "", otherAllele ?? "")}, af ${lead.af.toFixed(3)}, ${leadPlace(lead, facts.map)}`,
    inline: true,
  };
}

/** Longer ones would break the table; the whole is in the files. */
function id(text: string): string {
  return shorten(text, 30);
}

function allele(text: string): string {
  return shorten(text, 12);
}

export const TOP_COLUMNS = ["gene", "variant", "allele", "af", "distance", "slope", "SE", "p", "q"] as const;

/** The rows of a table of lead pairs, as text, columns as {@link TOP_COLUMNS}. */
export function topRows(leads: readonly Lead[]): string[][] {
  return leads.map((lead) => [
    id(lead.gene),
    id(lead.variant),
    allele(lead.effectAllele),
    lead.af.toFixed(3),
    Number.isNaN(lead.distance) ? "" : bases(lead.distance),
    effect(lead.slope),
    effect(lead.slopeSe),
    pValue(lead.log10P),
    // q is written as a number, not as a logarithm: below 5e-324 it is 0.
    lead.q === 0 ? "<1e-300" : pValue(Math.log10(lead.q)),
  ]);
}

/** The one-page check: facts, the strongest genes, the files. */
export function summaryText(
  facts: MapFacts,
  out: string,
  files: readonly OutputFile[],
  seconds: number,
): string {
  const title = `${facts.map.kind} eQTL map of ${counted(facts.cohort.genes.id.length, "gene")}, in ${duration(seconds)}`;
  const top = strongestLeads(facts, TOP_SHOWN);
  const lines = summaryLines(facts).map((line) =>
    line.label === "Written" ? { ...line, ...screenNote(facts) } : line,
  );
  const sections = [title, labelled(lines)];
  if (top.length > 0)
    sections.push(`Strongest genes\n${indented(aligned([TOP_COLUMNS, ...topRows(top)], 3))}`);
  sections.push(filesText(out, files));
  return sections.join("\n\n");
}

/** The files of a result, with their rows and sizes. */
export function filesText(out: string, files: readonly OutputFile[]): string {
  const rows = files.map(({ name, rows, bytes }) => [
    `  ${name}`,
    rows === undefined ? "" : counted(rows, "row"),
    fileSize(bytes),
  ]);
  return `Files in ${out}\n${aligned(rows, 1)}`;
}

/** The same for a program: numbers and names, and the lines of the check as they are shown. */
export function summaryRecord(
  facts: MapFacts,
  out: string,
  files: readonly OutputFile[],
  seconds: number,
): { readonly [key: string]: Json } {
  const { counts, null: sample } = facts.result;
  return {
    kind: facts.map.kind,
    out,
    seconds,
    samples: facts.cohort.report.used,
    covariates: facts.cohort.report.covariatesUsed.length,
    degreesOfFreedom: facts.cohort.degreesOfFreedom,
    genes: facts.cohort.genes.id.length,
    significantGenes: significantLeads(facts).length,
    // JSON has no NaN: without a test there is no lambda.
    lambda: Number.isNaN(sample.lambda) ? null : sample.lambda,
    ...geneLevelRecord(facts),
    counts: { ...counts },
    files: files.map((file) => ({ ...file })),
    summary: summaryLines(facts)
      .filter(({ label }) => label !== "")
      .map(({ label, value, note }) => ({ label, value, note: note ?? null })),
  };
}

/** How genes were tested beyond Bonferroni's correction. */
function geneLevelRecord({ result }: MapFacts): { readonly [key: string]: Json } {
  const level = result.geneLevel;
  if (level === undefined) return {};
  const { rule, pi0, standardError, lambda } = level.pi0;
  const known = (value: number): number | null => (Number.isNaN(value) ? null : value);
  return {
    withinGene: level.within,
    permutations: { ...level.permutations },
    qvalue: { rule, pi0, standardError: known(standardError), lambda: known(lambda) },
  };
}

/** How good the screen was: this differs between backends, so it is no part of the report. */
function screenNote({ map, result }: MapFacts): { note?: string } {
  if (map.kind === "cis" || !isScreened(map.pValue)) return {};
  return { note: `of ${count(result.counts.candidates)} that passed the screen` };
}

function indented(text: string): string {
  return text.replace(/^/gm, "  ");
}

/** `label  value (note)` with the labels in one column. */
export function labelled(lines: readonly SummaryLine[]): string {
  const width = Math.max(...lines.map((line) => line.label.length));
  return lines
    .map(
      ({ label, value, note }) => `${label.padEnd(width)}  ${value}${note === undefined ? "" : ` (${note})`}`,
    )
    .map((line) => line.trimEnd())
    .join("\n");
}

/** Columns aligned for a terminal: the first `left` to the left, the others, numbers, to the right. */
export function aligned(rows: readonly (readonly string[])[], left: number): string {
  const width: number[] = [];
  for (const row of rows) {
    row.forEach((cell, c) => {
      width[c] = Math.max(width[c] ?? 0, cell.length);
    });
  }
  const line = (row: readonly string[]) =>
    row.map((cell, c) => (c < left ? cell.padEnd(width[c] ?? 0) : cell.padStart(width[c] ?? 0))).join("  ");
  return rows.map((row) => line(row).trimEnd()).join("\n");
}
