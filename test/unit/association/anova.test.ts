import { describe, expect, test } from "vitest";
import { type ClassGram, screeningNorms } from "../../../src/association/anova/classes.ts";
import { mapAnova } from "../../../src/association/anova/map.ts";
import { buildCohort } from "../../../src/cohort/cohort.ts";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import { createWasmBackend } from "../../../src/compute/wasm/backend.ts";
import { plainResiduals } from "../../helpers/plainOls.ts";
import { randomTables, testRandom } from "../../helpers/randomCohort.ts";

const backends = { reference: () => createReferenceBackend(), wasm: () => createWasmBackend() };

describe("the ANOVA model", () => {
  test.each([1, 2, 3])("finds every pair that plain residual sums of squares find: seed %i", async (seed) => {
    const tables = randomTables(seed, { samples: 45, variants: 80, genes: 9, covariates: 3 });
    const cohort = buildCohort(tables, { maf: 0 });
    const { samples } = tables.genotypes;
    const n = samples.length;
    const covariates = tables.covariates.cells.map((cells) => cells.map(Number));
    const plain = new Map<string, number>();
    cohort.genes.id.forEach((id, gene) => {
      const row = tables.expression.id.indexOf(id);
      const y = samples.map(
        (name) => tables.expression.values[row * n + tables.expression.samples.indexOf(name)]!,
      );
      const without = plainResiduals(y, covariates).reduce((sum, e) => sum + e * e, 0);
      tables.calls.forEach((calls, v) => {
        const counts = [0, 1, 2].map((copies) => calls.filter((call) => call === copies).length);
        if (counts.filter((count) => count > 0).length < 2) return;
        const baseline = counts.indexOf(Math.max(...counts));
        const dummies = [0, 1, 2]
          .filter((copies) => copies !== baseline && counts[copies]! > 0)
          .map((copies) => calls.map((call) => (call === copies ? 1 : 0)));
        const left = plainResiduals(y, [...covariates, ...dummies]).reduce((sum, e) => sum + e * e, 0);
        plain.set(`${v} ${gene}`, ((n - 3 - 3) / 2) * Math.log10(left / without));
      });
    });
    const random = testRandom(seed);
    for (const pValue of [
      1,
      0.03,
      10 ** [...plain.values()][Math.floor(random() * plain.size)]! * (1 + 1e-9),
    ]) {
      const wanted = [...plain].filter(([, log10P]) => log10P <= Math.log10(pValue) + 1e-11);
      const results = [];
      for (const [name, create] of Object.entries(backends)) {
        const backend = await create();
        const found = await mapAnova(cohort, { backend, pValue, distance: 0, allPairs: true });
        await backend.dispose();
        const { candidates: _, ...rest } = found;
        results.push(rest);
        const keys = Array.from(found.variant, (v, i) => `${v} ${found.gene[i]}`);
        const what = `${name}, seed ${seed}, p ${pValue}`;
        expect([...keys].sort(), what).toEqual(wanted.map(([key]) => key).sort());
        keys.forEach((key, i) => {
          expect(Math.abs(found.log10P[i]! - plain.get(key)!), `${what}: ${key}`).toBeLessThan(1e-9);
        });
        expect(found.tests).toBe(plain.size);
      }
      expect(results[1]).toEqual(results[0]);
    }
  });

  test("effects are the class means where there is no covariate", async () => {
    const tables = randomTables(5, { samples: 40, variants: 30, genes: 3, covariates: 0 });
    const cohort = buildCohort({ ...tables, covariates: undefined }, { maf: 0 });
    const backend = createReferenceBackend();
    const found = await mapAnova(cohort, { backend, pValue: 1, distance: 0, allPairs: true });
    const { samples } = tables.genotypes;
    let compared = 0;
    found.variant.forEach((v, i) => {
      const calls = tables.calls[v]!;
      const row = tables.expression.id.indexOf(cohort.genes.id[found.gene[i]!]!);
      const y = samples.map(
        (name) => tables.expression.values[row * 40 + tables.expression.samples.indexOf(name)]!,
      );
      if (calls.includes(3) || new Set(calls).size < 3) return;
      const mean = (copies: number): number => {
        const own = y.filter((_, s) => calls[s] === copies);
        return own.reduce((a, b) => a + b, 0) / own.length;
      };
      expect(found.effect1[i]!).toBeCloseTo(mean(1) - mean(0), 10);
      expect(found.effect2[i]!).toBeCloseTo(mean(2) - mean(0), 10);
      compared++;
    });
    expect(compared).toBeGreaterThan(20);
  });

  test("some mask always reaches the threshold that the plane reaches", () => {
    const random = testRandom(11);
    let tightest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 20_000; i++) {
      const gram: ClassGram = {
        squareA: random() < 0.05 ? 0 : 10 ** (4 * random() - 2),
        shareOfA: (random() - 0.7) * 10 ** (2 * random() - 1),
        squareB: random() < 0.05 ? 0 : 10 ** (6 * random() - 4),
      };
      const norms = screeningNorms(gram);
      // A direction of length 1 in the plane, as parts along A and along B beside A.
      const angle = 2 * Math.PI * random();
      const [x, y] = [Math.cos(angle), Math.sin(angle)];
      const alongA = gram.squareA > 0 ? x : 0;
      const alongB = gram.squareB > 0 ? y : 0;
      const length = Math.hypot(alongA, alongB);
      if (length === 0) continue;
      const a = Math.sqrt(gram.squareA) * alongA;
      const b = (gram.squareA > 0 ? gram.shareOfA : 0) * a + Math.sqrt(gram.squareB) * alongB;
      const best = Math.max(
        ...[a, b, a + b].map((product, m) => (norms[m]! > 0 ? Math.abs(product) / norms[m]! : 0)),
      );
      expect(best / length, `${JSON.stringify(gram)} ${angle}`).toBeGreaterThan(1 - 1e-9);
      if (gram.squareA > 0 && gram.squareB > 0) tightest = Math.min(tightest, best / length);
    }
    // The bound is attained: half the norm would be too much to ask.
    expect(tightest).toBeLessThan(1.001);
  });
});
