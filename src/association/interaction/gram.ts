import { COLLINEAR } from "../../cohort/cohort.ts";
import { decodeDosages } from "../../cohort/dosages.ts";
import { STATUS_CODE } from "../../cohort/variants.ts";
import type { Backend, LoadedColumns } from "../../compute/backend.ts";
import { type StudentT, studentT } from "../../statistics/studentT.ts";
import { denseProducts, keptRemainders } from "../dosageRows.ts";
import type { Survey } from "../survey.ts";
import { Design } from "./design.ts";
import { type InteractionModel, meanOf, solveTriangle } from "./model.ts";

/**
 * Where a variant's numbers lie in its record (`Float64Array` of `length`): all that the tests of the variant with every gene
 * share (METHODS 13). With M = modifiers + 1 and c contexts:
 *  inverse     L^-1 of the Gram matrix L L' of the residual g, g x modifier: lower triangle by rows, M (M + 1) / 2
 *  variance    diagonal of its inverse, M
 *  main        variance of g's effect where every context is 0
 *  context     [c][M]: what the effects of g and g x modifier take off a context's effect
 *  contextVar  [c]: variance of a context's effect
 *  mafLower, mafUpper, carriersLower, carriersUpper, log10PContext  [c] each
 * Variances are in units of the residual variance.
 */
export interface GramLayout {
  readonly terms: number;
  readonly contexts: number;
  readonly variance: number;
  readonly main: number;
  readonly context: number;
  readonly contextVar: number;
  readonly mafLower: number;
  readonly mafUpper: number;
  readonly carriersLower: number;
  readonly carriersUpper: number;
  readonly log10PContext: number;
  readonly length: number;
}

export function gramLayout({ modifiers, contexts: { length: c } }: InteractionModel): GramLayout {
  const terms = modifiers.length + 1;
  const variance = (terms * (terms + 1)) / 2;
  const main = variance + terms;
  const context = main + 1;
  const contextVar = context + c * terms;
  const after = (i: number): number => contextVar + i * c;
  return {
    terms,
    contexts: c,
    variance,
    main,
    context,
    contextVar,
    mafLower: after(1),
    mafUpper: after(2),
    carriersLower: after(3),
    carriersUpper: after(4),
    log10PContext: after(5),
    length: after(6),
  };
}

/** A survey whose variants have a record each; those that cannot be tested have norm 0 and a status. */
export interface InteractionSurvey extends Survey {
  /** `[row * layout.length + field]`. */
  readonly records: Float64Array;
}

/** Below this share of its square a residual square is formed anew from vectors: the difference has lost digits. */
const CANCELLATION = 0.01;
/** tensorQTL's slack: a frequency of 0.05 in f32 passes 0.05. */
const MAF_SLACK = 1e-7;

/** Makes the records of surveys; `dispose` releases what it holds on the backend. */
export class GramMaker {
  readonly layout: GramLayout;
  readonly #model: InteractionModel;
  readonly #backend: Backend;
  readonly #columns: LoadedColumns;
  readonly #maf: number;
  readonly #design: Design;
  /** Sums of the modifiers' products with the vectors of the basis, `[term][vector]` (term 0: 0). */
  readonly #columnSums: Float64Array;

  private constructor(
    model: InteractionModel,
    backend: Backend,
    columns: LoadedColumns,
    sums: Float64Array,
    maf: number,
  ) {
    this.layout = gramLayout(model);
    this.#model = model;
    this.#backend = backend;
    this.#columns = columns;
    this.#columnSums = sums;
    this.#maf = maf;
    this.#design = new Design(model);
  }

  /** `maf`: least minor allele frequency in either half of each context. */
  static async open(model: InteractionModel, backend: Backend, maf: number): Promise<GramMaker> {
    const { genotypeBasis: basis, samples } = model.cohort;
    const n = samples.length;
    const terms = [undefined, ...model.modifiers];
    const values = new Float64Array(terms.length * basis.count * n);
    const sums = new Float64Array(terms.length * basis.count);
    terms.forEach((term, m) => {
      for (let j = 0; j < basis.count; j++) {
        const at = (m * basis.count + j) * n;
        let sum = 0;
        for (let s = 0; s < n; s++) {
          values[at + s] = basis.values[j * n + s]! * (term === undefined ? 1 : term.values[s]!);
          sum += values[at + s]!;
        }
        sums[m * basis.count + j] = term === undefined ? 0 : sum;
      }
    });
    const columns = await backend.load({ count: sums.length, samples: n, values, standardised: false });
    return new GramMaker(model, backend, columns, sums, maf);
  }

