import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listedPermutations, seededPermutations } from "../../../../src/association/permutation/donors.ts";
import { permutableExpression } from "../../../../src/association/permutation/expression.ts";
import {
  bytesOfMaxima,
  type PermutationWork,
  permutationMaxima,
} from "../../../../src/association/permutation/maxima.ts";
import { survey } from "../../../../src/association/survey.ts";
import { buildCohort, type Cohort, type Model } from "../../../../src/cohort/cohort.ts";
import { scanVariants } from "../../../../src/cohort/variants.ts";
import type { Backend, Epilogue, Factor } from "../../../../src/compute/backend.ts";
import { bytesOfPermutedTile } from "../../../../src/compute/plan.ts";
import { createReferenceBackend } from "../../../../src/compute/reference/backend.ts";
import { createWasmBackend } from "../../../../src/compute/wasm/backend.ts";
import { spawnThread } from "../../../../src/node/threads.ts";
import { plainOls } from "../../../helpers/plainOls.ts";
import { memoryGenotypes, randomTables, testRandom } from "../../../helpers/randomCohort.ts";
import { sameBits } from "../../compute/check.ts";
import { webGpu } from "../../compute/webgpu/device.ts";

const BACKENDS: Record<string, () => Promise<Backend>> = {
  reference: async () => createReferenceBackend(),
  wasm: () => createWasmBackend(),
  "wasm on two threads": () => createWasmBackend({ threads: 2, spawn: spawnThread }),
  webgpu: () => webGpu(),
};

interface Scene {
  readonly cohort: Cohort;
  readonly work: PermutationWork;
  /** Dosages of the tested variants, with a missing call as NaN. */
  readonly dosages: readonly (readonly number[])[];
  readonly covariates: readonly (readonly number[])[];
}

/** A cohort of random calls (some missing, some dosages), all variants as rows, and a window of any size for each gene. */
async function makeScene(
  seed: number,
  model: Model,
  samples: number,
  permutations: number,
  covariateCount = Math.min(4, samples - 4),
): Promise<Scene> {
  const random = testRandom(seed);
  const size = { samples, variants: 60, genes: 7, covariates: covariateCount };
  const tables = randomTables(seed, size);
  const calls = tables.calls.map((row) =>
    row.map((call) => (call < 3 && random() < 0.05 ? Math.min(1.9, call + random() * 0.4) : call)),
  );
  const sampleIds = tables.genotypes.samples;
  const variants = calls.map((row, v) => ({ chromosome: "chr1", position: 1000 + v, calls: row }));
  // A variant that the first covariate explains is not tested.
  const cells = tables.covariates.cells.map((row) => [...row]);
  const called = calls[5]!.filter((d) => d < 3);
  const mean = called.reduce((sum, d) => sum + d, 0) / called.length;
  cells[0] = calls[5]!.map((d) => String(d === 3 ? mean : d));
  const covariates = { ...tables.covariates, cells };
  const cohort = buildCohort(
    { ...tables, covariates, genotypes: memoryGenotypes(sampleIds, variants) },
    { model, maf: 0 },
  );
  const backend = createReferenceBackend();
  const scan = await scanVariants(cohort, undefined);
  const { count, values } = cohort.genotypeBasis;
  const basis = count === 0 ? undefined : await backend.load({ count, samples, values, standardised: false });
  const { rows, norm, index } = await survey({ cohort, backend, scan, basis }, 0, variants.length);
  const genes = Uint32Array.from(cohort.genes.id.keys()).filter((g) => cohort.geneStatus[g] === "ok");
  const start = genes.map(() => Math.floor(random() * rows.count));
  const end = start.map((first) => first + Math.floor(random() * (rows.count - first + 1)));
  start[0] = 0;
  end[0] = rows.count;
  // No row at all, and none that is tested.
  end[1] = start[1]!;
  const { values: expression, basis: own } = permutableExpression(cohort, genes);
  const work = {
    rows,
    norm,
    windows: { start, end },
    expression,
    basis: own,
    permutations: seededPermutations(7, permutations, samples),
    from: 0,
    to: permutations,
  };
  return {
    cohort,
    work,
    dosages: Array.from(index, (v) => calls[v]!.map((d) => (d === 3 ? Number.NaN : d))),
    covariates: cells.map((row) => row.map(Number)),
  };
}

