/** Fisher's z-transformation of a correlation (Biometrika 10 (1915) 507), in operations that every engine rounds alike. */

import { expm1, log1p } from "./elementary.ts";

/** atanh(r); infinite at -1 and 1, NaN beyond. */
export function fisherZ(r: number): number {
  const size = Math.abs(r);
  const z = 0.5 * log1p((2 * size) / (1 - size));
  return r < 0 ? -z : z;
}

/** tanh(z): the correlation whose {@link fisherZ} it is. */
export function fromFisherZ(z: number): number {
  const size = Math.abs(z);
  // Past 20 the difference from 1 is below the last digit.
  if (size > 20) return z < 0 ? -1 : 1;
  const grown = expm1(2 * size);
  const r = grown / (grown + 2);
  return z < 0 ? -r : r;
}
