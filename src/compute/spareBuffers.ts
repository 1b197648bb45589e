/** Sizes between a power of two and the next. */
const STEPS = 4;
const LEAST = 4096;

/**
 * Memory that is used again: large arrays that come and go make the engine collect, and walk its whole heap, each time
 * some 64 MiB of them were made.
 */
export class SpareBuffers {
  readonly #free: ArrayBuffer[] = [];
  readonly #most: number;
  readonly #longest: number;

  /** Keeps the last `most` pieces, none longer than `longest` bytes. */
  constructor(most: number, longest = Number.POSITIVE_INFINITY) {
    this.#most = most;
    this.#longest = longest;
  }

  /** Takes memory over that nobody looks at again. */
  giveBack(buffers: readonly ArrayBuffer[]): void {
    this.#free.push(...buffers.filter(({ byteLength }) => byteLength <= this.#longest));
    this.#free.splice(0, this.#free.length - this.#most);
  }

  /** The smallest piece that has room for `bytes` and not twice as much, or a new one. What is in it is anything. */
  take(bytes: number): ArrayBuffer {
    const most = 2 * Math.max(bytes, LEAST);
    let best = -1;
    this.#free.forEach(({ byteLength }, at) => {
      if (byteLength < bytes || byteLength > most) return;
      if (best < 0 || byteLength < this.#free[best]!.byteLength) best = at;
    });
    return best < 0 ? new ArrayBuffer(sizeFor(bytes)) : this.#free.splice(best, 1)[0]!;
  }
}

/** `bytes` rounded up to one of {@link STEPS} sizes an octave, so that arrays of about as many numbers find memory. */
function sizeFor(bytes: number): number {
  let octave = LEAST;
  while (octave < bytes) octave *= 2;
  const step = octave / 2 / STEPS;
  return Math.max(LEAST, Math.ceil(bytes / step) * step);
}
