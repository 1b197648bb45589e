import type { Cohort } from "../cohort/cohort.ts";
import { decodeDosages } from "../cohort/dosages.ts";
import type { DosageRows } from "./dosageRows.ts";
import { denseProducts } from "./dosageRows.ts";
import { chromosomeRuns, lowerBound } from "./geometry.ts";
import { normWith } from "./norms.ts";
import { emptyTest, refine } from "./refine.ts";
import { type RunOptions, type Session, withSession } from "./run.ts";
import { survey } from "./survey.ts";

/** A stretch of a chromosome, the gene that its variants are tested with, and the variant that linkage is measured with. */
export interface AskedRegion {
  /** Number in the cohort. */
  readonly gene: number;
  /** Number in the genotype source; it lies in the stretch. */
  readonly lead: number;
  /** First and last position, both included. */
  readonly start: number;
  readonly end: number;
}

/** The variants of a region that pass the filters, in source order. */
export interface RegionTests {
  readonly id: readonly string[];
  readonly position: Int32Array;
  /** The gene's test with each: to the bit that of a map. */
  readonly log10P: Float64Array;
  /** Squared correlation of genotypes with the lead's, missing calls at the mean, covariates left in. */
  readonly r2: Float64Array;
  /** Row of the lead, or -1 where it does not pass. */
  readonly lead: number;
}

/** Tests all variants of each region, whatever a map tests: what its regional plot shows. */
export async function* regionTests(
  cohort: Cohort,
  options: RunOptions,
  regions: readonly AskedRegion[],
): AsyncGenerator<RegionTests, void> {
  if (regions.length === 0) return;
  yield* withSession(cohort, options, async function* (session) {
    const runs = chromosomeRuns(cohort.tables.genotypes);
    for (const region of regions) yield await regionOf(cohort, session, region, runs, options.signal);
  });
}

async function regionOf(
  cohort: Cohort,
  session: Session,
  { gene, lead, start, end }: AskedRegion,
  runs: readonly { readonly start: number; readonly end: number }[],
  signal: AbortSignal | undefined,
): Promise<RegionTests> {
  const { genotypes } = cohort.tables;
  const run = runs[genotypes.chromosomeCode.at(lead)!]!;
  const from = lowerBound(genotypes.position, start, run.start, run.end);
  const to = lowerBound(genotypes.position, end + 1, from, run.end);
  const found = await survey(session.surveyor, from, to, signal);
  const labels = await genotypes.labels(from, to);
  const products = await productsOf(cohort, session, found.rows, gene, signal);
  const rows = Array.from(found.index.keys()).filter((row) => normWith(cohort, found, gene, row) > 0);
  const test = emptyTest();
  const log10P = Float64Array.from(rows, (row) => {
    const norm = normWith(cohort, found, gene, row);
    refine(session.tester, products[row]!, norm, cohort.residualNorm[gene]!, test);
    return test.log10P;
  });
  const index = rows.map((row) => found.index[row]!);
  const leadRow = index.indexOf(lead);
  return {
    id: index.map((v) => labels.id[v - from]!),
    position: Int32Array.from(index, (v) => genotypes.position.at(v)!),
    log10P,
    r2: leadRow < 0 ? log10P.map(() => Number.NaN) : linkage(found.rows, rows, rows[leadRow]!),
    lead: leadRow,
  };
}

/** g.e of each row with the gene's residual expression. */
async function productsOf(
  cohort: Cohort,
  { surveyor: { backend } }: Session,
  rows: DosageRows,
  gene: number,
  signal: AbortSignal | undefined,
): Promise<Float64Array> {
  const samples = cohort.samples.length;
  const values = cohort.residuals.slice(gene * samples, (gene + 1) * samples);
  const column = await backend.load({ count: 1, samples, values, standardised: false });
  try {
    return await denseProducts(backend, rows, column, undefined, signal);
  } finally {
    await column.dispose();
  }
}

/** r2 of the `chosen` rows with row `lead`. */
function linkage(rows: DosageRows, chosen: readonly number[], lead: number): Float64Array {
  const n = rows.samples;
  const g = new Float64Array(n);
  const h = new Float64Array(n);
  decodeDosages(rows, lead, rows.fill[lead]!, g);
  const mean = meanOf(g);
  for (let s = 0; s < n; s++) g[s]! -= mean;
  const own = productsWith(g, g, 0).square;
  return Float64Array.from(chosen, (row) => {
    if (row === lead) return 1;
    decodeDosages(rows, row, rows.fill[row]!, h);
    const { product, square } = productsWith(g, h, meanOf(h));
    return Math.min(1, (product * product) / (own * square));
  });
}

function meanOf(values: Float64Array): number {
  const { length } = values;
  let sum = 0;
  for (let s = 0; s < length; s++) sum += values[s]!;
  return sum / length;
}

/** Of `h` less its `mean`: the product with `g`, and that with itself; both in one pass, since each sum waits for its own last term. */
function productsWith(g: Float64Array, h: Float64Array, mean: number): { product: number; square: number } {
  const { length } = g;
  let product = 0;
  let square = 0;
  for (let s = 0; s < length; s++) {
    const value = h[s]! - mean;
    square += value * value;
    product += g[s]! * value;
  }
  return { product, square };
}
