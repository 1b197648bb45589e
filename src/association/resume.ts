import { InputError, throwIfAborted } from "../errors.ts";
import { checksum } from "../formats/container.ts";
import type { MapPart } from "./mapPart.ts";
import { decodePart, encodePart, type PartStore, partName, partNames, partOfName } from "./parts.ts";
import type { MapRun } from "./tables.ts";

/** Puts parts on `store` as they come. */
export async function storeParts(parts: AsyncIterable<MapPart>, store: PartStore): Promise<void> {
  let buffer: Uint8Array | undefined;
  for await (const part of parts) {
    const bytes = encodePart(part, buffer);
    if (buffer === undefined || bytes.length > buffer.length) buffer = bytes;
    await store.put(partName(part.number, part.piece), bytes);
    part.release?.();
  }
}

/** What is in a store of parts. */
export interface StoredParts {
  /** Numbers of the parts that are whole. */
  readonly whole: ReadonlySet<number>;
  /** Names of pieces that are damaged. */
  readonly damaged: readonly string[];
}

/** Reads every part of `store` and checks it against its checksum. */
export function checkParts(store: PartStore, signal?: AbortSignal): Promise<StoredParts> {
  return checkPieces(store, decodePart, signal);
}

/** The same of what `decode` decodes; it throws {@link InputError} for what is damaged. */
export async function checkPieces(
  store: PartStore,
  decode: (bytes: Uint8Array, name: string) => Pick<MapPart, "number" | "piece" | "last">,
  signal?: AbortSignal,
): Promise<StoredParts> {
  const pieces = new Map<number, { next: number; last: boolean; sound: boolean }>();
  const damaged: string[] = [];
  let buffer: Uint8Array | undefined;
  for (const name of await partNames(store)) {
    throwIfAborted(signal);
    const { number, piece } = partOfName(name)!;
    const seen = pieces.get(number) ?? { next: 0, last: false, sound: true };
    pieces.set(number, seen);
    if (piece !== seen.next++ || seen.last) seen.sound = false;
    try {
      const bytes = await store.get(name, buffer);
      if (buffer === undefined || bytes.length > buffer.length) buffer = bytes;
      const part = decode(bytes, name);
      if (part.number !== number || part.piece !== piece) throw new InputError(name, "is another part");
      seen.last = part.last;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      damaged.push(name);
      seen.sound = false;
    }
  }
  const whole = [...pieces].filter(([, { last, sound }]) => last && sound).map(([number]) => number);
  return { whole: new Set(whole), damaged };
}

/** Shard `index` (from 1) of `count`. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/**
 * The first part of each shard, and behind the last the number of parts: neighbouring parts go to one shard, and
 * shards have about the same number of pairs. A part belongs to the shard that its middle pair falls in, so that
 * with more shards than parts some are empty.
 */
export function shardStarts(pairs: Float64Array, shards: number): number[] {
  // A part without pairs still has variants to read.
  const weight = Float64Array.from(pairs, (value) => value + 1);
  const total = weight.reduce((sum, value) => sum + value, 0);
  const starts = [0];
  let before = 0;
  weight.forEach((value, part) => {
    const shard = Math.min(shards - 1, Math.floor((shards * (before + value / 2)) / total));
    while (starts.length <= shard) starts.push(part);
    before += value;
  });
  while (starts.length <= shards) starts.push(pairs.length);
  return starts;
}

/** Tells plans apart: parts of one are not those of another. */
export function planChecksum(pairs: Float64Array): number {
  return checksum(new Uint32Array(pairs.slice().buffer));
}

/** Which of a plan's parts a store is to hold, and how many of them it held already. */
export interface CompletedParts {
  /** Parts of the plan, and those wanted: from `first` to `end` (exclusive). */
  readonly parts: number;
  readonly first: number;
  readonly end: number;
  readonly kept: number;
}

export interface CompleteOptions {
  /** Only the parts of this shard. Default all. */
  readonly shard?: Shard | undefined;
  /** What a check of the store has found; without it nothing is kept. */
  readonly stored?: StoredParts | undefined;
  /** Called with the plan before any part is done; may throw, so that parts of another plan are not used. */
  readonly onPlan?: ((done: CompletedParts, pairs: Float64Array) => Promise<void> | void) | undefined;
}

/** Does what `store` lacks of a map, so that it holds all parts wanted. */
export async function completeParts(
  run: Pick<MapRun, "parts">,
  store: PartStore,
  { shard = { index: 1, count: 1 }, stored, onPlan }: CompleteOptions = {},
): Promise<CompletedParts> {
  let completed: CompletedParts | undefined;
  const missing = run.parts(async ({ pairs }) => {
    const starts = shardStarts(pairs, shard.count);
    const [first, end] = [starts[shard.index - 1]!, starts[shard.index]!];
    const wanted = Array.from({ length: end - first }, (_, i) => first + i);
    const undone = wanted.filter((number) => !stored?.whole.has(number));
    completed = { parts: pairs.length, first, end, kept: wanted.length - undone.length };
    await onPlan?.(completed, pairs);
    return undone;
  });
  await storeParts(missing, store);
  if (completed === undefined) throw new Error("the run has not asked which parts are wanted");
  return completed;
}
