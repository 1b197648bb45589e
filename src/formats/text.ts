import { InputError } from "../errors.ts";
import { gzipBytes } from "./gzip.ts";
import { type ByteSource, type Inflate, readInto } from "./source.ts";
import { atLine, counted, shown } from "./wording.ts";

const CHUNK = 1 << 20;
/** Longer lines than this are no table of ours (64 MiB is 5 million samples of 12 characters). */
const LONGEST_LINE = 1 << 26;
const TAB = 9;
const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;

/**
 * Called with each line: the bytes `start` to `end` of `bytes`, without the line ending. `line` counts
 * from 1 (blank lines count, but are not handed over) and `offset` is where the line starts in the
 * (decompressed) text. The bytes are only valid during the call.
 */
export type LineVisitor = (
  bytes: Uint8Array,
  start: number,
  end: number,
  line: number,
  offset: number,
) => void;

/** Cells end at each tab or, in a file whose first line has no tab, at each run of white space. */
export type Separator = "tab" | "white";

/** A line of a small table, cut into trimmed cells. */
export interface Row {
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * Reads a text file, plain or gzip, line by line. Memory: a chunk or the longest line, whichever is
 * more. Takes \n and \r\n, a last line without line ending, and a byte order mark.
 * Throws {@link InputError} on UTF-16, NUL bytes, endless lines, and gzip that is cut, corrupt or missing.
 */
export async function eachLine(source: ByteSource, inflate: Inflate, visit: LineVisitor): Promise<void> {
  await eachLineIn(await textBytes(source, inflate), source.name, visit);
}

/**
 * {@link eachLine} over text as it comes. After each chunk `between` is awaited, which may store what the visitor
 * made of it; where it says true, reading stops.
 */
export async function eachLineIn(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
  visit: LineVisitor,
  between?: () => Promise<boolean>,
): Promise<void> {
  let buffer = new Uint8Array(CHUNK);
  let filled = 0;
  let offset = 0;
  let line = 0;
  for await (const chunk of chunks) {
    buffer = withRoom(buffer, filled, chunk.length, name, line + 1);
    buffer.set(chunk, filled);
    const nul = chunk.indexOf(0);
    if (nul >= 0 && offset === 0 && line === 0 && isUtf16(buffer)) {
      throw new InputError(name, "is text in UTF-16 ('Unicode text' of a spreadsheet)", "save it as UTF-8");
    }
    let begin = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) {
      if (nul >= 0 && nul < at) break;
      visitLine(buffer, begin, filled + at, ++line, offset + begin, visit);
      begin = filled + at + 1;
    }
    if (nul >= 0) throw notText(name, line + 1, "holds NUL bytes");
    filled += chunk.length;
    buffer.copyWithin(0, begin, filled);
    filled -= begin;
    offset += begin;
    if ((await between?.()) === true) return;
  }
  if (filled > 0) visitLine(buffer, 0, filled, line + 1, offset, visit);
}

/** {@link eachLine} over a piece of a text file that is in memory already; `offset` is where it starts. */
export function eachLineOf(bytes: Uint8Array, offset: number, visit: LineVisitor): void {
  let begin = 0;
  let line = 0;
  while (begin < bytes.length) {
    const newline = bytes.indexOf(NEWLINE, begin);
    const end = newline < 0 ? bytes.length : newline;
    visitLine(bytes, begin, end, ++line, offset + begin, visit);
    begin = end + 1;
  }
}

/** The cells of the first line that does not start with `comment`; none in an empty file. Reads no more of it. */
export async function firstRow(source: ByteSource, inflate: Inflate, comment: string): Promise<string[]> {
  const found = new FoundRow();
  try {
    await eachLine(source, inflate, (bytes, start, end, line) => {
      const text = decode(bytes, start, end, source.name, line);
      if (text.startsWith(comment)) return;
      found.cells = splitCells(text, separatorOf(bytes, start, end));
      throw found;
    });
  } catch (error) {
    if (error !== found) throw error;
  }
  return found.cells;
}

/** Thrown to stop reading. */
class FoundRow extends Error {
  cells: string[] = [];
}

