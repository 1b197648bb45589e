import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../../src/compute/backend.ts";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import { createWasmBackend } from "../../../src/compute/wasm/backend.ts";
import { createWebGpuBackend, type WebGpuBackend } from "../../../src/compute/webgpu/backend.ts";
import { spawnThread } from "../../../src/node/threads.ts";
import { testGpu } from "../../helpers/gpu.ts";
import {
  FORMS,
  HOSTILE_COHORTS,
  type HostileMaps,
  hostileMaps,
  hostileThresholds,
  owedBy,
} from "../../helpers/hostile.ts";

let gpu: WebGpuBackend;
const others: { readonly name: string; readonly create: () => Promise<Backend> }[] = [
  { name: "wasm, one digit", create: () => createWasmBackend({ digits: 1 }) },
  { name: "wasm, two threads", create: () => createWasmBackend({ threads: 2, spawn: spawnThread }) },
  { name: "webgpu", create: async () => gpu },
];
const made = new Map<string, Promise<Backend>>();

beforeAll(async () => {
  gpu = await createWebGpuBackend({ gpu: await testGpu(), fallback: await createWasmBackend() });
  for (const { name, create } of others) made.set(name, create());
});
afterAll(async () => {
  for (const backend of made.values()) await (await backend).dispose();
});

describe.each(FORMS)(`trans on ${HOSTILE_COHORTS} hostile cohorts, %s`, (form) => {
  let thresholds: number[];
  let expected: HostileMaps;
  beforeAll(async () => {
    const reference = createReferenceBackend();
    // Whose p-values are looked at for that does not matter, and these come fast.
    thresholds = await hostileThresholds(await made.get("wasm, two threads")!, form);
    expected = await hostileMaps(reference, form, thresholds);
  });

  test("have pairs to write, and are themselves", () => {
    const written = expected.files.map((text) => Number(/, (\d+) pairs/.exec(text)![1]));
    expect(written.reduce((a, b) => a + b)).toBeGreaterThan(HOSTILE_COHORTS * 10);
    expect(new Set(expected.files.map((text) => text.replace(/^seed \d+/, ""))).size).toBe(HOSTILE_COHORTS);
    expect(expected.screened).toBeGreaterThan(50_000);
    expect(expected.dense).toBeGreaterThan(5_000);
  });

  test.each(others)("$name writes the reference's bytes, and forms every pair itself", async ({ name }) => {
    const backend = await made.get(name)!;
    const found = await hostileMaps(backend, form, thresholds);
    expect(found.files).toEqual(expected.files);
    expect(found.pairsBy).toEqual(owedBy(backend.name, expected));
  });
});

test("webgpu compiled at most 10 pipelines for all of them", () => {
  expect(gpu.activity.pipelines).toBeGreaterThan(2);
  expect(gpu.activity.pipelines).toBeLessThanOrEqual(10);
  expect(gpu.activity.losses).toBe(0);
});
