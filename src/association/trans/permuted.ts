import { decodeDosages } from "../../cohort/dosages.ts";
import { standardise } from "../../cohort/residuals.ts";
import { canonicalDot } from "../../compute/exact.ts";
import { LimitError } from "../../errors.ts";
import { counted, thousands } from "../../formats/wording.ts";
import { emptyBatch } from "../batch.ts";
import { GrowingFloats } from "../growing.ts";
import { type MapPart, NO_COUNTS } from "../mapPart.ts";
import { type DonorPermutations, seededPermutations, sexPermutations } from "../permutation/donors.ts";
import { type PermutableExpression, permutableExpression } from "../permutation/expression.ts";
import { WhitenedPermutations } from "../permutation/whitened.ts";
import { emptyTest, refine } from "../refine.ts";
import { DEFAULT_MEMORY, type RunOptions, type Session } from "../run.ts";
import { loadScreen, type ScreenColumns } from "../screenGroups.ts";
import type { TransJob } from "../transCollect.ts";
import {
  geneThreshold,
  type Screened,
  type Slice,
  screenedSlices,
  VARIANTS_PER_PART,
  withSignals,
} from "../transScreen.ts";
import { pairsOfColumns } from "./cisSignals.ts";
import { PartLoci } from "./loci.ts";
import { planTransMemory } from "./memory.ts";
import type { Permuting } from "./permutationFdr.ts";

/** Numbers of the columns that go through the genotypes together, about (32 MiB): of one permutation at the least. */
const COLUMN_VALUES = 2 ** 22;
/** Genes in all permutations: a locus holds such a number in 32 bits. */
const NUMBERED = 2 ** 32;
/** Bytes a hit takes: kept, while the list of them grows, and while it is sorted. */
const BYTES_PER_HIT = 40;

/**
 * The map done again with the donors of the expression permuted: one permutation of the samples for all genes, projected on
 * the covariates again (M P y; under `qtltools` the residuals are permuted), the same pairs, screen and threshold. The
 * parts of the map come once more for each group of permutations, and hold no pairs but what false discovery rates need:
 * `permutedHits`, and `permutedLoci`, whose gene is the permutation times the genes plus the gene.
 */
export class PermutedParts {
  readonly #job: TransJob;
  readonly #session: Session;
  readonly #okGenes: Uint32Array;
  readonly #permuting: Permuting;
  readonly #options: RunOptions;
  readonly #together: number;
  readonly #mostHits: number;

