import { InputError } from "../errors.ts";
import { CallStore } from "./callStore.ts";
import { chromosomeRank } from "./chromosomeOrder.ts";
import type { GenotypeBlock, GenotypeSource } from "./genotypes.ts";
import { parseDecimalBytes } from "./numbers.ts";
import type { ByteSource, Inflate } from "./source.ts";
import type { OpenSpool, Spool } from "./spool.ts";
import { eachMatrixRow, type MatrixRow } from "./textMatrix.ts";
import {
  readVariantAlleles,
  readVariantPlaces,
  type VariantAlleles,
  type VariantPlaces,
} from "./textPlaces.ts";
import { atLine, counted, listed, shown } from "./wording.ts";

const ZERO = 48;

export interface TextSources {
  /** Variants x samples. */
  readonly matrix: ByteSource;
  /** `id chr pos`. */
  readonly positions: ByteSource;
  /** `id effect_allele other_allele`, with a header. */
  readonly alleles?: ByteSource | undefined;
  readonly openSpool: OpenSpool;
}

/** Names, places and order (measured). */
const BYTES_PER_VARIANT = 60;

/**
 * Genotypes as MatrixEQTL has them: a matrix of dosages 0 to 2 (NA = missing), a row a variant, and a table
 * of positions (1-based). The effect allele is the one that the dosages count; without an alleles file its
 * name is empty, and several variants may share a position. Variants come by chromosome (1, 2, ..., X),
 * position, and then the order of the matrix, whatever the order of the rows.
 *
 * The matrix is streamed once; two bits a call and 12 bytes a dosage that is no whole number go to temporary
 * stores, and about 60 bytes a variant stay in memory.
 * Throws {@link InputError} for ragged rows, dosages that are none, ids that occur twice, and files
 * without a variant in common.
 */
export async function openTextGenotypes(sources: TextSources, inflate: Inflate): Promise<GenotypeSource> {
  const { matrix, positions, openSpool } = sources;
  const places = await readVariantPlaces(positions, inflate);
  const spools: Spool[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(spools.map((spool) => spool.close()));
  };
  try {
    for (let i = 0; i < 2; i++) spools.push(await openSpool());
    const reader = new TextReader(matrix.name, places, spools[0]!, spools[1]!);
    await eachMatrixRow(matrix, inflate, reader.begin, reader.visit, () => reader.calls.flush());
    reader.require(positions.name);
    const alleles = sources.alleles && (await readVariantAlleles(sources.alleles, inflate));
    return { ...textSource(sources, reader, places, alleles), close };
  } catch (error) {
    await close();
    throw error;
  }
}

class TextReader {
  samples: readonly string[] = [];
  /** Row of `places` of each variant kept. */
  readonly place: number[] = [];
  /** Variants of the matrix that have no place, and the first of them. */
  unplaced = 0;
  readonly someUnplaced: string[] = [];
  calls: CallStore;
  readonly #name: string;
  readonly #places: VariantPlaces;
  readonly #line: Int32Array;
  readonly #spools: readonly [Spool, Spool];

  constructor(name: string, places: VariantPlaces, calls: Spool, entries: Spool) {
    this.#spools = [calls, entries];
    this.calls = new CallStore(0, calls, entries);
    this.#name = name;
    this.#places = places;
    this.#line = new Int32Array(places.ids.count);
  }

