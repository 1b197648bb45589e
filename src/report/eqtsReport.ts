import type { EqtsResult } from "../association/scores/map.ts";
import type { Score } from "../association/scores/scores.ts";
import type { Cohort } from "../cohort/cohort.ts";
import { lambdaGC } from "../statistics/quantile.ts";
import { manhattanCollector } from "./collect.ts";
import { KEPT_ROWS } from "./keptReport.ts";
import { geneLayout } from "./layout.ts";
import { manhattan } from "./manhattan.ts";
import { covarianceText, expressionText } from "./methods.ts";
import {
  baseName,
  count,
  counted,
  degrees,
  geneName,
  placeText,
  plain,
  pValue,
  shorten,
  signed,
} from "./numbers.ts";
import { inputsTable } from "./pageParts.ts";
import { qq } from "./qq.ts";
import { references } from "./references.ts";
import type { Illustrated, NamedFigure, ReportTable } from "./report.ts";
import type { Canvas } from "./svg.ts";

/** What the page of a map of scores is made of. */
export interface EqtsFacts {
  readonly version: string;
  readonly cohort: Cohort;
  readonly scores: readonly Score[];
  readonly result: EqtsResult;
  readonly spearman: boolean;
  readonly permutations: number;
  readonly seed: number;
  /** Pairs at or below this q are significant. */
  readonly significantQ: number;
  readonly messages: readonly string[];
}

const TOP_PAIRS = 25;
const NAMED_GENES = 12;
const MOST_SCORES = 25;

/** The pairs with the smallest p, the first of equal ones first; with `once` one of each gene. */
function strongestPairs({ log10P, gene }: EqtsResult, most: number, once: boolean): number[] {
  const seen = new Set<number>();
  return Array.from(log10P.keys())
    .sort((a, b) => log10P[a]! - log10P[b]! || a - b)
    .filter((pair) => {
      if (once && seen.has(gene[pair]!)) return false;
      seen.add(gene[pair]!);
      return true;
    })
    .slice(0, most);
}

export function eqtsFigures(canvas: Canvas, { cohort, scores, result }: EqtsFacts): NamedFigure[] {
  const tests = result.gene.length;
  if (tests === 0) return [];
  const { genes } = cohort;
  const layout = geneLayout(genes);
  const points = manhattanCollector(layout);
  points.add({
    ...result,
    variant: result.gene,
    variants: { chromosome: [...genes.chromosome], position: genes.start },
  });
  const lambda = lambdaGC(result.log10P);
  return [
    {
      name: "manhattan",
      title: "Genes that follow a score",
      caption: `The strongest association with a score at each place of the genome, at the gene; names are of the strongest genes and their scores. The line is 0.05 over the number of tests. Genes at one place may follow one variant of the score that lies there.`,
      svg: manhattan(canvas, {
        layout,
        points: points.result(),
        labels: strongestPairs(result, NAMED_GENES, true).map((pair) => ({
          text: `${geneName(genes, result.gene[pair]!, 20)} · ${shorten(scores[result.score[pair]!]!.name, 16)}`,
          chromosome: genes.chromosome[result.gene[pair]!]!,
          position: genes.start[result.gene[pair]!]!,
          log10P: result.log10P[pair]!,
        })),
        line: { log10P: Math.log10(0.05 / tests), text: `0.05 / ${count(tests)} tests` },
        title: "Association with scores by position of the gene",
      }),
    },
    {
      name: "qq",
      title: "P-values of all pairs",
      caption:
        "Observed against expected p of every pair of a score and a gene. Scores that share variants, and genes that are expressed together, are not independent: the line may leave the band without an effect.",
      svg: qq(canvas, { log10P: result.log10P, lambda }),
    },
  ];
}

export function eqtsReport(
  facts: EqtsFacts,
  figures: readonly NamedFigure[],
  manifest: unknown,
): Illustrated {
  const { version, cohort, scores, result, significantQ } = facts;
  const { genotypes, expression, covariates } = cohort.tables;
  const significant = result.q.filter((q) => q <= significantQ).length;
  const tested = result.status.filter((status) => status === "ok").length;
  const k = cohort.report.covariatesUsed.length;
  const [best] = strongestPairs(result, 1, true);
  const inline = (label: string, value: string) => ({ label, value, inline: true });
  const { fdr } = result;
  return {
    title: "Polygenic scores and expression (eQTS)",
    eyebrow: `Qortex ${version} · ${[expression.name, genotypes.name].map(baseName).join(" · ")}`,
    lede: `Of ${counted(result.gene.length, "pair")} of a score and a gene tested in ${counted(cohort.report.used, "sample")}, ${count(significant)} ${significant === 1 ? "is" : "are"} associated (q ≤ ${significantQ}).`,
    summary: [
      {
        label: "Significant pairs",
        value: count(significant),
        note: `of ${count(result.gene.length)} tested, q ≤ ${significantQ}`,
      },
      { label: "Scores tested", value: count(tested), note: `of ${count(scores.length)}` },
      {
        label: "Samples",
        value: count(cohort.report.used),
        note: `${counted(k, "covariate")}, ${degrees(cohort.degreesOfFreedom)}`,
      },
      ...(fdr === undefined
        ? []
        : [
            {
              label: "Pairs at FDR ≤ 0.05",
              value: count(fdr.level.significant),
              note: `${counted(facts.permutations, "permutation")}; ${count(fdr.level.unmatched)} stronger than any permuted pair`,
            },
          ]),
      ...(best === undefined
        ? []
        : [
            {
              label: "P of the strongest pair",
              value: pValue(result.log10P[best]!),
              note: `${shorten(scores[result.score[best]!]!.name, 30)} × ${shorten(cohort.genes.id[result.gene[best]!]!, 30)}`,
            },
          ]),
      inline("Genotypes", genotypes.name),
      inline("Expression", expression.name),
      inline("Covariates", covariates?.name ?? "none"),
    ],
    figures,
    figuresNote: figures.length > 0 ? [] : ["No score could be tested: there is nothing to draw."],
    tables: [
      inputsTable({ cohort, variantsInFile: cohort.tables.genotypes.variantCount }),
      ...pairTable(facts),
      scoreTable(facts),
    ],
    methods: methods(facts),
    references: references("polygenicScores", "benjaminiHochberg"),
    messages: facts.messages,
    manifest,
  };
}

