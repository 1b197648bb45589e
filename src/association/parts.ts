import { InputError } from "../errors.ts";
import {
  type Container,
  type ContainerColumn,
  encodeContainer,
  openContainer,
} from "../formats/container.ts";
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

const PART = /^part-\d{9}$/;

/** Name of part `number`; names sort as the numbers do. */
export function partName(number: number): string {
  return `part-${String(number).padStart(9, "0")}`;
}

/** The parts of a map in `store`, in order. */
export async function partNames(store: PartStore): Promise<string[]> {
  return (await store.list()).filter((name) => PART.test(name));
}

/** `batch` as one container, written into `into` when it is large enough. */
export function encodePart(batch: PairBatch, into?: Uint8Array): Uint8Array {
  const columns: ContainerColumn[] = [
    { name: "variant", values: batch.variant },
    { name: "gene", values: batch.gene },
    { name: "slope", values: batch.slope },
    { name: "slope_se", values: batch.slopeSe },
    { name: "log10_p", values: batch.log10P },
    ...extraColumns("extra", batch.extra),
    ...variantColumns("variants", batch.variants),
    ...variantColumns("dropped", batch.dropped),
    { name: "dropped.status", values: batch.dropped.status },
  ];
  const names = { extra: namesOf(batch.extra), variantExtra: namesOf(batch.variants.extra) };
  return encodeContainer({ part: batch.part, ...names }, columns, into);
}

/** What {@link encodePart} wrote; numbers are views of `bytes`. Throws {@link InputError} naming `name`. */
export function decodePart(bytes: Uint8Array, name: string): PairBatch {
  const container = openContainer(bytes, name);
  const dropped: DroppedVariants = {
    ...variantTable("dropped", container),
    status: container.strings("dropped.status") as VariantStatus[],
  };
  const extra = readExtra("extra", container, container.meta["extra"]);
  const variantExtra = readExtra("variants.extra", container, container.meta["variantExtra"]);
  return {
    part: Number(container.meta["part"]),
    variants: { ...variantTable("variants", container), ...variantExtra },
    dropped,
    variant: container.uint32s("variant"),
    gene: container.uint32s("gene"),
    slope: container.doubles("slope"),
    slopeSe: container.doubles("slope_se"),
    log10P: container.doubles("log10_p"),
    ...extra,
  };
}

function namesOf(extra: ExtraColumns = {}): string {
  return Object.keys(extra).join(" ");
}

function extraColumns(prefix: string, extra: ExtraColumns = {}): ContainerColumn[] {
  return Object.entries(extra).map(([name, values]) => ({ name: `${prefix}.${name}`, values }));
}

function readExtra(prefix: string, container: Container, names: unknown): { extra?: ExtraColumns } {
  if (typeof names !== "string" || names === "") return {};
  const columns = names.split(" ").map((name) => [name, container.doubles(`${prefix}.${name}`)] as const);
  return { extra: Object.fromEntries(columns) };
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
    ...extraColumns(`${prefix}.extra`, table.extra),
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
