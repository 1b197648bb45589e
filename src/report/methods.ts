import { genesTested } from "../association/tables.ts";
import { discoveryText, unitsText } from "./geneLevelText.ts";
import { type CohortFacts, isScreened, type MapFacts } from "./mapFacts.ts";
import { bases, count, counted, degrees, threshold } from "./numbers.ts";
import { references } from "./references.ts";
import { crossMappingText } from "./transFacts.ts";

/**
 * What the run did, exactly, as paragraphs for a paper. Backend, threads and memory are not in it: they
 * change no number, so the report has the same bytes whatever they are.
 */
export function methodsText(facts: MapFacts): string[] {
  return [
    [samplesText(facts), variantsText(facts), expressionText(facts)].join(" "),
    [modelText(facts), pairsText(facts), resultsText(facts)].join(" "),
  ];
}

/** What {@link methodsText} rests on. */
export function mapReferences({ map, cohort, result }: MapFacts): string[] {
  const { within, pi0 } = result.geneLevel ?? {};
  const { covariance } = cohort;
  return references(
    "matrixEqtl",
    cohort.model === "qtltools" && "qtltools",
    within === "permutations" && "fastQtl",
    within === "permutations" && "tensorQtl",
    within === "acat" && "acat",
    within === "eigenmt" && "eigenMt",
    pi0 !== undefined && pi0.rule !== "bh" && pi0.fallback === undefined ? "storey" : "benjaminiHochberg",
    covariance !== undefined && covariance.kind !== "given" && "mixedModel",
    cohort.filters.hwe > 0 && "hardyWeinberg",
    map.kind === "trans" && map.crossMapping !== undefined && "crossMapping",
    "lambda",
  );
}

function samplesText({ map, version, cohort }: MapFacts): string {
  const what =
    map.kind === "cis" ? "A cis-eQTL map" : map.allPairs ? "An eQTL map of all pairs" : "A trans-eQTL map";
  const data = ["genotypes", "expression", ...(cohort.tables.covariates === undefined ? [] : ["covariates"])];
  return `${what} was computed with Qortex ${version} from ${counted(cohort.report.used, "sample")} that have ${list(data)}.`;
}

export function variantsText(facts: {
  readonly cohort: CohortFacts;
  readonly result: { readonly counts: { readonly variantsTested: number; readonly variantsRead: number } };
}): string {
  const { cohort, result } = facts;
  const { maf, mac, callRate, hwe } = cohort.filters;
  const filters = [
    maf > 0 ? `a minor allele frequency of at least ${maf}` : "",
    mac > 0 ? `a minor allele count of at least ${mac}` : "",
    callRate > 0 ? `a call rate of at least ${callRate}` : "",
    hwe > 0 ? `an exact Hardy-Weinberg p of at least ${threshold(hwe)}` : "",
  ].filter((filter) => filter !== "");
  const kept =
    filters.length === 0 ? "No filter was set on frequency or quality" : `Variants needed ${list(filters)}`;
  return `${kept}; ${count(result.counts.variantsTested)} of ${counted(result.counts.variantsRead, "variant")} were tested. Missing genotypes were set to the mean of the called ones.${chrXText(facts)}`;
}

/** How X was taken, where the file has it. */
function chrXText({ cohort: { report, filters } }: { readonly cohort: CohortFacts }): string {
  const { chrX } = report;
  if (chrX === undefined) return "";
  const where = `on X outside the pseudo-autosomal regions${chrX.build === "none" ? "" : ` of ${chrX.build}`}`;
  const variants = `${counted(chrX.variants, "variant")} ${where}`;
  if (chrX.treatment === "no-sex") return ` No sex was known, so the ${variants} were not tested.`;
  if (chrX.treatment === "exclude") return ` The ${variants} were not tested.`;
  if (chrX.treatment === "as-given") return ` The ${variants} were tested as given.`;
  const copies = chrX.treatment === "0/2" ? "two copies" : "one copy";
  const filtered =
    filters.maf > 0 || filters.hwe > 0 ? " Frequency and equilibrium were those in females." : "";
  return ` Males (${count(chrX.males)}, beside ${counted(chrX.females, "female")}) are haploid ${where}: their allele was counted as ${copies}, and heterozygous calls of theirs as missing.${filtered}`;
}

