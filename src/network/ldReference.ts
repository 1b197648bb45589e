import { decodeDosages } from "../cohort/dosages.ts";
import { LdWindow } from "../cohort/ldWindow.ts";
import { Breather } from "../compute/pause.ts";
import type { GenotypeBlock, GenotypeSource } from "../formats/genotypes.ts";
import { FEMALE, MALE } from "../formats/sex.ts";
import { dot } from "../statistics/linalg.ts";

export interface LdReferenceOptions {
  /** Least minor allele frequency in the reference. Default 0.05. */
  readonly maf?: number | undefined;
  /** Of two variants whose squared correlation is above this the rarer goes. Default 0.9. */
  readonly pruneR2?: number | undefined;
  /** Whether a variant of the source is left out: of the HLA region, as a rule. */
  readonly leftOut?: ((variant: number) => boolean) | undefined;
  /**
   * PLINK's code of the sex of each sample of the source, and the variants (X outside the PARs) whose genotypes are taken about the mean of each
   * sex, as a GWAS with sex among its covariates takes them; their frequency is that of females.
   */
  readonly sexed?: { readonly sex: Uint8Array; readonly isX: (variant: number) => boolean } | undefined;
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
  readonly #sexed: LdReferenceOptions["sexed"];
  readonly #rows = new Map<number, Float64Array>();
  #block: GenotypeBlock | undefined;

  private constructor(
    source: GenotypeSource,
    index: Uint32Array,
    counts: LdReferenceCounts,
    sexed: LdReferenceOptions["sexed"],
  ) {
    this.#source = source;
    this.#sexed = sexed;
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
    const { maf = 0.05, pruneR2 = 0.9, leftOut = () => false, sexed, signal } = options;
    const samples = source.samples.length;
    const neighbours = new LdWindow({ ...PRUNING, r2: pruneR2 }, samples);
    const all = everyone(source);
    const work = new Float64Array(samples);
    const { chromosomeCode, variantCount } = source;
    const breather = new Breather(signal);
    let [out, rare, candidates] = [0, 0, 0];
    for (let start = 0; start < variantCount; start += BLOCK) {
      const block = await source.read(start, Math.min(variantCount, start + BLOCK), all);
      for (let i = 0; i < block.count; i++) {
        const v = start + i;
        await breather.pause();
        if (v > 0 && chromosomeCode.at(v) !== chromosomeCode.at(v - 1)) neighbours.endChromosome();
        if (!wanted(v)) continue;
        if (leftOut(v)) out++;
        else if (isCommon(block, i, maf, work, sexOf(sexed, v))) {
          neighbours.add(block, i);
          candidates++;
        } else rare++;
      }
    }
    neighbours.endChromosome();
    const index = neighbours.kept();
    const counts = { leftOut: out, rare, pruned: candidates - index.length, kept: index.length };
    return new LdReference(source, index, counts, sexed);
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
    centred(block, variant - block.start, row, sexOf(this.#sexed, variant));
    const norm = Math.sqrt(dot(row, 0, row, 0, row.length));
    for (let s = 0; s < row.length; s++) row[s]! /= norm;
    return row;
  }
}

function everyone({ samples }: GenotypeSource): Uint32Array {
  return Uint32Array.from(samples.keys());
}

/** The sexes whose means a variant is taken about; undefined where it is one mean. */
function sexOf(sexed: LdReferenceOptions["sexed"], variant: number): Uint8Array | undefined {
  return sexed?.isX(variant) ? sexed.sex : undefined;
}

/** The genotypes less their mean (that of each sex), a missing call at it; returns the frequency (in females, in males where no female has a call). */
function centred(block: GenotypeBlock, v: number, out: Float64Array, sex: Uint8Array | undefined): number {
  decodeDosages(block, v, Number.NaN, out);
  if (sex === undefined) return 0.5 * centre(out, () => true);
  const females = centre(out, (s) => sex[s] === FEMALE);
  const males = centre(out, (s) => sex[s] === MALE);
  // Of unknown sex: without a call.
  for (let s = 0; s < out.length; s++) if (Number.isNaN(out[s]!)) out[s] = 0;
  return 0.5 * (Number.isNaN(females) ? males : females);
}

/** Takes the mean of the samples with `isMember` off them, a missing one to 0; returns the mean, NaN without a call. */
function centre(out: Float64Array, isMember: (sample: number) => boolean): number {
  let sum = 0;
  let called = 0;
  for (let s = 0; s < out.length; s++) {
    if (!isMember(s) || Number.isNaN(out[s]!)) continue;
    sum += out[s]!;
    called++;
  }
  const mean = sum / called;
  for (let s = 0; s < out.length; s++) {
    if (isMember(s)) out[s] = Number.isNaN(out[s]!) ? 0 : out[s]! - mean;
  }
  return mean;
}

/** Frequent enough, and not the same in all samples (nor all heterozygous). */
function isCommon(
  block: GenotypeBlock,
  v: number,
  maf: number,
  work: Float64Array,
  sex: Uint8Array | undefined,
): boolean {
  const copies = centred(block, v, work, sex);
  const frequency = Math.min(copies, 1 - copies);
  return frequency >= maf && frequency > 0 && work.some((value) => Math.abs(value) > 1e-9);
}
