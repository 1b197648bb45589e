/** The fit of one window: all that takes long of fine-mapping, and nothing that needs the cohort, so that a thread can do it. */

import { type CredibleSet, credibleSets } from "../statistics/credibleSets.ts";
import { genotypeLd } from "../statistics/ld.ts";
import { type LdMismatch, ldMismatch } from "../statistics/ldMismatch.ts";
import { type Ld, type SusieFit, type SusieOptions, susie } from "../statistics/susie.ts";

export interface WindowJob {
  /** Residual genotypes of norm 1, an array of the samples a variant. */
  readonly unit: readonly Float64Array[];
  /** Correlation of each variant with expression. */
  readonly r: Float64Array;
  readonly observations: number;
  readonly susie: SusieOptions;
  readonly coverage: number;
  readonly minCorrelation: number;
  /** Scores that are to be checked against the LD. */
  readonly z: Float64Array | undefined;
}

export interface WindowFit {
  readonly fit: SusieFit;
  readonly sets: readonly CredibleSet[];
  readonly impure: number;
  readonly mismatch: LdMismatch | undefined;
}

export function fitWindow(job: WindowJob): WindowFit {
  const { unit, z } = job;
  return { ...fitWith(genotypeLd(unit), job), mismatch: z && ldMismatch(z, unit) };
}

/** The fit by an LD that is at hand. */
export function fitWith(
  ld: Ld,
  { r, observations, susie: options, coverage, minCorrelation }: Omit<WindowJob, "unit" | "z">,
): Omit<WindowFit, "mismatch"> {
  const fit = susie(r, ld, observations, options);
  return { fit, ...credibleSets(fit, ld, coverage, minCorrelation) };
}
