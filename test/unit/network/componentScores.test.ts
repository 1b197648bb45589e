import { describe, expect, test } from "vitest";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import { CancelledError } from "../../../src/errors.ts";
import { componentScores } from "../../../src/network/componentScores.ts";
import { type GeneProfiles, profilesOf } from "../../../src/network/coregulation.ts";
import { type TraitGenes, TraitModel } from "../../../src/network/keyGenes.ts";
import { MomentSums, momentsOf } from "../../../src/network/nullMoments.ts";
import { johnsonSu, johnsonSuLog10P } from "../../../src/statistics/johnsonSu.ts";
import { dot } from "../../../src/statistics/linalg.ts";
import { uniform } from "../../../src/statistics/random.ts";
import { randomNormal } from "../../../src/statistics/randomNormal.ts";
import { log10TwoSidedT } from "../../../src/statistics/studentT.ts";

const backend = createReferenceBackend();

/** Coefficients of mean 0 and standard deviation 1 in each component, no two of them correlated, as `network coregulation` writes them. */
function network(seed: number, genes: number, components: number): GeneProfiles {
  const values = new Float64Array(genes * components);
  const before: Float64Array[] = [];
  for (let k = 0; k < components; k++) {
    const column = Float64Array.from({ length: genes }, (_, g) => randomNormal(seed, k, g));
    for (const other of [new Float64Array(genes).fill(1), ...before]) {
      const factor = dot(column, 0, other, 0, genes) / dot(other, 0, other, 0, genes);
      for (let g = 0; g < genes; g++) column[g]! -= factor * other[g]!;
    }
    before.push(column);
    const { deviation } = momentsOf(column, 0, genes);
    for (let g = 0; g < genes; g++) values[g * components + k] = column[g]! / deviation;
  }
  return profilesOf(values, genes, components);
}

/** Unlinked genes, all of the network or the first of them. */
function traitOf(z: Float64Array): TraitGenes {
  return {
    ...{ network: Uint32Array.from(z.keys()), z, covariates: [] },
    correlation: Array.from(z, (_, g) => ({ genes: Uint32Array.of(g), matrix: Float64Array.of(1) })),
  };
}

const noise = (seed: number, n: number): Float64Array =>
  Float64Array.from({ length: n }, (_, g) => randomNormal(seed, 900, g));

/** z = sum of slopes of the components, and noise. */
function traitWith(
  { coefficients, components }: GeneProfiles,
  n: number,
  slopes: Record<number, number>,
  seed: number,
) {
  return noise(seed, n).map((own, g) =>
    Object.entries(slopes).reduce(
      (sum, [k, slope]) => sum + slope * coefficients[g * components + Number(k)]!,
      own,
    ),
  );
}

const share = (list: readonly number[], limit: number): number =>
  list.filter((value) => value <= Math.log10(limit)).length / list.length;

