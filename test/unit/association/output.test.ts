import { expect, test } from "vitest";
import { falseDiscovery, ofTests, qAt, qSteps } from "../../../src/association/falseDiscovery.ts";
import { finishMap } from "../../../src/association/finish.ts";
import {
  distanceTo,
  droppedSchema,
  geneColumns,
  geneSchema,
  pairSchema,
} from "../../../src/association/output.ts";
import { PairColumns } from "../../../src/association/pairColumns.ts";
import { decodePart, encodePart, memoryParts, partName, partNames } from "../../../src/association/parts.ts";
import type { GeneTable, PairBatch } from "../../../src/association/tables.ts";
import { parquetWriter } from "../../../src/formats/parquet.ts";
import { type ReadTable, readParquet } from "../../../src/formats/parquetReader.ts";
import { bytesSource } from "../../../src/formats/source.ts";
import { type Column, memorySink, rowsOf } from "../../../src/formats/table.ts";
import { pow10 } from "../../../src/statistics/elementary.ts";
import { falseDiscoveryTable } from "../../../src/statistics/multiple.ts";
import { asPart, type FakeMap, fakeMap, fakeRun } from "../../helpers/fakeMap.ts";
import { integer, random } from "../../helpers/formats.ts";

const GENES: GeneTable = {
  id: ["plus", "minus", "none"],
  chromosome: ["chr1", "chr1", "chrX"],
  start: Int32Array.of(1000, 1000, 1000),
  end: Int32Array.of(2000, 2000, 2000),
  strand: ["+", "-", "."],
};

test("start distance is position - start; body distance is 0 inside and signed by the strand", () => {
  expect([0, 1, 2].map((g) => distanceTo(GENES, g, 400, "tss"))).toEqual([-600, -600, -600]);
  expect([0, 1, 2].map((g) => distanceTo(GENES, g, 400, "body"))).toEqual([-600, 600, -600]);
  expect([0, 1, 2].map((g) => distanceTo(GENES, g, 2001, "body"))).toEqual([1, -1, 1]);
  for (const inside of [1000, 1500, 2000]) {
    expect([0, 1, 2].map((g) => distanceTo(GENES, g, inside, "body"))).toEqual([0, 0, 0]);
  }
});

test("the layouts are those that are documented", () => {
  const names = (schema: { columns: readonly { name: string; type: string }[] }): string =>
    schema.columns.map(({ name, type }) => `${name}:${type[0]}`).join(" ");
  expect(names(pairSchema("cis"))).toBe(
    "phenotype_id:s variant_id:s start_distance:i af:d ma_samples:i ma_count:i pval_nominal:d slope:d slope_se:d log10_p:d chromosome:s position:i effect_allele:s other_allele:s",
  );
  expect(names(pairSchema("cis", "body"))).toContain("body_distance:i");
  expect(names(pairSchema("trans"))).toBe(
    "variant_id:s phenotype_id:s start_distance:i af:d ma_samples:i ma_count:i pval_nominal:d slope:d slope_se:d log10_p:d qval:d chromosome:s position:i effect_allele:s other_allele:s phenotype_chromosome:s phenotype_start:i gene_symbol:s gene_biotype:s",
  );
  expect(names(geneSchema())).toBe(
    "phenotype_id:s chromosome:s start:i end:i strand:s status:s num_var:i variant_id:s start_distance:i position:i effect_allele:s other_allele:s af:d ma_samples:i ma_count:i pval_nominal:d slope:d slope_se:d log10_p:d pval_bonferroni:d log10_p_bonferroni:d qval_bonferroni:d gene_symbol:s gene_biotype:s dominant_sample:s",
  );
  expect(names(droppedSchema())).toBe(
    "variant_id:s chromosome:s position:i effect_allele:s other_allele:s af:d ma_samples:i ma_count:i status:s",
  );
  expect(pairSchema("cis", "tss", { version: "1" }).metadata).toMatchObject({
    version: "1",
    effect_allele: expect.stringContaining("per copy of effect_allele"),
  });
});

