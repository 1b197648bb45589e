import type { Cohort } from "../../cohort/cohort.ts";
import { refuseCovariance } from "../../cohort/covariance.ts";
import { STATUS_CODE, VARIANT_STATUS } from "../../cohort/variants.ts";
import { dot } from "../../compute/exact.ts";
import { LimitError, throwIfAborted, UsageError } from "../../errors.ts";
import { thousands } from "../../formats/wording.ts";
import { log10, pow10 } from "../../statistics/elementary.ts";
import { denseProducts } from "../dosageRows.ts";
import { GrowingFloats, GrowingIntegers } from "../growing.ts";
import { inOrder } from "../pipeline.ts";
import { DEFAULT_MEMORY, type RunOptions, type Session, withSession } from "../run.ts";
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

export interface AnovaOptions extends RunOptions {
  readonly pValue: number;
  readonly distance: number;
  readonly allPairs: boolean;
}

/** Pairs whose p passes, by variant, then gene; a row each. */
export interface AnovaResult {
  /** Index in the source, and in the cohort's genes. */
  readonly variant: Uint32Array;
  readonly gene: Uint32Array;
  readonly rSquared: Float64Array;
  readonly log10P: Float64Array;
  /** Expression of samples with 1 and with 2 copies less that of samples with 0; NaN where a class is empty or collinear. */
  readonly effect1: Float64Array;
  readonly effect2: Float64Array;
  /** Called samples with 0, 1 and 2 copies. */
  readonly counts: readonly [Int32Array, Int32Array, Int32Array];
  readonly degreesOfFreedom: number;
  readonly tests: number;
  readonly candidates: number;
  /** Variants tested with each gene. */
  readonly testsOfGene: Float64Array;
  /** Status of each variant of the source. */
  readonly status: Uint8Array;
}

