import { InputError } from "../errors.ts";
import { type MissingCovariates, numericCovariates } from "../formats/covariateNumbers.ts";
import type { GenotypeSource } from "../formats/genotypes.ts";
import type { GroupList, IndexTable } from "../formats/permutationFiles.ts";
import type {
  Coupling,
  CovarianceTable,
  CovariateTable,
  DonorList,
  ExpressionTable,
  PairList,
} from "../formats/tables.ts";
import { counted, listed } from "../formats/wording.ts";
import { type OrthonormalBasis, orthonormalBasis } from "../statistics/linalg.ts";
import { canonicalChromosome, checkOneNameEach, matchChromosomes } from "./chromosomes.ts";
import { type Contexts, codeContexts } from "./contexts.ts";
import {
  type CohortCovariance,
  refuseCovariance,
  SampleWhitener,
  sharedVarianceOf,
  sharedVarianceText,
} from "./covariance.ts";
import { dominantSamples, dominantText } from "./dominant.ts";
import { repeatedVersionsText } from "./ensemblVersions.ts";
import { geneOrder, type Transform } from "./expression.ts";
import { type CohortMarks, cohortMarks } from "./marks.ts";
import { residualExpression } from "./residuals.ts";
import { sampleCovariance } from "./sampleCovariance.ts";
import { fewMatched, matchSamples, type SampleMatch } from "./samples.ts";
import type { ChrXReport, SexChromosomes } from "./sexChromosomes.ts";

/**
 * What is said of each gene of the input. Only `ok` genes have a statistic; a `no-hit` gene was tested in a
 * map that writes the pairs below a p-value only, and has none there; a `not-converged` one has a lead, but no beta distribution
 * fits its permutations.
 */
export type GeneStatus = "ok" | "no-hit" | "not-converged" | "no-variants" | "constant" | "collinear";

/**
 * `ols`: covariates projected out of expression and genotypes, n - 2 - k degrees of freedom (tensorQTL,
 * MatrixEQTL, FastQTL). `qtltools`: out of expression only, n - 2 degrees of freedom.
 */
export type Model = "ols" | "qtltools";

/** The tables of one cohort, as read. */
export interface CohortTables {
  readonly genotypes: GenotypeSource;
  readonly expression: ExpressionTable;
  readonly covariates?: CovariateTable | undefined;
  /** What an interaction map tests genotypes with. */
  readonly contexts?: CovariateTable | undefined;
  /** The context is sex: its two classes stand for the halves of the samples. */
  readonly contextIsSex?: boolean | undefined;
  /** How X, Y and MT are treated; without it as autosomes. `genotypes` heed it already (see `withHaploidMales`). */
  readonly sexChromosomes?: SexChromosomes | undefined;
  readonly coupling?: Coupling | undefined;
  /** What samples share. */
  readonly covariance?: CovarianceTable | undefined;
  /** Donors that have several samples. */
  readonly donors?: DonorList | undefined;
  /** Sample ids (of genotypes or expression). */
  readonly keep?: readonly string[] | undefined;
  readonly remove?: readonly string[] | undefined;
  /** Variant ids. */
  readonly extract?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  /** The pairs that `mapPairs` tests. */
  readonly pairs?: PairList | undefined;
  /** Phenotypes that are tested together. */
  readonly groups?: GroupList | undefined;
  /** Permutations of the samples analysed, in place of seeded ones. */
  readonly permutationIndices?: IndexTable | undefined;
}

export interface Message {
  readonly level: "info" | "warning";
  /** One line. */
  readonly text: string;
}

