import type { Cohort } from "../cohort/cohort.ts";
import type { ExpressionSet } from "../cohort/expressionSet.ts";
import { type OpenOptions, openSources } from "../cohort/open.ts";
import { type OpenExpressionSetOptions, openExpressionSet } from "../cohort/openExpressionSet.ts";
import { type FileSource, fileSource } from "./files.ts";
import { openGenotypeFiles } from "./genotypeFiles.ts";
import { readH5ad } from "./h5ad.ts";
import { inflateGzip } from "./inflate.ts";
import { openRelatedness } from "./relatednessFiles.ts";

/** Paths of a cohort's files. */
export interface CohortFiles {
  /** PLINK 1: the prefix, or any of .bed, .bim, .fam; or a VCF, plain or gzip, with its .tbi beside it. With `variantPositions`: a matrix, variants x samples. */
  readonly genotypes: string;
  /** `id chr pos` of the variants of a matrix. */
  readonly variantPositions?: string | undefined;
  /** `id effect_allele other_allele` of the variants of a matrix. */
  readonly alleles?: string | undefined;
  /** Expression BED, or a matrix, genes x samples; plain or gzip. */
  readonly expression: string;
  /** `id chr start end` of the genes of a matrix. */
  readonly genePositions?: string | undefined;
  /** GTF, BED or table: places of the genes of a matrix, symbols, biotypes. */
  readonly annotation?: string | undefined;
  readonly covariates?: string | undefined;
  /** Contexts: sample and number, or a table as covariates are. */
  readonly interaction?: string | undefined;
  /** Sample and sex, a line each; or a .psam or .fam. Else that of the .fam, or of a VCF's haploid calls on X. */
  readonly sex?: string | undefined;
  readonly coupling?: string | undefined;
  /** Covariance of the errors, samples x samples. */
  readonly errorCovariance?: string | undefined;
  /** A list of relatives, a table of KING, or GCTA's relationship matrix: its prefix or its .grm.sp or .grm.bin. */
  readonly relatedness?: string | undefined;
  /** Expression sample and donor (genotype id), a line a sample. */
  readonly donors?: string | undefined;
  readonly keep?: string | undefined;
  readonly remove?: string | undefined;
  readonly extract?: string | undefined;
  readonly exclude?: string | undefined;
  /** Variant and gene, a pair a line: what `mapPairs` tests. */
  readonly pairs?: string | undefined;
  /** Phenotype and group, a line a phenotype. */
  readonly groups?: string | undefined;
  /** A permutation of the samples analysed a line, numbers from 0. */
  readonly permutationIndices?: string | undefined;
}

/** A cohort whose genotype files stay open until `close`. */
export type OpenCohort = Cohort & { close(): Promise<void> };

/**
 * Reads a cohort's files, matches samples and residualises expression; see `OpenOptions` for defaults.
 * Throws InputError, in one line, for anything that cannot be used.
 */
export async function openCohort(files: CohortFiles, options: OpenOptions = {}): Promise<OpenCohort> {
  const passing: FileSource[] = [];
  const optional = async (path: string | undefined): Promise<FileSource | undefined> => {
    if (path === undefined) return undefined;
    const source = await fileSource(path);
    passing.push(source);
    return source;
  };
  const genotypes = await openGenotypeFiles(files);
  try {
    const sources = {
      genotypes: genotypes.sources,
      expression: (await optional(files.expression))!,
      genePositions: await optional(files.genePositions),
      annotation: await optional(files.annotation),
      readHdf5: readH5ad,
      covariates: await optional(files.covariates),
      interaction: await optional(files.interaction),
      sex: await optional(files.sex),
      coupling: await optional(files.coupling),
      errorCovariance: await optional(files.errorCovariance),
      relatedness:
        files.relatedness === undefined
          ? undefined
          : await openRelatedness(files.relatedness, async (path) => (await optional(path))!),
      donors: await optional(files.donors),
      keep: await optional(files.keep),
      remove: await optional(files.remove),
      extract: await optional(files.extract),
      exclude: await optional(files.exclude),
      pairs: await optional(files.pairs),
      groups: await optional(files.groups),
      permutationIndices: await optional(files.permutationIndices),
    };
    const cohort = await openSources(sources, inflateGzip, options);
    const close = async (): Promise<void> => {
      await cohort.tables.genotypes.close?.();
      await genotypes.close();
    };
    return { ...cohort, close };
  } catch (error) {
    await genotypes.close();
    throw error;
  } finally {
    await Promise.all(passing.map((source) => source.close()));
  }
}

/** Paths of the files of one cohort's expression. */
export interface ExpressionFiles {
  /** BED, Parquet, h5ad, or a matrix of text, genes x samples; plain or gzip. Missing values are kept. */
  readonly expression: string;
  readonly covariates?: string | undefined;
  readonly annotation?: string | undefined;
  readonly keep?: string | undefined;
  readonly remove?: string | undefined;
}

/**
 * Reads the expression of a cohort without genotypes, and takes the covariates out of it. Throws InputError, in one line, for
 * anything that cannot be used.
 */
export async function openExpression(
  files: ExpressionFiles,
  options: OpenExpressionSetOptions = {},
): Promise<ExpressionSet> {
  const passing: FileSource[] = [];
  const optional = async (path: string | undefined): Promise<FileSource | undefined> => {
    if (path === undefined) return undefined;
    const source = await fileSource(path);
    passing.push(source);
    return source;
  };
  try {
    const sources = {
      expression: (await optional(files.expression))!,
      covariates: await optional(files.covariates),
      annotation: await optional(files.annotation),
      keep: await optional(files.keep),
      remove: await optional(files.remove),
      readHdf5: readH5ad,
    };
    return await openExpressionSet(sources, inflateGzip, options);
  } finally {
    await Promise.all(passing.map((source) => source.close()));
  }
}
