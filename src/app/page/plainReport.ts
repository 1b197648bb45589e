import { count, threshold } from "../../report/numbers.ts";
import type { Illustrated, NamedFigure, SummaryItem } from "../../report/report.ts";
import type { GeneColumns, ResultView } from "../engine/protocol.ts";
import { testsOf } from "./parts/testsOf.ts";
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

/** What is shown of a result: of a map of interactions, one context. Networks have no table of tested genes, and a map may have come without it. */
export interface Shown {
  readonly result: ResultView;
  readonly genes: GeneColumns | undefined;
  readonly sample: { readonly log10P: Float64Array; readonly lambda: number } | undefined;
}

/**
 * A report of what a result's tables and manifest say by themselves, for one that came without its own. Plots are named and not drawn yet; of a map
 * of interactions they and the numbers are of one context, which is said.
 */
export function plainReport({ result, genes, sample }: Shown): Illustrated {
  const { kind, title, lede, tables, samples, significantQ, messages, manifest } = result;
  const { context, contexts = [] } = genes ?? {};
  const lambda = context === undefined ? result.lambda : (sample?.lambda ?? Number.NaN);
  const summary: SummaryItem[] = [];
  const add = (label: string, value: string | undefined): void => {
    if (value !== undefined) summary.push({ label, value });
  };
  add("Samples", samples > 0 ? count(samples) : undefined);
  add("Interactions with", context && contextText(context, contexts));
  const tests = genes === undefined ? (result.counts?.tests ?? 0) : testsOf(result, genes);
  add("Pairs tested", tests > 0 ? count(tests) : undefined);
  add("Lambda", Number.isNaN(lambda) ? undefined : lambda.toFixed(3));
  if (kind !== "network") add("Significant at q", `≤ ${threshold(significantQ)}`);
  return {
    title,
    lede,
    summary,
    figures: SHOWN[kind].map((name): NamedFigure => {
      const [heading, caption] = FIGURES[name];
      const shown = context === undefined ? heading : `${heading}, interactions with ${context}`;
      return { name, title: shown, caption, svg: "" };
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

/** Which context the report is of, and where another one is chosen. */
function contextText(context: string, contexts: readonly string[]): string {
  return contexts.length < 2
    ? context
    : `${context}, one of ${count(contexts.length)} contexts (${contexts.join(", ")}): the overview and the gene's page choose`;
}
