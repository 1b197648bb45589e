import { STATUS_CODE, VARIANT_STATUS } from "../cohort/variants.ts";
import type { GenotypeSource, VariantLabels } from "../formats/genotypes.ts";
import { GrowingFloats, GrowingIntegers } from "./growing.ts";
import type { Test, TestColumns } from "./refine.ts";
import type { Survey } from "./survey.ts";
import type { DroppedVariants, ExtraColumns, PairBatch, VariantTable } from "./tables.ts";

/** The pairs of one part: variants by their row in the part's list of tested variants. */
export interface TestedPairs extends TestColumns {
  readonly row: Uint32Array;
  readonly gene: Uint32Array;
  readonly extra?: ExtraColumns | undefined;
}

/** {@link TestedPairs} as they are found. */
export class PairRows {
  readonly row = new GrowingIntegers();
  readonly gene = new GrowingIntegers();
  readonly slope = new GrowingFloats();
  readonly slopeSe = new GrowingFloats();
  readonly log10P = new GrowingFloats();

  push(row: number, gene: number, test: Test): void {
    this.row.push(row);
    this.gene.push(gene);
    this.slope.push(test.slope);
    this.slopeSe.push(test.slopeSe);
    this.log10P.push(test.log10P);
  }

  /** All of them; ends the columns. */
  take(): TestedPairs {
    const { row, gene, slope, slopeSe, log10P } = this;
    const tests = { slope: slope.take(), slopeSe: slopeSe.take(), log10P: log10P.take() };
    return { row: row.take(), gene: gene.take(), ...tests };
  }
}

/** Tested variants by row: their index in the source and their allele statistics. */
export interface TestedVariants {
  readonly index: Uint32Array;
  readonly af: Float64Array;
  readonly maSamples: Int32Array;
  readonly maCount: Int32Array;
  readonly extra?: ExtraColumns | undefined;
}

/** Where the names of variants come from. */
export type LabelSource = Pick<GenotypeSource, "labels">;

/** Makes a part's batch of `rows`, which it takes over: names the variants that have a pair, and renumbers the pairs to them. */
export async function pairBatch(
  part: number,
  source: LabelSource,
  tested: TestedVariants,
  rows: { take(): TestedPairs },
  dropped: DroppedVariants,
): Promise<PairBatch> {
  const { row: variant, gene, slope, slopeSe, log10P, extra } = rows.take();
  return {
    part,
    variants: await variantTable(source, tested, renumber(variant, tested.index.length)),
    dropped,
    variant,
    gene,
    slope,
    slopeSe,
    log10P,
    ...(extra === undefined ? {} : { extra }),
  };
}

/** The batch of a part without pairs. */
export function emptyBatch(part: number): PairBatch {
  const labels = {
    ...{ id: [], chromosome: [], position: new Int32Array(0), effectAllele: [], otherAllele: [] },
    ...{ af: new Float64Array(0), maSamples: new Int32Array(0), maCount: new Int32Array(0) },
  };
  const numbers = new Float64Array(0);
  return {
    ...{ part, variants: labels, dropped: { ...labels, status: [] } },
    ...{ variant: new Uint32Array(0), gene: new Uint32Array(0) },
    ...{ slope: numbers, slopeSe: numbers, log10P: numbers },
  };
}

/** Numbers the rows that occur in `variant`, in place, by their order; which of the `count` rows these are. */
function renumber(variant: Uint32Array, count: number): Uint32Array {
  const used = new Uint8Array(count);
  for (let i = 0; i < variant.length; i++) used[variant[i]!] = 1;
  const number = new Uint32Array(count);
  const kept = new Uint32Array(count);
  let found = 0;
  for (let row = 0; row < count; row++) {
    if (used[row] === 0) continue;
    number[row] = found;
    kept[found++] = row;
  }
  if (found < count) for (let i = 0; i < variant.length; i++) variant[i] = number[variant[i]!]!;
  return kept.subarray(0, found);
}

/** The table of the tested variants `rows`. */
export async function variantTable(
  source: LabelSource,
  tested: TestedVariants,
  rows: Uint32Array,
): Promise<VariantTable> {
  const count = rows.length;
  const index = gather(tested.index, rows, new Uint32Array(count));
  const af = gather(tested.af, rows, new Float64Array(count));
  const maSamples = gather(tested.maSamples, rows, new Int32Array(count));
  const maCount = gather(tested.maCount, rows, new Int32Array(count));
  const table = { ...(await labelsOf(source, index)), af, maSamples, maCount };
  if (tested.extra === undefined) return table;
  const extra = Object.entries(tested.extra).map(
    ([name, values]) => [name, gather(values, rows, new Float64Array(count))] as const,
  );
  return { ...table, extra: Object.fromEntries(extra) };
}

