import type { BufferPool } from "./pool.ts";

export type Take = (label: string, bytes: number, usage: number) => Promise<GPUBuffer>;

/** Buffers of a pool that go back together. */
export class Lease {
  private readonly pool: BufferPool;
  private readonly guard: <T>(promise: Promise<T>) => Promise<T>;
  private readonly taken: GPUBuffer[] = [];
  private released = false;

  constructor(pool: BufferPool, guard: <T>(promise: Promise<T>) => Promise<T>) {
    this.pool = pool;
    this.guard = guard;
  }

  readonly take: Take = async (label, bytes, usage) => {
    const buffer = await this.guard(this.pool.acquire(label, bytes, usage));
    if (this.released) this.pool.release(buffer);
    else this.taken.push(buffer);
    return buffer;
  };

  release(): void {
    this.released = true;
    for (const buffer of this.taken.splice(0)) this.pool.release(buffer);
  }
}
