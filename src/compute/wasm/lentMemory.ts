import type { Rows } from "../backend.ts";
import type { Job, JobFactor } from "./job.ts";
import { ownBuffer } from "./messages.ts";

/** Pieces kept for the jobs to come at most. */
const MOST = 24;
/** Sizes between a power of two and the next. */
const STEPS = 4;
const LEAST = 4096;
const LONGEST_ROOM = 2 ** 25;

type Numbers = Uint8Array | Uint32Array | Float64Array;

/**
 * Memory that rows travel to workers in. A worker sends it back with its answer and it is used again: what is sent for good
 * stays a worker's garbage for long, since its own heap hardly grows and it sees no reason to collect.
 */
export class LentMemory {
  readonly #free: ArrayBuffer[] = [];

  /** A copy of a factor as a worker takes it, with the number of its columns; its buffers are added to `transfer`. */
  factor<C>(
    { rows, norm, weight }: JobFactor<C>,
    columns: number,
    transfer: ArrayBuffer[],
  ): JobFactor<number> {
    const copy = <A extends Numbers>(values: A): A => {
      const own = this.#copy(values);
      transfer.push(...ownBuffer(own));
      return own;
    };
    return { rows: copyOf(rows, copy), columns, norm: copy(norm), weight };
  }

  /** Where a dense product may put its values; longer ones a worker makes, and says so where it cannot. */
  room({ epilogue, factors, pairs }: Job<unknown>): ArrayBuffer[] | undefined {
    if (epilogue.kind !== "dense" || 8 * pairs > LONGEST_ROOM) return undefined;
    return factors.map(() => this.#take(8 * pairs));
  }

  giveBack(buffers: readonly ArrayBuffer[]): void {
    this.#free.push(...buffers.filter(({ byteLength }) => byteLength <= LONGEST_ROOM));
    this.#free.splice(0, this.#free.length - MOST);
  }

  #copy<A extends Numbers>(values: A): A {
    const buffer = this.#take(values.byteLength);
    const own = viewLike(values, buffer);
    own.set(values);
    return own;
  }

  /** The smallest piece that has room for `bytes` and not twice as much, or a new one. */
  #take(bytes: number): ArrayBuffer {
    const most = 2 * Math.max(bytes, LEAST);
    let best = -1;
    this.#free.forEach(({ byteLength }, at) => {
      if (byteLength < bytes || byteLength > most) return;
      if (best < 0 || byteLength < this.#free[best]!.byteLength) best = at;
    });
    return best < 0 ? new ArrayBuffer(sizeFor(bytes)) : this.#free.splice(best, 1)[0]!;
  }
}

/** As many numbers of the same kind (bytes may be of a class that extends Uint8Array) in `buffer`. */
function viewLike<A extends Numbers>(values: A, buffer: ArrayBuffer): A {
  const { length } = values;
  if (values instanceof Float64Array) return new Float64Array(buffer, 0, length) as A & Float64Array;
  if (values instanceof Uint32Array) return new Uint32Array(buffer, 0, length) as A & Uint32Array;
  return new Uint8Array(buffer, 0, length) as A & Uint8Array;
}

/** `bytes` rounded up to one of {@link STEPS} sizes an octave, so that rows of about as many find memory. */
function sizeFor(bytes: number): number {
  let octave = LEAST;
  while (octave < bytes) octave *= 2;
  const step = octave / 2 / STEPS;
  return Math.max(LEAST, Math.ceil(bytes / step) * step);
}

/** A view would take the whole buffer under it along. */
function copyOf(rows: Rows, copy: <A extends Numbers>(values: A) => A): Rows {
  if (rows.kind === "real")
    return { ...rows, values: copy(rows.values.subarray(0, rows.count * rows.samples)) };
  const { packed, fill, remainder, count, stride } = rows;
  return {
    ...rows,
    packed: copy(packed.subarray(0, count * stride)),
    fill: copy(fill),
    remainder: remainder && {
      offset: copy(remainder.offset),
      sample: copy(remainder.sample),
      value: copy(remainder.value),
    },
  };
}

/** The buffers of rows and norms that a worker was lent. */
export function lentBuffers(factors: readonly JobFactor<unknown>[]): ArrayBuffer[] {
  return factors.flatMap(({ rows, norm }) => {
    const beside = rows.kind === "real" || rows.remainder === undefined ? [] : Object.values(rows.remainder);
    const own = rows.kind === "real" ? [rows.values] : [rows.packed, rows.fill];
    return [...own, ...beside, norm].flatMap(ownBuffer);
  });
}