/** All rows of a small table, cut as the first line says. Throws when the file has no row. */
export async function readRows(source: ByteSource, inflate: Inflate): Promise<Row[]> {
  const rows: Row[] = [];
  let separator: Separator | undefined;
  await eachLine(source, inflate, (bytes, start, end, line) => {
    separator ??= separatorOf(bytes, start, end);
    rows.push({ line, cells: splitCells(decode(bytes, start, end, source.name, line), separator) });
  });
  if (rows.length === 0) throw emptyFile(source);
  return rows;
}

/** The error for a file without a line. */
export function emptyFile(source: ByteSource): InputError {
  return new InputError(source.name, source.size === 0 ? "is empty (0 bytes)" : "is empty (no lines)");
}

export function separatorOf(bytes: Uint8Array, start: number, end: number): Separator {
  const tab = bytes.indexOf(TAB, start);
  return tab >= 0 && tab < end ? "tab" : "white";
}

export function splitCells(text: string, separator: Separator): string[] {
  if (separator === "tab") return text.split("\t").map((cell) => cell.trim());
  return text.trim().split(/[ \t]+/);
}

/**
 * Finds the cells of the line `start` to `end`: cell i is the bytes `bounds[2 i]` to `bounds[2 i + 1]`,
 * without white space around it. Returns how many there are, which may be more than `bounds` has room for.
 */
export function findCells(
  bytes: Uint8Array,
  start: number,
  end: number,
  separator: Separator,
  bounds: Int32Array,
): number {
  return separator === "tab" ? tabCells(bytes, start, end, bounds) : whiteCells(bytes, start, end, bounds);
}

/** UTF-8 to a string of its own (a slice of a longer string would keep all of that in memory). */
export function decode(bytes: Uint8Array, start: number, end: number, name: string, line: number): string {
  if (end - start <= 64) {
    let seen = 0;
    for (let at = start; at < end; at++) seen |= bytes[at]!;
    if (seen < 128) return ascii(bytes, start, end);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(start, end));
  } catch (cause) {
    throw notText(name, line, "is not UTF-8", cause);
  }
}

/** In calls of 14 characters at most: a view of the bytes and a call with a list would take longer than the text, and text joined of pieces is copied when it is looked up. */
function ascii(bytes: Uint8Array, start: number, end: number): string {
  let at = start;
  let text = "";
  for (; at + 14 < end; at += 14) text += characters(bytes, at, 14);
  const rest = characters(bytes, at, end - at);
  return text === "" ? rest : text + rest;
}

/** The `length` characters (14 at most) from byte `at` on, in one call. */
function characters(bytes: Uint8Array, at: number, length: number): string {
  const of = String.fromCharCode;
  const b = (i: number): number => bytes[at + i]!;
  switch (length) {
    case 0:
      return "";
    case 1:
      return of(b(0));
    case 2:
      return of(b(0), b(1));
    case 3:
      return of(b(0), b(1), b(2));
    case 4:
      return of(b(0), b(1), b(2), b(3));
    case 5:
      return of(b(0), b(1), b(2), b(3), b(4));
    case 6:
      return of(b(0), b(1), b(2), b(3), b(4), b(5));
    case 7:
      return of(b(0), b(1), b(2), b(3), b(4), b(5), b(6));
    case 8:
      return of(b(0), b(1), b(2), b(3), b(4), b(5), b(6), b(7));
    case 9:
      return of(b(0), b(1), b(2), b(3), b(4), b(5), b(6), b(7), b(8));
    case 10:
      return of(b(0), b(1), b(2), b(3), b(4), b(5), b(6), b(7), b(8), b(9));
    case 11:
      return of(b(0), b(1), b(2), b(3), b(4), b(5), b(6), b(7), b(8), b(9), b(10));
    case 12:
      return of(b(0), b(1), b(2), b(3), b(4), b(5), b(6), b(7), b(8), b(9), b(10), b(11));
    case 13:
      return of(b(0), b(1), b(2), b(3), b(4), b(5), b(6), b(7), b(8), b(9), b(10), b(11), b(12));
    default:
      return of(b(0), b(1), b(2), b(3), b(4), b(5), b(6), b(7), b(8), b(9), b(10), b(11), b(12), b(13));
  }
}

/**
 * Throws where a name of a sample, gene or covariate is empty or in quotation marks, which are ordinary
 * characters here: taken as they are, `"S1"` would never match S1.
 */
