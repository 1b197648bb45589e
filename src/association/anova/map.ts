import type { Cohort } from "../../cohort/cohort.ts";
import { refuseCovariance } from "../../cohort/covariance.ts";
import { STATUS_CODE } from "../../cohort/variants.ts";
import { canonicalDot } from "../../compute/exact.ts";
import { throwIfAborted, UsageError } from "../../errors.ts";
import { log10, pow10 } from "../../statistics/elementary.ts";
import { denseProducts } from "../dosageRows.ts";
import { inOrder } from "../pipeline.ts";
import { type Session, withSession } from "../run.ts";
import { type Survey, survey } from "../survey.ts";
import { planTransMemory } from "../trans/memory.ts";
import { nearRuns, type VariantRuns } from "../trans/variantRuns.ts";
import {
  type ClassGram,
  classGrams,
  decodeMask,
  type GenotypeClasses,
  genotypeClasses,
  MASKS,
  maskRows,
  screeningNorms,
} from "./classes.ts";
import {
  type AnovaOptions,
  type AnovaPart,
  type AnovaResult,
  anovaDegreesOfFreedom,
  anovaResult,
  FoundPairs,
} from "./result.ts";

/** Variants in a block times genes: what is screened at once. */
const PAIRS_PER_BLOCK = 2 ** 20;
/** Covers the rounding of threshold, norms and R itself. */
const SLACK = 1e-9;
/** 1 - R^2 below this is rounding. */
const SMALLEST_RESIDUAL = Number.EPSILON;

/**
 * MatrixEQTL's ANOVA model: expression on the three genotype classes, covariates in the model, F with 2 and
 * n - 3 - k degrees of freedom (2 also where a class is empty, as there); see `genotypeClasses` for missing calls. Since
 * P(F > f) of 2 and v degrees of freedom is (1 - R^2)^(v / 2), the screen asks for R alone.
 * Throws UsageError for dosages, which have no classes.
 */
export function mapAnova(cohort: Cohort, options: AnovaOptions): Promise<AnovaResult> {
  return anovaResult(cohort, options, anovaParts(cohort, options, anovaBlocks(cohort)));
}

/** What `blocks` (of {@link anovaBlocks}) add to {@link mapAnova}, in their order. */
export async function* anovaParts(
  cohort: Cohort,
  options: AnovaOptions,
  blocks: readonly AnovaBlock[],
): AsyncGenerator<AnovaPart, void> {
  if ((cohort.tables.genotypes.remainders ?? 0) > 0)
    throw new UsageError(
      "--model anova needs genotype calls: dosages have no classes; give --dosage-field GT",
    );
  refuseCovariance(cohort, "--model anova");
  if (cohort.model !== "ols") throw new UsageError("--model anova takes covariates out of both sides");
  const degreesOfFreedom = anovaDegreesOfFreedom(cohort);
  if (degreesOfFreedom < 1)
    throw new UsageError(
      `--model anova needs 1 degree of freedom more than ${cohort.samples.length} samples leave; use fewer covariates`,
    );
  yield* withSession(cohort, options, (session) =>
    new AnovaMap(cohort, session, options, degreesOfFreedom).run(blocks),
  );
}

/** A run of variants that is screened at once: `start` to `end` (exclusive) of the source. */
export interface AnovaBlock {
  readonly start: number;
  readonly end: number;
}

/** The blocks of a map, which follow from the cohort alone. */
export function anovaBlocks({ genes, tables }: Cohort): AnovaBlock[] {
  const { variantCount } = tables.genotypes;
  const step = Math.max(1, Math.min(2048, Math.floor(PAIRS_PER_BLOCK / Math.max(1, genes.id.length))));
  return Array.from({ length: Math.ceil(variantCount / step) }, (_, i) => ({
    start: i * step,
    end: Math.min(variantCount, (i + 1) * step),
  }));
}

interface Block {
  readonly part: Survey;
  readonly masks: ReturnType<typeof maskRows>;
  readonly classes: readonly GenotypeClasses[];
  readonly grams: readonly ClassGram[];
  readonly row: Uint32Array;
  readonly column: Uint32Array;
}

class AnovaMap {
  readonly #cohort: Cohort;
  readonly #session: Session;
  readonly #options: AnovaOptions;
  readonly #df: number;
  readonly #near: VariantRuns;
  readonly #okGenes: Uint32Array;
  readonly #log10Threshold: number;
  readonly #work: readonly [Float64Array, Float64Array];

