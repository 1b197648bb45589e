/** One gene's window, tested with some of its variants among the covariates. */

import type { Cohort } from "../../cohort/cohort.ts";
import type { CohortCovariance } from "../../cohort/covariance.ts";
import { decodeDosages } from "../../cohort/dosages.ts";
import { standardise } from "../../cohort/residuals.ts";
import type { Backend } from "../../compute/backend.ts";
import { orthonormalBasis } from "../../statistics/linalg.ts";
import { studentT } from "../../statistics/studentT.ts";
import { denseProducts } from "../dosageRows.ts";
import { absoluteDistance } from "../geometry.ts";
import { Leads } from "../leads.ts";
import { permutableExpression } from "../permutation/expression.ts";
import { bestOfPermutations, type PermutationRule, permutationRuleOf } from "../permutation/geneTest.ts";
import type { PermutationWork } from "../permutation/maxima.ts";
import { emptyTest, refine, type TestColumns } from "../refine.ts";
import type { Session } from "../run.ts";
import { type Survey, survey } from "../survey.ts";
import { WhitenedGene } from "./whitenedGene.ts";

/** A gene and the variants of its window, `start` to `end` (exclusive) of the source. */
export interface GeneWindow {
  readonly session: Session;
  readonly gene: number;
  readonly start: number;
  readonly end: number;
  readonly abort?: AbortSignal | undefined;
}

/** The tests of a window: a row a variant that passes the filters, the same rows whatever is conditioned on. */
export interface WindowScan {
  readonly found: Survey;
  /** NaN where the variant is collinear with the covariates and what is conditioned on. */
  readonly tests: TestColumns;
  /** Variants with a test. */
  readonly tested: number;
  /** Row of the largest |r| (the nearest to the gene's first base where tied), or -1; and that |r|. */
  readonly lead: number;
  readonly r: number;
  readonly degreesOfFreedom: number;
  /** What is permuted, beside the rows. */
  readonly permuting: Pick<PermutationWork, "norm" | "expression" | "basis" | "make">;
}

/**
 * Tests the window by y ~ covariates + `given` + g with n - 2 - k - |given| degrees of freedom: `given` (dosages, `samples` long each,
 * missing calls at their mean) join the basis that genotypes and expression are projected on; of samples that are not independent see {@link WhitenedGene}.
 * Without any, the very numbers of the cis map.
 */
export async function scanWindow(window: GeneWindow, given: readonly Float64Array[]): Promise<WindowScan> {
  const { surveyor } = window.session;
  const { covariance } = surveyor.cohort;
  return covariance === undefined ? scanPlain(window, given) : scanWhitened(window, covariance, given);
}

async function scanWhitened(
  { session: { surveyor }, gene, start, end, abort }: GeneWindow,
  covariance: CohortCovariance,
  given: readonly Float64Array[],
): Promise<WindowScan> {
  const { cohort, backend } = surveyor;
  const found = await survey(surveyor, start, end, abort);
  const whitened = new WhitenedGene(cohort, covariance, gene, given);
  const norm = await whitened.norms(backend, found, abort);
  const degreesOfFreedom = cohort.degreesOfFreedom - whitened.count;
  const divisors = norm.map((value) => value * whitened.stretch);
  const products = await productsWith(backend, found, whitened.column, abort);
  const tests = testRows(cohort, gene, found, products, {
    degreesOfFreedom,
    norm: divisors,
    ofY: whitened.norm,
  });
  return { found, ...tests, permuting: { norm, ...whitened.permutable(gene), basis: undefined } };
}

async function scanPlain(
  { session: { surveyor }, gene, start, end, abort }: GeneWindow,
  given: readonly Float64Array[],
): Promise<WindowScan> {
  const { backend, scan } = surveyor;
  const cohort = given.length === 0 ? surveyor.cohort : conditioned(surveyor.cohort, given);
  const samples = cohort.samples.length;
  const { values, count } = cohort.genotypeBasis;
  const basis = count === 0 ? undefined : await backend.load({ count, samples, values, standardised: false });
  try {
    const found = await survey({ cohort, backend, scan, basis }, start, end, abort);
    const { values: expression, basis: permuted } = permutableExpression(cohort, Uint32Array.of(gene));
    const e = expression.slice();
    const ofY = standardise(e, cohort.expressionBasis);
    const products = await productsWith(backend, found, e, abort);
    const { degreesOfFreedom } = cohort;
    const tests = testRows(cohort, gene, found, products, { degreesOfFreedom, norm: found.norm, ofY });
    return { found, ...tests, permuting: { norm: found.norm, expression, basis: permuted } };
  } finally {
    await basis?.dispose();
  }
}

