import { escape as closure, desc, op, table } from "arquero";
import type { GeneTable, MapResult } from "../association/tables.ts";
import type { Json } from "../node/manifest.ts";
import type { OutputFile } from "../node/output.ts";
import { perCopy } from "../report/alleles.ts";
import { bases, count, counted } from "../report/numbers.ts";
import { duration, effect, fileSize, pValue } from "./format.ts";

/** Genes at or below this q are called significant. */
export const SIGNIFICANT_Q = 0.05;

/** Genes listed below the check. */
const TOP_SHOWN = 5;

/** What the one-page check is made of. */
export interface MapFacts {
  readonly kind: "cis" | "trans";
  /** What was tested with what, in words: `within 1 Mb`. */
  readonly reach: string;
  readonly genes: GeneTable;
  readonly result: MapResult;
  readonly samples: number;
  readonly covariates: number;
  readonly degreesOfFreedom: number;
  /** Signed distance of each gene's lead variant in base pairs; NaN without a lead or on another chromosome. */
  readonly distance: Float64Array;
  /** `start` or `body`: what distance is measured from. */
  readonly distanceFrom: string;
}

export interface SummaryLine {
  readonly label: string;
  readonly value: string;
  /** What the value means, or where it comes from. */
  readonly note?: string;
  /** No headline of the report, however short. */
  readonly inline?: boolean;
}

/** A lead variant with its gene, one row of {@link leadTable}. */
export interface LeadRow {
  /** Index in the gene table. */
  readonly index: number;
  readonly gene: string;
  readonly variant: string;
  readonly effectAllele: string;
  readonly otherAllele: string;
  readonly af: number;
  readonly distance: number;
  readonly slope: number;
  readonly slopeSe: number;
  readonly log10P: number;
  readonly q: number;
}

/** The genes that have a lead variant, as a table to sort, group and join. */
function leadTable(facts: MapFacts) {
  const { genes, result, distance } = facts;
  const { lead, ...leads } = result.leads;
  return table({
    index: Int32Array.from(genes.id.keys()),
    gene: genes.id,
    variant: lead.id,
    effectAllele: lead.effectAllele,
    otherAllele: lead.otherAllele,
    af: lead.af,
    distance,
    slope: leads.slope,
    slopeSe: leads.slopeSe,
    log10P: leads.log10P,
    q: leads.qBonferroni,
    hasLead: Array.from(leads.leadVariant, (variant) => variant >= 0),
  }).filter(closure((row: { hasLead: boolean }) => row.hasLead));
}

/** The strongest lead pairs, at most `limit`; ties in gene order. */
export function topLeads(facts: MapFacts, limit: number): LeadRow[] {
  return leadTable(facts).orderby("log10P", "index").objects({ limit }) as LeadRow[];
}

/** The leads with q <= {@link SIGNIFICANT_Q}. */
export function significantLeads(facts: MapFacts) {
  return leadTable(facts).filter(closure((row: LeadRow) => row.q <= SIGNIFICANT_Q));
}

/** Signed distances of the significant leads on their gene's chromosome, in gene order. */
export function significantDistances(facts: MapFacts): Float64Array {
  return Float64Array.from(significantLeads(facts).array("distance")).filter((value) => !Number.isNaN(value));
}

/** The check of a run, one fact a line; the same for every backend. */
export function summaryLines(facts: MapFacts): SummaryLine[] {
  const { result } = facts;
  const { counts } = result;
  const significant = significantLeads(facts).numRows();
  const lines: SummaryLine[] = [
    {
      label: "Model",
      value: `${counted(facts.samples, "sample")}, ${counted(facts.covariates, "covariate")}, ${facts.degreesOfFreedom} degrees of freedom`,
      inline: true,
    },
    {
      label: "Tests",
      value: count(counts.tests),
      note: `${counted(counts.variantsTested, "variant")} x ${counted(genesTested(facts), "gene")}, ${facts.reach}`,
    },
    { label: "Genes", value: byStatus(result.leads.status) },
    { label: "Variants", value: variantsLine(facts), inline: true },
    {
      label: "Significant",
      value: counted(significant, "gene"),
      note: `q <= ${SIGNIFICANT_Q}, Benjamini-Hochberg over ${counted(genesTested(facts), "gene")} of each best p times its variants`,
    },
    lambdaLine(facts),
    ...distanceLines(facts, significant),
    strongestLine(facts),
  ];
  if (facts.kind === "trans") lines.splice(2, 0, { label: "Written", value: counted(counts.hits, "pair") });
  return lines;
}

/** Genes that were tested with at least one variant. */
export function genesTested(facts: MapFacts): number {
  return facts.result.counts.genes.ok ?? 0;
}

