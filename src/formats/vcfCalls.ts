import { InputError } from "../errors.ts";
import { parseDecimalBytes } from "./numbers.ts";
import { decode } from "./text.ts";
import { atLine, counted, shown } from "./wording.ts";

const TAB = 9;
const COMMA = 44;
const DOT = 46;
const SLASH = 47;
const ZERO = 48;
const COLON = 58;
const BAR = 124;
const MISSING = 3;
/** Codes of {@link genotypeCode} that are no call. */
const HALF = 4;
const MALFORMED = 5;
const PLOIDY = 6;
const UNKNOWN_ALLELE = 7;
/** Added to a code that came from one allele only. */
const HAPLOID = 8;

/** PLINK's two bits for 0, 1 and 2 copies and for a missing call. */
const BED = [3, 2, 0, 1] as const;

// Four bytes of a sample's column that holds a GT alone, with its tab, as a little-endian word.
const PHASED = 0x09307c30;
const UNPHASED = 0x09302f30;
/** All bits but those that tell allele 0 from allele 1. */
const FIXED_BITS = ~0x00010001;
const NO_CALL = 0x092e2f2e;
const NO_PHASED_CALL = 0x092e7c2e;

/** Where a record keeps what is read: places in its FORMAT, -1 where it has none. */
export interface SampleFields {
  readonly count: number;
  readonly gt: number;
  readonly ds: number;
}

/**
 * Cuts the sample columns of a VCF record into calls, as bytes: PLINK's two bits a sample in `packed`, and the
 * first `entries` of `sample` and `value` for dosages that are not whole numbers.
 *
 * As in plink2 --vcf, a haploid call counts as two copies of its allele (so does its dosage), on every
 * chromosome; what a sample lacks in DS its GT says. A call of which only one of two alleles is known is missing.
 */
export class VcfCalls {
  readonly packed: Uint8Array;
  readonly sample: Uint32Array;
  readonly value: Float64Array;
  entries = 0;
  halfCalls = 0;
  haploidCalls = 0;
  /** Whether the records that come are of chromosome X. */
  onX = false;
  /** Haploid calls of each sample on X. */
  readonly haploidOnX: Uint32Array;
  readonly #name: string;
  readonly #samples: readonly string[];
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;

  constructor(name: string, samples: readonly string[]) {
    const n = samples.length;
    this.#name = name;
    this.#samples = samples;
    this.packed = new Uint8Array(Math.ceil(n / 4));
    this.sample = new Uint32Array(n);
    this.value = new Float64Array(n);
    this.haploidOnX = new Uint32Array(n);
    this.#words = new Int32Array(n);
    this.#bytes = new Uint8Array(this.#words.buffer);
  }

  /**
   * The columns `start` to `end` of `bytes`, the copies of allele `alt` (1 is the first ALT) of `alleles` in all.
   * Throws {@link InputError} with line and sample.
   */
  parse(
    bytes: Uint8Array,
    start: number,
    end: number,
    line: number,
    fields: SampleFields,
    alt: number,
    alleles: number,
  ): void {
    this.entries = 0;
    const alone = fields.count === 1 && fields.gt === 0 && alleles <= 2;
    if (alone && end - start === 4 * this.#samples.length - 1 && this.#words4(bytes, start, end)) return;
    this.#general(bytes, start, end, line, fields, alt, alleles);
  }

  /** All samples are `a|b` of alleles 0 and 1, or missing: a word each. False where one is not. */
  #words4(bytes: Uint8Array, start: number, end: number): boolean {
    const words = this.#words;
    const { packed } = this;
    this.#bytes.set(bytes.subarray(start, end));
    this.#bytes[end - start] = TAB;
    const n = words.length;
    for (let s = 0, at = 0; s < n; at++) {
      let byte = 0;
      const to = Math.min(n, s + 4);
      for (let shift = 0; s < to; s++, shift += 2) {
        const word = words[s]!;
        let alleles = word ^ PHASED;
        if ((alleles & FIXED_BITS) !== 0) {
          alleles = word ^ UNPHASED;
          if ((alleles & FIXED_BITS) !== 0) {
            if (word !== NO_CALL && word !== NO_PHASED_CALL) return false;
            byte |= 1 << shift;
            continue;
          }
        }
        const copies = (alleles & 1) + (alleles >>> 16);
        byte |= (3 - copies - (copies >> 1)) << shift;
      }
      packed[at] = byte;
    }
    return true;
  }

