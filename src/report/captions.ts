import { anchorOf, significantDistances, strongestLeads } from "./leads.ts";
import type { MapFacts } from "./mapFacts.ts";
import { bases, count, counted, threshold } from "./numbers.ts";
import type { Place } from "./report.ts";

/** The plots of a map, by the name of their file. */
export type FigureName = "manhattan" | "qq" | "expression-by-genotype" | "lead-distance" | "variant-by-gene";

export interface FigureText {
  readonly title: string;
  readonly place?: Place;
  /** What is drawn, and how to read it. */
  readonly caption: string;
}

/** Title and caption of a plot, written for someone who sees such a plot for the first time. */
export function figureText(name: FigureName, facts: MapFacts): FigureText {
  return TEXTS[name](facts);
}

/** The plots for which a run has something to show, in the order of the page. */
export function figureNames(facts: MapFacts): FigureName[] {
  const { map, result } = facts;
  const cis = map.kind === "cis";
  const pairs = cis ? result.counts.tests : result.counts.hits;
  const shown: readonly (readonly [FigureName, boolean])[] = [
    ["manhattan", pairs > 0],
    ["qq", result.null.log10P.length > 0],
    ["expression-by-genotype", strongestLeads(facts, 1).length > 0],
    ["lead-distance", cis && significantDistances(facts).length > 0],
    ["variant-by-gene", !cis && pairs > 0],
  ];
  return shown.filter(([, something]) => something).map(([name]) => name);
}

/** Why the other plots are not there. */
export function absentText(facts: MapFacts): string[] {
  const { map, result, significantQ } = facts;
  if (result.counts.tests === 0) return ["Nothing was tested, so there is nothing to draw."];
  if (map.kind === "trans" && result.counts.hits === 0)
    return [`No pair reached p ≤ ${threshold(map.pValue)}, so there is no plot of pairs.`];
  if (map.kind === "cis" && significantDistances(facts).length === 0)
    return [`No gene reached q ≤ ${significantQ}, so there is no plot of where lead variants lie.`];
  if (map.kind === "trans" && map.regressCis !== undefined)
    return [
      "There are no regional plots: each gene has its own cis signals as covariates, which the tests of all variants around a lead do not have.",
    ];
  return [];
}

const TEXTS: Readonly<Record<FigureName, (facts: MapFacts) => FigureText>> = {
  manhattan: ({ map, result }) => ({
    title: "Associations along the genome",
    caption: join(
      map.kind === "cis"
        ? `Each point is a variant tested with a nearby gene, at the variant's position; the higher, the smaller the p-value (10 is p = 10⁻¹⁰).`
        : `Each point is a pair with p ≤ ${threshold(map.pValue)}, at the variant's position; the higher, the smaller the p-value. Weaker pairs were tested but are not drawn.`,
      "A real effect is a tower: the variants inherited together with the causal one rise with it, so the top is where to look and not proof of which variant acts.",
      "Orange points are the lead variants of the strongest genes, named where there is room.",
      `Of points that would share a spot only the highest is drawn (${counted(map.kind === "cis" ? result.counts.tests : result.counts.hits, "pair")} in all).`,
    ),
  }),
  qq: ({ map, result, seed }) => ({
    title: "Are the p-values right?",
    caption: join(
      `A random sample of ${count(result.null.log10P.length)} of the pairs tested (seed ${seed}), whatever their p: sorted, against what chance alone would give. The grey band holds 95% of the points when there is no effect and pairs are independent; real pairs are correlated, so read it as a guide.`,
      map.kind === "cis"
        ? "Most points should start on the dashed diagonal and leave it only to the right, where the real effects are: near genes there are many, and they raise λ as well. Points that leave the diagonal from the very start would mean confounding or too few covariates."
        : "Nearly all points should lie on the dashed diagonal and λ be near 1. Points above it from the very start would mean confounding or related samples; points below it, a model that takes too much away.",
      "λ is the median χ² of the sample over its expectation.",
    ),
  }),
  "expression-by-genotype": ({ cohort }) => ({
    title: "The strongest pair, sample by sample",
    caption: join(
      `Each point is a sample; the sides are jittered so that points can be told apart. Boxes hold the middle half of each genotype, the bar is the median, whiskers reach the furthest sample within 1.5 box heights.`,
      cohort.report.covariatesUsed.length > 0
        ? "The covariates are taken out of the expression."
        : "There are no covariates.",
      "The orange line is the fitted slope: the change in expression per copy of the effect allele. Look for a steady step from class to class that does not hang on a few samples.",
    ),
  }),
  "lead-distance": ({ map, significantQ }) => ({
    place: "quality",
    title: "Where the lead variants lie",
    caption: join(
      `${DISTANCE[anchorOf(map)]} Drawn for genes at q ≤ ${significantQ}${map.kind === "cis" && map.pairs === undefined ? `; variants up to ${bases(map.window)} before and after the gene were tested, and leads further off, inside or behind a long gene, are in the outermost bars` : ""}.`,
      "Regulatory variants crowd around genes, so a sharp peak at 0 is a sign of a sound map: leads of chance findings are spread evenly over the window, and a peak elsewhere hints at mismatched genome builds.",
    ),
  }),
  "variant-by-gene": () => ({
    title: "Which variants act on which genes",
    caption: join(
      "A dot is a pair: across, where the variant is; up, where the gene is. Colour and size tell the strength.",
      "A vertical line is a variant that acts on many genes, as one near a transcription factor may (or one that tracks cell composition or a batch). A horizontal line is a gene with many distant variants, often a gene whose reads map to several places. The diagonal is where variant and gene are neighbours.",
    ),
  }),
};

/** What a distance is, as the tables of the run have it. */
const DISTANCE = {
  tss: "Position of the lead variant less that of its gene's first base (start_distance), whatever the strand: negative lies before it on the chromosome. Where the expression file gives the transcription start as the start of a gene, it is the distance from there.",
  body: "Distance of the lead variant from the nearest end of its gene (body_distance): 0 inside the gene, negative upstream, positive downstream.",
} as const;

function join(...sentences: readonly string[]): string {
  return sentences.join(" ");
}
