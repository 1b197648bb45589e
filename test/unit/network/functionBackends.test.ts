/** Functions of genes write the same bytes on every backend, and end soon where they are cancelled. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../../src/compute/backend.ts";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import { createWasmBackend } from "../../../src/compute/wasm/backend.ts";
import { createWebGpuBackend } from "../../../src/compute/webgpu/backend.ts";
import { CancelledError } from "../../../src/errors.ts";
import { componentScores } from "../../../src/network/componentScores.ts";
import { geneComponents } from "../../../src/network/components.ts";
import { componentTrials } from "../../../src/network/componentTrials.ts";
import {
  type GenePairs,
  geneProfiles,
  nearestPairs,
  strongPairs,
} from "../../../src/network/coregulation.ts";
import { expressionRows } from "../../../src/network/expressionRows.ts";
import { predictFunctions } from "../../../src/network/functionPrediction.ts";
import { geneCorrelations } from "../../../src/network/geneCorrelation.ts";
import { testGenes } from "../../../src/network/geneTests.ts";
import { keyGenes, TraitModel } from "../../../src/network/keyGenes.ts";
import { LdReference } from "../../../src/network/ldReference.ts";
import { nullGwas } from "../../../src/network/nullGwas.ts";
import { spawnThread } from "../../../src/node/threads.ts";
import { testGpu } from "../../helpers/gpu.ts";
import { genesEvery, panel, randomGwas } from "./panel.ts";
import { planted } from "./planted.ts";

const GENES = 130;
const SAMPLES = 50;
const { values } = expressionRows(planted(17, { modules: 3, size: 30, noise: 40, samples: SAMPLES }));
const sets = [0, 1].map((k) => Uint32Array.from({ length: 20 }, (_, i) => 30 * k + i));

const backends = new Map<string, Backend>();
beforeAll(async () => {
  backends.set("reference", createReferenceBackend());
  backends.set("wasm, one thread", await createWasmBackend({}));
  backends.set("wasm, two threads", await createWasmBackend({ threads: 2, spawn: spawnThread }));
  const gpu = { gpu: await testGpu(), fallback: await createWasmBackend() };
  backends.set("webgpu", await createWebGpuBackend(gpu));
});
afterAll(async () => {
  for (const backend of backends.values()) await backend.dispose();
});

async function gathered<T>(found: AsyncGenerator<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of found) all.push(one);
  return all;
}

/** Everything that is written of co-regulation, functions and key genes, as numbers to the last bit. */
async function everything(backend: Backend): Promise<unknown> {
  const whole = await geneComponents(values, GENES, SAMPLES, backend, { count: 12, decomposition: "whole" });
  const fast = await geneComponents(values, GENES, SAMPLES, backend, {
    ...{ count: 3, decomposition: "randomised" },
  });
  const profiles = geneProfiles(whole);
  const pairs = (found: readonly GenePairs[]) =>
    found.map(({ first, second, r }) => [[...first], [...second], [...r]]);
  const strong = await gathered(strongPairs(profiles, 0.6, backend));
  const near = await gathered(nearestPairs(profiles, 3, backend));
  const predictions = await gathered(predictFunctions(profiles, sets, backend));
  const trials = await componentTrials(whole, sets, backend);
  const source = panel(41, 60, 5 * GENES);
  const reference = await LdReference.open(source, () => true);
  const tests = await testGenes(reference, source, await randomGwas(source, 3), genesEvery(GENES, 5));
  const correlation = await geneCorrelations(reference, source, tests, { distance: 20_000 });
  const nulls = await nullGwas(reference, tests, 60, backend);
  const tested = Uint32Array.from(tests.status.keys()).filter((g) => tests.status[g] === "ok");
  const trait = { network: tested, z: tests.z.slice(), covariates: [], correlation };
  expect(tested).toHaveLength(GENES);
  const model = await TraitModel.of(trait, backend, { nulls: nulls.z });
  const nowhere = {
    chromosome: new Int32Array(GENES).fill(-1),
    start: new Int32Array(GENES),
    end: new Int32Array(GENES),
  };
  const keys = await gathered(keyGenes(profiles, trait, model, nowhere, backend));
  const scores = await componentScores(profiles, trait, model, backend, { q: 1, draws: 300 });
  return {
    ...{ whole: [...whole.vectors], fast: [...fast.vectors, ...fast.eigenvalues, fast.residual] },
    ...{ strong: pairs(strong), near: pairs(near), trials: trials.map(({ meanAuc }) => meanAuc) },
    ...{ predictions: predictions.map(({ score }) => [...score]), nulls: [...nulls.z], keys },
    scores,
  };
}

describe("co-regulation, functions and key genes", () => {
  test.each(["wasm, one thread", "wasm, two threads", "webgpu"])(
    "are the reference's on %s, to the last bit",
    async (name) => {
      const expected = await everything(backends.get("reference")!);
      expect(await everything(backends.get(name)!)).toEqual(expected);
    },
  );
});

describe("cancelled", () => {
  /** Runs until 30 ms have passed; how long it took from there until it ended. */
  async function untilCancelled(run: (signal: AbortSignal) => Promise<unknown>): Promise<number> {
    const stop = new AbortController();
    let at = 0;
    setTimeout(() => {
      at = performance.now();
      stop.abort();
    }, 30);
    await expect(run(stop.signal)).rejects.toThrow(CancelledError);
    return performance.now() - at;
  }

  const wide = expressionRows(planted(3, { modules: 20, size: 40, noise: 400, samples: 120 })).values;
  const one = Uint32Array.from({ length: 60 }, (_, i) => i);

  test("functions end within a member or so", async () => {
    const backend = backends.get("wasm, one thread")!;
    const profiles = geneProfiles(await geneComponents(wide, 1200, 120, backend));
    const many = new Array<Uint32Array>(3000).fill(one);
    await untilCancelled((signal) => gathered(predictFunctions(profiles, many, backend, { signal })));
  });

  test("scores over components end within a product or so", async () => {
    const backend = backends.get("wasm, one thread")!;
    const profiles = geneProfiles(await geneComponents(wide, 1200, 120, backend));
    const network = Uint32Array.from({ length: 1200 }, (_, g) => g);
    const correlation = Array.from(network, (g) => ({
      genes: Uint32Array.of(g),
      matrix: Float64Array.of(1),
    }));
    const z = Float64Array.from(network, (g) => profiles.coefficients[g * profiles.components]! + (g % 7));
    const trait = { network, z, covariates: [], correlation };
    const model = await TraitModel.of(trait, backend);
    await untilCancelled((signal) =>
      componentScores(profiles, trait, model, backend, { q: 1, draws: 1_000_000, signal }),
    );
  });

  test("gene p and null GWAS end within a gene or so", async () => {
    const backend = backends.get("wasm, one thread")!;
    const source = panel(7, 100, 3000);
    const reference = await LdReference.open(source, () => true);
    const chiSquare = new Float64Array(3000).fill(1);
    const genes = genesEvery(600, 5);
    await untilCancelled((signal) => testGenes(reference, source, chiSquare, genes, { signal }));
    const tests = await testGenes(reference, source, chiSquare, genes, { window: 0 });
    await untilCancelled((signal) => nullGwas(reference, tests, 200, backend, { signal }));
    await untilCancelled((signal) => LdReference.open(panel(8, 400, 9000), () => true, { signal }));
  });
});
