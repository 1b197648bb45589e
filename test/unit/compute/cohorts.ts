/** Random and adversarial products for the conformance suite. */
import type { CallRows, Columns, RealRows, Rows, Windows } from "../../../src/compute/backend.ts";
import { canonicalDot, readRow } from "../../../src/compute/exact.ts";
import { type Digits, quantise } from "../../../src/compute/screen/columns.ts";
import {
  emptyPanels,
  type Group,
  PANEL_GENES,
  panelLength,
  quantisePanelColumn,
  STRETCH,
} from "../../../src/compute/screen/panels.ts";
import type { Random } from "./random.ts";

export interface TestFactor {
  readonly rows: Rows;
  readonly columns: Columns;
  readonly norm: Float64Array;
  readonly weight: number;
}

export interface TestProduct {
  readonly factors: readonly TestFactor[];
  readonly threshold: Float64Array;
  readonly windows: Windows | undefined;
}

/** A small product of everything that is unpleasant: see the columns and rows below. */
export function randomProduct(random: Random): TestProduct {
  const rows = random.integer(1, 40);
  const columns = random.integer(1, 30);
  const cohorts = random.chance(0.3) ? random.integer(2, 3) : 1;
  const factors = Array.from({ length: cohorts }, () => {
    const samples = random.chance(0.2) ? random.integer(3, 700) : random.integer(3, 120);
    const right = randomColumns(random, columns, samples);
    const calls = random.chance(0.7) ? randomCalls(random, rows, samples) : undefined;
    const left =
      calls === undefined
        ? randomReals(random, rows, samples)
        : random.chance(0.4)
          ? withRemainder(random, calls)
          : calls;
    return factorOf(random, left, right, cohorts === 1 ? 1 : random.next() * 2 - 0.5);
  });
  const windows = random.chance(0.5) ? randomWindows(random, rows, columns) : undefined;
  return { factors, threshold: nearThresholds(random, factors), windows };
}

/** The integers whose rounding an adversarial product attacks. */
export type Integers = { readonly digits: Digits } | { readonly group: Group };

/** One cohort whose first row makes the quantisation of some column err by almost as much as it can. */
export function adversarialProduct(random: Random, integers: Integers): TestProduct {
  const samples = random.integer(12, 200);
  const count = random.integer(4, 12);
  const right = randomColumns(random, count, samples, true);
  const calls = random.chance(0.7);
  const rows = calls
    ? randomCalls(random, random.integer(1, 12), samples, false)
    : randomReals(random, random.integer(1, 12), samples);
  const column = random.integer(0, count - 1);
  if (rows.kind === "calls") alignCalls(rows, right, column, integers);
  else alignReals(rows, right, column);
  const factors = [factorOf(random, rows, right, 1, true)];
  const threshold = nearThresholds(random, factors);
  threshold[column] = nudged(statistic(factors, 0, column), random.integer(-2, 2));
  return { factors, threshold, windows: undefined };
}

/** One cohort of calls, all of whose rows have a norm and whose columns have values; thresholds that nothing reaches. */
export function plainProduct(random: Random, rows: number, columns: number, samples: number): TestProduct {
  const calls = randomCalls(random, rows, samples);
  // No row is constant, or all missing.
  for (let row = 0; row < rows; row += 1) {
    for (const s of [0, 1, 2]) setCall(calls, row, s, s);
    calls.fill[row] = 1;
  }
  const factors = [factorOf(random, calls, randomColumns(random, columns, samples, true), 1, true)];
  return { factors, threshold: new Float64Array(columns).fill(Number.POSITIVE_INFINITY), windows: undefined };
}

/**
 * Row 0 has 2 copies where the column's remainder is positive: g.d = sum|d| is nearly |g - mean||d|. Where
 * the estimate then is negative (the error would lower |r|), the samples of least remainder are turned
 * until it is not.
 */
function alignCalls(rows: CallRows, columns: Columns, column: number, integers: Integers): void {
  const { samples } = rows;
  const { q, scale } = quantised(columns, column, integers);
  const e = columns.values.subarray(column * samples, (column + 1) * samples);
  const d = q.map((value, s) => e[s]! - scale * value);
  const g = d.map((value) => (value > 0 ? 2 : 0));
  const order = d.map((_, s) => s).sort((a, b) => Math.abs(d[a]!) - Math.abs(d[b]!));
  let estimate = q.reduce((sum, value, s) => sum + value * g[s]!, 0);
  for (const s of order) {
    if (estimate > 0) break;
    const better = q[s]! > 0 ? 2 : 0;
    estimate += q[s]! * (better - g[s]!);
    g[s] = better;
  }
  for (let s = 0; s < samples; s += 1) setCall(rows, 0, s, g[s]!);
}