/** `600 ok, 5 no-variants, 3 constant`: `ok` first, then the commonest. */
function byStatus(status: readonly string[]): string {
  const groups = table({ status, ok: status.map((name) => (name === "ok" ? 1 : 0)) })
    .groupby("status", "ok")
    .count()
    .orderby(desc("ok"), desc("count"), "status")
    .objects() as { status: string; count: number }[];
  return groups.map((group) => `${count(group.count)} ${group.status}`).join(", ");
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
  const expected = facts.kind === "cis" ? "true effects near genes raise it" : "near 1 is expected";
  return {
    label: "Lambda",
    value: lambda.toFixed(3),
    note: `median chi-square of ${counted(log10P.length, "sampled pair")} over its expectation; ${expected}`,
  };
}

function distanceLines(facts: MapFacts, significant: number): SummaryLine[] {
  const known = Array.from(significantDistances(facts));
  const elsewhere = significant - known.length;
  const label = "Lead distance";
  if (known.length === 0) {
    const where = elsewhere === 0 ? "no significant gene" : `${count(elsewhere)} on another chromosome`;
    return [{ label, value: where }];
  }
  const { low, middle, high } = table({ size: known.map(Math.abs) })
    .rollup({ low: op.quantile("size", 0.25), middle: op.median("size"), high: op.quantile("size", 0.75) })
    .object() as { low: number; middle: number; high: number };
  const others = elsewhere > 0 ? `, ${count(elsewhere)} more on another chromosome` : "";
  const reach = Math.max(1, ...known.map(Math.abs));
  return [
    {
      label,
      value: `median ${bases(middle)}`,
      note: `middle half ${bases(low)} to ${bases(high)} from the gene's ${facts.distanceFrom}; ${counted(known.length, "significant lead")}${others}`,
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
  const [lead] = topLeads(facts, 1);
  if (lead === undefined) return { label, value: "no pair", inline: true };
  const where = Number.isNaN(lead.distance)
    ? "on another chromosome"
    : `${bases(lead.distance)} from its ${facts.distanceFrom}`;
  return {
    label,
    value: `${lead.variant} x ${lead.gene}, p ${pValue(lead.log10P)}`,
    note: `slope ${effect(lead.slope)}, SE ${effect(lead.slopeSe)}, ${perCopy(lead.effectAllele, lead.otherAllele)}, af ${lead.af.toFixed(3)}, ${where}`,
    inline: true,
  };
}

export const TOP_COLUMNS = ["gene", "variant", "allele", "af", "distance", "slope", "SE", "p", "q"] as const;

/** The rows of a table of lead pairs, as text, columns as {@link TOP_COLUMNS}. */
export function topRows(leads: readonly LeadRow[]): string[][] {
  return leads.map((lead) => [
    lead.gene,
    lead.variant,
    lead.effectAllele,
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
  const title = `${facts.kind} eQTL map of ${counted(facts.genes.id.length, "gene")}, in ${duration(seconds)}`;
  const top = topLeads(facts, TOP_SHOWN);
  const rows = files.map((file) => [
    `  ${file.name}`,
    file.rows === undefined ? "" : counted(file.rows, "row"),
    fileSize(file.bytes),
  ]);
  const lines = summaryLines(facts).map((line) =>
    line.label === "Written" ? { ...line, note: screenNote(facts) } : line,
  );
  const sections = [title, labelled(lines)];
  if (top.length > 0)
    sections.push(`Strongest genes\n${indented(aligned([TOP_COLUMNS, ...topRows(top)], 3))}`);
  sections.push(`Files in ${out}\n${aligned(rows, 1)}`);
  return sections.join("\n\n");
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
    kind: facts.kind,
    out,
    seconds,
    samples: facts.samples,
    covariates: facts.covariates,
    degreesOfFreedom: facts.degreesOfFreedom,
    genes: facts.genes.id.length,
    significantGenes: significantLeads(facts).numRows(),
    // JSON has no NaN: without a test there is no lambda.
    lambda: Number.isNaN(sample.lambda) ? null : sample.lambda,
    counts: { ...counts },
    files: files.map((file) => ({ ...file })),
    summary: summaryLines(facts)
      .filter(({ label }) => label !== "")
      .map(({ label, value, note }) => ({ label, value, note: note ?? null })),
  };
}

/** How good the screen was: this differs between backends, so it is no part of the report. */
function screenNote(facts: MapFacts): string {
  const { candidates, pairsScreened } = facts.result.counts;
  return `of ${count(candidates)} that passed the screen of ${count(pairsScreened)}`;
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
