import { describe, expect, it } from "vitest";
import { exp, expm1, log, log1mExp, log1p, log10, pow10 } from "../../../src/statistics/elementary.ts";
import { numberAt, referenceTable, worst } from "./referenceTable.ts";

const functions = { log, log1p, exp, expm1, log10, pow10 };
const table = referenceTable("elementary");

const bits = new DataView(new ArrayBuffer(8));

/** Distance from |x| to the next double. */
function ulp(x: number): number {
  bits.setFloat64(0, Math.abs(x));
  bits.setBigUint64(0, bits.getBigUint64(0) + 1n);
  return bits.getFloat64(0) - Math.abs(x);
}

/** FNV-1a over the bits of numbers. */
function fingerprint(values: Iterable<number>): string {
  let hash = 0xcbf29ce484222325n;
  for (const value of values) {
    bits.setFloat64(0, value);
    hash = BigInt.asUintN(64, (hash ^ bits.getBigUint64(0)) * 0x100000001b3n);
  }
  return hash.toString(16);
}

describe.each(Object.entries(functions))("%s", (name, evaluate) => {
  const rows = table.filter(([of]) => of === name);

  it("is within 1 ulp of the table", () => {
    expect(rows.length).toBeGreaterThan(300);
    const largest = worst(rows, (row) => {
      const value = numberAt(row, 2);
      return Math.abs(evaluate(numberAt(row, 1)) - value - numberAt(row, 3)) / ulp(value);
    });
    expect(largest.error, largest.at).toBeLessThanOrEqual(1);
  });

  it("never turns back", () => {
    const inputs = rows.map((row) => numberAt(row, 1)).sort((a, b) => a - b);
    const outputs = inputs.map(evaluate);
    expect(outputs).toEqual([...outputs].sort((a, b) => a - b));
  });

  it("keeps NaN", () => {
    expect(evaluate(Number.NaN)).toBeNaN();
  });
});

describe("the elementary functions", () => {
  it("have these very bits, on every engine", () => {
    const found = Object.fromEntries(
      Object.entries(functions).map(([name, evaluate]) => [
        name,
        fingerprint(table.filter(([of]) => of === name).map((row) => evaluate(numberAt(row, 1)))),
      ]),
    );
    expect(found).toMatchInlineSnapshot(`
      {
        "exp": "cb2b24f86b8047f1",
        "expm1": "6cb3b97a2e2f52d0",
        "log": "409068363c792be5",
        "log10": "6f02535f5fb298f3",
        "log1p": "773ec7368da90fe",
        "pow10": "79a1f58dfeb52ca0",
      }
    `);
  });

  it("meet the ends of their ranges", () => {
    expect([log(0), log(-0), log(Infinity), log(-1), log(-Infinity)]).toEqual([
      -Infinity,
      -Infinity,
      Infinity,
      Number.NaN,
      Number.NaN,
    ]);
    expect([log1p(-1), log1p(-1.5), log1p(Infinity), log1p(0)]).toEqual([-Infinity, Number.NaN, Infinity, 0]);
    expect([log10(0), log10(-2), log10(Infinity)]).toEqual([-Infinity, Number.NaN, Infinity]);
    expect([exp(-Infinity), exp(-746), exp(0), exp(709.79), exp(710), exp(Infinity)]).toEqual([
      0,
      0,
      1,
      Infinity,
      Infinity,
      Infinity,
    ]);
    expect([expm1(-Infinity), expm1(-50), expm1(0), expm1(710)]).toEqual([-1, -1, 0, Infinity]);
    expect([pow10(-400), pow10(-324), pow10(308.26), pow10(309), pow10(Infinity)]).toEqual([
      0,
      0,
      Infinity,
      Infinity,
      Infinity,
    ]);
    expect(exp(-745.13)).toBe(5e-324);
    expect(pow10(-323.3)).toBe(5e-324);
  });

  it("are exact at whole powers of ten", () => {
    for (let k = 0; k <= 22; k++) {
      expect(log10(Number(`1e${k}`))).toBe(k);
      expect(pow10(k)).toBe(Number(`1e${k}`));
      expect(pow10(-k)).toBe(Number(`1e-${k}`));
    }
  });

  it("give the logarithm of a complement", () => {
    expect(log1mExp(0)).toBe(-Infinity);
    expect(log1mExp(-Infinity)).toBe(-0);
    expect(log1mExp(-1e-20)).toBeCloseTo(-46.051701859880914, 12);
    expect(log1mExp(log(0.25))).toBeCloseTo(log(0.75), 15);
    expect(log1mExp(-700)).toBe(-exp(-700));
  });
});
