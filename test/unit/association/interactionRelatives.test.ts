/**
 * Interaction maps of samples that are not independent against textbook least squares on vectors whitened by whole matrices.
 */
import { afterAll, describe, expect, test } from "vitest";
import { mapCisInteraction } from "../../../src/association/interaction/cis.ts";
import type { InteractionRun } from "../../../src/association/interaction/tables.ts";
import { log10PofF } from "../../../src/association/interaction/test.ts";
import { mapTransInteraction } from "../../../src/association/interaction/trans.ts";
import { buildCohort, type Cohort, type CohortTables } from "../../../src/cohort/cohort.ts";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import { createBackend } from "../../../src/node/index.ts";
import { pow10 } from "../../../src/statistics/elementary.ts";
import { SHARES } from "../../../src/statistics/mixedModel.ts";
import { log10TwoSidedT } from "../../../src/statistics/studentT.ts";
import { plainGlsModel, plainReml } from "../../helpers/plainGls.ts";
import { centre } from "../../helpers/plainOls.ts";
import { memoryGenotypes, randomTables, testNormal, testRandom } from "../../helpers/randomCohort.ts";
import { familyMatrix, randomCovariance, sampleMatrix } from "../../helpers/relatives.ts";

const wasm = await createBackend("wasm", { threads: 2 });
const reference = createReferenceBackend();
afterAll(() => wasm.dispose());

const SAMPLES = 40;
const VARIANTS = 36;
const MAF = 0.08;
const FAR = 100_000_000;

type Matrix = number[][];

interface Scene {
  readonly tables: CohortTables;
  readonly cohort: Cohort;
  /** Of the samples analysed, in their order: contexts, covariates, expression of a gene, calls of a variant (3: missing). */
  readonly contexts: Matrix;
  readonly covariates: Matrix;
  readonly y: (gene: number) => number[];
  readonly calls: (variant: number) => number[];
  /** The covariance of the errors where the share is `h`. */
  readonly sigma: (h: number) => Matrix;
}

const scaledIdentity = (n: number, factor: number): Matrix =>
  Array.from({ length: n }, (_, i) => Array.from({ length: n }, (__, j) => (i === j ? factor : 0)));
const mixed = (matrix: Matrix, h: number): Matrix =>
  matrix.map((row, i) => row.map((value, j) => h * value + (i === j ? 1 - h : 0)));

/**
 * A cohort with missing calls, dosages, a variant that follows the context and one whose product with it is nearly nothing. Samples of
 * `donors` donors (all different without it) whose genes partly follow `shared`, a column a gene.
 */
