import type { ExpressionSet } from "../cohort/expressionSet.ts";
import { canonicalDot } from "../compute/exact.ts";
import { leadingVector } from "./leadingVector.ts";

/**
 * The genes of a set scaled for components, `values[gene * samples + sample]`: mean 0 and sum of squares 1 (of a gene with
 * missing values as much less as it has fewer), missing values at the mean; all 0 for a gene that is not `ok`.
 */
export interface ScaledGenes {
  readonly count: number;
  readonly samples: number;
  readonly values: Float64Array;
}

export function scaledGenes(set: ExpressionSet): ScaledGenes {
  const samples = set.samples.length;
  const count = set.id.length;
  const values = new Float64Array(count * samples);
  for (let gene = 0; gene < count; gene++) {
    if (set.status[gene] !== "ok") continue;
    const at = gene * samples;
    let sum = 0;
    let present = 0;
    for (let s = 0; s < samples; s++) {
      const value = set.values[at + s]!;
      if (Number.isNaN(value)) continue;
      sum += value;
      present++;
    }
    const mean = sum / present;
    let squares = 0;
    for (let s = 0; s < samples; s++) {
      const value = set.values[at + s]!;
      if (!Number.isNaN(value)) squares += (value - mean) * (value - mean);
    }
    if (!(squares > 0)) continue;
    const scale = Math.sqrt((present - 1) / (squares * (samples - 1)));
    for (let s = 0; s < samples; s++) {
      const value = set.values[at + s]!;
      values[at + s] = Number.isNaN(value) ? 0 : (value - mean) * scale;
    }
  }
  return { count, samples, values };
}

/** The eigengenes of modules 1 to `count`. */
export interface Eigengenes {
  readonly samples: number;
  /** Labels of the modules, ascending. */
  readonly modules: readonly number[];
  /** `vectors[module][sample]`: mean 0, norm 1, correlated positively with the module's mean expression. */
  readonly vectors: readonly Float64Array[];
  /** Share of the module's variance that its eigengene explains. */
  readonly explained: readonly number[];
}

/** The first principal component of each module's scaled genes (METHODS 5.8, step 6); label 0 is no module. */
export function eigengenes(genes: ScaledGenes, labels: Int32Array): Eigengenes {
  const modules = [...new Set(labels)].filter((label) => label > 0).sort((a, b) => a - b);
  const found = modules.map((label) => {
    const members = Array.from(labels.keys()).filter((gene) => labels[gene] === label);
    return eigengene(genes, members);
  });
  return {
    samples: genes.samples,
    modules,
    vectors: found.map(({ vector }) => vector),
    explained: found.map(({ explained }) => explained),
  };
}

/** The eigengene of some genes. */
export function eigengene(
  { samples, values }: ScaledGenes,
  members: readonly number[],
): { vector: Float64Array; explained: number } {
  const rows = new Float64Array(members.length * samples);
  const mean = new Float64Array(samples);
  let total = 0;
  members.forEach((gene, i) => {
    const row = values.subarray(gene * samples, (gene + 1) * samples);
    rows.set(row, i * samples);
    total += canonicalDot(row, 0, row, 0, samples);
    for (let s = 0; s < samples; s++) mean[s] = mean[s]! + row[s]!;
  });
  const { value, vector } = leadingVector(rows, members.length, samples, mean);
  if (canonicalDot(vector, 0, mean, 0, samples) < 0)
    for (let s = 0; s < samples; s++) vector[s] = -vector[s]!;
  return { vector, explained: total > 0 ? value / total : Number.NaN };
}
