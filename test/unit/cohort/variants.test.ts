import { describe, expect, test } from "vitest";
import {
  alleleStatistics,
  centredSquare,
  countCalls,
  countsOf,
  emptyCounts,
  filterStatus,
} from "../../../src/cohort/variants.ts";
import { testRandom } from "../../helpers/randomCohort.ts";

/** tensorQTL's definitions, word for word, on dosages with the mean in place of missing calls. */
function plainStatistics(calls: readonly number[]): { af: number; maSamples: number; maCount: number } {
  const called = calls.filter((call) => call !== 3);
  const mean = called.reduce((a, b) => a + b, 0) / called.length;
  const g = calls.map((call) => (call === 3 ? mean : call));
  const af = g.reduce((a, b) => a + b, 0) / (2 * g.length);
  const sumAbove = g.filter((x) => x > 0.5).reduce((a, b) => a + b, 0);
  const trunc = Math.floor(sumAbove + 1e-9);
  return af <= 0.5
    ? { af, maSamples: g.filter((x) => x > 0.5).length, maCount: trunc }
    : { af, maSamples: g.filter((x) => x < 1.5).length, maCount: 2 * g.length - trunc };
}

function packedBlock(rows: readonly (readonly number[])[], samples: number) {
  const stride = Math.ceil(samples / 4);
  const packed = new Uint8Array(rows.length * stride);
  rows.forEach((row, v) => {
    row.forEach((call, s) => {
      packed[v * stride + (s >> 2)]! |= call << (2 * (s & 3));
    });
  });
  return { start: 0, count: rows.length, samples, stride, packed };
}

describe("variants", () => {
  test("counts calls, and their statistics are tensorQTL's", () => {
    const seed = 20261;
    const random = testRandom(seed);
    for (const samples of [1, 3, 4, 5, 251, 252, 253, 700, 1100]) {
      const rows = Array.from({ length: 20 }, () => {
        const f = random();
        return Array.from({ length: samples }, () =>
          random() < 0.1 ? 3 : (random() < f ? 1 : 0) + (random() < f ? 1 : 0),
        );
      });
      const counts = emptyCounts(rows.length, samples);
      countCalls(packedBlock(rows, samples), counts);
      const { one, two, missing } = counts;
      rows.forEach((row, v) => {
        const where = `seed ${seed}, n ${samples}, row ${v}`;
        expect([one[v], two[v], missing[v]], where).toEqual(
          [1, 2, 3].map((code) => row.filter((call) => call === code).length),
        );
        if (missing[v] === samples) return;
        const ours = alleleStatistics(one[v]!, two[v]!, missing[v]!, samples);
        const plain = plainStatistics(row);
        expect(ours.af, where).toBeCloseTo(plain.af, 12);
        expect([ours.maSamples, ours.maCount], where).toEqual([plain.maSamples, plain.maCount]);
      });
    }
  });

  test("counts that were kept and counts made again are the same", () => {
    const random = testRandom(5);
    const rows = Array.from({ length: 40 }, () => Array.from({ length: 13 }, () => Math.floor(random() * 4)));
    const calls = emptyCounts(40, 13);
    countCalls(packedBlock(rows, 13), calls);
    const scan = { status: new Uint8Array(40), tested: 0, counts: {} };
    const block = { ...packedBlock(rows.slice(7, 30), 13), start: 7 };
    const again = countsOf({ ...scan, calls: undefined }, block);
    expect(again).toEqual(countsOf({ ...scan, calls }, block));
    expect(again.one.length).toBe(23);
  });

  test("a constant variant has a centred square of exactly 0, whatever is missing", () => {
    for (const n of [3, 97, 1000]) {
      expect(centredSquare(0, 0, 1, n)).toBe(0);
      expect(centredSquare(n - 2, 0, 2, n)).toBe(0);
      expect(centredSquare(0, n, 0, n)).toBe(0);
    }
    expect(centredSquare(2, 1, 1, 6)).toBeCloseTo(2.8, 14);
  });

  test("filters are inclusive, and name the first that fails", () => {
    const filters = { maf: 0.05, mac: 0, callRate: 0.95, hwe: 0 };
    expect(filterStatus(10, 0, 0, 100, filters)).toBe("ok");
    expect(filterStatus(9, 0, 0, 100, filters)).toBe("filtered-maf");
    expect(filterStatus(10, 90, 0, 100, filters)).toBe("ok");
    expect(filterStatus(9, 91, 0, 100, filters)).toBe("filtered-maf");
    expect(filterStatus(30, 10, 5, 100, filters)).toBe("ok");
    expect(filterStatus(30, 10, 6, 100, filters)).toBe("filtered-call-rate");
    expect(filterStatus(100, 0, 0, 100, filters)).toBe("constant");
    expect(filterStatus(0, 0, 100, 100, { ...filters, callRate: 0 })).toBe("no-calls");
    expect(filterStatus(30, 10, 0, 100, { ...filters, mac: 51 })).toBe("filtered-mac");
    expect(filterStatus(30, 10, 0, 100, { ...filters, mac: 50 })).toBe("ok");
    // METHODS 9: (57, 14, 50) has p 5.562e-19, (25, 50, 25) has p 1.
    expect(filterStatus(14, 50, 0, 121, { ...filters, hwe: 1e-6 })).toBe("filtered-hwe");
    expect(filterStatus(50, 25, 0, 100, { ...filters, hwe: 1 })).toBe("ok");
  });
});