function sceneOf(
  seed: number,
  covariance: (ids: string[]) => CohortTables["covariance"],
  donors = SAMPLES,
): Scene {
  const tables = randomTables(seed, { samples: SAMPLES, variants: VARIANTS, genes: 6, covariates: 2 });
  const random = testRandom(seed + 300);
  const ids = [...tables.genotypes.samples];
  const donorOf = ids.map((_, s) => s % donors);
  const contexts = [
    ids.map(() => 30 + 4 * testNormal(random)),
    ids.map((_, s) => (s % 3 === 0 || random() < 0.3 ? 1 : 0)),
  ];
  const calls = tables.calls.map((row) => row.slice(0, donors));
  calls[3] = calls[3]!.map((call) => (call === 3 ? 3 : Math.min(2, call + 0.25 * random())));
  // All but one of few carriers are where the second context is 0.
  calls[5] = calls[5]!.map((_, s) => (contexts[1]![s] === 0 && s % 2 === 0 ? 1 : 0));
  calls[5]![0] = 1;
  const genotypes = memoryGenotypes(
    donors === SAMPLES ? ids : ids.slice(0, donors).map((_, d) => `D${d}`),
    calls.map((row, v) => ({ chromosome: "chr1", position: 1000 * (v + 1), calls: row })),
  );
  // Genes share what the donor, or the family of four, has.
  const values = tables.expression.values.slice();
  for (let gene = 0; gene < 6; gene += 2) {
    const shared = ids.map(() => 1.5 * testNormal(random));
    for (let s = 0; s < SAMPLES; s++) {
      const at = gene * SAMPLES + (SAMPLES - 1 - s);
      values[at]! += shared[donors === SAMPLES ? s >> 2 : donorOf[s]!]!;
    }
  }
  // And an effect of a common variant that changes with one of the contexts.
  const means = calls.map((row) => row.reduce((a, b) => a + b, 0) / row.length);
  const common = [...means.keys()].filter((v) => means[v]! > 0.6 && means[v]! < 1.4);
  for (let gene = 0; gene < 6; gene++) {
    for (let s = 0; s < SAMPLES; s++) {
      const call = calls[common[gene % common.length]!]![donorOf[s]!]!;
      const level = gene % 2 === 0 ? (contexts[0]![s]! - 30) / 4 : 1.5 * contexts[1]![s]!;
      values[gene * SAMPLES + (SAMPLES - 1 - s)]! += 1.6 * (call === 3 ? 1 : call) * level;
    }
  }
  const whole: CohortTables = {
    ...tables,
    genotypes,
    expression: { ...tables.expression, values },
    contexts: {
      name: "c",
      samples: ids,
      covariates: ["age", "drug"],
      cells: contexts.map((row) => row.map(String)),
    },
    covariance: covariance(ids),
    ...(donors === SAMPLES
      ? {}
      : { donors: { name: "donors", sample: ids, donor: donorOf.map((d) => `D${d}`) } }),
  };
  const cohort = buildCohort(whole, { maf: 0 });
  const place = cohort.samples.map((id) => ids.indexOf(id));
  const own = (row: readonly number[]): number[] => place.map((s) => row[s]!);
  const known = place.map((s) => place.map((t) => (donorOf[s] === donorOf[t] ? 1 : 0)));
  const matrix = whole.covariance?.matrix.values as Float64Array | undefined;
  const given = place.map((s, i) => place.map((t, j) => matrix?.[s * SAMPLES + t] ?? known[i]![j]!));
  return {
    tables: whole,
    cohort,
    contexts: contexts.map(own),
    covariates: tables.covariates.cells.map((cells) => own(cells.map(Number))),
    y: (gene) => place.map((s) => values[cohort.geneRow[gene]! * SAMPLES + (SAMPLES - 1 - s)]!),
    calls: (variant) => place.map((s) => calls[variant]![donorOf[s]!]!),
    sigma: (h) => (Number.isNaN(h) ? given : mixed(given, h)),
  };
}

/** A pair's numbers: effect, its error and log10 p of g, of the context and of their product. */
type Numbers = Record<"g" | "i" | "gi", { readonly b: number; readonly se: number; readonly log10P: number }>;

/** Every pair of a variant common enough in both halves by the context `c`, by a plain fit of the whole model. */
function plainPairs(
  { cohort, contexts, covariates, y, calls, sigma }: Scene,
  c: number,
  shares: readonly number[],
) {
  const n = cohort.samples.length;
  const context = contexts[c]!;
  const order = [...context.keys()].sort((a, b) => context[a]! - context[b]! || a - b);
  const halves = [order.slice(0, Math.floor(n / 2)), order.slice(Math.floor(n / 2))];
  const out = new Map<string, Numbers>();
  for (let variant = 0; variant < VARIANTS; variant++) {
    const raw = calls(variant);
    const called = raw.filter((call) => call !== 3);
    const mean = called.reduce((a, b) => a + b, 0) / called.length;
    const g = raw.map((call) => (call === 3 ? mean : call));
    const common = halves.every((half) => {
      const af = half.reduce((sum, s) => sum + g[s]!, 0) / (2 * half.length);
      return Math.min(af, 1 - af) >= MAF;
    });
    if (!common) continue;
    cohort.genes.id.forEach((id, gene) => {
      const columns = [...covariates, context, g, g.map((copies, s) => copies * context[s]!)];
      const fit = plainGlsModel(y(gene), columns, sigma(shares[gene]!));
      const numbers = (at: number): Numbers["g"] => ({
        b: fit.beta[at]!,
        se: fit.se[at]!,
        log10P: log10TwoSidedT(fit.beta[at]! / fit.se[at]!, fit.degreesOfFreedom),
      });
      const at = 1 + covariates.length;
      out.set(`${id} ${1000 * (variant + 1)}`, { i: numbers(at), g: numbers(at + 1), gi: numbers(at + 2) });
    });
  }
  return out;
}

