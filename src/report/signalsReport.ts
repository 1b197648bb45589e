import type { GeneSignals } from "../association/conditional/signal.ts";
import { bars } from "./bars.ts";
import { leadDistance } from "./leadDistance.ts";
import type { CohortFacts } from "./mapFacts.ts";
import { expressionText } from "./methods.ts";
import { bases, count, counted, plain, pValue, signed } from "./numbers.ts";
import { asFacts, type CommandPage, eyebrow, idCell, inputsTable, statuses, TOP_ROWS } from "./pageParts.ts";
import { references } from "./references.ts";
import type { NamedFigure, ReportTable, SummaryItem } from "./report.ts";
import type { Canvas } from "./svg.ts";

/** A signal as the page has it. */
interface ShownSignal {
  readonly gene: number;
  readonly rank: number;
  readonly variant: string;
  readonly position: number;
  readonly alleles: string;
  readonly af: number;
  readonly slope: number;
  readonly slopeSe: number;
  readonly log10P: number;
  readonly log10PBeta: number;
}

/** What the page keeps of a search: its signals, without the statistics of their windows. */
export class FoundSignals {
  readonly signals: ShownSignal[] = [];
  /** Genes by number of signals, and by status. */
  readonly bySignals = new Map<number, number>();
  readonly byStatus = new Map<string, number>();
  genes = 0;

  add({ status, signals }: GeneSignals): void {
    this.genes++;
    this.bySignals.set(signals.length, (this.bySignals.get(signals.length) ?? 0) + 1);
    this.byStatus.set(status, (this.byStatus.get(status) ?? 0) + 1);
    for (const { rank, gene, variants, row, test } of signals) {
      this.signals.push({
        ...{ gene, rank, variant: variants.id[row]!, position: variants.position[row]! },
        alleles: `${variants.effectAllele[row]} / ${variants.otherAllele[row]}`,
        ...{ af: variants.af[row]!, slope: test.slope, slopeSe: test.slopeSe },
        ...{ log10P: test.log10P, log10PBeta: test.log10PBeta },
      });
    }
  }
}

export interface SignalsFacts {
  readonly version: string;
  readonly cohort: CohortFacts;
  readonly found: FoundSignals;
  /** The terminal's. */
  readonly lines: readonly SummaryItem[];
  readonly window: number;
  readonly fdr: number;
  /** `1,000 permutations (seed 1)`. */
  readonly permutations: string;
  /** Beta p at or below this makes a signal. */
  readonly threshold: number;
  readonly degreesOfFreedom: "full" | "learnt";
}

/** The page of a search for independent signals. */
export function signalsReport(facts: SignalsFacts): CommandPage {
  const { version, cohort, found, lines } = facts;
  const { genotypes, expression } = cohort.tables;
  const several = severalSignals(found);
  const total = found.signals.length;
  return {
    content: {
      title: "Independent cis signals",
      eyebrow: eyebrow(version, expression.name, genotypes.name),
      lede: `${counted(total, "independent signal")} of ${counted(found.genes, "gene")}; ${count(several)} ${several === 1 ? "has" : "have"} more than one.`,
      summary: [
        { label: "Genes searched", value: count(found.genes), note: `q ≤ ${facts.fdr} in the cis map` },
        { label: "Signals", value: count(total) },
        { label: "Several signals", value: count(several), note: "genes with more than one" },
        { label: "Samples", value: count(cohort.report.used) },
        ...asFacts(lines),
      ],
      figuresNote: total === 0 ? ["No signal was found: there is nothing to draw."] : [],
      tables: [inputsTable({ cohort, genesUsed: found.genes }), ...signalTable(facts), ...genesTable(facts)],
      methods: methods(facts),
      references: references(
        "tensorQtl",
        "fastQtl",
        cohort.covariance !== undefined && cohort.covariance.kind !== "given" && "mixedModel",
      ),
    },
    figures: (canvas) => figures(canvas, facts),
  };
}

function severalSignals({ bySignals }: FoundSignals): number {
  return [...bySignals].reduce((sum, [signals, genes]) => sum + (signals > 1 ? genes : 0), 0);
}