function pairTable({ cohort, scores, result }: EqtsFacts): ReportTable[] {
  const rows = strongestPairs(result, KEPT_ROWS, false);
  if (rows.length === 0) return [];
  const { genes } = cohort;
  const own = result.fdr?.ofPair;
  return [
    {
      title: "Strongest pairs",
      note: "b is the change of expression per standard deviation of the score; q the Benjamini-Hochberg value over all pairs.",
      columns: [
        "Score",
        "Gene",
        ...(genes.symbol === undefined ? [] : ["Symbol"]),
        "Place",
        "b ± SE",
        "P",
        "q",
        ...(own === undefined ? [] : ["FDR"]),
      ],
      shown: TOP_PAIRS,
      rows: rows.map((pair) => {
        const gene = result.gene[pair]!;
        return [
          scores[result.score[pair]!]!.name,
          genes.id[gene]!,
          ...(genes.symbol === undefined ? [] : [genes.symbol[gene] || "–"]),
          placeText(genes.chromosome[gene]!, genes.start[gene]!),
          `${signed(result.slope[pair]!)} ± ${plain(result.slopeSe[pair]!, 2)}`,
          pValue(result.log10P[pair]!),
          result.q[pair] === 0 ? "< 10⁻³⁰⁰" : pValue(Math.log10(result.q[pair]!)),
          ...(own === undefined ? [] : [plain(own[pair]!, 2)]),
        ];
      }),
    },
  ];
}

function scoreTable({ scores, result }: EqtsFacts): ReportTable {
  const more = scores.length > MOST_SCORES ? ` The first ${MOST_SCORES}; eqts_scores has all.` : "";
  return {
    title: "Scores",
    note: `Variants of each file that were used, and why others were not.${more}`,
    columns: [
      "Score",
      "Status",
      "Variants used",
      "Listed",
      "Not found",
      "Palindromic",
      "Clumped",
      "Other reasons",
    ],
    rows: scores.slice(0, MOST_SCORES).map(({ name, used, counts }, s) => {
      const others =
        counts.unusable +
        counts.aboveThreshold +
        counts.hla +
        counts.otherAlleles +
        counts.ambiguous +
        counts.constant;
      return [
        name,
        result.status[s]!,
        ...[used, counts.listed, counts.notFound, counts.palindromic, counts.clumped, others].map(count),
      ];
    }),
  };
}

function methods({ version, cohort, scores, result, spearman, permutations, seed }: EqtsFacts): string[] {
  const k = cohort.report.covariatesUsed.length;
  const ofGwas = scores.some(({ threshold }) => !Number.isNaN(threshold));
  const made = `Scores are sums of weights times copies of the effect allele over variants matched by id or place and alleles; strands of palindromic variants were told by frequency or left out, missing genotypes set to the mean of the called ones.${ofGwas ? " Scores of a GWAS are of its variants up to a p, outside the HLA region, clumped twice (250 kb, then 5 Mb, r² 0.1) by the genotypes of this cohort." : ""}`;
  const errors = cohort.covariance === undefined ? "" : ` ${covarianceText(cohort.covariance)}`;
  const ranks = spearman ? "Ranks of the expression of each gene were" : "The expression of each gene was";
  const test = `${ranks} regressed on ${spearman ? "ranks of " : ""}each score beside ${counted(k, "covariate")} (${degrees(cohort.degreesOfFreedom)}, n − 2 − k): ${counted(result.gene.length, "pair")}, all in double precision.${errors} Q-values are Benjamini-Hochberg over all pairs.`;
  const again =
    permutations === 0
      ? ""
      : ` False discovery rates come from ${counted(permutations, "permutation")} of the donors (seed ${seed}): pairs of permuted maps per permutation over real ones with as small a p.`;
  return [
    `Associations of polygenic scores and expression were computed with Qortex ${version} from ${counted(cohort.report.used, "sample")}. ${expressionText({ cohort })} ${made}`,
    `${test}${again}`,
  ];
}