export function checkName(name: string, what: string, where: string): void {
  if (name === "") throw new InputError(where, `${what} without a name`, "give it one");
  if (/^["']|["']$/.test(name)) {
    throw new InputError(
      where,
      `${what} ${name} is in quotation marks, which are not special here`,
      "write the file without quotes (in R: quote = FALSE)",
    );
  }
}

function visitLine(
  bytes: Uint8Array,
  start: number,
  lineEnd: number,
  line: number,
  offset: number,
  visit: LineVisitor,
): void {
  const end = lineEnd > start && bytes[lineEnd - 1] === RETURN ? lineEnd - 1 : lineEnd;
  const marked =
    offset === 0 && bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf;
  const begin = marked ? start + 3 : start;
  for (let at = begin; at < end; at++) {
    if (bytes[at] !== SPACE && bytes[at] !== TAB) {
      visit(bytes, begin, end, line, offset);
      return;
    }
  }
}

/** `buffer`, or a larger copy of its first `filled` bytes, with room for `more` bytes. */
function withRoom(
  buffer: Uint8Array<ArrayBuffer>,
  filled: number,
  more: number,
  name: string,
  line: number,
): Uint8Array<ArrayBuffer> {
  if (filled + more <= buffer.length) return buffer;
  if (filled > LONGEST_LINE) throw notText(name, line, `is longer than ${LONGEST_LINE} bytes`);
  const larger = new Uint8Array(Math.max(2 * buffer.length, filled + more));
  larger.set(buffer.subarray(0, filled));
  return larger;
}

/** The bytes of a text file, unpacked where it is gzip; each piece is good until the next. */
export async function textBytes(source: ByteSource, inflate: Inflate): Promise<AsyncIterable<Uint8Array>> {
  return (await gzipBytes(source, inflate)) ?? plainBytes(source);
}

/** Good until the next piece is asked for: a file of 200 MB would leave 200 MB of memory to be collected. */
async function* plainBytes(source: ByteSource): AsyncGenerator<Uint8Array> {
  const chunk = new Uint8Array(Math.min(CHUNK, source.size));
  for (let at = 0; at < source.size; at += CHUNK) {
    const piece = chunk.subarray(0, Math.min(CHUNK, source.size - at));
    await readInto(source, piece, at);
    yield piece;
  }
}

/** By its byte order mark. */
function isUtf16([first, second]: Uint8Array): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}

function notText(name: string, line: number, what: string, cause?: unknown): InputError {
  return new InputError(
    atLine(name, line),
    what,
    "a text file in UTF-8 is expected",
    cause === undefined ? undefined : { cause },
  );
}

function tabCells(bytes: Uint8Array, start: number, end: number, bounds: Int32Array): number {
  let count = 0;
  let from = start;
  for (let at = start; at <= end; at++) {
    if (at < end && bytes[at] !== TAB) continue;
    let last = at;
    while (from < last && bytes[from] === SPACE) from++;
    while (last > from && bytes[last - 1] === SPACE) last--;
    if (2 * count + 1 < bounds.length) {
      bounds[2 * count] = from;
      bounds[2 * count + 1] = last;
    }
    count++;
    from = at + 1;
  }
  return count;
}

function whiteCells(bytes: Uint8Array, start: number, end: number, bounds: Int32Array): number {
  let count = 0;
  let at = start;
  for (;;) {
    while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at++;
    if (at >= end) return count;
    const from = at;
    while (at < end && bytes[at] !== SPACE && bytes[at] !== TAB) at++;
    if (2 * count + 1 < bounds.length) {
      bounds[2 * count] = from;
      bounds[2 * count + 1] = at;
    }
    count++;
  }
}

/** How a ragged row is said, in every table. */
export function raggedRow(name: string, line: number, cells: number, expected: number): InputError {
  return new InputError(
    atLine(name, line),
    `has ${counted(cells, "cell")} where the header has ${expected}`,
    cells === 1 ? "separate the cells as in the header" : "every row needs one cell a column",
  );
}

/** The first cells of a line, for a message. */
export function firstCells(cells: readonly string[], most = 4): string {
  return (
    cells
      .slice(0, most)
      .map((cell) => shown(cell))
      .join(", ") + (cells.length > most ? ", ..." : "")
  );
}
