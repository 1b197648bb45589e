import type { Cohort } from "../../cohort/cohort.ts";
import { refuseCovariance } from "../../cohort/covariance.ts";
import { decodeDosages } from "../../cohort/dosages.ts";
import { analysedExpression, isConstant } from "../../cohort/expression.ts";
import { COLLINEAR, standardise } from "../../cohort/residuals.ts";
import { chromosomeKinds } from "../../cohort/sexChromosomes.ts";
import { SexedFilter, sexesAnalysed } from "../../cohort/sexedFilter.ts";
import { InputError, UsageError } from "../../errors.ts";
import { FEMALE, MALE } from "../../formats/sex.ts";
import { counted } from "../../formats/wording.ts";
import { dot, type OrthonormalBasis, orthonormalBasis, residualise } from "../../statistics/linalg.ts";
import { type StudentT, studentT } from "../../statistics/studentT.ts";
import type { TestedPairs } from "../batch.ts";
import type { DosageRows } from "../dosageRows.ts";
import { emptyTest, refine, type Test } from "../refine.ts";
import type { ExtraColumns } from "../tables.ts";

/** Whose variants are also tested in each sex: those of X outside the PARs, or all. */
export type Stratified = "chrx" | "all";

/** The samples of one sex, in the model of the map: the same covariates, fitted in them alone. */
interface Stratum {
  readonly name: "female" | "male";
  /** Among the samples analysed. */
  readonly samples: Uint32Array;
  readonly expressionBasis: OrthonormalBasis;
  readonly genotypeBasis: OrthonormalBasis;
  readonly degreesOfFreedom: number;
  readonly tails: StudentT;
}

/** A variant in one sex. */
interface StratumGenotype {
  readonly g: Float64Array;
  /** 0 where it is constant, or the covariates explain it. */
  readonly norm: number;
  /** Frequency of the effect allele; NaN without a call. */
  readonly af: number;
}

/**
 * Names of the numbers of a pair: `sexed` is 1 where the others were computed. A slope that has no test in a sex (no variation of the
 * genotype or the expression in it) is NaN, and so is then the difference.
 */
const STRATUM_NUMBERS = ["slope", "slope_se", "log10_p"] as const;
export const SEXED = "sexed";
export const stratumColumn = (number: string, of: "female" | "male" | "difference"): string =>
  `${number}_${of}`;

/**
 * The tests of pairs in females and in males: y ~ 1 + covariates + g in each, and the difference of the two slopes (female less
 * male) with the sum of their variances, t with Welch's and Satterthwaite's degrees of freedom. Nothing is assumed of the variances of
 * expression in the sexes being equal. In f64, in the order of the samples.
 */
export class SexStrata {
  readonly #cohort: Cohort;
  readonly #strata: readonly Stratum[];
  readonly #isTested: (variant: number) => boolean;
  /** Whether a male's one allele counts as one copy. */
  readonly #isOneCopy: (variant: number) => boolean;

  /** Throws UsageError where nobody's sex is known or samples are not independent, InputError for too few samples of a sex. */
  constructor(cohort: Cohort, which: Stratified) {
    refuseCovariance(cohort, "a test in each sex");
    const plan = cohort.tables.sexChromosomes;
    const sex = sexesAnalysed(cohort);
    if (plan?.sex === undefined || sex === undefined) {
      throw new UsageError("tests in each sex need the samples' sex: give --sex FILE, or a .fam that has it");
    }
    this.#cohort = cohort;
    this.#strata = [stratumOf(cohort, sex, "female"), stratumOf(cohort, sex, "male")];
    const kindOf = chromosomeKinds(cohort.tables.genotypes, plan.build);
    const filter = SexedFilter.of(cohort);
    this.#isOneCopy = (variant) => filter?.copiesOfAllele === 1 && filter.isSexed(variant);
    this.#isTested = which === "all" ? () => true : (variant) => kindOf(variant) === "x";
  }

  /** The numbers of `pairs`, whose rows are of `rows` and are the variants `index`; undefined where none is to be tested. */
  columns(
    rows: DosageRows,
    index: Uint32Array,
    pairs: TestedPairs,
  ): { readonly pairs: ExtraColumns; readonly variants: ExtraColumns } | undefined {
    const wanted = Uint8Array.from(index, (variant) => (this.#isTested(variant) ? 1 : 0));
    if (!wanted.includes(1)) return undefined;
    const count = pairs.row.length;
    const column = (length: number) => new Float64Array(length).fill(Number.NaN);
    const af = { af_female: column(index.length), af_male: column(index.length) };
    const numbers: Record<string, Float64Array> = { [SEXED]: new Float64Array(count) };
    for (const of of ["female", "male", "difference"] as const) {
      for (const number of STRATUM_NUMBERS) numbers[stratumColumn(number, of)] = column(count);
    }
    const genes = new Map<number, readonly StratumExpression[]>();
    // By variant, so that each is residualised once a sex; gene by gene would hold all of a part's genotypes.
    const order = Uint32Array.from(pairs.row.keys()).sort((a, b) => pairs.row[a]! - pairs.row[b]! || a - b);
    const tests = [emptyTest(), emptyTest()] as const;
    let row = -1;
    let genotypes: readonly StratumGenotype[] = [];
    for (const pair of order) {
      const own = pairs.row[pair]!;
      if (wanted[own] === 0) continue;
      if (own !== row) {
        row = own;
        genotypes = this.#genotypes(rows, row, index[row]!);
        af.af_female[row] = genotypes[0]!.af;
        af.af_male[row] = genotypes[1]!.af;
      }
      const gene = pairs.gene[pair]!;
      const expression = genes.get(gene) ?? this.#expression(gene);
      genes.set(gene, expression);
      numbers[SEXED]![pair] = 1;
      this.#strata.forEach((stratum, i) => {
        testIn(stratum, genotypes[i]!, expression[i]!, tests[i]!);
        put(numbers, stratum.name, pair, tests[i]!);
      });
      put(numbers, "difference", pair, difference(this.#strata, tests));
    }
    return { pairs: numbers, variants: af };
  }

  #genotypes(rows: DosageRows, row: number, variant: number): StratumGenotype[] {
    const alleles = { female: 2, male: this.#isOneCopy(variant) ? 1 : 2 };
    const all = new Float64Array(rows.samples);
    decodeDosages(rows, row, Number.NaN, all);
    return this.#strata.map(({ name, samples, genotypeBasis }) => {
      const g = Float64Array.from(samples, (s) => all[s]!);
      let sum = 0;
      let called = 0;
      for (const value of g) {
        if (Number.isNaN(value)) continue;
        sum += value;
        called++;
      }
      const mean = sum / called;
      let total = 0;
      for (let s = 0; s < g.length; s++) {
        g[s] = Number.isNaN(g[s]!) ? 0 : g[s]! - mean;
        total += g[s]! * g[s]!;
      }
      residualise(g, 0, g.length, genotypeBasis);
      const left = dot(g, 0, g, 0, g.length);
      const norm = called > 0 && total > 0 && left >= COLLINEAR * total ? Math.sqrt(left) : 0;
      return { g, norm, af: mean / alleles[name] };
    });
  }

