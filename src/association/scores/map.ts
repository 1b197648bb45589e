import type { Cohort } from "../../cohort/cohort.ts";
import { refuseCovariance } from "../../cohort/covariance.ts";
import type { Backend } from "../../compute/backend.ts";
import { canonicalDot } from "../../compute/exact.ts";
import { LimitError, throwIfAborted } from "../../errors.ts";
import { counted, thousands } from "../../formats/wording.ts";
import { benjaminiHochberg } from "../../statistics/multiple.ts";
import { studentT } from "../../statistics/studentT.ts";
import { seededPermutations } from "../permutation/donors.ts";
import { concatenated } from "../permutation/groups.ts";
import { emptyTest, refine, type Test, type Tester } from "../refine.ts";
import { fdrOf, type LevelFdr, levelFdr } from "../trans/permutationFdr.ts";
import type { Score } from "./scores.ts";
import { ScoredExpression, type TestedExpression, type TestedScore, testedScore } from "./tested.ts";

export interface EqtsOptions {
  readonly backend: Backend;
  /** Bytes. */
  readonly memory: number;
  readonly seed: number;
  /** Ranks of expression and score in place of both, as eQTLGen. */
  readonly spearman: boolean;
  readonly permutations: number;
  /** What permuted maps pass through, to be kept: all of `permutations` in order, of which `work` does some. Default: it does all. */
  readonly keeping?: ((work: PermutedMaps, permutations: number) => AsyncIterable<Float64Array>) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: { done: number; total: number; phase: "testing" }) => void) | undefined;
}

/** log10 p of all pairs in some permutations, in order. */
export type PermutedMaps = (permutations: readonly number[]) => AsyncIterable<Float64Array>;

export interface EqtsResult {
  /** Whether the score was tested, or why not. */
  readonly status: readonly TestedScore["status"][];
  /** Standard deviation (n - 1) of each score, as tested. */
  readonly deviation: Float64Array;
  /** Correlation of the scores, `[a * scores + b]`; NaN where one is constant. */
  readonly correlation: Float64Array;
  /** A row a pair of an `ok` score and an `ok` gene, score by score. */
  readonly score: Uint32Array;
  readonly gene: Uint32Array;
  /** Change of expression per standard deviation of the score. */
  readonly slope: Float64Array;
  readonly slopeSe: Float64Array;
  readonly log10P: Float64Array;
  /** Benjamini-Hochberg over all pairs. */
  readonly q: Float64Array;
  readonly fdr: { readonly level: LevelFdr; readonly ofPair: Float64Array } | undefined;
}

const BYTES_PER_PAIR = 80;

/**
 * Every score against every gene: y ~ 1 + covariates + score, n - 2 - k degrees of freedom (of ranks with `spearman`: without covariates
 * that is Spearman's correlation with the p of t); of samples that are not independent by generalised least squares. Throws LimitError where pairs or
 * permuted pairs do not fit in memory, UsageError for ranks of samples that are not independent.
 */
export async function mapEqts(
  cohort: Cohort,
  scores: readonly Score[],
  options: EqtsOptions,
): Promise<EqtsResult> {
  const {
    permutations,
    spearman,
    keeping = (work, count) => work(Array.from({ length: count }, (_, p) => p)),
  } = options;
  if (spearman) refuseCovariance(cohort, "a map of ranks");
  const okGenes = Uint32Array.from(cohort.geneStatus.keys()).filter(
    (gene) => cohort.geneStatus[gene] === "ok",
  );
  const tested = scores.map(({ used, values }) => testedScore(cohort, used, values, spearman));
  const ok = Array.from(tested.keys()).filter((s) => tested[s]!.status === "ok");
  const pairs = ok.length * okGenes.length;
  const most = Math.floor(options.memory / 2 / BYTES_PER_PAIR);
  if (pairs * (1 + permutations / 4) > most) {
    throw new LimitError(
      `${counted(pairs, "pair")} of a score and a gene and ${counted(permutations, "permutation")} are more than the ${thousands(most)} that --memory holds; raise it, or use fewer scores or permutations`,
    );
  }
  const map = new ScoreMap(
    cohort,
    okGenes,
    ok.map((s) => tested[s]!),
    options,
  );
  const tests = await map.observed();
  options.onProgress?.({ done: 1, total: 1 + permutations, phase: "testing" });
  const permuted = new Float64Array(pairs * permutations);
  let p = 0;
  for await (const log10P of keeping((own) => map.permuted(own), permutations)) {
    permuted.set(log10P, p++ * pairs);
  }
  const level = permutations === 0 ? undefined : levelFdr(tests.log10P.slice(), permuted, permutations);
  return {
    ...tests,
    score: Uint32Array.from({ length: pairs }, (_, i) => ok[Math.floor(i / okGenes.length)]!),
    gene: Uint32Array.from({ length: pairs }, (_, i) => okGenes[i % okGenes.length]!),
    status: tested.map(({ status }) => status),
    deviation: Float64Array.from(tested, ({ deviation }) => deviation),
    correlation: correlations(tested.map(({ values }) => values)),
    q: benjaminiHochberg(tests.log10P, Math.max(1, pairs)),
    fdr: level && { level, ofPair: fdrOf(level, tests.log10P) },
  };
}

