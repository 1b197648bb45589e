// What HC3 takes of a variant, in f64, every sum in the order of src/association/interaction (design.ts, robust.ts, robustReference.ts), to the bit.
// Vectors are of `bytes` bytes: samples, and 0 up to a multiple of 32.
import { dotOne64 } from "./one64";
import { projectFour } from "./permute";

/** Bytes of a sample of four vectors side by side. */
const ROW: usize = 32;

/** Sum of `count` numbers in their order. */
@inline function sumOf(values: usize, count: usize): f64 {
  let sum: f64 = 0;
  for (const end = values + 8 * count; values < end; values += 8) sum += load<f64>(values);
  return sum;
}

/** out = a b, number by number. */
@inline function multiply(a: usize, b: usize, bytes: usize, out: usize): void {
  for (let at: usize = 0; at < bytes; at += 16) v128.store(out + at, f64x2.mul(v128.load(a + at), v128.load(b + at)));
}

/** vectors [terms] = g less its mean, and that times each of the modifiers [terms - 1]. */
export function spreadTerms(g: usize, modifiers: usize, terms: usize, samples: usize, bytes: usize, vectors: usize): void {
  const mean = sumOf(g, samples) / <f64>samples;
  for (let s: usize = 0; s < 8 * samples; s += 8) store<f64>(vectors + s, load<f64>(g + s) - mean);
  for (let m: usize = 1; m < terms; m++) multiply(vectors, modifiers + (m - 1) * bytes, bytes, vectors + m * bytes);
}

/** Four vectors side by side, those from `lanes` on 0. */
function besides(vectors: usize, lanes: usize, samples: usize, bytes: usize, e: usize): void {
  for (let s: usize = 0; s < samples; s++) {
    for (let lane: usize = 0; lane < 4; lane++) store<f64>(e + lane * 8, lane < lanes ? load<f64>(vectors + lane * bytes + s * 8) : 0);
    e += ROW;
  }
}

/** Of vectors side by side the ones in `chosen` (bit lane), each back in its place. */
function back(e: usize, chosen: u32, samples: usize, bytes: usize, vectors: usize): void {
  for (let lane: usize = 0; lane < 4; lane++) {
    if (((chosen >> <u32>lane) & 1) == 0) continue;
    const to = vectors + lane * bytes, from = e + lane * 8;
    for (let s: usize = 0; s < samples; s++) store<f64>(to + s * 8, load<f64>(from + s * ROW));
  }
}

/**
 * What the constant and the basis (see `project` of permute.ts) leave of `count` vectors; projected once more where less than `share` of the square is left.
 *  e  room for [samples][4]; squares  for [4]
 */
export function residualise(vectors: usize, count: usize, samples: usize, bytes: usize, basis: usize, basisCount: usize, share: f64, e: usize, squares: usize): void {
  for (let from: usize = 0; from < count; from += 4) {
    const four = vectors + from * bytes, lanes = min<usize>(4, count - from);
    for (let lane: usize = 0; lane < lanes; lane++) {
      const v = four + lane * bytes;
      store<f64>(squares + lane * 8, dotOne64(v, v, bytes));
    }
    besides(four, lanes, samples, bytes, e);
    projectFour(e, samples, basis, basisCount);
    back(e, (1 << <u32>lanes) - 1, samples, bytes, four);
    let again: u32 = 0;
    for (let lane: usize = 0; lane < lanes; lane++) {
      const v = four + lane * bytes;
      if (!(dotOne64(v, v, bytes) >= share * load<f64>(squares + lane * 8))) again |= 1 << <u32>lane;
    }
    if (again == 0) continue;
    projectFour(e, samples, basis, basisCount);
    back(e, again, samples, bytes, four);
  }
}

/** Modified Gram-Schmidt, twice: vectors [terms] of norm 1 (or as they are, where nothing is left), triangle L by rows. */
export function orthonormalise(vectors: usize, terms: usize, bytes: usize, triangle: usize): void {
  memory.fill(triangle, 0, (terms * (terms + 1)) << 2);
  for (let m: usize = 0; m < terms; m++) {
    const own = vectors + m * bytes, row = triangle + ((m * (m + 1)) << 2);
    for (let pass = 0; pass < 2; pass++) {
      for (let j: usize = 0; j < m; j++) {
        const other = vectors + j * bytes;
        const share = dotOne64(own, other, bytes), all = f64x2.splat(share);
        store<f64>(row + 8 * j, load<f64>(row + 8 * j) + share);
        for (let at: usize = 0; at < bytes; at += 16) v128.store(own + at, f64x2.sub(v128.load(own + at), f64x2.mul(all, v128.load(other + at))));
      }
    }
    const norm = sqrt(dotOne64(own, own, bytes));
    store<f64>(row + 8 * m, norm);
    if (!(norm > 0)) continue;
    const all = f64x2.splat(norm);
    for (let at: usize = 0; at < bytes; at += 16) v128.store(own + at, f64x2.div(v128.load(own + at), all));
  }
}