export function expressionText({ cohort }: Pick<MapFacts, "cohort">): string {
  return cohort.transform === "inverse-normal"
    ? "Expression was transformed gene by gene to normal quantiles of rank / (n + 1) among the samples analysed."
    : "Expression values were taken as given.";
}

function modelText({ cohort, result }: MapFacts): string {
  const k = cohort.report.covariatesUsed.length;
  const { degreesOfFreedom } = cohort;
  const columns = counted(k, "covariate");
  const what = genesTested(result.counts);
  const adjusted =
    k === 0
      ? `without covariates (${degrees(degreesOfFreedom)}, n − 2)`
      : cohort.model === "ols"
        ? `with ${columns} and an intercept projected out of both (ordinary least squares, ${degrees(degreesOfFreedom)}, n − 2 − k)`
        : `with ${columns} projected out of expression only, as QTLtools does (${degrees(degreesOfFreedom)}, n − 2)`;
  const text = `The expression of each of ${counted(what, "gene")} was regressed on the number of copies of the effect allele ${adjusted}.`;
  return cohort.covariance === undefined
    ? text
    : `${text.replace("ordinary least squares", "generalised least squares")} ${covarianceText(cohort.covariance)}`;
}

/** How the errors of samples were taken to be related. */
export function covarianceText({ kind, name }: NonNullable<MapFacts["cohort"]["covariance"]>): string {
  const fitted =
    "whose share h was estimated for each gene by restricted maximum likelihood in the model without variants (a grid of 0, 0.05, ..., 0.95) and then held for all of the gene's variants";
  switch (kind) {
    case "given":
      return `Samples were not taken as independent: generalised least squares with the covariance of the errors in ${name}.`;
    case "relatedness":
      return `Samples were not taken as independent: errors have the covariance h K + (1 − h) I (generalised least squares), K being the relationship matrix in ${name}, ${fitted}.`;
    case "donors":
      return `Samples of one donor (${name}) were not taken as independent: their errors correlate by h (generalised least squares with compound symmetry), ${fitted}.`;
  }
}

function pairsText({ map, result }: MapFacts): string {
  const { tests, hits } = result.counts;
  if (map.kind === "cis") {
    if (map.pairs !== undefined)
      return `The pairs of a variant and a gene listed in ${map.pairs} were tested: ${counted(tests, "pair")}, all in double precision; ${DISTANCES[map.anchor]}.`;
    return `Every variant kept, from ${bases(map.window)} before the first base of a gene to ${bases(map.window)} after its last base (bounds included), was tested with it: ${counted(tests, "pair")}, all in double precision; ${DISTANCES[map.anchor]}.`;
  }
  const which = map.allPairs
    ? "All variants were tested with all genes"
    : `Variants were tested with all genes on other chromosomes or more than ${bases(map.distance)} away`;
  const limit = `p ≤ ${threshold(map.pValue)}`;
  const how = isScreened(map.pValue)
    ? `Pairs that could reach ${limit} were found by a screen whose error bound lets none escape, and computed in double precision;`
    : `All were computed in double precision, and those with ${limit} kept:`;
  return `${which}: ${counted(tests, "pair")}. ${how} ${count(hits)} reached it. In the tables, ${DISTANCES.tss}.`;
}

const DISTANCES = {
  tss: "distances are position less first base of the gene, whatever its strand",
  body: "distances are 0 within the gene, else to its nearest end, positive downstream",
} as const;

/** How genes were tested, up to what is called significant. */
function genesText(facts: MapFacts): string {
  const level = facts.result.geneLevel;
  const units = level?.grouping ? "groups" : "genes";
  const over = `over ${unitsText(facts)} by ${qText(facts)}, and ${units}`;
  switch (level?.within) {
    case "permutations":
      return `${permutedText(facts)} These p-values were adjusted ${over}`;
    case "acat":
      return `the p-values of all variants of a gene were combined by the aggregated Cauchy test (ACAT), and the results adjusted ${over}`;
    case "eigenmt":
      return `its p times the effective number of tests among the gene's variants (eigenMT: windows of 200 variants, 99% of the variance) was adjusted ${over}`;
    case "bonferroni":
      return `its p times the number of variants tested with the gene (Bonferroni) was adjusted ${over}`;
    default:
      return "its p times the number of variants tested with the gene (Bonferroni) was adjusted over all genes tested by Benjamini and Hochberg, and genes";
  }
}

