import { describe, expect, test } from "vitest";
import { CancelledError } from "../../../src/errors.ts";
import {
  enrichmentScore,
  overlapEnrichment,
  rankedEnrichment,
  rankingOf,
} from "../../../src/network/enrichment.ts";
import { hypergeometricTails } from "../../../src/statistics/hypergeometric.ts";
import { permutation, uniform } from "../../../src/statistics/random.ts";
import { expected } from "./expected.ts";

/** n choose k, exact. */
function choose(n: number, k: number): bigint {
  let value = 1n;
  for (let i = 0; i < k; i++) value = (value * BigInt(n - i)) / BigInt(i + 1);
  return value;
}

/** A ratio of whole numbers, to 15 digits. */
function ratio(a: bigint, b: bigint): number {
  return Number((a * 10n ** 40n) / b) / 1e40;
}

describe("hypergeometric tails", () => {
  test("are the sums of exact terms", () => {
    for (let seed = 1; seed <= 200; seed++) {
      const total = 2 + Math.floor(uniform(seed, 0, 0) * 90);
      const marked = Math.floor(uniform(seed, 0, 1) * (total + 1));
      const drawn = Math.floor(uniform(seed, 0, 2) * (total + 1));
      const k = Math.floor(uniform(seed, 0, 3) * (Math.min(marked, drawn) + 2));
      let [upper, lower] = [0n, 0n];
      for (let x = Math.max(0, drawn + marked - total); x <= Math.min(marked, drawn); x++) {
        const term = choose(marked, x) * choose(total - marked, drawn - x);
        if (x >= k) upper += term;
        if (x <= k) lower += term;
      }
      const all = choose(total, drawn);
      const found = hypergeometricTails(k, drawn, marked, total);
      const what = `seed ${seed}: ${k} of ${drawn} drawn, ${marked} of ${total} marked`;
      expect(10 ** found.log10Upper, what).toBeCloseTo(ratio(upper, all), 13);
      expect(10 ** found.log10Lower, what).toBeCloseTo(ratio(lower, all), 13);
      if (upper === 0n) expect(found.log10Upper, what).toBe(Number.NEGATIVE_INFINITY);
    }
  });

  // Sums of whole numbers in Python, their logarithm to 60 digits.
  test.each([
    [50, 50, 100, 1000, -55.9720583907437],
    [30, 200, 150, 20000, -29.909640329293143],
    [150, 200, 150, 20000, -334.49741663736876],
    [1900, 3000, 2000, 20000, -1702.2790851642972],
    [299, 300, 400, 500, -45.87884982212498],
  ])("P(X >= %i), %i drawn, %i of %i marked", (k, drawn, marked, total, log10P) => {
    const found = hypergeometricTails(k, drawn, marked, total).log10Upper;
    expect(Math.abs(found - log10P) / Math.abs(log10P)).toBeLessThan(1e-14);
  });

  test("refuses counts that do not fit", () => {
    expect(() => hypergeometricTails(1, 11, 2, 10)).toThrow("no such counts");
    expect(() => hypergeometricTails(0.5, 1, 2, 10)).toThrow("no such counts");
  });
});

describe("over-representation", () => {
  test("counts, expectation, odds ratio and q", async () => {
    const list = Uint32Array.of(0, 1, 2, 3, 4, 5);
    const sets = [Uint32Array.of(0, 1, 2, 3, 9), Uint32Array.of(6, 7, 8, 9, 10), Uint32Array.of(0, 1)];
    const found = await overlapEnrichment([list], sets, 20, { leastGenes: 3 });
    expect(found.map(({ set }) => set)).toEqual([0, 1]);
    const [first, second] = found;
    // choose(5,4) choose(15,2) + choose(5,5) choose(15,1) of choose(20,6).
    expect(10 ** first!.log10P).toBeCloseTo((5 * 105 + 15) / 38760, 14);
    expect(first).toMatchObject({ listSize: 6, setSize: 5, expected: 1.5, oddsRatio: (4 * 13) / (2 * 1) });
    expect([...first!.shared]).toEqual([0, 1, 2, 3]);
    expect(10 ** first!.log10Q).toBeCloseTo((2 * 540) / 38760, 14);
    expect(second).toMatchObject({ log10P: 0, log10Q: 0, oddsRatio: 0 });
    await expect(overlapEnrichment([Uint32Array.of(20)], sets, 20)).rejects.toThrow("gene number 20 of 20");
  });

  test("p, q and odds ratios are those of scipy", async () => {
    const { lists, sets, background, overlaps } = expected.enrichment;
    const arrays = (groups: readonly number[][]) => groups.map((group) => Uint32Array.from(group));
    const found = await overlapEnrichment(arrays(lists), arrays(sets), background);
    expect(found).toHaveLength(lists.length * sets.length);
    for (const { list, set, log10P, log10Q, oddsRatio } of found) {
      const { p, q, odds } = overlaps[list]![set]!;
      expect(Math.abs(10 ** log10P / p - 1)).toBeLessThan(1e-11);
      expect(Math.abs(10 ** log10Q / q - 1)).toBeLessThan(1e-11);
      expect(oddsRatio).toBeCloseTo(odds, 12);
    }
  });

  test("is cancelled between lists, as are random sets", async () => {
    const stop = new AbortController();
    const set = Uint32Array.from({ length: 50 }, (_, i) => 2 * i);
    const many = new Array(2000).fill(set) as Uint32Array[];
    const overlaps = overlapEnrichment(many, many, 4000, { signal: stop.signal });
    const score = Float64Array.from({ length: 4000 }, (_, g) => uniform(4, 0, g));
    const ranked = rankedEnrichment(score, [set], { permutations: 1e7, signal: stop.signal });
    setTimeout(() => stop.abort(), 60);
    await Promise.all([overlaps, ranked].map((running) => expect(running).rejects.toThrow(CancelledError)));
  });
});