/** rest = 1 - leverage in the whole model, NaN where that is below `least`; returns its sum. */
export function restOf(leverage: usize, vectors: usize, terms: usize, samples: usize, bytes: usize, least: f64, rest: usize): f64 {
  for (let s: usize = 0; s < 8 * samples; s += 8) {
    let h = load<f64>(leverage + s);
    for (let m: usize = 0; m < terms; m++) {
      const v = load<f64>(vectors + m * bytes + s);
      h += v * v;
    }
    store<f64>(rest + s, 1 - h < least ? NaN : 1 - h);
  }
  return sumOf(rest, samples);
}

/**
 * weights = (vectors from `first` on times their shares) / deviation / rest; d = weights^2, and d times each vector in `weighted` [terms].
 * moments (f64) = the sums of d rest, d rest^2, d^2 (2 rest - 1); the sum of the squares of the products of `weighted` and the vectors.
 */
export function weigh(vectors: usize, first: usize, terms: usize, samples: usize, bytes: usize, shares: usize, deviation: f64, rest: usize, weights: usize, d: usize, weighted: usize, moments: usize): void {
  let mean: f64 = 0, variance: f64 = 0, trace: f64 = 0;
  for (let s: usize = 0; s < 8 * samples; s += 8) {
    const r = load<f64>(rest + s);
    let w: f64 = 0;
    for (let m = first; m < terms; m++) w += load<f64>(vectors + m * bytes + s) * load<f64>(shares + 8 * m);
    w = w / deviation / r;
    store<f64>(weights + s, w);
    const own = w * w;
    store<f64>(d + s, own);
    mean += own * r;
    variance += own * r * r;
    trace += own * own * (2 * r - 1);
  }
  multiplyEach(d, vectors, terms, bytes, weighted);
  let between: f64 = 0;
  for (let m: usize = 0; m < terms; m++) {
    for (let j: usize = 0; j < terms; j++) {
      const product = dotOne64(weighted + m * bytes, vectors + j * bytes, bytes);
      between += product * product;
    }
  }
  store<f64>(moments, mean);
  store<f64>(moments, variance, 8);
  store<f64>(moments, trace, 16);
  store<f64>(moments, between, 24);
}

/** out [count] = d times each vector. */
export function multiplyEach(d: usize, vectors: usize, count: usize, bytes: usize, out: usize): void {
  for (let i: usize = 0; i < count; i++) multiply(d, vectors + i * bytes, bytes, out + i * bytes);
}

/** Sum of the products of two lists, in their order. */
export function inOrder(a: usize, b: usize, count: usize): f64 {
  let sum: f64 = 0;
  for (const end = a + 8 * count; a < end; a += 8, b += 8) sum += load<f64>(a) * load<f64>(b);
  return sum;
}

/** The square of weights x (e - the vectors times `along`); e is overwritten. */
export function squaredError(e: usize, vectors: usize, along: usize, terms: usize, weights: usize, bytes: usize): f64 {
  for (let m: usize = 0; m < terms; m++) {
    const all = f64x2.splat(load<f64>(along + 8 * m)), vector = vectors + m * bytes;
    for (let at: usize = 0; at < bytes; at += 16) v128.store(e + at, f64x2.sub(v128.load(e + at), f64x2.mul(all, v128.load(vector + at))));
  }
  multiply(e, weights, bytes, e);
  return dotOne64(e, e, bytes);
}

/** out = g.e, then g.(modifier x e) of each modifier; `product` is room for a vector. */
export function termDots(g: usize, e: usize, modifiers: usize, terms: usize, bytes: usize, product: usize, out: usize): void {
  store<f64>(out, dotOne64(g, e, bytes));
  for (let m: usize = 1; m < terms; m++) {
    multiply(e, modifiers + (m - 1) * bytes, bytes, product);
    store<f64>(out + 8 * m, dotOne64(g, product, bytes));
  }
}
