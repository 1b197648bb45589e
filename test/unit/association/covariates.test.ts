import { beforeAll, describe, expect, test } from "vitest";
import { mapCis } from "../../../src/association/cis.ts";
import {
  type Covariates,
  type CovariatesOptions,
  covariatesOf,
} from "../../../src/association/covariates.ts";
import { chosenNumber, defaultNumbers, standingOut } from "../../../src/association/titration.ts";
import { buildCohort, type Cohort, type Message } from "../../../src/cohort/cohort.ts";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import { createWasmBackend } from "../../../src/compute/wasm/backend.ts";
import { QortexError } from "../../../src/errors.ts";
import { spawnThread } from "../../../src/node/threads.ts";
import { integer, random } from "../../helpers/formats.ts";
import { memoryGenotypes, randomTables, testNormal, testRandom } from "../../helpers/randomCohort.ts";

const N = 120;
const GENES = 60;
const HIDDEN = 8;

/**
 * A cohort in which each gene of chromosome 1 follows a variant beside it and eight hidden factors that drown it, and
 * all genes of chromosome 2 follow one variant (number `HUB`): a component that a variant drives.
 */
const HUB = 150;
function hiddenCohort(seed: number, onMessage?: (message: Message) => void): Cohort {
  const random = testRandom(seed);
  const samples = Array.from({ length: N }, (_, i) => `S${i}`);
  const variants = Array.from({ length: 200 }, (_, v) => {
    const frequency = 0.15 + 0.7 * random();
    return {
      chromosome: v < 100 ? "1" : "2",
      position: 1_000_000 * ((v % 100) + 1),
      calls: samples.map(() => Number(random() < frequency) + Number(random() < frequency)),
    };
  });
  const normals = () => samples.map(() => testNormal(random));
  const age = normals();
  const factors = Array.from({ length: HIDDEN }, normals);
  const values = Float64Array.from(
    Array.from({ length: GENES }, (_, g) => {
      const local = g < GENES / 2;
      const loads = factors.map(() => (local ? 2.5 * (random() - 0.5) : 0));
      const cause = variants[local ? 3 * g : HUB]!.calls;
      return samples.map((_, s) => {
        const hidden = loads.reduce((sum, load, f) => sum + load * factors[f]![s]!, 0);
        return (local ? 0.7 : 2) * cause[s]! + hidden + 0.4 * age[s]! + testNormal(random);
      });
    }).flat(),
  );
  const genes = Array.from({ length: GENES }, (_, g) => g);
  const start = (g: number) =>
    g < GENES / 2 ? 1_000_000 * (3 * g + 1) : 500_000 + 2_000_000 * (g - GENES / 2);
  return buildCohort(
    {
      genotypes: memoryGenotypes(samples, variants),
      expression: {
        ...{ name: "expression", samples, id: genes.map((g) => `G${g}`), values },
        ...{ chromosome: genes.map((g) => (g < GENES / 2 ? "chr1" : "chr2")), strand: genes.map(() => "+") },
        ...{ start: Int32Array.from(genes, start), end: Int32Array.from(genes, (g) => start(g) + 1) },
      },
      covariates: {
        ...{ name: "given", samples, covariates: ["age", "days", "site"] },
        cells: [age.map(String), age.map((a) => String(365.25 * a + 1)), samples.map(() => "7")],
      },
    },
    { missingCovariates: "mean", onMessage },
  );
}

const OPTIONS = {
  ...{ genotypePcs: 2, titrate: [0, 4, 8, 9, 12, 30], chromosome: "1", window: 2_500_000 },
  pruning: { build: "none" },
} as const;
const asked = (backend: CovariatesOptions["backend"]): CovariatesOptions => ({ ...OPTIONS, backend });