/** Tests of all scores against all genes, score by score. */
class ScoreMap {
  readonly #expression: ScoredExpression;
  readonly #scores: readonly TestedScore[];
  readonly #genes: number;
  readonly #rows: Float64Array;
  readonly #n: number;
  readonly #tester: Tester;
  readonly #options: EqtsOptions;

  constructor(cohort: Cohort, genes: Uint32Array, scores: readonly TestedScore[], options: EqtsOptions) {
    const { degreesOfFreedom, samples } = cohort;
    this.#n = samples.length;
    this.#expression = new ScoredExpression(cohort, genes, options.spearman);
    this.#scores = scores;
    this.#genes = genes.length;
    this.#rows = concatenated(scores.map(({ values }) => values));
    this.#tester = { degreesOfFreedom, tails: studentT(degreesOfFreedom) };
    this.#options = options;
  }

  async observed() {
    const pairs = this.#scores.length * this.#genes;
    const [slope, slopeSe, log10P] = [0, 1, 2].map(() => new Float64Array(pairs));
    await this.#eachTest(this.#expression.asItIs(), (at, { deviation }, test) => {
      slope![at] = test.slope * deviation;
      slopeSe![at] = test.slopeSe * deviation;
      log10P![at] = test.log10P;
    });
    return { slope: slope!, slopeSe: slopeSe!, log10P: log10P! };
  }

  async *permuted(permutations: readonly number[]): AsyncGenerator<Float64Array, void> {
    const { seed, permutations: total, onProgress, signal } = this.#options;
    const orders = seededPermutations(seed, total, this.#n);
    for (const [i, p] of permutations.entries()) {
      throwIfAborted(signal);
      const log10P = new Float64Array(this.#scores.length * this.#genes);
      await this.#eachTest(this.#expression.permuted(orders, p), (at, _, test) => {
        log10P[at] = test.log10P;
      });
      yield log10P;
      onProgress?.({ done: i + 2, total: 1 + permutations.length, phase: "testing" });
    }
  }

  async #eachTest(
    expression: TestedExpression,
    use: (at: number, score: TestedScore, test: Test) => void,
  ): Promise<void> {
    const products = await this.#products(expression.values);
    const test = emptyTest();
    this.#scores.forEach((score, row) => {
      for (let g = 0; g < this.#genes; g++) {
        const stretch = expression.stretch[g]!;
        const product = products[g * this.#scores.length + row]!;
        // A column of nothing has the product 0, whatever divides it.
        const norm = score.norms[this.#expression.group(g)]! * (stretch === 0 ? 1 : stretch);
        refine(this.#tester, product, norm, expression.norms[g]!, test);
        use(row * this.#genes + g, score, test);
      }
    });
  }

  /** Products `[gene * scores + score]`. */
  async #products(values: Float64Array): Promise<Float64Array> {
    const count = this.#scores.length;
    if (count === 0) return new Float64Array(0);
    const { backend, signal } = this.#options;
    const samples = this.#n;
    const columns = await backend.load({ count: this.#genes, samples, values, standardised: false });
    try {
      const rows = { kind: "real" as const, count, samples, values: this.#rows };
      const factor = { rows, columns, norm: new Float64Array(0), weight: 1 };
      const { values: products } = await backend.product([factor], { kind: "dense" }, signal);
      return products[0]!;
    } finally {
      await columns.dispose();
    }
  }
}

function correlations(scores: readonly Float64Array[]): Float64Array {
  const count = scores.length;
  const norm = scores.map((values) => Math.sqrt(canonicalDot(values, 0, values, 0, values.length)));
  return Float64Array.from({ length: count * count }, (_, i) => {
    const [a, b] = [Math.floor(i / count), i % count];
    if (!(norm[a]! > 0 && norm[b]! > 0)) return Number.NaN;
    return a === b
      ? 1
      : canonicalDot(scores[a]!, 0, scores[b]!, 0, scores[a]!.length) / (norm[a]! * norm[b]!);
  });
}
