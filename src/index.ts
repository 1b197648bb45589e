import { inflateInPage } from "./app/inflate.ts";
import type { Cohort } from "./cohort/cohort.ts";
import { type CohortSources, type OpenOptions, openSources } from "./cohort/open.ts";
import type { RelatednessSources } from "./formats/relatedness.ts";
import { type ByteSource, blobSource } from "./formats/source.ts";
import { memorySpool } from "./formats/spool.ts";

export { type BackendName, type BackendOptions, createBackend } from "./app/backends.ts";
export { spawnInPage } from "./app/threads.ts";
export * from "./core.ts";

/** A picked or dropped file, or anything that can be read by ranges. */
export type PageFile = Blob | ByteSource;

/** Files of a cohort in a page. */
export interface CohortFiles {
  readonly genotypes:
    | { readonly bed: PageFile; readonly bim: PageFile; readonly fam: PageFile }
    | { readonly vcf: PageFile; readonly index?: PageFile | undefined }
    | { readonly matrix: PageFile; readonly positions: PageFile; readonly alleles?: PageFile | undefined };
  readonly expression: PageFile;
  readonly genePositions?: PageFile | undefined;
  readonly annotation?: PageFile | undefined;
  readonly covariates?: PageFile | undefined;
  readonly sex?: PageFile | undefined;
  readonly coupling?: PageFile | undefined;
  readonly errorCovariance?: PageFile | undefined;
  /** A list of relatives or a matrix in text; or GCTA's files. */
  readonly relatedness?:
    | PageFile
    | { readonly sparse: PageFile; readonly ids: PageFile }
    | { readonly binary: PageFile; readonly ids: PageFile }
    | undefined;
  readonly donors?: PageFile | undefined;
  readonly keep?: PageFile | undefined;
  readonly remove?: PageFile | undefined;
  readonly extract?: PageFile | undefined;
  readonly exclude?: PageFile | undefined;
  readonly pairs?: PageFile | undefined;
}

/**
 * Reads a cohort's files, matches samples and residualises expression; see `OpenOptions` for defaults.
 * Nothing leaves the page. Throws InputError, in one line, for anything that cannot be used.
 */
export function openCohort(files: CohortFiles, options: OpenOptions = {}): Promise<Cohort> {
  const sources: CohortSources = {
    genotypes: genotypeSources(files.genotypes),
    expression: source(files.expression),
    genePositions: files.genePositions && source(files.genePositions),
    annotation: files.annotation && source(files.annotation),
    covariates: files.covariates && source(files.covariates),
    sex: files.sex && source(files.sex),
    coupling: files.coupling && source(files.coupling),
    errorCovariance: files.errorCovariance && source(files.errorCovariance),
    relatedness: files.relatedness && relatednessSources(files.relatedness),
    donors: files.donors && source(files.donors),
    keep: files.keep && source(files.keep),
    remove: files.remove && source(files.remove),
    extract: files.extract && source(files.extract),
    exclude: files.exclude && source(files.exclude),
    pairs: files.pairs && source(files.pairs),
  };
  return openSources(sources, inflateInPage, options);
}

function genotypeSources(files: CohortFiles["genotypes"]): CohortSources["genotypes"] {
  if ("bed" in files) return { bed: source(files.bed), bim: source(files.bim), fam: source(files.fam) };
  if ("vcf" in files) {
    return { vcf: source(files.vcf), index: files.index && source(files.index), openSpool: memorySpool };
  }
  const { matrix, positions, alleles } = files;
  return {
    matrix: source(matrix),
    positions: source(positions),
    alleles: alleles && source(alleles),
    openSpool: memorySpool,
  };
}

function relatednessSources(files: NonNullable<CohortFiles["relatedness"]>): RelatednessSources {
  if ("sparse" in files) return { sparse: source(files.sparse), ids: source(files.ids) };
  if ("binary" in files) return { binary: source(files.binary), ids: source(files.ids) };
  return { text: source(files) };
}

function source(file: PageFile): ByteSource {
  return file instanceof Blob ? blobSource(file) : file;
}
