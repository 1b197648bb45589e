import type { Take } from "./lease.ts";
import { TIMES } from "./usage.ts";

/** Pairs of times that a device takes at once: more runs than that are timed by the host. */
const SLOTS = 32;
/** Bytes of a pair of times. */
const PAIR = 16;

/** A pass's start and end by the device's own clock. */
export interface Stopwatch {
  readonly writes: GPUComputePassTimestampWrites;
  /** Records the copy of the two times to `target`, `at` bytes from its start: PAIR bytes. */
  copyTo(encoder: GPUCommandEncoder, target: GPUBuffer, at: number): void;
  release(): void;
}

/** Timestamps of a device that has them. */
export class DeviceClock {
  static readonly bytes = PAIR;
  private readonly times: GPUQuerySet | undefined;
  private readonly free: number[];

  constructor(device: GPUDevice) {
    const has = device.features.has("timestamp-query");
    this.times = has
      ? device.createQuerySet({ label: "times", type: "timestamp", count: 2 * SLOTS })
      : undefined;
    this.free = has ? Array.from({ length: SLOTS }, (_, slot) => slot) : [];
  }

  /** Undefined where the device has no clock, or all its slots are taken. */
  async stopwatch(take: Take): Promise<Stopwatch | undefined> {
    const { times, free } = this;
    const slot = free.pop();
    if (times === undefined || slot === undefined) return undefined;
    try {
      const resolved = await take("times", PAIR, TIMES);
      const first = 2 * slot;
      return {
        writes: { querySet: times, beginningOfPassWriteIndex: first, endOfPassWriteIndex: first + 1 },
        copyTo(encoder, target, at) {
          encoder.resolveQuerySet(times, first, 2, resolved, 0);
          encoder.copyBufferToBuffer(resolved, 0, target, at, PAIR);
        },
        release: () => void free.push(slot),
      };
    } catch (error) {
      free.push(slot);
      throw error;
    }
  }
}

/**
 * Milliseconds between a pair of times (nanoseconds, low word first). Undefined where they are none: the specification
 * allows clocks that jump, and zeros. `most`: what the host saw pass.
 */
export function millisecondsOf(words: Uint32Array, most: number): number | undefined {
  const [lowStart = 0, highStart = 0, lowEnd = 0, highEnd = 0] = words;
  const milliseconds = ((highEnd - highStart) * 2 ** 32 + (lowEnd - lowStart)) / 1e6;
  return milliseconds > 0 && milliseconds <= most ? milliseconds : undefined;
}
