import type { ExpressionSet } from "../cohort/expressionSet.ts";
import type { CorrelatedPairs } from "../network/correlate.ts";
import { emptyStatistic } from "../network/correlator.ts";
import { bars, histogram } from "./bars.ts";
import { modulePicture } from "./modulePicture.ts";
import { expressionInputs, preparedText } from "./networkInputs.ts";
import { count, counted, pValue, signed } from "./numbers.ts";
import { asFacts, type CommandPage, eyebrow, idCell, TOP_ROWS } from "./pageParts.ts";
import { references } from "./references.ts";
import type { NamedFigure, ReportTable, SummaryItem } from "./report.ts";
import type { Canvas } from "./svg.ts";

export interface CorrelateFacts {
  readonly version: string;
  /** One a cohort. */
  readonly sets: readonly ExpressionSet[];
  readonly pairs: CorrelatedPairs;
  /** As sentences call it. */
  readonly method: string;
  readonly transform: string;
  /** `|r| >= 0.5, p <= 1e-6`. */
  readonly limits: string;
  /** The terminal's. */
  readonly lines: readonly SummaryItem[];
}

/** Strongest pairs whose r is looked up; pairs of the picture; classes of the histogram. */
const LISTED = 1000;
const PICTURED = 150;
const CLASSES = 20;

/** The page of correlations between genes. */
export function correlateReport(facts: CorrelateFacts): CommandPage {
  const { version, pairs, method, lines, sets } = facts;
  const { correlator, a } = pairs;
  const limits = facts.limits.replaceAll(">=", "≥").replaceAll("<=", "≤");
  const samples = sets.reduce((sum, set) => sum + set.samples.length, 0);
  const strongest = strongestPairs(facts);
  const there = correlator.genes.id.filter((_, gene) => correlator.isThere(gene)).length;
  return {
    content: {
      title: "Correlations between genes",
      eyebrow: eyebrow(version, ...sets.map(({ name }) => name)),
      lede: `Of ${counted(pairs.tests, "pair")} of ${counted(there, "gene")} tested in ${counted(samples, "sample")}, ${count(a.length)} ${a.length === 1 ? "was" : "were"} written (${limits}).`,
      summary: [
        { label: "Pairs written", value: count(a.length), note: limits },
        { label: "Pairs tested", value: count(pairs.tests) },
        { label: "Genes", value: count(there), note: `of ${count(correlator.count)}` },
        {
          label: "Samples",
          value: count(samples),
          ...(sets.length > 1 ? { note: counted(sets.length, "cohort") } : {}),
        },
        ...asFacts(lines),
      ],
      figuresNote: a.length === 0 ? ["No pair passed the limits: there is nothing to draw."] : [],
      tables: [expressionInputs(sets), ...pairTable(facts, strongest), ...hubTable(facts)],
      methods: methods(facts, samples, sets.length),
      references: references("benjaminiHochberg", method.startsWith("biweight") && "biweight"),
    },
    figures: (canvas) => figures(canvas, facts, strongest),
  };
}

interface Strong {
  readonly a: number;
  readonly b: number;
  readonly r: number;
  readonly log10P: number;
}

function strongestPairs({ pairs: { correlator, a, b, log10P } }: CorrelateFacts): Strong[] {
  const out = emptyStatistic();
  // Partners of each gene: a pair may be there from both sides.
  const seen = new Set<string>();
  return Array.from(log10P.keys())
    .sort((i, j) => log10P[i]! - log10P[j]! || i - j)
    .filter((i) => {
      if (seen.size >= LISTED) return false;
      const key = a[i]! < b[i]! ? `${a[i]} ${b[i]}` : `${b[i]} ${a[i]}`;
      return !seen.has(key) && seen.add(key) !== undefined;
    })
    .map((i) => {
      correlator.statistic(a[i]!, b[i]!, out);
      return { a: a[i]!, b: b[i]!, r: out.r, log10P: log10P[i]! };
    });
}

function nameOf({ pairs: { correlator } }: CorrelateFacts, gene: number): string {
  return correlator.genes.symbol?.[gene] || correlator.genes.id[gene]!;
}

/** How many written pairs each gene is in. */
function partnersOf({ pairs: { correlator, a, b } }: CorrelateFacts): Uint32Array {
  const partners = new Uint32Array(correlator.count);
  for (const gene of a) partners[gene]!++;
  for (const gene of b) partners[gene]!++;
  return partners;
}

