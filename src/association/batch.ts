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
  const used = new Uint8Array(tested.index.length);
  for (let i = 0; i < variant.length; i++) used[variant[i]!] = 1;
  const number = new Uint32Array(used.length);
  const kept = new Uint32Array(used.length);
  let count = 0;
  for (let row = 0; row < used.length; row++) {
    if (used[row] === 0) continue;
    number[row] = count;
    kept[count++] = row;
  }
  for (let i = 0; i < variant.length; i++) variant[i] = number[variant[i]!]!;
  return {
    part,
    variants: await variantTable(source, tested, kept.subarray(0, count)),
    dropped,
    variant,
    gene,
    slope,
    slopeSe,
    log10P,
    ...(extra === undefined ? {} : { extra }),
  };
}

/** The table of the tested variants `rows`. */
export async function variantTable(
  source: LabelSource,
  tested: TestedVariants,
  rows: Uint32Array,
): Promise<VariantTable> {
  const index = new Uint32Array(rows.length);
  const af = new Float64Array(rows.length);
  const maSamples = new Int32Array(rows.length);
  const maCount = new Int32Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    index[i] = tested.index[row]!;
    af[i] = tested.af[row]!;
    maSamples[i] = tested.maSamples[row]!;
    maCount[i] = tested.maCount[row]!;
  }
  const table = { ...(await labelsOf(source, index)), af, maSamples, maCount };
  if (tested.extra === undefined) return table;
  const extra: Record<string, Float64Array> = {};
  for (const [name, values] of Object.entries(tested.extra)) {
    extra[name] = Float64Array.from(rows, (row) => values[row]!);
  }
  return { ...table, extra };
}

/** Labels are read in runs of at most this many variants, however many are asked for. */
const LABEL_RUN = 1024;

/** The labels of the variants `index` (ascending indices in the source). */
export async function labelsOf(source: LabelSource, index: Uint32Array): Promise<VariantLabels> {
  const labels = {
    id: [] as string[],
    chromosome: [] as string[],
    position: new Int32Array(index.length),
    effectAllele: [] as string[],
    otherAllele: [] as string[],
  };
  let from = 0;
  while (from < index.length) {
    const start = index[from]!;
    let to = from + 1;
    while (to < index.length && index[to]! < start + LABEL_RUN) to++;
    const run = await source.labels(start, index[to - 1]! + 1);
    for (let i = from; i < to; i++) {
      const at = index[i]! - start;
      labels.id.push(run.id[at]!);
      labels.chromosome.push(run.chromosome[at]!);
      labels.position[i] = run.position[at]!;
      labels.effectAllele.push(run.effectAllele[at]!);
      labels.otherAllele.push(run.otherAllele[at]!);
    }
    from = to;
  }
  return labels;
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
