import { parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ExpressionSet, expressionSet } from "../../../src/cohort/expressionSet.ts";
import type { Backend } from "../../../src/compute/backend.ts";
import { LimitError } from "../../../src/errors.ts";
import { parquetWriter } from "../../../src/formats/parquet.ts";
import { memorySink } from "../../../src/formats/table.ts";
import { type CorrelatedPairs, type CorrelateOptions, correlate } from "../../../src/network/correlate.ts";
import { emptyStatistic } from "../../../src/network/correlator.ts";
import { numpyHeader, writeDense, writeDenseParquet } from "../../../src/network/denseMatrix.ts";
import type { Measure } from "../../../src/network/measure.ts";
import { writePairs } from "../../../src/network/pairTables.ts";
import { createBackend } from "../../../src/node/backends.ts";
import { testNormal, testRandom } from "../../helpers/randomCohort.ts";
import { matrix } from "./planted.ts";

let backends: Backend[] = [];
beforeAll(async () => {
  // The tests' GPU is SwiftShader; without an adapter this throws, and all fail.
  backends = [
    await createBackend("reference"),
    await createBackend("wasm", { threads: 2 }),
    await createBackend("webgpu"),
  ];
  expect(backends[2]!.description).toContain("WebGPU");
});
afterAll(async () => {
  for (const backend of backends) await backend.dispose();
});

/** A cohort with groups of related genes, heavy tails, ties, a constant gene, and missing values where asked. */
function hostile(seed: number, { genes = 40, samples = 23, missing = false, first = 0 } = {}): ExpressionSet {
  const random = testRandom(seed);
  const values = new Float64Array(genes * samples);
  for (let g = 0; g < genes; g++) {
    const kind = g % 6;
    for (let s = 0; s < samples; s++) {
      const at = g * samples + s;
      const shared = g >= 6 ? values[(g - 6) * samples + s]! : 0;
      const noise = testNormal(random);
      if (kind === 0) values[at] = shared + noise;
      else if (kind === 1) values[at] = Math.round(2 * (shared + noise));
      else if (kind === 2) values[at] = Math.exp(2 * noise) + 0.1 * shared;
      else if (kind === 3) values[at] = s === 3 ? 300 : noise + 0.5 * shared;
      else if (kind === 4) values[at] = s < samples / 2 + 2 ? 0 : 1 + noise * noise;
      else values[at] = 5 - shared + 0.2 * noise;
      if (missing && g % 4 === 0 && random() < 0.2) values[at] = Number.NaN;
    }
  }
  values.fill(7, samples, 2 * samples);
  const made = matrix(values, samples);
  return expressionSet({ ...made, id: made.id.map((_, g) => `g${g + first}`) });
}

