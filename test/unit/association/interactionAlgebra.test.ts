import { expect, test } from "vitest";
import { GramMaker } from "../../../src/association/interaction/gram.ts";
import { interactionModel } from "../../../src/association/interaction/model.ts";
import { RobustErrors } from "../../../src/association/interaction/robust.ts";
import { log10PofF, PairTester } from "../../../src/association/interaction/test.ts";
import { survey } from "../../../src/association/survey.ts";
import { buildCohort } from "../../../src/cohort/cohort.ts";
import { decodeDosages } from "../../../src/cohort/dosages.ts";
import { scanVariants, VARIANT_STATUS } from "../../../src/cohort/variants.ts";
import { canonicalDot } from "../../../src/compute/exact.ts";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import { log10TwoSidedT } from "../../../src/statistics/studentT.ts";
import { plainModel } from "../../helpers/plainOls.ts";
import { randomTables, testNormal, testRandom } from "../../helpers/randomCohort.ts";

const SIZE = { samples: 61, variants: 40, genes: 5, covariates: 3 };

/** A cohort with contexts of several kinds: far from 0, skewed, binary. */
function scene(seed: number) {
  const tables = randomTables(seed, SIZE);
  const random = testRandom(seed + 1000);
  const rows = [
    tables.genotypes.samples.map(() => 40 + 3 * testNormal(random)),
    tables.genotypes.samples.map(() => Math.exp(testNormal(random))),
    tables.genotypes.samples.map(() => (random() < 0.4 ? 1 : 0)),
  ];
  const contexts = {
    name: "contexts",
    samples: tables.genotypes.samples,
    covariates: ["age", "skewed", "binary"],
    cells: rows.map((row) => row.map(String)),
  };
  const cohort = buildCohort({ ...tables, contexts }, { maf: 0.02 });
  return { tables, cohort, rows };
}

const backend = createReferenceBackend();
const close = (actual: number, expected: number, scale: number, what: string): void =>
  expect(Math.abs(actual - expected) / scale, what).toBeLessThan(1e-8);

