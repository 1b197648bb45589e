import type { CallRows, RealRows, Rows } from "../backend.ts";
import { dosageRows, type Tile } from "../plan.ts";
import { measureCalls, type RowMeasures } from "../screen/rows.ts";
import type { Kernels, Regions } from "./kernels.ts";

/** Numbers of {@link RowMeasures}. */
const MEASURES = 4;

/** The tile memory of rows with these strides (bytes of a row's int16 integers), one a cohort. */
export function rowLayout(rows: readonly Rows[], strides: readonly number[], tile: Tile) {
  const count = tile.rows;
  const widest = Math.max(0, ...strides);
  const all = strides.reduce((sum, stride) => sum + stride, 0);
  const staged = dosageRows(widest / 2);
  const dosages = rows.some((r) => r.kind === "real" || r.remainder !== undefined);
  const numbers = dosages ? staged * (widest / 2) : 0;
  const entries = rows.some((r) => r.kind === "calls" && r.remainder !== undefined) ? numbers : 0;
  return {
    packed: ["u8", (count * widest) / 8],
    terms: ["i16", count * 2],
    rows: ["i16", (count * all) / 2],
    measures: ["f64", MEASURES * count * rows.length],
    values: ["f64", numbers],
    fills: ["f64", staged],
    offsets: ["u32", staged + 1],
    entrySamples: ["u32", entries],
    entryValues: ["f64", entries],
  } as const;
}

type RowMemory = Regions<ReturnType<typeof rowLayout>>;

/** One cohort's rows of a tile: their integers in the kernels' memory, two by two (assembly/dot.ts), and their measures. */
export class ScreenRows {
  /** Where the integers are. */
  readonly at: number;
  readonly measures: RowMeasures;
  private readonly kernels: Kernels;
  private readonly memory: RowMemory;
  private readonly rows: Rows;
  private readonly stride: number;
  private readonly measuresAt: number;
  private readonly measureBytes: number;

  /** Of cohort `c`, whose integers start `offset` bytes into their region and take `stride` bytes a row. */
  constructor(
    kernels: Kernels,
    memory: RowMemory,
    rows: Rows,
    tile: Tile,
    c: number,
    offset: number,
    stride: number,
  ) {
    this.kernels = kernels;
    this.memory = memory;
    this.rows = rows;
    this.stride = stride;
    this.at = memory.rows.at + offset;
    this.measureBytes = tile.rows * 8;
    this.measuresAt = memory.measures.at + c * MEASURES * this.measureBytes;
    const measure = (i: number) => {
      const start = (c * MEASURES + i) * tile.rows;
      return memory.measures.view.subarray(start, start + tile.rows);
    };
    this.measures = { unit: measure(0), spread: measure(1), remainder: measure(2), length: measure(3) };
  }

  /** Makes rows `from` to `to` (at most a tile) those of the memory. */
  load(from: number, to: number): void {
    const { rows } = this;
    if (rows.kind === "calls" && rows.remainder === undefined) {
      this.loadCalls(rows, from, to);
      return;
    }
    const step = this.memory.fills.view.length;
    for (let first = from; first < to; first += step) {
      const last = Math.min(to, first + step);
      if (rows.kind === "calls") this.stageDosages(rows, first, last);
      else this.stageNumbers(rows, first, last);
      this.kernels.run.quantiseRows(
        this.memory.values.at,
        this.stride * 4,
        rows.samples,
        first - from,
        last - from,
        this.at,
        this.stride,
        this.measuresAt,
        this.measureBytes,
      );
    }
  }

  private loadCalls(rows: CallRows, from: number, to: number): void {
    const { packed, terms } = this.memory;
    const bytes = rows.stride;
    measureCalls(rows, from, to, this.measures, terms.view);
    packed.view.set(rows.packed.subarray(from * bytes, to * bytes));
    this.kernels.run.unpackCalls(packed.at, bytes, to - from, terms.at, this.at, this.stride);
  }

  private stageDosages({ packed, stride, fill, remainder }: CallRows, from: number, to: number): void {
    const { memory } = this;
    const { run } = this.kernels;
    memory.packed.view.set(packed.subarray(from * stride, to * stride));
    memory.fills.view.set(fill.subarray(from, to));
    run.unpackDosages(
      memory.packed.at,
      stride,
      to - from,
      memory.fills.at,
      memory.values.at,
      this.stride * 4,
    );
    if (remainder === undefined) return;
    const { offset, sample, value } = remainder;
    const first = offset[from]!;
    memory.offsets.view.set(offset.subarray(from, to + 1));
    memory.entrySamples.view.set(sample.subarray(first, offset[to]!));
    memory.entryValues.view.set(value.subarray(first, offset[to]!));
    run.addRemainders(
      memory.offsets.at,
      to - from,
      first,
      memory.entrySamples.at,
      memory.entryValues.at,
      memory.values.at,
      this.stride * 4,
    );
  }

  private stageNumbers({ samples, values }: RealRows, from: number, to: number): void {
    const { view } = this.memory.values;
    for (let row = from; row < to; row += 1) {
      view.set(values.subarray(row * samples, (row + 1) * samples), (row - from) * (this.stride / 2));
    }
  }
}
