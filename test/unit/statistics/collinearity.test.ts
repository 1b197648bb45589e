import { describe, expect, it } from "vitest";
import { independentColumns } from "../../../src/statistics/collinearity.ts";
import { elbowOf } from "../../../src/statistics/elbow.ts";
import { orthonormalBasis, residualise } from "../../../src/statistics/linalg.ts";
import { integer, random } from "../../helpers/formats.ts";

const joined = (columns: readonly Float64Array[]): Float64Array =>
  Float64Array.from(columns.flatMap((column) => Array.from(column)));

/** R2 of a column on the others, by regression. */
function explained(column: Float64Array, others: readonly Float64Array[]): number {
  const n = column.length;
  const basis = orthonormalBasis(joined(others), others.map(String), n);
  const mean = column.reduce((sum, v) => sum + v, 0) / n;
  const total = column.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  const left = column.slice();
  residualise(left, 0, n, basis);
  return 1 - left.reduce((sum, v) => sum + v * v, 0) / total;
}

describe("independentColumns", () => {
  it("leaves no column constant, twin of another or explained by the others, and drops none without need", () => {
    let dropped = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const next = random(seed);
      const n = integer(next, 12, 60);
      const columns: Float64Array[] = [];
      for (let c = 0; c < integer(next, 1, 9); c++) {
        const noise = [1, 0.1, 0.03, 0.02, 1e-3, 0][integer(next, 0, 5)]!;
        const weights = columns.map(() => next() - 0.5);
        const scale = 10 ** integer(next, -20, 20);
        columns.push(
          Float64Array.from({ length: n }, (_, i) => {
            const mixed = weights.reduce((sum, w, k) => sum + (w * columns[k]![i]!) / sizeOf(columns[k]!), 0);
            return scale * (mixed + noise * (next() - 0.5) + (c % 4 === 3 ? 5 : 0));
          }),
        );
      }
      const names = columns.map((_, c) => `c${c}`);
      const found = independentColumns(joined(columns), names, n);
      const kept = found.kept.map((k) => columns[k]!);
      expect([...found.kept.map((k) => names[k]!), ...found.dropped.map(({ name }) => name)].sort()).toEqual(
        names,
      );
      kept.forEach((column, i) => {
        const others = kept.filter((_, j) => j !== i);
        expect(explained(column, others), `seed ${seed}, ${i}`).toBeLessThan(0.999 + 1e-9);
      });
      for (const { name } of found.dropped) {
        const column = columns[names.indexOf(name)]!;
        const others = columns.filter((other) => other !== column && !isConstant(other));
        if (!isConstant(column)) {
          // A twin has r2 > 0.9998.
          expect(explained(column, others), `seed ${seed}, ${name}`).toBeGreaterThan(0.999 - 1e-9);
        }
        dropped++;
      }
    }
    expect(dropped).toBeGreaterThan(60);
  });

  it("keeps the earlier of a pair and says why the other went", () => {
    const next = random(2);
    const n = 40;
    const draw = () => Float64Array.from({ length: n }, () => next());
    const [a, b] = [draw(), draw()];
    const twin = a.map((v, i) => 3 - 2 * v + 1e-4 * b[i]!);
    const mixed = a.map((v, i) => v + b[i]! + 1e-3 * next());
    const found = independentColumns(
      joined([a, new Float64Array(n).fill(4), twin, b, mixed]),
      ["a", "constant", "twin", "b", "mixed"],
      n,
    );
    expect(found.kept).toEqual([0, 3]);
    expect(found.dropped).toEqual([
      { name: "constant", why: "constant" },
      { name: "twin", why: "its correlation with a is beyond 0.9999" },
      { name: "mixed", why: "the others explain more than 0.999 of its variance" },
    ]);
  });
});

function sizeOf(column: Float64Array): number {
  return Math.max(...column.map(Math.abs)) || 1;
}

function isConstant(column: Float64Array): boolean {
  return column.every((v) => v === column[0]);
}

describe("elbowOf", () => {
  it("is where a curve bends, rising or falling, whatever the scale of its axes", () => {
    const x = [0, 5, 10, 15, 20, 25, 30];
    expect(elbowOf(x, [100, 180, 210, 215, 219, 222, 225])).toBe(2);
    expect(elbowOf(x, [9, 3, 1, 0.8, 0.6, 0.5, 0.4])).toBe(2);
    expect(
      elbowOf(
        x.map((v) => 1e9 * v),
        [9e-9, 3e-9, 1e-9, 8e-10, 6e-10, 5e-10, 4e-10],
      ),
    ).toBe(2);
    expect(elbowOf(x, x)).toBe(0);
    expect(elbowOf([0, 5], [1, 7])).toBe(0);
    expect(elbowOf([0], [1])).toBe(0);
  });
});
