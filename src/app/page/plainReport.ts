import { count, threshold } from "../../report/numbers.ts";
import type { Illustrated, NamedFigure, SummaryItem } from "../../report/report.ts";
import type { ResultView } from "../engine/protocol.ts";
import { bytesText } from "./parts/words.ts";

const FIGURES = {
  manhattan: ["The map", "Each point is a pair of gene and variant, by the variant's position."],
  qq: [
    "Observed against expected p",
    "A seeded sample of all pairs tested; without association they follow the line.",
  ],
  "lead-distance": [
    "Lead variants about the start of the gene",
    "Of significant genes; leads gather near the start.",
  ],
  "variant-by-gene": [
    "Variant by gene",
    "Each point is a pair: the variant's position across, the gene's upwards.",
  ],
} as const;

const SHOWN: Readonly<Record<ResultView["kind"], readonly (keyof typeof FIGURES)[]>> = {
  cis: ["manhattan", "qq", "lead-distance"],
  trans: ["manhattan", "variant-by-gene", "qq"],
  network: [],
};

/** A report of what a result's tables and manifest say by themselves, for one that came without its own. Plots are named and not drawn yet. */
export function plainReport(result: ResultView): Illustrated {
  const { kind, title, lede, tables, counts, lambda, samples, significantQ, messages, manifest } = result;
  const summary: SummaryItem[] = [];
  const add = (label: string, value: string | undefined): void => {
    if (value !== undefined) summary.push({ label, value });
  };
  add("Samples", samples > 0 ? count(samples) : undefined);
  add("Pairs tested", counts && count(counts.tests));
  add("Lambda", Number.isNaN(lambda) ? undefined : lambda.toFixed(3));
  if (kind !== "network") add("Significant at q", `≤ ${threshold(significantQ)}`);
  return {
    title,
    lede,
    summary,
    figures: SHOWN[kind].map((name): NamedFigure => {
      const [heading, caption] = FIGURES[name];
      return { name, title: heading, caption, svg: "" };
    }),
    tables: [
      {
        title: "Tables of the result",
        columns: ["Table", "Rows", "Size"],
        rows: tables.map(({ name, rows, bytes }) => [name, count(rows), bytesText(bytes)]),
      },
    ],
    messages: messages.filter(({ level }) => level === "warning").map(({ text }) => text),
    manifest,
  };
}
