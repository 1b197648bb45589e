import { chromosomeRuns, lowerBound } from "../association/geometry.ts";
import { matchAlleles } from "../association/scores/alleles.ts";
import { canonicalChromosome } from "../cohort/chromosomes.ts";
import { throwIfAborted } from "../errors.ts";
import type { GenotypeSource } from "../formats/genotypes.ts";
import { type GwasRow, readGwas } from "../formats/gwas.ts";
import type { ByteSource, Inflate } from "../formats/source.ts";
import { log10 } from "../statistics/elementary.ts";
import { normalFromLog10P } from "../statistics/normal.ts";

/** The strength of a trait's association with the variants of a reference. */
export interface GwasVariants {
  /** z^2 of each variant of the reference; NaN where the GWAS does not have it. */
  readonly chiSquare: Float64Array;
  readonly counts: {
    readonly rows: number;
    readonly unusable: number;
    readonly notInReference: number;
    /** At the place (or under the id) of a variant, but with other alleles; or a variant's second row. */
    readonly otherAlleles: number;
    readonly used: number;
  };
}

/** Variants whose labels are read at once. */
const BLOCK = 4096;

/**
 * Reads a GWAS and finds its variants in `reference`, by chromosome and position where the file has them, else by id; alleles, where the file has them, must be the variant's, on either
 * strand. Only z^2 is needed of them, so that which one is counted, and the strand of A/T and C/G, do not matter. The first row of a variant counts. Holds
 * 9 bytes a variant of the reference, and of a GWAS without positions its rows.
 */
export async function gwasVariants(
  reference: GenotypeSource,
  source: ByteSource,
  inflate: Inflate,
  signal?: AbortSignal,
): Promise<GwasVariants> {
  const alleles = await Alleles.of(reference, signal);
  const runs = chromosomeRuns(reference);
  const codes = new Map(reference.chromosomes.map((name, code) => [canonicalChromosome(name), code]));
  const chiSquare = new Float64Array(reference.variantCount).fill(Number.NaN);
  const counts = { notInReference: 0, otherAlleles: 0, used: 0 };
  const byId = new Map<string, GwasRow[]>();
  const read = await readGwas(source, inflate, (row) => {
    throwIfAborted(signal);
    if (row.position === 0) {
      const list = byId.get(row.id);
      if (list === undefined) byId.set(row.id, [row]);
      else list.push(row);
      return;
    }
    const run = runs[codes.get(canonicalChromosome(row.chromosome)) ?? -1] ?? { start: 0, end: 0 };
    let v = lowerBound(reference.position, row.position, run.start, run.end);
    const isThere = v < run.end && reference.position.at(v) === row.position;
    for (; v < run.end && reference.position.at(v) === row.position; v++) {
      if (!Number.isNaN(chiSquare[v]!) || !isSame(row, alleles.at(v))) continue;
      chiSquare[v] = chiSquareOf(row);
      counts.used++;
      return;
    }
    if (isThere) counts.otherAlleles++;
    else counts.notInReference++;
  });
  if (byId.size > 0) await findById(reference, byId, alleles, chiSquare, counts, signal);
  return { chiSquare, counts: { ...read, ...counts } };
}

async function findById(
  reference: GenotypeSource,
  byId: ReadonlyMap<string, readonly GwasRow[]>,
  alleles: Alleles,
  chiSquare: Float64Array,
  counts: { notInReference: number; otherAlleles: number; used: number },
  signal: AbortSignal | undefined,
): Promise<void> {
  const met = new Set<string>();
  const used = new Set<GwasRow>();
  for (let start = 0; start < reference.variantCount; start += BLOCK) {
    throwIfAborted(signal);
    const { id } = await reference.labels(start, Math.min(reference.variantCount, start + BLOCK));
    id.forEach((one, i) => {
      const rows = byId.get(one);
      if (rows === undefined) return;
      met.add(one);
      const row = rows.find((each) => !used.has(each) && isSame(each, alleles.at(start + i)));
      if (row === undefined || !Number.isNaN(chiSquare[start + i]!)) return;
      used.add(row);
      chiSquare[start + i] = chiSquareOf(row);
    });
  }
  counts.used += used.size;
  for (const [id, rows] of byId) {
    const left = rows.filter((row) => !used.has(row)).length;
    if (met.has(id)) counts.otherAlleles += left;
    else counts.notInReference += left;
  }
}

interface AllelePair {
  readonly effect: string;
  readonly other: string;
}

const BASES = ["A", "C", "G", "T"];
/** A pair that is not of two single bases. */
const LONG = 255;

/** The alleles of all variants, a byte each where they are single bases. */
class Alleles {
  readonly #code: Uint8Array;
  readonly #long = new Map<number, AllelePair>();

  private constructor(variants: number) {
    this.#code = new Uint8Array(variants);
  }

  static async of(reference: GenotypeSource, signal: AbortSignal | undefined): Promise<Alleles> {
    const alleles = new Alleles(reference.variantCount);
    for (let start = 0; start < reference.variantCount; start += BLOCK) {
      throwIfAborted(signal);
      const labels = await reference.labels(start, Math.min(reference.variantCount, start + BLOCK));
      labels.effectAllele.forEach((allele, i) => {
        alleles.#put(start + i, allele.toUpperCase(), labels.otherAllele[i]!.toUpperCase());
      });
    }
    return alleles;
  }

  #put(v: number, effect: string, other: string): void {
    const [a, b] = [BASES.indexOf(effect), BASES.indexOf(other)];
    this.#code[v] = a < 0 || b < 0 ? LONG : 4 * a + b;
    if (a < 0 || b < 0) this.#long.set(v, { effect, other });
  }

  at(v: number): AllelePair {
    const code = this.#code[v]!;
    return this.#long.get(v) ?? { effect: BASES[code >> 2]!, other: BASES[code & 3]! };
  }
}

function chiSquareOf({ z, p }: GwasRow): number {
  const size = Number.isFinite(z) ? z : normalFromLog10P(log10(p));
  return size * size;
}

function isSame({ effect, other }: GwasRow, variant: AllelePair): boolean {
  if (effect === "") return true;
  return matchAlleles(effect, other === "" ? undefined : other, variant) !== "other-alleles";
}
