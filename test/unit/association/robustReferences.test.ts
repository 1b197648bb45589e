import { describe, expect, test } from "vitest";
import { RobustReferences } from "../../../src/association/interaction/robustReference.ts";
import { canonicalDot } from "../../../src/compute/exact.ts";
import { loadRowProducts } from "../../../src/compute/wasm/rowProducts.ts";
import { uniform } from "../../../src/statistics/random.ts";

const SEED = 20261130;

/** Seeded numbers from -1 to 1 of very different sizes. */
function numbers(count: number, stream: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => {
    const [value, size] = [uniform(SEED, stream, i), uniform(SEED, stream + 1000, i)];
    return (2 * value - 1) * 2 ** Math.floor(40 * size - 20);
  });
}

describe("products of rows by a kernel", () => {
  test.each([
    [1, 1],
    [3, 5],
    [4, 8],
    [21, 499],
    [37, 37],
    [130, 514],
  ])("are those of dot to the bit: %i rows of %i", async (rows, n) => {
    const matrix = numbers(rows * n, rows);
    const times = await loadRowProducts(matrix, rows, n);
    for (let draw = 0; draw < 3; draw++) {
      const vector = numbers(n, 7 * n + draw);
      const products = times!(vector);
      for (let row = 0; row < rows; row++) {
        expect(products[row], `seed ${SEED} row ${row} draw ${draw}`).toBe(
          canonicalDot(matrix, row * n, vector, 0, n),
        );
      }
    }
  });
});

describe("references of robust errors", () => {
  test.each([
    [50, 0],
    [61, 4],
    // Past the samples for which a matrix is made.
    [2050, 2],
  ])("are the same with kernels: %i samples, %i covariates", async (n, covariates) => {
    const basis = { count: covariates, values: numbers(covariates * n, 5).map((value) => value / n) };
    const plain = new RobustReferences(n, basis);
    const quick = await RobustReferences.load(n, basis);
    for (let draw = 0; draw < 4; draw++) {
      const weights = Float64Array.from({ length: n }, (_, s) => uniform(SEED, 20 + draw, s) - 0.5);
      const rest = Float64Array.from({ length: n }, (_, s) => 0.5 + 0.5 * uniform(SEED, 40 + draw, s));
      const terms = {
        count: 2,
        values: Float64Array.from(
          { length: 2 * n },
          (_, i) => (uniform(SEED, 60 + draw, i) - 0.5) / Math.sqrt(n),
        ),
      };
      const [a, b] = [plain.of(weights, rest, terms), quick.of(weights, rest, terms)];
      expect(b.scale, `seed ${SEED} draw ${draw}`).toBe(a.scale);
      expect(b.tails?.log10P(3.7), `seed ${SEED} draw ${draw}`).toBe(a.tails?.log10P(3.7));
      expect(Number.isFinite(b.tails?.log10P(3.7))).toBe(true);
    }
  });
});
