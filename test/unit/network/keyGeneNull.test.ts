import { describe, expect, test } from "vitest";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import { profilesOf } from "../../../src/network/coregulation.ts";
import { geneCorrelations } from "../../../src/network/geneCorrelation.ts";
import type { GlsFit } from "../../../src/network/generalisedLeastSquares.ts";
import { deviateOf, testGenes } from "../../../src/network/geneTests.ts";
import { coregulationZ, keyGenes, type TraitGenes, TraitModel } from "../../../src/network/keyGenes.ts";
import { LdReference } from "../../../src/network/ldReference.ts";
import { deviates, nullGwas } from "../../../src/network/nullGwas.ts";
import { momentsOf, nullLaw, nullLog10P } from "../../../src/network/nullMoments.ts";
import { dot } from "../../../src/statistics/linalg.ts";
import { uniform } from "../../../src/statistics/random.ts";
import { randomNormal } from "../../../src/statistics/randomNormal.ts";
import { genesEvery, panel, randomGwas } from "./panel.ts";

const backend = createReferenceBackend();
const GENES = 100;
const COMPONENTS = 16;

/** Linked genes on a panel, their tests and correlation, and a network of them and 20 others. */
async function setting() {
  const source = panel(31, 120, 6 * GENES);
  const reference = await LdReference.open(source, () => true, { maf: 0.05, pruneR2: 0.9 });
  const chiSquare = await randomGwas(source, 5);
  const tests = await testGenes(reference, source, chiSquare, genesEvery(GENES, 6), { window: 4000 });
  const correlation = await geneCorrelations(reference, source, tests, { distance: 1_000_000 });
  const all = GENES + 20;
  const draw = Float64Array.from({ length: all * COMPONENTS }, (_, i) => randomNormal(8, 0, i));
  // Neighbours are co-regulated, as in a genome: where their linkage is ignored, t is too large.
  for (let i = COMPONENTS; i < draw.length; i++) draw[i] = 0.6 * draw[i]! + 0.8 * draw[i - COMPONENTS]!;
  return { source, reference, tests, correlation, profiles: profilesOf(draw, all, COMPONENTS) };
}
type Setting = Awaited<ReturnType<typeof setting>>;

const unplaced = (all: number) => ({
  chromosome: new Int32Array(all).fill(-1),
  start: new Int32Array(all),
  end: new Int32Array(all),
});

async function fitsOf(
  { correlation, profiles }: Setting,
  z: Float64Array,
  nulls: Float64Array | undefined,
  linked = true,
): Promise<GlsFit[]> {
  const single = Array.from({ length: GENES }, (_, g) => ({
    genes: Uint32Array.of(g),
    matrix: Float64Array.of(1),
  }));
  const trait: TraitGenes = {
    ...{ network: Uint32Array.from({ length: GENES }, (_, g) => g), z, covariates: [] },
    correlation: linked ? correlation : single,
  };
  const model = await TraitModel.of(trait, backend, { nulls });
  const fits: GlsFit[] = [];
  const places = unplaced(profiles.genes);
  for await (const fit of keyGenes(profiles, trait, model, places, backend)) fits.push(fit);
  return fits;
}

const share = (list: readonly number[], limit: number): number =>
  list.filter((value) => value <= Math.log10(limit)).length / list.length;

