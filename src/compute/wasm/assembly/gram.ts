// Products of whole-number rows with one another: exact int32 sums over stretches, added up in f64, where they are exact too.

import { laneSums, step } from "./dot";

/** Adds four sums to the four f64 at `to`. */
@inline function addTo(to: usize, sums: v128): void {
  v128.store(to, f64x2.add(v128.load(to), f64x2.convert_low_i32x4_s(sums)));
  const high = f64x2.convert_low_i32x4_s(i32x4.shuffle(sums, sums, 2, 3, 2, 3));
  v128.store(to, f64x2.add(v128.load(to, 16), high), 16);
}

/**
 * out[j][i] (f64, outStride bytes a row) += dot(row j, row i) for the rows at `i` and the rows at `j`.
 * Rows are int16, four to a group of `stride` bytes (a multiple of 64): their vectors of 8 numbers take turns. iRows is a multiple of 4, jRows of 2.
 * Over `stretch` bytes of a group (a multiple of 64) no sum of products leaves int32. Register tile 4 x 2, as in dot.ts: four
 * rows of i stay in the first cache while those of j pass.
 */
export function gramTile(i: usize, iRows: usize, j: usize, jRows: usize, stride: usize, stretch: usize, out: usize, outStride: usize): void {
  for (let from: usize = 0; from < stride; from += stretch) {
    const to = min(from + stretch, stride);
    for (let row: usize = 0; row < iRows; row += 4) {
      const first = i + (row >> 2) * stride + from;
      const end = first + to - from;
      for (let other: usize = 0; other < jRows; other += 2) {
        let r = j + (other >> 2) * stride + from + (other & 2) * 16;
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
          r += 64;
        }
        const at = out + other * outStride + row * 8;
        addTo(at, laneSums(a0, a1, a2, a3));
        addTo(at + outStride, laneSums(b0, b1, b2, b3));
      }
    }
  }
}
