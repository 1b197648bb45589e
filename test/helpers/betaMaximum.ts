/** log Gamma by Lanczos' sum, independent of the one under test; right to 1e-14. */
function logGamma(x: number): number {
  const c = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ];
  const y = x - 1;
  const t = y + 7.5;
  const sum = c.slice(1).reduce((total, value, i) => total + value / (y + i + 1), c[0]!);
  return 0.5 * Math.log(2 * Math.PI) + (y + 0.5) * Math.log(t) - t + Math.log(sum);
}

/**
 * Shapes of the beta distribution with the largest likelihood of `p`, by golden sections along shape1, along
 * shape2 for each: slow and plain.
 */
export function betaMaximum(p: readonly number[]): { shape1: number; shape2: number } {
  const meanLog = p.reduce((sum, x) => sum + Math.log(x), 0) / p.length;
  const meanLog1m = p.reduce((sum, x) => sum + Math.log1p(-x), 0) / p.length;
  const value = (a: number, b: number): number =>
    (a - 1) * meanLog + (b - 1) * meanLog1m - (logGamma(a) + logGamma(b) - logGamma(a + b));
  const best = (f: (x: number) => number): number => {
    const ratio = (Math.sqrt(5) - 1) / 2;
    let [low, high] = [Math.log(1e-2), Math.log(1e7)];
    for (let i = 0; i < 80; i++) {
      const left = high - ratio * (high - low);
      const right = low + ratio * (high - low);
      if (f(Math.exp(left)) > f(Math.exp(right))) high = right;
      else low = left;
    }
    return Math.exp((low + high) / 2);
  };
  const shape2For = (a: number): number => best((b) => value(a, b));
  const shape1 = best((a) => value(a, shape2For(a)));
  return { shape1, shape2: shape2For(shape1) };
}
