import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as core from "../../../src/core.ts";

test("what docs/networks-function.md names as the library's is exported", () => {
  const page = readFileSync(new URL("../../../docs/networks-function.md", import.meta.url), "utf8");
  const section = page.slice(page.indexOf("## In the library"));
  // Names of functions and classes; `tables.genotypes` is a field.
  const names = Array.from(section.matchAll(/`(\w+)`/g), ([, name]) => name!);
  expect(names.length).toBeGreaterThan(15);
  expect(names.filter((name) => !(name in core))).toEqual([]);
});
