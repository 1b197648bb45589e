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
  /** `total` of the genes used, where it is at hand. */
  readonly total?: Float64Array | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Connectivity of the genes `used` under `labels`, both by number in the set. Adjacencies are made anew: only those that are needed. */
export async function intramodular(
  set: ExpressionSet,
  labels: Int32Array,
  used: Uint32Array,
  options: IntramodularOptions,
): Promise<IntramodularConnectivity> {
  const total = new Float64Array(set.id.length).fill(Number.NaN);
  const within = new Float64Array(set.id.length).fill(Number.NaN);
  const all = options.total ?? (await connectivityAmong(set, used, options));
  used.forEach((gene, i) => {
    total[gene] = all[i]!;
  });
  for (const label of new Set(used.map((gene) => labels[gene]!))) {
    const members = used.filter((gene) => labels[gene] === label);
    const own = await connectivityAmong(set, members, options);
    members.forEach((gene, i) => {
      within[gene] = own[i]!;
    });
  }
  return { total, within };
}

/** The sum of each gene's adjacencies with the others of `genes`, in their order. */
async function connectivityAmong(
  set: ExpressionSet,
  genes: Uint32Array,
  { backend, measure, type, power, signal }: IntramodularOptions,
): Promise<Float64Array> {
  const k = new Float64Array(genes.length);
  const correlator = new Correlator([subset(set, genes)], measure);
  for await (const runs of correlationTriangle(correlator, backend, signal)) {
    const a = adjacencies(runs.values, type, power);
    eachRun(runs, (j, first, at) => {
      for (let i = first; i < runs.to; i++) {
        const size = a[at + i - first]!;
        k[j] = k[j]! + size;
        k[i] = k[i]! + size;
      }
    });
  }
  return k;
}
