import { describe, expect, test } from "vitest";
import { basePairs, listed, memorySize, numberIn, oneOf } from "../../../src/cli/values.ts";
import { UsageError } from "../../../src/errors.ts";

const share = numberIn({ min: 0, max: 1 });
const positive = numberIn({ min: 0, max: 1, aboveMin: true });
const whole = numberIn({ min: 1, max: Number.MAX_SAFE_INTEGER, integer: true });

describe("numbers", () => {
  test.each([
    ["0", 0],
    ["1", 1],
    [".5", 0.5],
    ["1e-5", 1e-5],
    ["+0.25", 0.25],
  ])("%s", (text, value) => {
    expect(share("--x", text)).toBe(value);
  });

  test.each(["", " ", "abc", "-0.1", "1.0001", "NaN", "Infinity", "0x1", "0.1f", "1,0"])(
    "refuses '%s'",
    (text) => {
      expect(() => share("--x", text)).toThrow(UsageError);
    },
  );

  test("bounds and whole numbers", () => {
    expect(() => positive("--p-value", "0")).toThrow(
      '--p-value takes a number above 0 and at most 1; got "0"',
    );
    expect(whole("--n", "12")).toBe(12);
    expect(() => whole("--n", "1.5")).toThrow('--n takes a whole number, 1 or more; got "1.5"');
    expect(() => whole("--n", "0")).toThrow(UsageError);
  });
});

describe("base pairs", () => {
  test.each([
    ["1000000", 1e6],
    ["1e6", 1e6],
    ["500kb", 5e5],
    ["1Mb", 1e6],
    ["1.5 mb", 1.5e6],
    ["0", 0],
    ["10bp", 10],
  ])("%s", (text, value) => {
    expect(basePairs("--window", text)).toBe(value);
  });

  test.each(["", "-1", "1.5", "1Gb", "kb", "3000000000", "1e99", "0.0001kb"])("refuses '%s'", (text) => {
    expect(() => basePairs("--window", text)).toThrow(UsageError);
  });
});

describe("memory", () => {
  test.each([
    ["512M", 512 * 2 ** 20],
    ["2G", 2 ** 31],
    ["1.5GiB", 1.5 * 2 ** 30],
    ["262144k", 2 ** 28],
    ["1tb", 2 ** 40],
  ])("%s", (text, value) => {
    expect(memorySize("--memory", text)).toBe(value);
  });

  test.each(["", "512", "255M", "1P", "-1G", "G", "9999999T"])("refuses '%s'", (text) => {
    expect(() => memorySize("--memory", text)).toThrow(UsageError);
  });
});

test("words", () => {
  const format = oneOf(["parquet", "tsv"]);
  expect(format("--format", "tsv")).toBe("tsv");
  expect(() => format("--format", "csv")).toThrow('--format takes parquet or tsv; got "csv"');
  expect(listed(["a"])).toBe("a");
  expect(listed(["a", "b", "c"])).toBe("a, b or c");
  expect(listed(["a", "b"], "and")).toBe("a and b");
});
