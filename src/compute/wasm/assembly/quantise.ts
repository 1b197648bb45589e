// Columns of norm 1 and sum 0 as the integers of a carrier panel, four columns side by side: what src/compute/screen/panels.ts does
// in f64, in f32. Whatever is rounded here is in the remainder.

/** Bytes of a sample's four values, in f64, and of a sample of a panel. */
const ROW: usize = 32;
const PANEL_ROW: usize = 32;
const INT16: i32 = 32767;
/** Sum of |q| that int32 sums hold: LARGEST_TOTAL of screen/panels.ts. */
const LARGEST_TOTAL: i32 = 2097151;
/** |remainder| of a column that the screen says nothing of: all its pairs are looked at. */
const UNKNOWN: f32 = 1e18;
/** |sum| of a column that counts as 0: SUM_LIMIT of permuted.ts. */
const SUM_LIMIT: f64 = 1e-9;
/** A number less than 2^22 and this add up to the nearest integer and this; as bits, they differ by that integer. */
const SHIFT: f32 = 12582912;

/**
 * Four columns' scale (f32), sum of squares of what is left and sum of values (f64), sum of q, widest sum of a stretch, sum of
 * |q| (i32).
 */
const SCALE: usize = memory.data(16, 16);
const SQUARES: usize = memory.data(32, 16);
const SUM: usize = memory.data(32, 16);
const EXCESS: usize = memory.data(16, 16);
const WIDEST: usize = memory.data(16, 16);
const TOTAL: usize = memory.data(16, 16);
/** What `move` has of four columns: signs of the excess (i32), what is left of a sample (f32), what it adds to SQUARES (f64). */
const SIGN: usize = memory.data(16, 16);
const LEFT: usize = memory.data(16, 16);
const MORE: usize = memory.data(32, 16);

/** Four columns of a sample, rounded to f32. */
@inline function values(e: usize): v128 {
  const low = f32x4.demote_f64x2_zero(v128.load(e)), high = f32x4.demote_f64x2_zero(v128.load(e, 16));
  return i32x4.shuffle(low, high, 0, 1, 4, 5);
}

/** The sums of the `group` largest |values| of each column, rounded up; SUM beside it. Of numbers, `pmax` is one instruction. */
function largestSums(e: usize, samples: usize, group: u32): v128 {
  let t0 = f32x4.splat(0), t1 = t0, t2 = t0, t3 = t0, low = f64x2.splat(0), high = low;
  for (const end = e + samples * ROW; e < end; e += ROW) {
    let x = f32x4.abs(values(e)), y = f32x4.pmin(t0, x);
    t0 = f32x4.pmax(t0, x);
    x = f32x4.pmin(t1, y);
    t1 = f32x4.pmax(t1, y);
    if (group > 2) {
      y = f32x4.pmin(t2, x);
      t2 = f32x4.pmax(t2, x);
      t3 = f32x4.pmax(t3, y);
    }
    low = f64x2.add(low, v128.load(e));
    high = f64x2.add(high, v128.load(e, 16));
  }
  v128.store(SUM, low);
  v128.store(SUM, high, 16);
  let sum = t0;
  if (group > 1) sum = f32x4.add(sum, t1);
  if (group > 2) sum = f32x4.add(sum, f32x4.add(t2, t3));
  return f32x4.mul(sum, f32x4.splat(1.000001));
}

/** Rounds e / SCALE to integers of the panel; sums of one stretch after the other into the constants above. */
function round(e: usize, samples: usize, stretch: usize, panel: usize): void {
  const scale = v128.load(SCALE), inverse = f32x4.div(f32x4.splat(1), scale), zero = i32x4.splat(0), shift = f32x4.splat(SHIFT);
  let low = f64x2.splat(0), high = low, excess = zero, widest = zero, all = zero;
  for (let from: usize = 0; from < samples; from += stretch) {
    const end = e + min(stretch, samples - from) * ROW;
    let squares = f32x4.splat(0), above = zero, sum = zero;
    for (; e < end; e += ROW) {
      const x = values(e);
      const shifted = f32x4.add(f32x4.mul(x, inverse), shift);
      const d = f32x4.sub(x, f32x4.mul(scale, f32x4.sub(shifted, shift)));
      squares = f32x4.add(squares, f32x4.mul(d, d));
      const q = i32x4.sub(shifted, shift);
      sum = i32x4.add(sum, q);
      above = i32x4.add(above, i32x4.max_s(q, zero));
      const narrow = i16x8.narrow_i32x4_s(q, q);
      v128.store32_lane(panel, i8x16.narrow_i16x8_s(narrow, narrow), 0);
      panel += PANEL_ROW;
    }
    // A sample of zeros ends a stretch.
    panel += PANEL_ROW;
    const below = i32x4.sub(above, sum), size = i32x4.add(above, below);
    excess = i32x4.add(excess, sum);
    all = i32x4.add(all, size);
    widest = i32x4.max_s(widest, i32x4.max_s(size, i32x4.shl(i32x4.max_s(above, below), 1)));
    low = f64x2.add(low, f64x2.promote_low_f32x4(squares));
    high = f64x2.add(high, f64x2.promote_low_f32x4(i32x4.shuffle(squares, squares, 2, 3, 2, 3)));
  }
  v128.store(SQUARES, low);
  v128.store(SQUARES, high, 16);
  v128.store(EXCESS, excess);
  v128.store(WIDEST, widest);
  v128.store(TOTAL, all);
}

