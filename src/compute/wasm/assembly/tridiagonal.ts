// Householder's reduction of a symmetric f64 matrix to a tridiagonal one: `tridiagonal` of src/statistics/symmetricEigen.ts,
// operation by operation, so that its bits are the same. Cost: 4/3 n^3 multiplications, each element of the lower triangle read
// twice and written once a reflection.

/** `dot` of src/statistics/linalg.ts: four interleaved sums; what is beyond a multiple of four goes to the first. */
function dot(a: usize, b: usize, length: usize): f64 {
  let s0 = f64x2.splat(0), s1 = s0;
  const whole = a + (length & ~3) * 8, end = a + length * 8;
  for (; a < whole; a += 32, b += 32) {
    s0 = f64x2.add(s0, f64x2.mul(v128.load(a), v128.load(b)));
    s1 = f64x2.add(s1, f64x2.mul(v128.load(a, 16), v128.load(b, 16)));
  }
  let first = f64x2.extract_lane(s0, 0);
  for (; a < end; a += 8, b += 8) first += load<f64>(a) * load<f64>(b);
  return first + f64x2.extract_lane(s1, 0) + (f64x2.extract_lane(s0, 1) + f64x2.extract_lane(s1, 1));
}

/** Returns the dot of `a` and `u`, and adds v a to `p`, all of `length` numbers. */
function dotAndAdd(a: usize, u: usize, p: usize, v: f64, length: usize): f64 {
  const factor = f64x2.splat(v);
  let s0 = f64x2.splat(0), s1 = s0;
  const whole = a + (length & ~3) * 8, end = a + length * 8;
  for (; a < whole; a += 32, u += 32, p += 32) {
    const a0 = v128.load(a), a1 = v128.load(a, 16);
    s0 = f64x2.add(s0, f64x2.mul(a0, v128.load(u)));
    s1 = f64x2.add(s1, f64x2.mul(a1, v128.load(u, 16)));
    v128.store(p, f64x2.add(v128.load(p), f64x2.mul(a0, factor)));
    v128.store(p, f64x2.add(v128.load(p, 16), f64x2.mul(a1, factor)), 16);
  }
  let first = f64x2.extract_lane(s0, 0);
  for (; a < end; a += 8, u += 8, p += 8) {
    first += load<f64>(a) * load<f64>(u);
    store<f64>(p, load<f64>(p) + load<f64>(a) * v);
  }
  return first + f64x2.extract_lane(s1, 0) + (f64x2.extract_lane(s0, 1) + f64x2.extract_lane(s1, 1));
}

/** a -= v p + w u, all of `length` numbers. */
function subtract(a: usize, p: usize, v: f64, u: usize, w: f64, length: usize): void {
  const vs = f64x2.splat(v), ws = f64x2.splat(w);
  const whole = a + (length & ~1) * 8;
  for (; a < whole; a += 16, p += 16, u += 16) {
    const sum = f64x2.add(f64x2.mul(vs, v128.load(p)), f64x2.mul(ws, v128.load(u)));
    v128.store(a, f64x2.sub(v128.load(a), sum));
  }
  if (length & 1) store<f64>(a, load<f64>(a) - (v * load<f64>(p) + w * load<f64>(u)));
}

/** H A H of the leading i x i block, H = I - u u' / h. */
function reflect(a: usize, bytes: usize, u: usize, h: f64, i: usize, p: usize): void {
  for (let j: usize = 0; j < i; j++) {
    const v = load<f64>(u + j * 8), own = load<f64>(a + j * bytes + j * 8) * v;
    store<f64>(p + j * 8, own + dotAndAdd(a + j * bytes, u, p, v, j));
  }
  for (let j: usize = 0; j < i; j++) store<f64>(p + j * 8, load<f64>(p + j * 8) / h);
  const half = dot(p, u, i) / (2 * h);
  for (let j: usize = 0; j < i; j++) store<f64>(p + j * 8, load<f64>(p + j * 8) - half * load<f64>(u + j * 8));
  for (let j: usize = 0; j < i; j++) {
    subtract(a + j * bytes, p, load<f64>(u + j * 8), u, load<f64>(p + j * 8), j + 1);
  }
}

/** Reduces the lower triangle of a [n][n], which it overwrites, to `diagonal` [n] and `below` [n]; p [n] is scratch. All f64. */
export function tridiagonalise(a: usize, n: usize, diagonal: usize, below: usize, p: usize): void {
  const bytes = n * 8;
  store<f64>(below, 0);
  for (let i = n - 1; i > 0; i--) {
    const u = a + i * bytes, to = i * 8;
    const last = load<f64>(u + to - 8);
    store<f64>(diagonal + to, load<f64>(u + to));
    let largest: f64 = 0;
    for (let j: usize = 0; j + 1 < i; j++) largest = max(largest, abs(load<f64>(u + j * 8)));
    if (largest == 0) {
      store<f64>(below + to, last);
      continue;
    }
    largest = max(largest, abs(last));
    for (let j: usize = 0; j < i; j++) store<f64>(u + j * 8, load<f64>(u + j * 8) / largest);
    const square = dot(u, u, i), end = load<f64>(u + to - 8);
    const norm = end > 0 ? -sqrt(square) : sqrt(square);
    store<f64>(below + to, norm * largest);
    store<f64>(u + to - 8, end - norm);
    reflect(a, bytes, u, square - norm * end, i, p);
  }
  if (n > 0) store<f64>(diagonal, load<f64>(a));
}
