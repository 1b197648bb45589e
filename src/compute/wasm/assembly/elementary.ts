// Logarithm and power of src/statistics/elementary.ts, to the bit: the same operations in the same order. Of arguments that
// are ordinary: positive, normal, and far from the ends of a double.

/** ln 2 in two parts, the first of which a product with an exponent keeps exact. */
const LN2_HIGH: f64 = 0.6931471803691238;
const LN2_LOW: f64 = 1.9082149292705877e-10;
const LOG10_2_HIGH: f64 = 0.3010299955494702;
const LOG10_2_LOW: f64 = 1.1451100898021838e-10;
const LOG2_10: f64 = 3.321928094887362;
const LN_10: f64 = 2.302585092994046;
/** The bits of sqrt(1/2), the low word left out. */
const SQRT_HALF: i64 = 0x3fe6a09e00000000;

@inline export function splat(x: f64): v128 {
  return f64x2.splat(x);
}

@inline function add(x: v128, y: v128): v128 {
  return f64x2.add(x, y);
}

@inline function sub(x: v128, y: v128): v128 {
  return f64x2.sub(x, y);
}

@inline function mul(x: v128, y: v128): v128 {
  return f64x2.mul(x, y);
}

/** c + w * rest. */
@inline function step(c: f64, w: v128, rest: v128): v128 {
  return add(splat(c), mul(w, rest));
}

/** f - log(1 + f), `extra` subtracted at the end. */
@inline function logShortfall(f: v128, extra: v128): v128 {
  const s = f64x2.div(f, add(splat(2), f));
  const z = mul(s, s);
  const w = mul(z, z);
  const odd = step(2.0 / 3.0, w, step(2.0 / 7.0, w, step(2.0 / 11.0, w, step(2.0 / 15.0, w, splat(2.0 / 19.0)))));
  const even = step(2.0 / 5.0, w, step(2.0 / 9.0, w, step(2.0 / 13.0, w, step(2.0 / 17.0, w, splat(2.0 / 21.0)))));
  const half = mul(mul(splat(0.5), f), f);
  return sub(half, add(mul(s, add(half, add(mul(z, odd), mul(w, even)))), extra));
}

/** k ln 2 + log(1 + f) + extra. For k = 0 this is the sum of the plain form with its sign turned twice. */
@inline function logFromParts(k: v128, f: v128, extra: v128): v128 {
  const shortfall = logShortfall(f, add(mul(k, splat(LN2_LOW)), extra));
  return sub(mul(k, splat(LN2_HIGH)), sub(shortfall, f));
}

/** k of x = 2^k (1 + f), as integers. */
@inline function exponent(x: v128): v128 {
  return i64x2.shr_s(i64x2.sub(x, i64x2.splat(SQRT_HALF)), 52);
}

/** Small integers of 64 bits as doubles. */
@inline function toDoubles(k: v128): v128 {
  return f64x2.convert_low_i32x4_s(v128.shuffle<i32>(k, k, 0, 2, 0, 2));
}

/** 2^n for normal powers. */
@inline function powerOfTwo(n: v128): v128 {
  return i64x2.shl(i64x2.add(n, i64x2.splat(1023)), 52);
}

@inline export function log(x: v128): v128 {
  const k = exponent(x);
  return logFromParts(toDoubles(k), sub(mul(x, powerOfTwo(i64x2.neg(k))), splat(1)), splat(0));
}

/** log(1 + x) for x above -1; 0 is not an argument. */
@inline export function log1p(x: v128): v128 {
  const near = v128.and(f64x2.gt(x, splat(-0.29)), f64x2.lt(x, splat(0.41)));
  const u = add(splat(1), x);
  const below = sub(x, sub(u, splat(1)));
  const above = sub(splat(1), sub(u, x));
  const lost = f64x2.div(v128.bitselect(above, below, f64x2.gt(x, splat(1))), u);
  // What rounding lost, past 2^53 no longer to be seen; and nothing of an argument that is taken as it is.
  const seen = v128.andnot(f64x2.lt(x, splat(9007199254740992)), near);
  const k = v128.andnot(exponent(u), near);
  const f = v128.bitselect(x, sub(mul(u, powerOfTwo(i64x2.neg(k))), splat(1)), near);
  return logFromParts(toDoubles(k), f, v128.and(lost, seen));
}

/** exp(r) - 1 - r for |r| <= 0.36. */
@inline function expRest(r: v128): v128 {
  const z = mul(r, r);
  const far = step(-1.6534391534391535e-6, z, step(4.17535139757362e-8, z, step(-1.0568380277374986e-9, z, splat(2.6765073061369358e-11))));
  const c = sub(r, mul(z, step(0.16666666666666666, z, step(-0.002777777777777778, z, step(6.613756613756614e-5, z, far)))));
  return f64x2.div(mul(r, c), sub(splat(2), c));
}

/** 10^x for -324 < x <= 0, other than whole numbers. */
@inline function power(x: v128): v128 {
  const product = mul(x, splat(LOG2_10));
  // Halves are rounded up.
  const up = f64x2.ceil(product);
  const n = v128.bitselect(sub(up, splat(1)), up, f64x2.gt(sub(up, splat(0.5)), product));
  const r = mul(sub(sub(x, mul(n, splat(LOG10_2_HIGH))), mul(n, splat(LOG10_2_LOW))), splat(LN_10));
  const y = add(splat(1), add(r, expRest(r)));
  // Two factors, so that a power too small for a normal double is rounded once; else both are exact.
  const whole = i64x2.extend_low_i32x4_s(i32x4.trunc_sat_f64x2_s_zero(n));
  return mul(mul(y, powerOfTwo(i64x2.add(whole, i64x2.splat(200)))), splat(6.223015277861142e-61));
}

/** 10^x of a number that `power` does not take: at most -324, whole, or not a number. */
function oddPower(x: f64): f64 {
  if (x <= -324) return 0;
  if (x < -22 || x != x) return x != x ? x : f64x2.extract_lane(power(splat(x)), 0);
  let result: f64 = 1;
  for (let i = -x; i > 0; i--) result *= 10;
  return 1 / result;
}

/** out[i] = 10^x[i] for `count` (even) numbers that are at most 0, or NaN. */
export function powersOf10(x: usize, count: usize, out: usize): void {
  for (let at: usize = 0; at < count * 8; at += 16) {
    const value = v128.load(x + at);
    const ordinary = v128.and(f64x2.gt(value, splat(-324)), f64x2.ne(value, f64x2.ceil(value)));
    if (i64x2.all_true(ordinary)) v128.store(out + at, power(value));
    else {
      for (let lane: usize = 0; lane < 16; lane += 8) {
        const one = load<f64>(x + at + lane);
        const plain = one > -324 && one != Math.ceil(one);
        store<f64>(out + at + lane, plain ? f64x2.extract_lane(power(splat(one)), 0) : oddPower(one));
      }
    }
  }
}
