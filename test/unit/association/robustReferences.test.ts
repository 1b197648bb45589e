/** HC3 of variants by kernels, a lot at a time, against the plain code: to the bit. */
import { describe, expect, test } from "vitest";
import type { DosageRows } from "../../../src/association/dosageRows.ts";
import { interactionModel } from "../../../src/association/interaction/model.ts";
import { RobustErrors } from "../../../src/association/interaction/robust.ts";
import { TermProducts } from "../../../src/association/interaction/termProducts.ts";
import { PairTester } from "../../../src/association/interaction/test.ts";
import { buildCohort } from "../../../src/cohort/cohort.ts";
import { uniform } from "../../../src/statistics/random.ts";
import { randomTables, testNormal, testRandom } from "../../helpers/randomCohort.ts";

const SEED = 20261130;
const GENES = 3;
/** Whose variance follows the first context, and the second: see {@link modelOf}. */
const FOLLOWING = ["G1", "G2"];

/** A model of two contexts, the second binary, tested together or the first of them alone. */
function modelOf(samples: number, covariates: number, which: readonly number[]) {
  const tables = randomTables(SEED + samples, { samples, variants: 6, genes: GENES, covariates });
  const random = testRandom(samples);
  const rows = [
    tables.genotypes.samples.map(() => 40 + 3 * testNormal(random)),
    tables.genotypes.samples.map(() => (random() < 0.4 ? 1 : 0)),
  ];
  const cells = rows.map((row) => row.map(String));
  const { values } = tables.expression;
  for (let s = 0; s < samples; s++) {
    // The expression file has the samples backwards.
    const at = samples - 1 - s;
    values[samples + at] = Math.exp((rows[0]![s]! - 40) / 4) * testNormal(random);
    values[2 * samples + at] = (1 + 4 * rows[1]![s]!) * testNormal(random);
  }
  const contexts = {
    name: "contexts",
    samples: tables.genotypes.samples,
    covariates: ["age", "binary"],
    cells,
  };
  return interactionModel(buildCohort({ ...tables, contexts }, { maf: 0 }), which);
}

/** Dosages of variant `v`; every fifth is nearly the first context, so that little is left of it. */
function genotypes(v: number, context: Float64Array): Float64Array {
  return context.map((value, s) => {
    const call = Math.floor(3 * uniform(SEED, v, s));
    return v % 5 === 4 ? value + 1e-3 * call : call;
  });
}

/** A row of no calls but remainders. */
function callsOf(g: Float64Array): DosageRows {
  const samples = g.length;
  const stride = Math.ceil(samples / 4);
  const remainder = {
    offset: Uint32Array.of(0, samples),
    sample: Uint32Array.from(g.keys()),
    value: g,
  };
  const packed = new Uint8Array(stride);
  return { kind: "calls", count: 1, samples, stride, packed, fill: new Float64Array(1), remainder };
}

describe("HC3 by kernels", () => {
  test.each([
    [61, 4, [0]],
    [62, 0, [1]],
    [63, 3, [0, 1]],
    [64, 1, [0]],
    // Past the samples for which a matrix is made.
    [2050, 2, [0]],
  ] as const)(
    "is the same to the bit: %i samples, %i covariates, contexts %j",
    async (samples, covariates, which) => {
      const model = modelOf(samples, covariates, which);
      const context = model.modifiers[0]!.values;
      const [plain, quick] = [new RobustErrors(model), await RobustErrors.load(model)];
      const [products, plainProducts] = [await TermProducts.load(model), new TermProducts(model)];
      expect([plain.lot, quick.lot]).toEqual([1, 8]);
      const tester = new PairTester(model);
      const test = tester.empty();
      const [found, expected] = [new Float64Array(which.length), new Float64Array(which.length)];
      const [ours, theirs] = [new Float64Array(which.length + 1), new Float64Array(which.length + 1)];
      for (const [first, count] of [
        [0, 8],
        [8, 5],
        [13, 1],
      ] as const) {
        for (let v = first; v < first + count; v++) quick.genotypes(v - first).set(genotypes(v, context));
        quick.read(count);
        for (let v = first; v < first + count; v++) {
          const g = genotypes(v, context);
          plain.genotypes(0).set(g);
          plain.read(1);
          const row = callsOf(g);
          products.read(row, 0);
          plainProducts.read(row, 0);
          for (let gene = 0; gene < GENES; gene++) {
            const where = `seed ${SEED} variant ${v} gene ${gene}`;
            products.of(gene, ours);
            plainProducts.of(gene, theirs);
            expect(ours, where).toEqual(theirs);
            test.along.forEach((_, m) => {
              test.along[m] = uniform(SEED, 900 + v, gene * 8 + m) - 0.5;
            });
            plain.errors(0, gene, test, expected);
            quick.errors(v - first, gene, test, found);
            expect(found, where).toEqual(expected);
            expect(
              found.every((error) => error > 0),
              where,
            ).toBe(true);
            which.forEach((_, c) => {
              const p = quick.log10P(v - first, c, gene, 3.7 * found[c]!, found[c]!);
              expect(p, where).toBe(plain.log10P(0, c, gene, 3.7 * expected[c]!, expected[c]!));
              expect(p < 0, where).toBe(true);
              // A working variance that follows this very context.
              const { id } = model.cohort.genes;
              const equal = quick.log10P(v - first, c, id.indexOf("G0"), 3.7, 1);
              const own = quick.log10P(v - first, c, gene, 3.7, 1);
              expect(own === equal, where).toBe(id[gene] !== FOLLOWING[which[c]!]);
            });
          }
        }
      }
    },
  );

  test("is no number where samples decide their own fit, and leaves nothing of that to the next variants", async () => {
    // The last sample lies beside what fills vectors up to four.
    const samples = 61;
    const model = modelOf(samples, 3, [0]);
    const [plain, quick] = [new RobustErrors(model), await RobustErrors.load(model)];
    const test = new PairTester(model).empty();
    const carried = Float64Array.from({ length: samples }, (_, s) => (s === 0 || s === samples - 1 ? 1 : 0));
    const ordinary = genotypes(0, model.modifiers[0]!.values);
    const [found, expected] = [new Float64Array(1), new Float64Array(1)];
    for (const [round, places] of [[carried, ordinary, carried], [ordinary, carried], [ordinary]].entries()) {
      places.forEach((g, place) => {
        quick.genotypes(place).set(g);
      });
      quick.read(places.length);
      for (const [place, g] of places.entries()) {
        plain.genotypes(0).set(g);
        plain.read(1);
        for (let gene = 0; gene < GENES; gene++) {
          const where = `round ${round} place ${place} gene ${gene}`;
          plain.errors(0, gene, test, expected);
          quick.errors(place, gene, test, found);
          expect(found, where).toEqual(expected);
          expect(Number.isNaN(found[0]!), where).toBe(g === carried);
          const p = quick.log10P(place, 0, gene, 3, 1);
          expect(p, where).toBe(plain.log10P(0, 0, gene, 3, 1));
          expect(Number.isNaN(p), where).toBe(g === carried);
        }
      }
    }
  });
});
