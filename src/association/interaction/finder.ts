import type { Backend } from "../../compute/backend.ts";
import { thresholdR } from "../../statistics/studentT.ts";
import { DENSE_FROM } from "../transScreen.ts";
import { EveryPair } from "./everyPair.ts";
import { type PairFinder, SLACK } from "./found.ts";
import type { GramLayout } from "./gramLayout.ts";
import type { InteractionModel } from "./model.ts";
import { Screen } from "./screen.ts";

/** Whether the pairs of a model are screened: one with a single product with the genotype, at a p so small that few pass. */
export function isScreenedInteraction(modifiers: number, pValue: number): boolean {
  return modifiers === 1 && pValue < DENSE_FROM;
}

/** A finder of the pairs with log10 p up to `log10Threshold`; `genes` are those that are tested. */
export function pairFinder(
  model: InteractionModel,
  layout: GramLayout,
  backend: Backend,
  genes: Uint32Array,
  pValue: number,
  log10Threshold: number,
): Promise<PairFinder> {
  const least = thresholdR(log10Threshold, model.tester.degreesOfFreedom) * (1 - SLACK);
  return isScreenedInteraction(model.modifiers.length, pValue)
    ? Screen.open(model, layout, backend, genes, least)
    : EveryPair.open(model, layout, backend, genes, model.contexts.length === 1 ? least : 0);
}
