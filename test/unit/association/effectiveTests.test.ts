import { describe, expect, test } from "vitest";
import type { DosageRows } from "../../../src/association/dosageRows.ts";
import { EffectiveTests } from "../../../src/association/effectiveTests.ts";
import { decodeDosages } from "../../../src/cohort/dosages.ts";
import { loadWindowKernels } from "../../../src/compute/wasm/windowKernels.ts";
import { symmetricEigenvalues } from "../../../src/statistics/symmetricEigen.ts";
import { plainEffectiveTests } from "../../helpers/effectiveTests.ts";
import { integer, random } from "../../helpers/formats.ts";

/** Rows of calls, 3 a missing one. */
function rowsOf(calls: readonly (readonly number[])[]): DosageRows {
  const samples = calls[0]?.length ?? 4;
  const stride = Math.ceil(samples / 4);
  const packed = new Uint8Array(calls.length * stride);
  const fill = Float64Array.from(calls, (row) => {
    const called = row.filter((call) => call !== 3);
    return called.reduce((a, b) => a + b, 0) / called.length;
  });
  calls.forEach((row, r) => {
    row.forEach((call, s) => {
      packed[r * stride + (s >> 2)]! |= call << (2 * (s & 3));
    });
  });
  return { kind: "calls", count: calls.length, samples, stride, packed, fill };
}

function numbersOf(rows: DosageRows): Float64Array[] {
  return Array.from({ length: rows.count }, (_, row) => {
    const out = new Float64Array(rows.samples);
    decodeDosages(rows, row, rows.fill[row]!, out);
    return out;
  });
}

/** Neighbours in linkage, many of them alike or opposite, some calls missing. */
function linked(next: () => number, variants: number, samples: number): number[][] {
  const rows: number[][] = [];
  while (rows.length < variants) {
    const before = rows.at(-1);
    const kind = before === undefined ? 1 : next();
    if (kind < 0.3) rows.push([...before!]);
    else if (kind < 0.4) rows.push(before!.map((call) => (call === 3 ? 3 : 2 - call)));
    else if (kind < 0.8) rows.push(before!.map((call) => (next() < 0.1 ? integer(next, 0, 3) : call)));
    else rows.push(Array.from({ length: samples }, () => integer(next, 0, 2)));
    const last = rows.at(-1)!;
    if (new Set(last).size < 2) last.fill(0).fill(1, 0, 1);
  }
  return rows;
}

const range = (from: number, to: number) => Uint32Array.from({ length: to - from }, (_, i) => from + i);

describe("effective tests", () => {
  const balanced = (count: number): number[][] => {
    const next = random(3);
    return Array.from({ length: count }, () => Array.from({ length: 400 }, () => (next() < 0.5 ? 0 : 2)));
  };
  const testsOf = (calls: readonly number[][], window?: number): number => {
    const rows = rowsOf(calls);
    return new EffectiveTests(rows.samples, undefined, window).count(
      rows,
      range(0, rows.count),
      range(0, rows.count),
    );
  };

  test("none, one, and independent variants", () => {
    expect(testsOf([])).toBe(0);
    expect(testsOf(balanced(1))).toBe(1);
    expect(testsOf(balanced(12))).toBe(12);
  });

  test("copies of a variant count once, whatever the allele, and windows add up", () => {
    const [one, two] = balanced(2) as [number[], number[]];
    const flipped = one.map((value) => 2 - value);
    expect(testsOf([one, one, flipped, one])).toBe(1);
    expect(testsOf([one, two, flipped, two])).toBe(2);
    expect(testsOf([one, one, flipped, one], 2)).toBe(2);
  });

  test("of overlapping genes, by kernel or not: those of each gene's windows alone", async () => {
    for (let seed = 1; seed <= 12; seed++) {
      const next = random(seed);
      const samples = integer(next, 20, 61);
      const window = integer(next, 2, 40);
      const variants = integer(next, 1, 130);
      const rows = rowsOf(linked(next, variants, samples));
      const numbers = numbersOf(rows);
      const index = Uint32Array.from({ length: variants }, (_, row) => 3 * row + 5);
      const kernels = await loadWindowKernels(window, samples);
      expect(kernels).toBeDefined();
      const [fast, plain] = [
        new EffectiveTests(samples, kernels, window),
        new EffectiveTests(samples, undefined, window),
      ];
      let start = 0;
      for (let gene = 0; gene < 14; gene++) {
        // Windows go on, leave a gap, and at times go back.
        start = next() < 0.15 ? 0 : Math.min(variants, start + integer(next, 0, 25));
        const end = Math.min(variants, start + integer(next, 0, 90));
        const own = range(start, end);
        const where = `seed ${seed}, gene ${gene}`;
        const found = fast.count(rows, index, own);
        expect(found, where).toBe(plain.count(rows, index, own));
        expect(found, where).toBe(plainEffectiveTests(numbers.slice(start, end), window));
      }
    }
  });

  test("the kernel's tridiagonal form has the bits of the plain one", async () => {
    for (let seed = 1; seed <= 30; seed++) {
      const next = random(100 + seed);
      const n = integer(next, 1, 45);
      const kernels = (await loadWindowKernels(n, 8))!;
      const matrix = Float64Array.from({ length: n * n }, () => (next() < 0.1 ? 0 : next() - 0.5));
      if (seed % 5 === 0) matrix.fill(0, 0, Math.floor((n * n) / 2));
      expect(symmetricEigenvalues(matrix, n, kernels.reduce), `seed ${seed}`).toEqual(
        symmetricEigenvalues(matrix, n),
      );
    }
  });
});