  /**
   * `tests`: of the map. Throws {@link LimitError} when chance alone gives more hits than memory holds, or there are more genes in all
   * permutations than 32 bits number.
   */
  constructor(
    job: TransJob,
    session: Session,
    okGenes: Uint32Array,
    permuting: Permuting,
    tests: number,
    options: RunOptions,
  ) {
    const values = Math.max(1, okGenes.length * job.cohort.samples.length);
    this.#job = job;
    this.#session = session;
    this.#okGenes = okGenes;
    this.#permuting = permuting;
    this.#options = options;
    this.#together = Math.max(1, Math.min(permuting.permutations, Math.floor(COLUMN_VALUES / values)));
    this.#mostHits = Math.floor((options.memory ?? DEFAULT_MEMORY) / 4 / BYTES_PER_HIT);
    if (tests * job.pValue * permuting.permutations > this.#mostHits) throw this.#tooManyHits();
    const most = Math.floor(NUMBERED / Math.max(1, okGenes.length));
    if (permuting.permutations > most) {
      throw new LimitError(
        `${counted(permuting.permutations, "permutation")} of ${counted(okGenes.length, "gene")}: ${thousands(most)} is the most that so many genes can have; lower --permutations`,
      );
    }
  }

  /** Pairs of each part, group after group, where those of the map have `pairs`. */
  pairsOf(pairs: Float64Array): number[] {
    return this.#groups().flatMap(({ count }) => Array.from(pairs, (one) => one * count));
  }

  /** The parts `numbers`; the first of the first group is number `base`, which is how many parts a group has. */
  async *parts(
    base: number,
    numbers: readonly number[],
    onPairs: (pairs: number) => void,
  ): AsyncGenerator<MapPart, void> {
    // Signals are taken out of what was permuted, not before.
    const cohort = this.#job.signals?.before ?? this.#job.cohort;
    const whitened = WhitenedPermutations.of(cohort);
    const permutable =
      whitened === undefined
        ? permutableExpression(cohort, this.#okGenes)
        : { values: whitened.expression(this.#okGenes), basis: undefined };
    let kept = 0;
    for (const [g, group] of this.#groups().entries()) {
      const start = base * (g + 1);
      const wanted = numbers.filter((number) => number >= start && number < start + base);
      if (wanted.length === 0) continue;
      for await (const part of this.#group(permutable, group, start, wanted, onPairs)) {
        kept += part.tables["permutedHits"]!["log10P"]!.length;
        if (kept > this.#mostHits) throw this.#tooManyHits();
        yield part;
      }
    }
  }

  async *#group(
    permutable: PermutableExpression,
    { first, count }: { first: number; count: number },
    start: number,
    numbers: readonly number[],
    onPairs: (pairs: number) => void,
  ): AsyncGenerator<MapPart, void> {
    const job = this.#job;
    const { samples } = job.cohort;
    const { permutations } = this.#permuting;
    // One for all genes: where X is tested with males told from females, of every gene within each sex.
    const orders =
      sexPermutations(job.cohort, job.seed, permutations) ??
      seededPermutations(job.seed, permutations, samples.length);
    const columns = permutedColumns(job, this.#okGenes, permutable, orders, first, count);
    const ahead = planTransMemory(job, this.#session, columns.threshold.length, this.#options);
    const expression = await loadScreen(this.#options.backend, samples.length, columns);
    try {
      let part = this.#newPart(columns, first, count);
      const own = numbers.map((number) => number - start);
      const slices = screenedSlices(job, this.#session, expression, own, ahead);
      for await (const { slice, found } of slices) {
        part.add(slice, found);
        onPairs((slice.to - slice.from) * count * this.#okGenes.length);
        if (slice.to < slice.part.rows.count) continue;
        const number = start + slice.part.start / VARIANTS_PER_PART;
        const batch = emptyBatch(number);
        yield { number, piece: 0, last: true, batch, counts: NO_COUNTS, tables: part.tables() };
        part = this.#newPart(columns, first, count);
      }
    } finally {
      await expression.dispose();
    }
  }

  #newPart(columns: PermutedColumns, first: number, count: number): PermutedPart {
    return new PermutedPart(this.#job, this.#session, this.#okGenes, this.#permuting, columns, first, count);
  }

  /** Runs of permutations that go through the genotypes together: they depend on the cohort alone. */
  #groups(): { first: number; count: number }[] {
    const { permutations } = this.#permuting;
    return Array.from({ length: Math.ceil(permutations / this.#together) }, (_, g) => ({
      first: g * this.#together,
      count: Math.min(this.#together, permutations - g * this.#together),
    }));
  }

  #tooManyHits(): LimitError {
    return new LimitError(
      `${counted(this.#permuting.permutations, "permutation")} at p ${this.#job.pValue} give more than ${thousands(this.#mostHits)} pairs, the most that --memory holds; lower --p-value or --permutations, or raise --memory`,
    );
  }
}

/** Of each column, what its statistics are divided by beside the norms of rows: 1 where samples are independent. */
interface PermutedColumns extends ScreenColumns {
  readonly stretch: Float64Array;
}

/** Permutations `first` to `first + count` of the genes' expression, residual and of norm 1; column `p * genes + g`. */
function permutedColumns(
  { cohort, log10Threshold, signals }: TransJob,
  okGenes: Uint32Array,
  expression: PermutableExpression,
  orders: DonorPermutations,
  first: number,
  count: number,
): PermutedColumns {
  const n = cohort.samples.length;
  const whitened = WhitenedPermutations.of(cohort);
  const { values: given, basis } = expression;
  const genes = given.length / n;
  const values = new Float64Array(count * genes * n);
  const threshold = new Float64Array(count * genes);
  const stretch = new Float64Array(count * genes).fill(1);
  const group = whitened && new Uint8Array(count * genes);
  const independent = { degreesOfFreedom: cohort.degreesOfFreedom };
  const least = Float64Array.from(okGenes, (gene) =>
    geneThreshold(log10Threshold, independent, signals, gene),
  );
  for (let p = 0; p < count; p++) {
    const order = orders.of(first + p);
    for (let gene = 0; gene < genes; gene++) {
      const column = p * genes + gene;
      const permuted = values.subarray(column * n, (column + 1) * n);
      for (let s = 0; s < n; s++) permuted[s] = given[gene * n + order[s]!]!;
      const own = signals?.of(okGenes[gene]!);
      if (whitened !== undefined) {
        group![column] = whitened.group(okGenes[gene]!);
        const left = whitened.column(permuted, group![column]!);
        stretch[column] = own?.takeOut(permuted, left) ?? left;
      } else if (own !== undefined) stretch[column] = own.takeOut(permuted, 1);
      else if (basis !== undefined) stretch[column] = standardise(permuted, basis) > 0 ? 1 : 0;
      // What a permutation makes collinear with the covariates is all 0, and has no hit.
      threshold[column] = stretch[column] === 0 ? Number.POSITIVE_INFINITY : least[gene]! * stretch[column]!;
    }
  }
  return { ...withSignals(values, threshold, group, signals), stretch };
}

/** Refines the candidates of one part, in several permutations at once: column `p * genes + g` is permutation `first + p`. */
class PermutedPart {
  readonly #job: TransJob;
  readonly #session: Session;
  readonly #okGenes: Uint32Array;
  readonly #columns: PermutedColumns;
  readonly #first: number;
  readonly #count: number;
  /** Place of each gene among the columns of a permutation. */
  readonly #place: ReadonlyMap<number, number>;
  readonly #hits = new GrowingFloats();
  readonly #loci: PartLoci;
  readonly #test = emptyTest();
  readonly #g: Float64Array;

  constructor(
    job: TransJob,
    session: Session,
    okGenes: Uint32Array,
    { locusDistance }: Permuting,
    columns: PermutedColumns,
    first: number,
    count: number,
  ) {
    this.#job = job;
    this.#count = count;
    this.#place = new Map(Array.from(okGenes, (gene, place) => [gene, place]));
    this.#session = session;
    this.#okGenes = okGenes;
    this.#columns = columns;
    this.#first = first * okGenes.length;
    this.#g = new Float64Array(job.cohort.samples.length);
    this.#loci = new PartLoci(locusDistance, job.cohort.tables.genotypes);
  }

  add({ part }: Slice, screened: Screened): void {
    const { leftOut, log10Threshold, signals } = this.#job;
    const placeOf = (gene: number): number => this.#place.get(gene) ?? -1;
    const found =
      signals === undefined
        ? screened
        : pairsOfColumns(screened, signals, placeOf, this.#okGenes.length, this.#count);
    const { samples } = part.rows;
    let decoded = -1;
    for (let i = 0; i < found.row.length; i++) {
      const row = found.row[i]!;
      const column = found.gene[i]!;
      const variant = part.index[row]!;
      const gene = this.#okGenes[column % this.#okGenes.length]!;
      if (leftOut.has(gene, variant)) continue;
      let product = found.product?.[i];
      if (product === undefined) {
        if (decoded !== row) decodeDosages(part.rows, row, part.rows.fill[row]!, this.#g);
        decoded = row;
        product = canonicalDot(this.#g, 0, this.#columns.values, column * samples, samples);
      }
      const own = signals?.of(gene);
      const tester = own === undefined ? this.#session.tester : signals!.tester(gene);
      const { group, stretch } = this.#columns;
      const plain = part.norms[group?.[column] ?? 0]![row]!;
      const norm = (own === undefined ? plain : own.normBeside(this.#g, plain)) * stretch[column]!;
      if (norm === 0) continue;
      refine(tester, product, norm, 1, this.#test);
      if (this.#test.log10P > log10Threshold) continue;
      this.#hits.push(this.#test.log10P);
      this.#loci.add(this.#first + column, variant, this.#test);
    }
  }

  tables(): MapPart["tables"] {
    return { permutedHits: { log10P: this.#hits.take() }, permutedLoci: this.#loci.table() };
  }
}
