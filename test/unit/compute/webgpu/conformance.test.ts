import { describe, expect, it } from "vitest";
import { allOf } from "../check.ts";
import { conformance, failures, products } from "../conformance.ts";
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

  it("has the same candidates without the instruction for products of bytes", async () => {
    const usual = await webGpu();
    const plain = await webGpu({ packedDot: false });
    for (const { name, product } of products().filter((_, i) => i % 10 < 2)) {
      expect(await allOf(plain, product), name).toEqual(await allOf(usual, product));
    }
    await Promise.all([usual.dispose(), plain.dispose()]);
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
