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

/** A textbook fit of a whole model, with the heteroscedasticity-robust errors HC3. */
export interface PlainModel {
  readonly beta: readonly number[];
  readonly se: readonly number[];
  /** Not defined (huge, or no number) where a leverage is 1. */
  readonly hc3: readonly number[];
  /** What the squares of these errors are on the mean under equal variance, over what they should be; their degrees of freedom. */
  readonly hc3Scale: readonly number[];
  readonly hc3Df: readonly number[];
  readonly largestLeverage: number;
  readonly degreesOfFreedom: number;
  readonly rss: number;
}

/** Fits y on `columns` (the constant is added, and comes first in what is returned). */
export function plainModel(y: readonly number[], columns: readonly (readonly number[])[]): PlainModel {
  const design = [y.map(() => 1), ...columns];
  const inverse = invert(design.map((a) => design.map((b) => sumOf(a, b))));
  const right = design.map((a) => sumOf(a, y));
  const beta = inverse.map((row) => sumOf(row, right));
  const rest = y.map((value, s) => value - design.reduce((sum, column, c) => sum + column[s]! * beta[c]!, 0));
  const rss = sumOf(rest, rest);
  const degreesOfFreedom = y.length - design.length;
  // Row c of (X'X)^-1 X': the weights that make beta[c] of y.
  const weights = inverse.map((row) =>
    y.map((_, s) => design.reduce((sum, x, c) => sum + row[c]! * x[s]!, 0)),
  );
  const leverage = y.map((_, s) => design.reduce((sum, x, c) => sum + x[s]! * weights[c]![s]!, 0));
  const between = (a: number, b: number): number =>
    design.reduce((sum, x, c) => sum + x[a]! * weights[c]![b]!, 0);
  const hat = y.map((_, a) => y.map((__, b) => between(a, b)));
  const robust = weights.map((w) => robustMoments(w, hat));
  return {
    hc3Scale: robust.map(({ scale }) => scale),
    hc3Df: robust.map(({ df }) => df),
    beta,
    se: inverse.map((row, c) => Math.sqrt((rss / degreesOfFreedom) * row[c]!)),
    hc3: weights.map((w) =>
      Math.sqrt(w.reduce((sum, value, s) => sum + ((value * rest[s]!) / (1 - leverage[s]!)) ** 2, 0)),
    ),
    largestLeverage: Math.max(...leverage),
    degreesOfFreedom,
    rss,
  };
}

/** Satterthwaite's moments of sum (w e / (1 - h))^2 with residuals M e, from M itself: tr(MD) and tr(MDMD). */
function robustMoments(
  w: readonly number[],
  hat: readonly (readonly number[])[],
): { scale: number; df: number } {
  const d = w.map((value, s) => (value / (1 - hat[s]![s]!)) ** 2);
  const rest = (a: number, b: number): number => (a === b ? 1 : 0) - hat[a]![b]!;
  let [trace, square] = [0, 0];
  d.forEach((x, a) => {
    trace += x * rest(a, a);
    d.forEach((z, b) => {
      square += x * z * rest(a, b) ** 2;
    });
  });
  return { scale: trace / sumOf(w, w), df: trace ** 2 / square };
}

export function centre(values: readonly number[]): number[] {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return values.map((value) => value - mean);
}

export function sumOf(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

export function invert(matrix: readonly (readonly number[])[]): number[][] {
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