/** Fills `out` with the values of `rows`. */
function gather<Values extends Uint32Array | Int32Array | Float64Array>(
  values: Values,
  rows: Uint32Array,
  out: Values,
): Values {
  if (rows.length === values.length) out.set(values);
  else for (let i = 0; i < rows.length; i++) out[i] = values[rows[i]!]!;
  return out;
}

/** Labels are read from a multiple of this to the next at most, however many are asked for: what a cache may have in one piece. */
export const LABEL_RUN = 2048;

/** The labels of the variants `index` (ascending indices in the source). */
export async function labelsOf(source: LabelSource, index: Uint32Array): Promise<VariantLabels> {
  const labels = {
    id: new Array<string>(index.length),
    chromosome: new Array<string>(index.length),
    position: new Int32Array(index.length),
    effectAllele: new Array<string>(index.length),
    otherAllele: new Array<string>(index.length),
  };
  let from = 0;
  while (from < index.length) {
    const start = index[from]!;
    const limit = (Math.floor(start / LABEL_RUN) + 1) * LABEL_RUN;
    let to = from + 1;
    while (to < index.length && index[to]! < limit) to++;
    const run = await source.labels(start, index[to - 1]! + 1, index.subarray(from, to));
    pick(run.id, index, start, from, to, labels.id);
    pick(run.chromosome, index, start, from, to, labels.chromosome);
    pick(run.effectAllele, index, start, from, to, labels.effectAllele);
    pick(run.otherAllele, index, start, from, to, labels.otherAllele);
    for (let i = from; i < to; i++) labels.position[i] = run.position[index[i]! - start]!;
    from = to;
  }
  return labels;
}

/** The labels of the variant of each row; variants may come in any order and repeat. */
export async function labelsByRow(source: LabelSource, variant: Uint32Array): Promise<VariantLabels> {
  const distinct = Uint32Array.from(new Set(variant)).sort();
  const labels = await labelsOf(source, distinct);
  const place = new Map(Array.from(distinct, (index, i) => [index, i]));
  const row = Array.from(variant, (index) => place.get(index)!);
  return {
    id: row.map((i) => labels.id[i]!),
    chromosome: row.map((i) => labels.chromosome[i]!),
    position: Int32Array.from(row, (i) => labels.position[i]!),
    effectAllele: row.map((i) => labels.effectAllele[i]!),
    otherAllele: row.map((i) => labels.otherAllele[i]!),
  };
}

/** out[i] = names[index[i] - start] for `from` <= i < `to`. */
function pick(
  names: readonly string[],
  index: Uint32Array,
  start: number,
  from: number,
  to: number,
  out: string[],
): void {
  for (let i = from; i < to; i++) out[i] = names[index[i]! - start]!;
}

/** Variants not tested, of several runs of the source, in source order. */
export class DroppedRows {
  readonly #index: number[] = [];
  readonly #code: number[] = [];
  readonly #af: number[] = [];
  readonly #maSamples: number[] = [];
  readonly #maCount: number[] = [];

  /** Adds the untested variants of `survey` from source index `from` to `to`; `covered` says who met a gene. */
  add(survey: Survey, from: number, to: number, covered: (variant: number) => boolean): void {
    for (let v = Math.max(from, survey.start); v < Math.min(to, survey.end); v++) {
      const at = v - survey.start;
      const code = survey.status[at]!;
      if (code === STATUS_CODE.ok && covered(v)) continue;
      this.#push(
        v,
        code === STATUS_CODE.ok ? STATUS_CODE["no-genes"] : code,
        survey.all.af[at]!,
        survey.all.maSamples[at]!,
        survey.all.maCount[at]!,
      );
    }
  }

  /** How many were added with each status so far. */
  count(into: Map<string, number>): void {
    for (const code of this.#code) {
      const status = VARIANT_STATUS[code]!;
      into.set(status, (into.get(status) ?? 0) + 1);
    }
  }

  async table(source: LabelSource): Promise<DroppedVariants> {
    return {
      ...(await labelsOf(source, Uint32Array.from(this.#index))),
      af: Float64Array.from(this.#af),
      maSamples: Int32Array.from(this.#maSamples),
      maCount: Int32Array.from(this.#maCount),
      status: this.#code.map((code) => VARIANT_STATUS[code]!),
    };
  }

  #push(index: number, code: number, af: number, maSamples: number, maCount: number): void {
    this.#index.push(index);
    this.#code.push(code);
    this.#af.push(af);
    this.#maSamples.push(maSamples);
    this.#maCount.push(maCount);
  }
}
