import { describe, expect, test } from "vitest";
import { buildCohort, type Cohort } from "../../../src/cohort/cohort.ts";
import { longRangeLd } from "../../../src/cohort/longRangeLd.ts";
import { pruneVariants } from "../../../src/cohort/pruning.ts";
import { integer, random } from "../../helpers/formats.ts";
import { memoryGenotypes } from "../../helpers/randomCohort.ts";

interface TestVariant {
  readonly chromosome: string;
  readonly position: number;
  readonly calls: readonly number[];
}

function cohortOf(variants: readonly TestVariant[]): Cohort {
  const width = variants[0]!.calls.length;
  const samples = Array.from({ length: width }, (_, i) => `S${i}`);
  const expression = {
    ...{ name: "expression", samples, id: ["G"], chromosome: ["1"], start: Int32Array.of(0) },
    ...{ end: Int32Array.of(1), strand: ["+"], values: Float64Array.from(samples, (_, i) => i) },
  };
  return buildCohort({ genotypes: memoryGenotypes(samples, variants), expression }, { maf: 0 });
}

/** Chromosomes of variants in blocks of linkage, some with missing calls, some copies and mirror images. */
function linked(seed: number): TestVariant[] {
  const next = random(seed);
  const n = integer(next, 17, 60);
  const missing = next() < 0.5 ? 0.04 : 0;
  return Array.from({ length: integer(next, 1, 3) }, (_, c) => {
    let last: readonly number[] = [];
    return Array.from({ length: integer(next, 1, 70) }, (_v, v) => {
      const frequency = 0.06 + 0.88 * next();
      const draw = () => Number(next() < frequency) + Number(next() < frequency);
      const kind = next();
      const calls =
        last.length === 0 || kind < 0.2
          ? Array.from({ length: n }, draw)
          : last.map((call) => {
              if (call === 3 || next() < 0.15) return draw();
              return kind < 0.4 ? 2 - call : call;
            });
      last = calls;
      const seen = calls.map((call) => (next() < missing ? 3 : call));
      return { chromosome: String(c + 1), position: 1000 * (v + 1), calls: seen };
    });
  }).flat();
}

/** Pearson's r2 over the samples that both have a call of, from the definition. */
function rSquared(a: readonly number[], b: readonly number[]): number {
  const both = a.flatMap((call, i) => (call === 3 || b[i] === 3 ? [] : [[call, b[i]!] as const]));
  const mean = (side: 0 | 1) => both.reduce((sum, pair) => sum + pair[side], 0) / both.length;
  const [ma, mb] = [mean(0), mean(1)];
  const sum = (f: (x: number, y: number) => number) =>
    both.reduce((total, [x, y]) => total + f(x - ma, y - mb), 0);
  return sum((x, y) => x * y) ** 2 / (sum((x) => x * x) * sum((_, y) => y * y));
}

function minorFrequency(calls: readonly number[]): number {
  const called = calls.filter((call) => call !== 3);
  const af = called.reduce((sum, call) => sum + call, 0) / (2 * called.length);
  return Math.min(af, 1 - af);
}

/** plink2's documented procedure, pair by pair, on lists of indices. */
function plainPruning(variants: readonly TestVariant[], window: number, step: number, r2: number): number[] {
  const removed = new Set<number>();
  for (const chromosome of new Set(variants.map((v) => v.chromosome))) {
    const mine = variants.flatMap((v, i) => (v.chromosome === chromosome ? [i] : []));
    const met = new Set<string>();
    for (let start = 0; ; start += step) {
      const inside = mine.slice(start, start + window);
      for (let changed = true; changed; ) {
        changed = false;
        for (const first of inside.filter((i) => !removed.has(i))) {
          if (removed.has(first)) continue;
          for (const second of inside) {
            if (second <= first || removed.has(second) || met.has(`${first} ${second}`)) continue;
            met.add(`${first} ${second}`);
            const [a, b] = [variants[first]!.calls, variants[second]!.calls];
            if (!(rSquared(a, b) > r2)) continue;
            // Frequencies are shares of whole numbers: closer than this is equal.
            removed.add(minorFrequency(a) < minorFrequency(b) - 1e-12 ? first : second);
            changed = true;
            break;
          }
        }
      }
      if (start + window >= mine.length) break;
    }
  }
  return variants.flatMap((_, i) => (removed.has(i) ? [] : [i]));
}

