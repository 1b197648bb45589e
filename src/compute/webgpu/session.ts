import type { Activity } from "./activity.ts";
import { DeviceClock, millisecondsOf, type Stopwatch } from "./clock.ts";
import { DeviceFailure, scoped } from "./failures.ts";
import { Lease, type Take } from "./lease.ts";
import { type Kernel, Pipelines } from "./pipelines.ts";
import { BufferPool } from "./pool.ts";
import { MAP_MODE_READ, READBACK, UNIFORM } from "./usage.ts";
import type { DeviceVariant } from "./variants.ts";

/** A kernel's run: its buffers in the order of its bindings, and its grid of workgroups. */
export interface Dispatch {
  readonly kernel: Kernel;
  readonly buffers: readonly GPUBuffer[];
  readonly grid: readonly [x: number, y: number];
}

/** Bytes `bytes` of a buffer from `from` on, that the host wants. */
export interface Wanted {
  readonly buffer: GPUBuffer;
  readonly from: number;
  readonly bytes: number;
}

/** What a submit does, and what is wanted of it. */
export interface Run {
  /** For messages. */
  readonly what: string;
  /** A buffer whose first word is set to 0 before. */
  readonly clear?: GPUBuffer;
  /** Each sees what those before it wrote. */
  readonly dispatches: readonly Dispatch[];
  readonly wanted: readonly Wanted[];
}

export interface RunResults {
  /** One array for each `wanted`. */
  readonly results: readonly Uint32Array<ArrayBuffer>[];
  /**
   * By the device's clock where it has one, else from the submit, or the results of the one before it, to the results:
   * a device does one submit after the other.
   */
  readonly milliseconds: number;
}

/** One device for as long as it lasts. What it does can be done again on another. */
export class Session {
  readonly device: GPUDevice;
  readonly pool: BufferPool;
  readonly pipelines: Pipelines;
  /** Rejects with a {@link DeviceFailure} once the device is lost. */
  private readonly lost: Promise<never>;
  private readonly activity: Activity;
  private readonly clock: DeviceClock;
  /** When results last came. */
  private lastDone = 0;

  constructor(device: GPUDevice, variant: DeviceVariant, activity: Activity) {
    this.device = device;
    this.activity = activity;
    this.clock = new DeviceClock(device);
    this.pool = new BufferPool(device, () => {
      activity.buffers += 1;
    });
    this.pipelines = new Pipelines(device, variant, () => {
      activity.pipelines += 1;
    });
    this.lost = device.lost.then(({ message, reason }) => {
      throw new DeviceFailure(`the device was lost (${message || reason || "no reason given"})`);
    });
    // Whoever waits for the device hears of it; nobody may be waiting.
    this.lost.catch(() => {});
  }

  /** `promise`, or the device's loss if that comes first. */
  guard<T>(promise: Promise<T>): Promise<T> {
    return Promise.race([promise, this.lost]);
  }

  /** Buffers may be taken until it is released. */
  lease(): Lease {
    return new Lease(this.pool, (promise) => this.guard(promise));
  }

  /** Runs `body`, which may take buffers; they go back when it ends. */
  async borrowing<T>(body: (take: Take) => Promise<T>): Promise<T> {
    const lease = this.lease();
    try {
      return await body(lease.take);
    } finally {
      lease.release();
    }
  }

  /** Copies `values` to the start of `buffer`, or to `offset` bytes from it. Bytes are padded to whole words. */
  write(buffer: GPUBuffer, values: ArrayBufferView<ArrayBufferLike>, offset = 0): void {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const whole = bytes.length - (bytes.length % 4);
    this.activity.bytesUploaded += Math.ceil(bytes.length / 4) * 4;
    if (whole > 0) this.device.queue.writeBuffer(buffer, offset, bytes as Uint8Array<ArrayBuffer>, 0, whole);
    if (whole === bytes.length) return;
    const rest = new Uint8Array(4);
    rest.set(bytes.subarray(whole));
    this.device.queue.writeBuffer(buffer, offset + whole, rest);
  }

  /** A uniform buffer with these numbers (u32). */
  async params(take: Take, label: string, values: readonly number[]): Promise<GPUBuffer> {
    const buffer = await take(`${label}: parameters`, 4 * values.length, UNIFORM);
    this.write(buffer, Uint32Array.from(values));
    return buffer;
  }

  /** Submits what `record` records, under a scope that names `what`. */
  submit(what: string, record: (encoder: GPUCommandEncoder) => void): Promise<void> {
    this.activity.submits += 1;
    return this.guard(
      scoped(this.device, what, () => {
        const encoder = this.device.createCommandEncoder({ label: what });
        record(encoder);
        this.device.queue.submit([encoder.finish()]);
      }),
    );
  }

  private record(encoder: GPUCommandEncoder, dispatches: readonly Dispatch[], watch?: Stopwatch): void {
    const pass = encoder.beginComputePass(watch && { timestampWrites: watch.writes });
    for (const { kernel, buffers, grid } of dispatches) {
      const { label, layout } = kernel;
      const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
      pass.setPipeline(kernel.pipeline);
      pass.setBindGroup(0, this.device.createBindGroup({ label, layout, entries }));
      pass.dispatchWorkgroups(...grid);
      this.activity.dispatches += 1;
    }
    pass.end();
  }

  /** Submits a run and reads back what is wanted of it. */
  async run({ what, clear, dispatches, wanted }: Run): Promise<RunResults> {
    return this.borrowing(async (take) => {
      const watch = dispatches.length > 0 ? await this.clock.stopwatch(take) : undefined;
      try {
        const size = wanted.reduce((sum, part) => sum + part.bytes, 0);
        const bytes = size + (watch === undefined ? 0 : DeviceClock.bytes);
        const target = await take(`${what}: results`, bytes, READBACK);
        const start = performance.now();
        await this.submit(what, (encoder) => {
          if (clear !== undefined) encoder.clearBuffer(clear, 0, 4);
          if (dispatches.length > 0) this.record(encoder, dispatches, watch);
          let at = 0;
          for (const part of wanted) {
            encoder.copyBufferToBuffer(part.buffer, part.from, target, at, part.bytes);
            at += part.bytes;
          }
          watch?.copyTo(encoder, target, at);
        });
        await this.guard(target.mapAsync(MAP_MODE_READ, 0, bytes));
        const all = new Uint32Array(target.getMappedRange(0, bytes)).slice();
        target.unmap();
        this.activity.bytesRead += bytes;
        return { results: partsOf(all, wanted), milliseconds: this.timed(start, all.subarray(size / 4)) };
      } finally {
        watch?.release();
      }
    });
  }

  /** What a run took that was submitted at `start` and whose results have just come. */
  private timed(start: number, times: Uint32Array): number {
    const now = performance.now();
    const seen = now - Math.max(start, this.lastDone);
    const milliseconds = millisecondsOf(times, now - start) ?? seen;
    this.lastDone = now;
    this.activity.longestSubmit = Math.max(this.activity.longestSubmit, milliseconds);
    return milliseconds;
  }

  destroy(): void {
    this.pool.destroy();
    this.device.destroy();
  }
}

function partsOf(all: Uint32Array<ArrayBuffer>, wanted: readonly Wanted[]): Uint32Array<ArrayBuffer>[] {
  let at = 0;
  return wanted.map(({ bytes }) => {
    at += bytes / 4;
    return all.subarray(at - bytes / 4, at);
  });
}
