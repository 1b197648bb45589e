import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Epilogue } from "../../../../src/compute/backend.ts";
import { createReferenceBackend } from "../../../../src/compute/reference/backend.ts";
import { BLOCKS } from "../../../../src/compute/webgpu/variants.ts";
import { allOf, faults, type Results, withFactors } from "../check.ts";
import { plainProduct } from "../cohorts.ts";
import { conformance, failures, products } from "../conformance.ts";
import { Random } from "../random.ts";
import { webGpu } from "./device.ts";

let first: Awaited<ReturnType<typeof webGpu>>;
conformance("webgpu, digits by its own rule", async () => {
  first = await webGpu();
  return first;
});
conformance("webgpu, two digits", () => webGpu({ digits: 2 }));

describe("webgpu", () => {
  it("compiled at most 10 pipelines for all those products, and left none to another backend", () => {
    expect(first.activity.pipelines).toBeGreaterThan(2);
    expect(first.activity.pipelines).toBeLessThanOrEqual(10);
    expect(first.activity.submits).toBeGreaterThan(2 * products().length);
    expect(first.activity.losses).toBe(0);
  });

  it("says who formed which pairs", async () => {
    const backend = await webGpu({ digits: 1 });
    const { candidates, columnMax, dense } = await allOf(backend, products()[0]!.product);
    expect([candidates.by, columnMax.by, dense.by]).toEqual([undefined, undefined, "wasm"]);
    await backend.dispose();
  });

  it("splits tiles whose candidates find no room, and chunks of columns: nothing changes", async () => {
    const usual = await webGpu({ digits: 1 });
    const small = await webGpu({ digits: 1 }, { capacity: 64, binding: 2048 });
    for (const { name, product } of products().filter((_, i) => i % 8 < 2)) {
      expect(await allOf(small, product), name).toEqual(await allOf(usual, product));
    }
    expect(usual.activity.splits).toBe(0);
    expect(small.activity.splits).toBeGreaterThan(10);
    expect(small.activity.submits).toBeGreaterThan(1.5 * usual.activity.submits);
    await Promise.all([usual.dispose(), small.dispose()]);
  });
});

const VARIANTS = [true, false].flatMap((packedDot) =>
  [true, false].flatMap((subgroups) =>
    Object.entries(BLOCKS).map(([name, block]) => ({ packedDot, subgroups, name, block })),
  ),
);

/** Dots of either digit: dots.test.ts. Here one is enough. */
const some = products().filter((_, i) => i % 40 < 2);
const expected = new Map<string, Results>();
beforeAll(async () => {
  const reference = createReferenceBackend();
  for (const { name, product } of some) expected.set(name, await allOf(reference, product));
});

describe.each(VARIANTS)("packed dot $packedDot, subgroups $subgroups, $name blocks", (variant) => {
  const { packedDot, subgroups, block } = variant;
  let backend: Awaited<ReturnType<typeof webGpu>>;
  beforeAll(async () => {
    backend = await webGpu({ packedDot, subgroups, digits: 1 }, { block });
  });
  afterAll(() => backend.dispose());

  it("misses no pair and has the reference's maxima", async () => {
    for (const { name, product } of some) {
      expect(faults(product, await allOf(backend, product), expected.get(name)!), name).toEqual([]);
    }
  });

  it("has every pair once where all of them pass, and one where one does", async () => {
    for (const [rows, columns] of [
      [128, 64],
      [129, 65],
      [1, 1],
    ] as const) {
      const product = plainProduct(new Random(rows), rows, columns, 40);
      const ask = (epilogue: Epilogue & { kind: "candidates" }) =>
        withFactors(backend, product, (factors) => backend.product(factors, epilogue));
      const all = await ask({ kind: "candidates", threshold: new Float64Array(columns) });
      const pairs = Array.from({ length: rows * columns }, (_, at) => at);
      expect([...all.row].map((row, i) => row * columns + all.column[i]!)).toEqual(pairs);
      // One pair of the last block.
      const threshold = new Float64Array(columns).fill(2);
      threshold[columns - 1] = 0;
      const line = new Uint32Array(columns);
      const windows = { start: line.map(() => rows - 1), end: line.map(() => rows) };
      const one = await ask({ kind: "candidates", threshold, windows });
      expect([[...one.row], [...one.column]]).toEqual([[rows - 1], [columns - 1]]);
    }
  });
});

describe("mutants", () => {
  it.each([1, 2] as const)("with half the bound miss pairs (%i digits)", async (digits) => {
    const mutant = await webGpu({ digits }, { boundScale: 0.5 });
    const missed = (await failures(mutant)).filter((line) => line.includes("missed"));
    expect(missed.length).toBeGreaterThan(10);
    await mutant.dispose();
  });
});