/** A column's integers, one a sample, their scale, and the norm they say they leave. */
export function quantised(columns: Columns, column: number, integers: Integers) {
  const indices = Array.from({ length: columns.samples }, (_, s) => s);
  if ("digits" in integers) {
    const screen = quantise(columns, integers.digits);
    const q = indices.map((s) => screen.integers[column * screen.stride + s]!);
    return { q, scale: screen.scale[column]!, remainder: screen.remainder[column]! };
  }
  const panels = emptyPanels(columns, integers.group);
  const scratch = new Int16Array(columns.samples);
  for (let j = 0; j < columns.count; j += 1) quantisePanelColumn(columns, j, panels, scratch);
  const panel = Math.floor(column / PANEL_GENES) * panelLength(panels);
  const q = indices.map((s) => {
    return panels.integers[panel + (s + Math.floor(s / STRETCH)) * PANEL_GENES + (column % PANEL_GENES)]!;
  });
  return { q, scale: panels.scale[column]!, remainder: panels.remainder[column]! };
}

/** Row 0 lies half a unit above a multiple of its unit where the column is positive, half below elsewhere. */
function alignReals(rows: RealRows, columns: Columns, column: number): void {
  const { samples } = rows;
  const e = columns.values.subarray(column * samples, (column + 1) * samples);
  const k = Array.from(e, (value) => Math.round(value * 40));
  // The row's ends make its unit 1: its integers are -127 and 127 there.
  k[0] = -127;
  k[1] = 127;
  for (let s = 0; s < samples; s += 1) {
    rows.values[s] = k[s]! + (s < 2 ? 0 : 0.49 * Math.sign(e[s]!));
  }
}

export function factorOf(
  random: Random,
  rows: Rows,
  columns: Columns,
  weight: number,
  plain = false,
): TestFactor {
  const { samples } = rows;
  const values = new Float64Array(samples);
  const norm = Float64Array.from({ length: rows.count }, (_, row) => {
    readRow(rows, row, values);
    const mean = values.reduce((a, b) => a + b, 0) / samples;
    const centred = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) * (v - mean), 0));
    if (!(centred > 1e-9 * Math.abs(mean))) return random.chance(0.2) ? Number.NaN : 0;
    if (plain) return centred;
    if (random.chance(0.05)) return 0;
    // What covariates leave of the row; now and then next to nothing.
    return centred * (random.chance(0.05) ? 1e-4 : 0.3 + 0.7 * random.next());
  });
  return { rows, columns, norm, weight };
}

export function randomColumns(random: Random, count: number, samples: number, plain = false): Columns {
  const values = new Float64Array(count * samples);
  for (let j = 0; j < count; j += 1) {
    const kind = plain
      ? random.pick(["normal", "uniform", "exact"])
      : random.pick(["normal", "uniform", "cauchy", "outlier", "few", "constant", "exact"]);
    const column = values.subarray(j * samples, (j + 1) * samples);
    const odd = random.integer(0, samples - 1);
    for (let s = 0; s < samples; s += 1) column[s] = draw(random, kind, s === odd);
    if (kind === "exact") mirror(column);
    standardise(column);
  }
  return { count, samples, values, standardised: true };
}

function draw(random: Random, kind: string, odd: boolean): number {
  switch (kind) {
    case "uniform":
      return random.next();
    case "cauchy":
      return random.normal() / random.normal();
    case "outlier":
      return odd ? 1e6 : random.normal() * 1e-3;
    case "few":
      return random.integer(0, 2);
    case "constant":
      return 3.5;
    case "exact":
      return random.integer(-127, 127);
    default:
      return random.normal();
  }
}

/** Integers that sum to 0: nothing remains of them once quantised, so that only f32 errs. */
function mirror(column: Float64Array): void {
  column[0] = 127;
  for (let s = 0; s + 1 < column.length; s += 2) column[s + 1] = -column[s]!;
  if (column.length % 2 === 1) column[column.length - 1] = 0;
}

/** To sum 0 and norm 1, twice so that rounding leaves little; a constant column to 0. */
function standardise(column: Float64Array): void {
  if (column.every((v) => v === column[0])) {
    column.fill(0);
    return;
  }
  for (let pass = 0; pass < 2; pass += 1) {
    const mean = column.reduce((a, b) => a + b, 0) / column.length;
    column.forEach((v, i) => {
      column[i] = v - mean;
    });
    const norm = Math.sqrt(canonicalDot(column, 0, column, 0, column.length));
    column.forEach((v, i) => {
      column[i] = v / norm;
    });
  }
}

