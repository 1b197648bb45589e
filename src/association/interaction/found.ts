import type { Slice } from "../transScreen.ts";
import type { InteractionSurvey } from "./gram.ts";

/** Covers the rounding of thresholds, norms and of the test itself, all far below it. */
export const SLACK = 1e-9;

export type InteractionSlice = Slice<InteractionSurvey>;

/** Pairs that may pass, in order of row, then gene, with their f64 products `[pair * terms + term]`. */
export interface FoundPairs {
  readonly row: Uint32Array;
  readonly gene: Uint32Array;
  readonly products: Float64Array;
  readonly pairs: number;
  readonly passed: number;
  /** Pairs of the products, by the backend that formed them. */
  readonly pairsBy: ReadonlyMap<string, number>;
}

/** How the pairs of a map that pass are found. */
export interface PairFinder {
  find(slice: InteractionSlice, signal: AbortSignal | undefined): Promise<FoundPairs>;
  dispose(): Promise<void>;
}
