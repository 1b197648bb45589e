import type { InteractionModel } from "./model.ts";

/**
 * Where a variant's numbers lie in its record (`Float64Array` of `length`): all that the tests of the variant with every gene
 * share (METHODS 13). A block of `block` numbers comes first, or where samples are not independent one after the other for each group of
 * genes (cohort/covariance.ts), then what all genes have in common. In a block, with M = modifiers + 1 and c contexts:
 *  inverse     L^-1 of the Gram matrix L L' of the residual g, g x modifier: lower triangle by rows, M (M + 1) / 2
 *  variance    diagonal of its inverse, M
 *  main        variance of g's effect where every context is 0
 *  context     [c][M]: what the effects of g and g x modifier take off a context's effect
 *  contextVar  [c]: variance of a context's effect
 * In common:
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
  readonly block: number;
  readonly mafLower: number;
  readonly mafUpper: number;
  readonly carriersLower: number;
  readonly carriersUpper: number;
  readonly log10PContext: number;
  readonly length: number;
}

export function gramLayout({ modifiers, cohort, contexts: { length: c } }: InteractionModel): GramLayout {
  const terms = modifiers.length + 1;
  const variance = (terms * (terms + 1)) / 2;
  const main = variance + terms;
  const context = main + 1;
  const contextVar = context + c * terms;
  const block = contextVar + c;
  const blocks = cohort.covariance?.weights.length ?? 1;
  const after = (i: number): number => blocks * block + i * c;
  return {
    terms,
    contexts: c,
    variance,
    main,
    context,
    contextVar,
    block,
    mafLower: after(0),
    mafUpper: after(1),
    carriersLower: after(2),
    carriersUpper: after(3),
    log10PContext: after(4),
    length: after(5),
  };
}
