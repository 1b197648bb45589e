import { type ExpressionSet, expressionSet } from "../../../src/cohort/expressionSet.ts";
import { testNormal, testRandom } from "../../helpers/randomCohort.ts";

/** `modules` groups of `size` genes about a factor of their own, then `noise` genes of none, in `samples` samples. */
export function planted(
  seed: number,
  { modules = 3, size = 30, noise = 40, samples = 60, strength = 2, factorSeed = seed } = {},
): ExpressionSet {
  const random = testRandom(seed);
  const draw = testRandom(factorSeed + 1000);
  const factors = Array.from({ length: modules }, () =>
    Array.from({ length: samples }, () => testNormal(draw)),
  );
  const count = modules * size + noise;
  const values = new Float64Array(count * samples);
  for (let gene = 0; gene < count; gene++) {
    const factor = factors[Math.floor(gene / size)];
    const sign = gene % 5 === 4 ? -1 : 1;
    const weight = factor === undefined ? 0 : sign * strength * (0.6 + (gene % size) / size);
    for (let s = 0; s < samples; s++) {
      values[gene * samples + s] = 8 + weight * (factor?.[s] ?? 0) + testNormal(random);
    }
  }
  return expressionSet(matrix(values, samples));
}

/** Values with names. */
export function matrix(values: Float64Array, samples: number, prefix = "g") {
  return {
    name: "made",
    samples: Array.from({ length: samples }, (_, s) => `s${s}`),
    id: Array.from({ length: values.length / samples }, (_, g) => `${prefix}${g}`),
    values,
  };
}
