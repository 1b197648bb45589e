import { buildCohort, type Cohort } from "../../src/cohort/cohort.ts";
import { memoryGenotypes, testNormal, testRandom } from "./randomCohort.ts";

/** Samples, and the variants that gene `two` and gene `one` follow. */
export const TWO_SIGNALS = { samples: 150, variants: 40, strong: 12, weak: 27, only: 33 } as const;

export interface TwoSignals {
  readonly cohort: Cohort;
  /** Calls of each variant; 3 is missing. */
  readonly calls: readonly (readonly number[])[];
  readonly age: readonly number[];
  /** `[gene * samples + sample]`. */
  readonly values: Float64Array;
}

/** A gene with two signals, one with a weaker one (what is a signal is measured by it), and one with none, beside a covariate; a tenth of the calls of some variants is missing. */
export function twoSignals(seed = 5): TwoSignals {
  const { samples: n, variants, strong, weak, only } = TWO_SIGNALS;
  const next = testRandom(seed);
  const samples = Array.from({ length: n }, (_, s) => `S${s}`);
  const calls = Array.from({ length: variants }, (_, v) => {
    const frequency = 0.2 + 0.3 * next();
    const causal = v === strong || v === weak || v === only;
    return samples.map(() => {
      const copies = Number(next() < frequency) + Number(next() < frequency);
      return !causal && v % 4 === 1 && next() < 0.1 ? 3 : copies;
    });
  });
  // Nearly the same variant, as neighbours are.
  calls[strong + 1] = calls[strong]!.map((call, s) => (s % 20 === 0 ? 0 : call));
  const age = samples.map(() => testNormal(next));
  const values = new Float64Array(3 * n);
  for (let s = 0; s < n; s++) {
    values[s] = 2 * calls[strong]![s]! - 1.2 * calls[weak]![s]! + 2 * age[s]! + testNormal(next);
    values[n + s] = 0.7 * calls[only]![s]! + testNormal(next);
    values[2 * n + s] = testNormal(next);
  }
  const cohort = buildCohort({
    genotypes: memoryGenotypes(
      samples,
      calls.map((own, v) => ({ chromosome: "1", position: 1000 + 10 * v, calls: own })),
    ),
    expression: {
      name: "expression",
      ...{ samples, id: ["two", "one", "none"], chromosome: ["1", "1", "1"] },
      ...{ start: Int32Array.of(1100, 1110, 1120), end: Int32Array.of(1200, 1210, 1220) },
      ...{ strand: ["+", "+", "+"], values },
    },
    covariates: { name: "covariates", samples, covariates: ["age"], cells: [age.map(String)] },
  });
  return { cohort, calls, age, values };
}

/** The calls as numbers, missing ones at the mean of the others. */
export function filled(calls: readonly number[]): number[] {
  const called = calls.filter((call) => call !== 3);
  const mean = called.reduce((sum, call) => sum + call, 0) / called.length;
  return calls.map((call) => (call === 3 ? mean : call));
}
