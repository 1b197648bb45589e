import { InputError } from "../errors.ts";

/** Arrays a container keeps. Lengths are free: the columns need not be of one table. */
export type ContainerArray = Float64Array | Int32Array | Uint32Array | readonly string[];

export interface ContainerColumn {
  readonly name: string;
  readonly values: ContainerArray;
}

/** A decoded container. Arrays of numbers are views of the bytes it was opened on. */
export interface Container {
  readonly meta: Readonly<Record<string, number | string>>;
  /** Of the columns, as they were written. */
  readonly names: readonly string[];
  /** A column of whatever kind. */
  array(name: string): ContainerArray;
  doubles(name: string): Float64Array;
  int32s(name: string): Int32Array;
  uint32s(name: string): Uint32Array;
  /** Decoded at each call. */
  strings(name: string): string[];
}

type Kind = "f64" | "i32" | "u32" | "utf8";
/** `at` counts from the end of the header; `length` is elements, `bytes` those of a string column's text. */
type Entry = { name: string; kind: Kind; at: number; length: number; bytes: number };
type Header = { meta: Record<string, number | string>; columns: Entry[] };

const MAGIC = 0x31505851; // "QXP1"
const END = 0x31455851; // "QXE1"
const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();
/** Latin-1 in name, but used where all bytes are ASCII: it decodes faster and gives one-byte strings. */
const ASCII = new TextDecoder("latin1");

const aligned = (n: number): number => (n + 7) & ~7;

/**
 * Columns in one self-describing run of bytes: magic and header length (u32 each), JSON header padded
 * to 8, arrays aligned to 8 (numbers little-endian; strings as u32 ends and UTF-8 text), then a
 * trailer of 16 bytes: length, checksum and end mark. A cut or damaged file is recognised by
 * {@link openContainer}. Written into `into` when it is large enough (the result is a view of it).
 */
export function encodeContainer(
  meta: Readonly<Record<string, number | string>>,
  columns: readonly ContainerColumn[],
  into?: Uint8Array,
): Uint8Array {
  const header: Header = { meta: { ...meta }, columns: [] };
  const texts = new Map<string, string>();
  let at = 0;
  for (const { name, values } of columns) {
    const kind = kindOf(values);
    let bytes = 0;
    if (kind === "utf8") {
      const text = (values as readonly string[]).join("");
      texts.set(name, text);
      bytes = utf8Length(text);
    }
    header.columns.push({ name, kind, at, length: values.length, bytes });
    at += aligned(values.length * (kind === "f64" ? 8 : 4)) + aligned(bytes);
  }
  const json = ENCODER.encode(JSON.stringify(header));
  const start = aligned(8 + json.length);
  const total = start + at + 16;
  const out =
    into !== undefined && into.length >= total && into.byteOffset % 8 === 0
      ? into.subarray(0, total)
      : new Uint8Array(total);
  const words = new Uint32Array(out.buffer, out.byteOffset, total >> 2);
  words[0] = MAGIC;
  words[1] = json.length;
  out.set(json, 8);
  out.fill(0x20, 8 + json.length, start);
  columns.forEach(({ name, values }, c) => {
    const entry = header.columns[c]!;
    writeColumn(out, start + entry.at, entry, values, texts.get(name) ?? "");
  });
  const tail = (start + at) >> 2;
  words[tail] = total % 2 ** 32;
  words[tail + 1] = Math.floor(total / 2 ** 32);
  words[tail + 2] = checksum(words.subarray(0, tail));
  words[tail + 3] = END;
  return out;
}

/**
 * Opens what {@link encodeContainer} wrote. `bytes` must stay as they are while views are in use.
 * Throws {@link InputError} naming `name` when they are cut, damaged or something else.
 */
