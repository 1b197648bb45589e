import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ExpressionSet, expressionSet } from "../../../src/cohort/expressionSet.ts";
import type { Backend } from "../../../src/compute/backend.ts";
import { LARGEST_WHOLE } from "../../../src/compute/gram.ts";
import {
  Adjacency,
  adjacencies,
  type NetworkType,
  power,
  similarity,
} from "../../../src/network/adjacency.ts";
import { condensedPair } from "../../../src/network/condensed.ts";
import { correlationTriangle, eachRun } from "../../../src/network/correlationTriangle.ts";
import { Correlator } from "../../../src/network/correlator.ts";
import { correlationMatrix } from "../../../src/network/denseMatrix.ts";
import { averageLinkage } from "../../../src/network/linkage.ts";
import { modulesOf } from "../../../src/network/modules.ts";
import { topologicalOverlap } from "../../../src/network/overlap.ts";
import { roundedAdjacency, wholeRow } from "../../../src/network/roundedAdjacency.ts";
import { roundedOverlap } from "../../../src/network/roundedOverlap.ts";
import { createBackend } from "../../../src/node/backends.ts";
import { testNormal, testRandom } from "../../helpers/randomCohort.ts";
import { webGpu } from "../compute/webgpu/device.ts";
import { matrix, planted } from "./planted.ts";

/** Genes of some common part, a share of their values missing. */
function made(seed: number, genes: number, samples: number, missing = 0): ExpressionSet {
  const random = testRandom(seed);
  const common = Array.from({ length: samples }, () => testNormal(random));
  const values = Float64Array.from({ length: genes * samples }, (_, at) => {
    if (random() < missing) return Number.NaN;
    return (Math.floor(at / samples) % 4) * common[at % samples]! + testNormal(random);
  });
  return expressionSet(matrix(values, samples));
}

const PEARSON = { method: "pearson" } as const;
let backends: Backend[] = [];
beforeAll(async () => {
  backends = [
    await createBackend("reference"),
    await createBackend("wasm", { threads: 0 }),
    await createBackend("wasm", { threads: 2 }),
    await webGpu(),
  ];
});
afterAll(async () => {
  for (const backend of backends) await backend.dispose();
});

const NETWORKS: readonly [NetworkType, number, boolean][] = [
  ["unsigned", 6, false],
  ["unsigned", 3, true],
  ["signed", 12, false],
  ["signed-hybrid", 2.5, false],
  ["unsigned", 1, false],
];

