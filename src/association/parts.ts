import { InputError } from "../errors.ts";
import {
  type Container,
  type ContainerArray,
  type ContainerColumn,
  encodeContainer,
  openContainer,
} from "../formats/container.ts";
import type { MapPart, PartCounts, PartTable } from "./mapPart.ts";
import type { DroppedVariants, ExtraColumns, PairBatch, VariantStatus, VariantTable } from "./tables.ts";

/**
 * Where parts wait to be merged: a folder, memory, the browser's OPFS. A name that was put is there
 * whole or not at all.
 */
export interface PartStore {
  put(name: string, bytes: Uint8Array): Promise<void>;
  /**
   * What was put under `name`, as a view of `into` when that is large enough (then `into` may be used
   * again once the view is done with). Throws {@link InputError} when it is not there.
   */
  get(name: string, into?: Uint8Array): Promise<Uint8Array>;
  delete(name: string): Promise<void>;
  /** Names, sorted. */
  list(): Promise<string[]>;
}

/** A {@link PartStore} in memory. */
export function memoryParts(): PartStore {
  const kept = new Map<string, Uint8Array>();
  return {
    async put(name, bytes) {
      kept.set(name, new Uint8Array(bytes));
    },
    async get(name) {
      const bytes = kept.get(name);
      if (bytes === undefined) throw new InputError(name, "is not among the parts");
      return bytes;
    },
    async delete(name) {
      kept.delete(name);
    },
    async list() {
      return [...kept.keys()].sort();
    },
  };
}

const PART = /^part-(\d{9})-(\d{6})$/;

/** Name of a piece of part `number`; names sort as the numbers do. */
export function partName(number: number, piece = 0): string {
  return `part-${String(number).padStart(9, "0")}-${String(piece).padStart(6, "0")}`;
}

/** The part and piece of a name, where it is one of a part. */
export function partOfName(name: string): { number: number; piece: number } | undefined {
  const match = PART.exec(name);
  return match === null ? undefined : { number: Number(match[1]), piece: Number(match[2]) };
}

/** The pieces of parts in `store`, in order. */
export async function partNames(store: PartStore): Promise<string[]> {
  return (await store.list()).filter((name) => PART.test(name));
}

/** The parts in `store`, in order; numbers of one are good until the next. */
export function storedParts(store: PartStore): AsyncGenerator<MapPart> {
  return storedPartsOf(store, 0, Number.POSITIVE_INFINITY);
}

/** The same of parts `first` to `end` (exclusive). */
export function storedPartsOf(store: PartStore, first: number, end: number): AsyncGenerator<MapPart> {
  return decoded(store, first, end, decodePart);
}

/** The batches of the parts in `store`, in order: no string of their tables is made. Numbers are good until the next. */
export function storedBatches(store: PartStore): AsyncGenerator<PairBatch> {
  return decoded(store, 0, Number.POSITIVE_INFINITY, (bytes, name) => batchOf(openContainer(bytes, name)));
}

async function* decoded<Of>(
  store: PartStore,
  first: number,
  end: number,
  decode: (bytes: Uint8Array, name: string) => Of,
): AsyncGenerator<Of> {
  let buffer: Uint8Array | undefined;
  for (const name of await partNames(store)) {
    const { number } = partOfName(name)!;
    if (number < first || number >= end) continue;
    const bytes = await store.get(name, buffer);
    if (buffer === undefined || bytes.length > buffer.length) buffer = bytes;
    yield decode(bytes, name);
  }
}

/** `part` as one container, written into `into` when it is large enough. */
export function encodePart(part: MapPart, into?: Uint8Array): Uint8Array {
  const { batch, counts, tables } = part;
  const columns: ContainerColumn[] = [
    { name: "variant", values: batch.variant },
    { name: "gene", values: batch.gene },
    { name: "slope", values: batch.slope },
    { name: "slope_se", values: batch.slopeSe },
    { name: "log10_p", values: batch.log10P },
    ...extraColumns("", batch.extra),
    ...variantColumns("variants", batch.variants),
    ...variantColumns("dropped", batch.dropped),
    { name: "dropped.status", values: batch.dropped.status },
  ];
  for (const [table, own] of Object.entries(tables)) {
    for (const [name, values] of Object.entries(own))
      columns.push({ name: `${TABLE}${table}.${name}`, values });
  }
  const { number, piece, last } = part;
  return encodeContainer(
    { part: number, piece, last: Number(last), counts: JSON.stringify(counts) },
    columns,
    into,
  );
}