export function openContainer(bytes: Uint8Array, name: string): Container {
  const whole = bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
  const total = whole.length;
  const fix = "delete it and run again";
  if (total < 24 || total % 8 !== 0) {
    throw new InputError(name, `a part of ${total} bytes is cut short`, fix);
  }
  const words = new Uint32Array(whole.buffer, whole.byteOffset, total >> 2);
  const tail = words.length - 4;
  if (words[0] !== MAGIC) throw new InputError(name, "is not a part of a map", fix);
  const length = words[tail]! + words[tail + 1]! * 2 ** 32;
  if (words[tail + 3] !== END || length !== total) {
    throw new InputError(name, `is cut short or damaged (${total} bytes)`, fix);
  }
  if (checksum(words.subarray(0, tail)) !== words[tail + 2]) {
    throw new InputError(name, "is damaged (its checksum differs)", fix);
  }
  const jsonLength = words[1]!;
  const header = JSON.parse(DECODER.decode(whole.subarray(8, 8 + jsonLength))) as Header;
  const start = aligned(8 + jsonLength);
  const find = (column: string, kind: Kind): Entry => {
    const entry = header.columns.find((candidate) => candidate.name === column);
    if (entry?.kind !== kind) {
      throw new InputError(
        name,
        `has no column ${column} of kind ${kind}`,
        "it is of another version; delete it",
      );
    }
    return entry;
  };
  const offset = (entry: Entry): number => whole.byteOffset + start + entry.at;
  return {
    meta: header.meta,
    names: header.columns.map((column) => column.name),
    array(column) {
      switch (header.columns.find((candidate) => candidate.name === column)?.kind) {
        case "f64":
          return this.doubles(column);
        case "i32":
          return this.int32s(column);
        case "u32":
          return this.uint32s(column);
        default:
          return this.strings(column);
      }
    },
    doubles(column) {
      const entry = find(column, "f64");
      return new Float64Array(whole.buffer, offset(entry), entry.length);
    },
    int32s(column) {
      const entry = find(column, "i32");
      return new Int32Array(whole.buffer, offset(entry), entry.length);
    },
    uint32s(column) {
      const entry = find(column, "u32");
      return new Uint32Array(whole.buffer, offset(entry), entry.length);
    },
    strings(column) {
      const entry = find(column, "utf8");
      return readStrings(whole, start + entry.at, entry);
    },
  };
}

function kindOf(values: ContainerArray): Kind {
  if (values instanceof Float64Array) return "f64";
  if (values instanceof Int32Array) return "i32";
  return values instanceof Uint32Array ? "u32" : "utf8";
}

function writeColumn(out: Uint8Array, at: number, entry: Entry, values: ContainerArray, text: string): void {
  if (values instanceof Float64Array || values instanceof Int32Array || values instanceof Uint32Array) {
    out.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    out.fill(0, at + values.byteLength, at + aligned(values.byteLength));
    return;
  }
  const ends = new Uint32Array(out.buffer, out.byteOffset + at, aligned(4 * values.length) >> 2);
  ends.fill(0, values.length);
  const ascii = entry.bytes === text.length;
  let end = 0;
  for (let i = 0; i < values.length; i++) {
    end += ascii ? values[i]!.length : utf8Length(values[i]!);
    ends[i] = end;
  }
  const from = at + aligned(4 * values.length);
  ENCODER.encodeInto(text, out.subarray(from, from + entry.bytes));
  out.fill(0, from + entry.bytes, from + aligned(entry.bytes));
}

function readStrings(whole: Uint8Array, at: number, { length, bytes }: Entry): string[] {
  const ends = new Uint32Array(whole.buffer, whole.byteOffset + at, length);
  const from = at + aligned(4 * length);
  const raw = whole.subarray(from, from + bytes);
  const ascii = raw.every((byte) => byte < 0x80);
  const text = ascii ? ASCII.decode(raw) : "";
  const strings = new Array<string>(length);
  let start = 0;
  for (let i = 0; i < length; i++) {
    const end = ends[i]!;
    strings[i] = ascii ? text.substring(start, end) : DECODER.decode(raw.subarray(start, end));
    start = end;
  }
  return strings;
}

/** UTF-8 bytes of `text`, a lone surrogate counted as U+FFFD, which is what the encoder writes. */
function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) continue;
    if (code < 0x800) {
      bytes++;
      continue;
    }
    const next = text.charCodeAt(i + 1);
    const pair = code >= 0xd800 && code < 0xdc00 && next >= 0xdc00 && next < 0xe000;
    bytes += 2;
    // A pair is two units and four bytes.
    if (pair) i++;
  }
  return bytes;
}

/** Mixes 32-bit words in two lanes; for accidents, not for adversaries. */
export function checksum(words: Uint32Array): number {
  let a = 0x9e3779b1;
  let b = 0x85ebca6b;
  const paired = words.length & ~1;
  for (let i = 0; i < paired; i += 2) {
    a = Math.imul(a ^ words[i]!, 0x01000193);
    a = (a << 13) | (a >>> 19);
    b = Math.imul(b ^ words[i + 1]!, 0x27d4eb2f);
    b = (b << 11) | (b >>> 21);
  }
  if (paired < words.length) a = Math.imul(a ^ words[paired]!, 0x01000193);
  return (Math.imul(a, 0x2c1b3c6d) ^ b ^ words.length) >>> 0;
}
