// The integer product of the screen: exact int32 sums of int16 products, as estimates of the statistic.

/** Sums of the four lanes of a, b, c and d. */
@inline export function laneSums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.add(i32x4.shuffle(a, b, 0, 1, 4, 5), i32x4.shuffle(a, b, 2, 3, 6, 7));
  const cd = i32x4.add(i32x4.shuffle(c, d, 0, 1, 4, 5), i32x4.shuffle(c, d, 2, 3, 6, 7));
  return i32x4.add(i32x4.shuffle(ab, cd, 0, 2, 4, 6), i32x4.shuffle(ab, cd, 1, 3, 5, 7));
}

@inline export function step(sum: v128, x: v128, y: v128): v128 {
  return i32x4.add(sum, i32x4.dot_i16x8_s(x, y));
}

/** What the four estimates at `at` become with these dots. */
@inline function put(at: usize, dots: v128, rowScale: usize, columnScale: v128, add: bool): void {
  const term = f32x4.mul(v128.load32_splat(rowScale), f32x4.mul(columnScale, f32x4.convert_i32x4_s(dots)));
  v128.store(at, add ? f32x4.add(v128.load(at), term) : term);
}

/**
 * estimates[row][column] (f32) = (or +=, when `add`) rowScale[row] * (columnScale[column] * dot(rows[row], columns[column])).
 * rows int16, two by two: their vectors of 8 samples take turns, so that one address serves both; columns int16, four by four.
 * `stride` bytes a row or column, a multiple of 16; rowCount a multiple of 2, columnCount of 4. The register tile, 2 x 4, and
 * the layout are the fastest of bench/lab. Why f32 will do: screen/bound.ts.
 */
export function estimateTile(rows: usize, columns: usize, rowCount: usize, columnCount: usize, stride: usize, rowScale: usize, columnScale: usize, estimates: usize, add: bool): void {
  const width = columnCount * 4;
  for (let column: usize = 0; column < columnCount; column += 4) {
    const first = columns + column * stride;
    const end = first + 4 * stride;
    const scales = v128.load(columnScale + column * 4);
    let r = rows;
    let to = estimates + column * 4;
    for (let row: usize = 0; row < rowCount; row += 2) {
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
      put(to, laneSums(a0, a1, a2, a3), rowScale + row * 4, scales, add);
      put(to + width, laneSums(b0, b1, b2, b3), rowScale + row * 4 + 4, scales, add);
      to += 2 * width;
    }
  }
}