test.each([
  [1, [0], []],
  [2, [1], []],
  [3, [2], []],
  [4, [0, 1], []],
  [5, [1, 2, 0], []],
  [6, [1], ["C1"]],
  [7, [0, 2], ["C0", "C2"]],
] as const)(
  "seed %i, contexts %j, products with %j: as a plain fit of the whole model",
  async (seed, which, byGenotype) => {
    const { tables, cohort, rows } = scene(seed);
    const model = interactionModel(cohort, which, byGenotype);
    const scan = await scanVariants(model.cohort);
    const { genotypeBasis } = model.cohort;
    const basis = await backend.load({
      count: genotypeBasis.count,
      samples: SIZE.samples,
      values: genotypeBasis.values,
      standardised: false,
    });
    const maker = await GramMaker.open(model, backend, 0.03);
    const made = await maker.make(
      await survey({ cohort: model.cohort, backend, scan, basis }, 0, SIZE.variants),
      undefined,
    );
    const tester = new PairTester(model);
    const robust = await RobustErrors.load(model);
    const test = tester.empty();
    const errors = new Float64Array(which.length);
    const n = SIZE.samples;
    const covariates = tables.covariates.cells.map((cells) => cells.map(Number));
    const z = byGenotype.map((name) => {
      const row = covariates[Number(name.slice(1))]!;
      const mean = row.reduce((a, b) => a + b, 0) / n;
      return row.map((value) => value - mean);
    });
    const contexts = which.map((c) => rows[c]!);
    const g = new Float64Array(n);
    let tested = 0;
    for (let row = 0; row < made.rows.count; row++) {
      if (made.norm[row] === 0) continue;
      decodeDosages(made.rows, row, made.rows.fill[row]!, g);
      robust.genotypes(0).set(g);
      robust.read(1);
      for (let gene = 0; gene < SIZE.genes; gene++) {
        const where = `seed ${seed} row ${row} gene ${gene}`;
        const e = model.cohort.residuals.subarray(gene * n, (gene + 1) * n);
        const products = Float64Array.from([
          canonicalDot(g, 0, e, 0, n),
          ...model.modifiers.map(({ values }) =>
            canonicalDot(
              g,
              0,
              e.map((x, s) => x * values[s]!),
              0,
              n,
            ),
          ),
        ]);
        tester.test(gene, made.records, row * maker.layout.length, products, 0, 1, test);
        robust.errors(0, gene, test, errors);
        const file = cohort.geneRow[gene]!;
        const y = Array.from({ length: n }, (_, s) => tables.expression.values[file * n + (n - 1 - s)]!);
        const times = (values: readonly number[]): number[] => values.map((value, s) => value * g[s]!);
        const before = [...covariates, ...contexts, Array.from(g), ...z.map(times)];
        const plain = plainModel(y, [...before, ...contexts.map(times)]);
        expect(model.tester.degreesOfFreedom).toBe(plain.degreesOfFreedom);
        const at = 1 + covariates.length;
        const c = which.length;
        close(test.bG, plain.beta[at + c]!, plain.se[at + c]!, `${where}: g`);
        close(test.bGSe, plain.se[at + c]!, plain.se[at + c]!, `${where}: SE of g`);
        contexts.forEach((_, i) => {
          const gi = at + c + 1 + z.length + i;
          close(test.bI[i]!, plain.beta[at + i]!, plain.se[at + i]!, `${where}: i`);
          close(test.bISe[i]!, plain.se[at + i]!, plain.se[at + i]!, `${where}: SE of i`);
          close(test.bGI[i]!, plain.beta[gi]!, plain.se[gi]!, `${where}: g x i`);
          close(test.bGISe[i]!, plain.se[gi]!, plain.se[gi]!, `${where}: SE of g x i`);
          if (plain.largestLeverage > 1 - 1e-9) expect(errors[i], `${where}: HC3`).toBeNaN();
          else close(errors[i]!, plain.hc3[gi]!, plain.hc3[gi]!, `${where}: HC3`);
          if (plain.largestLeverage <= 1 - 1e-9) {
            const t = (plain.beta[gi]! / plain.hc3[gi]!) * Math.sqrt(plain.hc3Scale[gi]!);
            const df = Math.min(plain.degreesOfFreedom, Math.max(1, plain.hc3Df[gi]!));
            const found = robust.log10P(0, i, gene, test.bGI[i]!, errors[i]!);
            const robustP = log10TwoSidedT(t, df);
            // Ten times the others: the plain fit loses digits where the model is nearly singular.
            close(found, robustP, 10 * Math.max(1, -robustP), `${where}: p of HC3`);
          }
          const p = log10TwoSidedT(plain.beta[gi]! / plain.se[gi]!, plain.degreesOfFreedom);
          close(test.log10PGI[i]!, p, Math.max(1, -p), `${where}: p`);
        });
        const without = plainModel(y, before);
        const p = log10PofF(without.rss - plain.rss, plain.rss, c, plain.degreesOfFreedom);
        close(test.log10P, p, Math.max(1, -p), `${where}: all products`);
        close(test.partial, Math.sqrt(1 - plain.rss / without.rss), 1, `${where}: partial correlation`);
        tested++;
      }
      contexts.forEach((context, i) => {
        const fit = plainModel(context, [...covariates, Array.from(g)]);
        const p = log10TwoSidedT(fit.beta[at4(covariates)]! / fit.se[at4(covariates)]!, fit.degreesOfFreedom);
        close(
          made.records[row * maker.layout.length + maker.layout.log10PContext + i]!,
          p,
          Math.max(1, -p),
          "context",
        );
      });
    }
    expect(tested).toBeGreaterThan(50);
    expect([...made.status].map((code) => VARIANT_STATUS[code])).toContain("filtered-maf-interaction");
  },
);

function at4(covariates: readonly unknown[]): number {
  return covariates.length + 1;
}
