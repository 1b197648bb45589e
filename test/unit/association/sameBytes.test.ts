import { afterAll, describe, expect, test } from "vitest";
import { finishMap } from "../../../src/association/finish.ts";
import { encodePart, memoryParts, partName } from "../../../src/association/parts.ts";
import type { MapRun } from "../../../src/association/tables.ts";
import { mapTrans } from "../../../src/association/trans.ts";
import { buildCohort, type Cohort } from "../../../src/cohort/cohort.ts";
import type { Backend } from "../../../src/compute/backend.ts";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import { createWasmBackend } from "../../../src/compute/wasm/backend.ts";
import { parquetWriter } from "../../../src/formats/parquet.ts";
import { memorySink } from "../../../src/formats/table.ts";
import { spawnThread } from "../../../src/node/threads.ts";
import { memoryGenotypes, testNormal, testRandom } from "../../helpers/randomCohort.ts";

const COHORTS = 200;

/** A small hostile cohort: any size, missing calls, monomorphic variants, heavy tails, constant genes. */
function hostileCohort(seed: number): Cohort {
  const random = testRandom(seed);
  const n = seed % 3 === 0 ? 3 + Math.floor(random() * 12) : 3 + Math.floor(random() ** 2 * 698);
  const samples = Array.from({ length: n }, (_, i) => `S${i}`);
  const variants = Array.from({ length: 5 + Math.floor(random() * 60) }, (_, v) => {
    const frequency = random() ** 3;
    const missing = random() < 0.4 ? random() * 0.3 : 0;
    const call = (): number => (random() < frequency ? 1 : 0) + (random() < frequency ? 1 : 0);
    return {
      chromosome: v % 2 === 0 ? "1" : "2",
      position: 1 + v,
      calls: samples.map(() => (random() < missing ? 3 : call())),
    };
  }).sort((a, b) => Number(a.chromosome) - Number(b.chromosome));
  const genes = 1 + Math.floor(random() * 40);
  const tail = (): number => (random() < 0.5 ? testNormal(random) : Math.tan(Math.PI * (random() - 0.5)));
  const values = new Float64Array(genes * n);
  for (let g = 0; g < genes; g++) {
    const heavy = random() < 0.4;
    const scale = 10 ** Math.floor(random() * 12 - 6);
    const constant = random() < 0.05;
    for (let s = 0; s < n; s++)
      values[g * n + s] = constant ? 3 : scale * (heavy ? tail() : testNormal(random));
    if (random() < 0.1) values[g * n] = 1e6 * scale;
  }
  const k = Math.min(n - 3, Math.floor(random() * 5));
  return buildCohort(
    {
      genotypes: memoryGenotypes(samples, variants),
      expression: {
        name: "expression",
        samples,
        id: Array.from({ length: genes }, (_, g) => `G${g}`),
        chromosome: Array.from({ length: genes }, (_, g) => `${1 + (g % 3)}`),
        start: new Int32Array(genes).fill(10),
        end: new Int32Array(genes).fill(20),
        strand: Array.from({ length: genes }, () => "+"),
        values,
      },
      covariates: {
        name: "covariates",
        samples,
        covariates: Array.from({ length: k }, (_, c) => `C${c}`),
        cells: Array.from({ length: k }, () => samples.map(() => String(testNormal(random)))),
      },
    },
    { maf: 0 },
  );
}

/** All tables of a map as one Parquet file after another. */
async function bytesOf(kind: "trans", run: MapRun): Promise<{ bytes: Buffer; log10P: number[] }> {
  const parts = memoryParts();
  const log10P: number[] = [];
  for await (const batch of run) {
    log10P.push(...batch.log10P);
    await parts.put(partName(batch.part), encodePart(batch));
  }
  const files: Uint8Array[] = [];
  const table = async (_name: string, schema: Parameters<typeof parquetWriter>[1]) => {
    const sink = memorySink();
    const writer = parquetWriter(sink, schema);
    return {
      write: writer.write.bind(writer),
      async close() {
        const closed = await writer.close();
        files.push(sink.bytes());
        return closed;
      },
    };
  };
  await finishMap({ kind, genes: run.genes, result: run.result(), parts, table, memory: 2 ** 28 });
  return { bytes: Buffer.concat(files), log10P };
}

/** The number `steps` doubles away from x > 0. */
function neighbour(x: number, steps: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  view.setBigInt64(0, view.getBigInt64(0) + BigInt(steps));
  return view.getFloat64(0);
}

describe("trans on hostile cohorts writes the same bytes", () => {
  const others: Promise<Backend>[] = [
    createWasmBackend(),
    createWasmBackend({ digits: 1 }),
    createWasmBackend({ threads: 2, spawn: spawnThread }),
  ];
  afterAll(async () => {
    for (const backend of others) await (await backend).dispose();
  });

  test(`${COHORTS} cohorts, half with the threshold within 2 ulp of a pair`, {
    timeout: 240_000,
  }, async () => {
    const reference = createReferenceBackend();
    let written = 0;
    for (let seed = 1; seed <= COHORTS; seed++) {
      const cohort = hostileCohort(seed);
      const random = testRandom(seed + 777);
      const distance = 5;
      const every = await bytesOf("trans", mapTrans(cohort, { backend: reference, pValue: 1, distance }));
      const below = every.log10P.filter((value) => value < Math.log10(0.04));
      let pValue = 10 ** (-0.3 - 4 * random());
      if (seed % 2 === 0 && below.length > 0) {
        const chosen = below[Math.floor(random() * below.length)]!;
        pValue = Math.min(0.049, neighbour(10 ** chosen, Math.floor(random() * 5) - 2));
      }
      const expected = await bytesOf("trans", mapTrans(cohort, { backend: reference, pValue, distance }));
      written += expected.log10P.length;
      for (const other of others) {
        const backend = await other;
        const found = await bytesOf("trans", mapTrans(cohort, { backend, pValue, distance }));
        expect(found.bytes.equals(expected.bytes), `seed ${seed}, p ${pValue}, ${backend.description}`).toBe(
          true,
        );
      }
    }
    expect(written).toBeGreaterThan(COHORTS * 10);
  });
});