describe("overlaps of rounded adjacencies", () => {
  it.each(NETWORKS)(
    "%s, power %f, signs kept %s: the same bytes on every backend, within the bound",
    async (type, exponent, keepSign) => {
      const seed = 7 * exponent + (keepSign ? 1 : 0);
      // Missing values make pairs that are no plain product.
      const set = made(seed, 150, 24, 0.01);
      const correlator = new Correlator([set], PEARSON);
      const options = { type, power: exponent, keepSign };
      const exactAdjacency = new Adjacency(150, type, exponent, keepSign);
      exactAdjacency.addRows(0, 150, await correlationMatrix(correlator, backends[1]!));
      const exact = await topologicalOverlap(exactAdjacency, backends[1]!);
      const results = [];
      for (const backend of backends) {
        const adjacency = await roundedAdjacency(correlator, backend, options);
        expect(adjacency.connectivity).toEqual(exactAdjacency.connectivity());
        results.push(await roundedOverlap(adjacency, backend));
      }
      for (const result of results) expect(result).toEqual(results[0]);
      const { values, bound } = results[0]!;
      let largest = 0;
      exact.forEach((value, at) => {
        largest = Math.max(largest, Math.abs(value - values[at]!));
      });
      expect(largest, `seed ${seed}`).toBeLessThanOrEqual(bound);
      expect(bound).toBeLessThan(2e-3);
      // The bound is not met by rounding alone.
      expect(largest).toBeGreaterThan(0);
    },
  );

  it("of more genes than a run has: the same bytes on one thread and several, within the bound", async () => {
    const genes = 300;
    const set = made(12, genes, 12, 0.001);
    const correlator = new Correlator([set], PEARSON);
    const exactAdjacency = new Adjacency(genes, "unsigned", 4);
    exactAdjacency.addRows(0, genes, await correlationMatrix(correlator, backends[1]!));
    const exact = await topologicalOverlap(exactAdjacency, backends[1]!);
    const done: number[] = [];
    const onProgress = (genesDone: number) => done.push(genesDone);
    const results = [];
    for (const backend of backends.slice(0, 3)) {
      const adjacency = await roundedAdjacency(correlator, backend, { type: "unsigned", power: 4 });
      results.push(await roundedOverlap(adjacency, backend, { onProgress }));
    }
    // Two runs on each backend: pairs within a run, and pairs of two.
    expect(done.slice(0, 2)).toEqual([256, 300]);
    for (const result of results) expect(result).toEqual(results[0]);
    const { values, bound } = results[0]!;
    const largest = exact.reduce((most, value, at) => Math.max(most, Math.abs(value - values[at]!)), 0);
    expect(largest).toBeLessThanOrEqual(bound);
    expect(bound).toBeLessThan(2e-3);
  });

  it("whole numbers are the adjacencies in units of each gene's largest", async () => {
    const set = made(3, 20, 15);
    const adjacency = await roundedAdjacency(new Correlator([set], PEARSON), backends[0]!, {
      type: "unsigned",
      power: 2,
    });
    const row = new Int16Array(20);
    for (let gene = 0; gene < 20; gene++) {
      wholeRow(adjacency, gene, row);
      expect(row[gene]).toBe(0);
      expect(Math.max(...row)).toBe(LARGEST_WHOLE);
      for (let other = 0; other < 20; other++) {
        if (other === gene) continue;
        const a = adjacency.values[condensedPair(gene, other, 20)]!;
        expect(Math.abs(row[other]! * adjacency.unit[gene]! - a)).toBeLessThanOrEqual(
          adjacency.unit[gene]! / 2,
        );
      }
    }
  });

  it("genes that go with none have none, and break nothing", async () => {
    // One against the other: no adjacency in a signed hybrid network.
    const one = made(4, 1, 12).values;
    const two = expressionSet(matrix(Float64Array.from([...one, ...one.map((value) => -value)]), 12));
    const adjacency = await roundedAdjacency(new Correlator([two], PEARSON), backends[1]!, {
      type: "signed-hybrid",
      power: 6,
    });
    expect(Array.from(adjacency.unit)).toEqual([0, 0]);
    for (const backend of backends) {
      expect(Array.from((await roundedOverlap(adjacency, backend)).values)).toEqual([0]);
    }
  });

  it("finds the modules of the exact ones, on every backend the same", async () => {
    const set = planted(11);
    const options = { measure: PEARSON, power: 6, minModuleSize: 10 };
    const exact = await modulesOf(set, { ...options, backend: backends[1]!, exactOverlap: true });
    const results = [];
    for (const backend of backends) results.push(await modulesOf(set, { ...options, backend }));
    expect(new Set(exact.labels).size).toBeGreaterThan(2);
    for (const result of results) {
      expect(result).toEqual(results[0]);
      expect(result.labels).toEqual(exact.labels);
    }
  });
});

describe("the triangle of correlations", () => {
  it.each([1, 2])("has every pair once, cohorts: %d", async (cohorts) => {
    const sets = Array.from({ length: cohorts }, (_, c) => made(20 + c, 30, 14, 0.02));
    const correlator = new Correlator(sets, PEARSON);
    const whole = await correlationMatrix(correlator, backends[0]!);
    const seen = new Set<number>();
    for await (const runs of correlationTriangle(correlator, backends[1]!)) {
      eachRun(runs, (j, first, at) => {
        for (let i = first; i < runs.to; i++) {
          seen.add(j * 30 + i);
          expect(runs.values[at + i - first]).toBe(whole[j * 30 + i]);
        }
      });
    }
    expect(seen.size).toBe((30 * 29) / 2);
  });
});

describe("adjacencies of many correlations", () => {
  it.each(NETWORKS)("%s, power %f, signs kept %s: the bits of one at a time", (type, exponent, keepSign) => {
    const random = testRandom(9);
    const r = Float64Array.from({ length: 2500 }, (_, i) => (i % 97 === 0 ? Number.NaN : 2 * random() - 1));
    const expected = r.map((value) => {
      const size = power(similarity(value, type), exponent);
      return keepSign && value < 0 ? -size : size;
    });
    expect(adjacencies(r.slice(), type, exponent, keepSign)).toEqual(expected);
    expect(() => adjacencies(r, type, 0.5)).toThrow("power is 0.5");
  });
});

describe("linkage of overlaps", () => {
  it("is that of one less them", async () => {
    const random = testRandom(6);
    const count = 40;
    const overlaps = Float64Array.from({ length: (count * (count - 1)) / 2 }, () => random());
    const one = await averageLinkage(overlaps, count, { kind: "overlap" });
    const other = await averageLinkage(
      overlaps.map((t) => 1 - t),
      count,
    );
    expect(one.merge).toEqual(other.merge);
    expect(one.order).toEqual(other.order);
    one.height.forEach((height, m) => {
      expect(Math.abs(height - other.height[m]!)).toBeLessThan(1e-14);
    });
  });
});