  dispose(): Promise<void> {
    return this.#columns.dispose();
  }

  /**
   * The variants of a survey made of the model's cohort that are common enough in both halves, with their records. Changes the
   * survey's statuses.
   */
  async make(survey: Survey, signal: AbortSignal | undefined): Promise<InteractionSurvey> {
    const { layout } = this;
    const common = this.#commonRows(survey);
    const kept = keepRows(survey, common.rows);
    const { rows } = kept;
    const { records } = common;
    const products = await denseProducts(this.#backend, rows, this.#columns, undefined, signal);
    const g = new Float64Array(rows.samples);
    const work = new GramWork(this.#model, layout);
    for (let row = 0; row < rows.count; row++) {
      decodeDosages(rows, row, rows.fill[row]!, g);
      const record = records.subarray(row * layout.length, (row + 1) * layout.length);
      if (this.#record(g, kept.norm[row]!, products, row, rows.count, work, record)) continue;
      kept.norm[row] = 0;
      kept.status[kept.index[row]! - kept.start] = STATUS_CODE["collinear-interaction"];
    }
    return { ...kept, records };
  }

  /** The rows whose minor allele is common enough in both halves, and their records, of which the frequencies are filled in. */
  #commonRows({ rows, norm, status, index, start }: Survey): { rows: Uint32Array; records: Float64Array } {
    const { length } = this.layout;
    const g = new Float64Array(rows.samples);
    const common = new Uint32Array(rows.count);
    const records = new Float64Array(rows.count * length);
    let count = 0;
    for (let row = 0; row < rows.count; row++) {
      if (norm[row] === 0) continue;
      decodeDosages(rows, row, rows.fill[row]!, g);
      const record = records.subarray(count * length, (count + 1) * length);
      if (halves(this.#model, g, this.layout, this.#maf, record)) common[count++] = row;
      else status[index[row]! - start] = STATUS_CODE["filtered-maf-interaction"];
    }
    return { rows: common.subarray(0, count), records: records.subarray(0, count * length) };
  }

  /** Whether the rest of the model leaves something of each product of g with a modifier; then its record. */
  #record(
    g: Float64Array,
    norm: number,
    products: Float64Array,
    row: number,
    rows: number,
    work: GramWork,
    out: Float64Array,
  ): boolean {
    const { count } = this.#model.cohort.genotypeBasis;
    for (let i = 0; i < work.basis.length; i++) work.basis[i] = products[i * rows + row]!;
    const mean = meanOf(g);
    work.squares(g, mean);
    work.gram(norm, mean, this.#columnSums, count);
    if (!work.factorise(CANCELLATION)) {
      this.#design.read(g);
      work.triangle.set(this.#design.triangle);
    }
    if (!work.isRegular()) return false;
    work.write(norm, count, out);
    return true;
  }
}

/** The rows `kept`, ascending, of a survey. */
function keepRows(survey: Survey, kept: Uint32Array): Survey {
  const { rows } = survey;
  const packed = new Uint8Array(kept.length * rows.stride);
  kept.forEach((row, at) => {
    packed.set(rows.packed.subarray(row * rows.stride, (row + 1) * rows.stride), at * rows.stride);
  });
  const doubles = (values: Float64Array): Float64Array => Float64Array.from(kept, (row) => values[row]!);
  const integers = (values: Int32Array): Int32Array => Int32Array.from(kept, (row) => values[row]!);
  const remainder = keptRemainders(rows.remainder, kept);
  return {
    ...survey,
    index: kept.map((row) => survey.index[row]!),
    rows: { ...rows, count: kept.length, packed, fill: doubles(rows.fill), remainder },
    norm: doubles(survey.norm),
    af: doubles(survey.af),
    maSamples: integers(survey.maSamples),
    maCount: integers(survey.maCount),
  };
}

/** Frequencies and carriers in both halves of each context into `out`; false where the minor allele is too rare in one. */
function halves(
  { upper }: InteractionModel,
  g: Float64Array,
  layout: GramLayout,
  maf: number,
  out: Float64Array,
): boolean {
  const n = g.length;
  const mean = meanOf(g);
  const lower = Math.floor(n / 2);
  // A carrier of the minor allele, as in ma_samples: its copies are more than a half, counted from the end where it is rare.
  const [origin, sign] = mean <= 1 ? [0, 1] : [2, -1];
  let pass = true;
  for (let c = 0; c < upper.length; c++) {
    const isUpper = upper[c]!;
    let all = 0;
    let carriers = 0;
    let upperSum = 0;
    let upperCarriers = 0;
    for (let s = 0; s < n; s++) {
      const d = g[s]!;
      const carrier = sign * (d - origin) > 0.5 ? 1 : 0;
      all += d;
      carriers += carrier;
      upperSum += isUpper[s]! * d;
      upperCarriers += isUpper[s]! * carrier;
    }
    const a = minor((all - upperSum) / (2 * lower));
    const b = minor(upperSum / (2 * (n - lower)));
    out[layout.mafLower + c] = a;
    out[layout.mafUpper + c] = b;
    out[layout.carriersLower + c] = carriers - upperCarriers;
    out[layout.carriersUpper + c] = upperCarriers;
    if (!(a >= maf - MAF_SLACK && b >= maf - MAF_SLACK)) pass = false;
  }
  return pass;
}

function minor(af: number): number {
  return Math.min(af, 1 - af);
}

/** Scratch of one variant's Gram matrix. */
class GramWork {
  /** Products with the vectors of the basis: g.Q, then (g x modifier).Q of each modifier. */
  readonly basis: Float64Array;
  /** Lower triangles by rows: the Gram matrix, then its Cholesky factor. */
  readonly triangle: Float64Array;
  readonly #model: InteractionModel;
  readonly #layout: GramLayout;
  /** (g - mean) x (g - mean) x modifier x modifier, the constant's modifier being 1, and sums of (g - mean) x modifier. */
  readonly #squares: Float64Array;
  readonly #sums: Float64Array;
  readonly #inverse: Float64Array;
  /** 1 and the modifiers, `[sample * terms + term]`. */
  readonly #values: Float64Array;
  /** Of the test of g on a context beside the covariates: n - 2 - k degrees of freedom. */
  readonly #tails: StudentT;

  constructor(model: InteractionModel, layout: GramLayout) {
    const triangle = layout.variance;
    this.#model = model;
    this.#layout = layout;
    this.basis = new Float64Array(layout.terms * model.cohort.genotypeBasis.count);
    this.triangle = new Float64Array(triangle);
    this.#squares = new Float64Array(triangle);
    this.#sums = new Float64Array(layout.terms);
    this.#inverse = new Float64Array(triangle);
    const { terms } = layout;
    this.#values = new Float64Array(model.cohort.samples.length * terms).fill(1);
    model.modifiers.forEach(({ values }, k) => {
      for (let s = 0; s < values.length; s++) this.#values[s * terms + k + 1] = values[s]!;
    });
    this.#tails = studentT(model.cohort.degreesOfFreedom + model.contexts.length);
  }

  squares(g: Float64Array, mean: number): void {
    const { terms } = this.#layout;
    const n = g.length;
    if (terms === 2) {
      this.#squaresOfOne(g, mean);
      return;
    }
    this.#squares.fill(0);
    this.#sums.fill(0);
    const values = this.#values;
    for (let s = 0; s < n; s++) {
      const d = g[s]! - mean;
      let at = 0;
      for (let m = 0; m < terms; m++) {
        const a = d * values[s * terms + m]!;
        this.#sums[m]! += a;
        for (let k = 0; k <= m; k++) this.#squares[at++]! += a * d * values[s * terms + k]!;
      }
    }
  }

  /** The same with one modifier, which is most of what a screened map does here. */
  #squaresOfOne(g: Float64Array, mean: number): void {
    const { values } = this.#model.modifiers[0]!;
    let [sum, one, mixed, square] = [0, 0, 0, 0];
    for (let s = 0; s < g.length; s++) {
      const d = g[s]! - mean;
      const a = d * values[s]!;
      sum += a;
      one += d * d;
      mixed += a * d;
      square += a * a;
    }
    this.#sums[1] = sum;
    this.#squares[0] = one;
    this.#squares[1] = mixed;
    this.#squares[2] = square;
  }

  /** The Gram matrix of the residual columns: squares less what the constant and the basis explain. */
  gram(norm: number, mean: number, columnSums: Float64Array, vectors: number): void {
    const { basis, triangle } = this;
    const n = this.#model.cohort.samples.length;
    let at = 0;
    for (let m = 0; m < this.#layout.terms; m++) {
      for (let k = 0; k <= m; k++) {
        // The first sum is that of deviations from the mean.
        const sums = k === 0 ? 0 : this.#sums[m]! * this.#sums[k]!;
        let left = this.#squares[at]! - sums / n;
        for (let j = 0; j < vectors; j++) {
          const a = basis[m * vectors + j]! - mean * columnSums[m * vectors + j]!;
          const b = basis[k * vectors + j]! - mean * columnSums[k * vectors + j]!;
          left -= a * b;
        }
        triangle[at++] = left;
      }
    }
    triangle[0] = norm * norm;
  }

  /** Cholesky in place; false where a pivot is below the share `least` of its column's square. */
  factorise(least: number): boolean {
    const { triangle } = this;
    for (let m = 0; m < this.#layout.terms; m++) {
      const row = (m * (m + 1)) / 2;
      for (let k = 0; k <= m; k++) {
        const other = (k * (k + 1)) / 2;
        let value = triangle[row + k]!;
        for (let j = 0; j < k; j++) value -= triangle[row + j]! * triangle[other + j]!;
        if (k < m) triangle[row + k] = value / triangle[other + k]!;
        else if (!(value >= least * this.#squares[row + m]!)) return false;
        else triangle[row + m] = Math.sqrt(value);
      }
    }
    return true;
  }

  /** Whether every product with g has something of its own. */
  isRegular(): boolean {
    for (let m = 1; m < this.#layout.terms; m++) {
      const at = (m * (m + 1)) / 2 + m;
      const pivot = this.triangle[at]!;
      if (!(pivot * pivot >= COLLINEAR * this.#squares[at]! && pivot > 0)) return false;
    }
    return this.triangle[0]! > 0;
  }

  write(norm: number, vectors: number, out: Float64Array): void {
    const layout = this.#layout;
    invertTriangle(this.triangle, layout.terms, this.#inverse);
    out.set(this.#inverse);
    const { modifiers, contexts } = this.#model;
    const plain = modifiers.length - contexts.length;
    const combination = new Float64Array(layout.terms);
    for (let m = 0; m < layout.terms; m++) {
      combination.fill(0);
      combination[m] = 1;
      out[layout.variance + m] = this.#variance(combination);
    }
    combination.fill(0);
    combination[0] = 1;
    for (let k = plain; k < modifiers.length; k++) {
      combination[k + 1] = -modifiers[k]!.mean / modifiers[k]!.deviation;
    }
    out[layout.main] = this.#variance(combination);
    this.#writeContexts(norm, vectors, out);
  }

  #writeContexts(norm: number, vectors: number, out: Float64Array): void {
    const { contexts, terms, context, contextVar, log10PContext } = this.#layout;
    const { triangle } = this.#model;
    const first = vectors - contexts;
    const column = new Float64Array(contexts);
    for (let m = 0; m < terms; m++) {
      for (let c = 0; c < contexts; c++) column[c] = this.basis[m * vectors + first + c]!;
      solveTriangle(triangle, contexts, column);
      for (let c = 0; c < contexts; c++) out[context + c * terms + m] = column[c]!;
    }
    let square = norm * norm;
    for (let c = 0; c < contexts; c++) square += this.basis[first + c]! * this.basis[first + c]!;
    for (let c = 0; c < contexts; c++) {
      column.fill(0);
      // Row c of R^-1, from R^-1 e_j.
      let own = 0;
      for (let j = c; j < contexts; j++) {
        column.fill(0);
        column[j] = 1;
        solveTriangle(triangle, contexts, column);
        own += column[c]! * column[c]!;
      }
      out[contextVar + c] =
        own + this.#variance(out.subarray(context + c * terms, context + (c + 1) * terms));
      let length = 0;
      let product = 0;
      for (let j = 0; j <= c; j++) {
        const r = triangle[c * contexts + j]!;
        length += r * r;
        product += r * this.basis[first + j]!;
      }
      const r2 = (product * product) / (length * square);
      const { df } = this.#tails;
      out[log10PContext + c] = this.#tails.log10P(Math.sqrt((r2 * df) / Math.max(1 - r2, Number.EPSILON)));
    }
  }

  /** x' (L L')^-1 x. */
  #variance(x: Float64Array): number {
    let variance = 0;
    for (let m = 0; m < this.#layout.terms; m++) {
      let value = 0;
      for (let j = 0; j <= m; j++) value += this.#inverse[(m * (m + 1)) / 2 + j]! * x[j]!;
      variance += value * value;
    }
    return variance;
  }
}

/** `out` = L^-1, lower triangles by rows. */
function invertTriangle(l: Float64Array, size: number, out: Float64Array): void {
  for (let m = 0; m < size; m++) {
    const row = (m * (m + 1)) / 2;
    for (let j = 0; j <= m; j++) {
      let value = j === m ? 1 : 0;
      for (let k = j; k < m; k++) value -= l[row + k]! * out[(k * (k + 1)) / 2 + j]!;
      out[row + j] = value / l[row + m]!;
    }
  }
}
