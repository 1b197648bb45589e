/**
 * PLINK 1 .bed calls to the layout of GenotypeBlock. PLINK's two bits say 00 = both alleles A1, 01 =
 * missing, 10 = heterozygous, 11 = both A2; ours are the number of A1 copies, 3 = missing
 * (https://www.cog-genomics.org/plink/1.9/formats#bed).
 */

/** PLINK's code for 0 copies in all four places: what padding must be so that ours is 0. */
const NO_COPIES = 0xff;
/** The higher bit of each code of a word, as the signed number that it is where words are. */
const HIGH_BITS = 0xaaaaaaaa | 0;

/**
 * PLINK codes to ours, in place, 16 at a time: with the bits (h, l) of a code, ours are (not h, h xor l).
 * `packed` has to own its buffer.
 */
export function recodeCalls(packed: Uint8Array): void {
  const words = new Int32Array(packed.buffer, 0, packed.length >> 2);
  for (let i = 0; i < words.length; i++) words[i] = recoded(words[i]!);
  for (let i = 4 * words.length; i < packed.length; i++) packed[i] = recoded(packed[i]!);
}

function recoded(codes: number): number {
  return (~codes & HIGH_BITS) | (((codes >>> 1) ^ codes) & 0x55555555);
}

/** Takes the asked samples of each variant, in the asked order, still in PLINK's codes. */
export interface CallGatherer {
  /** Bytes a variant in the output. */
  readonly stride: number;
  /** All samples as they are in the file: `bed` may then be the very place in `packed` that they are to be in. */
  readonly whole: boolean;
  /** `count` variants of PLINK bytes in `bed` to `packed`, from variant `first` of it on. */
  gather(bed: Uint8Array, count: number, packed: Uint8Array, first: number): void;
}

/** A {@link CallGatherer} for the samples `index` of a file of `samples` samples. */
export function callGatherer(samples: number, index: Uint32Array): CallGatherer {
  const bedStride = Math.ceil(samples / 4);
  const whole = index.length === samples && index.every((sample, i) => sample === i);
  return whole ? wholeGatherer(samples, bedStride) : subsetGatherer(bedStride, index);
}

function wholeGatherer(samples: number, stride: number): CallGatherer {
  const used = 2 * (samples & 3);
  const padding = used === 0 ? 0 : (NO_COPIES << used) & 0xff;
  return {
    stride,
    whole: true,
    gather(bed, count, packed, first) {
      const out = first * stride;
      const length = count * stride;
      if (bed.buffer !== packed.buffer) packed.set(bed.subarray(0, length), out);
      if (padding === 0) return;
      for (let last = out + stride - 1; last < out + length; last += stride) packed[last]! |= padding;
    },
  };
}

/**
 * Each output byte holds four samples. Where these follow each other in the file too (the rule when a
 * few samples are left out) the byte is a shifted window of one or two input bytes; otherwise its four
 * calls are fetched one by one.
 */
function subsetGatherer(bedStride: number, index: Uint32Array): CallGatherer {
  const n = index.length;
  const stride = Math.ceil(n / 4);
  const full = n >> 2;
  const byte = Uint32Array.from(index, (sample) => sample >> 2);
  const shift = Uint8Array.from(index, (sample) => 2 * (sample & 3));
  const run = new Uint8Array(full);
  for (let j = 0; j < full; j++) {
    const from = index[4 * j]!;
    const follows = [1, 2, 3].every((k) => index[4 * j + k] === from + k);
    run[j] = follows ? 1 : 0;
  }
  return {
    stride,
    whole: false,
    gather(bed, count, packed, first) {
      for (let v = 0; v < count; v++) {
        const base = v * bedStride;
        const out = (first + v) * stride;
        for (let j = 0; j < full; j++) {
          const k = 4 * j;
          const low = bed[base + byte[k]!]!;
          let raw: number;
          if (run[j] === 1) {
            raw = ((low | (bed[base + byte[k + 3]!]! << 8)) >> shift[k]!) & 0xff;
          } else {
            raw =
              ((low >> shift[k]!) & 3) |
              (((bed[base + byte[k + 1]!]! >> shift[k + 1]!) & 3) << 2) |
              (((bed[base + byte[k + 2]!]! >> shift[k + 2]!) & 3) << 4) |
              (((bed[base + byte[k + 3]!]! >> shift[k + 3]!) & 3) << 6);
          }
          packed[out + j] = raw;
        }
        if (full < stride) packed[out + full] = ragged(bed, base, byte, shift, 4 * full, n);
      }
    },
  };
}

function ragged(
  bed: Uint8Array,
  base: number,
  byte: Uint32Array,
  shift: Uint8Array,
  from: number,
  to: number,
): number {
  let raw = (NO_COPIES << (2 * (to - from))) & 0xff;
  for (let k = from; k < to; k++) raw |= ((bed[base + byte[k]!]! >> shift[k]!) & 3) << (2 * (k - from));
  return raw;
}
