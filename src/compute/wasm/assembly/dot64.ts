// The f64 product, in the canonical order of src/compute/exact.ts: partial sums s0..s3 over samples
// 0..3 modulo 4, added as (s0 + s2) + (s1 + s3). Lanes (s0, s1) and (s2, s3) are two registers a pair;
// one pass over the samples fills one of them for 4 x 2 pairs, which is as much as fits in registers.

/** Bytes of a stretch of samples that both passes read from L1. */
const STRETCH: usize = 256 * 8;

/** The partial sums of a register tile: [pair][s0, s1, s2, s3]. */
const SUMS: usize = memory.data(8 * 32, 16);

@inline function step(sum: v128, x: v128, y: v128): v128 {
  return f64x2.add(sum, f64x2.mul(x, y));
}

/** Adds samples `from` to `to` (bytes) to lanes (s0, s1) of the sums when half is 0, (s2, s3) when 16. */
@inline function pass(r0: usize, r1: usize, r2: usize, r3: usize, c0: usize, c1: usize, from: usize, to: usize, half: usize): void {
  const sums = SUMS + half;
  let a0 = v128.load(sums, 0), a1 = v128.load(sums, 32), b0 = v128.load(sums, 64), b1 = v128.load(sums, 96);
  let e0 = v128.load(sums, 128), e1 = v128.load(sums, 160), f0 = v128.load(sums, 192), f1 = v128.load(sums, 224);
  for (let at = from + half; at < to; at += 32) {
    const y0 = v128.load(c0 + at), y1 = v128.load(c1 + at);
    const x0 = v128.load(r0 + at);
    a0 = step(a0, x0, y0);
    a1 = step(a1, x0, y1);
    const x1 = v128.load(r1 + at);
    b0 = step(b0, x1, y0);
    b1 = step(b1, x1, y1);
    const x2 = v128.load(r2 + at);
    e0 = step(e0, x2, y0);
    e1 = step(e1, x2, y1);
    const x3 = v128.load(r3 + at);
    f0 = step(f0, x3, y0);
    f1 = step(f1, x3, y1);
  }
  v128.store(sums, a0, 0);
  v128.store(sums, a1, 32);
  v128.store(sums, b0, 64);
  v128.store(sums, b1, 96);
  v128.store(sums, e0, 128);
  v128.store(sums, e1, 160);
  v128.store(sums, f0, 192);
  v128.store(sums, f1, 224);
}

@inline function total(pair: usize): f64 {
  const sum = f64x2.add(v128.load(SUMS + pair * 32), v128.load(SUMS + pair * 32, 16));
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/**
 * out[column][row] (f64, outStride bytes a column) = dot(rows[row], columns[column]).
 * rows [rowCount][stride bytes], columns [columnCount][stride bytes] of f64, stride a multiple of 32;
 * rowCount a multiple of 4, columnCount of 2.
 */
export function dotTileF64(rows: usize, columns: usize, rowCount: usize, columnCount: usize, stride: usize, out: usize, outStride: usize): void {
  for (let column: usize = 0; column < columnCount; column += 2) {
    const c0 = columns + column * stride;
    const c1 = c0 + stride;
    for (let row: usize = 0; row < rowCount; row += 4) {
      const r0 = rows + row * stride;
      const r1 = r0 + stride;
      const r2 = r1 + stride;
      const r3 = r2 + stride;
      memory.fill(SUMS, 0, 8 * 32);
      for (let from: usize = 0; from < stride; from += STRETCH) {
        const to = min(from + STRETCH, stride);
        pass(r0, r1, r2, r3, c0, c1, from, to, 0);
        pass(r0, r1, r2, r3, c0, c1, from, to, 16);
      }
      const to = out + column * outStride + row * 8;
      for (let i: usize = 0; i < 4; i++) {
        store<f64>(to + i * 8, total(2 * i));
        store<f64>(to + outStride + i * 8, total(2 * i + 1));
      }
    }
  }
}
