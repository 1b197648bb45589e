import type { GenotypeSources } from "../cohort/open.ts";
import { UsageError } from "../errors.ts";
import { type FileSource, fileSource, openPlinkFiles, plinkFiles } from "./files.ts";

/** Paths that say what a cohort's genotypes are. */
export interface GenotypePaths {
  readonly genotypes: string;
  readonly variantPositions?: string | undefined;
  readonly alleles?: string | undefined;
}

/** The files behind {@link GenotypePaths}, each with its role. */
export async function genotypeFiles(paths: GenotypePaths): Promise<Record<string, string | undefined>> {
  if (paths.variantPositions !== undefined) {
    const { genotypes, variantPositions, alleles } = paths;
    return { genotypes, "variant positions": variantPositions, alleles };
  }
  if (paths.alleles !== undefined) {
    throw new UsageError("--alleles is for genotypes in text, which need --variant-positions too");
  }
  const { bed, bim, fam } = await plinkFiles(paths.genotypes);
  return { "genotypes bed": bed, "genotypes bim": bim, "genotypes fam": fam };
}

/**
 * Opens a cohort's genotype files: a text matrix where `variantPositions` are given, else PLINK 1.
 * Throws InputError for files that are not there.
 */
export async function openGenotypeFiles(
  paths: GenotypePaths,
): Promise<{ sources: GenotypeSources; close(): Promise<void> }> {
  const { variantPositions, alleles } = paths;
  if (variantPositions === undefined) {
    await genotypeFiles(paths);
    const plink = await openPlinkFiles(paths.genotypes);
    return { sources: plink, close: () => plink.close() };
  }
  const opened: FileSource[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((source) => source.close()));
  };
  const next = async (path: string): Promise<FileSource> => {
    const source = await fileSource(path);
    opened.push(source);
    return source;
  };
  try {
    const sources = {
      matrix: await next(paths.genotypes),
      positions: await next(variantPositions),
      alleles: alleles === undefined ? undefined : await next(alleles),
    };
    return { sources, close };
  } catch (error) {
    await close();
    throw error;
  }
}
