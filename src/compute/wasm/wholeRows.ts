import { UsageError } from "../../errors.ts";
import { checkRun, checkWhole, type Gram, type WholeRows } from "../gram.ts";
import { Breather } from "../pause.ts";
import { buffer } from "./columns.ts";
import type { HeldColumns } from "./job.ts";
import type { Runner } from "./runner.ts";

/** Numbers of a vector register: rows are padded to whole ones, by 0. */
const VECTOR = 8;
const GROUP = 4;
/** Vectors of the longest stretch: four rows of it are 4 KiB. */
const MOST_VECTORS = 64;

/** Whole-number rows as `gramTile` takes them: groups of four, whose vectors of 8 numbers take turns. Rows beyond the last are 0. */
export interface WholeGroups {
  readonly count: number;
  /** Bytes of a group. */
  readonly stride: number;
  /** Bytes of a group over which no sum of products leaves int32. */
  readonly stretch: number;
  readonly numbers: Int16Array;
}

/** Rows that an engine has taken over. */
export class WasmGram implements Gram {
  readonly id: number;
  private readonly runner: Runner;
  private parts: HeldColumns | undefined;
  private readonly rows: Pick<WholeRows, "count">;

  constructor(id: number, runner: Runner, whole: WholeGroups) {
    this.id = id;
    this.runner = runner;
    this.parts = { whole };
    this.rows = { count: whole.count };
  }

  get held(): HeldColumns {
    if (this.parts === undefined) throw new UsageError("gram: its rows were disposed of");
    return this.parts;
  }

  async products(from: number, to: number, signal?: AbortSignal): Promise<Float64Array> {
    checkRun(this.rows, from, to);
    const result = await this.runner.run({ kind: "gram", rows: this, from, to }, signal);
    if (result.kind !== "gram") throw new UsageError(`gram: a result of ${result.kind}`);
    return result.values;
  }

  async dispose(): Promise<void> {
    if (this.parts === undefined) return;
    this.parts = undefined;
    this.runner.forget(this);
  }
}

/** Packs rows. Throws LimitError for rows too long. */
export async function groupsOf(rows: WholeRows, shared: boolean, signal?: AbortSignal): Promise<WholeGroups> {
  checkWhole(rows);
  const { count, length } = rows;
  const vectors = Math.ceil(length / VECTOR);
  const numbers = new Int16Array(buffer(2 * VECTOR * vectors * GROUP * Math.ceil(count / GROUP), shared));
  const own = new Int16Array(length);
  const row = new Int16Array(VECTOR * vectors);
  const step = strideOf(length);
  const safe = new SafeStretch(vectors);
  const breather = new Breather(signal);
  for (let i = 0; i < count; i++) {
    rows.row(i, own);
    for (let u = 0, from = 0; u < length; u++) {
      row[u] = own[from]!;
      from += step;
      if (from >= length) from -= length;
    }
    safe.look(row);
    const first = (i - (i % GROUP)) * VECTOR * vectors + (i % GROUP) * VECTOR;
    for (let v = 0; v < vectors; v++) {
      const [at, from] = [first + v * GROUP * VECTOR, v * VECTOR];
      for (let k = 0; k < VECTOR; k++) numbers[at + k] = row[from + k]!;
    }
    await breather.pause();
  }
  const bytes = 2 * VECTOR * GROUP;
  return { count, stride: bytes * vectors, stretch: bytes * safe.vectors, numbers };
}

/**
 * The step in which a row's numbers are taken, the same of all rows: neighbours in it, which may be large together, come to lie
 * apart, so that stretches can be long. Without a common divisor with the length, near its golden section.
 */
function strideOf(length: number): number {
  const divides = (a: number, b: number): number => (b === 0 ? a : divides(b, a % b));
  let step = Math.max(1, Math.round(0.618 * length));
  while (divides(step, length) > 1) step++;
  return step;
}

/**
 * The longest stretch over which the squares of no row sum to 2^31: then, by Cauchy and Schwarz, no product of two rows does, nor any part
 * of it. One vector is always short enough.
 */
class SafeStretch {
  vectors = MOST_VECTORS;
  private readonly squares: Float64Array;

  constructor(vectors: number) {
    this.squares = new Float64Array(vectors);
  }

  look(row: Int16Array): void {
    const { squares } = this;
    for (let v = 0; v < squares.length; v++) {
      let sum = 0;
      for (let k = v * VECTOR; k < (v + 1) * VECTOR; k++) sum += row[k]! * row[k]!;
      squares[v] = sum;
    }
    while (this.vectors > 1 && !this.fits()) this.vectors /= 2;
  }

  private fits(): boolean {
    const { squares, vectors } = this;
    for (let from = 0; from < squares.length; from += vectors) {
      let sum = 0;
      const end = Math.min(squares.length, from + vectors);
      for (let v = from; v < end; v++) sum += squares[v]!;
      if (sum >= 2 ** 31) return false;
    }
    return true;
  }
}
