/** Interactions where there are none, of donors with several samples: lambda with them in the model, and without. */
import { afterAll, expect, test } from "vitest";
import { mapTransInteraction } from "../../../src/association/interaction/trans.ts";
import { buildCohort, type Cohort, type CohortTables } from "../../../src/cohort/cohort.ts";
import { createBackend } from "../../../src/node/index.ts";
import { memoryGenotypes, testNormal, testRandom } from "../../helpers/randomCohort.ts";
import { sampleMatrix } from "../../helpers/relatives.ts";

const wasm = await createBackend("wasm", { threads: 2 });
afterAll(() => wasm.dispose());

/** Genes without effects of variants, half the donor's own, and a context of which the share `between` is; or a treatment of half of each donor's samples. `slope`: how much donors differ in their response to it. */
function nullScene(
  seed: number,
  between: number | "treatment",
  samplesEach: number,
  slope = 0,
): { independent: Cohort; donors: Cohort } {
  const random = testRandom(seed);
  const donors = 60;
  const n = donors * samplesEach;
  const normals = (count: number): number[] => Array.from({ length: count }, () => testNormal(random));
  const ids = Array.from({ length: n }, (_, s) => `S${s}`);
  const donorOf = ids.map((_, s) => s % donors);
  const mix = (share: number): number[] => {
    const [own, each] = [normals(donors), normals(n)];
    return each.map((value, s) => Math.sqrt(share) * own[donorOf[s]!]! + Math.sqrt(1 - share) * value);
  };
  const variants = Array.from({ length: 50 }, (_, v) => {
    const p = 0.25 + 0.5 * random();
    const calls = Array.from({ length: donors }, () => (random() < p ? 1 : 0) + (random() < p ? 1 : 0));
    return { chromosome: "1", position: v + 1, calls };
  });
  const genes = Array.from({ length: 50 }, (_, g) => `G${g}`);
  const context = between === "treatment" ? ids.map((_, s) => Math.floor(s / donors) % 2) : mix(between);
  const tables: CohortTables = {
    genotypes: memoryGenotypes(
      ids.slice(0, donors).map((_, d) => `D${d}`),
      variants,
    ),
    expression: {
      ...{
        name: "expression",
        samples: ids,
        id: genes,
        chromosome: genes.map(() => "2"),
        strand: genes.map(() => "+"),
      },
      ...{ start: new Int32Array(50), end: new Int32Array(50).fill(1) },
      values: Float64Array.from(
        genes.flatMap(() => {
          const response = normals(donors);
          return mix(0.5).map((value, s) => value + (0.5 + slope * response[donorOf[s]!]!) * context[s]!);
        }),
      ),
    },
    contexts: { name: "c", samples: ids, covariates: ["dose"], cells: [context.map(String)] },
    donors: { name: "donors", sample: ids, donor: donorOf.map((d) => `D${d}`) },
  };
  const identity = ids.flatMap((_, i) => ids.map((__, j) => (i === j ? 1 : 0)));
  const matrix = sampleMatrix(ids, [identity]);
  return {
    independent: buildCohort({ ...tables, covariance: { kind: "given", matrix } }),
    donors: buildCohort(tables),
  };
}

test.each([
  // A donor's samples repeat what they say of the first; of the second they tell, their common part being noise taken out.
  ["in part the donor's own", 0.6, 1.4, 2.2],
  ["a treatment of half of each donor's samples", "treatment", 0.4, 0.6],
] as const)(
  "without an effect lambda is 1 with donors, not as independent samples: a context that is %s",
  async (_, between, least, most) => {
    // Lambda of one context for 60 donors varies by some 0.05 around 1.
    const lambdas: { independent: number[]; donors: number[] } = { independent: [], donors: [] };
    for (const seed of [1, 2, 3, 4]) {
      const cohorts = nullScene(seed, between, 4);
      for (const name of ["independent", "donors"] as const) {
        const run = mapTransInteraction(cohorts[name], { backend: wasm, pValue: 1e-3 });
        for await (const batch of run) expect(batch.part).toBeGreaterThanOrEqual(0);
        expect(run.result().null.log10P.length).toBeGreaterThan(2000);
        lambdas[name].push(run.result().null.lambda);
      }
    }
    const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
    expect(mean(lambdas.independent)).toBeGreaterThan(least);
    expect(mean(lambdas.independent)).toBeLessThan(most);
    expect(Math.abs(mean(lambdas.donors) - 1)).toBeLessThan(0.06);
  },
);

test("where donors differ in their response to the context lambda tells: the model lacks it", async () => {
  const { donors } = nullScene(3, "treatment", 4, 0.6);
  const run = mapTransInteraction(donors, { backend: wasm, pValue: 1e-3 });
  for await (const batch of run) expect(batch.part).toBeGreaterThanOrEqual(0);
  expect(run.result().null.lambda).toBeGreaterThan(1.2);
});
