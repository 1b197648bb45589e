/** What Gram matrices are made from: residuals by a kernel, halves by counting calls, squares by pairs of copies. */
import { describe, expect, test } from "vitest";
import { copyPairs, type DosageRows } from "../../../src/association/dosageRows.ts";
import { gramLayout } from "../../../src/association/interaction/gramLayout.ts";
import { Halves } from "../../../src/association/interaction/halves.ts";
import type { InteractionModel } from "../../../src/association/interaction/model.ts";
import { Residualiser } from "../../../src/association/interaction/residualiser.ts";
import { decodeDosages } from "../../../src/cohort/dosages.ts";
import { orthonormalBasis } from "../../../src/statistics/linalg.ts";
import { integer, random } from "../../helpers/formats.ts";

/** Random calls, some missing; with `dosages` each row has a remainder, of 0 or more. */
function rowsOf(
  next: () => number,
  count: number,
  samples: number,
  dosages: "none" | "zero" | "some",
): DosageRows {
  const stride = Math.ceil(samples / 4);
  const packed = new Uint8Array(count * stride);
  const fill = new Float64Array(count);
  const entries: { row: number; sample: number; value: number }[] = [];
  for (let row = 0; row < count; row++) {
    const common = next();
    let called = 0;
    let copies = 0;
    let first = -1;
    for (let s = 0; s < samples; s++) {
      const call = next() < 0.1 ? 3 : (next() < common ? 1 : 0) + (next() < common ? 1 : 0);
      packed[row * stride + (s >> 2)]! |= call << (2 * (s & 3));
      if (call === 3) continue;
      called++;
      copies += call;
      if (first < 0) first = s;
      if (dosages === "some" && call === 1 && next() < 0.3)
        entries.push({ row, sample: s, value: next() - 0.5 });
    }
    if (dosages === "zero" && first >= 0) entries.push({ row, sample: first, value: 0 });
    fill[row] = called === 0 ? 0 : copies / called;
  }
  const rows = { kind: "calls" as const, count, samples, stride, packed, fill };
  if (dosages === "none") return rows;
  const offset = new Uint32Array(count + 1);
  for (const { row } of entries) for (let r = row + 1; r <= count; r++) offset[r]!++;
  return {
    ...rows,
    remainder: {
      offset,
      sample: Uint32Array.from(entries, ({ sample }) => sample),
      value: Float64Array.from(entries, ({ value }) => value),
    },
  };
}

function decoded(rows: DosageRows, row: number): Float64Array {
  const g = new Float64Array(rows.samples);
  decodeDosages(rows, row, rows.fill[row]!, g);
  return g;
}

describe("the sums of an interaction", () => {
  test("residuals by the kernel have the bits of the plain ones", async () => {
    for (let seed = 1; seed <= 30; seed++) {
      const next = random(seed);
      const n = integer(next, 6, 60);
      const count = integer(next, 0, Math.min(8, n - 3));
      const columns = Float64Array.from({ length: count * n }, () => next() - 0.5);
      const basis = orthonormalBasis(
        columns,
        Array.from({ length: count }, (_, k) => `c${k}`),
        n,
      );
      const vectors = integer(next, 1, 9);
      const values = Float64Array.from({ length: vectors * n }, () => 2 * next());
      // Some are nearly of the basis, so that they are projected twice.
      if (basis.count > 0) for (let s = 0; s < n; s++) values[s] = basis.values[s]! + 1e-6 * next();
      const kernel = await Residualiser.load(basis);
      const [fast, plain] = [values.slice(), values.slice()];
      kernel.run(fast, vectors, n);
      new Residualiser(basis).run(plain, vectors, n);
      expect(Buffer.from(fast.buffer).equals(Buffer.from(plain.buffer)), `seed ${seed}`).toBe(true);
    }
  });

  test("g^2 is g and twice its pairs of copies, calls, missing ones and dosages alike", () => {
    for (const dosages of ["none", "zero", "some"] as const) {
      const rows = rowsOf(random(4), 20, 37, dosages);
      const pairs = copyPairs(rows);
      for (let row = 0; row < rows.count; row++) {
        const [g, p] = [decoded(rows, row), decoded(pairs, row)];
        g.forEach((value, s) => {
          expect(value + 2 * p[s]!).toBeCloseTo(value * value, 14);
        });
      }
    }
  });

  test("halves counted from calls are those of the same calls as dosages", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const next = random(seed);
      const samples = integer(next, 4, 70);
      const contexts = integer(next, 1, 3);
      const upper = Array.from({ length: contexts }, () => {
        const isUpper = new Uint8Array(samples).fill(1, Math.floor(samples / 2));
        return isUpper.sort(() => next() - 0.5);
      });
      const model = {
        ...{ upper, cohort: { samples: new Array(samples).fill(""), tables: {} } },
        ...{ contexts: upper.map(() => "c"), modifiers: upper.map(() => undefined) },
      } as unknown as InteractionModel;
      const layout = gramLayout(model);
      const halves = new Halves(model, layout, 0.1);
      const state = 1000 + seed;
      const calls = rowsOf(random(state), 12, samples, "none");
      const dosages = rowsOf(random(state), 12, samples, "zero");
      for (let row = 0; row < calls.count; row++) {
        const [a, b] = [new Float64Array(layout.length), new Float64Array(layout.length)];
        const rare = halves.write(dosages, row, row, b);
        expect(halves.write(calls, row, row, a), `seed ${seed}, row ${row}`).toBe(rare);
        a.forEach((value, field) => {
          expect(value, `seed ${seed}, row ${row}, field ${field}`).toBeCloseTo(b[field]!, 13);
        });
      }
    }
  });
});