async function everyPair(run: InteractionRun, correlated = true) {
  const pairs = new Map<string, Numbers>();
  for await (const batch of run) {
    const { extra } = batch;
    for (let i = 0; i < batch.variant.length; i++) {
      const key = `${run.genes.id[batch.gene[i]!]} ${batch.variants.position[batch.variant[i]!]}`;
      expect(pairs.has(key)).toBe(false);
      const numbers = (name: string): Numbers["g"] => ({
        b: extra![`b_${name}`]![i]!,
        se: extra![`b_${name}_se`]![i]!,
        log10P: extra![`log10_p_${name}`]![i]!,
      });
      pairs.set(key, { g: numbers("g"), i: numbers("i"), gi: numbers("gi") });
      for (const name of correlated ? ["b_gi_se_hc3", "log10_p_gi_hc3"] : [])
        expect(extra![name]![i]).toBeNaN();
      expect([batch.slope[i], batch.slopeSe[i], batch.log10P[i]]).toEqual(Object.values(numbers("gi")));
    }
  }
  return { pairs, result: run.result() };
}

function expectSame(ours: Map<string, Numbers>, plain: Map<string, Numbers>, digits = 1e-8): void {
  expect([...ours.keys()].sort()).toEqual([...plain.keys()].sort());
  for (const [key, fit] of plain) {
    for (const name of ["g", "i", "gi"] as const) {
      const [found, wanted] = [ours.get(key)![name], fit[name]];
      expect(Math.abs(found.b - wanted.b) / wanted.se, `${key} ${name}`).toBeLessThan(digits);
      expect(Math.abs(found.se / wanted.se - 1), `${key} SE of ${name}`).toBeLessThan(digits);
      const scale = Math.max(1, -wanted.log10P);
      expect(Math.abs(found.log10P - wanted.log10P) / scale, `${key} p of ${name}`).toBeLessThan(10 * digits);
    }
  }
}

const KINDS: readonly (readonly [string, (seed: number) => Scene])[] = [
  [
    "a given covariance",
    (seed) =>
      sceneOf(seed, (ids) => ({ kind: "given", matrix: sampleMatrix(ids, randomCovariance(SAMPLES, seed)) })),
  ],
  [
    "a given covariance in another unit",
    (seed) =>
      sceneOf(seed, (ids) => {
        const matrix = familyMatrix(10, 2).map((row, i) =>
          row.map((x, j) => 1e6 * (x + (i === j ? 0.5 : 0))),
        );
        return { kind: "given", matrix: sampleMatrix(ids, matrix) };
      }),
  ],
  [
    "families",
    (seed) =>
      sceneOf(seed, (ids) => ({ kind: "relatedness", matrix: sampleMatrix(ids, familyMatrix(10, 2)) })),
  ],
  ["donors of two samples", (seed) => sceneOf(seed, () => undefined, 20)],
  ["donors of several samples", (seed) => sceneOf(seed, () => undefined, 13)],
];

