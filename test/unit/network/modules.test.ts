import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expressionSet } from "../../../src/cohort/expressionSet.ts";
import type { Backend } from "../../../src/compute/backend.ts";
import { CancelledError } from "../../../src/errors.ts";
import { Adjacency } from "../../../src/network/adjacency.ts";
import { blocksOf } from "../../../src/network/blocks.ts";
import { condensedLength, condensedPair } from "../../../src/network/condensed.ts";
import { eigengenes, scaledGenes } from "../../../src/network/eigengenes.ts";
import { averageLinkage } from "../../../src/network/linkage.ts";
import { modulesOf } from "../../../src/network/modules.ts";
import { topologicalOverlap } from "../../../src/network/overlap.ts";
import { modulePreservation } from "../../../src/network/preservation.ts";
import { moduleTraits } from "../../../src/network/traits.ts";
import { bySize, cutTree } from "../../../src/network/treeCut.ts";
import { createBackend } from "../../../src/node/backends.ts";
import { testRandom } from "../../helpers/randomCohort.ts";
import { matrix, planted } from "./planted.ts";

let backends: Backend[] = [];
beforeAll(async () => {
  backends = [
    await createBackend("reference"),
    await createBackend("wasm", { threads: 1 }),
    await createBackend("wasm", { threads: 2 }),
  ];
});
afterAll(async () => {
  for (const backend of backends) await backend.dispose();
});

const PEARSON = { method: "pearson" } as const;

describe("topological overlap", () => {
  test.each([1, 2, 3])("is what its formula says, the same bytes on every backend, seed %d", async (seed) => {
    const random = testRandom(seed);
    // More than one stretch of 512 neighbours, and runs of rows that do not divide them.
    const count = seed === 1 ? 530 : 20 + seed;
    const r = Float64Array.from({ length: count * count }, () => 2 * random() - 1);
    const adjacency = new Adjacency(count, "unsigned", 3, seed === 3);
    adjacency.addRows(0, count, r);
    const results = [];
    for (const backend of backends.slice(seed === 1 ? 1 : 0))
      results.push(await topologicalOverlap(adjacency, backend));
    for (const other of results.slice(1)) expect(other).toEqual(results[0]);
    const k = Array.from({ length: count }, (_, i) =>
      Array.from({ length: count }, (_, j) => Math.abs(adjacency.at(i, j))).reduce((a, b) => a + b),
    );
    for (let i = 0; i < count; i += seed === 1 ? 37 : 1) {
      for (let j = i + 1; j < count; j++) {
        let sum = adjacency.at(i, j);
        for (let u = 0; u < count; u++) sum += adjacency.at(i, u) * adjacency.at(u, j);
        const overlap = Math.abs(sum) / (Math.min(k[i]!, k[j]!) + 1 - Math.abs(adjacency.at(i, j)));
        expect(Math.abs(results[0]![condensedPair(i, j, count)]! - overlap)).toBeLessThan(1e-13);
      }
    }
  });
});

