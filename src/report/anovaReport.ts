import { bestPairs, geneQ } from "../association/anova/columns.ts";
import type { AnovaResult } from "../association/anova/result.ts";
import type { VariantStatus } from "../association/tables.ts";
import type { Cohort } from "../cohort/cohort.ts";
import type { VariantLabels } from "../formats/genotypes.ts";
import { dotCollector, manhattanCollector } from "./collect.ts";
import { KEPT_ROWS } from "./keptReport.ts";
import { geneLayout, variantLayout } from "./layout.ts";
import { manhattan } from "./manhattan.ts";
import { droppedTable } from "./mapTables.ts";
import { expressionText, variantsText } from "./methods.ts";
import { baseName, bases, count, counted, geneName, pValue, shorten, signed, threshold } from "./numbers.ts";
import { inputsTable } from "./pageParts.ts";
import { references } from "./references.ts";
import type { Illustrated, NamedFigure, ReportTable } from "./report.ts";
import type { Canvas } from "./svg.ts";
import { transDots } from "./transDots.ts";

/** What the page of a map of genotype classes is made of; `labels` of the result's pairs. */
export interface AnovaFacts {
  readonly version: string;
  readonly cohort: Cohort;
  readonly result: AnovaResult;
  readonly labels: VariantLabels;
  readonly pValue: number;
  readonly distance: number;
  readonly allPairs: boolean;
  /** Variants by status. */
  readonly variants: Readonly<Partial<Record<VariantStatus, number>>>;
  /** Genes at or below this q are significant. */
  readonly significantQ: number;
  readonly messages: readonly string[];
}

const TOP_GENES = 25;
const NAMED_GENES = 12;

/** Rows of the pairs of the strongest genes, by p corrected for the gene's tests. */
function strongestRows({ cohort, result }: AnovaFacts, most: number) {
  const { log10Bonferroni, q } = geneQ(cohort, result);
  const best = bestPairs(result, cohort.genes.id.length);
  return Array.from(best.keys())
    .filter((gene) => best[gene]! >= 0)
    .sort((a, b) => log10Bonferroni[a]! - log10Bonferroni[b]! || a - b)
    .slice(0, most)
    .map((gene) => ({ gene, row: best[gene]!, log10Corrected: log10Bonferroni[gene]!, q: q[gene]! }));
}

export function anovaFigures(canvas: Canvas, facts: AnovaFacts): NamedFigure[] {
  const { cohort, result, labels } = facts;
  if (result.gene.length === 0) return [];
  const layout = variantLayout(cohort.tables.genotypes);
  const genes = geneLayout(cohort.genes);
  const points = manhattanCollector(layout);
  const dots = dotCollector(layout, genes, cohort.genes);
  const variants = { chromosome: [...labels.chromosome], position: labels.position };
  const pairs = {
    variant: Uint32Array.from(result.gene.keys()),
    gene: result.gene,
    log10P: result.log10P,
    variants,
  };
  points.add(pairs);
  dots.add(pairs);
  const limit = threshold(facts.pValue);
  return [
    {
      name: "manhattan",
      title: "Where the classes of genotypes differ",
      caption: `The strongest pair at each place of the genome, at its variant: p of the F test of three classes of genotypes. Pairs with p ≤ ${limit} were kept; names are of the genes with the smallest corrected p. The line is 0.05 over the number of tests.`,
      svg: manhattan(canvas, {
        layout,
        points: points.result(),
        labels: strongestRows(facts, NAMED_GENES).map(({ gene, row }) => ({
          text: geneName(cohort.genes, gene, 24),
          chromosome: labels.chromosome[row]!,
          position: labels.position[row]!,
          log10P: result.log10P[row]!,
        })),
        line: { log10P: Math.log10(0.05 / result.tests), text: `0.05 / ${count(result.tests)} tests` },
        cutoff: -Math.log10(facts.pValue),
      }),
    },
    {
      name: "variant-by-gene",
      title: "Variant by gene",
      caption: `Each pair with p ≤ ${limit}, its variant across and its gene up.`,
      svg: transDots(canvas, { variants: layout, genes, points: dots.result(), geneTable: cohort.genes }),
    },
  ];
}