/** The same maximum from textbook least squares (t to r), or from correlations of residuals. */
function plainMaximum({ work, dosages, covariates }: Scene, gene: number, p: number, model: Model): number {
  const { samples, of } = work.permutations;
  const order = of(p);
  const y = Array.from(order, (donor) => work.expression[gene * samples + donor]!);
  let most = 0;
  for (let row = work.windows.start[gene]!; row < work.windows.end[gene]!; row++) {
    if (work.norm[row] === 0) continue;
    const called = dosages[row]!.filter((d) => !Number.isNaN(d));
    const mean = called.reduce((a, b) => a + b, 0) / called.length;
    const g = dosages[row]!.map((d) => (Number.isNaN(d) ? mean : d));
    const { t, degreesOfFreedom } = plainOls(y, g, model === "ols" ? covariates : []);
    most = Math.max(most, Math.sqrt((t * t) / (t * t + degreesOfFreedom)));
  }
  return most;
}

describe.each(["ols", "qtltools"] as const)("maxima of permutations, %s", (model) => {
  it("are those of textbook least squares on every pair", async () => {
    for (let seed = 1; seed <= 4; seed++) {
      const scene = await makeScene(seed, model, 30, 3);
      const maxima = await permutationMaxima(createReferenceBackend(), scene.work);
      expect(maxima.length).toBe(3 * scene.work.windows.start.length);
      maxima.forEach((value, i) => {
        const plain = plainMaximum(scene, Math.floor(i / 3), i % 3, model);
        expect(Math.abs(value - plain), `seed ${seed}, maximum ${i}`).toBeLessThan(1e-11);
      });
      expect(maxima[3]).toBe(0);
      expect(scene.work.norm.filter((norm) => norm === 0).length).toBe(model === "ols" ? 1 : 0);
    }
  });

  it("of the identity are the map's own, bit for bit", async () => {
    const { work, cohort } = await makeScene(11, model, 41, 1);
    const identity = Uint32Array.from({ length: 41 }, (_, i) => i);
    const permutations = listedPermutations([identity], 41, "identity");
    const backend = createReferenceBackend();
    const maxima = await permutationMaxima(backend, { ...work, permutations });
    const genes = Uint32Array.from(cohort.genes.id.keys()).filter((g) => cohort.geneStatus[g] === "ok");
    const values = Float64Array.from(genes, () => 0);
    for (const [i, gene] of genes.entries()) {
      const e = cohort.residuals.subarray(gene * 41, (gene + 1) * 41);
      const columns = await backend.load({ count: 1, samples: 41, values: e, standardised: true });
      const { rows, norm, windows } = work;
      const { values: dense } = await backend.product([{ rows, columns, norm, weight: 1 }], {
        kind: "dense",
      });
      for (let row = windows.start[i]!; row < windows.end[i]!; row++) {
        const r = norm[row] === 0 ? 0 : Math.abs(dense[0]![row]! / norm[row]!);
        values[i] = Math.max(values[i]!, r);
      }
    }
    expect(sameBits(maxima, values)).toBe(true);
  });
});

describe.each(Object.entries(BACKENDS))("maxima of permutations on %s", (_, make) => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await make();
  });
  afterAll(() => backend.dispose());

  it.each(["ols", "qtltools"] as const)("have the reference's bits, %s", async (model) => {
    for (const [seed, samples, count] of [
      [1, 30, 5],
      [2, 67, 40],
      [3, 200, 70],
    ] as const) {
      const { work } = await makeScene(seed, model, samples, count);
      const expected = await permutationMaxima(createReferenceBackend(), work);
      const own = await permutationMaxima(backend, work);
      expect(sameBits(own, expected), `seed ${seed}`).toBe(true);
    }
  });

  // A tenth of a permuted column is left on average: some are projected a second time, their neighbours are not.
  it("have the reference's bits beside almost as many covariates as samples", async () => {
    const { work } = await makeScene(4, "ols", 30, 13, 26);
    const expected = await permutationMaxima(createReferenceBackend(), work);
    expect(sameBits(await permutationMaxima(backend, work), expected)).toBe(true);
  });

  it("do not depend on how genes and permutations are cut", async () => {
    const { work } = await makeScene(5, "ols", 50, 40);
    const whole = await permutationMaxima(backend, work);
    const genes = work.windows.start.length;
    const cut = new Float64Array(whole.length);
    for (const [first, last] of [
      [0, 3],
      [3, genes],
    ] as const) {
      for (const [from, to] of [
        [0, 1],
        [1, 34],
        [34, 40],
      ] as const) {
        const windows = {
          start: work.windows.start.subarray(first, last),
          end: work.windows.end.subarray(first, last),
        };
        const expression = work.expression.subarray(first * 50, last * 50);
        const part = await permutationMaxima(backend, { ...work, windows, expression, from, to });
        for (let i = 0; i < last - first; i++) {
          cut.set(part.subarray(i * (to - from), (i + 1) * (to - from)), (first + i) * 40 + from);
        }
      }
    }
    expect(sameBits(cut, whole)).toBe(true);
  });
});

