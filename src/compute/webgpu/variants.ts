/** Which kernel serves: pure functions of what a device has, and of a product's shape. */
import type { Windows } from "../backend.ts";
import { windowOf } from "../product.ts";

/** What a device's shaders are put together from; the same for all of its kernels. */
export interface DeviceVariant {
  /** Products of bytes by the GPU's own instruction; else in f32. */
  readonly packedDot: boolean;
  /** Places of candidates by prefix sums in subgroups; else by atomics of the workgroup alone. */
  readonly subgroups: boolean;
}

/** A device's variant; `wanted` (of a test) may do without what there is, but not with what there is not. */
export function variantOf(
  languageFeatures: { has(name: string): boolean },
  features: { has(name: string): boolean },
  wanted: Partial<DeviceVariant> = {},
): DeviceVariant {
  return {
    packedDot: languageFeatures.has("packed_4x8_integer_dot_product") && (wanted.packedDot ?? true),
    subgroups: features.has("subgroups") && (wanted.subgroups ?? true),
  };
}

/** A block of pairs: what one workgroup of sideX x sideY invocations takes, 4 x 4 pairs each. */
export interface Block {
  readonly sideX: number;
  readonly sideY: number;
  readonly rows: number;
  readonly columns: number;
}

function blockOf(sideX: number, sideY: number): Block {
  return { sideX, sideY, rows: 4 * sideY, columns: 4 * sideX };
}

/**
 * `wide` reads the fewest words a pair; `thin` leaves the fewest pairs without use where columns are few, or meet few rows
 * (cis windows). Both keep to the 16 KiB of workgroup memory and 256 invocations that every device has.
 */
export const BLOCKS = { wide: blockOf(16, 16), thin: blockOf(4, 32) } as const;

/** A block as the kernels' override constants. */
export function sidesOf({ sideX, sideY }: Block): Readonly<Record<string, number>> {
  return { SIDE_X: sideX, SIDE_Y: sideY };
}

/**
 * Operations that bring a word of a row of calls, and of a column, to workgroup memory; a product of two words is one.
 * Counted in the shaders (docs/performance.md), not measured: only speed depends on them.
 */
const ROW_WORD = 18;
const COLUMN_WORD = 4;

export interface BlockQuestion {
  readonly rows: number;
  readonly columns: number;
  readonly windows?: Windows | undefined;
}

/** The block that makes a product cheapest: pairs of all blocks that are not idle, times what a pair of them costs. */
export function chooseBlock(question: BlockQuestion): Block {
  const cost = (block: Block) => {
    const aPair = 1 + ROW_WORD / block.columns + COLUMN_WORD / block.rows;
    return aPair * paddedPairs(question, block);
  };
  return cost(BLOCKS.thin) < cost(BLOCKS.wide) ? BLOCKS.thin : BLOCKS.wide;
}

/** Pairs of the blocks in which some column meets some row. */
export function paddedPairs({ rows, columns, windows }: BlockQuestion, block: Block): number {
  let blocks = 0;
  for (let from = 0; from < columns; from += block.columns) {
    let first = rows;
    let last = 0;
    const to = windows === undefined ? from + 1 : Math.min(columns, from + block.columns);
    for (let j = from; j < to; j += 1) {
      const [start, end] = windowOf(windows, j, rows);
      if (start >= end) continue;
      first = Math.min(first, start);
      last = Math.max(last, end);
    }
    blocks += blocksBetween(first, last, block.rows);
  }
  return blocks * block.rows * block.columns;
}

/** Blocks of `size` lines, from line 0 on, that lines `first` to `end` (exclusive) touch. */
export function blocksBetween(first: number, end: number, size: number): number {
  return first >= end ? 0 : Math.floor((end - 1) / size) - Math.floor(first / size) + 1;
}