function figures(canvas: Canvas, facts: CorrelateFacts, strongest: readonly Strong[]): NamedFigure[] {
  const { pairs } = facts;
  if (pairs.a.length === 0) return [];
  const out = emptyStatistic();
  const r = function* (): Generator<number> {
    // Every pair where there are few, else evenly spread ones: the shape of the histogram is what is looked at.
    const step = Math.max(1, Math.floor(pairs.a.length / 100_000));
    for (let i = 0; i < pairs.a.length; i += step) {
      pairs.correlator.statistic(pairs.a[i]!, pairs.b[i]!, out);
      yield out.r;
    }
  };
  const classes = histogram(r(), -1, 1, CLASSES);
  const sampled = pairs.a.length > 200_000 ? " (of an even selection of them)" : "";
  const drawn = strongest.slice(0, PICTURED);
  const genes = [...new Set(drawn.flatMap(({ a, b }) => [a, b]))];
  const place = new Map(genes.map((gene, i) => [gene, i]));
  const partners = partnersOf(facts);
  const title = `The ${counted(drawn.length, "strongest pair")}`;
  return [
    {
      name: "correlation-histogram",
      title: "How strong the written pairs are",
      caption: `Written pairs by their correlation, classes of 0.1 named by their lower end${sampled}. Nearly all on the right of 0: a common factor, such as quality or cell composition, may not have been taken out.`,
      svg: bars(canvas, {
        title: "Written pairs by correlation",
        ...{ classes: "r", text: "Pairs" },
        labels: classes.labels.map((label, i) => (i % 2 === 0 ? label : "")),
        values: classes.values,
      }),
    },
    {
      name: "strongest-pairs",
      title: "The strongest pairs as a network",
      caption: `${counted(genes.length, "gene")} and the ${counted(drawn.length, "strongest pair")} between them; larger circles have more partners among all written pairs, darker lines are stronger.`,
      svg: modulePicture({
        title,
        labels: genes.map((gene) => nameOf(facts, gene)),
        centrality: genes.map((gene) => partners[gene]!),
        first: drawn.map(({ a }) => place.get(a)!),
        second: drawn.map(({ b }) => place.get(b)!),
        weight: drawn.map(({ r: value }) => Math.abs(value)),
      }),
    },
  ];
}

function pairTable(facts: CorrelateFacts, strongest: readonly Strong[]): ReportTable[] {
  if (strongest.length === 0) return [];
  return [
    {
      title: "Strongest pairs",
      note: "The smallest p first; all are in correlations, with n, standard errors and q.",
      columns: ["Gene", "Gene", "r", "P"],
      rows: strongest.map(({ a, b, r, log10P }) => [
        idCell(nameOf(facts, a)),
        idCell(nameOf(facts, b)),
        signed(r),
        pValue(log10P),
      ]),
      shown: TOP_ROWS,
    },
  ];
}

function hubTable(facts: CorrelateFacts): ReportTable[] {
  // With so many partners each, no gene has more than others.
  if (facts.pairs.top !== undefined) return [];
  const partners = partnersOf(facts);
  const hubs = Array.from(partners.keys())
    .filter((gene) => partners[gene]! > 0)
    .sort((a, b) => partners[b]! - partners[a]! || a - b);
  if (hubs.length === 0) return [];
  return [
    {
      title: "Genes with most partners",
      note: "How many of the written pairs a gene is in.",
      columns: ["Gene", "Partners"],
      rows: hubs.slice(0, LISTED).map((gene) => [idCell(nameOf(facts, gene)), count(partners[gene]!)]),
      shown: TOP_ROWS,
    },
  ];
}

function methods(facts: CorrelateFacts, samples: number, cohorts: number): string[] {
  const { version, pairs, method, transform, limits, sets } = facts;
  const combined =
    cohorts === 1
      ? "p is two-sided, from the t distribution with n − 2 − covariates degrees of freedom"
      : `Fisher's z of the ${count(cohorts)} cohorts were combined, weighted by n − 3 − covariates`;
  return [
    `Correlations (${method}) between all pairs of ${counted(pairs.correlator.count, "gene")} in ${counted(samples, "sample")} were computed with Qortex ${version}${preparedText(sets, transform)}. ${combined}; q is by Benjamini and Hochberg over all ${counted(pairs.tests, "pair")} tested. Pairs with ${limits.replaceAll(">=", "≥").replaceAll("<=", "≤")} were kept.`,
  ];
}
