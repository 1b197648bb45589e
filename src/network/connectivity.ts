import { type ExpressionSet, subset } from "../cohort/expressionSet.ts";
import type { Backend } from "../compute/backend.ts";
import { type Adjacency, type NetworkType, power as raised, STRETCH, similarity } from "./adjacency.ts";
import { Correlator } from "./correlator.ts";
import { correlationRows } from "./denseMatrix.ts";
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
  /** Of the genes used, where it is at hand. */
  readonly adjacency?: Adjacency | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Connectivity of the genes `used` under `labels`, both by number in the set; adjacencies are made anew unless they are given. */
export async function intramodular(
  set: ExpressionSet,
  labels: Int32Array,
  used: Uint32Array,
  { backend, measure, type, power, adjacency, signal }: IntramodularOptions,
): Promise<IntramodularConnectivity> {
  const total = new Float64Array(set.id.length).fill(Number.NaN);
  const within = new Float64Array(set.id.length).fill(Number.NaN);
  for (const gene of used) total[gene] = within[gene] = 0;
  const add = (i: number, j: number, a: number): void => {
    const [first, second] = [used[i]!, used[j]!];
    total[first] = total[first]! + a;
    if (labels[first] === labels[second]) within[first] = within[first]! + a;
  };
  if (adjacency !== undefined) {
    adjacency.stretches.forEach((stretch, s) => {
      const width = stretch.length / used.length;
      for (let i = 0; i < used.length; i++) {
        for (let u = 0; u < width; u++) add(i, s * STRETCH + u, Math.abs(stretch[i * width + u]!));
      }
    });
    return { total, within };
  }
  const correlator = new Correlator([subset(set, used)], measure);
  for await (const { from, to, values } of correlationRows(correlator, backend, { signal })) {
    for (let i = from; i < to; i++) {
      for (let j = 0; j < used.length; j++) {
        if (i !== j) add(i, j, raised(similarity(values[(i - from) * used.length + j]!, type), power));
      }
    }
  }
  return { total, within };
}
