import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { PartStore } from "../association/parts.ts";
import { partName, partNames, partOfName } from "../association/parts.ts";
import { checkParts, type Shard } from "../association/resume.ts";
import { InputError, UsageError } from "../errors.ts";
import { decodeKeptMap, encodeKeptMap, type KeptMap } from "../report/keptMap.ts";
import { errorCode } from "./fileErrors.ts";
import type { OutputFolder } from "./folder.ts";
import { partFolder } from "./partFolder.ts";
import { differences, type RunIdentity } from "./runIdentity.ts";
import { type PlanRecord, workPath } from "./workFolder.ts";

/** `shard.json`: what the parts beside it are of. */
export interface ShardRecord {
  readonly program: "qortex";
  readonly kind: "shard";
  readonly identity: RunIdentity;
  readonly shard: Shard;
  /** The whole plan, and the parts that are here: `first` to `end` (exclusive). */
  readonly plan: PlanRecord & { readonly first: number; readonly end: number };
  /** As they were typed: the command's own. */
  readonly options: unknown;
  readonly messages: readonly { readonly level: "info" | "warning"; readonly text: string }[];
  readonly backend: string;
}

/** One shard of a map, in its folder. */
export interface ShardFolder {
  readonly path: string;
  readonly record: ShardRecord;
  readonly store: PartStore;
}

const RECORD = "shard.json";
const MAP = "map.bin";

/** Writes a shard into `folder` (not committed): its parts from `store`, the map without parts, the record. */
export async function writeShard(
  folder: OutputFolder,
  store: PartStore,
  record: ShardRecord,
  map: KeptMap,
): Promise<void> {
  const { first, end } = record.plan;
  let buffer: Uint8Array | undefined;
  for (const name of await partNames(store)) {
    const { number } = partOfName(name)!;
    if (number < first || number >= end) continue;
    const bytes = await store.get(name, buffer);
    if (buffer === undefined || bytes.length > buffer.length) buffer = bytes;
    await folder.bytes(name, bytes);
  }
  await folder.bytes(MAP, encodeKeptMap(map));
  await folder.text(RECORD, `${JSON.stringify(record, null, 2)}\n`);
}

/** Opens the folder of a shard. Throws InputError when it is none, or is not complete. */
export async function openShard(path: string): Promise<ShardFolder> {
  let text: string;
  try {
    text = await readFile(join(path, RECORD), "utf8");
  } catch (error) {
    const unfinished = await readFile(join(path, "run.json")).catch(() =>
      readFile(join(workPath(path), "run.json")).catch(() => undefined),
    );
    if (unfinished !== undefined) {
      throw new InputError(path, "is a shard that is not finished", "run it again with --resume", {
        cause: error,
      });
    }
    const what = errorCode(error) === "ENOENT" ? "holds no shard" : `cannot be read (${errorCode(error)})`;
    throw new InputError(path, what, "give the folders that --shard wrote", { cause: error });
  }
  const record = parsed(text);
  if (record === undefined) throw new InputError(join(path, RECORD), "is not the record of a shard");
  return { path, record, store: partFolder(path, path) };
}

function parsed(text: string): ShardRecord | undefined {
  try {
    const record: unknown = JSON.parse(text);
    if (typeof record !== "object" || record === null) return undefined;
    const { program, kind } = record as Partial<ShardRecord>;
    return program === "qortex" && kind === "shard" ? (record as ShardRecord) : undefined;
  } catch {
    return undefined;
  }
}

/** Throws UsageError unless the shards are all shards of one run, each once; gives them in order. */
export function wholeSet(shards: readonly ShardFolder[]): ShardFolder[] {
  const [model] = shards;
  if (model === undefined) throw new UsageError("merge needs the folders of the shards");
  const { count } = model.record.shard;
  const byIndex = new Map<number, ShardFolder>();
  for (const shard of shards) {
    const { index, count: own } = shard.record.shard;
    const differ = differences(model.record.identity, shard.record.identity);
    if (own !== count) differ.unshift(`it is one of ${own}, not of ${count}`);
    const [a, b] = [model.record.plan, shard.record.plan];
    if (a.parts !== b.parts || a.checksum !== b.checksum) differ.push("its plan is another");
    if (differ.length > 0) {
      throw new UsageError(`${shard.path}: is no shard of the run of ${model.path}: ${differ.join("; ")}`);
    }
    const twice = byIndex.get(index);
    if (twice !== undefined) {
      throw new UsageError(`${twice.path} and ${shard.path}: both are shard ${index}/${count}; give one`);
    }
    byIndex.set(index, shard);
  }
  const missing: number[] = [];
  for (let index = 1; index <= count; index++) if (!byIndex.has(index)) missing.push(index);
  if (missing.length > 0) {
    const some = missing.slice(0, 10).map((index) => `${index}/${count}`);
    const more = missing.length > 10 ? ` and ${missing.length - 10} more` : "";
    throw new UsageError(
      `${missing.length === 1 ? "shard" : "shards"} ${some.join(", ")}${more} ${missing.length === 1 ? "is" : "are"} missing; run ${missing.length === 1 ? "it" : "them"} with --shard, and give all ${count} folders`,
    );
  }
  return [...byIndex].sort(([a], [b]) => a - b).map(([, shard]) => shard);
}

/** The map of a shard without parts. */
export async function keptMapOf({ path, store }: ShardFolder): Promise<KeptMap> {
  return decodeKeptMap(await store.get(MAP), join(path, MAP));
}

/** Throws InputError for a shard that lacks a part or holds a damaged one. */
export async function checkShard({ path, record, store }: ShardFolder, signal?: AbortSignal): Promise<void> {
  const { index, count } = record.shard;
  const fix = `run shard ${index}/${count} again with --overwrite`;
  const { whole, damaged } = await checkParts(store, signal);
  const [bad] = damaged;
  if (bad !== undefined) throw new InputError(join(path, bad), "is damaged", fix);
  for (let part = record.plan.first; part < record.plan.end; part++) {
    if (!whole.has(part)) throw new InputError(join(path, partName(part)), "is missing or incomplete", fix);
  }
}

/** The parts of all shards as one store, to read from. */
export async function joinedStore(shards: readonly ShardFolder[]): Promise<PartStore> {
  const home = new Map<string, PartStore>();
  for (const { store, record } of shards) {
    const { first, end } = record.plan;
    for (const name of await partNames(store)) {
      const { number } = partOfName(name)!;
      if (number >= first && number < end) home.set(name, store);
    }
  }
  const readOnly = (): never => {
    throw new Error("shards are read only");
  };
  return {
    put: readOnly,
    delete: readOnly,
    list: async () => [...home.keys()].sort(),
    get(name, into) {
      const store = home.get(name);
      if (store === undefined) throw new InputError(name, "is in none of the shards");
      return store.get(name, into);
    },
  };
}
