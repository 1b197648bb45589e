import type { Cohort } from "../../cohort/cohort.ts";
import { analysedExpression } from "../../cohort/expression.ts";
import { withContexts } from "../../cohort/withContexts.ts";
import { canonicalDot } from "../../compute/exact.ts";
import { UsageError } from "../../errors.ts";
import { numericCovariates } from "../../formats/covariateNumbers.ts";
import { listed } from "../../formats/wording.ts";
import { studentT } from "../../statistics/studentT.ts";
import type { Tester } from "../refine.ts";
import { type SharedErrors, sharedErrors } from "./sharedErrors.ts";

/**
 * y ~ 1 + C + i_1.. + g + g z_1.. + g i_1..: C covariates (and products of covariates with contexts), i contexts, z covariates
 * whose product with the genotype is in the model too. `modifiers` are the z, then the i: what g is multiplied by.
 */
export interface InteractionModel {
  /** With the contexts among its covariates (the last vectors of its bases). */
  readonly cohort: Cohort;
  /** Names of the contexts. */
  readonly contexts: readonly string[];
  /** Names of the covariates z. */
  readonly covariates: readonly string[];
  readonly modifiers: readonly Modifier[];
  readonly tester: Tester;
  /** 1 for the samples in the upper half of each context: all but the floor(n / 2) lowest, ties in sample order; of sex, males. */
  readonly upper: readonly Uint8Array[];
  /** R of (contexts beside C) = Q R, `[column * contexts + row]`, Q the contexts' vectors of the basis. */
  readonly triangle: Float64Array;
  /** Where samples are not independent. */
  readonly errors: SharedErrors | undefined;
  /** Effects of the contexts without the genotype, in units of the expression analysed: `[gene * contexts + context]`. */
  readonly contextEffects: Float64Array;
}

/** One thing that g is multiplied by, as (value - mean) / deviation, so that nothing depends on its unit and little on its origin. */
export interface Modifier {
  readonly name: string;
  readonly mean: number;
  readonly deviation: number;
  readonly values: Float64Array;
}

/**
 * The model of the contexts `which` (indices in the cohort's), tested together.
 * `byGenotype` and `byContext` name covariates. Throws UsageError for a cohort without contexts, QTLtools' model, an unknown covariate.
 */
export function interactionModel(
  cohort: Cohort,
  which: readonly number[],
  byGenotype: readonly string[] = [],
  byContext: readonly string[] = [],
): InteractionModel {
  const { contexts } = cohort;
  if (contexts === undefined) throw new UsageError("an interaction map needs a cohort opened with contexts");
  if (cohort.model !== "ols") {
    throw new UsageError(
      "an interaction is tested under the model ols, which takes covariates out of genotypes too",
    );
  }
  const n = cohort.samples.length;
  const own = which.map((c) => contexts.values.subarray(c * n, (c + 1) * n));
  const products = covariatesOf(cohort, byContext).flatMap(({ name, values }) =>
    which.map((c, i) => ({
      name: `${name} x ${contexts.names[c]}`,
      values: centredProduct(values, own[i]!),
    })),
  );
  const extended = withContexts(cohort, which, products);
  const covariates = covariatesOf(cohort, byGenotype);
  const modifiers = [
    ...covariates.map(({ name, values }) => modifier(name, values)),
    ...which.map((c, i) => modifier(contexts.names[c]!, own[i]!)),
  ];
  const degreesOfFreedom = extended.degreesOfFreedom - modifiers.length;
  if (degreesOfFreedom < 1) {
    throw new UsageError(
      `${n} samples leave no degree of freedom for ${modifiers.length} products with the genotype`,
    );
  }
  const triangle = triangleOf(extended, own);
  const errors = sharedErrors(extended, contextWeights(extended, triangle, which.length), which.length);
  return {
    cohort: extended,
    contexts: which.map((c) => contexts.names[c]!),
    covariates: covariates.map(({ name }) => name),
    modifiers,
    tester: { degreesOfFreedom, tails: studentT(degreesOfFreedom) },
    upper: own.map(cohort.tables.contextIsSex === true ? males : upperHalf),
    triangle,
    errors,
    contextEffects: contextEffects(extended, triangle, which.length, errors),
  };
}

function covariatesOf(cohort: Cohort, names: readonly string[]) {
  const { covariates } = cohort.tables;
  if (names.length === 0) return [];
  const coded = covariates && numericCovariates(covariates, cohort.report.covariateIndex);
  const n = cohort.samples.length;
  return names.flatMap((name) => {
    const at = [...(coded?.names.keys() ?? [])].filter((c) => {
      const known = coded!.names[c]!;
      return known === name || known.startsWith(`${name}=`);
    });
    if (at.length === 0) {
      const known = coded === undefined ? "there are no covariates" : `there are ${listed(coded.names)}`;
      throw new UsageError(`no covariate ${name} to multiply with genotype or context: ${known}`);
    }
    return at.map((c) => ({ name: coded!.names[c]!, values: coded!.values.subarray(c * n, (c + 1) * n) }));
  });
}