describe.each(KINDS)("%s", (_, make) => {
  test.each([
    [1, 0],
    [2, 1],
  ])("cis and trans of all pairs, seed %i, context %i: plain generalised least squares", async (seed, c) => {
    const scene = make(seed);
    const options = { backend: wasm, contexts: [c], mafInteraction: MAF };
    const all = await everyPair(mapTransInteraction(scene.cohort, { ...options, pValue: 1, allPairs: true }));
    const shares = all.result.sharedVariance?.share ?? new Float64Array(6).fill(Number.NaN);
    const plain = plainPairs(scene, c, [...shares]);
    expect(plain.size).toBeGreaterThan(60);
    expectSame(all.pairs, plain);
    expect(all.result.lambdaHc3).toBeNaN();
    expect(all.result.null.lambda).toBeGreaterThan(0);
    const near = await everyPair(mapCisInteraction(scene.cohort, { ...options, window: FAR }));
    for (const [key, numbers] of near.pairs) expect(numbers, key).toEqual(all.pairs.get(key));
    expect(near.pairs.size).toBeGreaterThan(20);
    near.result.leads.leadVariant.forEach((lead, gene) => {
      if (lead < 0) return;
      const pair = near.pairs.get(`${scene.cohort.genes.id[gene]} ${1000 * (lead + 1)}`)!;
      expect(near.result.leads.slope[gene]).toBe(pair.gi.b);
      expect(near.result.leadExtra["b_i"]![gene]).toBe(pair.i.b);
    });
  });

  test("the share is the likeliest in the model with the context, without variants", async () => {
    const scene = make(3);
    const run = mapCisInteraction(scene.cohort, { backend: reference, contexts: [0], mafInteraction: MAF });
    if (run.sharedVariance === undefined) return;
    const best = scene.cohort.genes.id.map((__, gene) => {
      const columns = [...scene.covariates, scene.contexts[0]!];
      const likelihood = SHARES.map((h) => plainReml(scene.y(gene), columns, scene.sigma(h)));
      return SHARES[likelihood.indexOf(Math.max(...likelihood))];
    });
    expect([...run.sharedVariance.share]).toEqual(best);
    expect(new Set(best).size).toBeGreaterThan(1);
  });

  test.each([4, 5])("the screen finds the pairs that pass, seed %i, on either backend", async (seed) => {
    const scene = make(seed);
    const options = { contexts: [seed % 2], mafInteraction: MAF, allPairs: true };
    const all = await everyPair(mapTransInteraction(scene.cohort, { ...options, backend: wasm, pValue: 1 }));
    const limit = 0.04;
    const passing = [...all.pairs].filter(([, { gi }]) => pow10(gi.log10P) <= limit);
    expect(passing.length).toBeGreaterThan(2);
    for (const backend of [wasm, reference]) {
      const few = await everyPair(mapTransInteraction(scene.cohort, { ...options, backend, pValue: limit }));
      expect(few.pairs).toEqual(new Map(passing));
      expect(few.result.counts.tests).toBe(all.result.counts.tests);
      expect(few.result.null).toEqual(all.result.null);
    }
  });
});

test("the identity, in whatever unit, is the map of independent samples", async () => {
  const options = { backend: wasm, contexts: [0], mafInteraction: MAF, window: FAR };
  const maps = [];
  for (const factor of [undefined, 1, 1e-7]) {
    const scene = sceneOf(11, (ids) =>
      factor === undefined
        ? undefined
        : { kind: "given", matrix: sampleMatrix(ids, scaledIdentity(SAMPLES, factor)) },
    );
    maps.push(
      await everyPair(mapCisInteraction(scene.cohort, { ...options, robustBelow: 0 }), factor !== undefined),
    );
  }
  const [plain, ...others] = maps;
  for (const { pairs, result } of others) {
    expectSame(pairs, plain!.pairs, 1e-10);
    expect(result.leads.leadVariant).toEqual(plain!.result.leads.leadVariant);
    expect(result.effectiveTests).toEqual(plain!.result.effectiveTests);
    expect(result.counts).toEqual(plain!.result.counts);
    for (const name of ["maf_lower", "carriers_upper", "log10_p_context"]) {
      expect(result.leadExtra[name], name).toEqual(plain!.result.leadExtra[name]);
    }
  }
});

