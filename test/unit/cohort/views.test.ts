import { expect, test } from "vitest";
import { chromosomeOf, genesOn } from "../../../src/cohort/views.ts";
import { randomTables } from "../../helpers/randomCohort.ts";

const tables = randomTables(2, { samples: 9, variants: 20, genes: 7, covariates: 0 });

test("one chromosome of a source reads and names what the source has there", async () => {
  const { genotypes } = tables;
  const all = Uint32Array.from({ length: 9 }, (_, s) => s);
  for (const [name, from] of [
    ["1", 0],
    ["chr2", 10],
  ] as const) {
    const view = chromosomeOf(genotypes, name);
    expect(view.variantCount).toBe(10);
    expect(view.chromosomes).toEqual([`chr${name.replace("chr", "")}`]);
    expect(view.position).toEqual(genotypes.position.slice(from, from + 10));
    const block = await view.read(3, 8, all);
    expect(block).toEqual({ ...(await genotypes.read(from + 3, from + 8, all)), start: 3 });
    expect(await view.labels(3, 8)).toEqual(await genotypes.labels(from + 3, from + 8));
  }
  expect(() => chromosomeOf(genotypes, "X")).toThrow("memory has no variants on chromosome X");
});

test("the genes of one chromosome keep their rows", () => {
  const { expression } = tables;
  const genes = genesOn(expression, "chr2");
  expect(genes.id).toEqual(["G1", "G3", "G5"]);
  expect(genes.start).toEqual(Int32Array.from([1, 3, 5], (g) => expression.start[g]!));
  expect(genes.values.subarray(9, 18)).toEqual(expression.values.subarray(3 * 9, 4 * 9));
});