describe("null GWAS", () => {
  test("interpolated z are those of the exact tails", () => {
    for (let seed = 1; seed <= 12; seed++) {
      // Few variants above all: their lower tails are the steepest.
      const count = seed <= 4 ? 1 + (seed >> 1) : 1 + Math.floor(60 * uniform(seed, 0, 0));
      const weights = Float64Array.from({ length: count }, (_, j) => uniform(seed, 1, j) + 0.01);
      const draws = Float64Array.from({ length: 300 }, (_, k) =>
        weights.reduce((sum, weight, j) => sum + weight * randomNormal(seed, k, j) ** 2, 0),
      );
      deviates(weights, draws).forEach((value, k) => {
        const exact = deviateOf(weights, draws[k]!);
        const what = `seed ${seed}, ${count} weights, z ${exact}`;
        expect(Math.abs(value - exact), what).toBeLessThan(1e-3);
      });
    }
  });

  test("a sum of 0 has the lowest z, and leaves the others exact", () => {
    const weights = Float64Array.of(1);
    const statistics = Float64Array.from({ length: 60 }, (_, k) => k / 10);
    expect([...deviates(weights, statistics)]).toEqual(
      [...statistics].map((value) => deviateOf(weights, value)),
    );
  });

  test("go through the pipeline of a GWAS: z uniform, correlated as the closed form says, by seed and number alone", async () => {
    const one = await setting();
    const { reference, tests, correlation } = one;
    const count = 500;
    const { z } = await nullGwas(reference, tests, count, backend, { seed: 3 });
    const genes = GENES;
    const columns = Array.from({ length: genes }, (_, g) =>
      Float64Array.from({ length: count }, (_, k) => z[k * genes + g]!),
    );
    const moments = columns.map((column) => momentsOf(column, 0, count));
    const mean = moments.reduce((sum, own) => sum + own.mean, 0) / genes;
    const spread = moments.reduce((sum, own) => sum + own.deviation ** 2, 0) / genes;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(spread).toBeGreaterThan(0.93);
    expect(spread).toBeLessThan(1.07);
    // Neighbours share variants. 500 phenotypes: a standard error of 0.045 each, of the mean of 99 some 0.006.
    const [block] = correlation;
    expect(block!.genes).toHaveLength(genes);
    let [closed, simulated] = [0, 0];
    for (let g = 1; g < genes; g++) {
      closed += block!.matrix[g * genes + g - 1]! / (genes - 1);
      let both = 0;
      for (let k = 0; k < count; k++) {
        both +=
          ((columns[g]![k]! - moments[g]!.mean) * (columns[g - 1]![k]! - moments[g - 1]!.mean)) / (count - 1);
      }
      simulated += both / (moments[g]!.deviation * moments[g - 1]!.deviation) / (genes - 1);
    }
    expect(closed).toBeGreaterThan(0.2);
    expect(Math.abs(simulated - closed)).toBeLessThan(0.03);
    const fewer = await nullGwas(reference, tests, 60, backend, { seed: 3 });
    // Interpolated between other nodes: the same but for that.
    fewer.z.forEach((value, i) => {
      expect(Math.abs(value - z[i]!)).toBeLessThan(2e-3);
    });
    const again = await nullGwas(reference, tests, 60, backend, { seed: 3 });
    expect([...again.z]).toEqual([...fewer.z]);
  });

  test("p of key genes hold their level under random phenotypes; by nulls also where linkage is ignored", async () => {
    const one = await setting();
    const { reference, tests } = one;
    const nulls = (await nullGwas(reference, tests, 400, backend, { seed: 1 })).z;
    const count = 250;
    const traits = (await nullGwas(reference, tests, count, backend, { seed: 2 })).z;
    const levels = new Map<string, number[]>();
    for (const linked of [true, false]) {
      const [byT, byNull]: [number[], number[]] = [[], []];
      levels.set(linked ? "t" : "t, linkage ignored", byT);
      levels.set(linked ? "nulls" : "nulls, linkage ignored", byNull);
      // Nulls are those of the regressors, whatever the trait.
      const moments = (await fitsOf(one, traits.slice(0, GENES), nulls, linked)).map((fit) => fit.null);
      const law = nullLaw(moments.flatMap((own) => own ?? []));
      for (let k = 0; k < count; k++) {
        const fits = await fitsOf(one, traits.slice(k * GENES, (k + 1) * GENES), undefined, linked);
        fits.forEach((fit, i) => {
          byT.push(fit.log10P);
          byNull.push(nullLog10P(fit.t, moments[i], law));
        });
      }
    }
    // 30,000 p each; those of a phenotype are not independent of each other.
    for (const kind of ["t", "nulls", "nulls, linkage ignored"]) {
      const list = levels.get(kind)!;
      expect(share(list, 0.5), kind).toBeGreaterThan(0.47);
      expect(share(list, 0.5), kind).toBeLessThan(0.53);
      expect(share(list, 0.05), kind).toBeGreaterThan(0.042);
      expect(share(list, 0.05), kind).toBeLessThan(0.058);
      expect(share(list, 0.01), kind).toBeGreaterThan(0.006);
      expect(share(list, 0.01), kind).toBeLessThan(0.014);
    }
    // What generalised least squares are for.
    expect(share(levels.get("t, linkage ignored")!, 0.05)).toBeGreaterThan(0.12);
  });

  test("a planted key gene is found by both p", async () => {
    const one = await setting();
    const { reference, tests, profiles } = one;
    const nulls = (await nullGwas(reference, tests, 300, backend, { seed: 1 })).z;
    const [random] = [(await nullGwas(reference, tests, 1, backend, { seed: 9 })).z];
    // The last gene of the network, itself untested.
    const key = profiles.genes - 1;
    const z = random.map((value, g) => {
      const r = dot(profiles.unit, key * COMPONENTS, profiles.unit, g * COMPONENTS, COMPONENTS);
      return value + 0.9 * coregulationZ(r, COMPONENTS);
    });
    const fits = await fitsOf(one, z, nulls);
    const law = nullLaw(fits.flatMap((fit) => fit.null ?? []));
    const byNull = fits.map((fit) => nullLog10P(fit.t, fit.null, law));
    for (const list of [fits.map(({ log10P }) => log10P), byNull]) {
      expect(list.indexOf(Math.min(...list))).toBe(key);
      expect(list[key]).toBeLessThan(-4);
    }
    expect(nullLog10P(1, undefined, law)).toBeNaN();
  });
});
