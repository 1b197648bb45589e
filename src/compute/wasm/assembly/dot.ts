// The integer product of the screen: exact int32 sums of int16 products.

/** Sums of the four lanes of a, b, c and d. */
@inline function laneSums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.add(i32x4.shuffle(a, b, 0, 1, 4, 5), i32x4.shuffle(a, b, 2, 3, 6, 7));
  const cd = i32x4.add(i32x4.shuffle(c, d, 0, 1, 4, 5), i32x4.shuffle(c, d, 2, 3, 6, 7));
  return i32x4.add(i32x4.shuffle(ab, cd, 0, 2, 4, 6), i32x4.shuffle(ab, cd, 1, 3, 5, 7));
}

@inline function step(sum: v128, x: v128, y: v128): v128 {
  return i32x4.add(sum, i32x4.dot_i16x8_s(x, y));
}

/**
 * out[row][column] (i32) = dot(rows[row], columns[column]).
 * rows [rowCount][stride bytes] and columns [columnCount][stride bytes] of int16, stride a multiple of 16;
 * rowCount a multiple of 2, columnCount of 4. The register tile, 2 x 4, is the fastest of bench/lab.
 */
export function dotTile(rows: usize, columns: usize, rowCount: usize, columnCount: usize, stride: usize, out: usize): void {
  for (let column: usize = 0; column < columnCount; column += 4) {
    const c0 = columns + column * stride;
    const c1 = c0 + stride;
    const c2 = c1 + stride;
    const c3 = c2 + stride;
    for (let row: usize = 0; row < rowCount; row += 2) {
      const r0 = rows + row * stride;
      const r1 = r0 + stride;
      let a0 = i32x4.splat(0), a1 = i32x4.splat(0), a2 = i32x4.splat(0), a3 = i32x4.splat(0);
      let b0 = i32x4.splat(0), b1 = i32x4.splat(0), b2 = i32x4.splat(0), b3 = i32x4.splat(0);
      for (let at: usize = 0; at < stride; at += 16) {
        const y0 = v128.load(c0 + at), y1 = v128.load(c1 + at), y2 = v128.load(c2 + at), y3 = v128.load(c3 + at);
        const x0 = v128.load(r0 + at);
        a0 = step(a0, x0, y0);
        a1 = step(a1, x0, y1);
        a2 = step(a2, x0, y2);
        a3 = step(a3, x0, y3);
        const x1 = v128.load(r1 + at);
        b0 = step(b0, x1, y0);
        b1 = step(b1, x1, y1);
        b2 = step(b2, x1, y2);
        b3 = step(b3, x1, y3);
      }
      const to = out + (row * columnCount + column) * 4;
      v128.store(to, laneSums(a0, a1, a2, a3));
      v128.store(to + columnCount * 4, laneSums(b0, b1, b2, b3));
    }
  }
}