test.each([1, 2, 4])("two contexts in one model, and a product with a covariate: seed %i", async (seed) => {
  const scene = KINDS[seed]![1](seed);
  const { cohort, covariates, contexts } = scene;
  const run = mapTransInteraction(cohort, {
    ...{ backend: wasm, contexts: [0, 1], mafInteraction: MAF, pValue: 1, allPairs: true },
    covariateByGenotype: ["C1"],
  });
  let compared = 0;
  for await (const { variant, gene, variants, log10P, extra } of run) {
    for (let i = 0; i < variant.length; i++) {
      const raw = scene.calls(variants.position[variant[i]!]! / 1000 - 1);
      const called = raw.filter((call) => call !== 3);
      const mean = called.reduce((a, b) => a + b, 0) / called.length;
      const g = raw.map((call) => (call === 3 ? mean : call));
      const z = centre(covariates[1]!);
      const times = (values: readonly number[]): number[] => values.map((value, s) => value * g[s]!);
      const before = [...covariates, ...contexts, g, times(z)];
      const sigma = scene.sigma(run.sharedVariance?.share[gene[i]!] ?? Number.NaN);
      const y = scene.y(gene[i]!);
      const fit = plainGlsModel(y, [...before, ...contexts.map(times)], sigma);
      const without = plainGlsModel(y, before, sigma);
      const at = { i1: 3, i2: 4, g: 5, gi1: 7, gi2: 8 };
      for (const [name, column] of Object.entries(at)) {
        const [b, se] = [fit.beta[column]!, fit.se[column]!];
        expect(Math.abs(extra![`b_${name}`]![i]! - b) / se, name).toBeLessThan(1e-7);
        expect(extra![`b_${name}_se`]![i]! / se, `SE of ${name}`).toBeCloseTo(1, 7);
      }
      const p = log10PofF(without.rss - fit.rss, fit.rss, 2, fit.degreesOfFreedom);
      expect(Math.abs(log10P[i]! - p) / Math.max(1, -p)).toBeLessThan(1e-6);
      compared++;
    }
  }
  expect(compared).toBeGreaterThan(30);
});

test("a product that is nearly a multiple of the genotype keeps its digits", async () => {
  const tables = randomTables(21, { samples: SAMPLES, variants: 4, genes: 5, covariates: 2 });
  const ids = [...tables.genotypes.samples];
  const random = testRandom(22);
  const g = ids.map((_, s) => (s % 5 < 2 ? 1 + (s % 2) : 0));
  // Among carriers the context is 2 but for a little, which alone tells g x i from 2 g.
  const little = ids.map((_, s) => (g[s] === 0 ? 3 + testNormal(random) : 3e-4 * testNormal(random)));
  const context = little.map((value) => 2 + value);
  const matrix = randomCovariance(SAMPLES, 21);
  const cohort = buildCohort(
    {
      ...tables,
      genotypes: memoryGenotypes(ids, [{ chromosome: "chr1", position: 1000, calls: g }]),
      contexts: { name: "c", samples: ids, covariates: ["age"], cells: [context.map(String)] },
      covariance: { kind: "given", matrix: sampleMatrix(ids, matrix) },
    },
    { maf: 0 },
  );
  const run = mapTransInteraction(cohort, {
    ...{ backend: wasm, mafInteraction: 0, pValue: 1, allPairs: true },
  });
  const { pairs } = await everyPair(run);
  const covariates = tables.covariates.cells.map((cells) => cells.map(Number));
  const scaled = g.map((copies, s) => copies * ((context[s]! - 2) / 3e-4));
  cohort.genes.id.forEach((id, gene) => {
    const at = cohort.geneRow[gene]! * SAMPLES;
    const y = ids.map((_, s) => tables.expression.values[at + (SAMPLES - 1 - s)]!);
    const fit = plainGlsModel(y, [...covariates, context, g, scaled], matrix);
    const found = pairs.get(`${id} 1000`)!.gi;
    const [b, se] = [fit.beta.at(-1)! / 3e-4, fit.se.at(-1)! / 3e-4];
    expect(Math.abs(found.b - b) / se).toBeLessThan(2e-10);
    expect(Math.abs(found.se / se - 1)).toBeLessThan(2e-10);
  });
  expect(pairs.size).toBe(5);
});
