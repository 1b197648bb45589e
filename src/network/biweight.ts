import { sortedQuantile } from "../statistics/quantile.ts";

/** A value farther from the median than this many median absolute deviations has no weight. */
const REACH = 9;
/** Where the quantile of `maxPOutliers` is put, in units of that reach. */
const OUTLIER_AT = 0.5;

/**
 * Replaces `values` by their biweight deviations, (x - median) (1 - u^2)^2 with u = (x - median) / (9 mad) and 0 for |u| >= 1,
 * scaled to norm 1. `mad` is the median absolute deviation itself, not scaled. With `maxPOutliers` m below a half, u is
 * shrunk on either side so far that the quantile m (and 1 - m) lies at |u| = 1/2 at most: fewer than that share of
 * values lose their weight. False, and `values` as they were, where the median absolute deviation is 0.
 * Langfelder and Horvath, J. Stat. Softw. 46 (2012) 11; METHODS 5.9.
 */
export function biweight(values: Float64Array, maxPOutliers: number): boolean {
  const n = values.length;
  const sorted = Float64Array.from(values).sort();
  const median = sortedQuantile(sorted, 0.5);
  const mad = sortedQuantile(Float64Array.from(values, (x) => Math.abs(x - median)).sort(), 0.5);
  if (!(mad > 0)) return false;
  const reach = REACH * mad;
  let [below, above] = [1, 1];
  if (maxPOutliers < OUTLIER_AT) {
    const low = (sortedQuantile(sorted, maxPOutliers) - median) / reach;
    const high = (sortedQuantile(sorted, 1 - maxPOutliers) - median) / reach;
    below = OUTLIER_AT / Math.max(OUTLIER_AT, -low);
    above = OUTLIER_AT / Math.max(OUTLIER_AT, high);
  }
  let squares = 0;
  for (let s = 0; s < n; s++) {
    const deviation = (values[s]! - median) / reach;
    const u = deviation * (deviation < 0 ? below : above);
    const rest = 1 - u * u;
    const value = rest > 0 ? deviation * rest * rest : 0;
    values[s] = value;
    squares += value * value;
  }
  const norm = Math.sqrt(squares);
  for (let s = 0; s < n; s++) values[s] = values[s]! / norm;
  return true;
}
