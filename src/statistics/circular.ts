/** cot(pi x) and its inverse, with bits that are the same on every JavaScript engine: Taylor series. */

const PI = Math.PI;

/** sin(x) and cos(x) for 0 <= x <= pi / 4. */
export function sineAndCosine(x: number): readonly [number, number] {
  const z = x * x;
  let sine = 1;
  let cosine = 1;
  for (let n = 20; n >= 2; n -= 2) {
    sine = 1 - (z / (n * (n + 1))) * sine;
    cosine = 1 - (z / (n * (n - 1))) * cosine;
  }
  return [x * sine, cosine];
}

/** cot(pi x) for 0 < x < 1, relative error below 1e-15 for x up to 1/2; Infinity at 0. */
export function cotPi(x: number): number {
  if (x > 0.5) return -cotPi(1 - x);
  if (x > 0.25) {
    const [sine, cosine] = sineAndCosine(PI * (0.5 - x));
    return sine / cosine;
  }
  const [sine, cosine] = sineAndCosine(PI * x);
  return cosine / sine;
}

/** arctan(x) for 0 <= x <= 1: halved three times, then the series. */
function arctangent(x: number): number {
  let t = x;
  for (let i = 0; i < 3; i++) t /= 1 + Math.sqrt(1 + t * t);
  const z = t * t;
  let sum = 0;
  for (let n = 21; n >= 1; n -= 2) sum = 1 / n - z * sum;
  return 8 * t * sum;
}

/** The x in (0, 1) with cot(pi x) = y: arccot(y) / pi, relative error below 1e-15 for y >= 0. */
export function arccotOverPi(y: number): number {
  if (y < 0) return 1 - arccotOverPi(-y);
  if (y > 1) return arctangent(1 / y) / PI;
  return 0.5 - arctangent(y) / PI;
}
