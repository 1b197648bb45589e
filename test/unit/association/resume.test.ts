import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { finishMap } from "../../../src/association/finish.ts";
import { mapPairs } from "../../../src/association/pairs.ts";
import { memoryParts, type PartStore, partNames, storedParts } from "../../../src/association/parts.ts";
import { checkParts, completeParts, shardStarts } from "../../../src/association/resume.ts";
import type { MapRun } from "../../../src/association/tables.ts";
import { buildCohort, type Cohort } from "../../../src/cohort/cohort.ts";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import { CancelledError, mapCis, mapTrans } from "../../../src/core.ts";
import { parquetWriter } from "../../../src/formats/parquet.ts";
import { memorySink } from "../../../src/formats/table.ts";
import { integer, random } from "../../helpers/formats.ts";
import { randomTables } from "../../helpers/randomCohort.ts";

const backend = createReferenceBackend();

/** A cohort with a list of pairs, whose maps have several parts each. */
function cohortOf(variants: number, genes: number): Cohort {
  const tables = randomTables(11, { samples: 12, variants, genes, covariates: 1 });
  const next = random(5);
  const listed = Array.from({ length: 300 }, () => [
    integer(next, 0, variants - 1),
    integer(next, 0, genes - 1),
  ]);
  const { chromosomes, chromosomeCode, position } = tables.genotypes;
  const id = (v: number): string => `${chromosomes[chromosomeCode.at(v)!]}:${position.at(v)}:A:G`;
  const pairs = {
    name: "pairs.tsv",
    variant: [...listed.map(([v]) => id(v!)), "unknown"],
    gene: [...listed.map(([, g]) => tables.expression.id[g!]!), tables.expression.id[0]!],
    repeated: 0,
  };
  return buildCohort({ ...tables, pairs }, { maf: 0 });
}

const NEAR = cohortOf(400, 150);
const FAR = cohortOf(16_500, 2);
const MAPS: readonly {
  readonly name: "cis" | "trans" | "pairs";
  readonly start: (memory?: number) => MapRun;
}[] = [
  { name: "cis", start: (memory) => mapCis(NEAR, { backend, memory, window: 2000 }) },
  { name: "trans", start: (memory) => mapTrans(FAR, { backend, memory, pValue: 0.02, distance: 100 }) },
  { name: "pairs", start: (memory) => mapPairs(FAR, { backend, memory }) },
];

/** The parts of a whole map. */
async function wholeParts(start: (memory?: number) => MapRun, memory?: number): Promise<PartStore> {
  const store = memoryParts();
  await completeParts(start(memory), store);
  return store;
}

/** SHA-256 of each part. */
async function bytesOf(store: PartStore): Promise<Map<string, string>> {
  const sums = new Map<string, string>();
  for (const name of await store.list()) sums.set(name, sumOf(await store.get(name)));
  return sums;
}

function sumOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The files of a map from its parts. */
async function filesOf(
  kind: "cis" | "trans",
  run: MapRun,
  parts: PartStore,
): Promise<Record<string, string>> {
  const summary = run.summary();
  for await (const part of storedParts(parts)) summary.add(part);
  const sinks = new Map<string, ReturnType<typeof memorySink>>();
  await finishMap({
    kind,
    genes: run.genes,
    result: summary.result(),
    parts,
    scratch: memoryParts(),
    table: async (name, schema) => {
      const sink = memorySink();
      sinks.set(name, sink);
      return parquetWriter(sink, schema);
    },
    memory: 2 ** 30,
  });
  return Object.fromEntries([...sinks].map(([name, sink]) => [name, sumOf(sink.bytes())]));
}

/** A store that stops the run when `puts` parts are on it. */
function stopping(store: PartStore, puts: number): PartStore {
  let left = puts;
  return {
    ...store,
    async put(name, bytes) {
      if (left-- === 0) throw new CancelledError();
      await store.put(name, bytes);
    },
  };
}

