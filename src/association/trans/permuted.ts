import { standardise } from "../../cohort/cohort.ts";
import { decodeDosages } from "../../cohort/dosages.ts";
import { dot } from "../../compute/exact.ts";
import { LimitError } from "../../errors.ts";
import { counted, thousands } from "../../formats/wording.ts";
import { GrowingFloats } from "../growing.ts";
import { type DonorPermutations, seededPermutations } from "../permutation/donors.ts";
import { type PermutableExpression, permutableExpression } from "../permutation/expression.ts";
import { emptyTest, refine } from "../refine.ts";
import type { Session } from "../run.ts";
import type { TransJob } from "../transCollect.ts";
import { type Screened, type Slice, screenedSlices, thresholdOf } from "../transScreen.ts";
import { BestHits } from "./loci.ts";

/** The log10 p-values of the hits of all permutations together, in no order. */
export interface PermutedHits {
  readonly permutations: number;
  readonly pairs: Float64Array;
  /** The best of each gene, and of each of its loci, in each permutation where it has a hit. */
  readonly genes: Float64Array;
  readonly loci: Float64Array;
}

export interface PermutationPlan {
  readonly permutations: number;
  /** Permutations that go through the genotypes together. Changes no result. */
  readonly together: number;
  readonly locusDistance: number;
  /** Hits of all permutations that memory is planned for. */
  readonly mostHits: number;
  /** Slices in flight. */
  readonly ahead: number;
}

/**
 * The map done again with the donors of the expression permuted: one permutation of the samples for all genes,
 * projected on the covariates again (M P y; under `qtltools` the residuals are permuted), the same pairs, screen and threshold.
 * @throws LimitError when more hits are found than memory was planned for.
 */
export async function permutedHits(
  job: TransJob,
  session: Session,
  okGenes: Uint32Array,
  plan: PermutationPlan,
  onPairs: (pairs: number) => void,
): Promise<PermutedHits> {
  const { permutations, together } = plan;
  const samples = job.cohort.samples.length;
  const orders = seededPermutations(job.seed, permutations, samples);
  const permutable = permutableExpression(job.cohort, okGenes);
  const pairs = new GrowingFloats();
  const genes: Float64Array[] = [];
  const loci: Float64Array[] = [];
  for (let first = 0; first < permutations; first += together) {
    const count = Math.min(together, permutations - first);
    const columns = permutedColumns(job, permutable, orders, first, count);
    const group = new PermutedGroup(job, session, okGenes, columns.values, count, plan, pairs);
    const expression = await session.screener.load({
      count: columns.threshold.length,
      samples,
      values: columns.values,
      standardised: true,
    });
    try {
      const slices = screenedSlices(job, session, expression, columns.threshold, plan.ahead);
      for await (const { slice, found } of slices) {
        group.add(slice, found);
        onPairs((slice.to - slice.from) * columns.threshold.length);
      }
    } finally {
      await expression.dispose();
    }
    genes.push(group.best.genes());
    loci.push(group.best.loci());
  }
  return { permutations, pairs: pairs.take(), genes: joined(genes), loci: joined(loci) };
}

/** Permutations `first` to `first + count` of the genes' expression, residual and of norm 1; column `p * genes + g`. */
function permutedColumns(
  { cohort, log10Threshold }: TransJob,
  expression: PermutableExpression,
  orders: DonorPermutations,
  first: number,
  count: number,
): { values: Float64Array; threshold: Float64Array } {
  const n = cohort.samples.length;
  const { values: given, basis } = expression;
  const genes = given.length / n;
  const values = new Float64Array(count * genes * n);
  const threshold = new Float64Array(count * genes);
  const least = thresholdOf(log10Threshold, cohort.degreesOfFreedom);
  for (let p = 0; p < count; p++) {
    const order = orders.of(first + p);
    for (let gene = 0; gene < genes; gene++) {
      const column = p * genes + gene;
      const permuted = values.subarray(column * n, (column + 1) * n);
      for (let s = 0; s < n; s++) permuted[s] = given[gene * n + order[s]!]!;
      // What a permutation makes collinear with the covariates is all 0, and has no hit.
      const tested = basis === undefined || standardise(permuted, basis) > 0;
      threshold[column] = tested ? least : Number.POSITIVE_INFINITY;
    }
  }
  return { values, threshold };
}

/** Refines the candidates of the permutations that go through the genotypes together. */
class PermutedGroup {
  readonly best: BestHits;
  readonly #job: TransJob;
  readonly #session: Session;
  readonly #okGenes: Uint32Array;
  readonly #values: Float64Array;
  readonly #plan: PermutationPlan;
  readonly #pairs: GrowingFloats;
  readonly #test = emptyTest();
  readonly #g: Float64Array;

  constructor(
    job: TransJob,
    session: Session,
    okGenes: Uint32Array,
    values: Float64Array,
    count: number,
    plan: PermutationPlan,
    pairs: GrowingFloats,
  ) {
    this.#job = job;
    this.#session = session;
    this.#okGenes = okGenes;
    this.#values = values;
    this.#plan = plan;
    this.#pairs = pairs;
    this.#g = new Float64Array(job.cohort.samples.length);
    this.best = new BestHits(count * okGenes.length, plan.locusDistance);
  }

  add({ part }: Slice, found: Screened): void {
    const { leftOut, log10Threshold, cohort } = this.#job;
    const { chromosomeCode, position } = cohort.tables.genotypes;
    const { samples } = part.rows;
    let decoded = -1;
    for (let i = 0; i < found.row.length; i++) {
      const row = found.row[i]!;
      const column = found.gene[i]!;
      const variant = part.index[row]!;
      if (leftOut.has(this.#okGenes[column % this.#okGenes.length]!, variant)) continue;
      let product = found.product?.[i];
      if (product === undefined) {
        if (decoded !== row) decodeDosages(part.rows, row, part.rows.fill[row]!, this.#g);
        decoded = row;
        product = dot(this.#g, 0, this.#values, column * samples, samples);
      }
      refine(this.#session.tester, product, part.norm[row]!, 1, this.#test);
      const { log10P } = this.#test;
      if (log10P > log10Threshold) continue;
      if (this.#pairs.length === this.#plan.mostHits) throw tooManyHits(this.#job.pValue, this.#plan);
      this.#pairs.push(log10P);
      this.best.add(column, chromosomeCode[variant]!, position[variant]!, log10P);
    }
  }
}

/** Bytes a hit takes: kept, while the list of them grows, and while it is sorted. */
const BYTES_PER_HIT = 40;

/** Hits of permutations that fit in `memory` bytes. */
export function hitsThatFit(memory: number): number {
  return Math.floor(memory / BYTES_PER_HIT);
}

/** The message for hits that memory does not hold, found or expected. */
export function tooManyHits(pValue: number, { permutations, mostHits }: PermutationPlan): LimitError {
  return new LimitError(
    `${counted(permutations, "permutation")} at p ${pValue} give more than ${thousands(mostHits)} pairs, the most that --memory holds; lower --p-value or --permutations, or raise --memory`,
  );
}

function joined(arrays: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return all;
}
