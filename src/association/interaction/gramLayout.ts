import type { InteractionModel } from "./model.ts";

/**
 * Where a variant's numbers lie in its record (`Float64Array` of `length`): all that the tests of the variant with every gene
 * share (METHODS 13). With M = modifiers + 1 and c contexts:
 *  inverse     L^-1 of the Gram matrix L L' of the residual g, g x modifier: lower triangle by rows, M (M + 1) / 2
 *  variance    diagonal of its inverse, M
 *  main        variance of g's effect where every context is 0
 *  context     [c][M]: what the effects of g and g x modifier take off a context's effect
 *  contextVar  [c]: variance of a context's effect
 *  mafLower, mafUpper, carriersLower, carriersUpper, log10PContext  [c] each
 * Variances are in units of the residual variance.
 */
export interface GramLayout {
  readonly terms: number;
  readonly contexts: number;
  readonly variance: number;
  readonly main: number;
  readonly context: number;
  readonly contextVar: number;
  readonly mafLower: number;
  readonly mafUpper: number;
  readonly carriersLower: number;
  readonly carriersUpper: number;
  readonly log10PContext: number;
  readonly length: number;
}

export function gramLayout({ modifiers, contexts: { length: c } }: InteractionModel): GramLayout {
  const terms = modifiers.length + 1;
  const variance = (terms * (terms + 1)) / 2;
  const main = variance + terms;
  const context = main + 1;
  const contextVar = context + c * terms;
  const after = (i: number): number => contextVar + i * c;
  return {
    terms,
    contexts: c,
    variance,
    main,
    context,
    contextVar,
    mafLower: after(1),
    mafUpper: after(2),
    carriersLower: after(3),
    carriersUpper: after(4),
    log10PContext: after(5),
    length: after(6),
  };
}
