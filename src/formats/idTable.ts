import { GrowingBytes } from "./growingBytes.ts";

/**
 * Ids by number, in the order in which they were added, and back again: about 25 bytes an id with the
 * id itself, where a Map of strings takes 100. Ids are compared byte by byte, so nothing is left to luck.
 */
export class IdTable {
  readonly #bytes = new GrowingBytes(1 << 12);
  /** Where each id ends in `#bytes`; it starts where the one before ends. */
  #ends = new Float64Array(1 << 8);
  /** Open addressing: number + 1 of the id in each slot, 0 for none. A power of two, at most half full. */
  #slots = new Int32Array(1 << 9);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** The number of the id in bytes `start` to `end`, or -1. */
  find(bytes: Uint8Array, start: number, end: number): number {
    return this.#slots[this.#slot(bytes, start, end)]! - 1;
  }

  /** Adds an id; its number, or -1 - (the number it has) where it is there already. */
  add(bytes: Uint8Array, start: number, end: number): number {
    const slot = this.#slot(bytes, start, end);
    const known = this.#slots[slot]!;
    if (known > 0) return -known;
    const number = this.#count++;
    this.#slots[slot] = number + 1;
    this.#bytes.append(bytes.subarray(start, end));
    if (number >= this.#ends.length) {
      const larger = new Float64Array(2 * this.#ends.length);
      larger.set(this.#ends);
      this.#ends = larger;
    }
    this.#ends[number] = this.#bytes.length;
    if (2 * this.#count > this.#slots.length) this.#widen();
    return number;
  }

  text(number: number): string {
    const from = number === 0 ? 0 : this.#ends[number - 1]!;
    return DECODER.decode(this.#bytes.bytes.subarray(from, this.#ends[number]!));
  }

  /** The slot that holds the id, or the free one where it belongs. */
  #slot(bytes: Uint8Array, start: number, end: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash(bytes, start, end) & mask;
    for (;;) {
      const known = this.#slots[slot]!;
      if (known === 0 || this.#same(known - 1, bytes, start, end)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #same(number: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = number === 0 ? 0 : this.#ends[number - 1]!;
    if (this.#ends[number]! - from !== end - start) return false;
    const held = this.#bytes.bytes;
    for (let i = 0; i < end - start; i++) if (held[from + i] !== bytes[start + i]) return false;
    return true;
  }

  #widen(): void {
    this.#slots = new Int32Array(2 * this.#slots.length);
    const mask = this.#slots.length - 1;
    let from = 0;
    for (let number = 0; number < this.#count; number++) {
      const to = this.#ends[number]!;
      let slot = hash(this.#bytes.bytes, from, to) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = number + 1;
      from = to;
    }
  }
}

const DECODER = new TextDecoder();

/** FNV-1a, its bits mixed as MurmurHash3 ends. */
function hash(bytes: Uint8Array, start: number, end: number): number {
  let value = 0x811c9dc5;
  for (let at = start; at < end; at++) value = Math.imul(value ^ bytes[at]!, 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
