import type { Columns } from "../backend.ts";
import type { ColumnMeasures } from "../screen/columns.ts";
import { PANEL_GENES, type Panels, panelLength, quantisePanelColumn } from "../screen/panels.ts";
import type { Kernels, Regions } from "./kernels.ts";

/** Columns that the kernel quantises at once. */
const MADE = 4;
/** A remainder beyond this says that the kernel could not tell: UNKNOWN of assembly/quantise.ts. */
const UNKNOWN = 1e17;

type Shape = Pick<Panels, "samples" | "stretch" | "group">;

/** Fills in panels as `quantisePanelColumn` does, in f32 and so a little coarser, by a kernel. */
export class PanelMaker {
  readonly #kernels: Kernels;
  readonly #shape: Shape;
  readonly #least: number;
  readonly #scratch: Int16Array;
  readonly #memory: Regions<{
    readonly columns: readonly ["f64", number];
    readonly panel: readonly ["i8", number];
    readonly scale: readonly ["f32", number];
    readonly remainder: readonly ["f32", number];
  }>;

  constructor(kernels: Kernels, shape: Shape) {
    const { samples } = shape;
    this.#kernels = kernels;
    this.#shape = shape;
    // The largest of a column of norm 1 is no less than 1 / sqrt(samples).
    this.#least = Math.fround(1 / (127 * Math.sqrt(Math.max(1, samples))));
    this.#scratch = new Int16Array(samples);
    this.#memory = kernels.lay({
      columns: ["f64", MADE * samples],
      panel: ["i8", panelLength(shape)],
      scale: ["f32", PANEL_GENES],
      remainder: ["f32", PANEL_GENES],
    });
  }

  /** Makes panel `panel` of `out`; `measured`: length and sum of the columns. */
  make(columns: Columns, measured: ColumnMeasures, panel: number, out: Panels): void {
    const { samples, stretch, group } = this.#shape;
    const memory = this.#memory;
    const first = panel * PANEL_GENES;
    const count = Math.min(PANEL_GENES, columns.count - first);
    memory.panel.view.fill(0);
    for (let i = 0; i < count; i += MADE) {
      this.#place(columns, first + i);
      const [scale, remainder] = [memory.scale.at + 4 * i, memory.remainder.at + 4 * i];
      const at = memory.panel.at + i;
      this.#kernels.run.quantiseColumns(
        ...[memory.columns.at, samples, stretch, group, this.#least, at, scale, remainder],
      );
    }
    out.integers.set(memory.panel.view, panel * panelLength(this.#shape));
    for (let i = 0; i < count; i += 1) {
      const j = first + i;
      if (memory.remainder.view[i]! > UNKNOWN) {
        quantisePanelColumn(columns, j, out, this.#scratch);
        continue;
      }
      out.scale[j] = memory.scale.view[i]!;
      out.remainder[j] = memory.scale.view[i] === 0 ? 0 : memory.remainder.view[i]!;
      out.length[j] = measured.length[j]!;
      out.sum[j] = measured.sum[j]!;
    }
  }

  /** Four columns side by side, those beyond the last 0. */
  #place({ values, count, samples }: Columns, first: number): void {
    const { view } = this.#memory.columns;
    for (let i = 0; i < MADE; i += 1) {
      const start = (first + i) * samples;
      if (first + i >= count) for (let s = 0; s < samples; s += 1) view[MADE * s + i] = 0;
      else for (let s = 0; s < samples; s += 1) view[MADE * s + i] = values[start + s]!;
    }
  }
}