const TABLE = "table.";

/** What {@link encodePart} wrote; numbers are views of `bytes`. Throws {@link InputError} naming `name`. */
export function decodePart(bytes: Uint8Array, name: string): MapPart {
  const container = openContainer(bytes, name);
  const { meta } = container;
  return {
    number: Number(meta["part"]),
    piece: Number(meta["piece"]),
    last: meta["last"] === 1,
    batch: batchOf(container),
    counts: JSON.parse(String(meta["counts"])) as PartCounts,
    tables: tablesOf(container),
  };
}

function batchOf(container: Container): PairBatch {
  const dropped: DroppedVariants = {
    ...variantTable("dropped", container),
    status: container.strings("dropped.status") as VariantStatus[],
  };
  return {
    part: Number(container.meta["part"]),
    variants: { ...variantTable("variants", container), ...extraOf("variants.", container) },
    dropped,
    variant: container.uint32s("variant"),
    gene: container.uint32s("gene"),
    slope: container.doubles("slope"),
    slopeSe: container.doubles("slope_se"),
    log10P: container.doubles("log10_p"),
    ...extraOf("", container),
  };
}

function tablesOf(container: Container): Record<string, PartTable> {
  const tables: Record<string, Record<string, ContainerArray>> = {};
  for (const name of container.names) {
    if (!name.startsWith(TABLE)) continue;
    const dot = name.indexOf(".", TABLE.length);
    const table = name.slice(TABLE.length, dot);
    tables[table] ??= {};
    tables[table][name.slice(dot + 1)] = container.array(name);
  }
  return tables;
}

const EXTRA = "extra.";

/** The further columns that were written under `prefix`, where there are any. */
function extraOf(prefix: string, container: Container): { extra?: ExtraColumns } {
  const start = `${prefix}${EXTRA}`;
  const names = container.names.filter((name) => name.startsWith(start));
  if (names.length === 0) return {};
  const columns = names.map((name) => [name.slice(start.length), container.doubles(name)] as const);
  return { extra: Object.fromEntries(columns) };
}

function extraColumns(prefix: string, extra: ExtraColumns = {}): ContainerColumn[] {
  return Object.entries(extra).map(([name, values]) => ({ name: `${prefix}${EXTRA}${name}`, values }));
}

/** The log10 p-values of a part alone, without decoding the rest. */
export function partLog10P(bytes: Uint8Array, name: string): Float64Array {
  return openContainer(bytes, name).doubles("log10_p");
}

function variantColumns(prefix: string, table: VariantTable): ContainerColumn[] {
  return [
    { name: `${prefix}.id`, values: table.id },
    { name: `${prefix}.chromosome`, values: table.chromosome },
    { name: `${prefix}.position`, values: table.position },
    { name: `${prefix}.effect_allele`, values: table.effectAllele },
    { name: `${prefix}.other_allele`, values: table.otherAllele },
    { name: `${prefix}.af`, values: table.af },
    { name: `${prefix}.ma_samples`, values: table.maSamples },
    { name: `${prefix}.ma_count`, values: table.maCount },
    ...extraColumns(`${prefix}.`, table.extra),
  ];
}

function variantTable(prefix: string, container: Container): VariantTable {
  return {
    id: container.strings(`${prefix}.id`),
    chromosome: container.strings(`${prefix}.chromosome`),
    position: container.int32s(`${prefix}.position`),
    effectAllele: container.strings(`${prefix}.effect_allele`),
    otherAllele: container.strings(`${prefix}.other_allele`),
    af: container.doubles(`${prefix}.af`),
    maSamples: container.int32s(`${prefix}.ma_samples`),
    maCount: container.int32s(`${prefix}.ma_count`),
  };
}