export interface CohortOptions {
  /** Lowest minor allele frequency tested (inclusive). Default 0.01. */
  readonly maf?: number | undefined;
  /** Lowest minor allele count among the called samples (inclusive). Default 0. */
  readonly mac?: number | undefined;
  /** Lowest share of samples with a call (inclusive). Default 0. */
  readonly callRate?: number | undefined;
  /** Lowest exact Hardy-Weinberg p (inclusive). Default 0: no test. */
  readonly hwe?: number | undefined;
  readonly transform?: Transform | undefined;
  readonly model?: Model | undefined;
  /** Missing cells of the covariates: an error (default), or counted as the covariate's mean. */
  readonly missingCovariates?: MissingCovariates | undefined;
  /** Bytes that the eigenvectors of a covariance may take with the matrices they are made of. Default any number. */
  readonly memory?: number | undefined;
  /** The genes used are chosen of this cohort: of those that a sample dominates nothing is said before (see `dominantText`). */
  readonly genesLater?: boolean | undefined;
  /** Told of everything dropped, renamed or doubtful. */
  readonly onMessage?: ((message: Message) => void) | undefined;
}

export interface VariantFilters {
  readonly maf: number;
  readonly mac: number;
  readonly callRate: number;
  readonly hwe: number;
}

/** The genes of a run, in output order. */
export interface GeneTable {
  readonly id: readonly string[];
  readonly chromosome: readonly string[];
  /** 1-based first base: BED start + 1. */
  readonly start: Int32Array;
  /** 1-based last base: BED end. */
  readonly end: Int32Array;
  /** `+`, `-` or `.` where the file has none. */
  readonly strand: readonly string[];
  /** Of the annotation; empty where unknown. */
  readonly symbol?: readonly string[] | undefined;
  readonly biotype?: readonly string[] | undefined;
  /** The sample that makes up more than half of the residual's sum of squares, or empty. */
  readonly dominantSample?: readonly string[] | undefined;
  /** Where a covariance was fitted. */
  readonly sharedVariance?: SharedVariance | undefined;
}

/** How much of each gene's variance beside the covariates follows what samples share. */
export interface SharedVariance {
  /** Of the column in tables: heritability, or the intraclass correlation of a donor's samples. */
  readonly name: "h2" | "donor_icc";
  /** 0 to 0.95; NaN where the gene has no test. */
  readonly share: Float64Array;
}

/** How the samples of the files were matched, and what became of the covariates. */
export interface MatchReport extends SampleMatch {
  readonly used: number;
  /** Numeric covariates and dummies (`batch=B`) in the model. */
  readonly covariatesUsed: readonly string[];
  readonly covariatesDropped: readonly { readonly name: string; readonly why: string }[];
  readonly chrX?: ChrXReport | undefined;
}

/** One cohort, matched and residualised, ready to be mapped. */
export interface Cohort {
  readonly tables: CohortTables;
  readonly filters: VariantFilters;
  readonly transform: Transform;
  readonly model: Model;
  /** Expression ids of the samples analysed, in the order of the genotype file. */
  readonly samples: readonly string[];
  readonly report: MatchReport;
  readonly degreesOfFreedom: number;
  readonly genes: GeneTable;
  readonly geneStatus: readonly GeneStatus[];
  /** Row of each gene in the expression file. */
  readonly geneRow: Uint32Array;
  /** Code of each gene's chromosome in the genotypes, or -1. */
  readonly geneChromosome: Int32Array;
  /**
   * Residual expression of norm 1, `[gene * n + sample]`; all 0 for a gene that is not `ok`
   * (`no-variants` is settled later, by the window).
   */
  readonly residuals: Float64Array;
  /** Norm of each gene's residual before it was scaled to 1. */
  readonly residualNorm: Float64Array;
  /** Orthonormal basis of the centred covariates that genotypes are projected on: none for `qtltools`. */
  readonly genotypeBasis: OrthonormalBasis;
  /** Basis that expression was projected on. */
  readonly expressionBasis: OrthonormalBasis;
  /** Where samples are not independent: what `residuals`, `residualNorm` and norms of variants are then is said there. */
  readonly covariance?: CohortCovariance | undefined;
  /** Of an interaction map; no part of the covariates. See `withContexts`. */
  readonly contexts?: Contexts | undefined;
  /** Of this cohort (without contexts) in what is written of it. */
  readonly marks: CohortMarks;
  readonly onMessage: (message: Message) => void;
}

