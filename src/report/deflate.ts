/** A zlib stream made in one way alone, so that pictures have the same bytes on every engine (RFC 1950, 1951). */

const WINDOW = 32_768;
const LONGEST = 258;
const SHORTEST = 3;
const HASHES = 1 << 15;
/** Earlier places that are looked at. */
const CHAIN = 48;
const ADLER = 65_521;

/** First length, and extra bits, of each of the codes 257 to 285. */
const LENGTHS = codes(29, 3, (code) => (code < 4 || code === 28 ? 0 : (code >> 2) - 1), 258);
/** First distance and extra bits of each of the 30 codes. */
const DISTANCES = codes(30, 1, (code) => (code < 2 ? 0 : (code >> 1) - 1));

/** `bytes` compressed by the fixed code of Deflate with the longest repeats found nearby, as a zlib stream. */
export function zlibOf(bytes: Uint8Array): Uint8Array {
  const bits = new BitWriter(bytes.length);
  bits.write(0x9c78, 16);
  // One block, the last, of fixed codes.
  bits.write(0b011, 3);
  const repeats = new Repeats(bytes);
  for (let at = 0; at < bytes.length; ) {
    const here = repeats.longest(at);
    repeats.add(at);
    // A longer one from the next byte on is worth a literal.
    const waits = here.length > 0 && here.length < LONGEST && repeats.longest(at + 1).length > here.length;
    if (here.length === 0 || waits) {
      writeLiteral(bits, bytes[at]!);
      at += 1;
      continue;
    }
    writeRepeat(bits, here.length, here.distance);
    for (let i = at + 1; i < at + here.length; i++) repeats.add(i);
    at += here.length;
  }
  writeLiteral(bits, 256);
  bits.align();
  const sum = adler(bytes);
  for (const shift of [24, 16, 8, 0]) bits.write((sum >>> shift) & 255, 8);
  return bits.bytes();
}

interface Repeat {
  /** 0 where there is none worth writing. */
  readonly length: number;
  readonly distance: number;
}

const NONE: Repeat = { length: 0, distance: 0 };

/** Where three bytes stood before: chains of places by hash, the latest first. */
class Repeats {
  readonly #bytes: Uint8Array;
  readonly #head = new Int32Array(HASHES).fill(-1);
  readonly #before: Int32Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#before = new Int32Array(bytes.length);
  }

  add(at: number): void {
    if (at + SHORTEST > this.#bytes.length) return;
    const hash = this.#hash(at);
    this.#before[at] = this.#head[hash]!;
    this.#head[hash] = at;
  }

  /** The longest of the latest {@link CHAIN}; of equal ones the nearest. */
  longest(at: number): Repeat {
    if (at + SHORTEST > this.#bytes.length) return NONE;
    let best = NONE;
    let from = this.#head[this.#hash(at)]!;
    for (let tries = 0; tries < CHAIN && from >= 0 && at - from <= WINDOW; tries++) {
      const length = common(this.#bytes, from, at);
      if (length > best.length) best = { length, distance: at - from };
      if (length === LONGEST) break;
      from = this.#before[from]!;
    }
    return best.length >= SHORTEST ? best : NONE;
  }

  #hash(at: number): number {
    const bytes = this.#bytes;
    return ((bytes[at]! * 0x1f35) ^ (bytes[at + 1]! << 7) ^ (bytes[at + 2]! * 0x2b1)) & (HASHES - 1);
  }
}

function common(bytes: Uint8Array, from: number, at: number): number {
  const most = Math.min(LONGEST, bytes.length - at);
  let length = 0;
  while (length < most && bytes[from + length] === bytes[at + length]) length++;
  return length;
}

/** Literals and 256, which ends a block, and the codes of lengths: 7, 8 or 9 bits, the highest first. */
function writeLiteral(bits: BitWriter, symbol: number): void {
  if (symbol < 144) bits.writeCode(0x30 + symbol, 8);
  else if (symbol < 256) bits.writeCode(0x190 + symbol - 144, 9);
  else if (symbol < 280) bits.writeCode(symbol - 256, 7);
  else bits.writeCode(0xc0 + symbol - 280, 8);
}

function writeRepeat(bits: BitWriter, length: number, distance: number): void {
  const l = codeOf(LENGTHS, length);
  writeLiteral(bits, 257 + l);
  bits.write(length - LENGTHS[l]!.first, LENGTHS[l]!.extra);
  const d = codeOf(DISTANCES, distance);
  bits.writeCode(d, 5);
  bits.write(distance - DISTANCES[d]!.first, DISTANCES[d]!.extra);
}

interface Code {
  readonly first: number;
  readonly extra: number;
}

function codes(number: number, start: number, extra: (code: number) => number, last?: number): Code[] {
  let first = start;
  return Array.from({ length: number }, (_, code) => {
    const own = { first: last !== undefined && code === number - 1 ? last : first, extra: extra(code) };
    first += 1 << own.extra;
    return own;
  });
}

function codeOf(table: readonly Code[], value: number): number {
  let code = table.length - 1;
  while (table[code]!.first > value) code--;
  return code;
}

function adler(bytes: Uint8Array): number {
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % ADLER;
    b = (b + a) % ADLER;
  }
  return b * 65_536 + a;
}

class BitWriter {
  #held: Uint8Array;
  #length = 0;
  #bits = 0;
  #count = 0;

  constructor(guess: number) {
    this.#held = new Uint8Array(Math.max(64, guess >> 3));
  }

  /** The lowest bit first. */
  write(value: number, count: number): void {
    this.#bits |= value << this.#count;
    this.#count += count;
    while (this.#count >= 8) {
      this.#push(this.#bits & 255);
      this.#bits >>>= 8;
      this.#count -= 8;
    }
  }

  /** Huffman codes: the highest bit first. */
  writeCode(code: number, count: number): void {
    let turned = 0;
    for (let i = 0; i < count; i++) turned |= ((code >> i) & 1) << (count - 1 - i);
    this.write(turned, count);
  }

  align(): void {
    if (this.#count > 0) this.write(0, 8 - this.#count);
  }

  bytes(): Uint8Array {
    return this.#held.slice(0, this.#length);
  }

  #push(byte: number): void {
    if (this.#length === this.#held.length) {
      const wider = new Uint8Array(2 * this.#held.length);
      wider.set(this.#held);
      this.#held = wider;
    }
    this.#held[this.#length++] = byte;
  }
}
