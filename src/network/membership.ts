import type { ExpressionSet } from "../cohort/expressionSet.ts";
import { canonicalDot } from "../compute/exact.ts";
import { clamp } from "./cohortGenes.ts";
import type { Eigengenes } from "./eigengenes.ts";
import { type Measure, standardiseFor } from "./measure.ts";
import { PairwiseGenes } from "./pairwise.ts";

/** How each gene goes with each module. */
export interface Memberships {
  /** `kME[gene * modules + module]`: the correlation with the module's eigengene; NaN for a gene that is not `ok`. */
  readonly kME: Float64Array;
  /** Samples that each gene's correlations are of. */
  readonly n: Uint32Array;
}

/** The correlation of every gene with every eigengene, over the samples that the gene has a value in. */
export function memberships(set: ExpressionSet, { vectors }: Eigengenes, measure: Measure): Memberships {
  const n = set.samples.length;
  const width = vectors.length;
  const kME = new Float64Array(set.id.length * width).fill(Number.NaN);
  const used = new Uint32Array(set.id.length);
  const standard = vectors.map((vector) => {
    const own = vector.slice();
    standardiseFor(own, measure);
    return own;
  });
  const gene = new Float64Array(n);
  const out = { n: 0, r: 0 };
  // A gene with missing values is paired with the eigengenes one by one: rows after its own.
  const beside = new Float64Array((width + 1) * n);
  vectors.forEach((vector, m) => {
    beside.set(vector, (m + 1) * n);
  });
  for (let g = 0; g < set.id.length; g++) {
    if (set.status[g] !== "ok") continue;
    gene.set(set.values.subarray(g * n, (g + 1) * n));
    used[g] = n - set.missing[g]!;
    if (set.missing[g] === 0) {
      if (!standardiseFor(gene, measure)) continue;
      for (let m = 0; m < width; m++) kME[g * width + m] = clamp(canonicalDot(gene, 0, standard[m]!, 0, n));
      continue;
    }
    beside.set(gene, 0);
    const pairs = new PairwiseGenes(beside, n, measure);
    for (let m = 0; m < width; m++) {
      pairs.correlate(0, m + 1, out);
      kME[g * width + m] = out.r;
    }
  }
  return { kME, n: used };
}