/**
 * Matches the samples, codes the covariates, and residualises expression on them.
 * Throws {@link InputError} for no common samples or too few for the covariates, a chromosome of two names,
 * and expression too large for a sum.
 */
export function buildCohort(tables: CohortTables, options: CohortOptions = {}): Cohort {
  const onMessage = options.onMessage ?? (() => {});
  const transform = options.transform ?? "none";
  const model = options.model ?? "ols";
  const { genotypes, expression, covariates, contexts } = tables;
  const match = matchSamples({
    genotypes,
    expression: { name: expression.name, samples: expression.samples, genes: expression.id },
    covariates,
    contexts,
    coupling: tables.coupling,
    donors: tables.donors,
    keep: tables.keep,
    remove: tables.remove,
  });
  const n = match.samples.length;
  const few = fewMatched(tables, match);
  if (few !== undefined) onMessage({ level: "warning", text: few });
  if (n < 3)
    throw new InputError(
      expression.name,
      `only ${counted(n, "sample")} in all files`,
      "3 are needed at the very least",
    );

  warnOfRepeatedDonors(tables.coupling, match.samples, onMessage);
  const coded = codeCovariates(covariates, match, options.missingCovariates, onMessage);
  const basis = orthonormalBasis(coded.values, coded.names, n);
  // A constant one changes nothing; leaving out a collinear one may be news.
  for (const { name, why } of basis.dropped)
    onMessage({
      level: why === "constant" ? "info" : "warning",
      text: `covariate ${name} dropped: ${why}`,
    });
  const k = basis.count;
  if (n <= k + 2) {
    throw new InputError(
      covariates?.name ?? expression.name,
      `${n} samples are too few for ${k} covariates: at least ${k + 3} are needed`,
      "use fewer covariates",
    );
  }
  if (k > n / 4) {
    const text = `${k} covariates for ${n} samples (more than a quarter): the map loses much of its power`;
    onMessage({ level: "warning", text });
  }

  checkOneNameEach(genotypes.chromosomes, genotypes.name);
  const { index: chromosomeOfGene, renamed } = matchChromosomes(expression.chromosome, genotypes.chromosomes);
  if (renamed !== undefined) {
    const text = `chromosome names differ: ${renamed.from} in ${expression.name} is ${renamed.to} in ${genotypes.name}; taken as the same`;
    onMessage({ level: "info", text });
  }
  const elsewhere = expression.chromosome.filter((_, g) => chromosomeOfGene[g]! < 0);
  if (elsewhere.length > 0) {
    const text = `${expression.name}: ${counted(elsewhere.length, "gene")} on chromosomes that ${genotypes.name} lacks (${listed(new Set(elsewhere))})`;
    onMessage({ level: elsewhere.length === expression.id.length ? "warning" : "info", text });
  }
  const order = geneOrder(
    expression,
    chromosomeRanks(expression, chromosomeOfGene, genotypes.chromosomes.length),
  );
  const noBasis = orthonormalBasis(new Float64Array(0), [], n);
  const sayInfo = (text: string): void => onMessage({ level: "info", text });
  if (model !== "ols")
    refuseCovariance({ covariance: tables.covariance ?? tables.donors }, `--model ${model}`);
  const shared = sampleCovariance(tables, match, sayInfo, options.memory);
  const whitener = shared && new SampleWhitener(shared, basis, order.length);
  const whitened = whitener && ((values: Float64Array, gene: number) => whitener.whiten(values, gene));
  const residual = residualExpression(expression, order, match.expressionIndex, transform, basis, whitened);
  const covariance = whitener?.covariance((gene) => residual.geneStatus[gene] === "ok");
  const sharedVariance = covariance && sharedVarianceOf(covariance, residual.geneStatus);
  // Beside a context it is fitted anew: see `withContexts`.
  if (sharedVariance !== undefined && contexts === undefined) {
    sayInfo(sharedVarianceText(covariance!.name, sharedVariance));
  }
  const dominantSample = dominantSamples(residual.residuals, match.samples);
  const id = Array.from(order, (g) => expression.id[g] ?? "");
  const versions = repeatedVersionsText(id);
  if (versions !== undefined) sayInfo(`${expression.name}: ${versions}`);
  const dominated = options.genesLater === true ? undefined : dominantText(id, dominantSample);
  if (dominated !== undefined) onMessage({ level: "warning", text: dominated });
  const { samples } = match;
  const degreesOfFreedom = model === "ols" ? n - 2 - k : n - 2;
  return {
    tables,
    filters: {
      maf: options.maf ?? 0.01,
      mac: options.mac ?? 0,
      callRate: options.callRate ?? 0,
      hwe: options.hwe ?? 0,
    },
    transform,
    model,
    samples,
    report: { ...match, used: n, covariatesUsed: basis.used, covariatesDropped: basis.dropped },
    degreesOfFreedom,
    genes: {
      id,
      chromosome: Array.from(order, (g) => expression.chromosome[g] ?? ""),
      start: Int32Array.from(order, (g) => expression.start[g]! + 1),
      end: Int32Array.from(order, (g) => expression.end[g]!),
      strand: Array.from(order, (g) => expression.strand[g] ?? "."),
      symbol: expression.symbol && Array.from(order, (g) => expression.symbol?.[g] ?? ""),
      biotype: expression.biotype && Array.from(order, (g) => expression.biotype?.[g] ?? ""),
      dominantSample,
      sharedVariance,
    },
    geneRow: order,
    geneChromosome: Int32Array.from(order, (g) => chromosomeOfGene[g]!),
    ...residual,
    genotypeBasis: model === "ols" ? basis : noBasis,
    expressionBasis: basis,
    covariance,
    contexts: contexts && codeContexts(contexts, match.contextIndex, samples.length, onMessage),
    marks: cohortMarks({ samples, expressionBasis: basis, covariance, model, transform, degreesOfFreedom }),
    onMessage,
  };
}

