// Tests of many pairs: `refine` of src/association/refine.ts with the p of src/statistics/studentT.ts, to the bit, two
// pairs a register and two registers at a time.
import { log, log1p, splat } from "./elementary";

const SMALLEST_RESIDUAL: f64 = 2.220446049250313e-16;
const LOG10_E: f64 = 0.4342944819032518;
/** |t| outside of these is left to the plain form. */
const TINY_T: f64 = 1e-140;
const HUGE_T: f64 = 1e150;
const FRACTION_TERMS: i32 = 36;

/** Constants of the degrees of freedom, in this order in memory; then the coefficients. */
const DF: usize = 0;
const CENTRE_SQUARE: usize = 8;
const LARGEST_X: usize = 16;
const SERIES_SCALE: usize = 24;
const TAIL_SCALE: usize = 32;
const SERIES_TERMS: usize = 40;
const COEFFICIENTS: usize = 48;

/** t^2 of the four pairs in hand. */
const SQUARES: usize = memory.data(32, 16);

/** log P of one t^2 in the tail. */
@inline function tail(square: f64, constants: usize, levels: usize): f64 {
  const df = load<f64>(constants + DF);
  const s = square / df;
  const y = 1 / (1 + s);
  const x = s * y;
  const ySquare = y * y;
  const terms = min(FRACTION_TERMS, 4 + i32(Math.ceil(195 / square)));
  let at = levels + usize(terms) * 24;
  let fraction = load<f64>(at) + x * load<f64>(at, 8);
  for (; at > levels; at -= 24) {
    fraction = load<f64>(at - 24) + x * load<f64>(at - 16) - (ySquare * load<f64>(at, 16)) / fraction;
  }
  const logs = log(splat((Math.sqrt(x) * load<f64>(constants + TAIL_SCALE)) / fraction));
  return f64x2.extract_lane(logs, 0) - (df / 2) * f64x2.extract_lane(log1p(splat(s)), 0);
}

/**
 * log10 p of the t^2 at `squares`, four numbers, to `out`. The series of the centre is summed for all four at once; who is in
 * the tail is done again alone.
 */
function logP4(squares: usize, constants: usize, out: usize): void {
  const df = splat(load<f64>(constants + DF));
  const q0 = v128.load(squares), q1 = v128.load(squares, 16);
  const x0 = f64x2.div(q0, f64x2.add(df, q0)), x1 = f64x2.div(q1, f64x2.add(df, q1));
  const largest = splat(load<f64>(constants + LARGEST_X));
  const u0 = f64x2.div(x0, largest), u1 = f64x2.div(x1, largest);
  const v0 = f64x2.mul(u0, u0), v1 = f64x2.mul(u1, u1);
  let even0 = splat(0), odd0 = splat(0), even1 = splat(0), odd1 = splat(0);
  const terms = usize(load<f64>(constants + SERIES_TERMS));
  const series = constants + COEFFICIENTS;
  for (let at = series + terms * 8; at > series; at -= 16) {
    const even = splat(load<f64>(at - 16)), odd = splat(load<f64>(at - 8));
    even0 = f64x2.add(f64x2.mul(even0, v0), even);
    even1 = f64x2.add(f64x2.mul(even1, v1), even);
    odd0 = f64x2.add(f64x2.mul(odd0, v0), odd);
    odd1 = f64x2.add(f64x2.mul(odd1, v1), odd);
  }
  const scale = splat(load<f64>(constants + SERIES_SCALE));
  const p0 = f64x2.mul(f64x2.mul(scale, f64x2.sqrt(x0)), f64x2.add(even0, f64x2.mul(u0, odd0)));
  const p1 = f64x2.mul(f64x2.mul(scale, f64x2.sqrt(x1)), f64x2.add(even1, f64x2.mul(u1, odd1)));
  const tenth = splat(LOG10_E);
  v128.store(out, f64x2.mul(tenth, log1p(f64x2.neg(p0))));
  v128.store(out, f64x2.mul(tenth, log1p(f64x2.neg(p1))), 16);
  const end = splat(load<f64>(constants + CENTRE_SQUARE));
  if (!v128.any_true(v128.or(f64x2.gt(q0, end), f64x2.gt(q1, end)))) return;
  const levels = series + terms * 8;
  for (let at: usize = 0; at < 32; at += 8) {
    const square = load<f64>(squares + at);
    if (square > load<f64>(constants + CENTRE_SQUARE)) store<f64>(out + at, LOG10_E * tail(square, constants, levels));
  }
}

/**
 * Tests of `count` (a multiple of 4) pairs of one gene from their products and the norms of their genotypes: r, slope,
 * SE and log10 p, each an array of f64. The places of pairs whose t is 0, tiny, huge or no number go to `odd` (u32): their
 * log10 p is not to be used. Returns how many they are.
 */
export function testPairs(
  products: usize, norms: usize, count: usize, expressionNorm: f64, constants: usize,
  r: usize, slope: usize, slopeSe: usize, log10P: usize, odd: usize,
): usize {
  const df = splat(load<f64>(constants + DF));
  const one = splat(1);
  const tiny = splat(TINY_T), huge = splat(HUGE_T);
  let found: usize = 0;
  for (let at: usize = 0; at < count * 8; at += 32) {
    let plain: i32 = 0;
    for (let half: usize = 0; half < 32; half += 16) {
      const norm = v128.load(norms + at + half);
      const rs = f64x2.div(v128.load(products + at + half), norm);
      const size = f64x2.abs(rs);
      const left = f64x2.pmax(f64x2.mul(f64x2.sub(one, size), f64x2.add(one, size)), splat(SMALLEST_RESIDUAL));
      const scale = f64x2.div(splat(expressionNorm), norm);
      v128.store(r + at + half, rs);
      v128.store(slope + at + half, f64x2.mul(rs, scale));
      v128.store(slopeSe + at + half, f64x2.mul(scale, f64x2.sqrt(f64x2.div(left, df))));
      const t = f64x2.abs(f64x2.mul(rs, f64x2.sqrt(f64x2.div(df, left))));
      v128.store(SQUARES + half, f64x2.mul(t, t));
      plain |= i64x2.bitmask(v128.and(f64x2.ge(t, tiny), f64x2.le(t, huge))) << i32(half >> 3);
    }
    for (let i: usize = 0; plain != 15 && i < 4; i++) {
      if (plain & (1 << i32(i))) continue;
      store<u32>(odd + 4 * found++, u32((at >> 3) + i));
      // Any number that the rest can take.
      store<f64>(SQUARES + 8 * i, 1);
    }
    logP4(SQUARES, constants, log10P + at);
  }
  return found;
}