describe("covariatesOf", () => {
  const messages: string[] = [];
  let cohort: Cohort;
  let found: Covariates;
  beforeAll(async () => {
    cohort = hiddenCohort(1, ({ text }) => messages.push(text));
    found = await covariatesOf(cohort, asked(createReferenceBackend()));
  });

  test("sets aside the component that a variant drives, and names both", () => {
    expect(found.drivers.length).toBeGreaterThanOrEqual(1);
    const hub = found.drivers.find(({ variant }) => variant === HUB);
    expect(hub).toMatchObject({ id: `2:${1_000_000 * (HUB - 99)}:A:G`, chromosome: "2" });
    expect(hub!.log10P).toBeLessThan(-20);
    expect(found.usable).not.toContain(hub!.component);
    expect(found.table.covariates).not.toContain(`expression_PC${hub!.component + 1}`);
    expect(found.driverTests).toBe(200 * found.expression.count);
    expect(messages.filter((text) => text.includes("that a variant drives"))).toHaveLength(1);
  });

  test("keeps the given covariate and drops its double and the constant", () => {
    expect(found.table.covariates.slice(0, 3)).toEqual(["age", "genotype_PC1", "genotype_PC2"]);
    expect(found.dropped.map(({ name }) => name)).toEqual(["days", "site"]);
    expect(found.columns.names).toEqual(found.table.covariates);
  });

  test("finds that the hidden factors must go, and that more than these cost power", () => {
    const { points, maximum, elbow } = found.titration!;
    const egenes = new Map(points.map((point) => [point.components, point.egenes]));
    expect(points.map(({ components }) => components)).toEqual(OPTIONS.titrate);
    expect(points.every(({ genesTested }) => genesTested === GENES / 2)).toBe(true);
    expect(points.map(({ covariates }) => covariates)).toEqual([3, 7, 11, 12, 15, 33]);
    expect(egenes.get(8)!).toBeGreaterThan(2 * egenes.get(0)!);
    expect(egenes.get(30)!).toBeLessThan(egenes.get(8)!);
    expect([8, 9, 12]).toContain(maximum);
    expect(elbow).toBeLessThanOrEqual(maximum);
  });

  test("a map with the table finds the eGenes of its point", async () => {
    const { genotypes, expression } = cohort.tables;
    const own = buildCohort({ genotypes, expression, covariates: found.table });
    const run = mapCis(own, { backend: createReferenceBackend(), window: OPTIONS.window });
    for await (const _ of run);
    const { leads } = run.result();
    const rows = Array.from(leads.status.keys()).filter((g) => own.genes.chromosome[g] === "chr1");
    // BH over the chromosome's genes, not over all: from each best p times its variants.
    const p = rows.map((g) => leads.log10Bonferroni[g]!).sort((a, b) => a - b);
    const significant = p.reduce(
      (most, value, i) => (value + Math.log10(p.length / (i + 1)) <= Math.log10(0.05) ? i + 1 : most),
      0,
    );
    expect(significant).toBe(
      found.titration!.points.find(({ components }) => components === found.chosen)!.egenes,
    );
  });

  test("is the same on every backend", async () => {
    for (const settings of [{}, { threads: 2, spawn: spawnThread }]) {
      const backend = await createWasmBackend(settings);
      expect(await covariatesOf(hiddenCohort(1), asked(backend))).toEqual(found);
      await backend.dispose();
    }
  });

  test("uses driven components where it is told to, and a number without titration", async () => {
    const options = { ...asked(createReferenceBackend()), titrate: undefined };
    const kept = await covariatesOf(cohort, { ...options, keepDriven: true, expressionPcs: 5 });
    expect(kept.titration).toBeUndefined();
    expect(kept.table.covariates.slice(3)).toEqual([1, 2, 3, 4, 5].map((k) => `expression_PC${k}`));
    const none = await covariatesOf(cohort, { ...options, genotypePcs: 0, expressionPcs: 0 });
    expect(none.table.covariates).toEqual(["age"]);
    expect(none.genotype).toBeUndefined();
  });

  test("says what cannot be", async () => {
    const backend = createReferenceBackend();
    const fails = (options: Partial<CovariatesOptions>) =>
      covariatesOf(cohort, { ...asked(backend), titrate: undefined, ...options });
    await expect(fails({ expressionPcs: 80 })).rejects.toThrow(
      /^80 expression components asked for, but there are \d+ to use; lower --expression-pcs or --titrate$/,
    );
    await expect(fails({ genotypePcs: 50, expressionPcs: 0, pruning: { maf: 0.45 } })).rejects.toThrow(
      /^50 genotype components asked for, but the \d+ variants left of memory give \d+; lower --genotype-pcs/,
    );
    await expect(fails({ titrate: [0], chromosome: "9" })).rejects.toThrow(
      "memory has no variants on chromosome 9",
    );
    const covariates = { ...cohort.tables.covariates!, covariates: ["age", "days", "genotype_PC1"] };
    const taken = buildCohort({ ...cohort.tables, covariates });
    await expect(covariatesOf(taken, asked(backend))).rejects.toThrow(
      "given: has genotype_PC1, which is how the components made here are named",
    );
  });
});

