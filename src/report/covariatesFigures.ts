import { type Covariates, OUTLIER_SD } from "../association/covariates.ts";
import { expressionStatus, genotypeStatus } from "../association/covariateTables.ts";
import { EGENE_Q } from "../association/titration.ts";
import { canonicalChromosome } from "../cohort/chromosomes.ts";
import { type Components, varianceShare } from "../cohort/components.ts";
import { elbowOf } from "../statistics/elbow.ts";
import { correlationMap } from "./correlationMap.ts";
import { count, counted } from "./numbers.ts";
import { pcScatter } from "./pcScatter.ts";
import type { NamedFigure } from "./report.ts";
import { type ComponentUse, scree } from "./scree.ts";
import type { Canvas } from "./svg.ts";
import { titrationCurve } from "./titrationCurve.ts";

/** Eigenvalues drawn. */
const DRAWN = 60;
const GENOTYPE_DRAWN = 20;

/** The plots of a set of covariates that have something to show. */
export function covariatesFigures(canvas: Canvas, result: Covariates): NamedFigure[] {
  return [
    ...genotypeFigures(canvas, result),
    expressionScree(canvas, result),
    ...titrationFigure(canvas, result),
    ...correlationFigure(canvas, result),
  ];
}

function genotypeFigures(canvas: Canvas, result: Covariates): NamedFigure[] {
  const { genotype, samples } = result;
  if (genotype === undefined) return [];
  const { components, outliers, pruned } = genotype;
  const figures: NamedFigure[] = [];
  if (components.count > 1) {
    const axis = (k: number) => `Genotype PC${k + 1} (${percent(varianceShare(components, k))})`;
    const far = [...new Set(outliers.map(({ sample }) => sample))];
    figures.push({
      name: "genotype-pcs",
      title: "Samples by genotype",
      caption: `The first two principal components of ${counted(pruned.counts.kept, "variant")} in approximate linkage equilibrium, a dot a sample. In the accent colour: samples more than ${OUTLIER_SD} standard deviations from the mean of any of the ${components.count} components.`,
      svg: pcScatter(canvas, {
        x: vector(components, 0, samples.length),
        y: vector(components, 1, samples.length),
        ...{ xText: axis(0), yText: axis(1), limit: `${OUTLIER_SD} SD` },
        outliers: far.map((sample) => ({ sample, name: samples[sample]! })),
      }),
    });
  }
  const elbow = screeElbow(components, GENOTYPE_DRAWN);
  figures.push({
    name: "genotype-scree",
    title: "Genotype components",
    caption: `Share of the genotypes' variance of each component; those in the model are dark. ${bendText(elbow)} Components before the bend are as a rule ancestry, those after it mostly noise and relatives.`,
    svg: scree(canvas, {
      share: shares(components, GENOTYPE_DRAWN),
      use: (k) => (k >= components.count ? "not used" : USE[genotypeStatus(result, k)]),
      elbow,
      title: "Share of variance of the genotype components",
    }),
  });
  return figures;
}

const USE: Readonly<Record<ReturnType<typeof expressionStatus>, ComponentUse>> = {
  used: "used",
  "not-chosen": "not used",
  "variant-driven": "set aside",
  collinear: "set aside",
};

function expressionScree(canvas: Canvas, result: Covariates): NamedFigure {
  const { expression, drivers } = result;
  const elbow = screeElbow(expression, DRAWN);
  const driven =
    drivers.length === 0
      ? "No variant drives one of them."
      : "Those in the accent colour follow a variant and are set aside.";
  return {
    name: "expression-scree",
    title: "Expression components",
    caption: `Share of variance of each component of what the given covariates and genotype components leave of expression (${counted(expression.features, "gene")}, each scaled alike); those in the model are dark. ${driven} ${bendText(elbow)}`,
    svg: scree(canvas, {
      share: shares(expression, DRAWN),
      use: (k) => (k >= expression.count ? "not used" : USE[expressionStatus(result, k)]),
      elbow,
      title: "Share of variance of the expression components",
    }),
  };
}

function titrationFigure(canvas: Canvas, { titration, chosen }: Covariates): NamedFigure[] {
  if (titration === undefined || titration.points.length < 2) return [];
  const { points, elbow, maximum, chromosome } = titration;
  const tested = Math.max(...points.map(({ genesTested }) => genesTested));
  return [
    {
      name: "titration",
      title: "How many expression components",
      caption: `eGenes (q ≤ ${EGENE_Q}) among ${counted(tested, "gene")} of chromosome ${canonicalChromosome(chromosome)} against the number of expression components in the model. Elbow ${elbow}, maximum ${maximum}, ${count(chosen)} chosen.`,
      svg: titrationCurve(canvas, {
        components: points.map(({ components }) => components),
        egenes: points.map(({ egenes }) => egenes),
        ...{ elbow, maximum, chosen },
      }),
    },
  ];
}

function correlationFigure(canvas: Canvas, { correlations }: Covariates): NamedFigure[] {
  if (correlations === undefined) return [];
  return [
    {
      name: "covariate-correlation",
      title: "Covariates and components",
      caption:
        "Squared correlation of each covariate with the genotype components and with the first components of expression before any covariate is taken out (unadjusted): what a covariate has to do with expression. The components in the covariate file are made of what is left, and are uncorrelated with all of these.",
      svg: correlationMap(canvas, correlations),
    },
  ];
}

function vector({ vectors }: Components, k: number, samples: number): Float64Array {
  return vectors.subarray(k * samples, (k + 1) * samples);
}

function shares(components: Components, most: number): number[] {
  const drawn = Math.min(most, components.eigenvalues.filter((value) => value > 0).length);
  return Array.from({ length: drawn }, (_, k) => varianceShare(components, k));
}

/** How many components come before the bend of the scree plot's first `most` ones. */
export function screeElbow(components: Components, most: number): number {
  const y = shares(components, most);
  return elbowOf(
    y.map((_, k) => k),
    y,
  );
}

function bendText(elbow: number): string {
  if (elbow === 0) return "The curve has no bend.";
  return `The curve bends after ${counted(elbow, "component")}.`;
}

function percent(share: number): string {
  return `${(100 * share).toPrecision(2)}%`;
}
