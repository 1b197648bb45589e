import { expect, test } from "vitest";
import { readContexts } from "../../../src/formats/contexts.ts";

import { inflateGzip } from "../../../src/node/inflate.ts";
import { textSource } from "../../helpers/formats.ts";

const samples = new Set(["S0", "S1", "S2"]);
const read = (text: string) => readContexts(textSource(text, "age.txt"), inflateGzip, samples);

test.each([
  ["numbers", "S0\t1\nS1\t2\nS2\t3\n", ["1", "2", "3"]],
  ["a typo in the first line, which is no header for that", "S0\tabc\nS1\t2\nS2\t3\n", ["abc", "2", "3"]],
  ["words", "S0\tcase\nS1\tcontrol\nS2\tcase\n", ["case", "control", "case"]],
])("two columns without a header: %s", async (_, text, cells) => {
  const table = await read(text);
  expect(table.samples).toEqual(["S0", "S1", "S2"]);
  expect(table.covariates).toEqual(["age"]);
  expect(table.cells).toEqual([cells]);
});

test("two columns with a header keep its name", async () => {
  const table = await read("sample\tyears\nS0\t1\nS1\t2\nS2\t3\n");
  expect(table.covariates).toEqual(["years"]);
  expect(table.cells).toEqual([["1", "2", "3"]]);
});
