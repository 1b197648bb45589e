/** eigenMT in plain f64, of whole windows, nothing shared, grouped or cached: the judge of association/effectiveTests.ts. */
import { symmetricEigen } from "../../src/statistics/symmetricEigen.ts";

/** Effective tests of rows of dosages, missing ones filled in, in windows of `window` (METHODS 4.4). */
export function plainEffectiveTests(rows: readonly Float64Array[], window = 200, share = 0.99): number {
  let tests = 0;
  for (let from = 0; from < rows.length; from += window) {
    const own = rows.slice(from, from + window).map(centred);
    const eigenvalues = symmetricEigen(shrunkCorrelation(own), own.length, false).values;
    let sum = 0;
    for (let i = 0; i < own.length && sum < share * own.length; i++) {
      sum += Math.max(0, eigenvalues[i]!);
      tests++;
    }
  }
  return tests;
}

function centred(row: Float64Array): Float64Array {
  const mean = row.reduce((a, b) => a + b, 0) / row.length;
  return row.map((value) => value - mean);
}

function shrunkCorrelation(rows: readonly Float64Array[]): Float64Array {
  const p = rows.length;
  const n = rows[0]!.length;
  const s = rows.map((a) => rows.map((b) => a.reduce((sum, x, k) => sum + x * b[k]!, 0) / n));
  const mu = s.reduce((sum, row, i) => sum + row[i]!, 0) / p;
  const fourth = rows[0]!.reduce(
    (sum, _, k) => sum + rows.reduce((square, row) => square + row[k]! ** 2, 0) ** 2,
    0,
  );
  const norm = s.flat().reduce((sum, x) => sum + x * x, 0);
  const spread = s.reduce(
    (sum, row, i) => sum + row.reduce((own, x, j) => own + (i === j ? x - mu : x) ** 2, 0),
    0,
  );
  const noise = (fourth - n * norm) / (n * n);
  const shrinkage = spread > 0 ? Math.min(1, Math.max(0, noise / spread)) : 0;
  const variance = s.map((row, i) => (1 - shrinkage) * row[i]! + shrinkage * mu);
  return Float64Array.from({ length: p * p }, (_, at) => {
    const [i, j] = [Math.floor(at / p), at % p];
    return i === j ? 1 : ((1 - shrinkage) * s[i]![j]!) / Math.sqrt(variance[i]! * variance[j]!);
  });
}
