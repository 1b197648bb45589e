import { expect, test } from "vitest";
import { duration, effect, fileSize, memorySize, pValue, shortCount } from "../../../src/cli/format.ts";

test("counts in three figures", () => {
  expect([0, 999, 999.4, 1000, 12_345, 999_499, 999_600, 508_000_000, 2.5e12].map(shortCount)).toEqual([
    "0",
    "999",
    "999",
    "1.00 k",
    "12.3 k",
    "999 k",
    "1.00 M",
    "508 M",
    "2.50 T",
  ]);
});

test("sizes", () => {
  expect([0, 999, 1000, 32_100_000].map(fileSize)).toEqual(["0 B", "999 B", "1.00 kB", "32.1 MB"]);
  expect([2 ** 26, 2 ** 30, 5.9 * 2 ** 30].map(memorySize)).toEqual(["64 MiB", "1 GiB", "5.9 GiB"]);
});

test("durations", () => {
  expect([0, 0.84, 9.96, 23.4, 59.7, 250, 3599.6, 7500].map(duration)).toEqual([
    "0.0 s",
    "0.8 s",
    "10 s",
    "23 s",
    "1 min 0 s",
    "4 min 10 s",
    "1 h 00 min",
    "2 h 05 min",
  ]);
});

test("p-values from their logarithm, below the range of doubles too", () => {
  expect([0, -1, Math.log10(0.0123), -27.62, -4011.51, -4.0000001, Number.NaN].map(pValue)).toEqual([
    "1",
    "0.1",
    "0.0123",
    "2.4e-28",
    "3.1e-4012",
    "1.0e-4",
    "NA",
  ]);
});

test("effects in four figures", () => {
  expect([-0.923825, 12_345.6, 1.23456e-7, 0, Number.NaN].map(effect)).toEqual([
    "-0.9238",
    "1.235e+4",
    "1.235e-7",
    "0.000",
    "NA",
  ]);
});
