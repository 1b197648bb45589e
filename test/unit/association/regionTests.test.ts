import { describe, expect, test } from "vitest";
import { regionTests } from "../../../src/association/regionTests.ts";
import { buildCohort } from "../../../src/cohort/cohort.ts";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import { createWasmBackend } from "../../../src/compute/wasm/backend.ts";
import { randomTables } from "../../helpers/randomCohort.ts";

/** Squared correlation by its definition, missing calls (3) at the mean of the others. */
function plainR2(a: readonly number[], b: readonly number[]): number {
  const centred = (calls: readonly number[]): number[] => {
    const called = calls.filter((call) => call !== 3);
    const mean = called.reduce((sum, call) => sum + call, 0) / called.length;
    return calls.map((call) => (call === 3 ? 0 : call - mean));
  };
  const [x, y] = [centred(a), centred(b)];
  const product = (u: readonly number[], v: readonly number[]): number =>
    u.reduce((sum, value, s) => sum + value * v[s]!, 0);
  return product(x, y) ** 2 / (product(x, x) * product(y, y));
}

const FIRST = 1000;
const STEP = 1000;

describe("the variants of a region", () => {
  test.each([1, 2, 3])("seed %i: r2 with the lead is the genotypes' own", async (seed) => {
    const tables = randomTables(seed, { samples: 41, variants: 400, genes: 3, covariates: 2 });
    const cohort = buildCohort(tables);
    const lead = 60;
    const region = { gene: 0, lead, start: FIRST + 30 * STEP, end: FIRST + 90 * STEP };
    for (const backend of [createReferenceBackend(), await createWasmBackend({})]) {
      let tested = 0;
      for await (const found of regionTests(cohort, { backend }, [region])) {
        expect(found.position[found.lead]).toBe(FIRST + lead * STEP);
        expect(found.r2[found.lead]).toBe(1);
        found.position.forEach((position, i) => {
          const variant = (position - FIRST) / STEP;
          expect(found.r2[i]).toBeCloseTo(plainR2(tables.calls[variant]!, tables.calls[lead]!), 12);
        });
        tested += found.position.length;
      }
      expect(tested, `seed ${seed}`).toBeGreaterThan(40);
    }
  });

  test("a lead that is not tested has no r2", async () => {
    const tables = randomTables(4, { samples: 41, variants: 400, genes: 3, covariates: 2 });
    const cohort = buildCohort({ ...tables, exclude: ["chr1:61000:A:G"] });
    const region = { gene: 0, lead: 60, start: FIRST + 30 * STEP, end: FIRST + 90 * STEP };
    const options = { backend: createReferenceBackend() };
    for await (const found of regionTests(cohort, options, [region])) {
      expect(found.lead).toBe(-1);
      expect(found.r2.every(Number.isNaN)).toBe(true);
      expect(found.position.length).toBeGreaterThan(40);
    }
  });
});
