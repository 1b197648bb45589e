import { beforeAll, expect, test } from "vitest";
import type { MapRun } from "../../../src/association/tables.ts";
import { type CohortShape, DEFAULT_SHAPE, MadeCohort } from "../../../src/bench/cohort.ts";
import type { Cohort } from "../../../src/cohort/cohort.ts";
import { openSources } from "../../../src/cohort/open.ts";
import type { Backend } from "../../../src/compute/backend.ts";
import { isShared } from "../../../src/compute/sharedMemory.ts";
import { createWasmBackend } from "../../../src/compute/wasm/backend.ts";
import { type ByteSource, bytesSource, mapCis, mapTrans } from "../../../src/core.ts";
import { inflateGzip } from "../../../src/node/inflate.ts";

/**
 * What whole maps do, counted and not timed, on a cohort that is always the same. A budget that is passed is a
 * regression, however fast the machine: more bytes read, more products asked for, more pairs refined than there were.
 * One that is met with room to spare may be lowered.
 */
const SHAPE: CohortShape = {
  ...DEFAULT_SHAPE,
  samples: 203,
  variants: 20_000,
  genes: 120,
  covariates: 5,
  scale: 0.05,
  cis: 20,
  trans: 10,
};
const BED_BYTES = 3 + SHAPE.variants * Math.ceil(SHAPE.samples / 4);

interface Work {
  /** Of the .bed. */
  bytesRead: number;
  reads: number;
  products: number;
  /** Of thresholds that a thread would have to be sent a copy of with each product. */
  thresholdBytes: number;
  pairsFormed: number;
  batches: number;
  rowsWritten: number;
}

/** Counts what is read, and what is asked of the backend. */
function counting(work: Work, backend: Backend): Backend {
  return {
    ...backend,
    async product(factors, epilogue, signal) {
      work.products += 1;
      if (epilogue.kind === "candidates" && !isShared(epilogue.threshold)) {
        work.thresholdBytes += epilogue.threshold.byteLength;
      }
      const result = await backend.product(factors, epilogue, signal);
      work.pairsFormed += result.pairs;
      return result;
    },
  };
}

const bytes = { bed: new Uint8Array(BED_BYTES), bim: "", fam: "", expression: "", covariates: "" };

beforeAll(() => {
  const made = new MadeCohort(SHAPE);
  let at = 0;
  for (const { bed, bim } of made.genotypes()) {
    bytes.bed.set(bed, at);
    at += bed.length;
    bytes.bim += bim;
  }
  expect(at).toBe(BED_BYTES);
  bytes.fam = made.fam();
  bytes.expression = [...made.expression()].join("");
  bytes.covariates = made.covariates();
});

async function counted(start: (cohort: Cohort, backend: Backend) => MapRun) {
  const work: Work = {
    ...{ bytesRead: 0, reads: 0, products: 0, thresholdBytes: 0, pairsFormed: 0, batches: 0, rowsWritten: 0 },
  };
  const text = (content: string, name: string) => bytesSource(new TextEncoder().encode(content), name);
  const calls = bytesSource(bytes.bed, "made.bed");
  const bed: ByteSource = {
    ...calls,
    read(from, to) {
      work.reads += 1;
      work.bytesRead += to - from;
      return calls.read(from, to);
    },
  };
  const cohort = await openSources(
    {
      genotypes: { bed, bim: text(bytes.bim, "made.bim"), fam: text(bytes.fam, "made.fam") },
      expression: text(bytes.expression, "made.bed"),
      covariates: text(bytes.covariates, "covariates.tsv"),
    },
    inflateGzip,
  );
  const backend = await createWasmBackend();
  const run = start(cohort, counting(work, backend));
  for await (const { gene } of run) {
    work.batches += 1;
    work.rowsWritten += gene.length;
  }
  await backend.dispose();
  const { counts } = run.result();
  return { work, counts, candidatesPerHit: counts.candidates / Math.max(1, counts.hits) };
}

/** `spent` is at most `budget`, entry by entry; the message shows both. */
function expectWithin(
  spent: Readonly<Record<string, number>>,
  budget: Readonly<Record<string, number>>,
): void {
  const over = Object.entries(budget).filter(([name, most]) => !(spent[name]! <= most));
  expect(over.map(([name, most]) => `${name}: ${spent[name]}, budget ${most}`)).toEqual([]);
}

/** Twice through the calls: once to filter, once to test. */
const TWICE = 2 * BED_BYTES;

test("trans at p <= 1e-4 stays within its budget", async () => {
  const pValue = 1e-4;
  const { work, counts, candidatesPerHit } = await counted((cohort, backend) =>
    mapTrans(cohort, { backend, pValue }),
  );
  // The work is that of a whole map: a budget of nothing is easily kept.
  expect(counts.variantsRead).toBe(SHAPE.variants);
  expect(counts.hits).toBeGreaterThan(counts.tests * pValue * 0.8);
  expect(work.rowsWritten).toBe(counts.hits);
  expectWithin(
    { ...work, candidatesPerHit },
    {
      bytesRead: TWICE,
      reads: 9,
      products: 8,
      thresholdBytes: 0,
      // Tested variants with every gene, and with every covariate for the norms.
      pairsFormed: counts.variantsTested * (SHAPE.genes + SHAPE.covariates),
      batches: 3,
      // int8 integers, which let more pairs pass to be refined where they were screened.
      candidatesPerHit: 5,
    },
  );
});

test("cis stays within its budget", async () => {
  const { work, counts, candidatesPerHit } = await counted((cohort, backend) => mapCis(cohort, { backend }));
  expect(counts.tests).toBeGreaterThan(20_000);
  expect(work.rowsWritten).toBe(counts.tests);
  expectWithin(
    { ...work, candidatesPerHit },
    {
      bytesRead: TWICE,
      reads: 16,
      products: 32,
      // Pairs within 1 Mb only, and the covariates.
      pairsFormed: counts.tests + counts.variantsTested * SHAPE.covariates,
      batches: 22,
      candidatesPerHit: 1,
    },
  );
});
