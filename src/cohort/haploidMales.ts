/**
 * Genotypes in which males are haploid on X outside the PARs, whatever reads them: what a map, a plot, a list of pairs and an
 * interaction see is one coding. Calls stay 2 bits, recoded four at a time; the memory of a variant is what it was.
 */
import {
  type GenotypeBlock,
  type GenotypeSource,
  MISSING_CALL,
  type Remainders,
} from "../formats/genotypes.ts";
import { MALE, UNKNOWN_SEX } from "../formats/sex.ts";
import { chromosomeKinds, type SexChromosomes, tellsSexes } from "./sexChromosomes.ts";

/** The two bits of those samples, four a byte, that have the code `code`: laid out as a row of calls. */
export function sexMask(sex: Uint8Array, sampleIndex: Uint32Array, code: number): Uint8Array {
  const mask = new Uint8Array(Math.ceil(sampleIndex.length / 4));
  sampleIndex.forEach((sample, s) => {
    if (sex[sample] === code) mask[s >> 2]! |= 3 << (2 * (s & 3));
  });
  return mask;
}

/** What becomes of a male's calls of 1 and 2 copies; 0 stays, and so does a missing one. */
interface Recoding {
  readonly one: number;
  readonly two: number;
  /** The largest dosage that a male may have in the file. */
  readonly most: number;
  /** Of his dosages. */
  readonly factor: number;
}

function recodingOf({ chrX, maleCoding }: SexChromosomes): Recoding {
  // One copy of two is what no haploid can have (plink2 --set-invalid-haploid-missing); nor two of one.
  if (maleCoding === "0/1") {
    return chrX === "0/2"
      ? { one: 2, two: MISSING_CALL, most: 1, factor: 2 }
      : { one: 1, two: MISSING_CALL, most: 1, factor: 1 };
  }
  return chrX === "0/2"
    ? { one: MISSING_CALL, two: 2, most: 2, factor: 1 }
    : { one: MISSING_CALL, two: 1, most: 2, factor: 0.5 };
}

/**
 * `source`, read with the males' genotypes on X as `plan` wants them: a heterozygous call of a male is missing, and so is every call of
 * a sample of unknown sex. Of a variant of which some male has a fraction (an imputed one) a dosage of 1 is uncertainty, no
 * heterozygote, and stays; one above what the coding knows is missing. `source` itself where nothing is to be changed.
 */
export function withHaploidMales(source: GenotypeSource, plan: SexChromosomes): GenotypeSource {
  if (!tellsSexes(plan)) return source;
  const { sex } = plan;
  const kindOf = chromosomeKinds(source, plan.build);
  const recoding = recodingOf(plan);
  const everyone = Uint32Array.from(source.samples.keys());
  // The same samples are asked for again and again.
  const masks = new WeakMap<Uint32Array, { male: Uint8Array; unknown: Uint8Array }>();
  const masksOf = (sampleIndex: Uint32Array) => {
    const known = masks.get(sampleIndex);
    if (known !== undefined) return known;
    const made = {
      male: sexMask(sex, sampleIndex, MALE),
      unknown: sexMask(sex, sampleIndex, UNKNOWN_SEX),
    };
    masks.set(sampleIndex, made);
    return made;
  };
  return {
    ...source,
    asWritten: source,
    async read(start, end, sampleIndex) {
      const block = await source.read(start, end, sampleIndex);
      const rows: number[] = [];
      for (let v = start; v < end; v++) if (kindOf(v) === "x") rows.push(v - start);
      if (rows.length === 0) return block;
      const own = masksOf(sampleIndex);
      // By all males of the file, as their coding is: who else is analysed says nothing of a male's dosage.
      const whole = source.remainders === undefined ? block : await source.read(start, end, everyone);
      const imputed = rows.filter((row) => isImputed(whole.remainder, row, masksOf(everyone).male));
      const dosages = new Set(imputed);
      for (const row of rows) {
        const calls = block.packed.subarray(row * block.stride, (row + 1) * block.stride);
        if (!dosages.has(row)) recodeCalls(calls, own.male, recoding);
        for (let i = 0; i < calls.length; i++) calls[i]! |= own.unknown[i]!;
      }
      return { ...block, remainder: recodeDosages(block, rows, dosages, own, recoding) };
    },
  };
}

/** Whether some male has a dosage that is no whole number. */
export function isImputed(remainder: Remainders | undefined, row: number, male: Uint8Array): boolean {
  if (remainder === undefined) return false;
  for (let i = remainder.offset[row]!; i < remainder.offset[row + 1]!; i++) {
    if (has(male, remainder.sample[i]!)) return true;
  }
  return false;
}

export function has(mask: Uint8Array, sample: number): boolean {
  return ((mask[sample >> 2]! >> (2 * (sample & 3))) & 1) === 1;
}

/** The males' calls of a row, in place: products of a bit with a code of two bits never carry. */
function recodeCalls(calls: Uint8Array, male: Uint8Array, { one, two }: Recoding): void {
  for (let i = 0; i < calls.length; i++) {
    const byte = calls[i]!;
    const low = byte & 0x55;
    const high = (byte >> 1) & 0x55;
    const recoded = (low & ~high) * one + (high & ~low) * two + (high & low) * MISSING_CALL;
    calls[i] = (byte & ~male[i]!) | (recoded & male[i]!);
  }
}

/**
 * The remainders of a block, and in place the calls of its imputed rows `dosages`: males' times `factor`, in f64 (a power of 2, so exact),
 * missing above `most`; those of unknown sex left out, whose calls are missing already.
 */
function recodeDosages(
  { remainder, packed, stride, count, samples }: GenotypeBlock,
  rows: readonly number[],
  dosages: ReadonlySet<number>,
  { male, unknown }: { male: Uint8Array; unknown: Uint8Array },
  { factor, most }: Recoding,
): Remainders | undefined {
  if (remainder === undefined) return undefined;
  const kept = factor === 1 && most === 2;
  if (kept && unknown.every((byte) => byte === 0)) return remainder;
  const special = new Set(rows);
  const offset = new Uint32Array(count + 1);
  const sample: number[] = [];
  const value: number[] = [];
  const push = (s: number, rest: number): void => {
    sample.push(s);
    value.push(rest);
  };
  const rest = new Float64Array(samples);
  for (let row = 0; row < count; row++) {
    const [from, to] = [remainder.offset[row]!, remainder.offset[row + 1]!];
    if (!dosages.has(row) || kept) {
      for (let i = from; i < to; i++) {
        const s = remainder.sample[i]!;
        if (!special.has(row) || !has(unknown, s)) push(s, remainder.value[i]!);
      }
    } else {
      rest.fill(0);
      for (let i = from; i < to; i++) rest[remainder.sample[i]!] = remainder.value[i]!;
      for (let s = 0; s < samples; s++) {
        const at = row * stride + (s >> 2);
        const shift = 2 * (s & 3);
        const call = (packed[at]! >> shift) & 3;
        if (call === MISSING_CALL) continue;
        let own = rest[s]!;
        if (has(male, s)) {
          if (call + own > most) {
            packed[at]! |= MISSING_CALL << shift;
            continue;
          }
          const dosage = (call + own) * factor;
          const nearest = Math.floor(dosage + 0.5);
          packed[at] = (packed[at]! & ~(3 << shift)) | (nearest << shift);
          own = dosage - nearest;
        }
        if (own !== 0) push(s, own);
      }
    }
    offset[row + 1] = sample.length;
  }
  return { offset, sample: Uint32Array.from(sample), value: Float64Array.from(value) };
}
