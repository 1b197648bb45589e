import { expect, test } from "vitest";
import { emptyTest, refine, refineRun } from "../../../src/association/refine.ts";
import { loadPairTests, loadPowers } from "../../../src/compute/wasm/pairTests.ts";
import { pow10 } from "../../../src/statistics/elementary.ts";
import { studentT } from "../../../src/statistics/studentT.ts";
import { testRandom } from "../../helpers/randomCohort.ts";

const bits = (values: Float64Array): BigUint64Array => new BigUint64Array(values.buffer);

/** The first place where two columns differ in a bit, NaN being equal to any NaN; or nothing. */
function firstDifference(one: Float64Array, other: Float64Array): string | undefined {
  const [a, b] = [bits(one), bits(other)];
  for (let i = 0; i < a.length; i++) {
    if (a[i] === b[i] || (Number.isNaN(one[i]) && Number.isNaN(other[i]))) continue;
    return `${i}: ${one[i]} and ${other[i]}`;
  }
  return undefined;
}

test("the kernel has the bits of the plain tests: 1.2 million pairs, from no correlation to a perfect one", async () => {
  for (const [seed, df] of [0.5, 0.9, 1, 2, 3, 6, 7, 40.5, 303, 478, 2661, 1e5, 1e9].entries()) {
    const tails = studentT(df);
    const vector = await loadPairTests(tails.constants);
    expect(vector, `df ${df}`).toBeDefined();
    const random = testRandom(seed + 1);
    const count = 92_311;
    const norms = Float64Array.from({ length: count }, () => 0.1 + 20 * random());
    const hostile = [0, -0, 1e-300, 1e-145, 1e-140, -1e-20, 1, -1, 1 - 2 ** -53, 2, Number.NaN, Infinity];
    const products = Float64Array.from({ length: count }, (_, i) => {
      if (i % 997 < hostile.length) return norms[i]! * hostile[i % 997]!;
      const sign = random() < 0.5 ? -1 : 1;
      // A third each: correlations as of chance, of any size, and of any order of magnitude.
      if (i % 3 === 0) return (sign * norms[i]! * 3 * random()) / Math.sqrt(df + 2);
      if (i % 3 === 1) return sign * norms[i]! * random();
      return sign * norms[i]! * 10 ** (-17 * random());
    });
    const column = () => new Float64Array(count + 5);
    const make = () => ({ r: column(), slope: column(), slopeSe: column(), log10P: column() });
    const [fast, plain] = [make(), make()];
    const work = { r: fast.r, t: new Float64Array(0) };
    refineRun({ degreesOfFreedom: df, tails, vector }, products, norms, 3.25, work, fast, 5);
    const one = emptyTest();
    products.forEach((product, i) => {
      refine({ degreesOfFreedom: df, tails }, product, norms[i]!, 3.25, one);
      plain.r[i] = one.r;
      plain.slope[i + 5] = one.slope;
      plain.slopeSe[i + 5] = one.slopeSe;
      plain.log10P[i + 5] = one.log10P;
    });
    for (const name of ["r", "slope", "slopeSe", "log10P"] as const) {
      expect(firstDifference(fast[name], plain[name]), `df ${df}, seed ${seed + 1}, ${name}`).toBeUndefined();
    }
  }
});

test("the kernel's powers of ten have the bits of the plain ones: a million, whole, huge and small", async () => {
  const powers = await loadPowers();
  if (powers === undefined) throw new Error("this engine has no WebAssembly SIMD");
  for (let seed = 1; seed <= 10; seed++) {
    const random = testRandom(seed);
    const count = 100_000 - seed;
    const x = Float64Array.from({ length: count }, (_, i) => {
      if (i % 50 === 0) return 0 - Math.floor(400 * random());
      if (i % 50 === 1) return -324 + 0.01 * (random() - 0.5);
      if (i % 50 === 2) return [-0, 0, Number.NaN, -Infinity, -307.65, -5e-324][i % 6]!;
      return i % 2 === 0 ? -8 * random() ** 3 : -330 * random();
    });
    const out = new Float64Array(count);
    powers.of10(x, out);
    expect(firstDifference(out, x.map(pow10)), `seed ${seed}`).toBeUndefined();
  }
});

test("degrees of freedom at the ends of a double are left to the plain form", async () => {
  for (const df of [0.3, 2e9]) expect(await loadPairTests(studentT(df).constants)).toBeUndefined();
});
