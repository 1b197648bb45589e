import { describe, expect, test } from "vitest";
import { projectCisSignals } from "../../../src/association/trans/cisSignals.ts";
import { mapTrans } from "../../../src/association/trans.ts";
import { buildCohort } from "../../../src/cohort/cohort.ts";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import { createWasmBackend } from "../../../src/compute/wasm/backend.ts";
import { log10TwoSidedT } from "../../../src/statistics/studentT.ts";
import { collect } from "../../helpers/collect.ts";
import { plainOls, plainResiduals } from "../../helpers/plainOls.ts";
import { randomTables, testRandom } from "../../helpers/randomCohort.ts";

describe("lead cis signals projected out of a trans map", () => {
  test.each([1, 2, 3, 4])(
    "equal further covariates of each gene in plain least squares: seed %i",
    async (seed) => {
      const random = testRandom(seed + 50);
      const tables = randomTables(seed, { samples: 40, variants: 70, genes: 8, covariates: 2 });
      const { samples, chromosomes, chromosomeCode, position } = tables.genotypes;
      // Variants in strong linkage with others: those that the screen of expression alone would underrate.
      for (let v = 0; v < 30; v++) {
        const copy = tables.calls[v + 35]! as number[];
        tables.calls[v]!.forEach((call, s) => {
          copy[s] = random() < 0.1 ? Math.floor(3 * random()) : call;
        });
      }
      const n = samples.length;
      const named = (v: number): string => `${chromosomes[chromosomeCode.at(v)!]}:${position.at(v)}:A:G`;
      const dosages = tables.calls.map((calls) => {
        const called = calls.filter((call) => call !== 3);
        const mean = called.reduce((a, b) => a + b, 0) / called.length;
        return calls.map((call) => (call === 3 ? mean : call));
      });
      const signals = new Map<string, number[]>();
      const list = { name: "signals", variant: ["nowhere"], gene: [tables.expression.id[0]!] };
      tables.expression.id.forEach((id, g) => {
        if (g % 4 === 3) return;
        const own = Array.from({ length: 1 + (g % 3) }, () => Math.floor(30 * random()));
        // The same variant twice: the second adds nothing.
        if (g === 4) own.push(own[0]!);
        signals.set(id, [...new Set(own)]);
        for (const v of own) {
          list.variant.push(named(v));
          list.gene.push(id);
        }
      });
      const messages: string[] = [];
      const whole = buildCohort(tables, { maf: 0, onMessage: ({ text }) => messages.push(text) });
      const projected = await projectCisSignals(whole, list);
      expect(messages.at(-1)).toMatch(
        /^signals: \d+ cis signals of 6 genes projected out; not used: 1 not in the genotypes, 0 of/,
      );
      const covariates = tables.covariates.cells.map((cells) => cells.map(Number));
      const plain = new Map<string, { slope: number; slopeSe: number; log10P: number }>();
      for (const [g, id] of tables.expression.id.entries()) {
        const y = samples.map(
          (name) => tables.expression.values[g * n + tables.expression.samples.indexOf(name)]!,
        );
        const beside: number[][] = [];
        for (const v of signals.get(id) ?? []) {
          const left = plainResiduals(dosages[v]!, [...covariates, ...beside]).reduce(
            (sum, x) => sum + x * x,
            0,
          );
          if (left > 1e-6) beside.push(dosages[v]!);
        }
        dosages.forEach((dosage, v) => {
          const left = plainResiduals(dosage, [...covariates, ...beside]).reduce((sum, x) => sum + x * x, 0);
          if (!(left > 1e-6)) return;
          const fit = plainOls(y, dosage, [...covariates, ...beside]);
          plain.set(`${named(v)}\t${id}`, { ...fit, log10P: log10TwoSidedT(fit.t, fit.degreesOfFreedom) });
        });
      }
      for (const pValue of [1, 0.03, 0.002]) {
        const wanted = [...plain].filter(([, { log10P }]) => log10P <= Math.log10(pValue));
        for (const create of [createReferenceBackend, createWasmBackend]) {
          const backend = await create();
          const options = { backend, pValue, allPairs: true, signals: projected };
          const found = await collect(mapTrans(projected.cohort, options));
          await backend.dispose();
          expect([...found.row.keys()].sort(), `seed ${seed}, p ${pValue}`).toEqual(
            wanted.map(([key]) => key).sort(),
          );
          expect(found.result.counts.tests).toBe(plain.size);
          for (const [key, fit] of wanted) {
            const row = found.row.get(key)!;
            expect(found.slope[row]! / fit.slope, `seed ${seed}: ${key}`).toBeCloseTo(1, 7);
            expect(found.slopeSe[row]! / fit.slopeSe, key).toBeCloseTo(1, 8);
            expect(found.log10P[row]!, key).toBeCloseTo(fit.log10P, 8);
          }
        }
      }
      const backend = createReferenceBackend();
      const run = mapTrans(projected.cohort, {
        backend,
        pValue: 1,
        allPairs: true,
        signals: projected,
        permutations: 2,
      });
      await collect(run);
      expect(run.result().permutations!.pair.permuted).toBe(2 * plain.size);
      expect(run.result().cisSignals).toEqual({ signals: projected.owner.length, genes: 6 });
    },
  );

  test("a list without a pair of the cohort is refused", async () => {
    const cohort = buildCohort(randomTables(1, { samples: 20, variants: 10, genes: 2, covariates: 0 }));
    const list = { name: "leads.tsv", variant: ["v"], gene: ["g"] };
    await expect(projectCisSignals(cohort, list)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[UsageError: leads.tsv: none of its 1 pair has both a variant of the genotypes and a gene of the expression]`,
    );
  });
});
