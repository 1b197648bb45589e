import { describe, expect, test } from "vitest";
import { mapCis } from "../../../src/association/cis.ts";
import {
  candidatePairs,
  DOSAGE_TILE,
  type DosageRows,
  denseProducts,
} from "../../../src/association/dosageRows.ts";
import { pairValues } from "../../../src/association/pairValues.ts";
import { mapTrans } from "../../../src/association/trans.ts";
import { buildCohort, type Cohort, type CohortOptions } from "../../../src/cohort/cohort.ts";
import type { Backend } from "../../../src/compute/backend.ts";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import { createWasmBackend } from "../../../src/compute/wasm/backend.ts";
import type { GenotypeSource } from "../../../src/formats/genotypes.ts";
import { hardyWeinberg } from "../../../src/statistics/hardyWeinberg.ts";
import { log10TwoSidedT } from "../../../src/statistics/studentT.ts";
import { type CollectedPairs, collect } from "../../helpers/collect.ts";
import { plainOls } from "../../helpers/plainOls.ts";
import { randomTables, testNormal, testRandom } from "../../helpers/randomCohort.ts";
import { DS_LINE, dosagesOf, openBytes, vcfText } from "../../helpers/vcf.ts";

/** A cohort whose genotypes are a VCF of dosages with three decimals, some of them whole or missing. */
async function dosageCohort(seed: number, options: CohortOptions = {}) {
  const size = { samples: 41, variants: 240, genes: 29, covariates: 3 };
  const tables = randomTables(seed, size);
  const random = testRandom(seed + 77);
  const { samples } = tables.genotypes;
  const labels = await tables.genotypes.labels(0, size.variants);
  const truth = tables.calls.map((row) => {
    // A third of the variants are well imputed (few dosages between the calls), a third are typed.
    const share = [0.9, 0.1, 0][Math.floor(3 * random())]!;
    return row.map((call) => {
      if (call === 3) return Number.NaN;
      if (random() >= share) return call;
      return Math.round(1000 * Math.min(2, Math.max(0, call + 0.4 * testNormal(random)))) / 1000;
    });
  });
  const records = truth.map((row, v) =>
    [
      labels.chromosome[v],
      labels.position[v],
      `rs${v}`,
      "A G . . . DS",
      ...row.map((d) => (Number.isNaN(d) ? "." : random() < 0.5 ? d.toFixed(3) : String(d))),
    ].join(" "),
  );
  const genotypes = await openBytes(vcfText(samples, records, [DS_LINE]));
  const cohort = buildCohort({ ...tables, genotypes }, options);
  return { tables, truth, genotypes, cohort };
}

/** tensorQTL's statistics of dosages, word for word, and the filters; undefined for a variant that is not tested. */
function plainVariant(row: readonly number[], cohort: Cohort) {
  const called = row.filter((d) => !Number.isNaN(d));
  const copies = called.reduce((a, b) => a + b, 0);
  const mean = copies / called.length;
  const g = row.map((d) => (Number.isNaN(d) ? mean : d));
  const af = mean / 2;
  const above = g.filter((d) => d > 0.5);
  const sumAbove = Math.trunc(above.reduce((a, b) => a + b, 0));
  const statistics =
    af <= 0.5
      ? { af, maSamples: above.length, maCount: sumAbove }
      : { af, maSamples: g.filter((d) => d < 1.5).length, maCount: 2 * g.length - sumAbove };
  const minor = Math.min(copies, 2 * called.length - copies);
  const guess = (copies: number) => called.filter((d) => Math.round(d) === copies).length;
  const { filters } = cohort;
  const status =
    new Set(called).size < 2
      ? "constant"
      : minor / (2 * called.length) < filters.maf
        ? "filtered-maf"
        : minor < filters.mac
          ? "filtered-mac"
          : filters.hwe > 0 && hardyWeinberg(guess(0), guess(1), guess(2)) < filters.hwe
            ? "filtered-hwe"
            : "ok";
  return { g, statistics, status };
}

const backends: readonly (readonly [string, () => Promise<Backend>])[] = [
  ["reference", async () => createReferenceBackend()],
  ["wasm", () => createWasmBackend()],
];

