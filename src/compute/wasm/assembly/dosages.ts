// Dosages, and other numbers, as the integers of a row: 7 bits and a sign from the middle of the row's range, with what
// the bound needs to know of them. The same as quantiseReal of src/compute/screen/rows.ts. Cost: two passes over the samples.

/** Largest |k|: ROW_LIMIT of src/compute/screen/columns.ts. */
const LIMIT: f64 = 127;
/** 1.5 * 2^52: a small number plus this has its nearest integer in the low bits. */
const ROUND: f64 = 6755399441055744;
/** What the roundings of the sums below, relative ones, stay under. */
const OUTWARD: f64 = 1 + 1.0 / 1048576;

/**
 * out[sample[i]] += value[i] for entries offsets[row] to offsets[row + 1] less `first`.
 * offsets u32 [rows + 1]; sample u32, value f64 [entries]; out [rows][outStride bytes] f64.
 */
export function addRemainders(offsets: usize, rows: usize, first: u32, sample: usize, value: usize, out: usize, outStride: usize): void {
  let i: usize = load<u32>(offsets) - first;
  for (let row: usize = 0; row < rows; row++) {
    const end: usize = load<u32>(offsets + row * 4, 4) - first;
    for (; i < end; i++) {
      const at = out + (<usize>load<u32>(sample + i * 4)) * 8;
      store<f64>(at, load<f64>(at) + load<f64>(value + i * 8));
    }
    out += outStride;
  }
}

@inline function both(sums: v128): f64 {
  return f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
}

/** ROUND + the integer nearest to x, at most LIMIT in size. NaN stays. */
@inline function rounded(x: v128): v128 {
  return f64x2.add(f64x2.pmax(f64x2.pmin(x, f64x2.splat(LIMIT)), f64x2.splat(-LIMIT)), f64x2.splat(ROUND));
}

/**
 * Writes rows `from` to `to` of a tile: integers at `out`, two rows by two as dot.ts has them, outStride bytes a row; and unit, spread,
 * remainder and length (see RowMeasures), f64 [4][measureBytes], at `measures`.
 * values [to - from][valueStride bytes] f64, at least one sample; filled up to 8 samples here.
 */
export function quantiseRows(values: usize, valueStride: usize, samples: usize, from: usize, to: usize, out: usize, outStride: usize, measures: usize, measureBytes: usize): void {
  const n = <f64>samples;
  const padded = (samples + 7) & ~7;
  for (let row = from; row < to; row++, values += valueStride) {
    // pmin and pmax pass over a NaN, which the length keeps.
    let least = v128.load64_splat(values), most = least, length = f64x2.splat(0);
    let at = values;
    for (const whole = values + (samples & ~1) * 8; at < whole; at += 16) {
      const x = v128.load(at);
      least = f64x2.pmin(least, x);
      most = f64x2.pmax(most, x);
      length = f64x2.add(length, f64x2.mul(x, x));
    }
    if (samples & 1) {
      const x = v128.load64_splat(at);
      least = f64x2.pmin(least, x);
      most = f64x2.pmax(most, x);
      length = f64x2.add(length, f64x2.mul(x, v128.load64_zero(at)));
    }
    const low = min(f64x2.extract_lane(least, 0), f64x2.extract_lane(least, 1));
    const high = max(f64x2.extract_lane(most, 0), f64x2.extract_lane(most, 1));
    const middle = low / 2 + high / 2;
    const unit = (high / 2 - low / 2) / LIMIT;
    // Past the last sample: integers of 0 that leave nothing.
    for (let pad = samples; pad < padded; pad++) store<f64>(values + pad * 8, middle);

    const middles = f64x2.splat(middle), units = f64x2.splat(unit), inverse = f64x2.splat(unit > 0 ? 1 / unit : 0);
    let sum = f64x2.splat(0), squares = f64x2.splat(0), restSum = f64x2.splat(0), restSquares = f64x2.splat(0);
    const place = out + (row >> 1) * 2 * outStride + (row & 1) * 16;
    for (let i: usize = 0; i < padded; i += 4) {
      const x0 = f64x2.sub(v128.load(values + i * 8), middles), x1 = f64x2.sub(v128.load(values + i * 8, 16), middles);
      const r0 = rounded(f64x2.mul(x0, inverse)), r1 = rounded(f64x2.mul(x1, inverse));
      const integers = i32x4.shuffle(r0, r1, 0, 2, 4, 6);
      v128.store64_lane(place + (i >> 3) * 32 + (i & 4) * 2, i16x8.narrow_i32x4_s(integers, integers), 0);
      const k0 = f64x2.sub(r0, f64x2.splat(ROUND)), k1 = f64x2.sub(r1, f64x2.splat(ROUND));
      const d0 = f64x2.sub(x0, f64x2.mul(units, k0)), d1 = f64x2.sub(x1, f64x2.mul(units, k1));
      sum = f64x2.add(sum, f64x2.add(k0, k1));
      squares = f64x2.add(squares, f64x2.add(f64x2.mul(k0, k0), f64x2.mul(k1, k1)));
      restSum = f64x2.add(restSum, f64x2.add(d0, d1));
      restSquares = f64x2.add(restSquares, f64x2.add(f64x2.mul(d0, d0), f64x2.mul(d1, d1)));
    }
    const k = both(sum), kk = both(squares), d = both(restSum), dd = both(restSquares);
    const measure = measures + row * 8;
    store<f64>(measure, unit);
    store<f64>(measure + measureBytes, sqrt(max<f64>(0, (n * kk - k * k) / n) + kk / 1125899906842624));
    store<f64>(measure + 2 * measureBytes, sqrt(max<f64>(0, dd - d * d / n) + dd / 16777216) * OUTWARD);
    // x - x is NaN for an infinite x.
    store<f64>(measure + 3 * measureBytes, sqrt(both(length)) + (high - high) + (low - low));
  }
}
