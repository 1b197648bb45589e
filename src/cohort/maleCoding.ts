/** How a file codes males on X outside the PARs, told from their calls, and what is odd about them. */
import { throwIfAborted } from "../errors.ts";
import { type GenotypeBlock, type GenotypeSource, MISSING_CALL } from "../formats/genotypes.ts";
import { MALE } from "../formats/sex.ts";
import { has, isImputed, sexMask } from "./haploidMales.ts";
import type { Build } from "./longRangeLd.ts";
import { chromosomeKinds, inPar, type MaleCoding } from "./sexChromosomes.ts";

/** What the calls of the file's males look like on X outside the PARs. */
export interface MaleCalls {
  /** Variants of X outside the PARs, and inside (whatever their chromosome is called), and of Y and MT. */
  readonly variants: { readonly x: number; readonly par: number; readonly y: number; readonly mt: number };
  /** Calls that are no dosage: all of them, those of 1 and of 2 copies, and variants with one of 1 copy. */
  readonly called: number;
  readonly ones: number;
  readonly twos: number;
  readonly variantsWithOnes: number;
  /** Those of 1 copy at positions that are in a PAR of the other human build. */
  readonly onesInOtherPar: number;
  /** The same of each sample of the file; 0 for one that is not male. */
  readonly onesOf: Uint32Array;
  readonly twosOf: Uint32Array;
  /** The largest number of copies of any male, dosages among them; 0 without a call. */
  readonly most: number;
  /** Dosages of males that are no whole number. */
  readonly fractions: number;
}

const BLOCK = 4096;
/** Ones in a byte of which only every other bit is used. */
const ONES = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll("0", "").length);

/** Reads X once, for all samples of the file, so that it does not depend on who is analysed. Without `sex` variants are counted only. */
export async function surveyMales(
  source: GenotypeSource,
  sex: Uint8Array | undefined,
  build: Build,
  signal?: AbortSignal,
): Promise<MaleCalls> {
  const kindOf = chromosomeKinds(source, build);
  const everyone = Uint32Array.from(source.samples.keys());
  const male = sexMask(sex ?? new Uint8Array(everyone.length), everyone, MALE);
  const look = sex !== undefined;
  const other: Build = build === "GRCh37" ? "GRCh38" : "GRCh37";
  const variants = { x: 0, par: 0, y: 0, mt: 0 };
  const found = {
    called: 0,
    ones: 0,
    twos: 0,
    variantsWithOnes: 0,
    onesInOtherPar: 0,
    most: 0,
    fractions: 0,
  };
  const onesOf = new Uint32Array(everyone.length);
  const twosOf = new Uint32Array(everyone.length);
  for (let start = 0; start < source.variantCount; start += BLOCK) {
    const end = Math.min(source.variantCount, start + BLOCK);
    const rows: number[] = [];
    for (let v = start; v < end; v++) {
      const kind = kindOf(v);
      if (kind !== "autosomal") variants[kind]++;
      if (kind === "x") rows.push(v - start);
    }
    if (rows.length === 0 || !look) continue;
    throwIfAborted(signal);
    const [first, last] = [rows[0]!, rows[rows.length - 1]! + 1];
    const block = await source.read(start + first, start + last, everyone);
    for (const row of rows.map((at) => at - first)) {
      if (isImputed(block.remainder, row, male)) {
        const { most, fractions } = dosagesOf(block, row, male);
        found.most = Math.max(found.most, most);
        found.fractions += fractions;
        continue;
      }
      let ones = 0;
      for (let i = 0; i < block.stride; i++) {
        const byte = block.packed[row * block.stride + i]!;
        const mask = male[i]! & 0x55;
        const low = byte & 0x55;
        const high = (byte >> 1) & 0x55;
        const one = low & ~high & mask;
        const two = high & ~low & mask;
        found.called += ONES[mask & ~(low & high)]!;
        ones += ONES[one]!;
        found.twos += ONES[two]!;
        tally(onesOf, one, i);
        tally(twosOf, two, i);
      }
      found.ones += ones;
      if (ones > 0) {
        found.variantsWithOnes++;
        if (build !== "none" && inPar(other, source.position.at(start + first + row)!))
          found.onesInOtherPar += ones;
      }
    }
  }
  const whole = found.twos > 0 ? 2 : found.ones > 0 ? 1 : 0;
  return { variants, ...found, most: Math.max(found.most, whole), onesOf, twosOf };
}

/** The largest dosage of a male of an imputed row, and how many are no whole number. */
function dosagesOf(
  { packed, stride, samples, remainder }: GenotypeBlock,
  row: number,
  male: Uint8Array,
): { most: number; fractions: number } {
  const rest = new Float64Array(samples);
  for (let i = remainder!.offset[row]!; i < remainder!.offset[row + 1]!; i++) {
    rest[remainder!.sample[i]!] = remainder!.value[i]!;
  }
  let most = 0;
  let fractions = 0;
  for (let s = 0; s < samples; s++) {
    const call = (packed[row * stride + (s >> 2)]! >> (2 * (s & 3))) & 3;
    if (call === MISSING_CALL || !has(male, s)) continue;
    most = Math.max(most, call + rest[s]!);
    if (rest[s] !== 0) fractions++;
  }
  return { most, fractions };
}

function tally(counts: Uint32Array, bits: number, byte: number): void {
  for (let left = bits, s = 4 * byte; left !== 0; left >>= 2, s++) if ((left & 1) === 1) counts[s]!++;
}

/** Calls of 1 copy from which on more of them than of 2 copies are no errors of calling. */
const TELLING = 20;

/**
 * How the file codes males. `0/1`: no male has more than one copy of any variant, and some have one. `0/2`: males have two, and those with
 * one are errors. `mixed`: one copy is commoner than two, which neither would make.
 */
export function maleCodingOf({ ones, twos, most, fractions }: MaleCalls): MaleCoding | "mixed" {
  if (most <= 1) return ones > 0 || (fractions > 0 && most >= 0.5) ? "0/1" : "0/2";
  return ones > TELLING && ones > twos && fractions === 0 ? "mixed" : "0/2";
}

/** Whether a file that is said to be coded 0/1 is not: more of its males' alleles would be lost than kept. */
export function isPlainlyTwo({ ones, twos, most }: MaleCalls): boolean {
  return twos > ones || (ones + twos === 0 && most > 1.5);
}
