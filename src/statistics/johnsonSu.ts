import { log, log1p } from "./elementary.ts";
import { log10NormalTwoSided } from "./normal.ts";

/** A Johnson SU law: `gamma + delta asinh((x - location) / scale)` is a standard normal deviate. */
export interface JohnsonSu {
  readonly gamma: number;
  readonly delta: number;
  readonly location: number;
  readonly scale: number;
}

const STEPS = 200;
/** A kurtosis so near to that of a normal law is taken for it: the law's delta would be past 100. */
const NORMAL_KURTOSIS = 3.0002;

/**
 * The law of mean 0, standard deviation 1, and the given skewness and kurtosis (3 for a normal law), by Tuenter's equation in omega = exp(1 / delta^2)
 * (J. Statist. Comput. Simul. 70, 2001, 325). Undefined where there is none: the kurtosis is that of a normal law or less, or the skewness too large for it (beyond the lognormal line).
 */
export function johnsonSu(skewness: number, kurtosis: number): JohnsonSu | undefined {
  if (!(kurtosis > NORMAL_KURTOSIS) || !Number.isFinite(kurtosis) || !Number.isFinite(skewness)) {
    return undefined;
  }
  const beta1 = skewness * skewness;
  const mOf = (w: number): number =>
    Math.sqrt(Math.max(0, 4 + 2 * (w * w - (kurtosis + 3) / (w * w + 2 * w + 3)))) - 2;
  const beta1Of = (w: number): number => {
    const m = mOf(w);
    const half = w + 2 + m / 2;
    return (w - 1 - m) * half * half;
  };
  // At the lower end m = 0, the lognormal law; at the upper one m = omega - 1, the symmetric one.
  let low = lognormalOmega(kurtosis);
  let high = Math.sqrt(Math.sqrt(2 * kurtosis - 2) - 1);
  if (!(beta1 < beta1Of(low))) return undefined;
  for (let step = 0; step < STEPS && high > low; step++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (beta1Of(middle) > beta1) low = middle;
    else high = middle;
  }
  const w = (low + high) / 2;
  // A symmetric law has m = omega - 1 but for rounding.
  const m = skewness === 0 ? w - 1 : Math.min(mOf(w), w - 1);
  if (!(m > 0)) return undefined;
  const side = skewness < 0 ? -1 : 1;
  const delta = 1 / Math.sqrt(log(w));
  const gamma = -side * delta * asinh(Math.sqrt(((w + 1) / (2 * w)) * ((w - 1) / m - 1)));
  const scale = Math.sqrt((2 * m) / (w + 1)) / (w - 1);
  const location = -side * (Math.sqrt(w - 1 - m) / (w - 1));
  return { gamma, delta, location, scale };
}

/** The omega of the lognormal law of this kurtosis: w^4 + 2 w^3 + 3 w^2 - 3. */
function lognormalOmega(kurtosis: number): number {
  let low = 1;
  let high = Math.max(2, Math.sqrt(kurtosis + 3));
  for (let step = 0; step < STEPS; step++) {
    const w = (low + high) / 2;
    if (w === low || w === high) break;
    if (((w + 2) * w + 3) * w * w - 3 < kurtosis) low = w;
    else high = w;
  }
  return (low + high) / 2;
}

function asinh(x: number): number {
  const size = Math.abs(x);
  // log(x + sqrt(x^2 + 1)), without cancellation near 0.
  const value =
    size > 1e8 ? log(size) + log(2) : log1p(size + (size * size) / (1 + Math.sqrt(size * size + 1)));
  return x < 0 ? -value : value;
}

/** The normal deviate of `x` under a law; a standard normal law where there is none. */
export function johnsonSuDeviate(law: JohnsonSu | undefined, x: number): number {
  if (law === undefined) return x;
  return law.gamma + law.delta * asinh((x - law.location) / law.scale);
}

/** log10 of the two-sided p of `x`: twice the smaller tail. */
export function johnsonSuLog10P(law: JohnsonSu | undefined, x: number): number {
  return log10NormalTwoSided(johnsonSuDeviate(law, x));
}
