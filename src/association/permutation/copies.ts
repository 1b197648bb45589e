/**
 * Variants in complete linkage have the same calls, and the same |r| with anything: of a maximum, one of them is enough. In sequence
 * data of some hundred people more than a third of the variants are copies of a neighbour.
 */
import type { Windows } from "../../compute/backend.ts";
import { type DosageRows, keptRemainders } from "../dosageRows.ts";

/** Rows, their norms (0: not tested), and each gene's window of them. */
export interface RowsInWindows {
  readonly rows: DosageRows;
  readonly norm: Float64Array;
  readonly windows: Windows;
}

/**
 * The same without rows that are not tested, and without a row whose genotypes are those of an earlier one that every gene with
 * the row in its window has there too: the largest |r| of each window is the same, to the bit.
 */
export function withoutCopies<Work extends RowsInWindows>(work: Work): Work {
  const { rows, norm, windows } = work;
  const kept = distinctRows(work);
  if (kept.length === rows.count) return work;
  const place = new Uint32Array(rows.count + 1);
  kept.forEach((row, i) => {
    place[row + 1] = i + 1;
  });
  for (let row = 0; row < rows.count; row++) place[row + 1] = Math.max(place[row]!, place[row + 1]!);
  const { stride } = rows;
  const packed = new Uint8Array(kept.length * stride);
  kept.forEach((row, i) => {
    packed.set(rows.packed.subarray(row * stride, (row + 1) * stride), i * stride);
  });
  const remainder = keptRemainders(rows.remainder, kept);
  const fill = Float64Array.from(kept, (row) => rows.fill[row]!);
  const moved = (ends: Uint32Array): Uint32Array => ends.map((row) => place[row]!);
  return {
    ...work,
    rows: { kind: "calls", count: kept.length, samples: rows.samples, stride, packed, fill, remainder },
    norm: Float64Array.from(kept, (row) => norm[row]!),
    windows: { start: moved(windows.start), end: moved(windows.end) },
  };
}

function distinctRows({ rows, norm, windows }: RowsInWindows): Uint32Array {
  const begun = windowsBegun(windows, rows.count);
  // The last row that was kept, of those of one hash. A row beside others of its hash is kept too: that costs time alone.
  const last = new Map<number, number>();
  const kept: number[] = [];
  for (let row = 0; row < rows.count; row++) {
    if (norm[row] === 0) continue;
    const hash = hashOf(rows, row);
    const earlier = last.get(hash);
    // A window that begins between them has the later row alone.
    const shared = earlier !== undefined && begun[earlier] === begun[row];
    if (shared && norm[earlier] === norm[row] && sameGenotypes(rows, earlier, row)) continue;
    last.set(hash, row);
    kept.push(row);
  }
  return Uint32Array.from(kept);
}

/** Of each row, how many windows begin at it or before. */
function windowsBegun({ start, end }: Windows, rows: number): Uint32Array {
  const begun = new Uint32Array(rows + 1);
  start.forEach((row, gene) => {
    if (row < end[gene]!) begun[row]!++;
  });
  for (let row = 1; row < rows; row++) begun[row]! += begun[row - 1]!;
  return begun;
}

/** FNV-1a of a row's calls. */
function hashOf({ packed, stride }: DosageRows, row: number): number {
  let hash = 0x811c9dc5;
  for (let at = row * stride; at < (row + 1) * stride; at++) hash = Math.imul(hash ^ packed[at]!, 0x01000193);
  return hash;
}

function sameGenotypes({ packed, stride, remainder }: DosageRows, a: number, b: number): boolean {
  for (let i = 0; i < stride; i++) if (packed[a * stride + i] !== packed[b * stride + i]) return false;
  if (remainder === undefined) return true;
  const { offset, sample, value } = remainder;
  const entries = offset[a + 1]! - offset[a]!;
  if (offset[b + 1]! - offset[b]! !== entries) return false;
  for (let i = 0; i < entries; i++) {
    const [x, y] = [offset[a]! + i, offset[b]! + i];
    if (sample[x] !== sample[y] || value[x] !== value[y]) return false;
  }
  return true;
}
