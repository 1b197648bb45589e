import { type MapPart, NO_COUNTS } from "../../src/association/mapPart.ts";
import { MapSummary } from "../../src/association/summary.ts";
import type {
  CohortMarks,
  GeneTable,
  MapResult,
  MapRun,
  PairBatch,
  VariantStatus,
} from "../../src/association/tables.ts";
import { integer, random } from "./formats.ts";
import { nullSampleOf } from "./nullSample.ts";

/** All pairs of a made-up map, before they are cut into parts. */
export interface FakeMap {
  readonly genes: GeneTable;
  readonly result: MapResult;
  readonly whole: PairBatch;
}

export interface FakeMapOptions {
  readonly kind: "cis" | "trans";
  readonly variants: number;
  readonly genes: number;
  readonly pairs: number;
  /** Share of pairs whose p repeats another's. */
  readonly ties?: number;
}

const DROPPED: readonly VariantStatus[] = ["filtered-maf", "constant", "excluded"];
const ALLELES = ["A", "C", "G", "T", "AT"];

/** Random pairs in output order with made-up statistics; the same for the same seed. */
export function fakeMap(seed: number, options: FakeMapOptions): FakeMap {
  const next = random(seed);
  const genes = fakeGenes(next, options.genes);
  const names = Array.from({ length: options.variants }, (_, v) => v);
  const variants = {
    ...fakeLabels(next, names),
    af: Float64Array.from(names, () => integer(next, 1, 99) / 100),
    maSamples: Int32Array.from(names, () => integer(next, 1, 50)),
    maCount: Int32Array.from(names, () => integer(next, 1, 90)),
  };
  const keys = Array.from({ length: options.pairs }, () => ({
    variant: integer(next, 0, options.variants - 1),
    gene: integer(next, 0, options.genes - 1),
  })).sort((a, b) =>
    options.kind === "cis"
      ? a.gene - b.gene || a.variant - b.variant
      : a.variant - b.variant || a.gene - b.gene,
  );
  const log10P = Float64Array.from(keys, () => Math.log10(1 - next()) * integer(next, 1, 30));
  for (let i = 1; i < log10P.length; i++) {
    if (next() < (options.ties ?? 0)) log10P[i] = log10P[integer(next, 0, i - 1)]!;
  }
  const whole: PairBatch = {
    part: 0,
    variants,
    dropped: fakeDropped(next, integer(next, 0, 50)),
    variant: Uint32Array.from(keys, (key) => key.variant),
    gene: Uint32Array.from(keys, (key) => key.gene),
    slope: Float64Array.from(keys, () => next() - 0.5),
    slopeSe: Float64Array.from(keys, () => next()),
    log10P,
  };
  return { genes, whole, result: fakeResult(whole, genes, next) };
}

/** Of a cohort that is not there. */
export const FAKE_MARKS: CohortMarks = {
  "qortex.samples": "10 (0)",
  "qortex.model": "ols",
  "qortex.transform": "none",
  "qortex.covariance": "none",
  "qortex.covariates": "0 (0)",
  "qortex.degrees_of_freedom": "8",
};

/** The map as a run whose parts hold random numbers of rows (none, sometimes), from the seed `cut`. */
export function fakeRun(map: FakeMap, cut: number, longest: number): MapRun {
  const summary = (): MapSummary => {
    const { status } = map.result.leads;
    return new MapSummary({ geneStatus: status, variantsRead: 0, backend: "fake" });
  };
  return {
    genes: map.genes,
    marks: FAKE_MARKS,
    result: () => map.result,
    summary,
    async *parts() {
      for await (const batch of this) yield asPart(batch);
    },
    async *[Symbol.asyncIterator]() {
      const next = random(cut);
      const { whole } = map;
      const droppedCount = whole.dropped.id.length;
      let from = 0;
      let droppedFrom = 0;
      for (let part = 0; from < whole.variant.length || droppedFrom < droppedCount; part++) {
        const to = Math.min(whole.variant.length, from + integer(next, 0, longest));
        const droppedTo =
          to === whole.variant.length
            ? droppedCount
            : Math.min(droppedCount, droppedFrom + integer(next, 0, 9));
        yield cutBatch(whole, part, from, to, droppedFrom, droppedTo);
        from = to;
        droppedFrom = droppedTo;
      }
    },
  };
}

/** A batch as a part of its own, that adds nothing else to the map. */
export function asPart(batch: PairBatch): MapPart {
  return { number: batch.part, piece: 0, last: true, batch, counts: NO_COUNTS, tables: {} };
}

