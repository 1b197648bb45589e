import { describe, expect, test } from "vitest";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import { createWasmBackend } from "../../../src/compute/wasm/backend.ts";
import { geneComponents } from "../../../src/network/components.ts";
import {
  CorrelationScale,
  type GenePairs,
  type GeneProfiles,
  geneProfiles,
  nearestPairs,
  profilesOf,
  strongPairs,
} from "../../../src/network/coregulation.ts";
import { cronbachAlpha, reliableComponents } from "../../../src/network/cronbach.ts";
import { predictFunctions, predictionLog10Q } from "../../../src/network/functionPrediction.ts";
import { spawnThread } from "../../../src/node/threads.ts";
import { pow10 } from "../../../src/statistics/elementary.ts";
import { dot, standardise } from "../../../src/statistics/linalg.ts";
import { normalQuantile } from "../../../src/statistics/normal.ts";
import { uniform } from "../../../src/statistics/random.ts";
import { rankSum } from "../../../src/statistics/rankSum.ts";
import { welchZ } from "../../../src/statistics/welch.ts";
import { expected, farthest } from "./expected.ts";

const { coregulation } = expected;
const backend = createReferenceBackend();

function standardRows(rows: readonly (readonly number[])[]): Float64Array {
  const n = rows[0]!.length;
  const values = new Float64Array(rows.length * n);
  rows.forEach((row, g) => {
    const own = values.subarray(g * n, (g + 1) * n);
    own.set(row);
    standardise(own);
  });
  return values;
}

const rows = standardRows(coregulation.expression);
const profiles = async (): Promise<GeneProfiles> =>
  geneProfiles(
    await geneComponents(rows, coregulation.genes, coregulation.samples, backend, {
      count: coregulation.components,
    }),
  );

/** Genes of which groups of `size` share a hidden factor; the others have none. */
function planted(seed: number, genes: number, samples: number, groups: number, size: number): Float64Array {
  const normal = (stream: number, i: number): number => normalQuantile(uniform(seed, stream, i) || 0.5);
  return standardRows(
    Array.from({ length: genes }, (_, g) =>
      Array.from({ length: samples }, (_, s) => {
        const group = Math.floor(g / size);
        return normal(g, s) + (group < groups ? normal(100_000 + group, s) : 0);
      }),
    ),
  );
}

describe("components", () => {
  test("are numpy's eigenvalues, and their alpha is that of the general formula", async () => {
    const found = await geneComponents(rows, coregulation.genes, coregulation.samples, backend, {
      count: 12,
    });
    expect(farthest(found.eigenvalues, coregulation.eigenvalues)).toBeLessThan(1e-11);
    const alpha = found.eigenvalues.slice(0, 12).map((value) => cronbachAlpha(value, coregulation.genes));
    expect(farthest(alpha, coregulation.alpha)).toBeLessThan(1e-10);
  });

  test("are orthonormal, and the same from genes by genes as from samples by samples", async () => {
    // 20 genes of 24 samples go through the genes' own Gram matrix, the same with 10 samples through the samples'.
    for (const samples of [24, 10]) {
      const values = planted(3, 20, samples, 2, 5);
      const found = await geneComponents(values, 20, samples, backend, { count: 8 });
      for (let a = 0; a < 8; a++) {
        for (let b = 0; b <= a; b++) {
          expect(dot(found.vectors, a * 20, found.vectors, b * 20, 20)).toBeCloseTo(a === b ? 1 : 0, 11);
        }
        // R v = l v, R the correlation matrix.
        for (let g = 0; g < 20; g++) {
          let sum = 0;
          for (let h = 0; h < 20; h++) {
            sum += dot(values, g * samples, values, h * samples, samples) * found.vectors[a * 20 + h]!;
          }
          expect(sum).toBeCloseTo(found.eigenvalues[a]! * found.vectors[a * 20 + g]!, 10);
        }
      }
      expect(found.eigenvalues.reduce((sum, value) => sum + value, 0)).toBeCloseTo(20, 10);
    }
  });

  test("alpha decides how many are kept, and says where none is", async () => {
    const eigenvalues = [10, 4, 3.5, 3.3, 1, 0.5];
    expect(reliableComponents(eigenvalues, 20_000, 0.7)).toBe(3);
    expect(cronbachAlpha(1 / 0.3, 1e9)).toBeCloseTo(0.7, 8);
    expect(cronbachAlpha(0, 10)).toBe(Number.NEGATIVE_INFINITY);
    expect(cronbachAlpha(1, 1)).toBeNaN();
    const kept = await geneComponents(planted(1, 60, 40, 3, 15), 60, 40, backend, { alpha: 0.7 });
    expect(kept.count).toBe(3);
    await expect(
      geneComponents(planted(1, 60, 40, 3, 15), 60, 40, backend, { alpha: 0.999 }),
    ).rejects.toThrow("no component of 60 genes has a Cronbach's alpha of 0.999");
  });
});