describe("pruneVariants", () => {
  test("keeps what the procedure keeps, pair by pair, and no pair in linkage within a window", async () => {
    let pruned = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const variants = linked(seed);
      const next = random(seed + 1000);
      const window = integer(next, 2, 20);
      const step = integer(next, 1, window);
      const r2 = [0.1, 0.2, 0.5][integer(next, 0, 2)]!;
      const options = { window, step, r2, maf: 0.02, callRate: 0.5, build: "none" } as const;
      const { index, counts } = await pruneVariants(cohortOf(variants), options);
      const candidate = variants.map(
        ({ calls }) => minorFrequency(calls) >= 0.02 && new Set(calls.filter((c) => c !== 3)).size > 1,
      );
      const some = variants.flatMap((v, i) => (candidate[i] ? [{ ...v, i }] : []));
      const expected = plainPruning(some, window, step, r2).map((i) => some[i]!.i);
      expect(Array.from(index), `seed ${seed}, window ${window}, step ${step}`).toEqual(expected);
      const { read, kept, ...others } = counts;
      expect(
        Object.values(others).reduce((sum, count) => sum + count, kept),
        `seed ${seed}`,
      ).toBe(read);
      expect(kept).toBe(index.length);
      pruned += counts.pruned;
    }
    expect(pruned).toBeGreaterThan(500);
  });

  test("leaves out rare and badly called variants, sex chromosomes and long-range LD, and says how many", async () => {
    const next = random(5);
    const calls = () => Array.from({ length: 40 }, () => integer(next, 0, 2));
    const at = (chromosome: string, position: number, own = calls()) => ({
      chromosome,
      position,
      calls: own,
    });
    const variants = [
      at("chr6", 24_950_000),
      at("chr6", 30_000_000),
      at("chr6", 35_050_000),
      at("chr6", 35_200_000),
      at("chr17", 41_000_000),
      at("chr17", 46_000_000),
      at(
        "chr2",
        5,
        calls().map((_, i) => (i === 0 ? 1 : 0)),
      ),
      at(
        "chr2",
        6,
        calls().map((call, i) => (i < 4 ? 3 : call)),
      ),
      at(
        "chr2",
        7,
        calls().map(() => 2),
      ),
      at("chr2", 8),
      at("chrX", 9),
      at("chrM", 10),
    ];
    const kept = async (build?: "GRCh37" | "GRCh38" | "none") => {
      const { index, counts } = await pruneVariants(cohortOf(variants), { build, r2: 1 });
      return { index: Array.from(index), counts };
    };
    const none = await kept("none");
    expect(none.index).toEqual([0, 1, 2, 3, 4, 5, 9]);
    expect(none.counts).toEqual({
      ...{ read: 12, filtered: 1, notAutosomal: 2, longRange: 0, rare: 2, pruned: 0, kept: 7 },
    });
    expect((await kept("GRCh37")).index).toEqual([0, 2, 3, 5, 9]);
    expect((await kept("GRCh38")).index).toEqual([3, 4, 9]);
    expect((await kept()).index).toEqual([3, 9]);
    expect(longRangeLd(undefined)).toHaveLength(6);
  });
});

test("a chromosome ends where its last candidate was, also where the next has none for thousands of variants", async () => {
  const common = Array.from({ length: 20 }, (_, s) => s % 3);
  const constant = common.map(() => 0);
  const row = (chromosome: string, from: number, to: number, calls: readonly number[]): TestVariant[] =>
    Array.from({ length: to - from }, (_, i) => ({ chromosome, position: 1000 * (from + i + 1), calls }));
  // The border lies in the second block of 4,096, which has no candidate.
  const cohort = cohortOf([
    ...row("1", 0, 1, common),
    ...row("1", 1, 5000, constant),
    ...row("2", 5000, 9001, constant),
    ...row("2", 9001, 9002, common),
  ]);
  const { index } = await pruneVariants(cohort, { maf: 0.1 });
  expect(Array.from(index)).toEqual([0, 9001]);
});
