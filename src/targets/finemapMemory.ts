import type { Reach } from "../association/conditional/memory.ts";
import type { Cohort } from "../cohort/cohort.ts";
import { LimitError } from "../errors.ts";
import { counted, thousands } from "../formats/wording.ts";
import type { FinemapOptions } from "./finemap.ts";

type MemoryOptions = Pick<FinemapOptions, "memory" | "effects" | "packed" | "summary">;

/** Whether calls stay packed: what is asked for, where the LD is that of projected genotypes alone. */
export function staysPacked({ covariance }: Cohort, { packed, summary }: MemoryOptions): boolean {
  return packed === true && summary === undefined && covariance === undefined;
}

/** Numbers a variant beside its genotypes: five an effect, and those of its test. */
const NUMBERS_PER_EFFECT = 5;
const NUMBERS_PER_VARIANT = 24;

/** Bytes of a window of `variants`. */
function bytesOfWindow(cohort: Cohort, variants: number, options: MemoryOptions): number {
  const genotypes = cohort.samples.length / (staysPacked(cohort, options) ? 32 : 1);
  return 8 * variants * (genotypes + NUMBERS_PER_EFFECT * (options.effects ?? 10) + NUMBERS_PER_VARIANT);
}

function bytesHeld({ residuals, tables }: Cohort): number {
  return 8 * (residuals.length + tables.expression.values.length);
}

/** How many windows may be in hand at once, `most` at most: each of them has its genotypes twice while it is handed over. */
export function windowsAtOnce(
  cohort: Cohort,
  reaches: ReadonlyMap<number, Reach>,
  most: number,
  options: MemoryOptions,
): number {
  const largest = [...reaches.values()].reduce((size, { start, end }) => Math.max(size, end - start), 1);
  if (options.memory === undefined) return most;
  const each = bytesOfWindow(cohort, largest, options) + 8 * largest * cohort.samples.length;
  return Math.max(1, Math.min(most, Math.floor((options.memory - bytesHeld(cohort)) / each)));
}

/** Throws {@link LimitError} for a window that does not fit by itself. */
export function checkMemory(cohort: Cohort, gene: number, variants: number, options: MemoryOptions): void {
  const { memory } = options;
  if (memory === undefined) return;
  const bytes = bytesOfWindow(cohort, variants, options);
  const held = bytesHeld(cohort);
  if (bytes + held <= memory) return;
  const mib = (value: number): string => `${thousands(Math.ceil(value / 2 ** 20))} MiB`;
  throw new LimitError(
    `gene ${cohort.genes.id[gene]}: fine-mapping ${counted(variants, "variant")} of ${counted(cohort.samples.length, "sample")} needs ${mib(bytes + held)}, --memory is ${mib(memory)}; raise it, or take a smaller --window`,
  );
}
