import { createWriteStream } from "node:fs";
import { type FileHandle, mkdir, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { type CohortShape, MadeCohort } from "../bench/cohort.ts";

/** Files of a made-up cohort; `genotypes` is the prefix of the bed/bim/fam. */
export interface MadeFiles {
  readonly genotypes: string;
  readonly expression: string;
  readonly covariates: string;
  /** The planted effects; written last. */
  readonly truth: string;
}

export function madeFiles(folder: string): MadeFiles {
  return {
    genotypes: join(folder, "genotypes"),
    expression: join(folder, "expression.bed.gz"),
    covariates: join(folder, "covariates.tsv"),
    truth: join(folder, "truth.tsv"),
  };
}

/** Writes the cohort of `shape` to `folder`, which is made. Throws CancelledError when `signal` fires. */
export async function writeMadeCohort(
  folder: string,
  shape: CohortShape,
  signal?: AbortSignal,
): Promise<MadeFiles> {
  await mkdir(folder, { recursive: true });
  const paths = madeFiles(folder);
  const cohort = new MadeCohort(shape);
  await writeFile(`${paths.genotypes}.fam`, cohort.fam());
  const bed = await open(`${paths.genotypes}.bed`, "w");
  const bim = await open(`${paths.genotypes}.bim`, "w");
  try {
    for (const piece of cohort.genotypes(signal)) {
      await writeAll(bed, piece.bed);
      await bim.write(piece.bim);
    }
  } finally {
    await bed.close();
    await bim.close();
  }
  const gzip = createGzip({ level: 1 });
  await pipeline(Readable.from(cohort.expression()), gzip, createWriteStream(paths.expression));
  await writeFile(paths.covariates, cohort.covariates());
  await writeFile(paths.truth, cohort.truth());
  return paths;
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
}
