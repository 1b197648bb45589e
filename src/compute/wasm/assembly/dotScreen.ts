// The screen of one cohort by the integer product of dot.ts, compared in registers: what leaves it is pairs.
// Why the comparisons are safe in f32 is shown in src/compute/screen/bound.ts.
import { HEADER, met, NO_PAIR } from "./epilogue";
import { laneSums, step } from "./dot";

/** Which of four columns (their numbers at `at`) may reach their threshold with the row whose numbers are at `row`: see `select` of epilogue.ts. */
@inline function reaches(dots: v128, row: usize, rowBytes: usize, at: usize, columnBytes: usize): v128 {
  const estimate = f32x4.mul(v128.load32_splat(row), f32x4.mul(v128.load(at), f32x4.convert_i32x4_s(dots)));
  const bound = f32x4.add(v128.load32_splat(row + 2 * rowBytes), f32x4.mul(v128.load32_splat(row + rowBytes), v128.load(at + columnBytes)));
  return f32x4.ge(f32x4.add(f32x4.abs(estimate), bound), v128.load(at + 2 * columnBytes));
}

/** Appends the pairs of a row and those of four columns that `hit` marks and that meet it; returns how many entries there are then. */
function report(hit: v128, base: f32, row: usize, column: usize, windows: usize, columnBytes: usize, entries: usize, count: usize): usize {
  if (base == NO_PAIR) return count;
  let lanes = i32x4.bitmask(v128.and(hit, met(i32x4.splat(<i32>row), windows, windows + columnBytes, 0)));
  while (lanes != 0) {
    store<u32>(entries + count * 4, <u32>((row << 16) | (column + <usize>ctz(lanes))));
    count++;
    lanes &= lanes - 1;
  }
  return count;
}

/**
 * The pairs of a tile with |estimate| + bound >= threshold, four columns after four, and of each four in order of row, then
 * column: what estimateTile of dot.ts and `select` of epilogue.ts find together, without estimates in memory.
 *  rows, columns   int16, `stride` bytes each, as estimateTile has them; rowCount a multiple of 2, columnCount of 4
 *  rowFactors      f32 scale, spread, base, rowBytes bytes of each
 *  columnFactors   f32 scale, remainder, threshold, i32 first, last row met, columnBytes bytes of each
 *  start           fours of columns and rows before which nothing is left to do: four << 16 | row
 * Writes at `found` where to go on, in the same way (the row 0 of a four past the last when it is done), the number of entries and the entries
 * (u32 row << 16 | column). `capacity` >= 8 entries.
 */
export function screenDots(rows: usize, columns: usize, rowCount: usize, columnCount: usize, stride: usize, rowFactors: usize, rowBytes: usize, columnFactors: usize, columnBytes: usize, start: usize, found: usize, capacity: usize): void {
  const last = rowFactors + rowCount * 4;
  let count: usize = 0;
  let row = rowFactors + (start & 0xffff) * 4;
  for (let four: usize = start >> 16; four < columnCount >> 2; four++, row = rowFactors) {
    const first = columns + four * 4 * stride, end = first + 4 * stride;
    const at = columnFactors + four * 16;
    let r = rows + ((row - rowFactors) >> 2) * stride;
    for (; row < last; row += 8) {
      let a0 = i32x4.splat(0), a1 = i32x4.splat(0), a2 = i32x4.splat(0), a3 = i32x4.splat(0);
      let b0 = i32x4.splat(0), b1 = i32x4.splat(0), b2 = i32x4.splat(0), b3 = i32x4.splat(0);
      for (let c = first; c < end; c += 64) {
        const y0 = v128.load(c), y1 = v128.load(c, 16), y2 = v128.load(c, 32), y3 = v128.load(c, 48);
        const x0 = v128.load(r);
        a0 = step(a0, x0, y0);
        a1 = step(a1, x0, y1);
        a2 = step(a2, x0, y2);
        a3 = step(a3, x0, y3);
        const x1 = v128.load(r, 16);
        b0 = step(b0, x1, y0);
        b1 = step(b1, x1, y1);
        b2 = step(b2, x1, y2);
        b3 = step(b3, x1, y3);
        r += 32;
      }
      const a = reaches(laneSums(a0, a1, a2, a3), row, rowBytes, at, columnBytes);
      const b = reaches(laneSums(b0, b1, b2, b3), row + 4, rowBytes, at, columnBytes);
      if (!v128.any_true(v128.or(a, b))) continue;
      const i = (row - rowFactors) >> 2, windows = at + 3 * columnBytes;
      count = report(a, load<f32>(row + 2 * rowBytes), i, 4 * four, windows, columnBytes, found + HEADER, count);
      count = report(b, load<f32>(row + 2 * rowBytes, 4), i + 1, 4 * four, windows, columnBytes, found + HEADER, count);
      if (count + 8 <= capacity) continue;
      store<u32>(found, <u32>((four << 16) | (i + 2)));
      store<u32>(found, <u32>count, 4);
      return;
    }
  }
  store<u32>(found, <u32>((columnCount >> 2) << 16));
  store<u32>(found, <u32>count, 4);
}