export function anovaReport(
  facts: AnovaFacts,
  figures: readonly NamedFigure[],
  manifest: unknown,
): Illustrated {
  const { version, cohort, result, significantQ } = facts;
  const { ok: tested = 0, ...dropped } = facts.variants;
  const variants = { read: cohort.tables.genotypes.variantCount, tested, dropped };
  const { genotypes, expression, covariates } = cohort.tables;
  const { q } = geneQ(cohort, result);
  const significant = q.filter((value) => value <= significantQ).length;
  const genesTested = result.testsOfGene.filter((tests) => tests > 0).length;
  const k = cohort.report.covariatesUsed.length;
  const [strongest] = strongestRows(facts, 1);
  const inline = (label: string, value: string) => ({ label, value, inline: true });
  return {
    title: "Genotype-class map (ANOVA)",
    eyebrow: `Qortex ${version} · ${[expression.name, genotypes.name].map(baseName).join(" · ")}`,
    lede: `Of ${counted(genesTested, "gene")} tested in ${counted(cohort.report.used, "sample")}, ${count(significant)} ${significant === 1 ? "differs" : "differ"} between the three classes of genotypes of a variant ${reach(facts)} (q ≤ ${significantQ}).`,
    summary: [
      {
        label: "Significant genes",
        value: count(significant),
        note: `of ${count(genesTested)} tested, q ≤ ${significantQ}`,
      },
      {
        label: "Pairs tested",
        value: count(result.tests),
        note: `${count(result.gene.length)} with p ≤ ${threshold(facts.pValue)}`,
      },
      {
        label: "Samples",
        value: count(cohort.report.used),
        note: `${counted(k, "covariate")}, F with 2 and ${count(result.degreesOfFreedom)} degrees of freedom`,
      },
      ...(strongest === undefined
        ? []
        : [
            {
              label: "P of the strongest gene",
              value: pValue(result.log10P[strongest.row]!),
              note: `${shorten(cohort.genes.id[strongest.gene]!, 30)} × ${shorten(facts.labels.id[strongest.row]!, 30)}`,
            },
          ]),
      inline("Genotypes", genotypes.name),
      inline("Expression", expression.name),
      inline("Covariates", covariates?.name ?? "none"),
      inline("Cross-mapping", "NOT filtered for cross-mapping"),
    ],
    figures,
    figuresNote: [
      "There is no QQ plot and there are no regional plots: only the pairs that pass are kept of a map of genotype classes.",
      ...(figures.length > 0
        ? []
        : [`No pair has p ≤ ${threshold(facts.pValue)}: there is nothing to draw.`]),
    ],
    tables: [
      inputsTable({ cohort, variants, genesUsed: genesTested }),
      ...strongestTable(facts),
      droppedTable(
        { variantsRead: variants.read, variantsTested: tested, dropped },
        "Variants, by what became of them",
      ),
    ],
    methods: methods(facts),
    references: references("matrixEqtl", "benjaminiHochberg"),
    messages: facts.messages,
    manifest,
  };
}

function reach({ allPairs, distance }: AnovaFacts): string {
  return allPairs ? "anywhere" : `more than ${bases(distance)} away or on another chromosome`;
}

function strongestTable(facts: AnovaFacts): ReportTable[] {
  const { cohort, result, labels } = facts;
  const rows = strongestRows(facts, KEPT_ROWS);
  if (rows.length === 0) return [];
  return [
    {
      title: "Strongest genes",
      note: "The variant of each gene with the smallest p. Effects are expression of samples with one and with two copies of the first allele less that of samples with none; corrected p is p times the gene's tests, q the Benjamini-Hochberg value of that over all genes tested. Where a class holds one or two samples its p is what those samples say: --mac leaves such variants out, --transform inverse-normal takes the weight of outlying samples away.",
      columns: [
        "Gene",
        "Variant",
        "Alleles",
        "Samples 0 / 1 / 2",
        "Effect 1",
        "Effect 2",
        "P",
        "P corrected",
        "q",
      ],
      shown: TOP_GENES,
      rows: rows.map(({ gene, row, log10Corrected, q }) => [
        cohort.genes.id[gene]!,
        labels.id[row]!,
        `${shorten(labels.effectAllele[row]!, 12)} / ${shorten(labels.otherAllele[row]!, 12)}`,
        `${result.samples0[row]} / ${result.samples1[row]} / ${result.samples2[row]}`,
        ...[result.effect1[row]!, result.effect2[row]!].map((value) =>
          Number.isNaN(value) ? "–" : signed(value),
        ),
        pValue(result.log10P[row]!),
        pValue(log10Corrected),
        q === 0 ? "< 10⁻³⁰⁰" : pValue(Math.log10(q)),
      ]),
    },
  ];
}

function methods(facts: AnovaFacts): string[] {
  const { version, cohort, result } = facts;
  const { variantCount } = cohort.tables.genotypes;
  const counts = { variantsTested: facts.variants.ok ?? 0, variantsRead: variantCount };
  const k = cohort.report.covariatesUsed.length;
  const model = `The expression of each gene was regressed on the three classes of genotypes of a variant beside ${counted(k, "covariate")} (MatrixEQTL's ANOVA model: F with 2 and n − 3 − k = ${count(result.degreesOfFreedom)} degrees of freedom; samples without a call are in the most frequent class).`;
  const pairs = `Variants were tested with all genes ${reach(facts).replace("anywhere", "wherever they lie")}: ${counted(result.tests, "pair")}. Pairs that could reach p ≤ ${threshold(facts.pValue)} were found by a screen whose error bound lets none escape, and computed in double precision; ${count(result.gene.length)} reached it. Pair-level q-values are Benjamini-Hochberg over all pairs tested; of genes, over the best p of each times its tests.`;
  return [
    `A map of genotype classes was computed with Qortex ${version} from ${counted(cohort.report.used, "sample")}. ${variantsText({ cohort, result: { counts } }).replace("Missing genotypes were set to the mean of the called ones.", "").trim()} ${expressionText({ cohort })}`,
    `${model} ${pairs}`,
  ];
}
