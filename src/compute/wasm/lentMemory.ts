import type { Rows } from "../backend.ts";
import { SpareBuffers } from "../spareBuffers.ts";
import type { Job, JobFactor } from "./job.ts";
import { ownBuffer } from "./messages.ts";

/** Pieces kept for the jobs to come at most. */
const MOST = 24;
const LONGEST_ROOM = 2 ** 25;

type Numbers = Uint8Array | Uint32Array | Float64Array;

/**
 * Memory that rows travel to workers in. A worker sends it back with its answer and it is used again: what is sent for good
 * stays a worker's garbage for long, since its own heap hardly grows and it sees no reason to collect.
 */
export class LentMemory {
  readonly #spare = new SpareBuffers(MOST, LONGEST_ROOM);

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
    return factors.map(() => this.#spare.take(8 * pairs));
  }

  giveBack(buffers: readonly ArrayBuffer[]): void {
    this.#spare.giveBack(buffers);
  }

  #copy<A extends Numbers>(values: A): A {
    const buffer = this.#spare.take(values.byteLength);
    const own = viewLike(values, buffer);
    own.set(values);
    return own;
  }
}

/** As many numbers of the same kind (bytes may be of a class that extends Uint8Array) in `buffer`. */
function viewLike<A extends Numbers>(values: A, buffer: ArrayBuffer): A {
  const { length } = values;
  if (values instanceof Float64Array) return new Float64Array(buffer, 0, length) as A & Float64Array;
  if (values instanceof Uint32Array) return new Uint32Array(buffer, 0, length) as A & Uint32Array;
  return new Uint8Array(buffer, 0, length) as A & Uint8Array;
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