describe("co-regulation", () => {
  test("z are those of the definitions", async () => {
    const { unit, components, genes } = await profiles();
    const scale = new CorrelationScale(components);
    for (let a = 0; a < genes; a++) {
      const z = Array.from({ length: a }, (_, b) =>
        scale.z(dot(unit, a * components, unit, b * components, components)),
      );
      expect(farthest(z, coregulation.z[a]!)).toBeLessThan(1e-8);
    }
  });

  test("pairs are all that pass the limit, the same on two backends", async () => {
    const wasm = await createWasmBackend({ threads: 1, spawn: spawnThread });
    try {
      const all = profilesOf(
        Float64Array.from({ length: 700 * 9 }, (_, i) => uniform(7, 0, i) - 0.5),
        700,
        9,
      );
      const least = new CorrelationScale(9).threshold(-3);
      const wanted: string[] = [];
      for (let b = 0; b < 700; b++) {
        for (let a = 0; a < b; a++) {
          const r = dot(all.unit, a * 9, all.unit, b * 9, 9);
          if (Math.abs(r) >= least) wanted.push(`${a} ${b}`);
        }
      }
      expect(wanted.length).toBeGreaterThan(100);
      const [plain, fast] = [
        await gathered(strongPairs(all, least, backend)),
        await gathered(strongPairs(all, least, wasm)),
      ];
      expect(plain.map(({ name }) => name).sort()).toEqual(wanted.sort());
      expect(fast).toEqual(plain);
      const [near, nearFast] = [
        await gathered(nearestPairs(all, 3, backend)),
        await gathered(nearestPairs(all, 3, wasm)),
      ];
      expect(nearFast).toEqual(near);
      expect(near).toHaveLength(2100);
      const own = near.filter(({ name }) => name.startsWith("5 ")).map(({ r }) => Math.abs(r));
      const sizes = Array.from({ length: 700 }, (_, b) => Math.abs(dot(all.unit, 45, all.unit, b * 9, 9)));
      sizes[5] = 0;
      expect(own).toEqual(sizes.sort((a, b) => b - a).slice(0, 3));
    } finally {
      await wasm.dispose();
    }
  });

  test("a gene without spread has no pair, a gene twice a finite z", async () => {
    const values = Float64Array.from({ length: 5 * 6 }, (_, i) => uniform(2, 0, i));
    values.fill(0.3, 6, 12);
    values.copyWithin(18, 12, 18);
    const found = profilesOf(values, 5, 6);
    const near = await gathered(nearestPairs(found, 4, backend));
    expect(near.some(({ name }) => name.split(" ").includes("1"))).toBe(false);
    const scale = new CorrelationScale(6);
    expect(Number.isFinite(scale.z(1))).toBe(true);
    expect(scale.z(-1)).toBe(-scale.z(1));
    expect(near.find(({ name }) => name === "2 3")!.r).toBeCloseTo(1, 12);
    expect(() => profilesOf(new Float64Array(6), 2, 3)).toThrow(
      "over 3 components has no degrees of freedom",
    );
  });
});

async function gathered(found: AsyncGenerator<GenePairs>): Promise<{ name: string; r: number }[]> {
  const pairs: { name: string; r: number }[] = [];
  for await (const { first, second, r } of found) {
    r.forEach((value, i) => {
      pairs.push({ name: `${first[i]} ${second[i]}`, r: value });
    });
  }
  return pairs;
}

