import { parseHTML } from "linkedom";
import type {
  GeneTable,
  LeadTable,
  MapResult,
  PairBatch,
  VariantTable,
} from "../../../src/association/tables.ts";
import type { MapFacts } from "../../../src/report/mapFacts.ts";
import type { Canvas } from "../../../src/report/svg.ts";
import { nullSampleOf } from "../../helpers/nullSample.ts";

export const canvas: Canvas = { document: parseHTML("<!doctype html><html><body></body></html>").document };

/** Seeded uniform numbers (mulberry32). */
export function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface FakePair {
  readonly chromosome: string;
  readonly position: number;
  readonly gene: number;
  readonly log10P: number;
}

/** A batch of pairs, each with a variant of its own. */
export function batchOf(pairs: readonly FakePair[], part = 0): PairBatch {
  const numbers = new Float64Array(pairs.length);
  return {
    part,
    variants: variantTable(pairs.map((pair) => ({ ...pair, id: variantId(pair) }))),
    dropped: { ...variantTable([]), status: [] },
    variant: Uint32Array.from(pairs.keys()),
    gene: Uint32Array.from(pairs, (pair) => pair.gene),
    slope: numbers,
    slopeSe: numbers,
    log10P: Float64Array.from(pairs, (pair) => pair.log10P),
  };
}

export function variantId(pair: FakePair): string {
  return `${pair.chromosome}:${pair.position}`;
}

export function variantTable(
  variants: readonly { readonly id: string; readonly chromosome: string; readonly position: number }[],
): VariantTable {
  return {
    id: variants.map((variant) => variant.id),
    chromosome: variants.map((variant) => variant.chromosome),
    position: Int32Array.from(variants, (variant) => variant.position),
    effectAllele: variants.map(() => "T"),
    otherAllele: variants.map(() => "C"),
    af: new Float64Array(variants.length).fill(0.25),
    maSamples: new Int32Array(variants.length).fill(40),
    maCount: new Int32Array(variants.length).fill(50),
  };
}

/** Three genes on chromosome 1 (strands + - .) and one on X. */
export const genes: GeneTable = {
  id: ["GENE1", "GENE2", "GENE3", "GENE4"],
  chromosome: ["chr1", "chr1", "chr1", "chrX"],
  start: Int32Array.of(1_000, 20_000, 50_000, 700),
  end: Int32Array.of(2_000, 24_000, 51_000, 900),
  strand: ["+", "-", ".", "+"],
};

/** Leads of {@link genes}: GENE3 has no variants, GENE4's lead is on chromosome 1. */
export const leads: LeadTable = {
  status: ["ok", "ok", "no-variants", "ok"],
  numVariants: Float64Array.of(100, 80, 0, 500),
  leadVariant: Int32Array.of(3, 8, -1, 4),
  lead: variantTable([
    { id: "rs1", chromosome: "1", position: 1_500 },
    { id: "rs2", chromosome: "1", position: 25_000 },
    { id: "", chromosome: "", position: 0 },
    { id: "rs4", chromosome: "1", position: 1_800 },
  ]),
  slope: Float64Array.of(-0.5, 0.25, Number.NaN, 0.1),
  slopeSe: Float64Array.of(0.05, 0.06, Number.NaN, 0.09),
  log10P: Float64Array.of(-20, -400, Number.NaN, -0.5),
  log10Bonferroni: Float64Array.of(-18, -398, Number.NaN, 0),
  qBonferroni: Float64Array.of(1.5e-18, 0, Number.NaN, 1),
};

export const result: MapResult = {
  leads,
  null: nullSampleOf(Float64Array.of(-0.1, -0.5, -1.2, -0.3), 1.0123),
  tables: {},
  counts: {
    tests: 680,
    hits: 12,
    candidates: 13,
    pairsScreened: 700,
    pairsBy: { reference: 700 },
    backend: "wasm",
    variantsRead: 1_000,
    variantsTested: 900,
    dropped: { "filtered-maf": 88, constant: 12, collinear: 0 },
    genes: { ok: 3, "no-variants": 1 },
  },
};

export function facts(changes: Partial<MapFacts> = {}): MapFacts {
  return {
    map: { kind: "cis", window: 1_000_000, anchor: "tss" },
    version: "1.2.3",
    command: "qortex cis --genotypes a --expression b",
    seed: 7,
    significantQ: 0.05,
    result,
    messages: [],
    files: [],
    cohort: {
      tables: {
        genotypes: { name: "data/geno.bed" },
        expression: { name: "data/expression.bed.gz" },
        covariates: { name: "data/covariates.tsv" },
      },
      filters: { maf: 0.01, mac: 0, callRate: 0, hwe: 0 },
      transform: "none",
      model: "ols",
      degreesOfFreedom: 95,
      genes,
      report: {
        used: 100,
        genotypesOnly: [],
        expressionOnly: [],
        covariatesOnly: [],
        withoutCovariates: [],
        withoutContexts: [],
        removed: 0,
        unknown: [],
        covariatesUsed: ["PC1", "PC2", "batch=B"],
        covariatesDropped: [],
      },
    },
    ...changes,
  };
}
