import type { Backend } from "../compute/backend.ts";
import { canonicalDot } from "../compute/exact.ts";
import { Breather } from "../compute/pause.ts";
import { bhLog10 } from "../statistics/multiple.ts";
import { rankSum } from "../statistics/rankSum.ts";
import { welchZ } from "../statistics/welch.ts";
import { CorrelationScale, type GeneProfiles, unitRow } from "./coregulation.ts";

/** A set with fewer genes at hand says too little of its function (GeneNetwork, GADO). */
const LEAST_MEMBERS = 10;
/** Sets multiplied with the genes at once; each product is its own sum. */
const SET_TILE = 32;

export type PredictionStatus = "ok" | "too-few-genes" | "all-genes";

/** How well co-regulation predicts one gene set, and each gene's score for it. */
export interface FunctionPrediction {
  /** Number of the set in the list. */
  readonly set: number;
  readonly status: PredictionStatus;
  /** z of each component: whether its coefficients differ between members and other genes (Welch). Empty without a prediction. */
  readonly componentZ: Float64Array;
  /**
   * z of each gene: whether its coefficients agree with `componentZ`. Of a member from components tested without it (leave one out), so that
   * a member's score is not its own doing. Empty without a prediction.
   */
  readonly score: Float64Array;
  /** Of members over other genes by score, and its two-sided p by Mann and Whitney. NaN without a prediction. */
  readonly auc: number;
  readonly log10P: number;
}

export interface PredictionOptions {
  /** Sets with fewer genes are not predicted. Default 10. */
  readonly leastMembers?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Predicts each of the gene sets `members` (numbers of genes, ascending) from the genes' profiles (METHODS 5.6; Fehrmann et al. 2015,
 * Deelen et al. 2019), one after the other, in order.
 */
export async function* predictFunctions(
  profiles: GeneProfiles,
  members: readonly Uint32Array[],
  backend: Backend,
  options: PredictionOptions = {},
): AsyncGenerator<FunctionPrediction> {
  const { leastMembers = LEAST_MEMBERS, signal, onProgress } = options;
  const { genes } = profiles;
  const predictor = new Predictor(profiles);
  const breather = new Breather(signal);
  for (let from = 0; from < members.length; from += SET_TILE) {
    const tile = members.slice(from, from + SET_TILE);
    const status = tile.map((set): PredictionStatus => {
      if (set.length < Math.max(2, leastMembers)) return "too-few-genes";
      return set.length > genes - 2 ? "all-genes" : "ok";
    });
    const componentZ = tile.map((set, i) => (status[i] === "ok" ? predictor.componentZ(set) : NONE));
    const agreement = await agreements(
      profiles,
      componentZ.filter((z) => z.length > 0),
      backend,
      signal,
    );
    let column = 0;
    for (const [i, set] of tile.entries()) {
      await breather.pause();
      onProgress?.(from + i, members.length);
      const common = { set: from + i, status: status[i]!, componentZ: componentZ[i]! };
      if (status[i] !== "ok") {
        yield { ...common, score: NONE, auc: Number.NaN, log10P: Number.NaN };
        continue;
      }
      const r = agreement.subarray(column * genes, (column + 1) * genes);
      column++;
      const score = await predictor.scores(set, r, breather);
      const { auc, log10P } = rankSum(score, set);
      yield { ...common, score, auc, log10P };
    }
  }
  onProgress?.(members.length, members.length);
}

const NONE = new Float64Array(0);

/** log10 q of predictions over those that were made: NaN of the others. */
export function predictionLog10Q(log10P: Float64Array): Float64Array {
  return bhLog10(log10P, log10P.filter((value) => !Number.isNaN(value)).length);
}

/** `r[set * genes + gene]`: correlation of each gene's coefficients with the z of the components. */
async function agreements(
  { genes, components, unit }: GeneProfiles,
  componentZ: readonly Float64Array[],
  backend: Backend,
  signal: AbortSignal | undefined,
): Promise<Float64Array> {
  if (componentZ.length === 0) return NONE;
  const values = new Float64Array(componentZ.length * components);
  componentZ.forEach((z, i) => {
    values.set(z, i * components);
    unitRow(values, i * components, components);
  });
  const columns = await backend.load({
    ...{ count: componentZ.length, samples: components, values, standardised: false },
  });
  try {
    const rows = { kind: "real", count: genes, samples: components, values: unit } as const;
    const factor = { rows, columns, norm: new Float64Array(0), weight: 1 };
    const { values: products } = await backend.product([factor], { kind: "dense" }, signal);
    return products[0]!;
  } finally {
    await columns.dispose();
  }
}

/** Sums over all genes are made once; a set's own are taken out of them. */
class Predictor {
  readonly #profiles: GeneProfiles;
  readonly #scale: CorrelationScale;
  /** Sum and sum of squares of each component over all genes. */
  readonly #sum: Float64Array;
  readonly #square: Float64Array;

  constructor(profiles: GeneProfiles) {
    this.#profiles = profiles;
    this.#scale = new CorrelationScale(profiles.components);
    [this.#sum, this.#square] = sumsOf(profiles);
  }

  /** z of each component by the members against all other genes. */
  componentZ(members: Uint32Array): Float64Array {
    const [sum, square] = sumsOf(this.#profiles, members);
    return this.#testAll(members.length, sum, square);
  }

  #testAll(n: number, sum: Float64Array, square: Float64Array): Float64Array {
    const others = this.#profiles.genes - n;
    return sum.map((inside, k) =>
      welchZ(
        { n, sum: inside, square: square[k]! },
        { n: others, sum: this.#sum[k]! - inside, square: this.#square[k]! - square[k]! },
      ),
    );
  }

  /** z of each gene, `r` its correlation with the components' z; members with one of their own. */
  async scores(members: Uint32Array, r: Float64Array, breather: Breather): Promise<Float64Array> {
    const score = Float64Array.from(r, (value) => this.#scale.z(value));
    const { components, coefficients, unit } = this.#profiles;
    const [sum, square] = sumsOf(this.#profiles, members);
    for (const gene of members) {
      await breather.pause();
      // The member's own numbers move over to the other genes.
      const at = gene * components;
      const rest = sum.map((value, k) => value - coefficients[at + k]!);
      const restSquare = square.map((value, k) => value - coefficients[at + k]! * coefficients[at + k]!);
      const z = this.#testAll(members.length - 1, rest, restSquare);
      unitRow(z, 0, components);
      score[gene] = this.#scale.z(canonicalDot(unit, at, z, 0, components));
    }
    return score;
  }
}

/** Sum and sum of squares of each component over `genes`, all of them where none are given. */
function sumsOf(
  { genes, components, coefficients }: GeneProfiles,
  members?: Uint32Array,
): [Float64Array, Float64Array] {
  const sum = new Float64Array(components);
  const square = new Float64Array(components);
  const count = members?.length ?? genes;
  for (let i = 0; i < count; i++) {
    const at = (members === undefined ? i : members[i]!) * components;
    for (let k = 0; k < components; k++) {
      const value = coefficients[at + k]!;
      sum[k]! += value;
      square[k]! += value * value;
    }
  }
  return [sum, square];
}
