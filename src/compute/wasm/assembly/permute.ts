// Permuted expression, residualised and of norm 1: four columns side by side, [sample][4] f64, each operation of a column in the
// order of `standardise` (src/cohort/residuals.ts) and `residualise` (src/statistics/linalg.ts), so that its bits are theirs.

/** Bytes of a sample's four values. */
const ROW: usize = 32;
/** A residual with less than this share of the sum of squares is rounding: cohort/residuals.ts has the same number. */
const COLLINEAR: f64 = 1e-8;
/** A residual with at least this share has been projected enough: cohort/residuals.ts has the same number. */
const MUCH: f64 = 0.1;
/** The four coefficients on a vector of the basis. */
const COEFFICIENTS: usize = memory.data(32, 16);
/** The four columns' sums of squares before they are projected. */
const TOTALS: usize = memory.data(32, 16);
/** The columns that are projected, as masks. */
const CHOSEN: usize = memory.data(32, 16);

@inline function total(s0: v128, s1: v128, s2: v128, s3: v128): v128 {
  return f64x2.add(f64x2.add(s0, s2), f64x2.add(s1, s3));
}

/** e -= c q of one sample and two columns. */
@inline function less(at: usize, c: v128, q: v128): v128 {
  const e = f64x2.sub(v128.load(at), f64x2.mul(c, q));
  v128.store(at, e);
  return e;
}

@inline function plus(sum: v128, e: v128, q: v128): v128 {
  return f64x2.add(sum, f64x2.mul(e, q));
}

/**
 * e -= c q for the coefficients c on the vector `q`, and then the coefficients of what is left on the vector `next`. Dots are four
 * interleaved sums; what is beyond a multiple of four goes to the first, as in `dot` of linalg.ts.
 */
