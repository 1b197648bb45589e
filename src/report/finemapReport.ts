import { median } from "../statistics/quantile.ts";
import type { GeneFinemap } from "../targets/finemap.ts";
import { bars } from "./bars.ts";
import type { CohortFacts } from "./mapFacts.ts";
import { covarianceText, expressionText } from "./methods.ts";
import { bases, count, counted, plain, pValue, signed } from "./numbers.ts";
import { asFacts, type CommandPage, eyebrow, idCell, inputsTable, TOP_ROWS } from "./pageParts.ts";
import { references } from "./references.ts";
import type { NamedFigure, ReportTable, SummaryItem } from "./report.ts";
import type { Canvas } from "./svg.ts";

interface ShownSet {
  readonly gene: number;
  readonly effect: number;
  readonly size: number;
  readonly coverage: number;
  readonly purity: number;
  /** Of the variant of largest inclusion probability. */
  readonly variant: string;
  readonly position: number;
  readonly alleles: string;
  readonly pip: number;
  readonly slope: number;
  readonly log10P: number;
}

/** What the page keeps of a fine-mapping: credible sets, and genes by status. */
export class FoundSets {
  readonly sets: ShownSet[] = [];
  readonly byStatus = new Map<string, number>();
  /** Genes by number of sets. */
  readonly bySets = new Map<number, number>();
  genes = 0;

  add({ gene, status, sets, fit, variants, slope, log10P }: GeneFinemap): void {
    this.genes++;
    this.byStatus.set(status, (this.byStatus.get(status) ?? 0) + 1);
    this.bySets.set(sets.length, (this.bySets.get(sets.length) ?? 0) + 1);
    if (fit === undefined) return;
    for (const set of sets) {
      let best = set.variants[0]!;
      for (const v of set.variants) if (fit.pip[v]! > fit.pip[best]!) best = v;
      this.sets.push({
        ...{ gene, effect: set.effect, size: set.variants.length, coverage: set.coverage },
        purity: set.minCorrelation,
        ...{ variant: variants.id[best]!, position: variants.position[best]!, pip: fit.pip[best]! },
        alleles: `${variants.effectAllele[best]} / ${variants.otherAllele[best]}`,
        ...{ slope: slope[best]!, log10P: log10P[best]! },
      });
    }
  }
}

export interface FinemapFacts {
  readonly version: string;
  readonly cohort: CohortFacts;
  readonly found: FoundSets;
  /** The terminal's. */
  readonly lines: readonly SummaryItem[];
  readonly window: number;
  readonly effects: number;
  readonly coverage: number;
  readonly minCorrelation: number;
  readonly maxIterations: number;
  /** File of summary statistics in place of the expression. */
  readonly summary: string | undefined;
  readonly estimateResidualVariance: boolean;
}

/** Sizes of sets: the last of each class. */
const SIZES = [1, 5, 10, 25, 50, 100] as const;

/** The page of a fine-mapping. */
export function finemapReport(facts: FinemapFacts): CommandPage {
  const { version, cohort, found, lines, coverage, summary } = facts;
  const { genotypes, expression } = cohort.tables;
  const withSets = found.genes - (found.bySets.get(0) ?? 0);
  const single = found.sets.filter(({ size }) => size === 1).length;
  const sizes = found.sets.map(({ size }) => size);
  const total = found.sets.length;
  return {
    content: {
      title: "Fine-mapping",
      eyebrow: eyebrow(version, summary ?? expression.name, genotypes.name),
      lede: `${counted(total, "credible set")} (${Math.round(100 * coverage)}%) in ${count(withSets)} of ${counted(found.genes, "gene")}${total === 0 ? "" : `; half of them hold at most ${counted(median(sizes), "variant")}, and ${count(single)} a single one`}.`,
      summary: [
        {
          label: "Genes fine-mapped",
          value: count(found.genes),
          note: `${count(withSets)} with a credible set`,
        },
        { label: "Credible sets", value: count(total), note: `of ${Math.round(100 * coverage)}%` },
        ...(total === 0 ? [] : [{ label: "Median size", value: counted(median(sizes), "variant") }]),
        { label: "Sets of one variant", value: count(single) },
        { label: "Samples", value: count(cohort.report.used) },
        ...asFacts(lines),
      ],
      figuresNote: total === 0 ? ["No credible set was found: there is nothing to draw."] : [],
      tables: [
        inputsTable({ cohort, genesUsed: found.genes }),
        ...setTable(facts),
        {
          title: "Genes, by what became of them",
          place: "quality",
          columns: ["Status", "Genes", "Meaning"],
          rows: [...found.byStatus]
            .sort(([a, m], [b, n]) => Number(b === "ok") - Number(a === "ok") || n - m || (a < b ? -1 : 1))
            .map(([status, number]) => [status, count(number), MEANING[status] ?? ""]),
        },
      ],
      methods: methods(facts),
      references: references("susie", summary !== undefined && "susieRss"),
    },
    figures: (canvas) => figures(canvas, found),
  };
}