/** Rows `from` to `to`, with a variant table of only the variants they name, as a part has. */
function cutBatch(
  whole: PairBatch,
  part: number,
  from: number,
  to: number,
  droppedFrom: number,
  droppedTo: number,
): PairBatch {
  const used = [...new Set(whole.variant.subarray(from, to))].sort((a, b) => a - b);
  const row = new Map(used.map((v, i) => [v, i]));
  const { variants, dropped } = whole;
  const pick = (values: readonly string[]): string[] => used.map((v) => values[v]!);
  return {
    part,
    variants: {
      id: pick(variants.id),
      chromosome: pick(variants.chromosome),
      position: Int32Array.from(used, (v) => variants.position[v]!),
      effectAllele: pick(variants.effectAllele),
      otherAllele: pick(variants.otherAllele),
      af: Float64Array.from(used, (v) => variants.af[v]!),
      maSamples: Int32Array.from(used, (v) => variants.maSamples[v]!),
      maCount: Int32Array.from(used, (v) => variants.maCount[v]!),
    },
    dropped: {
      id: dropped.id.slice(droppedFrom, droppedTo),
      chromosome: dropped.chromosome.slice(droppedFrom, droppedTo),
      position: dropped.position.slice(droppedFrom, droppedTo),
      effectAllele: dropped.effectAllele.slice(droppedFrom, droppedTo),
      otherAllele: dropped.otherAllele.slice(droppedFrom, droppedTo),
      af: dropped.af.slice(droppedFrom, droppedTo),
      maSamples: dropped.maSamples.slice(droppedFrom, droppedTo),
      maCount: dropped.maCount.slice(droppedFrom, droppedTo),
      status: dropped.status.slice(droppedFrom, droppedTo),
    },
    variant: whole.variant.slice(from, to).map((v) => row.get(v)!),
    gene: whole.gene.slice(from, to),
    slope: whole.slope.slice(from, to),
    slopeSe: whole.slopeSe.slice(from, to),
    log10P: whole.log10P.slice(from, to),
  };
}

function fakeGenes(next: () => number, count: number): GeneTable {
  const start = Int32Array.from({ length: count }, (_, g) => 1000 + g * 500 + integer(next, 0, 400));
  return {
    id: Array.from({ length: count }, (_, g) => `ENSG${String(g).padStart(11, "0")}`),
    chromosome: Array.from({ length: count }, (_, g) => (g % 2 === 0 ? "chr1" : "chr2")),
    start,
    end: start.map((first) => first + integer(next, 0, 3000)),
    strand: Array.from({ length: count }, () => "+-."[integer(next, 0, 2)]!),
  };
}

function fakeLabels(next: () => number, names: readonly number[]) {
  return {
    id: names.map((v) => `rs${v}`),
    chromosome: names.map((v) => (v * 2 < names.length ? "1" : "2")),
    position: Int32Array.from(names, (v) => 900 + v * 37),
    effectAllele: names.map(() => ALLELES[integer(next, 0, 4)]!),
    otherAllele: names.map(() => ALLELES[integer(next, 0, 4)]!),
  };
}

function fakeDropped(next: () => number, count: number): PairBatch["dropped"] {
  const names = Array.from({ length: count }, (_, v) => v);
  return {
    ...fakeLabels(next, names),
    af: Float64Array.from(names, () => next()),
    maSamples: Int32Array.from(names, (v) => v),
    maCount: Int32Array.from(names, (v) => 2 * v),
    status: names.map(() => DROPPED[integer(next, 0, 2)]!),
  };
}

function fakeResult(whole: PairBatch, genes: GeneTable, next: () => number): MapResult {
  const count = genes.id.length;
  const row = Int32Array.from({ length: count }, (_, g) => whole.gene.indexOf(g));
  const ofRow = (values: Float64Array): Float64Array =>
    Float64Array.from(row, (r) => (r < 0 ? Number.NaN : values[r]!));
  const variantOf = (g: number): number => (row[g]! < 0 ? -1 : whole.variant[row[g]!]!);
  const all = Array.from({ length: count }, (_, g) => variantOf(g));
  const text = (values: readonly string[]): string[] => all.map((v) => (v < 0 ? "" : values[v]!));
  const int = (values: Int32Array): Int32Array => Int32Array.from(all, (v) => (v < 0 ? 0 : values[v]!));
  const { variants } = whole;
  const log10P = ofRow(whole.log10P);
  return {
    leads: {
      status: all.map((v) => (v < 0 ? "no-variants" : "ok")),
      numVariants: Float64Array.from(all, (v) => (v < 0 ? 0 : 10)),
      leadVariant: Int32Array.from(all),
      lead: {
        id: text(variants.id),
        chromosome: text(variants.chromosome),
        position: int(variants.position),
        effectAllele: text(variants.effectAllele),
        otherAllele: text(variants.otherAllele),
        af: Float64Array.from(all, (v) => (v < 0 ? 0 : variants.af[v]!)),
        maSamples: int(variants.maSamples),
        maCount: int(variants.maCount),
      },
      slope: ofRow(whole.slope),
      slopeSe: ofRow(whole.slopeSe),
      log10P,
      log10Bonferroni: log10P.map((value) => Math.min(0, value + 1)),
      qBonferroni: log10P.map((value) => (Number.isNaN(value) ? value : next())),
    },
    null: nullSampleOf(Float64Array.of(-0.3), 1),
    tables: {},
    counts: {
      tests: whole.variant.length * 3,
      hits: whole.variant.length,
      candidates: whole.variant.length,
      pairsScreened: whole.variant.length * 3,
      pairsBy: { reference: whole.variant.length * 3 },
      backend: "fake",
      variantsRead: variants.id.length,
      variantsTested: variants.id.length,
      dropped: {},
      genes: {},
    },
  };
}