function figures(canvas: Canvas, { found, cohort, window }: SignalsFacts): NamedFigure[] {
  if (found.signals.length === 0) return [];
  const most = Math.max(...found.bySignals.keys());
  const numbers = Array.from({ length: most + 1 }, (_, i) => i).filter(
    (i) => i > 0 || found.bySignals.has(0),
  );
  const { start } = cohort.genes;
  return [
    {
      name: "signals-per-gene",
      title: "Signals of a gene",
      caption:
        "Genes by their number of independent signals. A second signal is a variant that still acts when the first is in the model.",
      svg: bars(canvas, {
        title: "Genes by number of independent signals",
        classes: "Independent signals",
        text: "Genes",
        labels: numbers.map(String),
        values: numbers.map((number) => found.bySignals.get(number) ?? 0),
      }),
    },
    {
      name: "signal-distance",
      title: "Where the signals lie",
      caption:
        "Position of each signal less that of its gene's first base, whatever the strand. First signals crowd around the start; further ones lie wider.",
      svg: leadDistance(canvas, {
        distance: Float64Array.from(found.signals, ({ gene, position }) => position - start[gene]!),
        ...{ window: Math.max(1, window), from: "first base" },
        title: "Distance of independent signals from their gene",
      }),
    },
  ];
}

/** The strongest signals that are not the first of their gene come first: what a map without this search lacks. */
function signalTable({ found, cohort: { genes } }: SignalsFacts): ReportTable[] {
  if (found.signals.length === 0) return [];
  const order = [...found.signals].sort(
    (a, b) =>
      Number(a.rank === 1) - Number(b.rank === 1) ||
      a.log10PBeta - b.log10PBeta ||
      a.log10P - b.log10P ||
      a.gene - b.gene ||
      a.rank - b.rank,
  );
  return [
    {
      title: "Signals beyond the first, then the others",
      note: "Each by its test given the other signals of the gene; alleles are effect / other, AF the frequency of the effect allele. All are in cis_independent.",
      columns: ["Gene", "Rank", "Variant", "Alleles", "AF", "Distance", "Slope ± SE", "P", "Beta P"],
      rows: order.map((signal) => [
        idCell(genes.symbol?.[signal.gene] || genes.id[signal.gene]!),
        String(signal.rank),
        idCell(signal.variant),
        idCell(signal.alleles, 18),
        signal.af.toFixed(3),
        bases(signal.position - genes.start[signal.gene]!).replace("-", "−"),
        `${signed(signal.slope)} ± ${plain(signal.slopeSe, 2)}`,
        pValue(signal.log10P),
        pValue(signal.log10PBeta),
      ]),
      shown: TOP_ROWS,
    },
  ];
}

const MEANING: Readonly<Record<string, string>> = {
  ok: "Searched to its end",
  "not-converged": "No beta distribution fits some permutations: the search stopped there",
  "lead-not-tested": "The cis map's lead is not among the variants tested here",
  "no-variants": "No variant that passed the filters in the window",
  constant: "The same expression in every sample analysed",
  collinear: "The covariates explain the expression entirely",
};

function genesTable({ found }: SignalsFacts): ReportTable[] {
  if (found.genes === 0) return [];
  return [
    {
      title: "Genes, by what became of them",
      place: "quality",
      columns: ["Status", "Genes", "Meaning"],
      rows: [...found.byStatus]
        .sort(([a, m], [b, n]) => Number(b === "ok") - Number(a === "ok") || n - m || (a < b ? -1 : 1))
        .map(([status, number]) => [status, count(number), MEANING[status] ?? ""]),
    },
  ];
}

function methods({
  version,
  cohort,
  found,
  window,
  fdr,
  permutations,
  threshold,
  degreesOfFreedom,
}: SignalsFacts): string[] {
  const k = cohort.report.covariatesUsed.length;
  const notSearched =
    found.byStatus.get("ok") === found.genes ? "" : ` (${statuses(Object.fromEntries(found.byStatus))})`;
  return [
    `Conditionally independent cis signals were sought with Qortex ${version} in ${counted(cohort.report.used, "sample")}, for ${counted(found.genes, "gene")} with q ≤ ${fdr} in a cis map${notSearched}. ${expressionText({ cohort })} ${counted(k, "covariate")} ${k === 1 ? "was" : "were"} in every model.`,
    `As tensorQTL does, variants within ${bases(window)} of the gene were added by forward selection while the beta-approximated permutation p of the best one was at most ${plain(threshold)}, the largest among the significant genes; a backward pass then tested each signal given all others. Each test had ${permutations}, with the beta distribution fitted at ${degreesOfFreedom === "learnt" ? "degrees of freedom learnt from the permutations" : "the model's degrees of freedom"}.`,
  ];
}