describe("ranked enrichment", () => {
  test("the enrichment score is the running sum's extreme, by its definition", () => {
    const { score, places, es } = expected.gsea;
    expect(enrichmentScore(Uint32Array.from(places), rankingOf(Float64Array.from(score))).es).toBeCloseTo(
      es,
      14,
    );
    for (let seed = 1; seed <= 150; seed++) {
      const n = 5 + (seed % 40);
      // Every fifth all 0, every third of a few values that many genes share.
      const draw = (i: number): number => {
        const value = uniform(seed, 0, i) - 0.3;
        return seed % 5 === 0 ? 0 : seed % 3 === 0 ? Math.round(4 * value) / 4 : value;
      };
      const weights = Float64Array.from({ length: n }, (_, i) => draw(i))
        .sort()
        .reverse();
      const inside = Array.from({ length: n }, (_, i) => i).filter((i) => uniform(seed, 1, i) < 0.3);
      if (inside.length === 0 || inside.length === n) continue;
      const total = inside.reduce((sum, i) => sum + Math.abs(weights[i]!), 0);
      let [sum, extreme] = [0, 0];
      for (let i = 0; i < n; i++) {
        const hit = total > 0 ? Math.abs(weights[i]!) / total : 1 / inside.length;
        sum += inside.includes(i) ? hit : -1 / (n - inside.length);
        // Within a tie the sum says nothing.
        if (weights[i] === weights[i + 1]) continue;
        if (Math.abs(sum) > Math.abs(extreme) + 1e-12) extreme = sum;
      }
      const found = enrichmentScore(Uint32Array.from(inside), rankingOf(weights)).es;
      expect(Math.abs(found), `seed ${seed}`).toBeCloseTo(Math.abs(extreme), 12);
    }
  });

  test("finds a set at the top, one at the bottom, and not a random one", async () => {
    const score = Float64Array.from(
      { length: 300 },
      (_, g) => uniform(5, 0, g) + (g < 20 ? 1 : g < 40 ? -1 : 0),
    );
    const range = (from: number) => Uint32Array.from({ length: 20 }, (_, i) => from + i);
    const random = Uint32Array.from({ length: 20 }, (_, i) => 45 + 12 * i);
    const found = await rankedEnrichment(score, [range(0), range(20), random], { permutations: 200 });
    expect(found[0]!.auc).toBeGreaterThan(0.95);
    expect(found[1]!.auc).toBeLessThan(0.05);
    expect(found[0]!.es).toBeGreaterThan(0.8);
    expect(found[1]!.nes).toBeLessThan(-1.5);
    expect(found[0]!.pPermutation).toBeLessThan(0.02);
    expect(found[2]!.pPermutation).toBeGreaterThan(0.05);
    expect(found[0]!.log10Q).toBeLessThan(-8);
    // The leading genes are of the set, strongest first.
    const leading = [...found[0]!.leading];
    expect(leading.every((gene) => gene < 20)).toBe(true);
    expect(leading).toEqual([...leading].sort((a, b) => score[b]! - score[a]!));
  });

  test("random sets depend on seed and size alone", async () => {
    const score = Float64Array.from({ length: 60 }, (_, g) => uniform(8, 0, g) - 0.5);
    const a = Uint32Array.from({ length: 8 }, (_, i) => 3 * i);
    const b = Uint32Array.from({ length: 11 }, (_, i) => 2 * i + 1);
    const both = await rankedEnrichment(score, [a, b], { permutations: 50 });
    const [alone] = await rankedEnrichment(score, [b], { permutations: 50 });
    expect(alone!.pPermutation).toBe(both[1]!.pPermutation);
    await expect(rankedEnrichment(Float64Array.of(1, Number.NaN), [])).rejects.toThrow(
      "the score of gene 2 is NaN",
    );
  });

  test("ties: AUC and p are those of scipy's mannwhitneyu, and the order of the genes changes nothing", async () => {
    const { score, sets, ranked } = expected.enrichment;
    const genes = score.length;
    const found = await rankedEnrichment(
      Float64Array.from(score),
      sets.map((set) => Uint32Array.from(set)),
    );
    found.forEach(({ auc, log10P }, i) => {
      expect(auc).toBeCloseTo(ranked[i]!.auc, 13);
      expect(Math.abs(10 ** log10P / ranked[i]!.p - 1)).toBeLessThan(1e-11);
    });
    for (let seed = 1; seed <= 5; seed++) {
      const to = permutation(seed, 0, 0, genes);
      const moved = new Float64Array(genes);
      to.forEach((at, gene) => {
        moved[at] = score[gene]!;
      });
      const again = await rankedEnrichment(
        moved,
        sets.map((set) => Uint32Array.from(set, (gene) => to[gene]!).sort()),
      );
      again.forEach((one, i) => {
        // The members' weights are added in another order.
        expect(one.es, `seed ${seed}`).toBeCloseTo(found[i]!.es, 12);
        expect(one.pPermutation, `seed ${seed}`).toBe(found[i]!.pPermutation);
        expect(new Set(one.leading), `seed ${seed}`).toEqual(
          new Set(Array.from(found[i]!.leading, (gene) => to[gene]!)),
        );
      });
    }
  });
});
