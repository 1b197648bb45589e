/** Both sides of a product, made up from a seed: what the benchmarks of bare products multiply. */
import type { DosageRows } from "../association/dosageRows.ts";
import { decodeDosages } from "../cohort/dosages.ts";
import type { Columns, RealRows } from "../compute/backend.ts";
import type { Remainders } from "../formats/genotypes.ts";
import { drawCalls, packCalls } from "./genotypes.ts";
import { type Random, seededRandom } from "./random.ts";

/** How the genotypes come: `imputed` has 7% of its dosages between the whole numbers, `dense` all of them. */
export type RowKind = "calls" | "imputed" | "dense";

/** Share of dosages that are no whole numbers. */
const FRACTIONAL: Readonly<Record<RowKind, number>> = { calls: 0, imputed: 0.07, dense: 1 };

/** Variants and genes over the same samples; `norm` is that of each centred row. */
export interface Operands {
  readonly kind: RowKind;
  readonly samples: number;
  readonly rows: DosageRows;
  readonly norm: Float64Array;
  readonly columns: Columns;
}

export interface OperandShape {
  readonly kind: RowKind;
  readonly samples: number;
  readonly variants: number;
  readonly genes: number;
  readonly seed: number;
}

export function makeOperands({ kind, samples, variants, genes, seed }: OperandShape): Operands {
  const random = seededRandom(seed);
  const columns = normalColumns(random, genes, samples);
  const rows = genotypeRows(random, kind, variants, samples);
  return { kind, samples, rows, norm: centredNorms(rows), columns };
}

/** The first rows and columns of operands, as operands. */
export function corner(operands: Operands, variants: number, genes: number): Operands {
  const { rows, columns, norm, samples } = operands;
  const count = Math.min(variants, rows.count);
  const width = Math.min(genes, columns.count);
  const { remainder } = rows;
  const last = remainder === undefined ? 0 : remainder.offset[count]!;
  return {
    ...operands,
    rows: {
      ...rows,
      count,
      packed: rows.packed.subarray(0, count * rows.stride),
      fill: rows.fill.subarray(0, count),
      remainder: remainder && {
        offset: remainder.offset.subarray(0, count + 1),
        sample: remainder.sample.subarray(0, last),
        value: remainder.value.subarray(0, last),
      },
    },
    norm: norm.subarray(0, count),
    columns: { ...columns, count: width, values: columns.values.subarray(0, width * samples) },
  };
}

/** The columns as rows: one side of a correlation of genes with genes. */
export function geneRows({ count, samples, values }: Columns): RealRows {
  return { kind: "real", count, samples, values };
}

/** Normal noise, centred and of norm 1. */
function normalColumns(random: Random, count: number, samples: number): Columns {
  const values = new Float64Array(count * samples);
  for (let j = 0; j < count; j++) {
    const e = values.subarray(j * samples, (j + 1) * samples);
    let sum = 0;
    for (let s = 0; s < samples; s++) {
      e[s] = random.normal();
      sum += e[s]!;
    }
    let square = 0;
    for (let s = 0; s < samples; s++) {
      e[s]! -= sum / samples;
      square += e[s]! * e[s]!;
    }
    const norm = Math.sqrt(square);
    for (let s = 0; s < samples; s++) e[s]! /= norm;
  }
  return { count, samples, values, standardised: true };
}

function genotypeRows(random: Random, kind: RowKind, count: number, samples: number): DosageRows {
  const stride = Math.ceil(samples / 4);
  const packed = new Uint8Array(count * stride);
  const calls = new Uint8Array(samples);
  const offset = new Uint32Array(count + 1);
  const sample: number[] = [];
  const value: number[] = [];
  for (let row = 0; row < count; row++) {
    drawCalls(calls, 0, random);
    if (kind !== "calls") drawRemainders(calls, FRACTIONAL[kind], random, sample, value);
    packCalls(calls, [0, 1, 2, 3], packed, row * stride);
    offset[row + 1] = sample.length;
  }
  const remainder: Remainders | undefined =
    kind === "calls"
      ? undefined
      : { offset, sample: Uint32Array.from(sample), value: Float64Array.from(value) };
  return { kind: "calls", count, samples, stride, packed, fill: new Float64Array(count), remainder };
}

/** Dosages of three decimals, as imputation writes them, less than half a copy from their call and within 0 and 2. */
function drawRemainders(
  calls: Uint8Array,
  share: number,
  random: Random,
  sample: number[],
  value: number[],
): void {
  for (let s = 0; s < calls.length; s++) {
    if (random.uniform() >= share) continue;
    const thousandths = 1 + random.below(498);
    const up = calls[s] === 0 || (calls[s] === 1 && random.uniform() < 0.5);
    const dosage = (1000 * calls[s]! + (up ? thousandths : -thousandths)) / 1000;
    sample.push(s);
    value.push(dosage - calls[s]!);
  }
}

function centredNorms(rows: DosageRows): Float64Array {
  const g = new Float64Array(rows.samples);
  return Float64Array.from({ length: rows.count }, (_, row) => {
    decodeDosages(rows, row, 0, g);
    let sum = 0;
    for (const dosage of g) sum += dosage;
    let square = 0;
    for (const dosage of g) square += (dosage - sum / rows.samples) * (dosage - sum / rows.samples);
    return Math.sqrt(square);
  });
}
