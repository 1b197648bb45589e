/** Minima of functions of one variable. */

/** 1 - 1 / golden ratio: how far a golden-section step goes into the larger part. */
const GOLDEN = (3 - Math.sqrt(5)) / 2;
const EPSILON = Math.sqrt(Number.EPSILON);
const STEPS = 200;

/**
 * A local minimum of `f` between `low` and `high`, to `tolerance`: golden sections, and parabolas through the
 * three best points where they are trusted (Brent, "Algorithms for Minimization without Derivatives", 1973,
 * chapter 5). `f` must be finite between the bounds.
 */
export function minimise(f: (x: number) => number, low: number, high: number, tolerance = 1e-8): number {
  let a = low;
  let b = high;
  // The best point, the second best, and what that was before.
  let x = a + GOLDEN * (b - a);
  let w = x;
  let v = x;
  let fx = f(x);
  let fw = fx;
  let fv = fx;
  let step = 0;
  let before = 0;
  for (let i = 0; i < STEPS; i++) {
    const middle = (a + b) / 2;
    const least = EPSILON * Math.abs(x) + tolerance / 3;
    if (Math.abs(x - middle) <= 2 * least - (b - a) / 2) break;
    let q = 0;
    let p = 0;
    if (Math.abs(before) > least) {
      const r = (x - w) * (fx - fv);
      q = (x - v) * (fx - fw);
      p = (x - v) * q - (x - w) * r;
      q = 2 * (q - r);
      if (q > 0) p = -p;
      else q = -q;
    }
    const parabola =
      Math.abs(before) > least &&
      Math.abs(p) < Math.abs(0.5 * q * before) &&
      p > q * (a - x) &&
      p < q * (b - x);
    if (parabola) {
      before = step;
      step = p / q;
      const u = x + step;
      // Not too near the ends.
      if (u - a < 2 * least || b - u < 2 * least) step = x >= middle ? -least : least;
    } else {
      before = (x >= middle ? a : b) - x;
      step = GOLDEN * before;
    }
    const u = x + (Math.abs(step) >= least ? step : step > 0 ? least : -least);
    const fu = f(u);
    if (fu <= fx) {
      if (u < x) b = x;
      else a = x;
      [v, w, x] = [w, x, u];
      [fv, fw, fx] = [fw, fx, fu];
      continue;
    }
    if (u < x) a = u;
    else b = u;
    if (fu <= fw || w === x) {
      [v, w] = [w, u];
      [fv, fw] = [fw, fu];
    } else if (fu <= fv || v === x || v === w) {
      v = u;
      fv = fu;
    }
  }
  return x;
}