/** The plainest form of each correlation, from the definitions. */
function plain(x: readonly number[], y: readonly number[], { method, maxPOutliers = 1 }: Measure): number {
  const mean = (v: readonly number[]) => v.reduce((a, b) => a + b, 0) / v.length;
  const pearson = (a: readonly number[], b: readonly number[]) => {
    const [ma, mb] = [mean(a), mean(b)];
    const cross = (p: readonly number[], mp: number, q: readonly number[], mq: number) =>
      p.reduce((sum, value, i) => sum + (value - mp) * (q[i]! - mq), 0);
    return cross(a, ma, b, mb) / Math.sqrt(cross(a, ma, a, ma) * cross(b, mb, b, mb));
  };
  if (method === "pearson") return pearson(x, y);
  const ranks = (v: readonly number[]) =>
    v.map((value) => v.filter((o) => o < value).length + (v.filter((o) => o === value).length + 1) / 2);
  if (method === "spearman") return pearson(ranks(x), ranks(y));
  const q = (v: readonly number[], p: number) => {
    const sorted = [...v].sort((a, b) => a - b);
    const at = (v.length - 1) * p;
    const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
    return low + (at - Math.floor(at)) * (high - low);
  };
  const weighted = (v: readonly number[]) => {
    const median = q(v, 0.5);
    const mad = q(
      v.map((value) => Math.abs(value - median)),
      0.5,
    );
    let out = v.map((value) => value - mean(v));
    if (mad > 0) {
      let u = v.map((value) => (value - median) / (9 * mad));
      if (maxPOutliers < 0.5) {
        const low = Math.abs(Math.min(-0.5, q(u, maxPOutliers)));
        const high = Math.max(0.5, q(u, 1 - maxPOutliers));
        u = u.map((value) => (value < 0 ? (value * 0.5) / low : (value * 0.5) / high));
      }
      out = v.map((value, i) => (Math.abs(u[i]!) < 1 ? (value - median) * (1 - u[i]! ** 2) ** 2 : 0));
    }
    const norm = Math.sqrt(out.reduce((sum, value) => sum + value * value, 0));
    return out.map((value) => value / norm);
  };
  const [a, b] = [weighted(x), weighted(y)];
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

/** r of two genes in one set over the samples that have both, and how many; undefined where there is none. */
function pairOf(
  set: ExpressionSet,
  a: string,
  b: string,
  measure: Measure,
): { r: number; n: number } | undefined {
  const [i, j] = [set.id.indexOf(a), set.id.indexOf(b)];
  if (i < 0 || j < 0 || set.status[i] !== "ok" || set.status[j] !== "ok") return undefined;
  const n = set.samples.length;
  const both = Array.from({ length: n }, (_, s) => s).filter(
    (s) => !Number.isNaN(set.values[i * n + s]!) && !Number.isNaN(set.values[j * n + s]!),
  );
  if (both.length < 4) return undefined;
  const r = plain(
    both.map((s) => set.values[i * n + s]!),
    both.map((s) => set.values[j * n + s]!),
    measure,
  );
  return Number.isNaN(r) ? undefined : { r, n: both.length };
}

/** Fisher's z over the sets. */
function combined(sets: readonly ExpressionSet[], a: string, b: string, measure: Measure) {
  const found = sets.flatMap((set) => pairOf(set, a, b, measure) ?? []);
  if (sets.length === 1) return found[0];
  const usable = found.filter(({ n }) => n > 3);
  if (usable.length === 0) return undefined;
  const weights = usable.reduce((sum, { n }) => sum + n - 3, 0);
  const z = (r: number) => Math.atanh(Math.max(-1 + 2 ** -53, Math.min(1 - 2 ** -53, r)));
  const mean = usable.reduce((sum, { r, n }) => sum + (n - 3) * z(r), 0) / weights;
  const q = usable.reduce((sum, { r, n }) => sum + (n - 3) * (z(r) - mean) ** 2, 0);
  return { r: Math.tanh(mean), n: usable.reduce((sum, { n }) => sum + n, 0), q };
}

/** The software GPU takes its time: it has one seed of three, of every measure and kind of cohorts. */
function backendsOf(seed: number): readonly Backend[] {
  return seed === 1 ? backends : backends.slice(0, 2);
}

/** The bytes of the table of pairs, as Parquet. */
async function tableBytes(pairs: CorrelatedPairs): Promise<Uint8Array> {
  const sink = memorySink();
  await writePairs(pairs, async (_, schema) => parquetWriter(sink, schema), {});
  return sink.bytes();
}

const MEASURES: readonly Measure[] = [
  { method: "pearson" },
  { method: "spearman" },
  { method: "bicor" },
  { method: "bicor", maxPOutliers: 0.1 },
];

describe("correlate", () => {
  const cases = MEASURES.flatMap((measure) =>
    [1, 2, 3].flatMap((seed) =>
      [1, 3].flatMap((cohorts) => [false, true].map((missing) => ({ measure, seed, cohorts, missing }))),
    ),
  );
  test.each(cases)(
    "finds what the definitions say: $measure, seed $seed, $cohorts cohorts, missing values $missing",
    async ({ measure, seed, cohorts, missing }) => {
      const sets = Array.from({ length: cohorts }, (_, c) =>
        hostile(17 * seed + c, { samples: 23 + 6 * c, missing, first: 3 * c }),
      );
      const ids = [...new Set(sets.flatMap(({ id }) => id))];
      const expected = new Map<string, number>();
      ids.forEach((a, i) => {
        for (const b of ids.slice(i + 1)) {
          const pair = combined(sets, a, b, measure);
          if (pair !== undefined) expected.set(`${a} ${b}`, pair.r);
        }
      });
      // A limit that a pair lies on, and others beside it.
      const sizes = [...expected.values()].map(Math.abs).sort((x, y) => x - y);
      const minR = sizes[Math.floor(0.7 * sizes.length)]! * (1 - 1e-10);
      const options = { measure, minR };
      const results = [];
      const used = backendsOf(seed);
      for (const backend of used) results.push(await correlate(sets, { ...options, backend }));
      const [reference, wasm] = results;
      const bytes = seed === 1 ? await tableBytes(reference!) : undefined;
      for (const other of results.slice(1)) {
        expect(other.a).toEqual(reference!.a);
        expect(other.b).toEqual(reference!.b);
        expect(other.log10P).toEqual(reference!.log10P);
        if (bytes !== undefined) expect(await tableBytes(other)).toEqual(bytes);
      }
      // p alone decides another way: no |r| is given to the screen, but the one that p stands for.
      const p = { measure, pValue: 10 ** wasm!.log10P.toSorted()[Math.floor(wasm!.a.length / 2)]! };
      const byP = [];
      for (const backend of used) byP.push(await correlate(sets, { ...p, backend }));
      for (const { a: first, b: second, log10P } of byP.slice(1)) {
        expect([first, second, log10P]).toEqual([byP[0]!.a, byP[0]!.b, byP[0]!.log10P]);
      }
      const { correlator, a, b, tests } = wasm!;
      const wanted = [...expected].filter(([, r]) => Math.abs(r) >= minR);
      expect(Array.from(a, (gene, i) => `${ids[gene]} ${ids[b[i]!]}`)).toEqual(wanted.map(([key]) => key));
      expect(tests).toBeGreaterThanOrEqual(expected.size);
      const out = emptyStatistic();
      wanted.forEach(([key, r], i) => {
        correlator.statistic(a[i]!, b[i]!, out);
        expect(Math.abs(out.r - r), key).toBeLessThan(1e-9);
        const [first, second] = key.split(" ");
        const pair = combined(sets, first!, second!, measure)!;
        expect(out.n).toBe(pair.n);
        if (Math.abs(r) < 0.9999 && "q" in pair && out.cohorts > 1) {
          expect(Math.abs(out.q - pair.q)).toBeLessThan(1e-6 * (1 + pair.q));
        }
      });
    },
  );

  test.each(cases)(
    "the strongest partners: $measure, seed $seed, $cohorts cohorts, missing values $missing",
    async ({ measure, seed, cohorts, missing }) => {
      const sets = Array.from({ length: cohorts }, (_, c) =>
        hostile(31 * seed + c, { genes: 80, samples: 23 + 6 * c, missing, first: 3 * c }),
      );
      const top = 4;
      const results = [];
      for (const backend of backendsOf(seed)) results.push(await correlate(sets, { measure, top, backend }));
      const bytes = seed === 1 ? await tableBytes(results[0]!) : undefined;
      for (const other of results.slice(1)) {
        expect(other.top).toEqual(results[0]!.top);
        if (bytes !== undefined) expect(await tableBytes(other)).toEqual(bytes);
      }
      const { correlator, top: lists } = results[1]!;
      const out = emptyStatistic();
      lists!.forEach((list, gene) => {
        const all = Array.from({ length: correlator.count }, (_, other) => other)
          .filter((other) => other !== gene)
          .flatMap((other) => {
            correlator.statistic(gene, other, out);
            return Number.isNaN(out.r) ? [] : [{ other, r: Math.abs(out.r) }];
          })
          .sort((x, y) => y.r - x.r || x.other - y.other);
        expect(Array.from(list)).toEqual(all.slice(0, top).map(({ other }) => other));
      });
    },
  );

  test("a gene of which nothing is left is nobody's partner", async () => {
    const set = hostile(3, { genes: 6 });
    const values = set.values.slice();
    values.fill(2, 0, set.samples.length);
    // Called `ok` by whoever made the set.
    const status = set.status.map((one, gene) => (gene === 0 ? "ok" : one));
    // No GPU: what it would compile for six genes takes a software one ten seconds.
    for (const backend of backends.slice(0, 2)) {
      const found = await correlate([{ ...set, values, status }], {
        ...{ backend, measure: { method: "pearson" as const }, top: 10 },
      });
      expect(found.top![0]).toEqual(new Uint32Array(0));
      expect([...found.a, ...found.b]).not.toContain(0);
      expect(found.a.length).toBeGreaterThan(3);
    }
  });

  test("p of a known correlation, and q over all tests", async () => {
    // METHODS 9: r 0.1 of 100 samples has p 0.322217363.
    const n = 100;
    const x = Float64Array.from({ length: n }, (_, s) => (s % 2 === 0 ? 1 : -1));
    const z = Float64Array.from({ length: n }, (_, s) => (s % 4 < 2 ? 1 : -1));
    const y = x.map((value, s) => 0.1 * value + Math.sqrt(1 - 0.01) * z[s]!);
    const set = expressionSet(matrix(Float64Array.from([...x, ...y]), n));
    const options: CorrelateOptions = { measure: { method: "pearson" }, pValue: 1, backend: backends[1]! };
    const { log10P, tests } = await correlate([set], options);
    expect(tests).toBe(1);
    expect(10 ** log10P[0]!).toBeCloseTo(0.322217363, 8);
    const none = await correlate([set], { ...options, pValue: 0.32 });
    expect(none.a).toHaveLength(0);
  });

  test("more pairs than memory holds are an error that says what to do", async () => {
    const set = hostile(5, { genes: 60 });
    const options = { measure: MEASURES[0]!, pValue: 1, backend: backends[1]!, memory: 10_000 };
    await expect(correlate([set], options)).rejects.toThrow(LimitError);
    await expect(correlate([set], options)).rejects.toThrow(/--min-r/);
    await expect(correlate([set], { ...options, top: 50 })).rejects.toThrow(/lower --top/);
  });

  test("the dense matrix is NumPy's format, the same on every backend, the f64 correlations rounded once", async () => {
    const set = hostile(9, { missing: true });
    const { correlator } = await correlate([set], {
      measure: MEASURES[0]!,
      backend: backends[0]!,
      minR: 0.99,
    });
    const written = [];
    for (const backend of backends) {
      const sink = memorySink();
      await writeDense(correlator, backend, sink);
      written.push(sink.bytes());
    }
    for (const other of written.slice(1)) expect(other).toEqual(written[0]);
    const tables = [];
    for (const backend of backends) {
      const sink = memorySink();
      await writeDenseParquet(correlator, backend, sink, {});
      tables.push(sink.bytes());
    }
    for (const other of tables.slice(1)) expect(other).toEqual(tables[0]);
    const rows = await parquetReadObjects({ file: tables[0]!.buffer as ArrayBuffer });
    expect(rows.map(({ gene }) => gene)).toEqual(set.id);
    const numbers = new Uint8Array(Float32Array.from(rows.flatMap(({ r }) => r as number[])).buffer);
    const header = numpyHeader(40, 40);
    expect(numbers).toEqual(written[0]!.slice(header.length));
    expect(header.length % 64).toBe(0);
    expect(Array.from(header.subarray(0, 10))).toEqual([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]);
    const described = new TextDecoder().decode(header.subarray(10));
    expect(described).toMatch(/^\{'descr': '<f4', 'fortran_order': False, 'shape': \(40, 40\), \} *\n$/);
    const view = new DataView(written[0]!.slice(header.length).buffer);
    const out = emptyStatistic();
    for (let i = 0; i < 40; i++) {
      for (let j = 0; j < 40; j++) {
        correlator.statistic(i, j, out);
        const there = correlator.isThere(i) && correlator.isThere(j);
        const value = !there ? Number.NaN : i === j ? 1 : Math.fround(out.r);
        expect(view.getFloat32(4 * (i * 40 + j), true)).toBe(value);
      }
    }
  });
});
