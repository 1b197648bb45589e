import { describe, expect, it } from "vitest";
import {
  bases,
  count,
  counted,
  megabases,
  placeText,
  plain,
  pValue,
  signed,
  threshold,
} from "../../../src/report/numbers.ts";

describe("numbers for people", () => {
  it("groups thousands", () => {
    expect([0, 999, 1_000, 1_234_567.4].map(count)).toEqual(["0", "999", "1,000", "1,234,567"]);
    expect(counted(1, "gene")).toBe("1 gene");
    expect(counted(1_200, "gene")).toBe("1,200 genes");
  });

  it("writes p-values from their logarithm, far below the smallest double", () => {
    expect(pValue(0)).toBe("1");
    expect(pValue(Math.log10(0.0314))).toBe("0.031");
    expect(pValue(Math.log10(2.44e-38))).toBe("2.4 × 10⁻³⁸");
    expect(pValue(-4012.5)).toBe("3.2 × 10⁻⁴⁰¹³");
    expect(pValue(Math.log10(9.99e-8))).toBe("1.0 × 10⁻⁷");
    expect(pValue(Number.NaN)).toBe("–");
    expect(pValue(Number.NEGATIVE_INFINITY)).toBe("0");
  });

  it("writes thresholds as they were chosen", () => {
    expect([1, 0.05, 0.001, 1e-5, 5e-8, 2.5e-12].map(threshold)).toEqual([
      "1",
      "0.05",
      "0.001",
      "10⁻⁵",
      "5 × 10⁻⁸",
      "2.5 × 10⁻¹²",
    ]);
  });

  it("writes signed numbers with a true minus", () => {
    expect(signed(-0.923825)).toBe("−0.924");
    expect(signed(1.5)).toBe("1.50");
    expect(signed(Number.NaN)).toBe("–");
    expect(plain(0.0763, 2)).toBe("0.076");
  });

  it("writes distances and places in the unit people use", () => {
    expect([850, -2_100, 32_400, 999_700, 1_000_000, 1_250_000, -43_000_000].map(bases)).toEqual([
      "850 bp",
      "-2.1 kb",
      "32 kb",
      "1 Mb",
      "1 Mb",
      "1.3 Mb",
      "-43 Mb",
    ]);
    expect(megabases("4", 103_048_080)).toBe("4:103.05");
    // As axes name it, whatever the file does.
    expect(["23", "chr23", "X", "chrX"].map((name) => megabases(name, 1e6))).toEqual(Array(4).fill("X:1.00"));
    expect(["26", "chrM", "chr2"].map((name) => placeText(name, 1_234))).toEqual([
      "MT:1,234",
      "MT:1,234",
      "2:1,234",
    ]);
  });
});