/** The permutations of a run and what is made of them. */
function permutedText({ cohort, result, seed }: MapFacts): string {
  const { grouping, permutations } = result.geneLevel ?? {};
  const { least = 0, most = 0 } = permutations ?? {};
  const often =
    least === most
      ? `${count(most)} times`
      : `${count(least)} to ${count(most)} times (until 100 permutations reached the lead)`;
  const given = cohort.tables.permutationIndices;
  const source = given === undefined ? `seed ${seed}` : `permutations of ${given.name}`;
  const projected =
    cohort.covariance !== undefined
      ? "residuals multiplied by the square root of the errors' inverse covariance were permuted among samples, and projected again"
      : cohort.model === "ols"
        ? "expression was permuted among samples and projected on the covariates again"
        : "residual expression was permuted among samples";
  const unit = grouping ? "group of phenotypes" : "gene";
  const treatment = given === undefined ? cohort.report.chrX?.treatment : undefined;
  const onX = treatment === "0/2" || treatment === "0/1" ? "; of genes on X within each sex" : "";
  return `${projected} ${often} (${source}, the same permutations for all genes${onX}); the best correlations of each ${unit} were turned into p-values at effective degrees of freedom, to which a beta distribution was fitted by maximum likelihood, and its tail below the p of the lead is the p of the ${unit}.`;
}

function qText(facts: MapFacts): string {
  const text = discoveryText(facts);
  return text.startsWith("Benjamini-Hochberg")
    ? text.replace("Benjamini-Hochberg", "Benjamini and Hochberg's method")
    : `the q-values of ${text}`;
}

function resultsText(facts: MapFacts): string {
  const { map, result, seed, significantQ } = facts;
  const tied = "tied ones by the nearest to the gene";
  const pairs =
    map.kind === "trans"
      ? ` Pair-level q-values are Benjamini-Hochberg over all pairs tested.${signalsText(map.regressCis)}${permutationText(facts)} Pairs that cross-map: ${crossMappingText({ map, result })}.`
      : "";
  const sample = result.null.log10P.length;
  const inflation =
    sample === 0
      ? " With no pair tested, there is no estimate of genomic inflation."
      : ` Genomic inflation (λ = ${result.null.lambda.toFixed(3)}) was estimated from a random sample of ${counted(sample, "tested pair")} (seed ${seed}).`;
  return `P-values are two-sided, from the t distribution, computed as logarithms. The lead variant of a gene is the one with the smallest p (${tied}); ${genesText(facts)} at q ≤ ${significantQ} are called significant.${pairs}${inflation}`;
}

function signalsText(regressCis: string | undefined): string {
  if (regressCis === undefined) return "";
  return ` The lead cis variants of each gene listed in ${regressCis} were further covariates of that gene, projected out of its expression and of the variants it was tested with (one degree of freedom less for each).`;
}

function permutationText({ cohort, result: { permutations: found } }: MapFacts): string {
  if (found === undefined) return "";
  const treatment = cohort.report.chrX?.treatment;
  const within = treatment === "0/2" || treatment === "0/1" ? " within each sex" : "";
  const again =
    cohort.covariance === undefined
      ? "with expression projected on the covariates again"
      : "residuals multiplied by the square root of the errors' inverse covariance being permuted and projected again";
  return ` False discovery rates come from ${counted(found.permutations, "permutation")} of the donors${within}, one for all genes, ${again}: hits of permuted maps per permutation over real ones with as small a p, for pairs, for genes (best pair) and for loci (a gene's hits on one chromosome, each within ${bases(found.locusDistance)} of the one before; best pair).`;
}

function list(parts: readonly string[]): string {
  return parts.length < 2
    ? (parts[0] ?? "")
    : `${parts.slice(0, -1).join(", ")} and ${parts[parts.length - 1]}`;
}
