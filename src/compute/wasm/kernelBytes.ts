import { KERNELS } from "./generated.ts";

/** The kernels of assembly/, ready to be compiled. */
export function kernelBytes(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(KERNELS), (character) => character.charCodeAt(0));
}
