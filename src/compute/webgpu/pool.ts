import { scoped } from "./failures.ts";

/** Bytes of unused buffers that are kept for the next tile. */
const KEPT = 2 ** 28;
const LEAST = 256;

/** Buffers of a device, used again while they are of use: a GPU's buffers are not the garbage collector's. */
export class BufferPool {
  private readonly device: GPUDevice;
  private readonly onMake: () => void;
  private readonly kept: number;
  private readonly free = new Map<string, GPUBuffer[]>();
  private freeBytes = 0;
  /** Buffers that exist, whether used or free. */
  readonly alive = new Set<GPUBuffer>();

  constructor(device: GPUDevice, onMake: () => void, kept = KEPT) {
    this.device = device;
    this.onMake = onMake;
    this.kept = kept;
  }

  /** A buffer of at least `bytes` bytes, of undefined contents; give it back with `release`. */
  async acquire(label: string, bytes: number, usage: number): Promise<GPUBuffer> {
    const size = sizeClass(bytes, this.device.limits.maxBufferSize);
    const list = this.free.get(`${usage} ${size}`);
    const used = list?.pop();
    if (used !== undefined) {
      this.freeBytes -= size;
      used.label = label;
      return used;
    }
    const buffer = await scoped(this.device, `making the buffer "${label}" (${size} bytes)`, () =>
      this.device.createBuffer({ label, size, usage }),
    );
    this.alive.add(buffer);
    this.onMake();
    return buffer;
  }

  release(buffer: GPUBuffer): void {
    if (!this.alive.has(buffer)) return;
    if (buffer.mapState !== "unmapped" || this.freeBytes + buffer.size > this.kept) {
      this.alive.delete(buffer);
      buffer.destroy();
      return;
    }
    const key = `${buffer.usage} ${buffer.size}`;
    const list = this.free.get(key) ?? [];
    this.free.set(key, list);
    list.push(buffer);
    this.freeBytes += buffer.size;
  }

  /** Destroys every buffer, also those in use. */
  destroy(): void {
    for (const buffer of this.alive) buffer.destroy();
    this.alive.clear();
    this.free.clear();
    this.freeBytes = 0;
  }
}

/** Sizes in steps of an eighth of their power of two, so that buffers fit again and little is wasted. */
export function sizeClass(bytes: number, limit: number): number {
  if (bytes <= LEAST) return LEAST;
  let step = LEAST / 8;
  while (16 * step < bytes) step *= 2;
  return Math.max(Math.ceil(bytes / 4) * 4, Math.min(limit, Math.ceil(bytes / step) * step));
}
