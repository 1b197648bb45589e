import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../../../src/compute/backend.ts";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import { allOf, faults, withFactors } from "./check.ts";
import { adversarialProduct, randomProduct, type TestProduct } from "./cohorts.ts";
import { Random } from "./random.ts";

/** Seeds of either kind: as many products. */
export const SEEDS = 110;

/** The products that every backend must get right: half of them random, half adversarial, of either digit. */
export function products(): { readonly name: string; readonly product: TestProduct }[] {
  return Array.from({ length: SEEDS }, (_, i) => [
    { name: `random product, seed ${i}`, product: randomProduct(new Random(i)) },
    {
      name: `adversarial product, seed ${i}`,
      product: adversarialProduct(new Random(10_000 + i), i % 2 === 0 ? 1 : 2),
    },
  ]).flat();
}

/** Names of the products that a backend gets wrong, with what is wrong. */
export async function failures(backend: Backend): Promise<string[]> {
  const reference = createReferenceBackend();
  const found: string[] = [];
  for (const { name, product } of products()) {
    const wrong = faults(product, await allOf(backend, product), await allOf(reference, product));
    if (wrong.length > 0) found.push(`${name}: ${wrong.slice(0, 3).join("; ")}`);
  }
  return found;
}

/** What every backend owes. */
export function conformance(name: string, makeBackend: () => Promise<Backend>): void {
  describe(`conformance of ${name}`, () => {
    let backend: Backend;
    beforeAll(async () => {
      backend = await makeBackend();
    });
    afterAll(() => backend.dispose());

    it(`misses no pair and has the reference's bits in ${2 * SEEDS} products`, async () => {
      expect(await failures(backend)).toEqual([]);
    });

    it("stops when its signal fires", async () => {
      const { product } = products()[0]!;
      await withFactors(backend, product, async (factors) => {
        const dense = { kind: "dense" } as const;
        await expect(backend.product(factors, dense, AbortSignal.abort())).rejects.toThrow("cancelled");
      });
    });

    it("refuses shapes that do not fit", async () => {
      const { product } = products()[0]!;
      await withFactors(backend, product, async (factors) => {
        const [factor] = factors;
        const threshold = new Float64Array(factor!.columns.count + 1);
        await expect(backend.product(factors, { kind: "candidates", threshold })).rejects.toThrow(
          /thresholds/,
        );
        await expect(backend.product([], { kind: "dense" })).rejects.toThrow(/no cohorts/);
        const norm = new Float64Array(0);
        await expect(backend.product([{ ...factor!, norm }], { kind: "columnMax" })).rejects.toThrow(/norms/);
      });
    });

    it("answers for no rows, and for no columns", async () => {
      const full = { kind: "real", count: 1, samples: 4, values: Float64Array.of(0, 1, 2, 0) } as const;
      const size = Math.SQRT1_2;
      for (const [count, width] of [
        [0, 1],
        [1, 0],
      ] as const) {
        const rows = { ...full, count, values: full.values.subarray(0, 4 * count) };
        const values = Float64Array.of(size, 0, 0, -size).subarray(0, 4 * width);
        const columns = { count: width, samples: 4, values, standardised: true };
        const factor = { rows, columns, norm: new Float64Array(count).fill(1), weight: 1 };
        const threshold = new Float64Array(width);
        const results = await allOf(backend, { factors: [factor], threshold, windows: undefined });
        expect(results.candidates).toEqual({
          kind: "candidates",
          row: new Uint32Array(0),
          column: new Uint32Array(0),
          pairs: 0,
        });
        expect([...results.columnMax.row]).toEqual(width === 0 ? [] : [-1]);
        expect(results.dense.values).toEqual([new Float64Array(0)]);
      }
    });

    it("screens standardised columns only, but multiplies any", async () => {
      const values = Float64Array.from([1, 2, 3, 4, 5, 6]);
      const columns = await backend.load({ count: 2, samples: 3, values, standardised: false });
      const rows = { kind: "real", count: 1, samples: 3, values: Float64Array.of(1, 10, 100) } as const;
      const factors = [{ rows, columns, norm: Float64Array.of(1), weight: 1 }];
      const { values: products } = await backend.product(factors, { kind: "dense" });
      expect(products.map((v) => [...v])).toEqual([[321, 654]]);
      await expect(backend.product(factors, { kind: "columnMax" })).rejects.toThrow(/standardised/);
      await columns.dispose();
      await expect(backend.product(factors, { kind: "dense" })).rejects.toThrow(/disposed/);
    });
  });
}
