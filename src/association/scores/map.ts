import type { Cohort } from "../../cohort/cohort.ts";
import { refuseCovariance } from "../../cohort/covariance.ts";
import { analysedExpression } from "../../cohort/expression.ts";
import { standardise } from "../../cohort/residuals.ts";
import type { Backend } from "../../compute/backend.ts";
import { dot } from "../../compute/exact.ts";
import { LimitError } from "../../errors.ts";
import { counted, thousands } from "../../formats/wording.ts";
import { benjaminiHochberg } from "../../statistics/multiple.ts";
import { averageRanks } from "../../statistics/ranks.ts";
import { studentT } from "../../statistics/studentT.ts";
import { seededPermutations } from "../permutation/donors.ts";
import { emptyTest, refine } from "../refine.ts";
import { fdrOf, type LevelFdr, levelFdr } from "../trans/permutationFdr.ts";
import type { Score } from "./scores.ts";

export interface EqtsOptions {
  readonly backend: Backend;
  /** Bytes. */
  readonly memory: number;
  readonly seed: number;
  /** Ranks of expression and score in place of both, as eQTLGen. */
  readonly spearman: boolean;
  readonly permutations: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: { done: number; total: number; phase: "testing" }) => void) | undefined;
}

export interface EqtsResult {
  /** Whether the score was tested, or why not. */
  readonly status: readonly ("ok" | "no-variants" | "constant" | "collinear")[];
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
 * that is Spearman's correlation with the p of t). Throws LimitError where pairs or permuted pairs do not fit in memory.
 */
export async function mapEqts(
  cohort: Cohort,
  scores: readonly Score[],
  options: EqtsOptions,
): Promise<EqtsResult> {
  refuseCovariance(cohort, "a map of scores");
  const n = cohort.samples.length;
  const okGenes = Uint32Array.from(cohort.geneStatus.keys()).filter(
    (gene) => cohort.geneStatus[gene] === "ok",
  );
  const { residuals, norms } = analysed(cohort, okGenes, options.spearman);
  const tested = scores.map(({ used, values }) => testedScore(cohort, used, values, options.spearman));
  const ok = Array.from(tested.keys()).filter((s) => tested[s]!.status === "ok");
  const pairs = ok.length * okGenes.length;
  const most = Math.floor(options.memory / 2 / BYTES_PER_PAIR);
  if (pairs * (1 + options.permutations / 4) > most) {
    throw new LimitError(
      `${counted(pairs, "pair")} of a score and a gene and ${counted(options.permutations, "permutation")} are more than the ${thousands(most)} that --memory holds; raise it, or use fewer scores or permutations`,
    );
  }
  const rows = new Float64Array(ok.length * n);
  ok.forEach((s, row) => {
    rows.set(tested[s]!.values, row * n);
  });
  const tester = { degreesOfFreedom: cohort.degreesOfFreedom, tails: studentT(cohort.degreesOfFreedom) };
  const out = {
    score: new Uint32Array(pairs),
    gene: new Uint32Array(pairs),
    slope: new Float64Array(pairs),
    slopeSe: new Float64Array(pairs),
    log10P: new Float64Array(pairs),
  };
  const test = emptyTest();
  const total = 1 + options.permutations;
  const products = await scoreProducts(options, rows, residuals, n);
  let at = 0;
  ok.forEach((s, row) => {
    const { norm, deviation } = tested[s]!;
    okGenes.forEach((gene, g) => {
      refine(tester, products[g * ok.length + row]!, norm, norms[g]!, test);
      out.score[at] = s;
      out.gene[at] = gene;
      out.slope[at] = test.slope * deviation;
      out.slopeSe[at] = test.slopeSe * deviation;
      out.log10P[at++] = test.log10P;
    });
  });
  options.onProgress?.({ done: 1, total, phase: "testing" });
  const permuted = new Float64Array(pairs * options.permutations);
  const orders = seededPermutations(options.seed, options.permutations, n);
  const given = rawExpression(cohort, okGenes, options.spearman);
  for (let p = 0; p < options.permutations; p++) {
    const order = orders.of(p);
    const values = new Float64Array(given.length);
    for (let g = 0; g < okGenes.length; g++) {
      const e = values.subarray(g * n, (g + 1) * n);
      for (let s = 0; s < n; s++) e[s] = given[g * n + order[s]!]!;
      standardise(e, cohort.expressionBasis);
    }
    const ofNull = await scoreProducts(options, rows, values, n);
    ok.forEach((s, row) => {
      for (let g = 0; g < okGenes.length; g++) {
        refine(tester, ofNull[g * ok.length + row]!, tested[s]!.norm, 1, test);
        permuted[p * pairs + row * okGenes.length + g] = test.log10P;
      }
    });
    options.onProgress?.({ done: p + 2, total, phase: "testing" });
  }
  const level =
    options.permutations === 0 ? undefined : levelFdr(out.log10P.slice(), permuted, options.permutations);
  return {
    ...out,
    status: tested.map(({ status }) => status),
    deviation: Float64Array.from(tested, ({ deviation }) => deviation),
    correlation: correlations(tested.map(({ values }) => values)),
    q: benjaminiHochberg(out.log10P, Math.max(1, pairs)),
    fdr: level && { level, ofPair: fdrOf(level, out.log10P) },
  };
}

/** Products `[gene * scores + score]`. */
async function scoreProducts(
  { backend, signal }: EqtsOptions,
  rows: Float64Array,
  residuals: Float64Array,
  n: number,
): Promise<Float64Array> {
  const count = rows.length / n;
  if (count === 0) return new Float64Array(0);
  const columns = await backend.load({
    count: residuals.length / n,
    samples: n,
    values: residuals,
    standardised: false,
  });
  try {
    const real = { kind: "real" as const, count, samples: n, values: rows };
    const factor = { rows: real, columns, norm: new Float64Array(0), weight: 1 };
    const { values } = await backend.product([factor], { kind: "dense" }, signal);
    return values[0]!;
  } finally {
    await columns.dispose();
  }
}

/** Expression, or its ranks, of some genes. */
function rawExpression(cohort: Cohort, genes: Uint32Array, spearman: boolean): Float64Array {
  const n = cohort.samples.length;
  const values = new Float64Array(genes.length * n);
  genes.forEach((gene, g) => {
    const e = values.subarray(g * n, (g + 1) * n);
    const { tables, geneRow, report, transform } = cohort;
    analysedExpression(tables.expression, geneRow[gene]!, report.expressionIndex, transform, e);
    if (spearman) e.set(averageRanks(e));
  });
  return values;
}

function analysed(
  cohort: Cohort,
  genes: Uint32Array,
  spearman: boolean,
): { residuals: Float64Array; norms: Float64Array } {
  const n = cohort.samples.length;
  const residuals = rawExpression(cohort, genes, spearman);
  const norms = Float64Array.from(genes, (_, g) =>
    standardise(residuals.subarray(g * n, (g + 1) * n), cohort.expressionBasis),
  );
  return { residuals, norms };
}

interface TestedScore {
  readonly status: EqtsResult["status"][number];
  readonly values: Float64Array;
  readonly deviation: number;
  /** Of the score beside the covariates. */
  readonly norm: number;
}

function testedScore(cohort: Cohort, used: number, given: Float64Array, spearman: boolean): TestedScore {
  const values = spearman ? averageRanks(given) : given.slice();
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const centred = values.map((value) => value - mean);
  const deviation = Math.sqrt(dot(centred, 0, centred, 0, n) / (n - 1));
  const constant = values.every((value) => value === values[0]);
  const norm = constant ? 0 : standardise(values.slice(), cohort.genotypeBasis);
  const status = used === 0 ? "no-variants" : constant ? "constant" : norm > 0 ? "ok" : "collinear";
  return { status, values: centred, deviation, norm };
}

function correlations(scores: readonly Float64Array[]): Float64Array {
  const count = scores.length;
  const norm = scores.map((values) => Math.sqrt(dot(values, 0, values, 0, values.length)));
  return Float64Array.from({ length: count * count }, (_, i) => {
    const [a, b] = [Math.floor(i / count), i % count];
    if (!(norm[a]! > 0 && norm[b]! > 0)) return Number.NaN;
    return a === b ? 1 : dot(scores[a]!, 0, scores[b]!, 0, scores[a]!.length) / (norm[a]! * norm[b]!);
  });
}
