import { decodeDosages } from "../../cohort/dosages.ts";
import { STATUS_CODE } from "../../cohort/variants.ts";
import type { Backend } from "../../compute/backend.ts";
import { copyPairs, denseProducts, keptRemainders } from "../dosageRows.ts";
import type { Survey } from "../survey.ts";
import { Design } from "./design.ts";
import { type GramColumns, loadGramColumns } from "./gramColumns.ts";
import { type GramLayout, gramLayout } from "./gramLayout.ts";
import { GramWork } from "./gramWork.ts";
import { Halves } from "./halves.ts";
import type { InteractionModel } from "./model.ts";
import type { Residualiser } from "./residualiser.ts";
import { WhitenedGram } from "./whitenedGram.ts";

/** A survey whose variants have a record each; those that cannot be tested have norm 0 and a status. */
export interface InteractionSurvey extends Survey {
  /** `[row * layout.length + field]`. */
  readonly records: Float64Array;
}

/** Below this share of what it is the difference of, a residual square is formed anew from vectors: it has lost digits. */
const CANCELLATION = 0.01;

/** Makes the records of surveys; `dispose` releases what it holds on the backend. */
export class GramMaker {
  readonly layout: GramLayout;
  readonly #backend: Backend;
  readonly #columns: GramColumns;
  readonly #halves: Halves;
  readonly #design: Design;
  readonly #work: GramWork;
  readonly #whitened: WhitenedGram | undefined;

  private constructor(
    model: InteractionModel,
    backend: Backend,
    columns: GramColumns,
    whitened: WhitenedGram | undefined,
    maf: number,
    residualiser: Residualiser | undefined,
  ) {
    this.layout = gramLayout(model);
    this.#whitened = whitened;
    this.#backend = backend;
    this.#columns = columns;
    this.#halves = new Halves(model, this.layout, maf);
    this.#design = new Design(model, residualiser);
    this.#work = new GramWork(model, this.layout, columns);
  }

  /** `maf`: least minor allele frequency in either half of each context. */
  static async open(
    model: InteractionModel,
    backend: Backend,
    maf: number,
    residualiser?: Residualiser,
  ): Promise<GramMaker> {
    const columns = await loadGramColumns(model, backend);
    const whitened = await WhitenedGram.load(model, gramLayout(model), backend);
    return new GramMaker(model, backend, columns, whitened, maf, residualiser);
  }

  async dispose(): Promise<void> {
    await this.#columns.ofCopies.dispose();
    await this.#columns.ofPairs.dispose();
    await this.#whitened?.dispose();
  }

  /**
   * The variants of a survey that are common enough in both halves, with their records. Changes the survey's statuses. Its norms must be
   * those of independent samples beside the covariates of the model's cohort.
   */
  async make(survey: Survey, signal: AbortSignal | undefined): Promise<InteractionSurvey> {
    const common = this.#commonRows(survey);
    const kept = keepRows(survey, common.rows, common.records);
    const { rows, records } = kept;
    const { ofCopies, ofPairs } = this.#columns;
    const copies = await denseProducts(this.#backend, rows, ofCopies, undefined, signal);
    const pairs = await denseProducts(this.#backend, copyPairs(rows), ofPairs, undefined, signal);
    const work = this.#work;
    const whitened = this.#whitened;
    const triangles = new Float64Array(whitened === undefined ? 0 : rows.count * this.layout.variance);
    for (let row = 0; row < rows.count; row++) {
      work.read(copies, pairs, row, rows.count);
      if (this.#record(kept, row, records)) {
        if (whitened !== undefined) triangles.set(work.triangle, row * this.layout.variance);
        continue;
      }
      kept.norm[row] = 0;
      kept.status[kept.index[row]! - kept.start] = STATUS_CODE["collinear-interaction"];
    }
    this.#backend.giveBack?.(copies);
    this.#backend.giveBack?.(pairs);
    await whitened?.write({ rows, norm: kept.norm, triangles, records }, signal);
    return withoutCollinear(kept, this.layout.length);
  }

  /** The rows whose minor allele is common enough in both halves, and their records, of which the frequencies are filled in. */
  #commonRows({ rows, norm, status, index, start }: Survey): { rows: Uint32Array; records: Float64Array } {
    const { length } = this.layout;
    const common = new Uint32Array(rows.count);
    const records = new Float64Array(rows.count * length);
    let count = 0;
    for (let row = 0; row < rows.count; row++) {
      if (norm[row] === 0) continue;
      const record = records.subarray(count * length, (count + 1) * length);
      if (this.#halves.write(rows, row, index[row]!, record)) common[count++] = row;
      else status[index[row]! - start] = STATUS_CODE["filtered-maf-interaction"];
    }
    return { rows: common.subarray(0, count), records: records.subarray(0, count * length) };
  }

  /** Whether the rest of the model leaves something of each product of g with a modifier; then its record. */
  #record({ rows, norm: norms }: Survey, row: number, records: Float64Array): boolean {
    const { length } = this.layout;
    const work = this.#work;
    const norm = norms[row]!;
    work.gram(norm);
    if (!work.factorise(CANCELLATION)) {
      const g = new Float64Array(rows.samples);
      decodeDosages(rows, row, rows.fill[row]!, g);
      this.#design.read(g);
      work.triangle.set(this.#design.triangle);
    }
    if (!work.isRegular()) return false;
    const record = records.subarray(row * length, (row + 1) * length);
    if (this.#whitened === undefined) work.write(norm, record);
    else work.writeContexts(norm, record);
    return true;
  }
}

/** The survey without its collinear rows (norm 0): cis tests every row that a survey has. `length`: numbers in a record. */
function withoutCollinear(survey: InteractionSurvey, length: number): InteractionSurvey {
  const { norm, records } = survey;
  const regular = Uint32Array.from(norm.keys()).filter((row) => norm[row]! > 0);
  if (regular.length === norm.length) return survey;
  const left = new Float64Array(regular.length * length);
  regular.forEach(
    (row, at) => void left.set(records.subarray(row * length, (row + 1) * length), at * length),
  );
  return keepRows(survey, regular, left);
}

/** The rows `kept`, ascending, of a survey, with their `records`. A literal, as of {@link DosageRows}. */
function keepRows(survey: Survey, kept: Uint32Array, records: Float64Array): InteractionSurvey {
  const { start, end, rows, norms, status, all } = survey;
  const { samples, stride } = rows;
  const count = kept.length;
  const packed = new Uint8Array(count * stride);
  for (let at = 0; at < count; at++) {
    const from = kept[at]! * stride;
    packed.set(rows.packed.subarray(from, from + stride), at * stride);
  }
  const fill = taken(rows.fill, kept, new Float64Array(count));
  const remainder = keptRemainders(rows.remainder, kept);
  return {
    start,
    end,
    index: taken(survey.index, kept, new Uint32Array(count)),
    rows: { kind: "calls", count, samples, stride, packed, fill, remainder },
    norms,
    norm: taken(survey.norm, kept, new Float64Array(count)),
    square: taken(survey.square, kept, new Float64Array(count)),
    af: taken(survey.af, kept, new Float64Array(count)),
    maSamples: taken(survey.maSamples, kept, new Int32Array(count)),
    maCount: taken(survey.maCount, kept, new Int32Array(count)),
    status,
    all,
    records,
  };
}

/** Fills `out` with the values of the rows `kept`. */
function taken<Values extends Uint32Array | Int32Array | Float64Array>(
  values: Values,
  kept: Uint32Array,
  out: Values,
): Values {
  for (let at = 0; at < kept.length; at++) out[at] = values[kept[at]!]!;
  return out;
}