  #expression(gene: number): StratumExpression[] {
    const { tables, geneRow, report, transform, samples } = this.#cohort;
    const all = new Float64Array(samples.length);
    analysedExpression(tables.expression, geneRow[gene]!, report.expressionIndex, transform, all);
    return this.#strata.map(({ samples: own, expressionBasis }) => {
      const e = Float64Array.from(own, (s) => all[s]!);
      return isConstant(e) ? { e, norm: 0 } : { norm: standardise(e, expressionBasis), e };
    });
  }
}

/** Residual expression of a gene in one sex, of norm 1, and its norm before (0: none is left). */
interface StratumExpression {
  readonly e: Float64Array;
  readonly norm: number;
}

function stratumOf(cohort: Cohort, sex: Uint8Array, name: "female" | "male"): Stratum {
  const code = name === "female" ? FEMALE : MALE;
  const samples = Uint32Array.from(sex.keys()).filter((s) => sex[s] === code);
  const n = samples.length;
  const basis = basisAmong(cohort.expressionBasis, samples);
  const k = basis.count;
  const degreesOfFreedom = cohort.model === "ols" ? n - 2 - k : n - 2;
  if (n <= k + 2) {
    throw new InputError(
      "--sex-stratified",
      `${counted(n, name)} are too few for ${counted(k, "covariate")}: at least ${k + 3} are needed`,
      "use fewer covariates, or leave it out",
    );
  }
  const none = { ...basis, count: 0, values: new Float64Array(0) };
  return {
    ...{ name, samples, degreesOfFreedom, tails: studentT(degreesOfFreedom) },
    ...{ expressionBasis: basis, genotypeBasis: cohort.model === "ols" ? basis : none },
  };
}

/** The covariates, which `basis` spans, in some of the samples. */
function basisAmong(basis: OrthonormalBasis, samples: Uint32Array): OrthonormalBasis {
  const n = samples.length;
  const values = new Float64Array(basis.count * n);
  for (let c = 0; c < basis.count; c++) {
    samples.forEach((s, i) => {
      values[c * n + i] = basis.values[c * basis.n + s]!;
    });
  }
  return orthonormalBasis(values, basis.used, n);
}

function testIn(
  stratum: Stratum,
  { g, norm }: StratumGenotype,
  expression: StratumExpression,
  out: Test,
): void {
  if (norm === 0 || expression.norm === 0) {
    out.slope = Number.NaN;
    out.slopeSe = Number.NaN;
    out.log10P = Number.NaN;
    return;
  }
  refine(stratum, dot(g, 0, expression.e, 0, g.length), norm, expression.norm, out);
}

/** Welch's test of the slopes: (b_f - b_m) / sqrt(se_f^2 + se_m^2), with Satterthwaite's degrees of freedom. */
function difference(strata: readonly Stratum[], [female, male]: readonly [Test, Test]): Test {
  const [a, b] = [female.slopeSe * female.slopeSe, male.slopeSe * male.slopeSe];
  const variance = a + b;
  const slope = female.slope - male.slope;
  const slopeSe = Math.sqrt(variance);
  const [nuF, nuM] = [strata[0]!.degreesOfFreedom, strata[1]!.degreesOfFreedom];
  // As shares of the variance, so that no square underflows.
  const [shareF, shareM] = [a / variance, b / variance];
  const df = 1 / ((shareF * shareF) / nuF + (shareM * shareM) / nuM);
  const log10P = df > 0 && slopeSe > 0 ? studentT(df).log10P(slope / slopeSe) : Number.NaN;
  return { r: Number.NaN, slope, slopeSe, log10P };
}

function put(
  numbers: Readonly<Record<string, Float64Array>>,
  of: "female" | "male" | "difference",
  pair: number,
  { slope, slopeSe, log10P }: Test,
): void {
  numbers[stratumColumn("slope", of)]![pair] = slope;
  numbers[stratumColumn("slope_se", of)]![pair] = slopeSe;
  numbers[stratumColumn("log10_p", of)]![pair] = log10P;
}
