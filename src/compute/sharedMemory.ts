/**
 * Memory that all threads can read, where there is any (Node, pages that are isolated): then a backend takes the values in it
 * over without a copy. Elsewhere ordinary memory.
 */
export function sharedBuffer(bytes: number): ArrayBufferLike {
  return canShare() ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
}

export function canShare(): boolean {
  return typeof SharedArrayBuffer === "function";
}

/** A copy in {@link sharedBuffer} memory: sent again and again, it is then copied no more. */
export function inSharedMemory(values: Float64Array): Float64Array {
  const copy = new Float64Array(sharedBuffer(values.byteLength));
  copy.set(values);
  return copy;
}

export function isShared(values: ArrayBufferView): boolean {
  return canShare() && values.buffer instanceof SharedArrayBuffer;
}
