import type { Spawn } from "../compute/threads.ts";
import { BackendError, throwIfAborted } from "../errors.ts";
import { MULTIPLY_ADDS, type PeakKernel, peakModule, peakTile } from "./peakKernel.ts";

/** Multiply-adds a second: of 16-bit integers into 32 bits, and of f64. */
export interface Peak {
  readonly int16: number;
  readonly f64: number;
}

/** What a worker is asked: go over the tile for `seconds`, and say how many passes a second there were. */
const WORKER = `onmessage = async ({ data: { bytes, tile, kernel, seconds } }) => {
  const { instance } = await WebAssembly.instantiate(bytes);
  const { memory, [kernel]: run } = instance.exports;
  new Uint8Array(memory.buffer).set(tile);
  run(2000); // lets the engine optimise it
  let passes = 0;
  const start = performance.now();
  let time = 0;
  while (time < 1000 * seconds) {
    run(2000);
    passes += 2000;
    time = performance.now() - start;
  }
  postMessage((1000 * passes) / time);
};
`;

/**
 * The peak of `threads` threads, all at work at once: the best of `repeats` times `seconds` of a loop that does nothing
 * but multiply-adds over data in the L1 cache. Throws BackendError where threads fail.
 */
export async function measurePeak(
  spawn: Spawn,
  threads: number,
  { seconds, repeats, signal }: { seconds: number; repeats: number; signal?: AbortSignal | undefined },
): Promise<Peak> {
  const best = async (kernel: PeakKernel): Promise<number> => {
    let most = 0;
    for (let i = 0; i < repeats; i++) {
      throwIfAborted(signal);
      const rates = await Promise.all(
        Array.from({ length: threads }, () => passesASecond(spawn, kernel, seconds)),
      );
      most = Math.max(
        most,
        rates.reduce((a, b) => a + b, 0),
      );
    }
    return most * MULTIPLY_ADDS[kernel];
  };
  return { int16: await best("dot16"), f64: await best("madd64") };
}

function passesASecond(spawn: Spawn, kernel: PeakKernel, seconds: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const thread = spawn(WORKER, {
      message(data) {
        void thread.terminate();
        resolve(Number(data));
      },
      failure: (cause) => reject(new BackendError(`bench: the peak could not be measured: ${cause.message}`)),
    });
    thread.hold(true);
    thread.post({ bytes: peakModule(), tile: peakTile(kernel), kernel, seconds }, []);
  });
}
