/** Permutations of donors: one an index, shared by all genes, variants, parts, shards and backends of a cohort. */
import type { Cohort } from "../../cohort/cohort.ts";
import { chromosomeKinds, tellsSexes } from "../../cohort/sexChromosomes.ts";
import { sexesAnalysed } from "../../cohort/sexedFilter.ts";
import { InputError, UsageError } from "../../errors.ts";
import { permutation } from "../../statistics/random.ts";

/** Permutations of `samples` donors: `(P y)[i] = y[of(p)[i]]`. */
export interface DonorPermutations {
  readonly count: number;
  readonly samples: number;
  /** Permutation `p` (0 to `count - 1`): 0 to `samples - 1`, each once. Not to be written to. */
  of(p: number): Uint32Array;
}

/**
 * Of the streams of a seed (the null sample draws from 1 upwards): permutations have their own kind of draw, so 0 is theirs, and those
 * above it are of strata.
 */
const STREAM_PERMUTATION = 0;
/** Permutations kept once they are made: all of a usual run (2 MiB for 1,000 of 500 donors). */
const KEPT_BYTES = 2 ** 25;

/**
 * Permutations drawn at random, each with the same probability: permutation `p` is a function of `seed` and `p` alone (and of
 * how many donors there are), so that the first 1,000 of 10,000 are the 1,000 of a shorter run.
 */
export function seededPermutations(seed: number, count: number, samples: number): DonorPermutations {
  return kept(count, samples, (p) => permutation(seed, STREAM_PERMUTATION, p, samples));
}

/** Permutations that `make` makes, each as often as memory asks for it. */
function kept(count: number, samples: number, make: (p: number) => Uint32Array): DonorPermutations {
  const known = new Map<number, Uint32Array>();
  const most = Math.max(1, Math.floor(KEPT_BYTES / (4 * Math.max(1, samples))));
  return {
    count,
    samples,
    of(p) {
      checkIndex(p, count);
      const before = known.get(p);
      if (before !== undefined) return before;
      const made = make(p);
      if (known.size < most) known.set(p, made);
      return made;
    },
  };
}

/**
 * Permutations within strata: a donor takes the place of one of the same `stratum` (any small whole number). What expression and
 * genotypes have of a stratum, such as the variances by sex of genes and variants on X, is the same in every permutation.
 * Permutation `p` is a function of `seed`, `p` and the strata.
 */
export function stratifiedPermutations(seed: number, count: number, stratum: Uint8Array): DonorPermutations {
  const members = [...new Set(stratum)]
    .sort((a, b) => a - b)
    .map((code) => ({
      code,
      donors: Uint32Array.from(stratum.keys()).filter((s) => stratum[s] === code),
    }));
  return kept(count, stratum.length, (p) => {
    const made = new Uint32Array(stratum.length);
    for (const { code, donors } of members) {
      const order = permutation(seed, STREAM_PERMUTATION + 1 + code, p, donors.length);
      donors.forEach((donor, i) => {
        made[donor] = donors[order[i]!]!;
      });
    }
    return made;
  });
}

/**
 * The permutations of a cohort's donors for a gene on X, or for a whole map that tests X: within each sex (and among those of unknown
 * sex) where males are told from females there. Undefined where they are not.
 */
export function sexPermutations(cohort: Cohort, seed: number, count: number): DonorPermutations | undefined {
  const { genotypes, sexChromosomes: plan } = cohort.tables;
  if (!tellsSexes(plan)) return undefined;
  const kindOf = chromosomeKinds(genotypes, plan.build);
  let variant = 0;
  while (variant < genotypes.variantCount && kindOf(variant) !== "x") variant++;
  if (variant === genotypes.variantCount) return undefined;
  return stratifiedPermutations(seed, count, sexesAnalysed(cohort)!);
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
