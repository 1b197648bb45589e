import { type ExpressionSet, subset } from "../cohort/expressionSet.ts";
import type { Backend } from "../compute/backend.ts";
import { adjacencies, type NetworkType } from "./adjacency.ts";
import { correlationTriangle, eachRun } from "./correlationTriangle.ts";
import { Correlator } from "./correlator.ts";
import type { Measure } from "./measure.ts";

/** How closely each gene is connected; NaN for a gene that is no part of the network. */
export interface IntramodularConnectivity {
  /** The sum of its adjacencies with all genes, and with those of its module; of no module, with the others of none. */
  readonly total: Float64Array;
  readonly within: Float64Array;
}

export interface IntramodularOptions {
  readonly backend: Backend;
  readonly measure: Measure;
  readonly type: NetworkType;
  readonly power: number;
  readonly signal?: AbortSignal | undefined;
}

/** Connectivity of the genes `used` under `labels`, both by number in the set. */
export async function intramodular(
  set: ExpressionSet,
  labels: Int32Array,
  used: Uint32Array,
  { backend, measure, type, power, signal }: IntramodularOptions,
): Promise<IntramodularConnectivity> {
  const total = new Float64Array(set.id.length).fill(Number.NaN);
  const within = new Float64Array(set.id.length).fill(Number.NaN);
  const correlator = new Correlator([subset(set, used)], measure);
  const label = Int32Array.from(used, (gene) => labels[gene]!);
  const [all, own] = [new Float64Array(used.length), new Float64Array(used.length)];
  for await (const runs of correlationTriangle(correlator, backend, signal)) {
    const a = adjacencies(runs.values, type, power);
    eachRun(runs, (j, first, at) => {
      for (let i = first; i < runs.to; i++) {
        const size = a[at + i - first]!;
        all[j] = all[j]! + size;
        all[i] = all[i]! + size;
        if (label[i] !== label[j]) continue;
        own[j] = own[j]! + size;
        own[i] = own[i]! + size;
      }
    });
  }
  used.forEach((gene, i) => {
    total[gene] = all[i]!;
    within[gene] = own[i]!;
  });
  return { total, within };
}