describe.each([
  { seed: 11, options: { maf: 0.02 } },
  { seed: 12, options: { maf: 0.05, mac: 6, hwe: 0.02 } },
])("maps of dosages against textbook least squares, seed $seed", ({ seed, options }) => {
  test.each([
    { kind: "cis", pValue: 1 },
    { kind: "trans", pValue: 0.01 },
    { kind: "trans", pValue: 0.2 },
  ] as const)("$kind, p $pValue, the same bits on each backend", async ({ kind, pValue }) => {
    const found: CollectedPairs[] = [];
    const { tables, truth, cohort } = await dosageCohort(seed, options);
    for (const [, create] of backends) {
      const backend = await create();
      const run =
        kind === "cis"
          ? mapCis(cohort, { backend, window: 30_000 })
          : mapTrans(cohort, { backend, pValue, allPairs: true });
      found.push(await collect(run));
      await backend.dispose();
    }
    const [ours, other] = found as [CollectedPairs, CollectedPairs];
    const { counts, ...result } = ours.result;
    const { counts: otherCounts, ...otherResult } = other.result;
    expect({ ...other, result: otherResult }).toEqual({ ...ours, result });
    expect(otherCounts.hits).toBe(counts.hits);

    const { expression, covariates, genotypes } = tables;
    const rows = covariates.cells.map((cells) => cells.map(Number));
    const n = genotypes.samples.length;
    let pairs = 0;
    for (const [v, row] of truth.entries()) {
      const where = `seed ${seed}, rs${v}`;
      const plain = plainVariant(row, cohort);
      const reported = ours.variants.get(`rs${v}`);
      if (reported !== undefined) {
        expect(reported.af, where).toBeCloseTo(plain.statistics.af, 13);
        expect([reported.maSamples, reported.maCount], where).toEqual([
          plain.statistics.maSamples,
          plain.statistics.maCount,
        ]);
      }
      if (plain.status !== "ok") {
        expect(ours.dropped.get(`rs${v}`), where).toBe(plain.status);
        continue;
      }
      for (let gene = 0; gene < expression.id.length; gene++) {
        const at = ours.row.get(`rs${v}\t${expression.id[gene]}`);
        const y = Array.from({ length: n }, (_, s) => expression.values[gene * n + (n - 1 - s)]!);
        const fit = plainOls(y, plain.g, rows);
        const log10P = log10TwoSidedT(fit.t, fit.degreesOfFreedom);
        if (kind === "trans") expect(at !== undefined, where).toBe(log10P <= Math.log10(pValue));
        if (at === undefined) continue;
        pairs++;
        expect(Math.abs(ours.slope[at]! - fit.slope), where).toBeLessThan(1e-9 * fit.slopeSe);
        expect(ours.slopeSe[at]! / fit.slopeSe, where).toBeCloseTo(1, 9);
        expect(Math.abs(ours.log10P[at]! - log10P), where).toBeLessThan(1e-8 * Math.max(1, -log10P));
      }
    }
    expect(pairs).toBe(ours.variant.length);
    expect(pairs).toBeGreaterThan(kind === "cis" ? 500 : 50);
  });
});

test("a pair's values are its dosages to the bit", async () => {
  const { cohort, truth } = await dosageCohort(13);
  for (const variant of [0, 17, 101]) {
    const { genotype } = await pairValues(cohort, variant, 0);
    expect([...genotype]).toEqual(truth[variant]);
  }
});

test("whole dosages give what calls give, to the bit", async () => {
  const tables = randomTables(14, { samples: 30, variants: 120, genes: 10, covariates: 2 });
  const labels = await tables.genotypes.labels(0, 120);
  const vcf = (format: string, cells: readonly string[]) =>
    openBytes(
      vcfText(
        tables.genotypes.samples,
        tables.calls.map((row, v) =>
          [
            labels.chromosome[v],
            labels.position[v],
            `rs${v} A G . . .`,
            format,
            ...row.map((c) => cells[c]),
          ].join(" "),
        ),
        [DS_LINE],
      ),
    );
  const map = async (genotypes: GenotypeSource) =>
    collect(mapCis(buildCohort({ ...tables, genotypes }), { backend: createReferenceBackend() }));
  const calls = await map(await vcf("GT", ["0|0", "0/1", "1|1", "./."]));
  expect(await map(await vcf("DS", ["0", "1.000", "2.0", "."]))).toEqual(calls);
  expect(calls.variant.length).toBeGreaterThan(500);
});

