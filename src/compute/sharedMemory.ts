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

export function isShared(values: ArrayBufferView): boolean {
  return canShare() && values.buffer instanceof SharedArrayBuffer;
}
