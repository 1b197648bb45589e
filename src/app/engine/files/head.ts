import { isBgzf, isGzip, requireBgzfEnd } from "../../../formats/gzip.ts";
import type { ByteSource } from "../../../formats/source.ts";
import { textBytes } from "../../../formats/text.ts";
import { inflateInPage } from "../../inflate.ts";

/** The beginning of a file, unpacked. */
export interface Head {
  readonly source: ByteSource;
  readonly packing: "plain" | "gzip" | "bgzf";
  readonly bytes: Uint8Array;
  /** Bytes of the file that `bytes` was unpacked from, to guess its length by. */
  readonly taken: number;
  /** Whether `bytes` is all there is. */
  readonly whole: boolean;
  /** What is wrong with the packing. */
  readonly problem?: string | undefined;
}

const PACKED = 1 << 16;
/** As much of a file as is looked at: the header of a VCF of thousands of samples and contigs is within it. */
const MOST = 1 << 20;

export async function readHead(source: ByteSource): Promise<Head> {
  const first = await source.read(0, Math.min(18, source.size));
  if (!isGzip(first)) {
    const taken = Math.min(MOST, source.size);
    const bytes = await source.read(0, taken);
    return { source, packing: "plain", bytes, taken, whole: taken === source.size };
  }
  const bgzf = isBgzf(first);
  const { bytes, taken, ended, failed } = await unpacked(source);
  const end = bgzf ? await requireBgzfEnd(source).catch(() => "cut") : undefined;
  const cut = "the file is cut: its compressed end is missing; copy it again";
  const corrupt = "cannot be unpacked: it is damaged or cut; copy it again";
  return {
    source,
    packing: bgzf ? "bgzf" : "gzip",
    bytes,
    taken,
    whole: ended,
    ...(end === "cut" ? { problem: cut } : failed ? { problem: corrupt } : {}),
  };
}

/** As much as is looked at, and what it was unpacked from. */
async function unpacked(
  source: ByteSource,
): Promise<{ bytes: Uint8Array; taken: number; ended: boolean; failed: boolean }> {
  let taken = 0;
  const pieces: Uint8Array[] = [];
  let length = 0;
  async function* packed(): AsyncGenerator<Uint8Array> {
    while (taken < source.size) {
      const end = Math.min(taken + PACKED, source.size);
      const bytes = await source.read(taken, end);
      taken = end;
      yield bytes;
    }
  }
  let failed = false;
  // All of a file may be taken in before all of it is handed out.
  let ended = true;
  try {
    for await (const piece of inflateInPage(packed(), source.name)) {
      pieces.push(piece);
      length += piece.length;
      ended = length < MOST;
      if (!ended) break;
    }
  } catch {
    failed = true;
  }
  return { bytes: joined(pieces), taken, ended, failed };
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}

/** The first whole lines of a text, at most `most`. */
export function linesOf({ bytes, whole }: Head, most: number): string[] {
  const text = new TextDecoder().decode(bytes);
  const lines: string[] = [];
  let from = 0;
  while (lines.length < most) {
    const end = text.indexOf("\n", from);
    if (end < 0) {
      if (whole && from < text.length) lines.push(text.slice(from).replace(/\r$/, ""));
      break;
    }
    lines.push(text.slice(from, end).replace(/\r$/, ""));
    from = end + 1;
  }
  if (lines[0]?.startsWith("\ufeff")) lines[0] = lines[0].slice(1);
  return lines;
}

/** Longer files are not read through for a count: packed ones take a second for some 100 MB. */
const COUNTED = { plain: 2 ** 30, gzip: 2 ** 25, bgzf: 2 ** 25 };

/** Lines of a file that are not comments of `#`; of a long one about how many. */
export async function countLines(head: Head): Promise<{ readonly lines: number; readonly exact: boolean }> {
  const { bytes, taken, whole, source, packing } = head;
  let lines = 0;
  let last = 10;
  const count = (piece: Uint8Array): void => {
    for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, at + 1)) lines++;
    last = piece.at(-1) ?? last;
  };
  if (!whole && source.size > COUNTED[packing]) {
    count(bytes);
    return { lines: Math.round((lines * source.size) / Math.max(1, taken)), exact: false };
  }
  if (whole) count(bytes);
  else for await (const piece of await textBytes(source, inflateInPage)) count(piece);
  return { lines: lines + (last === 10 ? 0 : 1), exact: true };
}