test("a pair table's columns fit its schema, and p is 10^log10_p, 0 where that underflows", () => {
  const variants = {
    id: ["v1", "v2"],
    chromosome: ["1", "X"],
    position: Int32Array.of(1500, 700),
    effectAllele: ["A", "C"],
    otherAllele: ["G", "T"],
    af: Float64Array.of(0.25, 0.5),
    maSamples: Int32Array.of(3, 4),
    maCount: Int32Array.of(5, 6),
  };
  const batch: PairBatch = {
    part: 0,
    variants,
    dropped: { ...variants, status: ["constant", "excluded"] },
    variant: Uint32Array.of(0, 0, 1, 1),
    gene: Uint32Array.of(0, 2, 1, 2),
    slope: Float64Array.of(1, 2, 3, 4),
    slopeSe: Float64Array.of(5, 6, 7, 8),
    log10P: Float64Array.of(-2, -4000, -0.5, 0),
  };
  const trans = new PairColumns("trans", GENES, "tss", 4).columns(
    batch,
    1,
    4,
    Float64Array.of(0.1, 0.2, 0.3),
  );
  expect(rowsOf(trans, pairSchema("trans"))).toBe(3);
  expect(plain(trans)).toMatchObject({
    variant_id: ["v1", "v2", "v2"],
    phenotype_id: ["none", "minus", "none"],
    // Only X:700 and the gene on chrX share a chromosome.
    start_distance: [null, null, -300],
    af: [0.25, 0.5, 0.5],
    ma_samples: [3, 4, 4],
    ma_count: [5, 6, 6],
    pval_nominal: [0, pow10(-0.5), 1],
    slope: [2, 3, 4],
    slope_se: [6, 7, 8],
    log10_p: [-4000, -0.5, 0],
    qval: [0.1, 0.2, 0.3],
    chromosome: ["1", "X", "X"],
    position: [1500, 700, 700],
    effect_allele: ["A", "C", "C"],
    other_allele: ["G", "T", "T"],
    phenotype_chromosome: ["chrX", "chr1", "chrX"],
    phenotype_start: [1000, 1000, 1000],
    gene_symbol: [null, null, null],
    gene_biotype: [null, null, null],
  });
  const cis = new PairColumns("cis", GENES, "body", 4).columns(batch, 0, 4);
  expect(rowsOf(cis, pairSchema("cis", "body"))).toBe(4);
  expect(plain(cis)["body_distance"]).toEqual([0, null, null, -300]);
});

/** Columns as plain values, null where a null is written. */
function plain(columns: readonly Column[]): Record<string, (string | number | null)[]> {
  return Object.fromEntries(columns.map((column) => [column.name, plainValues(column)]));
}

function plainValues(column: Column): (string | number | null)[] {
  switch (column.type) {
    case "dictionary":
      return Array.from(column.index, (i) => column.values[i] || null);
    case "string":
      return column.values.map((value) => value || null);
    case "double":
      return rowValues(column).map((value) => (Number.isNaN(value) ? null : value));
    case "int32":
      return rowValues(column).map((value) => (value === column.missing ? null : value));
  }
}

function rowValues({ values, index }: Extract<Column, { type: "double" | "int32" }>): number[] {
  return index === undefined ? [...values] : Array.from(index, (i) => values[i]!);
}

test("a gene without a lead keeps its row and status, with null statistics", () => {
  const map = fakeMap(3, { kind: "cis", variants: 20, genes: 30, pairs: 25 });
  const columns = geneColumns(map.result.leads, map.genes, "tss");
  expect(rowsOf(columns, geneSchema("tss"))).toBe(30);
  const table = plain(columns);
  const without = map.result.leads.leadVariant.indexOf(-1);
  expect(without).toBeGreaterThanOrEqual(0);
  const row = Object.fromEntries(Object.entries(table).map(([name, values]) => [name, values[without]]));
  expect(row).toMatchObject({ status: "no-variants", num_var: 0, start: map.genes.start[without] });
  for (const name of "variant_id start_distance position effect_allele af ma_samples ma_count pval_nominal slope slope_se log10_p pval_bonferroni log10_p_bonferroni qval_bonferroni".split(
    " ",
  )) {
    expect(row[name], name).toBeNull();
  }
});

test("parts come back from their bytes as they were", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const { whole } = fakeMap(seed, { kind: "trans", variants: 40, genes: 9, pairs: seed * 10 });
    expect(decodePart(encodePart(asPart(whole)), "part"), `seed ${seed}`).toEqual(asPart(whole));
  }
});

/** Benjamini and Hochberg by the definition: the least p' m / rank(p') over all p' >= p. */
function slowQ(log10P: Float64Array, tests: number): number[] {
  const sorted = [...log10P].sort((a, b) => a - b);
  return Array.from(log10P, (value) => {
    let least = 1;
    sorted.forEach((other, i) => {
      if (other >= value) least = Math.min(least, (pow10(other) * tests) / (i + 1));
    });
    return least;
  });
}

