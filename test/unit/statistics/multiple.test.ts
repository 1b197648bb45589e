import { describe, expect, it } from "vitest";
import { UsageError } from "../../../src/errors.ts";
import { benjaminiHochberg, bhLog10, falseDiscoveryTable } from "../../../src/statistics/multiple.ts";
import { integer, random } from "../../helpers/formats.ts";

/** q of each p by its definition: the least p' m / #{p <= p'} over the p' >= p. */
function naiveQ(p: readonly number[], tests: number): number[] {
  return p.map((own) => {
    const candidates = p
      .filter((other) => other >= own)
      .map((other) => (other * tests) / p.filter((value) => value <= other).length);
    return Math.min(1, ...candidates);
  });
}

function randomP(next: () => number): number[] {
  const levels = integer(next, 1, 30);
  return Array.from({ length: integer(next, 1, 80) }, () =>
    next() < 0.3 ? 10 ** -integer(next, 0, 12) : integer(next, 1, levels) / levels,
  );
}

describe("Benjamini-Hochberg", () => {
  it("is what the definition gives, with ties and with tests that are not listed", () => {
    for (let seed = 1; seed <= 200; seed++) {
      const next = random(seed);
      const p = randomP(next);
      const tests = p.length + (next() < 0.5 ? 0 : integer(next, 1, 1e6));
      const log10P = Float64Array.from(p, Math.log10);
      const before = log10P.slice();
      const q = benjaminiHochberg(log10P, tests);
      naiveQ(p, tests).forEach((exact, i) => {
        expect(Math.abs(q[i]! / exact - 1), `seed ${seed}, p ${p[i]}`).toBeLessThan(1e-13);
      });
      expect(log10P).toEqual(before);
    }
  });

  it("works where p underflows", () => {
    const q = bhLog10(Float64Array.of(-5000, -4, -4000), 1e8);
    expect(q[0]).toBeCloseTo(-4992, 10);
    expect(q[2]).toBeCloseTo(-4000 + 8 - Math.log10(2), 10);
    expect(q[1]).toBe(0);
    expect(Array.from(benjaminiHochberg(Float64Array.of(-5000, -1), 2))).toEqual([0, 0.1]);
  });

  it("leaves NaN out", () => {
    const q = bhLog10(Float64Array.of(Number.NaN, -3, Number.NaN, -1), 2);
    expect(q[0]).toBeNaN();
    expect(q[2]).toBeNaN();
    expect(q[1]).toBeCloseTo(-3 + Math.log10(2), 14);
    expect(q[3]).toBe(-1);
    expect(bhLog10(new Float64Array(0), 0)).toEqual(new Float64Array(0));
  });

  it("gives the q of any p between and past those it holds", () => {
    const values = Float64Array.of(-1, -6, -3);
    const table = falseDiscoveryTable(values, 1000);
    expect(Array.from(values)).toEqual([-6, -3, -1]);
    expect(table.log10Q(-6)).toBeCloseTo(-3, 14);
    expect(table.log10Q(-9)).toBe(table.log10Q(-6));
    expect(table.log10Q(-4)).toBe(table.log10Q(-3));
    expect(table.log10Q(-0.5)).toBe(0);
    expect(table.log10Q(Number.NaN)).toBeNaN();
  });

  it("never falls as p grows", () => {
    const seed = 5;
    const next = random(seed);
    const log10P = Float64Array.from({ length: 5000 }, () => Math.log10(next()) * 3);
    const table = falseDiscoveryTable(log10P, 1e6);
    const q = Array.from(log10P, (value) => table.log10Q(value));
    expect(q, `seed ${seed}`).toEqual([...q].sort((a, b) => a - b));
  });

  it("refuses fewer tests than p-values, and p above 1", () => {
    expect(() => bhLog10(Float64Array.of(-1, -2), 1)).toThrow(new UsageError("2 p-values of only 1 tests"));
    expect(() => bhLog10(Float64Array.of(-1, 0.2), 5)).toThrow(UsageError);
  });
});
