import { log } from "../statistics/elementary.ts";

/**
 * Seeded random numbers of a cohort that is made up (sfc32, the generator of PractRand): a stream, five times as
 * fast as the counter-based ones of a map, which may be drawn in any order.
 */
export interface Random {
  /** Uniform integer, 0 to 2^32 - 1. */
  integer(): number;
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
  /** Uniform integer, 0 to `limit` - 1. */
  below(limit: number): number;
}

export function seededRandom(seed: number): Random {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = seed | 0;
  let counter = 1;
  const integer = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 20; i++) integer();
  const uniform = (): number => integer() / 2 ** 32;
  // Marsaglia's polar method gives two at a time.
  let spare = Number.NaN;
  const normal = (): number => {
    if (!Number.isNaN(spare)) {
      const value = spare;
      spare = Number.NaN;
      return value;
    }
    for (;;) {
      const x = 2 * uniform() - 1;
      const y = 2 * uniform() - 1;
      const square = x * x + y * y;
      if (square === 0 || square >= 1) continue;
      const scale = Math.sqrt((-2 * log(square)) / square);
      spare = y * scale;
      return x * scale;
    }
  };
  return { integer, uniform, normal, below: (limit) => Math.floor(uniform() * limit) };
}
