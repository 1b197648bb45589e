/** Eigenvalues by Jacobi's rotations: another method than the code's, slow and as plain as can be. */

export interface JacobiEigen {
  /** Descending. */
  readonly values: readonly number[];
  /** `vectors[k]` belongs to value k; its sign is arbitrary. */
  readonly vectors: readonly Float64Array[];
}

/** Of the symmetric matrix `matrix` of order `n`, row by row. */
export function jacobiEigen(matrix: Float64Array, n: number): JacobiEigen {
  const a = Array.from({ length: n }, (_, i) => matrix.slice(i * n, (i + 1) * n));
  const v = Array.from({ length: n }, (_, i) =>
    Float64Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)),
  );
  const total = Math.sqrt(matrix.reduce((sum, x) => sum + x * x, 0));
  const off = () =>
    Math.sqrt(a.reduce((sum, row, i) => sum + row.reduce((s, x, j) => s + (i === j ? 0 : x * x), 0), 0));
  for (let sweep = 0; off() > 1e-17 * total && sweep < 60; sweep++) {
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, v, p, q);
  }
  const order = a.map((_, i) => i).sort((i, j) => a[j]![j]! - a[i]![i]!);
  return { values: order.map((i) => a[i]![i]!), vectors: order.map((i) => v[i]!) };
}

function rotate(a: Float64Array[], v: Float64Array[], p: number, q: number): void {
  const apq = a[p]![q]!;
  if (apq === 0) return;
  const theta = (a[q]![q]! - a[p]![p]!) / (2 * apq);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  const turn = (x: Float64Array, y: Float64Array) => {
    for (let k = 0; k < x.length; k++) [x[k], y[k]] = [c * x[k]! - s * y[k]!, s * x[k]! + c * y[k]!];
  };
  turn(a[p]!, a[q]!);
  for (const row of a) [row[p], row[q]] = [c * row[p]! - s * row[q]!, s * row[p]! + c * row[q]!];
  turn(v[p]!, v[q]!);
}
