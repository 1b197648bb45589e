import type { CohortFacts } from "./mapFacts.ts";
import { baseName, count, counted, powerOfTen, pValue, shorten } from "./numbers.ts";
import type { Cell, Illustrated, NamedFigure, ReportTable, SummaryItem } from "./report.ts";
import type { Canvas } from "./svg.ts";

/** What pages of several commands have in common. */

/** A command's page but for what every page has: what the run warned of, and its manifest. */
export interface CommandPage {
  readonly content: Omit<Illustrated, "figures" | "messages" | "manifest">;
  figures(canvas: Canvas): readonly NamedFigure[];
}

/** Rows of a list from the strongest down that a page shows where nobody asks for more. */
export const TOP_ROWS = 25;

/** Ids longer than this are shortened, the whole shown at a touch. */
const ID_LENGTH = 30;
/** Ids listed in full up to here. */
const LISTED = 12;

export function idCell(text: string, length = ID_LENGTH): Cell {
  const shown = shorten(text, length);
  return shown === text ? text : { text: shown, title: text };
}

/** q is kept as a number: below the smallest double it is 0. */
export function qText(q: number): string {
  return q === 0 ? "< 10⁻³⁰⁰" : pValue(Math.log10(q));
}

export function listed(ids: readonly string[]): string {
  const more = ids.length - LISTED;
  return more <= 0 ? ids.join(", ") : `${ids.slice(0, LISTED).join(", ")} and ${count(more)} more`;
}

/** `Qortex 1.2.3 · expression.bed · genotypes`. */
export function eyebrow(version: string, ...files: readonly string[]): string {
  return [`Qortex ${version}`, ...files.map(baseName)].join(" · ");
}

/** The terminal's lines for a page: below the cards, with the signs of print. */
export function asFacts(lines: readonly SummaryItem[]): SummaryItem[] {
  const printed = (text: string): string =>
    text
      .replaceAll("<=", "≤")
      .replaceAll(">=", "≥")
      .replaceAll(" x ", " × ")
      .replace(/\b(\d+(?:\.\d+)?)e-0*(\d+)\b/g, (_, mantissa: string, exponent: string) => {
        const power = powerOfTen(-Number(exponent));
        return mantissa === "1" ? power : `${mantissa} × ${power}`;
      });
  return lines.map(({ label, value, note }) => ({
    label,
    value: printed(value),
    ...(note === undefined ? {} : { note: printed(note) }),
    inline: true,
  }));
}

/** What is known of the inputs of a command on a cohort. */
export interface CohortInputs {
  readonly cohort: Omit<CohortFacts, "genes"> & { readonly genes: { readonly id: readonly string[] } };
  readonly variants?:
    | {
        readonly read: number;
        readonly tested: number;
        readonly dropped: Readonly<Record<string, number | undefined>>;
      }
    | undefined;
  /** In place of `variants`, where each gene or context has its own. */
  readonly variantsInFile?: number | undefined;
  /** Genes by status. */
  readonly genes?: Readonly<Record<string, number | undefined>> | undefined;
  /** Genes used, where that is not those of status ok. */
  readonly genesUsed?: number | undefined;
}

/** What was given, what of it is used, and what is not. */
export function inputsTable({
  cohort,
  variants,
  variantsInFile,
  genes,
  genesUsed,
}: CohortInputs): ReportTable {
  const { tables, report } = cohort;
  const { genotypes, expression, covariates } = tables;
  const unmatched: readonly (readonly [string, number])[] = [
    ["only in the genotypes", report.genotypesOnly.length],
    ["only in the expression", report.expressionOnly.length],
    ["only in the covariates", report.covariatesOnly.length],
    ["without covariates", report.withoutCovariates.length],
    ["without a context", report.withoutContexts.length],
    ["left out by --keep or --remove", report.removed],
  ];
  const samples = unmatched
    .filter(([, number]) => number > 0)
    .map(([where, number]) => `${count(number)} ${where}`);
  const total = cohort.genes.id.length;
  const used = genesUsed ?? genes?.["ok"] ?? total;
  return {
    title: "What was given and what is used",
    place: "inputs",
    columns: ["Input", "File", "Used", "Not used, and why"],
    rows: [
      ["Samples", "", counted(report.used, "sample"), samples.join(", ") || "–"],
      [
        "Genotypes",
        idCell(baseName(genotypes.name), 40),
        variants === undefined
          ? variantsInFile === undefined
            ? "–"
            : `${counted(variantsInFile, "variant")} in the file`
          : `${count(variants.tested)} of ${counted(variants.read, "variant")}`,
        statuses(variants?.dropped ?? {}),
      ],
      [
        "Expression",
        idCell(baseName(expression.name), 40),
        `${count(used)} of ${counted(total, "gene")}`,
        statuses(genes ?? {}),
      ],
      [
        "Covariates",
        covariates === undefined ? "none" : idCell(baseName(covariates.name), 40),
        counted(report.covariatesUsed.length, "covariate"),
        report.covariatesDropped.map(({ name, why }) => `${name}: ${why}`).join("; ") || "–",
      ],
    ],
  };
}

/** `88 filtered-maf, 12 constant`, the commonest first; without those that are ok. */
export function statuses(counts: Readonly<Record<string, number | undefined>>): string {
  const named = Object.entries(counts)
    .filter((entry): entry is [string, number] => entry[0] !== "ok" && (entry[1] ?? 0) > 0)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return named.map(([status, number]) => `${count(number)} ${status}`).join(", ") || "–";
}