  #general(
    bytes: Uint8Array,
    start: number,
    end: number,
    line: number,
    { gt, ds }: SampleFields,
    alt: number,
    alleles: number,
  ): void {
    const n = this.#samples.length;
    const { packed } = this;
    const last = Math.max(gt, ds);
    packed.fill(0);
    let at = start;
    for (let s = 0; s < n; s++) {
      if (at > end) throw this.#ragged(bytes, start, end, line);
      let gtFrom = -1;
      let gtTo = -1;
      let dsFrom = -1;
      let dsTo = -1;
      for (let field = 0; ; field++) {
        const from = at;
        while (at < end && bytes[at] !== TAB && bytes[at] !== COLON) at++;
        if (field === gt) {
          gtFrom = from;
          gtTo = at;
        } else if (field === ds) {
          dsFrom = from;
          dsTo = at;
        }
        if (field === last) while (at < end && bytes[at] !== TAB) at++;
        if (at >= end || bytes[at] === TAB) break;
        at++;
      }
      at++;
      let code = MISSING;
      let haploid = false;
      if (gtFrom >= 0) {
        code = genotypeCode(bytes, gtFrom, gtTo, alt, alleles);
        if (code > MISSING) {
          haploid = code >= HAPLOID;
          if (haploid) {
            code -= HAPLOID;
            this.haploidCalls++;
            if (this.onX) this.haploidOnX[s]!++;
          } else code = this.#unusual(code, bytes, gtFrom, gtTo, line, s, alleles);
        }
      }
      if (dsTo > dsFrom && !(dsTo - dsFrom === 1 && bytes[dsFrom] === DOT)) {
        code = this.#dosage(bytes, dsFrom, dsTo, line, s, alt, alleles, haploid, code);
      }
      packed[s >> 2]! |= BED[code as 0 | 1 | 2 | 3] << (2 * (s & 3));
    }
    if (at <= end) throw this.#ragged(bytes, start, end, line);
  }

  /** The call of a DS, whose remainder is noted. */
  #dosage(
    bytes: Uint8Array,
    from: number,
    to: number,
    line: number,
    s: number,
    alt: number,
    alleles: number,
    haploid: boolean,
    code: number,
  ): number {
    let start = from;
    let end = to;
    if (alleles > 2) {
      // One number an ALT.
      let value = 1;
      for (let at = from; at <= to; at++) {
        if (at < to && bytes[at] !== COMMA) continue;
        if (value === alt) end = at;
        value++;
        if (value === alt) start = at + 1;
      }
      if (value !== alleles) throw this.#badDosage(bytes, from, to, line, s, `is not ${alleles - 1} numbers`);
      if (end - start === 1 && bytes[start] === DOT) return code;
    }
    const digit = bytes[start]! - ZERO;
    let dosage = digit >= 0 && digit <= 9 && end - start === 1 ? digit : parseDecimalBytes(bytes, start, end);
    const most = haploid ? 1 : 2;
    if (!(dosage >= 0 && dosage <= most)) {
      const of = haploid ? " of a haploid call" : "";
      throw this.#badDosage(bytes, start, end, line, s, `is not a number from 0 to ${most}${of}`);
    }
    if (haploid) dosage *= 2;
    const call = dosage < 0.5 ? 0 : dosage < 1.5 ? 1 : 2;
    const rest = dosage - call;
    if (rest !== 0) {
      this.sample[this.entries] = s;
      this.value[this.entries++] = rest;
    }
    return call;
  }

  #unusual(
    code: number,
    bytes: Uint8Array,
    from: number,
    to: number,
    line: number,
    s: number,
    alleles: number,
  ): number {
    if (code === HALF) {
      this.halfCalls++;
      return MISSING;
    }
    const text = shown(decode(bytes, from, to, this.#name, line));
    const where = `${atLine(this.#name, line)}, sample ${this.#samples[s]}`;
    if (code === PLOIDY) {
      throw new InputError(
        where,
        `GT ${text} has more than two alleles`,
        "Qortex takes diploid and haploid calls",
      );
    }
    if (code === UNKNOWN_ALLELE) {
      throw new InputError(
        where,
        `GT ${text} names an allele above ${alleles - 1}, the last of the line`,
        "write the file again with bcftools",
      );
    }
    throw new InputError(where, `GT ${text} is not a genotype`, "it should look like 0/1, 0|1, 1 or ./.");
  }

  #badDosage(bytes: Uint8Array, from: number, to: number, line: number, s: number, what: string): InputError {
    return new InputError(
      `${atLine(this.#name, line)}, sample ${this.#samples[s]}`,
      `DS ${shown(decode(bytes, from, to, this.#name, line))} ${what}`,
      "--dosage-field GT takes the calls instead",
    );
  }

  #ragged(bytes: Uint8Array, start: number, end: number, line: number): InputError {
    let found = start > end ? 0 : 1;
    for (let at = start; at < end; at++) if (bytes[at] === TAB) found++;
    return new InputError(
      atLine(this.#name, line),
      `has ${counted(found, "sample column")} where the header has ${this.#samples.length}`,
      "it may be cut: write or copy the file again",
    );
  }
}

/** Copies of allele `alt` in the GT `from` to `to`, 3 for missing, or a code that says what is wrong. */
function genotypeCode(bytes: Uint8Array, from: number, to: number, alt: number, alleles: number): number {
  if (to - from === 3) {
    const a = bytes[from]! - ZERO;
    const b = bytes[from + 2]! - ZERO;
    const between = bytes[from + 1]!;
    if ((between === BAR || between === SLASH) && a >= 0 && a <= 9 && b >= 0 && b <= 9) {
      if (a >= alleles || b >= alleles) return UNKNOWN_ALLELE;
      return (a === alt ? 1 : 0) + (b === alt ? 1 : 0);
    }
  }
  let copies = 0;
  let unknown = 0;
  let ploidy = 0;
  let at = from;
  for (;;) {
    let allele = -1;
    if (at < to && bytes[at] === DOT) {
      unknown++;
      at++;
    } else {
      allele = 0;
      const first = at;
      for (; at < to; at++) {
        const digit = bytes[at]! - ZERO;
        if (digit < 0 || digit > 9) break;
        allele = Math.min(allele * 10 + digit, 1_000_000);
      }
      if (at === first) return MALFORMED;
      if (allele >= alleles) return UNKNOWN_ALLELE;
      if (allele === alt) copies++;
    }
    ploidy++;
    if (at === to) break;
    if (bytes[at] !== BAR && bytes[at] !== SLASH) return MALFORMED;
    at++;
  }
  if (ploidy > 2) return PLOIDY;
  if (unknown === ploidy) return MISSING;
  if (unknown > 0) return HALF;
  return ploidy === 1 ? HAPLOID + 2 * copies : copies;
}