/** Variants in a block times genes: what is screened at once. */
const PAIRS_PER_BLOCK = 2 ** 20;
const BYTES_PER_HIT = 96;
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
export async function mapAnova(cohort: Cohort, options: AnovaOptions): Promise<AnovaResult> {
  if ((cohort.tables.genotypes.remainders ?? 0) > 0)
    throw new UsageError(
      "--model anova needs genotype calls: dosages have no classes; give --dosage-field GT",
    );
  refuseCovariance(cohort, "--model anova");
  if (cohort.model !== "ols") throw new UsageError("--model anova takes covariates out of both sides");
  const degreesOfFreedom = cohort.degreesOfFreedom - 1;
  if (degreesOfFreedom < 1)
    throw new UsageError(
      `--model anova needs 1 degree of freedom more than ${cohort.samples.length} samples leave; use fewer covariates`,
    );
  const body = withSession(cohort, options, async function* (session) {
    yield await new AnovaMap(cohort, session, options, degreesOfFreedom).run();
  });
  for await (const result of body) return result;
  throw new Error("no result");
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
  readonly #mostHits: number;
  readonly #variant = new GrowingIntegers();
  readonly #gene = new GrowingIntegers();
  readonly #numbers = {
    rSquared: new GrowingFloats(),
    log10P: new GrowingFloats(),
    effect1: new GrowingFloats(),
    effect2: new GrowingFloats(),
  };
  readonly #counts = [new GrowingIntegers(), new GrowingIntegers(), new GrowingIntegers()] as const;
  readonly #status: Uint8Array;
  readonly #testsOfGene: Float64Array;
  readonly #work: readonly [Float64Array, Float64Array];
  #candidates = 0;
  #tests = 0;

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
    this.#mostHits = Math.floor((options.memory ?? DEFAULT_MEMORY) / 4 / BYTES_PER_HIT);
    this.#status = session.surveyor.scan.status.slice();
    this.#testsOfGene = new Float64Array(cohort.genes.id.length);
    this.#work = [new Float64Array(cohort.samples.length), new Float64Array(cohort.samples.length)];
  }

  async run(): Promise<AnovaResult> {
    const cohort = this.#cohort;
    const { backend, onProgress, signal } = this.#options;
    const { variantCount } = cohort.tables.genotypes;
    const genes = Math.max(1, cohort.genes.id.length);
    const step = Math.max(1, Math.min(2048, Math.floor(PAIRS_PER_BLOCK / genes)));
    const starts = Array.from({ length: Math.ceil(variantCount / step) }, (_, i) => i * step);
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
      const blocks = inOrder(starts, ahead, async (start): Promise<Block> => {
        throwIfAborted(signal);
        const part = await survey(
          this.#session.surveyor,
          start,
          Math.min(variantCount, start + step),
          signal,
          false,
        );
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
      for await (const block of blocks) {
        this.#count(block);
        this.#refine(block);
        onProgress?.({ done: block.part.end * genes, total: variantCount * genes, phase: "testing" });
      }
    } finally {
      await expression.dispose();
    }
    const { rSquared, log10P, effect1, effect2 } = this.#numbers;
    const [none, one, two] = this.#counts;
    return {
      ...{
        variant: this.#variant.take(),
        gene: this.#gene.take(),
        rSquared: rSquared.take(),
        log10P: log10P.take(),
      },
      ...{ effect1: effect1.take(), effect2: effect2.take(), degreesOfFreedom: this.#df },
      counts: [Int32Array.from(none.take()), Int32Array.from(one.take()), Int32Array.from(two.take())],
      ...{
        tests: this.#tests,
        candidates: this.#candidates,
        testsOfGene: this.#testsOfGene,
        status: this.#status,
      },
    };
  }

  #count({ part, grams }: Block): void {
    const tested = part.index.filter((_, row) => grams[row]!.squareA + grams[row]!.squareB > 0);
    part.index.forEach((variant, row) => {
      if (grams[row]!.squareA + grams[row]!.squareB === 0) this.#status[variant] = STATUS_CODE.collinear;
    });
    for (const gene of this.#okGenes) {
      const tests = tested.length - this.#near.count(gene, tested);
      this.#testsOfGene[gene]! += tests;
      this.#tests += tests;
    }
  }

  /** Tests each candidate pair once, whichever of its masks found it: they are told by mask, then gene. */
  #refine({ part, masks, classes, grams, row, column }: Block): void {
    const [a, b] = this.#work;
    for (let i = 0; i < row.length; ) {
      const v = Math.floor(row[i]! / MASKS);
      const genes = new Set<number>();
      for (; i < row.length && Math.floor(row[i]! / MASKS) === v; i++) genes.add(column[i]!);
      decodeMask(masks, MASKS * v, a);
      decodeMask(masks, MASKS * v + 1, b);
      this.#candidates += genes.size;
      for (const gene of Uint32Array.from(genes).sort()) {
        if (!this.#near.has(gene, part.index[v]!)) this.#test(part.index[v]!, gene, classes[v]!, grams[v]!);
      }
    }
  }

  #test(
    variant: number,
    gene: number,
    classes: GenotypeClasses,
    { squareA, shareOfA, squareB }: ClassGram,
  ): void {
    const { residuals, residualNorm, samples } = this.#cohort;
    const n = samples.length;
    const [a, b] = this.#work;
    const dotA = dot(a, 0, residuals, gene * n, n);
    const restB = dot(b, 0, residuals, gene * n, n) - shareOfA * dotA;
    const ofA = squareA > 0 ? (dotA * dotA) / squareA : 0;
    const ofB = squareB > 0 ? (restB * restB) / squareB : 0;
    const unexplained = Math.max(1 - (ofA + ofB), SMALLEST_RESIDUAL);
    const log10P = Math.min(0, (this.#df / 2) * log10(unexplained));
    if (log10P > this.#log10Threshold) return;
    if (this.#variant.length === this.#mostHits) {
      throw new LimitError(
        `more than ${thousands(this.#mostHits)} pairs have p <= ${this.#options.pValue}, the most that --memory holds; lower --p-value or raise --memory`,
      );
    }
    const norm = residualNorm[gene]!;
    // Against the baseline: B's own effect, then what is left of A's.
    const effect = [Number.NaN, Number.NaN, Number.NaN];
    effect[classes.baseline] = 0;
    if (squareB > 0) effect[classes.second] = (norm * restB) / squareB;
    if (squareA > 0)
      effect[classes.first] =
        (norm * dotA) / squareA - shareOfA * (squareB > 0 ? (norm * restB) / squareB : 0);
    this.#variant.push(variant);
    this.#gene.push(gene);
    this.#numbers.rSquared.push(1 - unexplained);
    this.#numbers.log10P.push(log10P);
    this.#numbers.effect1.push(effect[1]! - effect[0]!);
    this.#numbers.effect2.push(effect[2]! - effect[0]!);
    for (const copies of [0, 1, 2] as const) this.#counts[copies].push(classes.counts[copies]);
  }
}

/** How many variants have each status. */
export function variantCounts({ status }: AnovaResult): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const code of status) {
    const name = VARIANT_STATUS[code]!;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