  readonly begin = (samples: readonly string[]): void => {
    this.samples = samples;
    this.calls = new CallStore(samples.length, ...this.#spools);
  };

  readonly visit = (row: MatrixRow): void => {
    const place = this.#places.ids.find(row.bytes, row.bounds[0]!, row.bounds[1]!);
    if (place < 0) {
      this.unplaced++;
      if (this.someUnplaced.length < 4) this.someUnplaced.push(row.text(0));
      return;
    }
    if (this.#line[place]! > 0) {
      throw new InputError(
        atLine(this.#name, row.line),
        `variant ${row.text(0)} is there already (line ${this.#line[place]})`,
        "variants are told apart by their id here: make these unique",
      );
    }
    this.#line[place] = row.line;
    this.place.push(place);
    this.#readDosages(row);
  };

  require(positions: string): void {
    if (this.place.length > 0) return;
    if (this.samples.some((name) => this.#known(name))) {
      throw new InputError(
        this.#name,
        `is transposed: its header (${listed(this.samples)}) holds the variants of ${positions}`,
        "turn it so that variants are rows and samples columns",
      );
    }
    throw new InputError(
      this.#name,
      `none of its ${counted(this.unplaced, "variant")} (${listed(this.someUnplaced)}) has a position in ${positions} ` +
        `(${listed([0, 1, 2, 3].filter((i) => i < this.#places.ids.count).map((i) => this.#places.ids.text(i)))})`,
      "the first column of both files must hold the same ids",
    );
  }

  #known(name: string): boolean {
    const id = new TextEncoder().encode(name);
    return this.#places.ids.find(id, 0, id.length) >= 0;
  }

  #readDosages(row: MatrixRow): void {
    const { bytes, bounds } = row;
    this.calls.begin();
    for (let s = 0; s < this.samples.length; s++) {
      const from = bounds[2 * s + 2]!;
      const to = bounds[2 * s + 3]!;
      const digit = bytes[from]! - ZERO;
      const lone = to - from === 1 && digit >= 0 && digit <= 2;
      this.calls.set(s, lone ? digit : this.#dosage(row, s, from, to));
    }
  }

  /** Anything but a lone 0, 1 or 2; NaN for a missing one. */
  #dosage(row: MatrixRow, sample: number, from: number, to: number): number {
    const value = parseDecimalBytes(row.bytes, from, to);
    if (value >= 0 && value <= 2) return value;
    const text = row.text(sample + 1);
    if (/^(na|nan)$/i.test(text)) return Number.NaN;
    throw new InputError(
      atLine(this.#name, row.line),
      `variant ${row.text(0)}, sample ${this.samples[sample]}: ${shown(text)} is not a dosage from 0 to 2`,
      "write a missing one as NA",
    );
  }
}

function textSource(
  sources: TextSources,
  reader: TextReader,
  places: VariantPlaces,
  alleles: VariantAlleles | undefined,
): GenotypeSource {
  const { samples, place, calls } = reader;
  const { matrix } = sources;
  const { order, chromosomes, chromosomeCode, position } = arranged(place, places);
  const allele = allelesOf(place, places, alleles);
  const count = order.length;
  const checkRange = (start: number, end: number): void => {
    if (!(start >= 0 && start <= end && end <= count)) {
      throw new RangeError(`variants ${start}-${end} asked of ${count} (${matrix.name})`);
    }
  };
  return {
    name: matrix.name,
    messages: messages(sources, reader, places, allele.lacking),
    samples,
    variantCount: count,
    variantBytes: BYTES_PER_VARIANT,
    chromosomes,
    chromosomeCode,
    position,
    remainders: calls.remainders,
    async read(start, end, sampleIndex): Promise<GenotypeBlock> {
      checkRange(start, end);
      return calls.read(start, order.subarray(start, end), sampleIndex);
    },
    async labels(start, end) {
      checkRange(start, end);
      const run = order.subarray(start, end);
      return {
        id: Array.from(run, (row) => places.ids.text(place[row]!)),
        chromosome: Array.from(chromosomeCode.subarray(start, end), (code) => chromosomes[code]!),
        position: position.slice(start, end),
        effectAllele: Array.from(run, (row) => allele.effect(row)),
        otherAllele: Array.from(run, (row) => allele.other(row)),
      };
    },
  };
}

/** The variants by chromosome, position and row; chromosomes without a variant are left out. */
function arranged(place: readonly number[], places: VariantPlaces) {
  const rank = chromosomeRank(places.chromosomes);
  const order = Uint32Array.from(place.keys());
  const at = Int32Array.from(place, (row) => places.position[row]!);
  const on = Int32Array.from(place, (row) => rank[places.chromosomeCode[row]!]!);
  const sorted = order.every((row) => {
    if (row === 0) return true;
    return on[row - 1]! < on[row]! || (on[row - 1] === on[row] && at[row - 1]! <= at[row]!);
  });
  if (!sorted) order.sort((a, b) => on[a]! - on[b]! || at[a]! - at[b]! || a - b);
  const byRank: string[] = [];
  rank.forEach((number, code) => {
    byRank[number] = places.chromosomes[code]!;
  });
  const used = new Set(on);
  const kept = byRank.filter((_, number) => used.has(number));
  const codeOf = new Map<number, number>();
  for (const number of byRank.keys()) if (used.has(number)) codeOf.set(number, codeOf.size);
  return {
    order,
    chromosomes: kept,
    chromosomeCode: Uint16Array.from(order, (row) => codeOf.get(on[row]!)!),
    position: Int32Array.from(order, (row) => at[row]!),
  };
}

/** The alleles of each row of the matrix: empty where the file lacks the variant, or there is none. */
function allelesOf(place: readonly number[], places: VariantPlaces, alleles: VariantAlleles | undefined) {
  if (alleles === undefined) return { lacking: 0, effect: () => "", other: () => "" };
  const encoder = new TextEncoder();
  const row = Int32Array.from(place, (at) => {
    const id = encoder.encode(places.ids.text(at));
    return alleles.ids.find(id, 0, id.length);
  });
  const name = (codes: readonly number[]) => (variant: number) => {
    const at = row[variant]!;
    return at < 0 ? "" : alleles.names[codes[at]!]!;
  };
  return {
    lacking: row.reduce((sum, at) => sum + (at < 0 ? 1 : 0), 0),
    effect: name(alleles.effect),
    other: name(alleles.other),
  };
}

function messages(
  sources: TextSources,
  reader: TextReader,
  places: VariantPlaces,
  lacking: number,
): string[] {
  const { matrix, positions, alleles } = sources;
  const said: string[] = [];
  const { unplaced, someUnplaced, place } = reader;
  if (unplaced > 0) {
    said.push(
      `${matrix.name}: ${counted(unplaced, "variant")} without a position in ${positions.name} left out (${listed(someUnplaced)})`,
    );
  }
  const more = places.ids.count - place.length;
  if (more > 0) said.push(`${positions.name}: ${counted(more, "variant")} not in ${matrix.name}`);
  if (lacking > 0 && alleles !== undefined) {
    said.push(
      `${alleles.name}: ${counted(lacking, "variant")} of ${matrix.name} not in it; their alleles are empty`,
    );
  }
  return said;
}