test("cohorts too small for this or that end in covariates of numbers, or in an error that says why", async () => {
  const backend = createReferenceBackend();
  let made = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const next = random(seed);
    const size = {
      ...{ samples: integer(next, 3, 14), variants: integer(next, 1, 30) },
      ...{ genes: integer(next, 1, 6), covariates: integer(next, 0, 3) },
    };
    const options = { backend, genotypePcs: integer(next, 0, 3), pruning: { maf: 0 } };
    try {
      const tables = randomTables(seed, size);
      const cohort = buildCohort(size.covariates === 0 ? { ...tables, covariates: undefined } : tables);
      const { columns, titration } = await covariatesOf(cohort, options);
      expect(columns.values.every(Number.isFinite), `seed ${seed}`).toBe(true);
      expect(titration?.points[0]?.components ?? 0, `seed ${seed}`).toBe(0);
      made++;
    } catch (error) {
      expect(error, `seed ${seed}: ${String(error)}`).toBeInstanceOf(QortexError);
    }
  }
  expect(made).toBeGreaterThan(10);
  const cohort = hiddenCohort(2);
  await expect(covariatesOf(cohort, { backend, memory: 2 ** 20 })).rejects.toThrow(
    /^memory 1 MiB is too little: components of 120 samples need \d+ MiB \(4 MiB for matrices of samples, 1 MiB for expression\); raise --memory$/,
  );
});

describe("what stands out on a curve", () => {
  const curve = (...egenes: number[]) => egenes.map((count, i) => ({ components: 5 * i, egenes: count }));

  test("is the bend before the maximum, the maximum, and the first that is nearly as good", () => {
    expect(standingOut(curve(150, 200, 230, 236, 240, 239, 230))).toEqual({
      elbow: 10,
      maximum: 20,
      enough: 15,
    });
    expect(standingOut(curve(50, 40, 30))).toEqual({ elbow: 0, maximum: 0, enough: 0 });
    expect(standingOut(curve(0, 0))).toEqual({ elbow: 0, maximum: 0, enough: 0 });
    expect(standingOut(curve(7))).toEqual({ elbow: 0, maximum: 0, enough: 0 });
    const points = { chromosome: "1", points: [], elbow: 10, maximum: 20, enough: 15 };
    expect((["auto", "elbow", "max", 7] as const).map((rule) => chosenNumber(rule, points))).toEqual([
      15, 10, 20, 7,
    ]);
  });

  test("numbers to try end at a quarter of the samples, 60, or what there is", () => {
    expect(defaultNumbers(1000, 500)).toEqual([0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60]);
    expect(defaultNumbers(90, 500)).toEqual([0, 5, 10, 15, 20]);
    expect(defaultNumbers(90, 7)).toEqual([0, 5]);
    expect(defaultNumbers(3, 0)).toEqual([0]);
  });
});