describe("memory", () => {
  const PERMUTATIONS = 400;
  const covariates = 4;

  /** A backend of three threads that says what it is handed, and gives maxima when all threads have theirs. */
  function listening(work: PermutationWork): { backend: Backend; held: () => number } {
    const plain = createReferenceBackend();
    let held = 0;
    const backend: Backend = {
      ...plain,
      parallelism: 3,
      async loadPermuted({ genes, permutations, samples, order }) {
        held += order.byteLength;
        const values = new Float64Array(0);
        return { count: genes * permutations, samples, values, dispose: async () => {} };
      },
      product: (async (factors: readonly Factor[], { windows }: Epilogue) => {
        held += windows!.start.byteLength + windows!.end.byteLength;
        const { rows, columns } = factors[0]!;
        if (rows.kind === "calls") held += rows.count * rows.stride;
        await new Promise((resolve) => setTimeout(resolve, 5));
        return { kind: "columnMax", value: new Float64Array(columns.count), pairs: work.rows.count };
      }) as Backend["product"],
    };
    return { backend, held: () => held };
  }

  it("that permutations hold at once is planned, and little more", async () => {
    const { work } = await makeScene(3, "ols", 30, PERMUTATIONS);
    const { backend, held } = listening(work);
    await permutationMaxima(backend, work);
    const [genes, variants, samples] = [work.windows.start.length, work.rows.count, 30];
    const planned = bytesOfMaxima(
      { samples, covariates, genes, variants, permutations: PERMUTATIONS },
      backend,
    );
    // A worker has a copy of what it is handed, and the tile.
    const least = 2 * held() + 3 * bytesOfPermutedTile(samples, covariates, variants);
    expect(planned).toBeGreaterThanOrEqual(least);
    expect(planned).toBeLessThan(1.2 * least);
  });

  it("is less where columns are made here, one gene after the other, and still what they take", async () => {
    const { work } = await makeScene(3, "ols", 30, PERMUTATIONS);
    let [held, most] = [0, 0];
    const reference = createReferenceBackend();
    const backend: Backend = {
      ...reference,
      loadPermuted: () => Promise.reject(new Error("not asked for")),
      async load({ count, samples, values }) {
        held += values.byteLength;
        most = Math.max(most, held);
        const dispose = async () => {
          held -= values.byteLength;
        };
        return { count, samples, dispose };
      },
      product: async () =>
        ({
          ...{ kind: "columnMax", pairs: 0 },
          ...{ value: new Float64Array(PERMUTATIONS), row: new Int32Array(PERMUTATIONS) },
        }) as never,
    };
    await permutationMaxima(backend, { ...work, make: () => 1 });
    const [genes, variants, samples] = [work.windows.start.length, work.rows.count, 30];
    const demand = { samples, covariates, genes, variants, permutations: PERMUTATIONS };
    const planned = bytesOfMaxima({ ...demand, whitened: true }, backend);
    expect(held).toBe(0);
    expect(most).toBe(8 * samples * PERMUTATIONS);
    expect(planned).toBeGreaterThan(most);
    expect(bytesOfMaxima({ ...demand, genes: 3000, samples: 500, whitened: true }, backend)).toBeLessThan(
      bytesOfMaxima({ ...demand, genes: 3000, samples: 500 }, { ...backend, parallelism: 8 }),
    );
  });

  it("does not grow with permutations that come one after the other", () => {
    const of = (permutations: number): number =>
      bytesOfMaxima(
        { samples: 500, covariates, genes: 32, variants: 5000, permutations },
        { loadPermuted: async () => Promise.reject(), parallelism: 2 },
      );
    expect(of(8000)).toBeGreaterThan(of(1000));
    expect(of(80_000) - of(8000), "the maxima kept").toBe(8 * 32 * 72_000);
  });
});