const MEANING: Readonly<Record<string, string>> = {
  ok: "Fitted",
  "not-converged": "Fitted, but still changing after the last iteration (--max-iterations)",
  "no-statistics": "The summary statistics have none of the gene's variants",
  "no-variants": "No variant that passed the filters in the window",
  constant: "The same expression in every sample analysed",
  collinear: "The covariates explain the expression entirely",
};

function figures(canvas: Canvas, { sets, bySets }: FoundSets): NamedFigure[] {
  if (sets.length === 0) return [];
  const classes = [...SIZES.keys(), SIZES.length];
  const low = (i: number): number => (i === 0 ? 1 : SIZES[i - 1]! + 1);
  const most = Math.max(...bySets.keys());
  const numbers = Array.from({ length: most + 1 }, (_, i) => i);
  return [
    {
      name: "set-sizes",
      title: "How many variants a set holds",
      caption:
        "Credible sets by their number of variants. Small sets name the variant; in large ones the variants are inherited together, and this cohort cannot tell them apart.",
      svg: bars(canvas, {
        title: "Credible sets by number of variants",
        ...{ classes: "Variants in the set", text: "Credible sets" },
        labels: classes.map((i) => {
          const last = SIZES[i];
          return last === undefined
            ? `> ${low(i) - 1}`
            : low(i) === last
              ? String(last)
              : `${low(i)}–${last}`;
        }),
        values: classes.map(
          (i) =>
            sets.filter(({ size }) => size >= low(i) && size <= (SIZES[i] ?? Number.POSITIVE_INFINITY))
              .length,
        ),
      }),
    },
    {
      name: "sets-per-gene",
      title: "Sets of a gene",
      caption:
        "Genes by their number of credible sets: each set is an effect of its own. 0: no variant stands out enough.",
      svg: bars(canvas, {
        title: "Genes by number of credible sets",
        ...{ classes: "Credible sets", text: "Genes" },
        labels: numbers.map(String),
        values: numbers.map((number) => bySets.get(number) ?? 0),
      }),
    },
  ];
}

function setTable({ found, cohort: { genes } }: FinemapFacts): ReportTable[] {
  if (found.sets.length === 0) return [];
  const order = [...found.sets].sort(
    (a, b) =>
      b.pip - a.pip || a.size - b.size || a.log10P - b.log10P || a.gene - b.gene || a.effect - b.effect,
  );
  return [
    {
      title: "Credible sets, the surest first",
      note: "The variant of largest posterior inclusion probability (PIP) of each set. Purity is the least |r| between two variants of the set. All are in finemap_sets and finemap_variants.",
      columns: [
        "Gene",
        "Set",
        "Variants",
        "Best variant",
        "Alleles",
        "PIP",
        "Distance",
        "Slope",
        "P",
        "Coverage",
        "Purity",
      ],
      rows: order.map((set) => [
        idCell(genes.symbol?.[set.gene] || genes.id[set.gene]!),
        `L${set.effect + 1}`,
        count(set.size),
        idCell(set.variant),
        idCell(set.alleles, 18),
        set.pip.toFixed(3),
        bases(set.position - genes.start[set.gene]!).replace("-", "−"),
        signed(set.slope),
        pValue(set.log10P),
        set.coverage.toFixed(3),
        set.purity.toFixed(2),
      ]),
      shown: TOP_ROWS,
    },
  ];
}

function methods(facts: FinemapFacts): string[] {
  const { version, cohort, found, window, effects, coverage, minCorrelation, maxIterations, summary } = facts;
  const k = cohort.report.covariatesUsed.length;
  const data =
    summary === undefined
      ? `from individual data of ${counted(cohort.report.used, "sample")}, ${counted(k, "covariate")} projected out of genotypes and expression. ${expressionText({ cohort })}`
      : `from the summary statistics in ${summary} and the linkage disequilibrium of ${counted(cohort.report.used, "sample")}, ${counted(k, "covariate")} projected out of the genotypes.`;
  const errors = cohort.covariance === undefined ? "" : ` ${covarianceText(cohort.covariance)}`;
  return [
    `${counted(found.genes, "gene")} ${found.genes === 1 ? "was" : "were"} fine-mapped with the sum of single effects (SuSiE; Wang and others 2020) as Qortex ${version} computes it, ${data}${errors}`,
    `Each gene's variants within ${bases(window)} were given at most ${counted(effects, "effect")}; prior variances were estimated by effect, and the residual variance was ${facts.estimateResidualVariance ? "estimated" : "fixed at that of the expression"}; fits ended when the evidence bound changed by less than 0.001, or after ${counted(maxIterations, "iteration")}. Credible sets have a coverage of at least ${plain(coverage, 2)}; sets with two variants of |r| < ${minCorrelation} were dropped.`,
  ];
}
