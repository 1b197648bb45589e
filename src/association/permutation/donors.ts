/** Permutations of donors: one an index, shared by all genes, variants, parts, shards and backends of a cohort. */
import { InputError, UsageError } from "../../errors.ts";
import { permutation } from "../../statistics/random.ts";

/** Permutations of `samples` donors: `(P y)[i] = y[of(p)[i]]`. */
export interface DonorPermutations {
  readonly count: number;
  readonly samples: number;
  /** Permutation `p` (0 to `count - 1`): 0 to `samples - 1`, each once. Not to be written to. */
  of(p: number): Uint32Array;
}

/** Of the streams of a seed (the null sample draws from 1 upwards): permutations have their own kind of draw, so 0 is theirs. */
const STREAM_PERMUTATION = 0;
/** Permutations kept once they are made: all of a usual run (2 MiB for 1,000 of 500 donors). */
const KEPT_BYTES = 2 ** 25;

/**
 * Permutations drawn at random, each with the same probability: permutation `p` is a function of `seed` and `p` alone (and of
 * how many donors there are), so that the first 1,000 of 10,000 are the 1,000 of a shorter run.
 */
export function seededPermutations(seed: number, count: number, samples: number): DonorPermutations {
  const kept = new Map<number, Uint32Array>();
  const most = Math.max(1, Math.floor(KEPT_BYTES / (4 * Math.max(1, samples))));
  return {
    count,
    samples,
    of(p) {
      checkIndex(p, count);
      const known = kept.get(p);
      if (known !== undefined) return known;
      const made = permutation(seed, STREAM_PERMUTATION, p, samples);
      if (kept.size < most) kept.set(p, made);
      return made;
    },
  };
}

/**
 * Permutations given as rows of donor numbers from 0, as tensorQTL makes them: `(P y)[i] = y[rows[p][i]]`. `name` is their
 * file's, for errors. Throws {@link InputError} where a row does not hold 0 to `samples - 1` once each.
 */
export function listedPermutations(
  rows: readonly Uint32Array[],
  samples: number,
  name: string,
): DonorPermutations {
  rows.forEach((row, p) => {
    if (row.length !== samples) {
      throw new InputError(
        `${name}, row ${p + 1}`,
        `${row.length} numbers, but ${samples} samples are analysed`,
        "give one number a sample",
      );
    }
    const seen = new Uint8Array(samples);
    for (const donor of row) {
      if (donor < samples && seen[donor] === 0) {
        seen[donor] = 1;
        continue;
      }
      const what = donor < samples ? `${donor} twice` : `${donor}, but the largest is ${samples - 1}`;
      throw new InputError(`${name}, row ${p + 1}`, what, `a permutation has 0 to ${samples - 1} once each`);
    }
  });
  return {
    count: rows.length,
    samples,
    of(p) {
      checkIndex(p, rows.length);
      return rows[p]!;
    },
  };
}

function checkIndex(p: number, count: number): void {
  if (!(Number.isInteger(p) && p >= 0 && p < count)) {
    throw new UsageError(`permutation ${p} of ${count}`);
  }
}