/** Moves the integer at `at` of a column to the other side of `d`, what is left there: adds what that makes of the sum of squares. */
function moveOne(at: usize, column: usize, sign: i32, d: f32): void {
  store<i8>(at, <i8>(<i32>load<i8>(at) - sign));
  const moved = d + load<f32>(SCALE + column * 4) * <f32>sign;
  store<f64>(MORE + column * 8, load<f64>(MORE + column * 8) + (<f64>moved * <f64>moved - <f64>d * <f64>d));
  store<i32>(EXCESS + column * 4, load<i32>(EXCESS + column * 4) - sign);
}

/**
 * Moves integers that were rounded towards the EXCESS by more than `least` to the other side, each once, in the order of the samples,
 * until they sum to 0; what that adds to the sums of squares is added. All four columns at once.
 */
function move(e: usize, samples: usize, stretch: usize, panel: usize, least: v128): void {
  const scale = v128.load(SCALE), bound = f32x4.mul(least, scale);
  const excess = v128.load(EXCESS), zero = i32x4.splat(0);
  // 1, 0 or -1. What is left lies on the other side of 0 than the excess.
  const sign = i32x4.sub(i32x4.gt_s(zero, excess), i32x4.gt_s(excess, zero));
  const way = f32x4.convert_i32x4_s(i32x4.neg(sign));
  v128.store(SIGN, sign);
  v128.store(MORE, zero);
  v128.store(MORE, zero, 16);
  let going = i32x4.bitmask(i32x4.ne(sign, zero));
  for (let s: usize = 0, left = stretch; s < samples && going != 0; s++, e += ROW, panel += PANEL_ROW, left--) {
    if (left == 0) {
      panel += PANEL_ROW;
      left = stretch;
    }
    const q = i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(v128.load32_zero(panel)));
    const d = f32x4.sub(values(e), f32x4.mul(scale, f32x4.convert_i32x4_s(q)));
    let far = i32x4.bitmask(f32x4.gt(f32x4.mul(way, d), bound)) & going;
    if (far == 0) continue;
    v128.store(LEFT, d);
    for (; far != 0; far &= far - 1) {
      const column = <usize>ctz(far);
      moveOne(panel + column, column, load<i32>(SIGN + column * 4), load<f32>(LEFT + column * 4));
      if (load<i32>(EXCESS + column * 4) == 0) going &= ~(1 << <i32>column);
    }
  }
  v128.store(SQUARES, f64x2.add(v128.load(SQUARES), v128.load(MORE)));
  v128.store(SQUARES, f64x2.add(v128.load(SQUARES, 16), v128.load(MORE, 16)), 16);
}

/**
 * Quantises four columns, e [samples][4] f64, into columns of the panel at `panel` (int8 [sample][32], a sample of zeros after each
 * stretch): any `group` integers of a column add up to at most 127, those of a column sum to 0, and no sum of a stretch leaves int16.
 * Writes each column's f32 `scale` (at least `least`; 0 for a column of zeros) and `remainder`, an upper bound of |e - scale q|.
 */
export function quantiseColumns(e: usize, samples: usize, stretch: usize, group: u32, least: f32, panel: usize, scales: usize, remainders: usize): void {
  const largest = largestSums(e, samples, group);
  // An integer is at most |e| / scale + 1, moved or not, so that `group` of them are at most 127.
  const room: u32 = 127 - group;
  let scale = f32x4.max(f32x4.div(largest, f32x4.splat(<f32>room)), f32x4.splat(least));
  for (;;) {
    v128.store(SCALE, scale);
    round(e, samples, stretch, panel);
    // Moving changes a stretch's sums by no more than twice the excess.
    const excess = i32x4.abs(v128.load(EXCESS));
    const wide = i32x4.gt_s(i32x4.add(v128.load(WIDEST), i32x4.shl(excess, 1)), i32x4.splat(INT16));
    const much = i32x4.gt_s(i32x4.add(v128.load(TOTAL), excess), i32x4.splat(LARGEST_TOTAL));
    const over = v128.or(wide, much);
    if (!v128.any_true(over)) break;
    scale = v128.bitselect(f32x4.mul(scale, f32x4.splat(1.05)), scale, over);
  }
  // Those nearest to a half first.
  const share = f32x4.div(f32x4.mul(f32x4.splat(2), f32x4.convert_i32x4_s(i32x4.abs(v128.load(EXCESS)))), f32x4.splat(<f32>samples));
  move(e, samples, stretch, panel, f32x4.pmax(f32x4.splat(0), f32x4.sub(f32x4.splat(0.5), share)));
  move(e, samples, stretch, panel, f32x4.splat(0));
  for (let column: usize = 0; column < 4; column++) {
    const own = e + column * 8, excess = load<i32>(EXCESS + column * 4);
    const known = excess == 0 && abs(load<f64>(SUM + column * 8)) <= SUM_LIMIT;
    // f32: 2^-24 of |e|, of |scale q| and of |d| a sample, and 1,026 roundings of a stretch's sum of squares.
    const left = Math.sqrt(load<f64>(SQUARES + column * 8)) * 1.0001 + 1e-6;
    const silent = load<f32>(SCALE + column * 4) <= least && isSilent(own, samples);
    store<f32>(scales + column * 4, silent ? 0 : load<f32>(SCALE + column * 4));
    store<f32>(remainders + column * 4, known ? <f32>left : UNKNOWN);
  }
}

function isSilent(e: usize, samples: usize): bool {
  for (let s: usize = 0; s < samples; s++) if (load<f64>(e + s * ROW) != 0) return false;
  return true;
}
