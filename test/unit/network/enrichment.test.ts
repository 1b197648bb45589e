import { describe, expect, test } from "vitest";
import { enrichmentScore, overlapEnrichment, rankedEnrichment } from "../../../src/network/enrichment.ts";
import { hypergeometricTails } from "../../../src/statistics/hypergeometric.ts";
import { uniform } from "../../../src/statistics/random.ts";
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
  test("counts, expectation, odds ratio and q", () => {
    const list = Uint32Array.of(0, 1, 2, 3, 4, 5);
    const sets = [Uint32Array.of(0, 1, 2, 3, 9), Uint32Array.of(6, 7, 8, 9, 10), Uint32Array.of(0, 1)];
    const found = overlapEnrichment([list], sets, 20, { leastGenes: 3 });
    expect(found.map(({ set }) => set)).toEqual([0, 1]);
    const [first, second] = found;
    // choose(5,4) choose(15,2) + choose(5,5) choose(15,1) of choose(20,6).
    expect(10 ** first!.log10P).toBeCloseTo((5 * 105 + 15) / 38760, 14);
    expect(first).toMatchObject({ listSize: 6, setSize: 5, expected: 1.5, oddsRatio: (4 * 13) / (2 * 1) });
    expect([...first!.shared]).toEqual([0, 1, 2, 3]);
    expect(10 ** first!.log10Q).toBeCloseTo((2 * 540) / 38760, 14);
    expect(second).toMatchObject({ log10P: 0, log10Q: 0, oddsRatio: 0 });
    expect(() => overlapEnrichment([Uint32Array.of(20)], sets, 20)).toThrow("gene number 20 of 20");
  });
});

describe("ranked enrichment", () => {
  test("the enrichment score is the running sum's extreme, by its definition", () => {
    const { score, places, es } = expected.gsea;
    const weight = Float64Array.from(score, Math.abs);
    expect(enrichmentScore(Uint32Array.from(places), weight).es).toBeCloseTo(es, 14);
    for (let seed = 1; seed <= 50; seed++) {
      const n = 5 + (seed % 40);
      const weights = Float64Array.from({ length: n }, (_, i) => (seed % 5 === 0 ? 0 : uniform(seed, 0, i)));
      const inside = Array.from({ length: n }, (_, i) => i).filter((i) => uniform(seed, 1, i) < 0.3);
      if (inside.length === 0 || inside.length === n) continue;
      const total = inside.reduce((sum, i) => sum + weights[i]!, 0);
      let [sum, extreme] = [0, 0];
      for (let i = 0; i < n; i++) {
        const hit = total > 0 ? weights[i]! / total : 1 / inside.length;
        sum += inside.includes(i) ? hit : -1 / (n - inside.length);
        if (Math.abs(sum) > Math.abs(extreme) + 1e-12) extreme = sum;
      }
      const found = enrichmentScore(Uint32Array.from(inside), weights).es;
      expect(Math.abs(found), `seed ${seed}`).toBeCloseTo(Math.abs(extreme), 12);
    }
  });

  test("finds a set at the top, one at the bottom, and not a random one", () => {
    const score = Float64Array.from(
      { length: 300 },
      (_, g) => uniform(5, 0, g) + (g < 20 ? 1 : g < 40 ? -1 : 0),
    );
    const range = (from: number) => Uint32Array.from({ length: 20 }, (_, i) => from + i);
    const random = Uint32Array.from({ length: 20 }, (_, i) => 45 + 12 * i);
    const found = rankedEnrichment(score, [range(0), range(20), random], { permutations: 200 });
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

  test("random sets depend on seed and size alone", () => {
    const score = Float64Array.from({ length: 60 }, (_, g) => uniform(8, 0, g) - 0.5);
    const a = Uint32Array.from({ length: 8 }, (_, i) => 3 * i);
    const b = Uint32Array.from({ length: 11 }, (_, i) => 2 * i + 1);
    const both = rankedEnrichment(score, [a, b], { permutations: 50 });
    expect(rankedEnrichment(score, [b], { permutations: 50 })[0]!.pPermutation).toBe(both[1]!.pPermutation);
    expect(() => rankedEnrichment(Float64Array.of(1, Number.NaN), [])).toThrow("the score of gene 2 is NaN");
  });
});
