import { expect, test } from "vitest";
import { FULL, planCohort, QUICK } from "../../../src/bench/plan.ts";

test("the machine's speed chooses the variants, in powers of two", () => {
  const variants = (rate: number) => planCohort(QUICK, { seed: 1 }, rate).variants;
  expect(variants(1)).toBe(4096);
  // 0.3 s of 100 M pairs/s over 1,000 genes: 30,000.
  expect(variants(100e6)).toBe(32_768);
  expect(variants(110e6)).toBe(32_768);
  expect(variants(1e12)).toBe(2 ** 20);
});

test("what is chosen stays", () => {
  const shape = planCohort(FULL, { samples: 77, variants: 1234, genes: 55, seed: 9 }, 1e9);
  expect(shape).toMatchObject({ samples: 77, variants: 1234, genes: 55, seed: 9 });
});

test("chromosomes are as long as leaves the pairs within 1 Mb that were asked for, and never longer than a human's", () => {
  const shape = planCohort(FULL, { seed: 1 }, 200e6);
  const megabases = 2876 * shape.scale;
  const near = (shape.variants * shape.genes * 2) / megabases;
  expect(near / FULL.cisPairs).toBeGreaterThan(0.95);
  expect(near / FULL.cisPairs).toBeLessThan(1.05);
  expect(planCohort(QUICK, { seed: 1, variants: 10_000_000 }, 1).scale).toBe(1);
});
