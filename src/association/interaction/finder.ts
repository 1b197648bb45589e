import { log10 } from "../../statistics/elementary.ts";
import { thresholdR } from "../../statistics/studentT.ts";
import { DENSE_FROM } from "../transScreen.ts";
import { EveryPair } from "./everyPair.ts";
import { type PairFinder, type Search, SLACK } from "./found.ts";
import { GroupedScreen } from "./groupedScreen.ts";
import { Screen } from "./screen.ts";

/** Whether the pairs of a model are screened: one with a single product with the genotype, at a p so small that few pass. */
export function isScreenedInteraction(modifiers: number, pValue: number): boolean {
  return modifiers === 1 && pValue < DENSE_FROM;
}

/** A finder of the pairs with p up to `pValue`. */
export function pairFinder(of: Omit<Search, "least">, pValue: number): Promise<PairFinder> {
  const { contexts, modifiers, tester, errors } = of.model;
  const least = thresholdR(log10(pValue), tester.degreesOfFreedom) * (1 - SLACK);
  if (!isScreenedInteraction(modifiers.length, pValue)) {
    return EveryPair.open({ ...of, least: contexts.length === 1 ? least : 0 });
  }
  return errors === undefined ? Screen.open({ ...of, least }) : GroupedScreen.open({ ...of, least }, errors);
}
