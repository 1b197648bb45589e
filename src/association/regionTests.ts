import type { Cohort } from "../cohort/cohort.ts";
import { decodeDosages } from "../cohort/dosages.ts";
import type { DosageRows } from "./dosageRows.ts";
import { denseProducts } from "./dosageRows.ts";
import { chromosomeRuns, lowerBound } from "./geometry.ts";
import { normWith } from "./norms.ts";
import { emptyTest, refine } from "./refine.ts";
import { type RunOptions, type Session, withSession } from "./run.ts";
import { type Survey, survey } from "./survey.ts";

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
  const rows = Array.from(found.index.keys()).filter((row) => normWith(cohort, found, gene, row) > 0);
  const index = rows.map((row) => found.index[row]!);
  const leadRow = index.indexOf(lead);
  const all = { survey: found, rows, lead: rows[leadRow] };
  const { products, r2 } = await productsOf(cohort, session, all, gene, signal);
  const test = emptyTest();
  const log10P = Float64Array.from(rows, (row) => {
    const norm = normWith(cohort, found, gene, row);
    refine(session.tester, products[row]!, norm, cohort.residualNorm[gene]!, test);
    return test.log10P;
  });
  return {
    id: index.map((v) => labels.id[v - from]!),
    position: Int32Array.from(index, (v) => genotypes.position.at(v)!),
    log10P,
    r2,
    lead: leadRow,
  };
}

/** The variants that are asked about: the `rows` of a survey that are tested, and that of the lead where it is one of them. */
interface Asked {
  readonly survey: Survey;
  readonly rows: readonly number[];
  readonly lead: number | undefined;
}

/** g.e of each row with the gene's residual expression, and r2 of the tested rows with the lead: one product for both. */
async function productsOf(
  cohort: Cohort,
  { surveyor: { backend } }: Session,
  { survey: { rows: calls, square }, rows, lead }: Asked,
  gene: number,
  signal: AbortSignal | undefined,
): Promise<{ products: Float64Array; r2: Float64Array }> {
  const samples = cohort.samples.length;
  const count = lead === undefined ? 1 : 2;
  const values = new Float64Array(count * samples);
  values.set(cohort.residuals.subarray(gene * samples, (gene + 1) * samples));
  if (lead !== undefined) centredDosages(calls, lead, values.subarray(samples));
  const columns = await backend.load({ count, samples, values, standardised: false });
  try {
    const both = await denseProducts(backend, calls, columns, undefined, signal);
    const products = both.subarray(0, calls.count);
    if (lead === undefined) return { products, r2: new Float64Array(rows.length).fill(Number.NaN) };
    // The column adds up to 0, so that g's mean takes no part.
    const r2 = Float64Array.from(rows, (row) =>
      row === lead ? 1 : Math.min(1, squared(both[calls.count + row]!) / (square[lead]! * square[row]!)),
    );
    return { products, r2 };
  } finally {
    await columns.dispose();
  }
}

function squared(value: number): number {
  return value * value;
}

/** The dosages of a row less their mean, missing calls at the mean. */
function centredDosages(rows: DosageRows, row: number, out: Float64Array): void {
  decodeDosages(rows, row, rows.fill[row]!, out);
  let sum = 0;
  for (let s = 0; s < out.length; s++) sum += out[s]!;
  const mean = sum / out.length;
  for (let s = 0; s < out.length; s++) out[s]! -= mean;
}
