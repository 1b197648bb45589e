import { decodeDosages } from "../../cohort/dosages.ts";
import { STATUS_CODE } from "../../cohort/variants.ts";
import type { Backend, LoadedColumns } from "../../compute/backend.ts";
import { denseProducts, keptRemainders } from "../dosageRows.ts";
import type { Survey } from "../survey.ts";
import { Design } from "./design.ts";
import { type GramLayout, gramLayout } from "./gramLayout.ts";
import { GramWork } from "./gramWork.ts";
import { type InteractionModel, meanOf } from "./model.ts";

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
  // A carrier of the minor allele, as in ma_samples: its copies are more than a half, counted from the end where it is rare.
  const [origin, sign] = mean <= 1 ? [0, 1] : [2, -1];
  let pass = true;
  for (let c = 0; c < upper.length; c++) {
    const isUpper = upper[c]!;
    let all = 0;
    let carriers = 0;
    let upperSum = 0;
    let upperCarriers = 0;
    let above = 0;
    for (let s = 0; s < n; s++) {
      const d = g[s]!;
      const carrier = sign * (d - origin) > 0.5 ? 1 : 0;
      all += d;
      carriers += carrier;
      upperSum += isUpper[s]! * d;
      upperCarriers += isUpper[s]! * carrier;
      above += isUpper[s]!;
    }
    const a = minor((all - upperSum) / (2 * (n - above)));
    const b = minor(upperSum / (2 * above));
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