export function randomCalls(random: Random, count: number, samples: number, missing = true): CallRows {
  const stride = Math.ceil(samples / 4);
  const rows = {
    kind: "calls" as const,
    count,
    samples,
    stride,
    packed: new Uint8Array(count * stride),
    fill: new Float64Array(count),
  };
  for (let row = 0; row < count; row += 1) {
    const frequency = random.pick([0, 0.02, 0.1, 0.3, 0.5, 0.9, 1]);
    const gaps = missing ? random.pick([0, 0, 0, 0.03, 0.3, 1]) : 0;
    let called = 0;
    let copies = 0;
    for (let s = 0; s < samples; s += 1) {
      const call = Number(random.chance(frequency)) + Number(random.chance(frequency));
      const isMissing = random.chance(gaps);
      setCall(rows, row, s, isMissing ? 3 : call);
      called += isMissing ? 0 : 1;
      copies += isMissing ? 0 : call;
    }
    // NaN when nothing was called.
    rows.fill[row] = copies / called;
  }
  return rows;
}

/** The calls as dosages: few, many or all of a row's called samples have something beside them. */
function withRemainder(random: Random, calls: CallRows): CallRows {
  const { count, samples, packed, stride } = calls;
  const offset = new Uint32Array(count + 1);
  const sample: number[] = [];
  const value: number[] = [];
  const fill = calls.fill.slice();
  for (let row = 0; row < count; row += 1) {
    const share = random.pick([0, 0.07, 0.07, 0.5, 1]);
    let sum = 0;
    let called = 0;
    for (let s = 0; s < samples; s += 1) {
      const code = (packed[row * stride + (s >> 2)]! >> (2 * (s & 3))) & 3;
      if (code === 3) continue;
      called += 1;
      sum += code;
      if (!random.chance(share)) continue;
      const beside = random.chance(0.8)
        ? Math.round(1000 * (random.next() - 0.5)) / 1000
        : random.next() - 0.5;
      sample.push(s);
      value.push(beside);
      sum += beside;
    }
    fill[row] = sum / called;
    offset[row + 1] = sample.length;
  }
  const remainder = { offset, sample: Uint32Array.from(sample), value: Float64Array.from(value) };
  return { ...calls, fill, remainder };
}

function setCall({ packed, stride }: CallRows, row: number, sample: number, code: number): void {
  const at = row * stride + (sample >> 2);
  const shift = 2 * (sample & 3);
  packed[at] = (packed[at]! & ~(3 << shift)) | (code << shift);
}

export function randomReals(random: Random, count: number, samples: number): RealRows {
  const values = new Float64Array(count * samples);
  for (let row = 0; row < count; row += 1) {
    const kind = random.pick(["dosage", "normal", "cauchy", "outlier", "constant", "offset"]);
    for (let s = 0; s < samples; s += 1) {
      const value =
        kind === "dosage"
          ? Math.round(2000 * random.next() * random.next()) / 1000
          : draw(random, kind, s === 0) + (kind === "offset" ? 1e5 : 0);
      values[row * samples + s] = value;
    }
  }
  return { kind: "real", count, samples, values };
}

export function randomWindows(random: Random, rows: number, columns: number): Windows {
  const start = new Uint32Array(columns);
  const end = new Uint32Array(columns);
  for (let j = 0; j < columns; j += 1) {
    start[j] = random.integer(0, rows);
    end[j] = random.integer(start[j]!, rows);
  }
  return { start, end };
}

/** Per column a threshold within 2 ulp of the |statistic| of some pair; a few that mean all pairs, or none. */
function nearThresholds(random: Random, factors: readonly TestFactor[]): Float64Array {
  const { rows, columns } = factors[0]!;
  return Float64Array.from({ length: columns.count }, (_, j) => {
    if (random.chance(0.05)) return random.pick([0, Number.POSITIVE_INFINITY, Number.NaN, -1, 1e-300]);
    return nudged(statistic(factors, random.integer(0, rows.count - 1), j), random.integer(-2, 2));
  });
}

/** |sum of weight * dot / norm|, by itself. */
export function statistic(factors: readonly TestFactor[], row: number, column: number): number {
  let sum = 0;
  for (const { rows, columns, norm, weight } of factors) {
    if (!(norm[row]! > 0)) continue;
    const g = new Float64Array(rows.samples);
    readRow(rows, row, g);
    sum += (weight * canonicalDot(g, 0, columns.values, column * rows.samples, rows.samples)) / norm[row]!;
  }
  return Math.abs(sum);
}

/** `value` moved by `ulps` units in the last place. */
export function nudged(value: number, ulps: number): number {
  const bits = new BigInt64Array(new Float64Array([value]).buffer);
  const next = bits[0]! + BigInt(ulps);
  return next < 0n ? 0 : new Float64Array(new BigInt64Array([next]).buffer)[0]!;
}