describe("scores over components", () => {
  test.each([1, 2, 3])("are those of the formulas written out, seed %i", async (seed) => {
    const [genes, m, tested, draws] = [70, 9, 55, 300];
    const profiles = network(seed, genes, m);
    const z = traitWith(profiles, tested, { 1: 1.1, 4: -0.9, 7: 0.7 }, seed);
    const trait = traitOf(z);
    const model = await TraitModel.of(trait, backend, { variance: 1 });
    const found = await componentScores(profiles, trait, model, backend, { draws, seed });
    const at = (g: number, k: number): number => profiles.coefficients[g * m + k]!;
    // Unlinked: ordinary least squares, one component at a time.
    const mean = (of: (g: number) => number): number => {
      let sum = 0;
      for (let g = 0; g < tested; g++) sum += of(g);
      return sum / tested;
    };
    const zMean = mean((g) => z[g]!);
    const zz = tested * mean((g) => (z[g]! - zMean) ** 2);
    const df = tested - 2;
    const fits = Array.from({ length: m }, (_, k) => {
      const centre = mean((g) => at(g, k));
      const xx = tested * mean((g) => (at(g, k) - centre) ** 2);
      const slope = (tested * mean((g) => (at(g, k) - centre) * z[g]!)) / xx;
      const se = Math.sqrt((zz - slope * slope * xx) / df / xx);
      const p = 10 ** log10TwoSidedT(slope / se, df);
      return { slope, se, p, byChance: Math.sqrt(zz / (df + 1) / xx) };
    });
    const q = fits.map(({ p }) =>
      Math.min(
        ...fits
          .filter((one) => one.p >= p)
          .map((one) => (one.p * m) / fits.filter((o) => o.p <= one.p).length),
      ),
    );
    const taken = [...fits.keys()].filter((k) => q[k]! <= 0.05);
    expect(taken.length, `seed ${seed}`).toBeGreaterThan(1);
    expect(taken.length).toBeLessThan(m);
    expect(found.selected).toBe(taken.length);
    found.components.forEach(({ slope, se, log10Q, selected }, k) => {
      expect(slope).toBeCloseTo(fits[k]!.slope, 10);
      expect(se).toBeCloseTo(fits[k]!.se, 10);
      expect(10 ** log10Q).toBeCloseTo(q[k]!, 10);
      expect(selected).toBe(taken.includes(k));
    });
    const strength = Math.hypot(...taken.map((k) => fits[k]!.slope / fits[k]!.byChance));
    const scores: [number[][], number[][]] = [[], []];
    for (let d = 0; d < draws; d++) {
      const deviates = fits.map((_, k) => ({ k, z: randomNormal(seed, 2 ** 31 + d, k) }));
      deviates.sort((a, b) => Math.abs(b.z) - Math.abs(a.z));
      const top = deviates.slice(0, taken.length);
      const own = Math.hypot(...top.map((one) => one.z));
      for (let g = 0; g < genes; g++) {
        const score = top.reduce((sum, one) => sum + one.z * fits[one.k]!.byChance * at(g, one.k), 0);
        scores[0][g] ??= [];
        scores[1][g] ??= [];
        scores[0][g]!.push(score);
        scores[1][g]!.push((score * strength) / own);
      }
    }
    for (let g = 0; g < genes; g++) {
      const score = taken.reduce((sum, k) => sum + fits[k]!.slope * at(g, k), 0);
      expect(found.score[g]).toBeCloseTo(score, 10);
      scores.forEach((all, kind) => {
        const own = momentsOf(Float64Array.from(all[g]!), 0, draws);
        if (kind === 0) {
          for (const name of ["mean", "deviation", "skewness", "kurtosis"] as const) {
            expect(found.null[g]![name], name).toBeCloseTo(own[name], 9);
          }
        }
        const law = johnsonSu(own.skewness, own.kurtosis);
        const p = [found.log10P, found.log10PMatched][kind]![g];
        expect(p).toBeCloseTo(johnsonSuLog10P(law, (score - own.mean) / own.deviation), 6);
      });
    }
  });

  test("sums of moments are the moments, scaled or not", () => {
    const rows = Array.from({ length: 50 }, (_, d) =>
      Float64Array.from({ length: 3 }, (_, i) => randomNormal(4, d, i) + 0.5 * uniform(5, d, i)),
    );
    const sums = new MomentSums(3);
    rows.forEach((row, d) => {
      sums.add(row, 1 + d / 50);
    });
    sums.moments().forEach((own, i) => {
      const plain = momentsOf(
        Float64Array.from(rows, (row, d) => row[i]! * (1 + d / 50)),
        0,
        50,
      );
      for (const name of ["mean", "deviation", "skewness", "kurtosis"] as const) {
        expect(own[name], name).toBeCloseTo(plain[name], 10);
      }
    });
  });

  test("planted components are found, and a gene that has them comes first though it is not tested itself", async () => {
    const [genes, m, tested] = [420, 40, 400];
    const made = network(11, genes, m);
    const coefficients = made.coefficients.slice();
    const key = genes - 1;
    // The key gene has much of each of the trait's components, with the sign of its slope.
    const slopes: Record<number, number> = { 3: 0.5, 9: -0.5, 15: 0.5, 21: 0.5, 27: -0.5, 33: 0.5 };
    for (const [k, slope] of Object.entries(slopes)) coefficients[key * m + Number(k)] = 5 * slope;
    const profiles = profilesOf(coefficients, genes, m);
    const trait = traitOf(traitWith(profiles, tested, slopes, 12));
    const model = await TraitModel.of(trait, backend, { variance: 1 });
    const found = await componentScores(profiles, trait, model, backend, { q: 1e-3, draws: 1000 });
    expect(found.components.flatMap(({ selected }, k) => (selected ? [k] : []))).toEqual(
      Object.keys(slopes).map(Number),
    );
    for (const list of [found.log10P, found.log10PMatched]) {
      expect(list.indexOf(Math.min(...list))).toBe(key);
      expect(list[key]).toBeLessThan(-4);
    }
    expect(found.score[key]).toBeGreaterThan(0);
    // As strong as the trait is, beside a trait of chance a third of the genes stand out; beside draws as strong no more than 5 in 100.
    expect(share([...found.log10P], 0.05)).toBeGreaterThan(0.2);
    expect(share([...found.log10PMatched], 0.05)).toBeLessThan(0.08);
  });

  test("p are uniform: of a trait by chance the one, of a trait with associations the other", async () => {
    const [genes, m] = [200, 30];
    const profiles = network(21, genes, m);
    const [chance, matched]: [number[], number[]] = [[], []];
    for (let run = 0; run < 60; run++) {
      // By chance: whatever components come first are taken.
      const nothing = traitOf(noise(100 + run, genes));
      const model = await TraitModel.of(nothing, backend, { variance: 1 });
      const one = await componentScores(profiles, nothing, model, backend, { q: 1, draws: 400, seed: run });
      chance.push(...one.log10P);
      // Six components of random slopes; genes have them as it happens.
      const slopes = Object.fromEntries(
        Array.from({ length: 6 }, (_, i) => [(run + 5 * i) % m, 0.8 * (uniform(31, run, i) < 0.5 ? -1 : 1)]),
      );
      const real = traitOf(traitWith(profiles, genes, slopes, 300 + run));
      const other = await TraitModel.of(real, backend, { variance: 1 });
      const two = await componentScores(profiles, real, other, backend, { draws: 400, seed: run });
      expect(two.selected).toBeGreaterThan(0);
      matched.push(...two.log10PMatched);
    }
    // 12,000 p each, those of a trait not independent: a standard error of the share below 0.05 of some 0.003.
    for (const [kind, list] of Object.entries({ chance, matched })) {
      expect(share(list, 0.5), kind).toBeGreaterThan(0.46);
      expect(share(list, 0.5), kind).toBeLessThan(0.54);
      expect(share(list, 0.05), kind).toBeGreaterThan(0.038);
      expect(share(list, 0.05), kind).toBeLessThan(0.062);
      expect(share(list, 0.01), kind).toBeGreaterThan(0.004);
      expect(share(list, 0.01), kind).toBeLessThan(0.018);
    }
  });

  test("no component: no score; a component that does not vary is never taken", async () => {
    const [genes, m] = [60, 8];
    const made = network(41, genes, m);
    const coefficients = made.coefficients.slice();
    for (let g = 0; g < genes; g++) coefficients[g * m + 2] = 0;
    const profiles = profilesOf(coefficients, genes, m);
    const nothing = traitOf(noise(42, genes));
    const model = await TraitModel.of(nothing, backend, { variance: 1 });
    const found = await componentScores(profiles, nothing, model, backend, { q: 0.001, draws: 100 });
    expect(found.selected).toBe(0);
    for (const list of [found.score, found.log10P, found.log10PMatched]) {
      expect([...list]).toEqual(new Array(genes).fill(Number.NaN));
    }
    expect(found.null).toHaveLength(genes);
    expect(found.components).toHaveLength(m);
    const all = await componentScores(profiles, nothing, model, backend, { q: 1, draws: 100 });
    expect(all.selected).toBe(m - 1);
    expect(all.components[2]).toMatchObject({ selected: false, log10Q: Number.NaN });
    expect(all.log10P.every((value) => value <= 0)).toBe(true);
  });

  test("a gene of no coefficient has a score of 0 and no p; too few draws are refused", async () => {
    const made = network(51, 60, 6);
    const coefficients = made.coefficients.slice();
    coefficients.fill(0, 59 * 6);
    const profiles = profilesOf(coefficients, 60, 6);
    const trait = traitOf(traitWith(profiles, 50, { 0: 1 }, 52));
    const model = await TraitModel.of(trait, backend);
    const found = await componentScores(profiles, trait, model, backend, { draws: 100 });
    expect([found.score[59], found.log10P[59], found.log10PMatched[59]]).toEqual([0, Number.NaN, Number.NaN]);
    expect(found.log10P[58]).toBeLessThanOrEqual(0);
    await expect(componentScores(profiles, trait, model, backend, { draws: 3 })).rejects.toThrow(
      "draws of a null are 3; at least 4, whole",
    );
  });

  test("draws follow from their number: a signal that has fired ends them", async () => {
    const profiles = network(61, 50, 5);
    const trait = traitOf(traitWith(profiles, 50, { 0: 2 }, 62));
    const model = await TraitModel.of(trait, backend);
    const stop = new AbortController();
    const cancelled = componentScores(profiles, trait, model, backend, {
      draws: 1_000_000,
      signal: stop.signal,
      onProgress: (done) => {
        if (done > 200) stop.abort();
      },
    });
    await expect(cancelled).rejects.toThrow(CancelledError);
  });
});