/** Tests take samples as independent: say so where the coupling file says that they are not. */
function warnOfRepeatedDonors(
  coupling: Coupling | undefined,
  samples: readonly string[],
  onMessage: (message: Message) => void,
): void {
  if (coupling === undefined) return;
  const donorOf = new Map(coupling.expressionSample.map((id, i) => [id, coupling.donor[i]]));
  const perDonor = new Map<string, number>();
  for (const id of samples) {
    const donor = donorOf.get(id);
    if (donor) perDonor.set(donor, (perDonor.get(donor) ?? 0) + 1);
  }
  const repeated = [...perDonor].filter(([, count]) => count > 1);
  if (repeated.length === 0) return;
  const [donor, count] = repeated[0]!;
  const donors = repeated.length === 1 ? "1 donor has" : `${repeated.length} donors have`;
  const text = `${coupling.name}: ${donors} several samples (${donor} has ${count}); they are tested as if independent, so p-values are too small: give --donors in place of --coupling, or keep one sample a donor with --remove`;
  onMessage({ level: "warning", text });
}

function codeCovariates(
  table: CovariateTable | undefined,
  match: SampleMatch,
  missing: MissingCovariates | undefined,
  onMessage: (message: Message) => void,
): { names: readonly string[]; values: Float64Array } {
  if (table === undefined) return { names: [], values: new Float64Array(0) };
  const coded = numericCovariates(table, match.covariateIndex, missing);
  for (const text of coded.messages) onMessage({ level: "info", text });
  for (const { name, why } of coded.dropped) {
    onMessage({ level: "warning", text: `covariate ${name} dropped: ${why}` });
  }
  return coded;
}

/** Rank of each gene's chromosome: the genotypes' order, then order of appearance in the expression file. */
function chromosomeRanks(expression: ExpressionTable, code: Int32Array, known: number): number[] {
  const others = new Map<string, number>();
  return expression.chromosome.map((name, g) => {
    if (code[g]! >= 0) return code[g]!;
    const canonical = canonicalChromosome(name);
    const rank = others.get(canonical) ?? known + others.size;
    others.set(canonical, rank);
    return rank;
  });
}
