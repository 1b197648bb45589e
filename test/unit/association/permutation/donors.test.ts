import { describe, expect, it } from "vitest";
import {
  listedPermutations,
  seededPermutations,
  stratifiedPermutations,
} from "../../../../src/association/permutation/donors.ts";

describe("permutations of donors", () => {
  it("are a function of the seed and their number alone", () => {
    const short = seededPermutations(3, 10, 25);
    const long = seededPermutations(3, 1000, 25);
    expect(short.of(9)).toEqual(long.of(9));
    expect(long.of(9)).toEqual(short.of(9));
    expect(short.of(9)).not.toEqual(short.of(8));
    expect(short.of(9)).not.toEqual(seededPermutations(4, 10, 25).of(9));
    for (let p = 0; p < 10; p++) {
      expect([...short.of(p)].sort((a, b) => a - b)).toEqual(Array.from({ length: 25 }, (_, i) => i));
    }
    expect(() => short.of(10)).toThrow("permutation 10 of 10");
  });

  it("within strata leave every stratum in its places, each order of it as likely", () => {
    const stratum = Uint8Array.of(2, 1, 2, 1, 1, 0, 2, 2);
    const many = stratifiedPermutations(5, 3000, stratum);
    const seen = new Map<string, number>();
    for (let p = 0; p < many.count; p++) {
      const order = many.of(p);
      order.forEach((from, to) => {
        expect(stratum[from]).toBe(stratum[to]);
      });
      expect([...order].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      const males = [1, 3, 4].map((s) => order[s]).join();
      seen.set(males, (seen.get(males) ?? 0) + 1);
    }
    expect(seen.size).toBe(6);
    // Five standard errors of 500.
    for (const count of seen.values())
      expect(Math.abs(count - 500)).toBeLessThan(5 * Math.sqrt(500 * (5 / 6)));
    // Strata are permuted independently of each other.
    const females = new Set(
      Array.from({ length: 500 }, (_, p) => [0, 2, 6, 7, 1, 3, 4].map((s) => many.of(p)[s]).join()),
    );
    expect(females.size).toBeGreaterThan(120);
    expect(stratifiedPermutations(5, 10, stratum).of(9)).toEqual(many.of(9));
    expect(stratifiedPermutations(6, 10, stratum).of(9)).not.toEqual(many.of(9));
  });

  it("may be listed, if they are permutations", () => {
    const rows = [Uint32Array.of(2, 0, 1), Uint32Array.of(0, 1, 2)];
    expect(listedPermutations(rows, 3, "p.txt").of(1)).toEqual(rows[1]);
    const refuse = (row: number[]) => () => listedPermutations([rows[0]!, Uint32Array.from(row)], 3, "p.txt");
    expect(refuse([0, 1])).toThrow("p.txt, row 2: 2 numbers, but 3 samples are analysed");
    expect(refuse([0, 1, 1])).toThrow("p.txt, row 2: 1 twice");
    expect(refuse([0, 1, 3])).toThrow("p.txt, row 2: 3, but the largest is 2");
  });
});