  constructor(cohort: Cohort, session: Session, options: AnovaOptions, df: number) {
    this.#cohort = cohort;
    this.#session = session;
    this.#options = options;
    this.#df = df;
    this.#near = nearRuns(cohort, options.allPairs ? -1 : options.distance);
    this.#okGenes = Uint32Array.from(cohort.geneStatus.keys()).filter(
      (gene) => cohort.geneStatus[gene] === "ok",
    );
    this.#log10Threshold = log10(options.pValue);
    this.#work = [new Float64Array(cohort.samples.length), new Float64Array(cohort.samples.length)];
  }

  async *run(wanted: readonly AnovaBlock[]): AsyncGenerator<AnovaPart, void> {
    const cohort = this.#cohort;
    const { backend, onProgress, signal } = this.#options;
    const genes = Math.max(1, cohort.genes.id.length);
    const total = wanted.reduce((sum, { start, end }) => sum + end - start, 0) * genes;
    const ahead = planTransMemory({ cohort }, this.#session, genes, this.#options);
    const values = cohort.residuals;
    const expression = await backend.load({
      count: cohort.genes.id.length,
      samples: cohort.samples.length,
      values,
      standardised: true,
    });
    try {
      const least = Math.sqrt(1 - pow10((2 * this.#log10Threshold) / this.#df)) * (1 - SLACK);
      const threshold = Float64Array.from(cohort.geneStatus, (status) =>
        status === "ok" ? least : Number.POSITIVE_INFINITY,
      );
      const blocks = inOrder(wanted, ahead, async ({ start, end }): Promise<Block> => {
        throwIfAborted(signal);
        const part = await survey(this.#session.surveyor, start, end, signal, false);
        const classes = Array.from(part.index, (_, row) => genotypeClasses(part.rows, row));
        const masks = maskRows(part.rows, classes);
        const { basis } = this.#session.surveyor;
        const products =
          basis === undefined
            ? new Float64Array(0)
            : await denseProducts(backend, masks, basis, undefined, signal);
        const grams = classGrams(masks, classes, cohort.genotypeBasis, products);
        const norm = Float64Array.from(grams.flatMap(screeningNorms));
        const factor = { rows: masks, columns: expression, norm, weight: 1 };
        const { row, column } = await backend.product([factor], { kind: "candidates", threshold }, signal);
        return { part, masks, classes, grams, row, column };
      });
      let done = 0;
      for await (const block of blocks) {
        const pairs = new FoundPairs(this.#options);
        const candidates = this.#refine(block, pairs);
        yield { ...this.#count(block), candidates, ...pairs.take() };
        done += (block.part.end - block.part.start) * genes;
        onProgress?.({ done, total, phase: "testing" });
      }
    } finally {
      await expression.dispose();
    }
  }

  #count({ part, grams }: Block): Pick<AnovaPart, "tests" | "testsOfGene" | "status"> {
    const status = Uint32Array.from(part.status);
    const tested = part.index.filter((_, row) => grams[row]!.squareA + grams[row]!.squareB > 0);
    part.index.forEach((variant, row) => {
      if (grams[row]!.squareA + grams[row]!.squareB === 0)
        status[variant - part.start] = STATUS_CODE.collinear;
    });
    const testsOfGene = new Float64Array(this.#cohort.genes.id.length);
    let tests = 0;
    for (const gene of this.#okGenes) {
      testsOfGene[gene] = tested.length - this.#near.count(gene, tested);
      tests += testsOfGene[gene]!;
    }
    return { tests, testsOfGene, status };
  }

  /** Tests each candidate pair once, whichever of its masks found it: they are told by mask, then gene. Returns how many there were. */
  #refine({ part, masks, classes, grams, row, column }: Block, pairs: FoundPairs): number {
    const [a, b] = this.#work;
    let candidates = 0;
    for (let i = 0; i < row.length; ) {
      const v = Math.floor(row[i]! / MASKS);
      const genes = new Set<number>();
      for (; i < row.length && Math.floor(row[i]! / MASKS) === v; i++) genes.add(column[i]!);
      decodeMask(masks, MASKS * v, a);
      decodeMask(masks, MASKS * v + 1, b);
      candidates += genes.size;
      for (const gene of Uint32Array.from(genes).sort()) {
        if (!this.#near.has(gene, part.index[v]!))
          this.#test(part.index[v]!, gene, classes[v]!, grams[v]!, pairs);
      }
    }
    return candidates;
  }

  #test(
    variant: number,
    gene: number,
    classes: GenotypeClasses,
    { squareA, shareOfA, squareB }: ClassGram,
    pairs: FoundPairs,
  ): void {
    const { residuals, residualNorm, samples } = this.#cohort;
    const n = samples.length;
    const [a, b] = this.#work;
    const dotA = canonicalDot(a, 0, residuals, gene * n, n);
    const restB = canonicalDot(b, 0, residuals, gene * n, n) - shareOfA * dotA;
    const ofA = squareA > 0 ? (dotA * dotA) / squareA : 0;
    const ofB = squareB > 0 ? (restB * restB) / squareB : 0;
    const unexplained = Math.max(1 - (ofA + ofB), SMALLEST_RESIDUAL);
    const log10P = Math.min(0, (this.#df / 2) * log10(unexplained));
    if (log10P > this.#log10Threshold) return;
    const norm = residualNorm[gene]!;
    // Against the baseline: B's own effect, then what is left of A's.
    const effect = [Number.NaN, Number.NaN, Number.NaN];
    effect[classes.baseline] = 0;
    if (squareB > 0) effect[classes.second] = (norm * restB) / squareB;
    if (squareA > 0)
      effect[classes.first] =
        (norm * dotA) / squareA - shareOfA * (squareB > 0 ? (norm * restB) / squareB : 0);
    const [samples0, samples1, samples2] = classes.counts;
    pairs.add({
      ...{ variant, gene, rSquared: 1 - unexplained, log10P, samples0, samples1, samples2 },
      ...{ effect1: effect[1]! - effect[0]!, effect2: effect[2]! - effect[0]! },
    });
  }
}
