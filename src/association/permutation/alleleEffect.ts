import { log } from "../../statistics/elementary.ts";

/** Why there is an allelic fold change, or none. */
export type FoldChangeStatus =
  | "ok"
  | "transformed"
  | "correlated-samples"
  | "negative-expression"
  | "not-positive";

export interface FoldChange {
  readonly status: FoldChangeStatus;
  /** log2 of the expression from two copies of the effect allele over that from none; NaN unless `ok`. */
  readonly log2: number;
  /** Its standard error, by the delta method. */
  readonly standardError: number;
}

/** What the linear model says of a pair: y = b0 + b1 g + covariates (centred). */
export interface LinearFit {
  /** The expression as it was analysed. */
  readonly expression: Float64Array;
  readonly transformed: boolean;
  /** Fitted with a covariance of samples: mean(y) is then no estimate of the model's, and there is no fold change. */
  readonly correlated?: boolean | undefined;
  /** Mean of the dosages. */
  readonly meanDosage: number;
  /** Norm of the dosages beside the covariates. */
  readonly genotypeNorm: number;
  readonly slope: number;
  readonly slopeSe: number;
}

/** log2(e): a natural logarithm times this is a binary one. */
const LOG2_E = Math.LOG2E;

/**
 * log2 allelic fold change of an additive effect (Mohammadi et al., Genome Res. 27, 2017), log2((b0 + 2 b1) / b0),
 * b0 = mean(y) - b1 mean(g) being the expression without a copy of the effect allele, covariates at their means. It has a
 * meaning on the scale of expression itself (counts, TPM), not of its ranks or logarithm. Its error by the delta method
 * from var(b1) = SE^2, var(mean y) = sigma^2 / n, sigma^2 = SE^2 |g|^2, which is independent of b1.
 */
export function allelicFoldChange(fit: LinearFit): FoldChange {
  const none = (status: FoldChangeStatus): FoldChange => ({
    status,
    log2: Number.NaN,
    standardError: Number.NaN,
  });
  const { expression, slope, slopeSe, meanDosage, genotypeNorm } = fit;
  if (fit.transformed) return none("transformed");
  if (fit.correlated === true) return none("correlated-samples");
  if (expression.some((value) => value < 0)) return none("negative-expression");
  const n = expression.length;
  const mean = expression.reduce((sum, value) => sum + value, 0) / n;
  const without = mean - slope * meanDosage;
  const both = without + 2 * slope;
  if (!(without > 0 && both > 0)) return none("not-positive");
  // d log(both / without) by mean(y) and by b1.
  const byMean = 1 / both - 1 / without;
  const bySlope = (2 - meanDosage) / both + meanDosage / without;
  const variance = slopeSe * slopeSe;
  const total =
    ((variance * genotypeNorm * genotypeNorm) / n) * byMean * byMean + variance * bySlope * bySlope;
  return { status: "ok", log2: LOG2_E * log(both / without), standardError: LOG2_E * Math.sqrt(total) };
}
