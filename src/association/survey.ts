import { COLLINEAR, type Cohort } from "../cohort/cohort.ts";
import { DosageReader, decodeDosages } from "../cohort/dosages.ts";
import {
  alleleStatistics,
  centredSquare,
  countCalls,
  meanDosage,
  STATUS_CODE,
  type VariantScan,
} from "../cohort/variants.ts";
import type { Backend, LoadedColumns } from "../compute/backend.ts";
import { residualise } from "../statistics/linalg.ts";
import { type DosageRows, denseProducts, keptRemainders } from "./dosageRows.ts";

/**
 * The variants of a run of the source that pass the filters, packed tightly, with what every test of
 * them needs; and the status of the others.
 */
export interface Survey {
  /** The run of the source: `start` to `end` (exclusive). */
  readonly start: number;
  readonly end: number;
  /** Index in the source of each row, ascending. */
  readonly index: Uint32Array;
  readonly rows: DosageRows;
  /** Norm of the residual genotypes; 0 for a collinear row, which is never tested. */
  readonly norm: Float64Array;
  readonly af: Float64Array;
  readonly maSamples: Int32Array;
  readonly maCount: Int32Array;
  /** Status code of every variant of the run, by offset from `start`. */
  readonly status: Uint8Array;
  /** Allele statistics of every variant of the run, tested or not: for the table of dropped ones. */
  readonly all: { readonly af: Float64Array; readonly maSamples: Int32Array; readonly maCount: Int32Array };
}

/** What a survey is made with; `basis` holds the covariates' basis on the backend, where there is one. */
export interface Surveyor {
  readonly cohort: Cohort;
  readonly backend: Backend;
  readonly scan: VariantScan;
  readonly basis: LoadedColumns | undefined;
}

/**
 * Reads and surveys variants `start` to `end` (exclusive) of the source. Without `tests` the norms are left
 * 0 and collinear variants are not told apart: for variants that are only reported.
 */
export async function survey(
  surveyor: Surveyor,
  start: number,
  end: number,
  signal?: AbortSignal,
  tests = true,
): Promise<Survey> {
  const { cohort, scan } = surveyor;
  const block = await cohort.tables.genotypes.read(start, end, cohort.report.genotypeIndex);
  const n = block.samples;
  const { one, two, missing } = countCalls(block);
  const status = scan.status.slice(start, end);
  const all = {
    af: new Float64Array(block.count),
    maSamples: new Int32Array(block.count),
    maCount: new Int32Array(block.count),
  };
  const dosages = new DosageReader(block);
  const kept: number[] = [];
  const fill: number[] = [];
  const centred: number[] = [];
  for (let v = 0; v < block.count; v++) {
    const sums = dosages.sums(v);
    const alleles = sums ?? alleleStatistics(one[v]!, two[v]!, missing[v]!, n);
    all.af[v] = alleles.af;
    all.maSamples[v] = alleles.maSamples;
    all.maCount[v] = alleles.maCount;
    if (status[v] !== STATUS_CODE.ok) continue;
    kept.push(v);
    fill.push(sums?.mean ?? meanDosage(one[v]!, two[v]!, missing[v]!, n));
    centred.push(sums?.centred ?? centredSquare(one[v]!, two[v]!, missing[v]!, n));
  }
  const packed = new Uint8Array(kept.length * block.stride);
  kept.forEach((v, row) => {
    packed.set(block.packed.subarray(v * block.stride, (v + 1) * block.stride), row * block.stride);
  });
  const rows: DosageRows = {
    kind: "calls",
    count: kept.length,
    samples: n,
    stride: block.stride,
    packed,
    fill: Float64Array.from(fill),
    remainder: keptRemainders(block.remainder, kept),
  };
  const norm = tests
    ? await residualNorms(surveyor, rows, Float64Array.from(centred), signal)
    : new Float64Array(kept.length);
  norm.forEach((value, row) => {
    if (tests && value === 0) status[kept[row]!] = STATUS_CODE.collinear;
  });
  return {
    start,
    end,
    index: Uint32Array.from(kept, (v) => start + v),
    rows,
    norm,
    af: Float64Array.from(kept, (v) => all.af[v]!),
    maSamples: Int32Array.from(kept, (v) => all.maSamples[v]!),
    maCount: Int32Array.from(kept, (v) => all.maCount[v]!),
    status,
    all,
  };
}

// Below this share |g|^2 - |Q'g|^2 has lost digits: the residual is formed and its norm taken.
const CANCELLATION = 0.01;

/** |g - QQ'g| of each row from |g - mean|^2 - |Q'g|^2, or 0 where less than COLLINEAR is left. */
async function residualNorms(
  { cohort, backend, basis }: Surveyor,
  rows: DosageRows,
  centred: Float64Array,
  signal: AbortSignal | undefined,
): Promise<Float64Array> {
  if (basis === undefined || rows.count === 0) return centred.map(Math.sqrt);
  const products = await denseProducts(backend, rows, basis, undefined, signal);
  const g = new Float64Array(rows.samples);
  return centred.map((total, row) => {
    let explained = 0;
    for (let c = 0; c < basis.count; c++) {
      const product = products[c * rows.count + row]!;
      explained += product * product;
    }
    let left = total - explained;
    if (left < CANCELLATION * total) {
      decodeDosages(rows, row, rows.fill[row]!, g);
      residualise(g, 0, rows.samples, cohort.genotypeBasis);
      left = 0;
      for (const value of g) left += value * value;
    }
    return left < COLLINEAR * total ? 0 : Math.sqrt(left);
  });
}