function subtract(e: usize, samples: usize, q: usize, next: usize): void {
  const c0 = v128.and(v128.load(COEFFICIENTS), v128.load(CHOSEN));
  const c1 = v128.and(v128.load(COEFFICIENTS, 16), v128.load(CHOSEN, 16));
  let a0 = f64x2.splat(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
  const whole = e + (samples & ~3) * ROW, end = e + samples * ROW;
  for (; e < whole; e += 4 * ROW) {
    let x = v128.load64_splat(q), y = v128.load64_splat(next);
    a0 = plus(a0, less(e, c0, x), y);
    b0 = plus(b0, less(e + 16, c1, x), y);
    x = v128.load64_splat(q, 8), y = v128.load64_splat(next, 8);
    a1 = plus(a1, less(e + ROW, c0, x), y);
    b1 = plus(b1, less(e + ROW + 16, c1, x), y);
    x = v128.load64_splat(q, 16), y = v128.load64_splat(next, 16);
    a2 = plus(a2, less(e + 2 * ROW, c0, x), y);
    b2 = plus(b2, less(e + 2 * ROW + 16, c1, x), y);
    x = v128.load64_splat(q, 24), y = v128.load64_splat(next, 24);
    a3 = plus(a3, less(e + 3 * ROW, c0, x), y);
    b3 = plus(b3, less(e + 3 * ROW + 16, c1, x), y);
    q += 32;
    next += 32;
  }
  for (; e < end; e += ROW) {
    const x = v128.load64_splat(q), y = v128.load64_splat(next);
    a0 = plus(a0, less(e, c0, x), y);
    b0 = plus(b0, less(e + 16, c1, x), y);
    q += 8;
    next += 8;
  }
  v128.store(COEFFICIENTS, total(a0, a1, a2, a3));
  v128.store(COEFFICIENTS, total(b0, b1, b2, b3), 16);
}

/** e -= c q for the coefficients c on the vector `q`, and the sums of squares of what is left, to COEFFICIENTS. */
function subtractLast(e: usize, samples: usize, q: usize): void {
  const c0 = v128.and(v128.load(COEFFICIENTS), v128.load(CHOSEN));
  const c1 = v128.and(v128.load(COEFFICIENTS, 16), v128.load(CHOSEN, 16));
  let l0 = f64x2.splat(0), l1 = l0;
  for (const end = e + samples * ROW; e < end; e += ROW) {
    const c = v128.load64_splat(q), x = less(e, c0, c), y = less(e + 16, c1, c);
    l0 = f64x2.add(l0, f64x2.mul(x, x));
    l1 = f64x2.add(l1, f64x2.mul(y, y));
    q += 8;
  }
  v128.store(COEFFICIENTS, l0);
  v128.store(COEFFICIENTS, l1, 16);
}

/** Sums of four columns to means, as coefficients on the vector of ones. */
@inline function toMeans(s0: v128, s1: v128, samples: usize): void {
  const n = f64x2.splat(<f64>samples);
  v128.store(COEFFICIENTS, f64x2.div(s0, n));
  v128.store(COEFFICIENTS, f64x2.div(s1, n), 16);
}

/** The means of four columns. */
function means(e: usize, samples: usize): void {
  let a = f64x2.splat(0), b = a;
  for (const end = e + samples * ROW; e < end; e += ROW) {
    a = f64x2.add(a, v128.load(e));
    b = f64x2.add(b, v128.load(e, 16));
  }
  toMeans(a, b, samples);
}

/**
 * y - mean - QQ'y of the chosen columns, once; their means are in COEFFICIENTS, where the sums of squares of what is left are afterwards.
 * basis: a vector of ones, then `count` vectors, [samples] f64 each.
 */
function project(e: usize, samples: usize, basis: usize, count: usize): void {
  const bytes = samples * 8;
  // c 1 is c: the mean is subtracted as it is.
  for (let j: usize = 0; j < count; j++) subtract(e, samples, basis + j * bytes, basis + (j + 1) * bytes);
  subtractLast(e, samples, basis + count * bytes);
}

/** Four permuted columns, e [samples][4] f64, and their means. */
function permute(y: usize, samples: usize, order: usize, e: usize): void {
  const bytes = samples * 4;
  let a = f64x2.splat(0), b = a;
  for (const end = order + bytes; order < end; order += 4) {
    const i0 = (<usize>load<u32>(order)) << 3, i1 = (<usize>load<u32>(order + bytes)) << 3;
    const i2 = (<usize>load<u32>(order + 2 * bytes)) << 3, i3 = (<usize>load<u32>(order + 3 * bytes)) << 3;
    const x = v128.load64_lane(y + i1, v128.load64_zero(y + i0), 1), z = v128.load64_lane(y + i3, v128.load64_zero(y + i2), 1);
    a = f64x2.add(a, x);
    b = f64x2.add(b, z);
    v128.store(e, x);
    v128.store(e, z, 16);
    e += ROW;
  }
  toMeans(a, b, samples);
}

/** Takes the means off, and divides by the largest deviation: leaves the sums of squares in TOTALS and the new means. */
function scale(e: usize, samples: usize): void {
  const m0 = v128.load(COEFFICIENTS), m1 = v128.load(COEFFICIENTS, 16);
  const end = e + samples * ROW;
  let l0 = f64x2.splat(0), l1 = l0;
  for (let at = e; at < end; at += ROW) {
    l0 = f64x2.pmax(l0, f64x2.abs(f64x2.sub(v128.load(at), m0)));
    l1 = f64x2.pmax(l1, f64x2.abs(f64x2.sub(v128.load(at, 16), m1)));
  }
  let t0 = f64x2.splat(0), t1 = t0, a = t0, b = t0;
  for (let at = e; at < end; at += ROW) {
    const x = f64x2.div(f64x2.sub(v128.load(at), m0), l0), y = f64x2.div(f64x2.sub(v128.load(at, 16), m1), l1);
    t0 = f64x2.add(t0, f64x2.mul(x, x));
    t1 = f64x2.add(t1, f64x2.mul(y, y));
    a = f64x2.add(a, x);
    b = f64x2.add(b, y);
    v128.store(at, x);
    v128.store(at, y, 16);
  }
  v128.store(TOTALS, t0);
  v128.store(TOTALS, t1, 16);
  toMeans(a, b, samples);
}

/** Norms from what is left of sums of squares; 0 where next to nothing, or no number, is. */
@inline function norm(left: v128, squares: v128): v128 {
  const some = f64x2.ge(left, f64x2.mul(squares, f64x2.splat(COLLINEAR)));
  return v128.and(v128.and(f64x2.sqrt(left), some), f64x2.gt(left, f64x2.splat(0)));
}

/** Residuals, as `standardise` makes them: projected again where little is left of TOTALS. */
function residuals(e: usize, samples: usize, basis: usize, count: usize): void {
  const much = f64x2.splat(MUCH), all = i64x2.splat(-1);
  v128.store(CHOSEN, all);
  v128.store(CHOSEN, all, 16);
  project(e, samples, basis, count);
  const again0 = f64x2.lt(v128.load(COEFFICIENTS), f64x2.mul(v128.load(TOTALS), much));
  const again1 = f64x2.lt(v128.load(COEFFICIENTS, 16), f64x2.mul(v128.load(TOTALS, 16), much));
  if (!v128.any_true(v128.or(again0, again1))) return;
  v128.store(CHOSEN, again0);
  v128.store(CHOSEN, again1, 16);
  means(e, samples);
  project(e, samples, basis, count);
}

/** Divides by the norm, the root of COEFFICIENTS; a column without one becomes 0. */
function normalise(e: usize, samples: usize): void {
  const end = e + samples * ROW;
  const n0 = norm(v128.load(COEFFICIENTS), v128.load(TOTALS)), n1 = norm(v128.load(COEFFICIENTS, 16), v128.load(TOTALS, 16));
  const some0 = f64x2.gt(n0, f64x2.splat(0)), some1 = f64x2.gt(n1, f64x2.splat(0));
  for (let at = e; at < end; at += ROW) {
    v128.store(at, v128.and(f64x2.div(v128.load(at), n0), some0));
    v128.store(at, v128.and(f64x2.div(v128.load(at, 16), n1), some1), 16);
  }
}

/** Four columns side by side, e [samples][4] f64, one after the other, `stride` bytes each. */
function part(e: usize, samples: usize, columns: usize, stride: usize): void {
  const second = columns + stride, third = second + stride, fourth = third + stride;
  let s: usize = 0;
  for (const pairs = (samples & ~1) * 8; s < pairs; s += 16) {
    const x0 = v128.load(e), y0 = v128.load(e, 16), x1 = v128.load(e, 32), y1 = v128.load(e, 48);
    v128.store(columns + s, i64x2.shuffle(x0, x1, 0, 2));
    v128.store(second + s, i64x2.shuffle(x0, x1, 1, 3));
    v128.store(third + s, i64x2.shuffle(y0, y1, 0, 2));
    v128.store(fourth + s, i64x2.shuffle(y0, y1, 1, 3));
    e += 2 * ROW;
  }
  if ((samples & 1) == 0) return;
  store<f64>(columns + s, load<f64>(e));
  store<f64>(second + s, load<f64>(e, 8));
  store<f64>(third + s, load<f64>(e, 16));
  store<f64>(fourth + s, load<f64>(e, 24));
}

/**
 * Four permuted columns: e [samples][4] f64, and once more one after the other in `columns` ([4], `stride` bytes each).
 *  y      f64 [samples], a gene's expression
 *  order  u32 [4][samples]: sample i gets the expression of order[i]
 *  basis  see `project`; 0: the expression is of norm 1 already, and only permuted
 */
export function permuteColumns(y: usize, samples: usize, order: usize, basis: usize, count: usize, e: usize, columns: usize, stride: usize): void {
  permute(y, samples, order, e);
  if (basis != 0) {
    scale(e, samples);
    residuals(e, samples, basis, count);
    normalise(e, samples);
  }
  part(e, samples, columns, stride);
}

/** `project` of four vectors, e [samples][4] f64. */
export function projectFour(e: usize, samples: usize, basis: usize, count: usize): void {
  v128.store(CHOSEN, i64x2.splat(-1));
  v128.store(CHOSEN, i64x2.splat(-1), 16);
  means(e, samples);
  project(e, samples, basis, count);
}