async function productsWith(
  backend: Backend,
  { rows }: Survey,
  values: Float64Array,
  abort: AbortSignal | undefined,
): Promise<Float64Array> {
  const column = await backend.load({ count: 1, samples: rows.samples, values, standardised: false });
  try {
    return await denseProducts(backend, rows, column, undefined, abort);
  } finally {
    await column.dispose();
  }
}

/** `cohort` with more covariates; its residuals are still those beside the old ones. */
function conditioned(cohort: Cohort, given: readonly Float64Array[]): Cohort {
  const n = cohort.samples.length;
  const { values, used } = cohort.genotypeBasis;
  const columns = new Float64Array(values.length + given.length * n);
  columns.set(values);
  given.forEach((dosages, i) => {
    columns.set(dosages, values.length + i * n);
  });
  const names = [...used, ...given.map((_, i) => `signal ${i + 1}`)];
  const basis = orthonormalBasis(columns, names, n);
  return { ...cohort, degreesOfFreedom: n - 2 - basis.count, genotypeBasis: basis, expressionBasis: basis };
}

/** What rows are tested with: the norms that divide them (0: not tested), and that of the expression. */
interface Norms {
  readonly degreesOfFreedom: number;
  readonly norm: Float64Array;
  readonly ofY: number;
}

function testRows(
  cohort: Cohort,
  gene: number,
  found: Survey,
  products: Float64Array,
  { degreesOfFreedom, norm, ofY }: Norms,
) {
  const { count } = found.rows;
  const column = (): Float64Array => new Float64Array(count).fill(Number.NaN);
  const tests = { slope: column(), slopeSe: column(), log10P: column() };
  const tester = { degreesOfFreedom, tails: studentT(degreesOfFreedom) };
  const { position } = cohort.tables.genotypes;
  const leads = new Leads(1);
  const test = emptyTest();
  let [tested, lead, r] = [0, -1, 0];
  for (let row = 0; row < count && ofY > 0; row++) {
    if (norm[row] === 0) continue;
    refine(tester, products[row]!, norm[row]!, ofY, test);
    tests.slope[row] = test.slope;
    tests.slopeSe[row] = test.slopeSe;
    tests.log10P[row] = test.log10P;
    tested++;
    const index = found.index[row]!;
    const distance = absoluteDistance(cohort, gene, position.at(index)!, "tss");
    if (!leads.leads(0, test.r, distance)) continue;
    leads.set(0, test, {
      ...{ index, distance, af: found.af[row]! },
      ...{ maSamples: found.maSamples[row]!, maCount: found.maCount[row]! },
    });
    [lead, r] = [row, Math.abs(test.r)];
  }
  return { tests, tested, lead, r, degreesOfFreedom };
}

/** The largest |r| of each permutation: expression itself permuted, and projected again on all that was conditioned on. */
export async function permutedMaxima(
  { session, gene, abort }: GeneWindow,
  { found: { rows }, permuting, r }: WindowScan,
  rule: PermutationRule,
): Promise<Float64Array> {
  const { backend, cohort } = session.surveyor;
  const windows = { start: Uint32Array.of(0), end: Uint32Array.of(rows.count) };
  const own = permutationRuleOf(rule, cohort.genes.chromosome[gene]!);
  const work = { rows, windows, ...permuting };
  const [best] = await bestOfPermutations(backend, work, Float64Array.of(r), own, abort);
  return best!;
}

/** The dosages of a row, missing calls at their mean. */
export function dosagesOf({ rows }: Survey, row: number): Float64Array {
  const out = new Float64Array(rows.samples);
  decodeDosages(rows, row, rows.fill[row]!, out);
  return out;
}
