import { expect, test } from "vitest";
import { UsageError } from "../../../src/errors.ts";
import { digamma, digammaIncrease, trigamma, trigammaDecrease } from "../../../src/statistics/digamma.ts";
import { relativeError } from "./referenceTable.ts";

/** x, psi(x), psi'(x) from mpmath at 60 digits. */
const VALUES: readonly (readonly [number, number, number])[] = [
  [0.001, -1000.5755719318103, 1000001.6425331959],
  [0.3, -3.502524222200133, 12.24536454610773],
  [1, -0.5772156649015329, Math.PI ** 2 / 6],
  [2.5, 0.7031566406452432, 0.49035775610023485],
  [77.25, 4.340560459718617, 0.013029131647134705],
  [12345.678, 9.42102082074176, 0.00008100328723111207],
];

test("digamma and trigamma have the digits of a multiple-precision library", () => {
  for (const [x, psi, psi1] of VALUES) {
    expect(relativeError(digamma(x), psi), `digamma(${x})`).toBeLessThan(2e-14);
    expect(relativeError(trigamma(x), psi1), `trigamma(${x})`).toBeLessThan(2e-14);
  }
});

test("differences are right where one argument is small beside the other", () => {
  // psi(x + 1) = psi(x) + 1 / x and psi'(x + 1) = psi'(x) - 1 / x^2, once and three times.
  for (const x of [0.01, 0.7, 9.99, 1234.5, 1e8]) {
    const steps = [x, x + 1, x + 2];
    const one = [digammaIncrease(x, 1) * x, trigammaDecrease(x, 1) * x * x];
    const three = [digammaIncrease(x, 3), trigammaDecrease(x, 3)];
    const sums = [steps.reduce((s, y) => s + 1 / y, 0), steps.reduce((s, y) => s + 1 / y / y, 0)];
    for (const value of one) expect(Math.abs(value - 1), `x ${x}`).toBeLessThan(1e-14);
    sums.forEach((sum, i) => {
      expect(relativeError(three[i]!, sum), `x ${x}`).toBeLessThan(1e-14);
    });
  }
});

test("only positive numbers are taken", () => {
  expect(() => digamma(0)).toThrow(UsageError);
  expect(() => trigamma(-1)).toThrow("the argument of trigamma is -1; it must be positive");
});