/** Variants whose dosages are all the same number are constant, however the number rounds. */
test("constant dosages are constant", async () => {
  const samples = ["A", "B", "C", "D", "E", "F", "G"];
  const source = await openBytes(
    vcfText(
      samples,
      ["1 5 a A G . . . DS 0.1 0.1 0.1 . 0.1 0.1 0.1", "1 6 b A G . . . DS 1.3 1.3 1.3 1.3 1.3 1.3 1.3"],
      [DS_LINE],
    ),
  );
  const tables = randomTables(15, { samples: 7, variants: 4, genes: 2, covariates: 0 });
  const expression = { ...tables.expression, samples, chromosome: ["1", "1"], start: Int32Array.of(0, 0) };
  const cohort = buildCohort({ genotypes: source, expression });
  const { dropped, variants } = await collect(mapCis(cohort, { backend: createReferenceBackend() }));
  expect([...dropped]).toEqual([
    ["a", "constant"],
    ["b", "constant"],
  ]);
  expect(variants.get("b")!.af).toBeCloseTo(0.65, 14);
});

describe("products of rows with dosages", () => {
  /** Rows of several tiles, of which some hold calls only. */
  function longRows(seed: number): { rows: DosageRows; values: Float64Array } {
    const random = testRandom(seed);
    const samples = 2050;
    const perTile = Math.floor(DOSAGE_TILE / (8 * samples));
    const count = 2 * perTile + 37;
    const stride = Math.ceil(samples / 4);
    const packed = new Uint8Array(count * stride);
    const values = new Float64Array(count * samples);
    const offset = new Uint32Array(count + 1);
    const sample: number[] = [];
    const value: number[] = [];
    const fill = Float64Array.from({ length: count }, () => random());
    for (let v = 0; v < count; v++) {
      const hard = v >= perTile && v < 2 * perTile;
      for (let s = 0; s < samples; s++) {
        const call = Math.floor(3.05 * random());
        packed[v * stride + (s >> 2)]! |= call << (2 * (s & 3));
        const rest = !hard && call < 3 && random() < 0.02 ? 0.25 : 0;
        values[v * samples + s] = call === 3 ? fill[v]! : call + rest;
        if (rest === 0) continue;
        sample.push(s);
        value.push(rest);
      }
      offset[v + 1] = sample.length;
    }
    const remainder = { offset, sample: Uint32Array.from(sample), value: Float64Array.from(value) };
    return { rows: { kind: "calls", count, samples, stride, packed, fill, remainder }, values };
  }

  test("in tiles are those of the whole, with and without windows", async () => {
    const { rows, values } = longRows(5);
    const { count, samples } = rows;
    expect(dosagesOf({ start: 0, ...rows }).length).toBe(count);
    const backend = createReferenceBackend();
    const random = testRandom(6);
    const columns = await backend.load({
      count: 3,
      samples,
      values: Float64Array.from({ length: 3 * samples }, () => random() - 0.5),
      standardised: false,
    });
    const windows = {
      start: Uint32Array.of(5, 1000, 2000),
      end: Uint32Array.of(2060, 1010, 2000),
    };
    const real = { kind: "real" as const, count, samples, values };
    const factor = { rows: real, columns, norm: new Float64Array(0), weight: 1 };
    const whole = await backend.product([factor], { kind: "dense" });
    expect(await denseProducts(backend, rows, columns, undefined, undefined)).toEqual(whole.values[0]);
    const near = await backend.product([factor], { kind: "dense", windows });
    expect(await denseProducts(backend, rows, columns, windows, undefined)).toEqual(near.values[0]);
  });

  test("in tiles have the candidates of the whole", async () => {
    const { rows, values } = longRows(8);
    const { count, samples } = rows;
    const backend = createReferenceBackend();
    const random = testRandom(9);
    const e = Float64Array.from({ length: 2 * samples }, () => random() - 0.5);
    for (const column of [e.subarray(0, samples), e.subarray(samples)]) {
      const mean = column.reduce((a, b) => a + b, 0) / samples;
      const norm = Math.sqrt(column.reduce((sum, x) => sum + (x - mean) ** 2, 0));
      column.forEach((x, s) => {
        column[s] = (x - mean) / norm;
      });
    }
    const columns = await backend.load({ count: 2, samples, values: e, standardised: true });
    const norm = Float64Array.from({ length: count }, (_, v) => (v % 10 === 0 ? 0 : 30 + random()));
    const threshold = Float64Array.of(0.03, 0.05);
    const real = { kind: "real" as const, count, samples, values };
    const whole = await backend.product([{ rows: real, columns, norm, weight: 1 }], {
      kind: "candidates",
      threshold,
    });
    const { row, column, pairs } = await candidatePairs(backend, rows, norm, columns, threshold, undefined);
    expect({ row, column, pairs }).toEqual({ row: whole.row, column: whole.column, pairs: whole.pairs });
    expect(row.length).toBeGreaterThan(20);
    expect(row.at(-1)).toBeGreaterThan(1900);
  });
});