describe.each(MAPS)("$name", ({ name, start }) => {
  const kind = name === "trans" ? "trans" : "cis";

  test("has several parts, and the summary of a plain run", async () => {
    const run = start();
    for await (const batch of run) expect(batch.part).toBeGreaterThanOrEqual(0);
    const parts = await wholeParts(start);
    expect((await partNames(parts)).length).toBeGreaterThan(2);
    const again = start();
    const summary = again.summary();
    for await (const part of storedParts(parts)) summary.add(part);
    expect(summary.result()).toEqual(run.result());
    expect(run.result().counts.tests).toBeGreaterThan(100);
    expect(run.result().null.variant.length).toBeGreaterThan(100);
  });

  test("has the same parts whatever the memory", async () => {
    const least = 256 * 2 ** 20;
    expect(await bytesOf(await wholeParts(start, least))).toEqual(
      await bytesOf(await wholeParts(start, 2 ** 33)),
    );
  });

  test("stopped after any part, goes on to the same files, and does nothing twice", async () => {
    const whole = await wholeParts(start);
    const expected = await filesOf(kind, start(), whole);
    const names = await partNames(whole);
    for (let stop = 0; stop < names.length; stop++) {
      const store = memoryParts();
      await expect(completeParts(start(), stopping(store, stop))).rejects.toThrow(CancelledError);
      const stored = await checkParts(store);
      expect(stored).toEqual({ whole: new Set(Array.from({ length: stop }, (_, i) => i)), damaged: [] });
      const done = await completeParts(start(), stopping(store, names.length - stop), { stored });
      expect(done).toMatchObject({ kept: stop, parts: names.length });
      expect(await filesOf(kind, start(), store), `stopped after ${stop}`).toEqual(expected);
    }
  });

  test("the shards of any number of them are the parts of one run, each once", async () => {
    const whole = await bytesOf(await wholeParts(start));
    for (const count of [2, whole.size + 2]) {
      const together = new Map<string, string>();
      for (let index = 1; index <= count; index++) {
        const store = memoryParts();
        await completeParts(start(), store, { shard: { index, count } });
        for (const [part, bytes] of await bytesOf(store)) {
          expect(together.has(part)).toBe(false);
          together.set(part, bytes);
        }
      }
      expect(together, `${count} shards`).toEqual(whole);
    }
  });

  test("parts that are cut short, damaged, of another name or missing are found, and done again", async () => {
    const whole = await wholeParts(start);
    const names = await partNames(whole);
    const [first, second] = [await whole.get(names[0]!), await whole.get(names[1]!)];
    const flipped = first.slice();
    flipped[Math.floor(flipped.length / 2)]! ^= 4;
    for (const [what, bytes] of [
      ["a bit", flipped],
      ["cut", first.slice(0, first.length - 8)],
      ["empty", new Uint8Array(0)],
      ["zeros", new Uint8Array(first.length)],
      ["another part", second],
    ] as const) {
      const store = memoryParts();
      for (const part of names) await store.put(part, await whole.get(part));
      await store.put(names[0]!, bytes);
      await store.delete(names.at(-1)!);
      const stored = await checkParts(store);
      expect(stored.damaged, what).toEqual([names[0]]);
      expect(stored.whole.size, what).toBe(names.length - 2);
      await completeParts(start(), store, { stored });
      expect(await bytesOf(store), what).toEqual(await bytesOf(whole));
    }
  });
});

test("a part with many pairs comes in pieces, and is whole only with the last", async () => {
  const tables = randomTables(8, { samples: 9, variants: 900, genes: 420, covariates: 0 });
  const cohort = buildCohort({ ...tables, covariates: undefined }, { maf: 0.05 });
  const start = (): MapRun => mapTrans(cohort, { backend, pValue: 1, allPairs: true });
  const store = await wholeParts(start);
  const names = await partNames(store);
  expect(names.length).toBeGreaterThan(1);
  expect((await checkParts(store)).whole).toEqual(new Set([0]));
  for (const lost of names) {
    const bytes = await store.get(lost);
    await store.delete(lost);
    expect((await checkParts(store)).whole, `without ${lost}`).toEqual(new Set());
    await store.put(lost, bytes);
  }
});

test("a gap in the parts is an error, not a shorter map", async () => {
  const parts = await wholeParts(MAPS[0]!.start);
  await parts.delete((await partNames(parts))[1]!);
  const summary = MAPS[0]!.start().summary();
  await expect(async () => {
    for await (const part of storedParts(parts)) summary.add(part);
  }).rejects.toThrow("part 1: is missing");
});

test("shards are runs of parts that cover the plan, none far above its share", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const next = random(seed);
    const pairs = Float64Array.from({ length: integer(next, 0, 60) }, () => integer(next, 0, 1000));
    const shards = integer(next, 1, 20);
    const starts = shardStarts(pairs, shards);
    expect(starts.length, `seed ${seed}`).toBe(shards + 1);
    expect([starts[0], starts[shards]], `seed ${seed}`).toEqual([0, pairs.length]);
    const weight = pairs.map((value) => value + 1);
    const total = weight.reduce((a, b) => a + b, 0);
    for (let s = 0; s < shards; s++) {
      expect(starts[s + 1]!, `seed ${seed}`).toBeGreaterThanOrEqual(starts[s]!);
      const own = weight.subarray(starts[s], starts[s + 1]).reduce((a, b) => a + b, 0);
      expect(own, `seed ${seed}, shard ${s}`).toBeLessThanOrEqual(total / shards + 1001);
    }
  }
});
