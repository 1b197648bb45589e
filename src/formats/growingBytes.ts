/** A byte buffer that grows by doubling and is emptied, not freed, by `clear`. Little-endian. */
export class GrowingBytes {
  bytes: Uint8Array;
  length = 0;
  private view: DataView;

  constructor(capacity = 4096) {
    this.bytes = new Uint8Array(capacity);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Makes room for `extra` bytes more. */
  ensure(extra: number): void {
    const needed = this.length + extra;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, needed));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }

  clear(): void {
    this.length = 0;
  }

  /** What is in it; valid until the next write. */
  content(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  byte(value: number): void {
    this.ensure(1);
    this.bytes[this.length++] = value;
  }

  uint32(value: number): void {
    this.ensure(4);
    this.view.setUint32(this.length, value, true);
    this.length += 4;
  }

  /** Overwrites four bytes at `at`. */
  setUint32(at: number, value: number): void {
    this.view.setUint32(at, value, true);
  }

  /** Unsigned LEB128. */
  varint(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.byte(rest);
  }

  append(bytes: Uint8Array): void {
    this.ensure(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** UTF-8 of `text`; the number of bytes. */
  text(text: string): number {
    const { length } = text;
    this.ensure(length * 3);
    if (length <= SHORT) {
      // Names are short and ASCII: copying them takes a fifth of a call of the encoder.
      const { bytes } = this;
      let at = this.length;
      let seen = 0;
      for (let i = 0; i < length; i++) {
        const code = text.charCodeAt(i);
        seen |= code;
        bytes[at++] = code;
      }
      if (seen < 128) {
        this.length = at;
        return length;
      }
    }
    const { written } = ENCODER.encodeInto(text, this.bytes.subarray(this.length));
    this.length += written;
    return written;
  }
}

const ENCODER = new TextEncoder();
/** Longer text goes to the encoder. */
const SHORT = 64;
