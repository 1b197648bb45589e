/** One gene's window, tested with some of its variants among the covariates. */

import type { Cohort } from "../../cohort/cohort.ts";
import { decodeDosages } from "../../cohort/dosages.ts";
import { standardise } from "../../cohort/residuals.ts";
import { orthonormalBasis } from "../../statistics/linalg.ts";
import { studentT } from "../../statistics/studentT.ts";
import { denseProducts } from "../dosageRows.ts";
import { absoluteDistance } from "../geometry.ts";
import { Leads } from "../leads.ts";
import { permutableExpression } from "../permutation/expression.ts";
import {
  bestOfPermutations,
  type PermutationRule,
  type PermutationTest,
  permutationRuleOf,
  testLead,
} from "../permutation/geneTest.ts";
import { emptyTest, refine, type TestColumns } from "../refine.ts";
import type { Session } from "../run.ts";
import { type Survey, survey } from "../survey.ts";

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
  /** The cohort with what was conditioned on among its covariates. */
  readonly cohort: Cohort;
}

/**
 * Tests the window by y ~ covariates + `given` + g with n - 2 - k - |given| degrees of freedom: `given` (dosages, `samples` long each,
 * missing calls at their mean) join the basis that genotypes and expression are projected on. Without any, the very numbers of the cis map.
 */
export async function scanWindow(
  { session, gene, start, end, abort }: GeneWindow,
  given: readonly Float64Array[],
): Promise<WindowScan> {
  const { surveyor } = session;
  const { backend, scan } = surveyor;
  const cohort = given.length === 0 ? surveyor.cohort : conditioned(surveyor.cohort, given);
  const samples = cohort.samples.length;
  const { values, count } = cohort.genotypeBasis;
  const basis = count === 0 ? undefined : await backend.load({ count, samples, values, standardised: false });
  try {
    const found = await survey({ cohort, backend, scan, basis }, start, end, abort);
    const e = permutableExpression(cohort, Uint32Array.of(gene)).values;
    const norm = standardise(e, cohort.expressionBasis);
    const column = await backend.load({ count: 1, samples, values: e, standardised: false });
    try {
      const products = await denseProducts(backend, found.rows, column, undefined, abort);
      return { found, cohort, ...testRows(cohort, gene, found, products, norm) };
    } finally {
      await column.dispose();
    }
  } finally {
    await basis?.dispose();
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

function testRows(cohort: Cohort, gene: number, found: Survey, products: Float64Array, norm: number) {
  const { degreesOfFreedom } = cohort;
  const { count } = found.rows;
  const column = (): Float64Array => new Float64Array(count).fill(Number.NaN);
  const tests = { slope: column(), slopeSe: column(), log10P: column() };
  const tester = { degreesOfFreedom, tails: studentT(degreesOfFreedom) };
  const { position } = cohort.tables.genotypes;
  const leads = new Leads(1);
  const test = emptyTest();
  let [tested, lead, r] = [0, -1, 0];
  for (let row = 0; row < count && norm > 0; row++) {
    if (found.norm[row] === 0) continue;
    refine(tester, products[row]!, found.norm[row]!, norm, test);
    tests.slope[row] = test.slope;
    tests.slopeSe[row] = test.slopeSe;
    tests.log10P[row] = test.log10P;
    tested++;
    const index = found.index[row]!;
    const distance = absoluteDistance(cohort, gene, position[index]!, "tss");
    if (!leads.leads(0, test.r, distance)) continue;
    leads.set(0, test, {
      ...{ index, distance, af: found.af[row]! },
      ...{ maSamples: found.maSamples[row]!, maCount: found.maCount[row]! },
    });
    [lead, r] = [row, Math.abs(test.r)];
  }
  return { tests, tested, lead, r, degreesOfFreedom };
}

/** The lead of a scan by permutations: what {@link permutedMaxima} has, beside the lead's |r|. */
export async function permuteLead(
  window: GeneWindow,
  scan: WindowScan,
  rule: PermutationRule,
): Promise<PermutationTest> {
  const best = await permutedMaxima(window, scan, rule);
  return testLead(best, scan.r, scan.degreesOfFreedom, rule.degreesOfFreedom);
}

/** The largest |r| of each permutation: expression itself permuted, and projected again on all that was conditioned on. */
export async function permutedMaxima(
  { session, gene, abort }: GeneWindow,
  { found, cohort, r }: WindowScan,
  rule: PermutationRule,
): Promise<Float64Array> {
  const { values: expression, basis } = permutableExpression(cohort, Uint32Array.of(gene));
  const windows = { start: Uint32Array.of(0), end: Uint32Array.of(found.rows.count) };
  const work = { rows: found.rows, norm: found.norm, windows, expression, basis };
  const observed = Float64Array.of(r);
  const own = permutationRuleOf(rule, cohort.genes.chromosome[gene]!);
  const [best] = await bestOfPermutations(session.surveyor.backend, work, observed, own, abort);
  return best!;
}

/** The dosages of a row, missing calls at their mean. */
export function dosagesOf({ rows }: Survey, row: number): Float64Array {
  const out = new Float64Array(rows.samples);
  decodeDosages(rows, row, rows.fill[row]!, out);
  return out;
}