function modifier(name: string, raw: Float64Array): Modifier {
  const n = raw.length;
  const mean = meanOf(raw);
  let square = 0;
  for (const value of raw) square += (value - mean) * (value - mean);
  const deviation = Math.sqrt(square / n);
  if (!(deviation > 0))
    throw new UsageError(`${name} is constant: its product with the genotype says nothing`);
  return { name, mean, deviation, values: raw.map((value) => (value - mean) / deviation) };
}

/** Both factors about their means, so that the product is not nearly one of them. */
function centredProduct(a: Float64Array, b: Float64Array): Float64Array {
  const [meanA, meanB] = [meanOf(a), meanOf(b)];
  return a.map((value, s) => (value - meanA) * (b[s]! - meanB));
}

function upperHalf(values: Float64Array): Uint8Array {
  const order = [...values.keys()].sort((a, b) => values[a]! - values[b]! || a - b);
  const upper = new Uint8Array(values.length);
  for (const s of order.slice(Math.floor(values.length / 2))) upper[s] = 1;
  return upper;
}

/** Of sex as a context: 1 for males. */
function males(values: Float64Array): Uint8Array {
  return Uint8Array.from(values, (value) => (value > 0 ? 1 : 0));
}

/** The vector of the basis that context `c` added. */
function contextVector({ genotypeBasis: { count } }: Cohort, contexts: number, c: number): number {
  return count - contexts + c;
}

function triangleOf(cohort: Cohort, own: readonly Float64Array[]): Float64Array {
  const n = cohort.samples.length;
  const count = own.length;
  const triangle = new Float64Array(count * count);
  own.forEach((values, column) => {
    for (let row = 0; row <= column; row++) {
      const start = contextVector(cohort, count, row) * n;
      triangle[column * count + row] = canonicalDot(cohort.genotypeBasis.values, start, values, 0, n);
    }
  });
  return triangle;
}

/** The weights that make each context's effect by ordinary least squares, rows of R^-1 Q': `[context * n + sample]`. */
function contextWeights(cohort: Cohort, triangle: Float64Array, contexts: number): Float64Array {
  const n = cohort.samples.length;
  const { values } = cohort.genotypeBasis;
  const weights = new Float64Array(contexts * n);
  const column = new Float64Array(contexts);
  for (let j = 0; j < contexts; j++) {
    column.fill(0);
    column[j] = 1;
    solveTriangle(triangle, contexts, column);
    const start = contextVector(cohort, contexts, j) * n;
    for (let c = 0; c < contexts; c++) {
      for (let s = 0; s < n; s++) weights[c * n + s]! += column[c]! * values[start + s]!;
    }
  }
  return weights;
}

/** R^-1 Q'y of each gene; where samples are not independent, by the weights of its group. */
function contextEffects(
  cohort: Cohort,
  triangle: Float64Array,
  contexts: number,
  errors: SharedErrors | undefined,
): Float64Array {
  const n = cohort.samples.length;
  const genes = cohort.genes.id.length;
  const effects = new Float64Array(genes * contexts);
  const y = new Float64Array(n);
  const { tables, report, transform, geneRow, genotypeBasis } = cohort;
  for (let gene = 0; gene < genes; gene++) {
    analysedExpression(tables.expression, geneRow[gene]!, report.expressionIndex, transform, y);
    // The vectors of the basis sum to 0, but a large mean would cost digits.
    const mean = meanOf(y);
    for (let s = 0; s < n; s++) y[s]! -= mean;
    const own = effects.subarray(gene * contexts, (gene + 1) * contexts);
    if (errors !== undefined) {
      const { effects: weights } = errors.groups[errors.group[gene]!]!;
      for (let c = 0; c < contexts; c++) own[c] = canonicalDot(weights, c * n, y, 0, n);
      continue;
    }
    for (let c = 0; c < contexts; c++) {
      own[c] = canonicalDot(genotypeBasis.values, contextVector(cohort, contexts, c) * n, y, 0, n);
    }
    solveTriangle(triangle, contexts, own);
  }
  return effects;
}

/** Replaces x by R^-1 x. */
export function solveTriangle(triangle: Float64Array, count: number, x: Float64Array): void {
  for (let row = count - 1; row >= 0; row--) {
    let value = x[row]!;
    for (let column = row + 1; column < count; column++)
      value -= triangle[column * count + row]! * x[column]!;
    x[row] = value / triangle[row * count + row]!;
  }
}

export function meanOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
