import { InputError } from "../errors.ts";
import { gzipBytes, isBgzf, requireBgzfEnd } from "./gzip.ts";
import { type Region, regionsOf } from "./regions.ts";
import type { ByteSource, Inflate } from "./source.ts";

/** Packed bytes read at once: one block of BGZF at most, so that little is read beyond a region. */
const CHUNK = 1 << 16;
/** Positions a step of the linear index covers. */
const LINEAR_SHIFT = 14;
/** The pseudo-bin of counts that samtools adds, which holds no records. */
const PSEUDO_BIN = 37_450;
/** 2^29: where the index's bins end. */
const LAST_INDEXED = 536_870_912;

/** A place in a BGZF file: a block, and a byte of its content. */
export interface Place {
  readonly block: number;
  readonly within: number;
}

/** A run of a BGZF file's text that starts at a record and holds all records of `region` (and more behind them). */
export interface IndexedRun {
  readonly region: Region;
  readonly text: AsyncIterable<Uint8Array>;
}

interface Reference {
  readonly name: string;
  /** Where the chunks of each bin start. */
  readonly bins: ReadonlyMap<number, readonly Place[]>;
  /** For each 16,384 positions, the first record that reaches into them. */
  readonly linear: readonly Place[];
}

/**
 * The places of `source` (BGZF) to read `regions` from, by its tabix index (the SAM specification's Tabix section):
 * one run a region, in the file's order. Records are found by their start.
 * Throws {@link InputError} where the index is none, or of another file.
 */
export async function indexedRuns(
  source: ByteSource,
  index: ByteSource,
  inflate: Inflate,
  regions: readonly Region[],
): Promise<IndexedRun[]> {
  await requireBgzfEnd(source);
  const runs: IndexedRun[] = [];
  for (const reference of await readIndex(index, inflate)) {
    for (const region of regionsOf(regions, reference.name)) {
      const start = firstPlace(reference, region);
      if (start === undefined) continue;
      await requireBlock(source, index, start);
      runs.push({ region, text: textFrom(source, inflate, start) });
    }
  }
  return runs;
}

/** Whether `source` is BGZF, so that an index can point into it. */
export async function isIndexable(source: ByteSource): Promise<boolean> {
  return isBgzf(await source.read(0, Math.min(18, source.size)));
}

/** The first place that can hold a record of `region`; undefined where there is none. */
function firstPlace({ bins, linear }: Reference, { start, end }: Region): Place | undefined {
  const from = Math.min(start - 1, LAST_INDEXED - 1);
  let first: Place | undefined;
  for (const bin of binsOf(from, Math.min(end, LAST_INDEXED) - 1)) {
    for (const place of bins.get(bin) ?? []) {
      if (first === undefined || isBefore(place, first)) first = place;
    }
  }
  // Large bins begin far ahead; the linear index says from where on records can reach into the region.
  const least = linear[Math.min(from >> LINEAR_SHIFT, linear.length - 1)];
  if (first === undefined || least === undefined) return first;
  return isBefore(first, least) ? least : first;
}

function isBefore(a: Place, b: Place): boolean {
  return a.block < b.block || (a.block === b.block && a.within < b.within);
}

/** The bins that positions `from` to `to` (0-based, inclusive) lie in: one run of numbers a level. */
function* binsOf(from: number, to: number): Generator<number> {
  yield 0;
  for (const [first, shift] of [
    [1, 26],
    [9, 23],
    [73, 20],
    [585, 17],
    [4681, 14],
  ] as const) {
    for (let bin = first + (from >> shift); bin <= first + (to >> shift); bin++) yield bin;
  }
}

async function readIndex(index: ByteSource, inflate: Inflate): Promise<Reference[]> {
  const broken = (what: string): InputError =>
    new InputError(index.name, what, "write it again: tabix -p vcf");
  const text = await gzipBytes(index, inflate);
  if (text === undefined) throw broken("is not a tabix index (not gzip)");
  const bytes = await joined(text);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 36 || view.getUint32(0, true) !== 0x01494254) throw broken("is not a tabix index");
  try {
    return referencesOf(bytes, view);
  } catch (cause) {
    if (cause instanceof RangeError) throw broken("is a tabix index that was cut");
    throw cause;
  }
}

function referencesOf(bytes: Uint8Array, view: DataView): Reference[] {
  let at = 36;
  const int = (): number => {
    at += 4;
    return view.getInt32(at - 4, true);
  };
  const place = (): Place => {
    at += 8;
    // The low 16 bits are the place in the block, the others the block's.
    const low = view.getUint32(at - 8, true);
    return { block: view.getUint32(at - 4, true) * 65_536 + (low >>> 16), within: low & 0xffff };
  };
  const end = at + view.getInt32(32, true);
  const names = new TextDecoder().decode(bytes.subarray(at, end)).split("\0");
  at = end;
  return Array.from({ length: view.getInt32(4, true) }, (_, i) => {
    const bins = new Map<number, Place[]>();
    for (let left = int(); left > 0; left--) {
      const bin = int();
      const starts: Place[] = [];
      for (let chunks = int(); chunks > 0; chunks--) {
        starts.push(place());
        at += 8;
      }
      if (bin !== PSEUDO_BIN) bins.set(bin, starts);
    }
    const linear: Place[] = [];
    for (let left = int(); left > 0; left--) linear.push(place());
    return { name: names[i] ?? "", bins, linear };
  });
}

async function requireBlock(source: ByteSource, index: ByteSource, { block }: Place): Promise<void> {
  const head = block < source.size ? await source.read(block, Math.min(block + 18, source.size)) : undefined;
  if (head !== undefined && isBgzf(head)) return;
  throw new InputError(
    index.name,
    `is of another file: ${source.name} has no block at byte ${block}`,
    "write it again: tabix -p vcf",
  );
}

/** The text of a BGZF file from a place on, read in small steps: for those who will stop soon. */
export async function* textFrom(
  source: ByteSource,
  inflate: Inflate,
  { block, within }: Place,
): AsyncGenerator<Uint8Array> {
  let skip = within;
  for await (const bytes of inflate(packedFrom(source, block), source.name)) {
    if (skip < bytes.length) yield bytes.subarray(skip);
    skip = Math.max(0, skip - bytes.length);
  }
}

async function* packedFrom(source: ByteSource, start: number): AsyncGenerator<Uint8Array> {
  for (let at = start; at < source.size; at += CHUNK) {
    yield await source.read(at, Math.min(at + CHUNK, source.size));
  }
}

async function joined(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    all.push(chunk);
    size += chunk.length;
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of all) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
