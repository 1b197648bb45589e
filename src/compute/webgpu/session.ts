import type { Activity } from "./activity.ts";
import { DeviceFailure, scoped } from "./failures.ts";
import { type Kernel, Pipelines } from "./pipelines.ts";
import { BufferPool } from "./pool.ts";
import { MAP_MODE_READ, READBACK, UNIFORM } from "./usage.ts";

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

/** One device for as long as it lasts. What it does can be done again on another. */
export class Session {
  readonly device: GPUDevice;
  readonly pool: BufferPool;
  readonly pipelines: Pipelines;
  /** Rejects with a {@link DeviceFailure} once the device is lost. */
  private readonly lost: Promise<never>;
  private readonly activity: Activity;
  /** When results last came. */
  private lastDone = 0;

  constructor(device: GPUDevice, packedDot: boolean, activity: Activity) {
    this.device = device;
    this.activity = activity;
    this.pool = new BufferPool(device);
    this.pipelines = new Pipelines(device, packedDot, () => {
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

  /** Runs `body`, which may take buffers from the pool; they go back when it ends. */
  async borrowing<T>(
    body: (take: (label: string, bytes: number, usage: number) => Promise<GPUBuffer>) => Promise<T>,
  ) {
    const taken: GPUBuffer[] = [];
    try {
      return await body(async (label, bytes, usage) => {
        const buffer = await this.guard(this.pool.acquire(label, bytes, usage));
        taken.push(buffer);
        return buffer;
      });
    } finally {
      for (const buffer of taken) this.pool.release(buffer);
    }
  }

  /** Copies `values` to the start of `buffer`, or to `offset` bytes from it. Bytes are padded to whole words. */
  write(buffer: GPUBuffer, values: ArrayBufferView<ArrayBufferLike>, offset = 0): void {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const whole = bytes.length - (bytes.length % 4);
    if (whole > 0) this.device.queue.writeBuffer(buffer, offset, bytes as Uint8Array<ArrayBuffer>, 0, whole);
    if (whole === bytes.length) return;
    const rest = new Uint8Array(4);
    rest.set(bytes.subarray(whole));
    this.device.queue.writeBuffer(buffer, offset + whole, rest);
  }

  /** A uniform buffer with these numbers (u32). */
  async params(
    take: (label: string, bytes: number, usage: number) => Promise<GPUBuffer>,
    label: string,
    values: readonly number[],
  ): Promise<GPUBuffer> {
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

  /** Records dispatches, each seeing what those before it wrote. */
  record(encoder: GPUCommandEncoder, dispatches: readonly Dispatch[]): void {
    const pass = encoder.beginComputePass();
    for (const { kernel, buffers, grid } of dispatches) {
      const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
      pass.setPipeline(kernel.pipeline);
      pass.setBindGroup(
        0,
        this.device.createBindGroup({ label: kernel.name, layout: kernel.layout, entries }),
      );
      pass.dispatchWorkgroups(...grid);
    }
    pass.end();
  }

  /**
   * Submits what `record` records and reads `wanted` back, one array each. `milliseconds` is what it took from
   * the submit, or the results of the one before it, to the results.
   */
  async run(
    what: string,
    record: (encoder: GPUCommandEncoder) => void,
    wanted: readonly Wanted[],
  ): Promise<{ readonly results: readonly Uint32Array<ArrayBuffer>[]; readonly milliseconds: number }> {
    return this.borrowing(async (take) => {
      const bytes = wanted.reduce((sum, part) => sum + part.bytes, 0);
      const target = await take(`${what}: results`, bytes, READBACK);
      const start = performance.now();
      await this.submit(what, (encoder) => {
        record(encoder);
        let at = 0;
        for (const part of wanted) {
          encoder.copyBufferToBuffer(part.buffer, part.from, target, at, part.bytes);
          at += part.bytes;
        }
      });
      await this.guard(target.mapAsync(MAP_MODE_READ, 0, bytes));
      // A device does one submit after the other: what others waited for is not this one's.
      const now = performance.now();
      const milliseconds = now - Math.max(start, this.lastDone);
      this.lastDone = now;
      this.activity.longestSubmit = Math.max(this.activity.longestSubmit, milliseconds);
      const all = new Uint32Array(target.getMappedRange(0, bytes)).slice();
      target.unmap();
      let at = 0;
      const results = wanted.map((part) => {
        at += part.bytes / 4;
        return all.subarray(at - part.bytes / 4, at);
      });
      return { results, milliseconds };
    });
  }

  destroy(): void {
    this.pool.destroy();
    this.device.destroy();
  }
}
