import { open, stat } from "node:fs/promises";
import { constants, gunzipSync } from "node:zlib";
import type { GenotypeSources } from "../cohort/open.ts";
import { UsageError } from "../errors.ts";
import {
  type FileSource,
  fileSource,
  openPlinkFiles,
  plinkFiles,
  type UnreadFormat,
  unreadFormat,
} from "./files.ts";
import { fileSpool } from "./spool.ts";

/** A BGZF block at most: what a VCF's first line certainly lies in. */
const HEAD = 1 << 16;

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
  if (await isVcf(paths.genotypes)) return { "genotypes vcf": paths.genotypes };
  const { bed, bim, fam } = await plinkFiles(paths.genotypes);
  return { "genotypes bed": bed, "genotypes bim": bim, "genotypes fam": fam };
}

/**
 * Opens a cohort's genotype files: a text matrix where `variantPositions` are given, a VCF (with the .tbi beside
 * it) where the content or the name says so, else PLINK 1.
 * Throws InputError for files that are not there.
 */
export async function openGenotypeFiles(
  paths: GenotypePaths,
): Promise<{ sources: GenotypeSources; close(): Promise<void> }> {
  const { variantPositions, alleles } = paths;
  const vcf = variantPositions === undefined && (await isVcf(paths.genotypes));
  if (variantPositions === undefined && !vcf) {
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
    if (variantPositions === undefined) {
      const index = `${paths.genotypes}.tbi`;
      const sources = {
        vcf: await next(paths.genotypes),
        index: (await isFile(index)) ? await next(index) : undefined,
        openSpool: fileSpool,
      };
      return { sources, close };
    }
    const sources = {
      matrix: await next(paths.genotypes),
      positions: await next(variantPositions),
      alleles: alleles === undefined ? undefined : await next(alleles),
      openSpool: fileSpool,
    };
    return { sources, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Whether `path` is a VCF, by its first bytes (unpacked where they are gzip) or else its name. Throws for what is not read. */
async function isVcf(path: string): Promise<boolean> {
  const named = /\.vcf(\.b?gz)?$/i.test(path);
  if (/\.(bed|bim|fam)$/i.test(path) || !(await isFile(path))) return named;
  const handle = await open(path, "r").catch(() => undefined);
  if (handle === undefined) return named;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD), 0, HEAD, 0);
    const head = unpackedHead(buffer.subarray(0, bytesRead));
    const format = unreadIn(head);
    if (format !== undefined) throw unreadFormat(path, format);
    return named || head.toString("latin1", 0, 16) === "##fileformat=VCF";
  } finally {
    await handle.close();
  }
}

/** A format that is not read, by a file's first bytes. */
function unreadIn(head: Buffer): UnreadFormat | undefined {
  if (head.toString("latin1", 0, 3) === "BCF") return "BCF";
  if (head.toString("latin1", 16, 20) === "bgen") return "BGEN";
  // Modes 0 and 1 of the magic number are PLINK 1's .bed.
  return head[0] === 0x6c && head[1] === 0x1b && head[2]! > 1 ? "PLINK 2" : undefined;
}

/** The text of the start of a file that may be gzip. */
function unpackedHead(head: Buffer): Buffer {
  if (head[0] !== 0x1f || head[1] !== 0x8b) return head;
  try {
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return head;
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (facts) => facts.isFile(),
    () => false,
  );
}