describe("gene function", () => {
  test("z of components, scores with members left out, AUC and p are those of scipy", async () => {
    const sets = coregulation.predictions.map(({ members }) => Uint32Array.from(members));
    let at = 0;
    for await (const found of predictFunctions(await profiles(), sets, backend)) {
      const wanted = coregulation.predictions[at++]!;
      expect(found.status).toBe("ok");
      expect(farthest(found.componentZ, wanted.componentZ)).toBeLessThan(1e-8);
      expect(farthest(found.score, wanted.score)).toBeLessThan(1e-7);
      expect(found.auc).toBeCloseTo(wanted.auc, 12);
      expect(pow10(found.log10P)).toBeCloseTo(wanted.p, 10);
    }
    expect(at).toBe(2);
  });

  test("planted functions are found, random ones are not", async () => {
    const values = planted(11, 200, 60, 4, 20);
    const found = geneProfiles(await geneComponents(values, 200, 60, backend, { count: 20 }));
    const group = (k: number) => Uint32Array.from({ length: 20 }, (_, i) => k * 20 + i);
    const random = Array.from({ length: 20 }, (_, k) =>
      Uint32Array.from({ length: 15 }, (_, i) => (37 * (15 * k + i) + 11 * k) % 200).sort(),
    ).map((set) => Uint32Array.from(new Set(set)));
    const sets = [group(0), group(1), group(2), group(3), ...random];
    const aucs: number[] = [];
    for await (const { auc } of predictFunctions(found, sets, backend)) aucs.push(auc);
    expect(Math.min(...aucs.slice(0, 4))).toBeGreaterThan(0.95);
    // Members that are left out are no better than others: without that, their own numbers would lift them.
    const mean = aucs.slice(4).reduce((sum, auc) => sum + auc, 0) / random.length;
    expect(mean).toBeGreaterThan(0.4);
    expect(mean).toBeLessThan(0.6);
  });

  test("small sets and the set of all genes have a status", async () => {
    const sets = [new Uint32Array(0), Uint32Array.of(1, 2, 3), Uint32Array.from({ length: 60 }, (_, i) => i)];
    const found: string[] = [];
    const log10P: number[] = [];
    for await (const one of predictFunctions(
      await profiles(),
      [...sets, Uint32Array.from({ length: 10 }, (_, i) => i)],
      backend,
    )) {
      found.push(one.status);
      log10P.push(one.log10P);
    }
    expect(found).toEqual(["too-few-genes", "too-few-genes", "all-genes", "ok"]);
    const q = predictionLog10Q(Float64Array.from(log10P));
    expect(Array.from(q, Number.isNaN)).toEqual([true, true, true, false]);
    // One test alone: q is p.
    expect(q[3]).toBe(log10P[3]);
  });
});

describe("tests of two groups", () => {
  const sums = (values: readonly number[]) => ({
    n: values.length,
    sum: values.reduce((sum, value) => sum + value, 0),
    square: values.reduce((sum, value) => sum + value * value, 0),
  });

  test("Welch's z is scipy's", () => {
    for (const { a, b, z } of expected.welch) expect(welchZ(sums(a), sums(b))).toBeCloseTo(z, 9);
  });

  test("Welch's z is 0 where nothing can be said", () => {
    expect(welchZ(sums([1]), sums([1, 2, 3]))).toBe(0);
    expect(welchZ(sums([2, 2, 2]), sums([2, 2]))).toBe(0);
  });

  test("AUC and p are those of mannwhitneyu", () => {
    for (const { values, members, auc, p } of expected.rankSums) {
      const found = rankSum(Float64Array.from(values), members);
      expect(found.auc).toBeCloseTo(auc, 13);
      expect(pow10(found.log10P)).toBeCloseTo(p, 12);
    }
    const tied = rankSum(new Float64Array(4), [0, 2]);
    expect([tied.auc, tied.z, 10 ** tied.log10P]).toEqual([0.5, 0, 1]);
    expect(rankSum(new Float64Array(4), []).auc).toBeNaN();
    expect(() => rankSum(new Float64Array(4), [4])).toThrow("member 4 of 4 values");
  });
});
