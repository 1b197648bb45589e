// 2-bit calls (codes 0, 1, 2; 3 = missing) to vectors. Cost: one pass over the samples, 8 at a time.

// Lane i of (x * SHIFT) has the bits 2i and 2i + 1 of x on top.
// prettier-ignore
@inline function codes(x: u16): v128 {
  const shift = i16x8(16384, 4096, 1024, 256, 64, 16, 4, 1);
  return i16x8.shr_u(i16x8.mul(i16x8.splat(x), shift), 14);
}

/** The 16 bits at byte `at` of a row of `stride` bytes; what lies past the row reads as 0. */
@inline function bits(packed: usize, at: usize, stride: usize): u16 {
  return at + 1 < stride ? load<u16>(packed + at) : <u16>load<u8>(packed + at);
}

/**
 * To int16: code * multiplier[row], or fill[row] where the call is missing.
 * packed [rows][stride] bytes; terms [rows] of (i16 multiplier, i16 fill);
 * out two rows by two rows as dot.ts has them, outStride bytes a row, 2 * samples rounded up to 8 samples.
 */
export function unpackCalls(packed: usize, stride: usize, rows: usize, terms: usize, out: usize, outStride: usize): void {
  const missing = i16x8.splat(3);
  for (let row: usize = 0; row < rows; row++) {
    const multiplier = i16x8.splat(load<i16>(terms + row * 4));
    const fill = i16x8.splat(load<i16>(terms + row * 4, 2));
    for (let at: usize = 0; at < stride; at += 2) {
      const code = codes(bits(packed, at, stride));
      v128.store(out + at * 16, v128.bitselect(fill, i16x8.mul(code, multiplier), i16x8.eq(code, missing)));
    }
    packed += stride;
    out += row & 1 ? 2 * outStride - 16 : 16;
  }
}

@inline function dosages(code: v128, fill: v128): v128 {
  const value = f64x2.convert_low_i32x4_u(code);
  return v128.bitselect(fill, value, f64x2.eq(value, f64x2.splat(3)));
}

/**
 * To f64: the code, or fill[row] where the call is missing.
 * packed [rows][stride] bytes; fill [rows] f64; out [rows][outStride bytes], samples rounded up to 8.
 */
export function unpackDosages(packed: usize, stride: usize, rows: usize, fills: usize, out: usize, outStride: usize): void {
  for (let row: usize = 0; row < rows; row++) {
    const fill = f64x2.splat(load<f64>(fills + row * 8));
    for (let at: usize = 0; at < stride; at += 2) {
      const code = codes(bits(packed, at, stride));
      const low = i32x4.extend_low_i16x8_u(code);
      const high = i32x4.extend_high_i16x8_u(code);
      const to = out + at * 32;
      v128.store(to, dosages(low, fill));
      v128.store(to, dosages(i32x4.shuffle(low, low, 2, 3, 2, 3), fill), 16);
      v128.store(to, dosages(high, fill), 32);
      v128.store(to, dosages(i32x4.shuffle(high, high, 2, 3, 2, 3), fill), 48);
    }
    packed += stride;
    out += outStride;
  }
}
