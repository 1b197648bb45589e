/**
 * P(Q > q) of Q = sum of weight_j X_j, X_j chi-squares of one degree of freedom, by Imhof's inversion (Biometrika 48, 1961, 419): 1/2 + 1/pi times the integral of
 * sin theta(u) / (u rho(u)) over u > 0, panel by panel with Gauss and Legendre's rule. It shares nothing with the code under test, which integrates along
 * a parabola through a saddle point. Absolute accuracy about 1e-12; at least 6 weights of like size, or the integrand falls too slowly.
 */
export function imhofUpper(weights: readonly number[], q: number): number {
  const { node, weight } = gaussLegendre(20);
  const half = weights.reduce((sum, value) => sum + value, 0) / 2;
  const product = weights.reduce((sum, value) => sum + Math.log(value), 0) / 2;
  const m = weights.length;
  // theta turns by at most max(mean, q) / 2 a unit of u.
  const width = Math.PI / (2 * Math.max(half, q / 2, Math.max(...weights)));
  let sum = 0;
  for (let start = 0; ; start += width) {
    for (let i = 0; i < node.length; i++) {
      const u = start + (width * (1 + node[i]!)) / 2;
      let theta = (-q * u) / 2;
      let logRho = 0;
      for (const value of weights) {
        theta += Math.atan(value * u) / 2;
        logRho += Math.log1p((value * u) ** 2) / 4;
      }
      sum += (weight[i]! * width * Math.sin(theta)) / (2 * u * Math.exp(logRho));
    }
    // What is left is at most 2 / m u^(-m/2) / prod sqrt(weight).
    const left = Math.log(2 / m) - (m / 2) * Math.log(start + width) - product;
    if (left < Math.log(1e-13)) break;
  }
  return 0.5 + sum / Math.PI;
}

/** Nodes and weights on (-1, 1), by Newton's method on the Legendre polynomial. */
function gaussLegendre(n: number): { node: number[]; weight: number[] } {
  const node: number[] = [];
  const weight: number[] = [];
  for (let i = 0; i < n; i++) {
    let x = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5));
    let slope = 0;
    for (let turn = 0; turn < 100; turn++) {
      let [p, before] = [1, 0];
      for (let k = 1; k <= n; k++) [p, before] = [((2 * k - 1) * x * p - (k - 1) * before) / k, p];
      slope = (n * (x * p - before)) / (x * x - 1);
      const step = p / slope;
      x -= step;
      if (Math.abs(step) < 1e-16) break;
    }
    node.push(x);
    weight.push(2 / ((1 - x * x) * slope * slope));
  }
  return { node, weight };
}
