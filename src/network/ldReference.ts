import { decodeDosages } from "../cohort/dosages.ts";
import { LdWindow } from "../cohort/ldWindow.ts";
import { throwIfAborted } from "../errors.ts";
import type { GenotypeBlock, GenotypeSource } from "../formats/genotypes.ts";
import { dot } from "../statistics/linalg.ts";

export interface LdReferenceOptions {
  /** Least minor allele frequency in the reference. Default 0.05. */
  readonly maf?: number | undefined;
  /** Of two variants whose squared correlation is above this the rarer goes. Default 0.9. */
  readonly pruneR2?: number | undefined;
  /** Whether a place is left out: the HLA region, as a rule. */
  readonly leftOut?: ((chromosome: number, position: number) => boolean) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What became of the reference's variants that the GWAS has. */
export interface LdReferenceCounts {
  readonly leftOut: number;
  /** Below the frequency, or the same in all samples. */
  readonly rare: number;
  readonly pruned: number;
  readonly kept: number;
}

/** Variants within which linkage is looked for when pruning, and by how many it moves on. */
const PRUNING = { window: 200, step: 50 };
const BLOCK = 1024;

/**
 * The variants of a reference panel that gene tests are made of, and their genotypes, of mean 0 and norm 1 over the
 * samples: a product of two is their correlation. Blocks are read as they are needed and let go behind the reader.
 */
export class LdReference {
  /** Index of each variant in the source, ascending. */
  readonly index: Uint32Array;
  readonly counts: LdReferenceCounts;
  readonly samples: number;
  readonly #source: GenotypeSource;
  readonly #everyone: Uint32Array;
  readonly #rows = new Map<number, Float64Array>();
  #block: GenotypeBlock | undefined;

  private constructor(source: GenotypeSource, index: Uint32Array, counts: LdReferenceCounts) {
    this.#source = source;
    this.index = index;
    this.counts = counts;
    this.samples = source.samples.length;
    this.#everyone = everyone(source);
  }

  /** Chooses among the variants with `wanted(variant)`. */
  static async open(
    source: GenotypeSource,
    wanted: (variant: number) => boolean,
    options: LdReferenceOptions = {},
  ): Promise<LdReference> {
    const { maf = 0.05, pruneR2 = 0.9, leftOut = () => false, signal } = options;
    const samples = source.samples.length;
    const neighbours = new LdWindow({ ...PRUNING, r2: pruneR2 }, samples);
    const all = everyone(source);
    const work = new Float64Array(samples);
    const { chromosomeCode, position, variantCount } = source;
    let [out, rare, candidates] = [0, 0, 0];
    for (let start = 0; start < variantCount; start += BLOCK) {
      throwIfAborted(signal);
      const block = await source.read(start, Math.min(variantCount, start + BLOCK), all);
      for (let i = 0; i < block.count; i++) {
        const v = start + i;
        if (v > 0 && chromosomeCode[v] !== chromosomeCode[v - 1]) neighbours.endChromosome();
        if (!wanted(v)) continue;
        if (leftOut(chromosomeCode[v]!, position[v]!)) out++;
        else if (isCommon(block, i, maf, work)) {
          neighbours.add(block, i);
          candidates++;
        } else rare++;
      }
    }
    neighbours.endChromosome();
    const index = neighbours.kept();
    const counts = { leftOut: out, rare, pruned: candidates - index.length, kept: index.length };
    return new LdReference(source, index, counts);
  }

  /** Genotypes of the kept variants `from` to `to` (numbers in `index`); those before `from` are forgotten. */
  async rows(from: number, to: number): Promise<Float64Array[]> {
    for (const held of this.#rows.keys()) if (held < from) this.#rows.delete(held);
    const rows: Float64Array[] = [];
    for (let i = from; i < to; i++) {
      const row = this.#rows.get(i) ?? (await this.#read(this.index[i]!));
      this.#rows.set(i, row);
      rows.push(row);
    }
    return rows;
  }

  async #read(variant: number): Promise<Float64Array> {
    const held = this.#block;
    const inside = held !== undefined && variant >= held.start && variant < held.start + held.count;
    const block = inside
      ? held
      : await this.#source.read(
          variant,
          Math.min(this.#source.variantCount, variant + BLOCK),
          this.#everyone,
        );
    this.#block = block;
    const row = new Float64Array(this.samples);
    centred(block, variant - block.start, row);
    const norm = Math.sqrt(dot(row, 0, row, 0, row.length));
    for (let s = 0; s < row.length; s++) row[s]! /= norm;
    return row;
  }
}

function everyone({ samples }: GenotypeSource): Uint32Array {
  return Uint32Array.from(samples.keys());
}

/** The genotypes less their mean, a missing call at it; returns the mean, NaN without a call. */
function centred(block: GenotypeBlock, v: number, out: Float64Array): number {
  decodeDosages(block, v, Number.NaN, out);
  let sum = 0;
  let called = 0;
  for (const value of out) {
    if (Number.isNaN(value)) continue;
    sum += value;
    called++;
  }
  const mean = sum / called;
  for (let s = 0; s < out.length; s++) out[s] = Number.isNaN(out[s]!) ? 0 : out[s]! - mean;
  return mean;
}

/** Frequent enough, and not the same in all samples (nor all heterozygous). */
function isCommon(block: GenotypeBlock, v: number, maf: number, work: Float64Array): boolean {
  const mean = centred(block, v, work);
  const frequency = Math.min(mean / 2, 1 - mean / 2);
  return frequency >= maf && frequency > 0 && work.some((value) => Math.abs(value) > 1e-9);
}
