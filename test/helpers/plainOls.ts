/** A textbook least-squares fit, by the normal equations and Gaussian elimination: shares nothing with src. */
export interface PlainFit {
  readonly slope: number;
  readonly slopeSe: number;
  readonly t: number;
  readonly degreesOfFreedom: number;
}

/** Fits y ~ 1 + covariates + g and reports g. */
export function plainOls(
  y: readonly number[],
  g: readonly number[],
  covariates: readonly (readonly number[])[],
): PlainFit {
  const n = y.length;
  const columns = [y.map(() => 1), ...covariates.map(centre), g];
  const p = columns.length;
  const gram = columns.map((a) => columns.map((b) => sumOf(a, b)));
  const inverse = invert(gram);
  const right = columns.map((a) => sumOf(a, y));
  const beta = inverse.map((row) => sumOf(row, right));
  let rss = 0;
  for (let s = 0; s < n; s++) {
    const fitted = columns.reduce((sum, column, c) => sum + column[s]! * beta[c]!, 0);
    rss += (y[s]! - fitted) ** 2;
  }
  const degreesOfFreedom = n - p;
  const slope = beta[p - 1]!;
  const slopeSe = Math.sqrt((rss / degreesOfFreedom) * inverse[p - 1]![p - 1]!);
  return { slope, slopeSe, t: slope / slopeSe, degreesOfFreedom };
}

/** What y ~ 1 + columns leaves of y. */
export function plainResiduals(y: readonly number[], columns: readonly (readonly number[])[]): number[] {
  const all = [y.map(() => 1), ...columns.map(centre)];
  const inverse = invert(all.map((a) => all.map((b) => sumOf(a, b))));
  const right = all.map((a) => sumOf(a, y));
  const beta = inverse.map((row) => sumOf(row, right));
  return y.map((value, s) => value - all.reduce((sum, column, c) => sum + column[s]! * beta[c]!, 0));
}

function centre(values: readonly number[]): number[] {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return values.map((value) => value - mean);
}

function sumOf(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

function invert(matrix: readonly (readonly number[])[]): number[][] {
  const p = matrix.length;
  const work = matrix.map((row, i) => [...row, ...Array.from({ length: p }, (_, j) => (i === j ? 1 : 0))]);
  for (let column = 0; column < p; column++) {
    let pivot = column;
    for (let row = column + 1; row < p; row++) {
      if (Math.abs(work[row]![column]!) > Math.abs(work[pivot]![column]!)) pivot = row;
    }
    [work[column], work[pivot]] = [work[pivot]!, work[column]!];
    const scale = work[column]![column]!;
    work[column] = work[column]!.map((value) => value / scale);
    for (let row = 0; row < p; row++) {
      if (row === column) continue;
      const factor = work[row]![column]!;
      work[row] = work[row]!.map((value, i) => value - factor * work[column]![i]!);
    }
  }
  return work.map((row) => row.slice(p));
}
