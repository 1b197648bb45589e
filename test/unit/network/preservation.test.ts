/** Preservation against WGCNA's modulePreservation (test/data/network/preservation.R makes the numbers). */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { expressionSet } from "../../../src/cohort/expressionSet.ts";
import { modulePreservation } from "../../../src/network/preservation.ts";
import { createBackend } from "../../../src/node/backends.ts";

interface Found {
  /** A row a module, in the order of PRESERVATION_STATISTICS. */
  readonly observed: readonly (readonly number[])[];
  readonly z: readonly (readonly number[])[];
  /** Zsummary, Zdensity, Zconnectivity. */
  readonly summary: readonly (readonly number[])[];
}
interface Expected {
  readonly genes: readonly string[];
  readonly labels: readonly number[];
  readonly permutations: readonly [number];
  readonly reference: readonly (readonly number[])[];
  readonly test: readonly (readonly number[])[];
  readonly unsigned: Found;
  readonly signed: Found;
}
const path = new URL("../../data/network/preservation.json", import.meta.url);
const expected = JSON.parse(readFileSync(path, "utf8")) as Expected;

function set(name: "reference" | "test") {
  const rows = expected[name];
  const samples = rows[0]!.map((_, s) => `${name}${s}`);
  return expressionSet({ name, samples, id: expected.genes, values: Float64Array.from(rows.flat()) });
}

const labels = Int32Array.from(expected.labels);
const PEARSON = { method: "pearson" } as const;

// modulePreservation has its powers built in.
test.each([
  { type: "unsigned", power: 6 },
  { type: "signed", power: 12 },
] as const)(
  "$type: the statistics are WGCNA's, Z within what permutations leave open",
  async ({ type, power }) => {
    const permutations = 400;
    const options = { measure: PEARSON, type, power, permutations, seed: 3 };
    const found = await modulePreservation(set("reference"), labels, set("test"), options);
    const wanted = expected[type];
    expect(found).toHaveLength(3);
    found.forEach(({ module, observed, z, zSummary, zDensity, zConnectivity }, m) => {
      expect(module).toBe(m + 1);
      observed.forEach((value, i) => {
        expect(Math.abs(value - wanted.observed[m]![i]!), `module ${module}, statistic ${i}`).toBeLessThan(
          1e-9,
        );
      });
      // Of n permutations the mean is known to 1 / sqrt(n) standard deviations, and these to 1 / sqrt(2 n) of themselves; statistics that are not
      // normal (R squared, |r|) have heavier tails, which doubles the second. Five standard errors of both sides.
      const error = (value: number): number => {
        const of = (n: number): number => (1 + 2 * value * value) / n;
        return 5 * Math.sqrt(of(permutations) + of(expected.permutations[0]));
      };
      z.forEach((value, i) => {
        const other = wanted.z[m]![i]!;
        expect(Math.abs(value - other), `module ${module}, Z ${i}: ${value}, ${other}`).toBeLessThan(
          error(other),
        );
      });
      [zSummary, zDensity, zConnectivity].forEach((value, i) => {
        const other = wanted.summary[m]![i]!;
        expect(Math.abs(value - other), `module ${module}, summary ${i}: ${value}, ${other}`).toBeLessThan(
          error(other),
        );
      });
    });
    // What was planted: 1 is there, 2 is not (3 is there too faintly to tell).
    expect(found[0]!.zSummary).toBeGreaterThan(8);
    expect(found[1]!.zSummary).toBeLessThan(2);
  },
);

test("the same numbers with all correlations at once, on every backend, and one by one", async () => {
  const options = { measure: PEARSON, type: "unsigned", power: 6, permutations: 20, seed: 2 } as const;
  const alone = await modulePreservation(set("reference"), labels, set("test"), options);
  for (const [name, threads] of [
    ["reference", 1],
    ["wasm", 1],
    ["wasm", 2],
  ] as const) {
    const backend = await createBackend(name, { threads });
    try {
      const whole = await modulePreservation(set("reference"), labels, set("test"), { ...options, backend });
      expect(whole).toEqual(alone);
      // 100 genes take 39,600 bytes, of a quarter of memory.
      const little = { ...options, backend, memory: 100_000 };
      expect(await modulePreservation(set("reference"), labels, set("test"), little)).toEqual(alone);
    } finally {
      await backend.dispose();
    }
  }
});
