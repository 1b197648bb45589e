import { expect, test } from "vitest";
import { log10Acat } from "../../../src/statistics/acat.ts";
import { arccotOverPi, cotPi } from "../../../src/statistics/circular.ts";
import { testRandom } from "../../helpers/randomCohort.ts";
import { relativeError } from "./referenceTable.ts";

test("cot(pi x) and its inverse", () => {
  for (const [x, cot] of [
    [1e-12, 318309886183.79065],
    [0.1, 3.0776835371752536],
    [0.3, 0.7265425280053609],
    [0.9, -3.0776835371752536],
  ] as const) {
    expect(relativeError(cotPi(x), cot), `cot(pi ${x})`).toBeLessThan(2e-15);
    expect(relativeError(arccotOverPi(cot), x), `arccot(${cot})`).toBeLessThan(2e-15);
  }
  expect(cotPi(0.5)).toBe(0);
});

/** log10 p-values and the log10 of their combination, from mpmath at 60 digits with a p of 1 (to 1e-12) as 1 - 1/M. */
const CASES: readonly (readonly [readonly number[], number])[] = [
  [[-0.5, -1, -0.1], -0.54511207774539239],
  [[-3, -0.3, -0.02, -1.2], -2.3951552996400136],
  [[-12, -0.001, -0.5], -11.522878745092401],
  [[-4000, -3999.5, -2], -3999.6422097933464],
  [[-9.2, -8.9, -9.0], -9.051695395609258],
  [[0, -2], -1.6993980025230004],
  [[-0.01, -0.02, -0.005], -0.00857515462783997],
  [[-1e-6, -3, -0.4], -3.0069378415748257e-6],
  [[-1e-13, -2, -0.7], -1.5347837101339539],
  [[-1e-8, -0.2], -1.9999999599017985e-8],
];

test("combined p-values have the digits of a multiple-precision library, also where p underflows", () => {
  for (const [log10P, expected] of CASES) {
    expect(relativeError(log10Acat(Float64Array.from(log10P)), expected), String(log10P)).toBeLessThan(1e-12);
  }
  expect(log10Acat(new Float64Array(0))).toBeNaN();
  expect(log10Acat(Float64Array.from([-2.5]))).toBe(-2.5);
});

test("the combined p of independent uniform ones is uniform, at 1 too", () => {
  for (const count of [2, 20, 1000]) {
    const next = testRandom(count);
    const all = Array.from({ length: count === 1000 ? 4000 : 20_000 }, () =>
      log10Acat(Float64Array.from({ length: count }, () => Math.log10(next()))),
    );
    for (const p of [0.01, 0.05, 0.5, 0.85, 0.95]) {
      const share = all.filter((value) => value <= Math.log10(p)).length / all.length;
      const error = Math.sqrt((p * (1 - p)) / all.length);
      expect(Math.abs(share - p) / error, `${count} p-values, ${p}`).toBeLessThan(4);
    }
  }
});