test("q is the definition's, ties included, in memory and by ranges on the store", async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const next = random(seed);
    const pairs = integer(next, 0, 1200);
    const map = fakeMap(seed, { kind: "trans", variants: 50, genes: 9, pairs, ties: seed % 2 });
    const tests = pairs + integer(next, 0, 5 * pairs);
    const store = memoryParts();
    for await (const batch of fakeRun(map, seed, 300))
      await store.put(partName(batch.part), encodePart(asPart(batch)));
    const names = await partNames(store);
    const expected = slowQ(map.whole.log10P, tests);
    const theirs = falseDiscoveryTable(map.whole.log10P.slice(), tests);
    for (const memory of [1e9, 1]) {
      const q = await falseDiscovery(store, names, tests, { memory });
      const got: number[] = [];
      for (const name of names)
        got.push(...(await q.next(decodePart(await store.get(name), name).batch.log10P)));
      expect(got, `seed ${seed}, memory ${memory}`).toEqual(expected);
    }
    expected.forEach((value, i) => {
      const other = pow10(theirs.log10Q(map.whole.log10P[i]!));
      expect(Math.abs(value - other), `seed ${seed}, row ${i}`).toBeLessThanOrEqual(1e-12 * value);
    });
  }
});

test("ranges that are ranked one after the other give the q of the whole, to the last bit", async () => {
  const next = random(99);
  const rows = 60_000;
  const log10P = Float64Array.from({ length: rows }, () => Math.log10(1 - next()) * (next() < 0.1 ? 20 : 1));
  const { whole } = fakeMap(1, { kind: "trans", variants: 1, genes: 1, pairs: 1 });
  const batch = { ...whole, variant: new Uint32Array(rows), gene: new Uint32Array(rows), log10P };
  const store = memoryParts();
  await store.put(partName(0), encodePart(asPart({ ...batch, slope: log10P, slopeSe: log10P })));
  const used = new Set<string>();
  const watched = {
    ...store,
    put: async (name: string, bytes: Uint8Array) => {
      used.add(name.split("-").slice(0, 2).join("-"));
      await store.put(name, bytes);
    },
  };
  const q = (await (await falseDiscovery(watched, [partName(0)], rows, { memory: 1 })).next(log10P)).slice();
  // 4,096 hits a range at the least.
  expect(used.size).toBeGreaterThan(10);
  expect(await store.list()).toEqual([partName(0)]);
  const steps = qSteps(log10P.slice().sort(), ofTests(rows), 0, 1);
  expect(q).toEqual(log10P.map((value) => qAt(steps, value)));
});

test("tables hold the same bytes however the map is cut into parts and whatever the memory", async () => {
  for (const kind of ["cis", "trans"] as const) {
    for (let seed = 1; seed <= 6; seed++) {
      const map = fakeMap(seed, { kind, variants: 300, genes: 40, pairs: 1200 * (seed % 3), ties: 0.1 });
      const first = await finished(kind, map, 1, 5000, 1e9);
      expect(Object.keys(first).sort()).toEqual(
        [`${kind}_genes`, `${kind}_pairs`, "variants_dropped", "null_sample"].sort(),
      );
      for (const [cut, longest, memory] of [
        [2, 100, 1e9],
        [3, 700, 1],
        [4, 2000, 100_000],
      ] as const) {
        const again = await finished(kind, map, cut, longest, memory);
        for (const [name, bytes] of Object.entries(first)) {
          expect(Buffer.compare(bytes, again[name]!), `${name}, seed ${seed}, cut ${cut}`).toBe(0);
        }
      }
      const pairs = await read(first, `${kind}_pairs`);
      expect(pairs.rows).toBe(map.whole.variant.length);
      expect(pairs.columns["log10_p"]).toEqual([...map.whole.log10P]);
      expect(pairs.columns["variant_id"]).toEqual(Array.from(map.whole.variant, (v) => `rs${v}`));
      const dropped = await read(first, "variants_dropped");
      expect(dropped.columns["status"]).toEqual(map.whole.dropped.status);
      if (kind === "trans") {
        expect(pairs.columns["qval"]).toEqual(slowQ(map.whole.log10P, map.result.counts.tests));
      }
    }
  }
});

async function finished(
  kind: "cis" | "trans",
  map: FakeMap,
  cut: number,
  longest: number,
  memory: number,
): Promise<Record<string, Uint8Array>> {
  const parts = memoryParts();
  for await (const batch of fakeRun(map, cut, longest))
    await parts.put(partName(batch.part), encodePart(asPart(batch)));
  const sinks = new Map<string, ReturnType<typeof memorySink>>();
  await finishMap({
    kind,
    genes: map.genes,
    result: map.result,
    parts,
    memory,
    table: async (name, schema) => {
      const sink = memorySink();
      sinks.set(name, sink);
      return parquetWriter(sink, schema, 1024);
    },
  });
  return Object.fromEntries([...sinks].map(([name, sink]) => [name, sink.bytes()]));
}

async function read(tables: Record<string, Uint8Array>, name: string): Promise<ReadTable> {
  return readParquet(bytesSource(tables[name]!, name));
}