describe("average linkage", () => {
  test.each([1, 2, 3, 4])("joins the nearest two again and again, seed %d", async (seed) => {
    const random = testRandom(seed);
    const count = 12 + 9 * seed;
    const d = Float64Array.from({ length: condensedLength(count) }, () => random());
    const tree = await averageLinkage(d, count);
    const between = (a: readonly number[], b: readonly number[]) =>
      a.reduce((sum, i) => sum + b.reduce((own, j) => own + d[condensedPair(i, j, count)]!, 0), 0) /
      (a.length * b.length);
    let clusters = Array.from({ length: count }, (_, i) => [i]);
    const members: number[][] = [];
    for (let m = 0; m < count - 1; m++) {
      let least = Number.POSITIVE_INFINITY;
      let pair: number[][] = [];
      clusters.forEach((a, x) => {
        for (const b of clusters.slice(x + 1)) {
          const distance = between(a, b);
          if (distance < least) [least, pair] = [distance, [a, b]];
        }
      });
      expect(Math.abs(tree.height[m]! - least)).toBeLessThan(1e-12);
      const sides = [tree.merge[2 * m]!, tree.merge[2 * m + 1]!].map((s) =>
        s < 0 ? [-s - 1] : members[s - 1]!,
      );
      const joined = sides.flat().sort((a, b) => a - b);
      expect(joined).toEqual(pair.flat().sort((a, b) => a - b));
      members.push(joined);
      clusters = [...clusters.filter((c) => !pair.includes(c)), joined];
    }
    expect([...tree.order].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
  });

  test.each(Array.from({ length: 30 }, (_, seed) => seed))(
    "of distances a rounding apart, seed %d",
    async (seed) => {
      const random = testRandom(seed);
      const count = 60;
      const d = Float64Array.from(
        { length: condensedLength(count) },
        () => 1 - Math.floor(4 * random()) * 2 ** -53,
      );
      const { merge, order } = await averageLinkage(d, count);
      expect(new Set(order).size).toBe(count);
      expect(new Set(merge).size).toBe(2 * count - 2);
    },
  );

  test("of no item, of one, and of items all equally far", async () => {
    expect((await averageLinkage(new Float64Array(0), 0)).order).toHaveLength(0);
    expect((await averageLinkage(new Float64Array(0), 1)).order).toEqual(Uint32Array.of(0));
    const tree = await averageLinkage(new Float64Array(condensedLength(6)).fill(0.5), 6);
    expect(Array.from(tree.height)).toEqual([0.5, 0.5, 0.5, 0.5, 0.5]);
  });
});

describe("modules", () => {
  test("finds what was planted, on every backend the same", async () => {
    const set = planted(3);
    const results = [];
    for (const backend of backends)
      results.push(await modulesOf(set, { backend, measure: PEARSON, power: 6 }));
    const [first, ...others] = results;
    for (const other of others) {
      expect(other.labels).toEqual(first!.labels);
      expect(other.blocks).toEqual(first!.blocks);
      expect(other.eigengenes).toEqual(first!.eigengenes);
      expect(other.memberships).toEqual(first!.memberships);
      expect(other.connectivity).toEqual(first!.connectivity);
    }
    const { labels } = first!;
    for (let module = 0; module < 3; module++) {
      const own = labels.slice(30 * module, 30 * (module + 1));
      const counts = new Map<number, number>();
      for (const label of own) counts.set(label, (counts.get(label) ?? 0) + 1);
      expect(Math.max(...counts.values()), `module ${module}`).toBeGreaterThanOrEqual(28);
    }
    expect(labels.slice(90).filter((label) => label > 0).length).toBeLessThan(10);
    expect(first!.eigengenes.modules).toEqual([1, 2, 3]);
  });

  test("refuses modules of more genes than there are", async () => {
    const set = planted(3);
    const asked = modulesOf(set, { backend: backends[2]!, measure: PEARSON, power: 6, minModuleSize: 500 });
    const genes = set.status.filter((status) => status === "ok").length;
    expect(genes).toBeLessThan(500);
    await expect(asked).rejects.toThrow(`${genes} genes to group, so no module of 500 can be`);
  });

  test("in blocks too, whose genes keep together", async () => {
    const set = planted(5, { modules: 4, size: 30, noise: 0 });
    const blocks = blocksOf(scaledGenes(set), Uint32Array.from(set.id.keys()), 70, {
      type: "unsigned",
      seed: 1,
    });
    expect(blocks.map(({ length }) => length).reduce((a, b) => a + b)).toBe(120);
    for (const genes of blocks) expect(genes.length).toBeLessThanOrEqual(70);
    const steps: string[] = [];
    const result = await modulesOf(set, {
      ...{ backend: backends[2]!, measure: PEARSON, power: 6, maxBlockSize: 70 },
      onStep: (text) => steps.push(text),
    });
    expect(steps.join("\n")).toMatch(/blocks of .* genes \(at most 70 at once\)/);
    expect(result.eigengenes.modules).toEqual([1, 2, 3, 4]);
    for (let module = 0; module < 4; module++) {
      expect(new Set(result.labels.slice(30 * module + 3, 30 * (module + 1))).size).toBe(1);
    }
    const whole = await modulesOf(set, { backend: backends[2]!, measure: PEARSON, power: 6 });
    result.connectivity.total.forEach((k, gene) => {
      expect(Math.abs(k - whole.connectivity.total[gene]!)).toBeLessThan(1e-12);
    });
  });

  test("what memory holds does not decide on blocks: it is all genes, or an error that names the size that fits", async () => {
    const set = planted(5, { modules: 4, size: 30, noise: 0 });
    const rounded = { backend: backends[2]!, measure: PEARSON, power: 6 };
    // 120 genes take 10 x 120^2 / 0.75 = 192,000 bytes, with exact overlaps 16 x 120^2 / 0.75 = 307,200.
    expect((await modulesOf(set, { ...rounded, memory: 192_000 })).blocks.length).toBe(1);
    await expect(modulesOf(set, { ...rounded, memory: 191_999 })).rejects.toThrow("--max-block-size 119");
    const options = { ...rounded, exactOverlap: true };
    expect((await modulesOf(set, { ...options, memory: 307_200 })).blocks.length).toBe(1);
    await expect(modulesOf(set, { ...options, memory: 307_199 })).rejects.toThrow(
      "modules of 120 genes at once need 1 MiB of memory, and there are 1 MiB: raise --memory, give fewer genes, or split them into blocks by --max-block-size 119",
    );
    const blocks = { ...options, maxBlockSize: 70 };
    await expect(modulesOf(set, { ...blocks, memory: 90_000 })).rejects.toThrow("--max-block-size 64");
    const split = await modulesOf(set, { ...blocks, memory: 110_000 });
    expect(split.labels).toEqual((await modulesOf(set, blocks)).labels);
    // `auto` is the size that the error names, and said aloud.
    const steps: string[] = [];
    const onStep = (text: string) => steps.push(text);
    const auto = await modulesOf(set, { ...options, maxBlockSize: "auto", memory: 110_000, onStep });
    expect(auto.maxBlockSize).toBe(71);
    expect(steps.join("\n")).toMatch(
      /blocks of .* \(at most 71 at once, what memory holds\), split by projective k-means/,
    );
    expect(auto.labels).toEqual((await modulesOf(set, { ...options, maxBlockSize: 71 })).labels);
    expect((await modulesOf(set, { ...options, maxBlockSize: "auto" })).blocks).toHaveLength(1);
  });

  test("missing values, constant genes and noise", async () => {
    const set = planted(7);
    const values = set.values.slice();
    const random = testRandom(1);
    for (let i = 0; i < 60 * 60; i++) if (random() < 0.05) values[i] = Number.NaN;
    values.fill(4, 129 * 60);
    const made = expressionSet({ ...matrix(values, 60) });
    expect(made.status.at(-1)).toBe("constant");
    const { labels, memberships } = await modulesOf(made, {
      backend: backends[2]!,
      measure: PEARSON,
      power: 6,
    });
    expect(new Set(labels.slice(35, 60)).size).toBe(1);
    expect(labels[129]).toBe(0);
    expect(Number.isNaN(memberships.kME[129 * 3]!)).toBe(true);
    const noise = planted(8, { modules: 0, noise: 60 });
    const none = await modulesOf(noise, { backend: backends[2]!, measure: PEARSON });
    expect(none.eigengenes.modules).toEqual([]);
    expect(none.fits).toHaveLength(15);
    const giant = planted(9, { modules: 1, size: 80, noise: 0 });
    const one = await modulesOf(giant, { backend: backends[2]!, measure: PEARSON, power: 2 });
    expect(one.eigengenes.modules).toEqual([1]);
    expect(one.labels.filter((label) => label === 1).length).toBeGreaterThan(70);
  });

  test("an eigengene is the first principal component, along the mean", () => {
    const set = planted(11, { modules: 1, size: 25, noise: 0, samples: 20 });
    const genes = scaledGenes(set);
    const { vectors, explained } = eigengenes(genes, new Int32Array(25).fill(1));
    // By plain power iteration on the samples' Gram matrix.
    let v = Array.from({ length: 20 }, (_, s) => Math.sin(s + 1));
    let value = 0;
    for (let turn = 0; turn < 500; turn++) {
      const next = v.map(() => 0);
      for (let g = 0; g < 25; g++) {
        const c = v.reduce((sum, x, s) => sum + x * genes.values[g * 20 + s]!, 0);
        for (let s = 0; s < 20; s++) next[s]! += c * genes.values[g * 20 + s]!;
      }
      value = Math.hypot(...next);
      v = next.map((x) => x / value);
    }
    const sign = Math.sign(v.reduce((sum, x, s) => sum + x * vectors[0]![s]!, 0));
    for (const [s, x] of vectors[0]!.entries()) expect(Math.abs(x - sign * v[s]!)).toBeLessThan(1e-12);
    expect(explained[0]).toBeCloseTo(value / 25, 12);
    const mean = v.map((_, s) =>
      Array.from({ length: 25 }, (_, g) => genes.values[g * 20 + s]!).reduce((a, b) => a + b),
    );
    expect(mean.reduce((sum, x, s) => sum + x * vectors[0]![s]!, 0)).toBeGreaterThan(0);
  });

  test("traits, and labels by size", async () => {
    const set = planted(13, { modules: 2, noise: 0 });
    const labels = Int32Array.from({ length: 60 }, (_, gene) => (gene < 30 ? 1 : 2));
    const modules = eigengenes(scaledGenes(set), labels);
    const values = Float64Array.from([...modules.vectors[0]!, ...modules.vectors[1]!.map((x) => -3 * x)]);
    values[0] = Number.NaN;
    const found = moduleTraits(modules, { names: ["a", "b"], values, dropped: [] });
    expect(Array.from(found.n)).toEqual([59, 60, 59, 60]);
    expect(found.r[0]).toBeCloseTo(1, 12);
    expect(found.r[3]).toBeCloseTo(-1, 12);
    expect(Array.from(bySize(Int32Array.of(3, 0, 5, 5, 3, 9)))).toEqual([1, 0, 2, 2, 1, 3]);
    expect(
      await cutTree(
        { count: 1, merge: new Int32Array(0), height: new Float64Array(0), order: new Uint32Array(1) },
        () => 0,
      ),
    ).toEqual(new Int32Array(1));
  });

  test("preservation tells modules that are there from those that are not", async () => {
    const reference = planted(21, { modules: 2, size: 25, noise: 100 });
    const labels = Int32Array.from(reference.id, (_, gene) => (gene < 25 ? 1 : gene < 50 ? 2 : 0));
    const test = planted(22, { modules: 1, size: 25, noise: 125, factorSeed: 99, samples: 50 });
    const options = { measure: PEARSON, type: "unsigned" as const, power: 4, permutations: 50, seed: 4 };
    const [kept, lost] = await modulePreservation(reference, labels, test, options);
    expect(kept!.zSummary).toBeGreaterThan(10);
    expect(lost!.zSummary).toBeLessThan(2);
    expect(kept!.genes).toBe(25);
    expect(await modulePreservation(reference, labels, test, options)).toEqual([kept, lost]);
    const few = expressionSet(matrix(test.values.slice(0, 2 * 50), 50));
    const [none] = await modulePreservation(reference, labels, few, options);
    expect(none!.used).toBe(2);
    expect(none!.zSummary).toBeNaN();
  });

  test("preservation lets a signal in while it computes", async () => {
    const reference = planted(21, { modules: 2, size: 25, noise: 100 });
    const labels = Int32Array.from(reference.id, (_, gene) => (gene < 25 ? 1 : 2));
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 0);
    const options = { measure: PEARSON, type: "unsigned" as const, power: 4, permutations: 2000 };
    await expect(
      modulePreservation(reference, labels, reference, { ...options, signal: stop.signal }),
    ).rejects.toThrow(CancelledError);
  });
});
