import type { Backend } from "../../compute/backend.ts";
import type { Slice } from "../transScreen.ts";
import type { InteractionSurvey } from "./gram.ts";
import type { GramLayout } from "./gramLayout.ts";
import type { InteractionModel } from "./model.ts";

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

/** What pairs are found of, and how. */
export interface Search {
  readonly model: InteractionModel;
  readonly layout: GramLayout;
  readonly backend: Backend;
  /** Those that are tested. */
  readonly genes: Uint32Array;
  /** What divides products with each of them, beside what divides those with all: see sharedErrors.ts. Default 1. */
  readonly stretch?: Float64Array | undefined;
  /** The partial |r| that a pair must reach; 0: all are wanted. */
  readonly least: number;
}

/** How the pairs of a map that pass are found. */
export interface PairFinder {
  find(slice: InteractionSlice, signal: AbortSignal | undefined): Promise<FoundPairs>;
  dispose(): Promise<void>;
}
