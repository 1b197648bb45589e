import type { Backend } from "../compute/backend.ts";
import { UsageError } from "../errors.ts";
import type { GeneComponents } from "./components.ts";
import { geneProfiles, LEAST_COMPONENTS } from "./coregulation.ts";
import { type PredictionOptions, predictFunctions } from "./functionPrediction.ts";

/** How well gene sets are predicted from so many components. */
export interface ComponentTrial {
  /** The strongest so many. */
  readonly components: number;
  /** Mean over the sets that are predicted of the AUC with members left out. */
  readonly meanAuc: number;
  /** AUC of each set; NaN of one that is not predicted (its genes are too few, or all). */
  readonly auc: Float64Array;
}

/** Numbers tried in each decade. */
const MANTISSAS = [10, 15, 20, 30, 50, 70];

/** 10, 15, 20, 30, 50, 70, 100, 150, ... below `available`, and `available` itself. */
export function trialCounts(available: number): number[] {
  const counts: number[] = [];
  for (let decade = 1; 10 * decade < available; decade *= 10) {
    for (const mantissa of MANTISSAS) if (mantissa * decade < available) counts.push(mantissa * decade);
  }
  return [...counts, available];
}

/**
 * Predicts the gene sets `members` (numbers of genes) from the strongest 10, 15, 20, ... and all of `components`: the number of components may be chosen by
 * the mean AUC, as MetaBrain and Downstreamer do (METHODS 5.2). Memory: coefficients of all components twice.
 * @throws UsageError where no set can be predicted, or there are fewer than 4 components.
 */
export async function componentTrials(
  components: GeneComponents,
  members: readonly Uint32Array[],
  backend: Backend,
  options: PredictionOptions = {},
): Promise<ComponentTrial[]> {
  const counts = trialCounts(components.count).filter((count) => count >= LEAST_COMPONENTS);
  const { onProgress, ...rest } = options;
  const trials: ComponentTrial[] = [];
  for (const [done, count] of counts.entries()) {
    onProgress?.(done, counts.length);
    const auc = new Float64Array(members.length);
    const profiles = geneProfiles({ ...components, count });
    for await (const one of predictFunctions(profiles, members, backend, rest)) auc[one.set] = one.auc;
    const made = auc.filter((value) => !Number.isNaN(value));
    if (made.length === 0) {
      throw new UsageError(`no gene set has enough genes in the network to choose components by`);
    }
    const meanAuc = made.reduce((sum, value) => sum + value, 0) / made.length;
    trials.push({ components: count, meanAuc, auc });
  }
  onProgress?.(counts.length, counts.length);
  if (trials.length === 0) geneProfiles(components);
  return trials;
}

/** The trial of highest mean AUC; of equal ones that of fewest components. */
export function bestTrial(trials: readonly ComponentTrial[]): ComponentTrial {
  return trials.reduce((best, one) => (one.meanAuc > best.meanAuc ? one : best));
}
