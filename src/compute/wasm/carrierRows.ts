import type { CallRows } from "../backend.ts";
import type { CarrierTile } from "../plan.ts";
import { type Extras, measureRow, type Origin, originOf } from "../screen/carrierRows.ts";
import { type Panels, stretchCount } from "../screen/panels.ts";
import type { RowMeasures } from "../screen/rows.ts";
import type { CarrierMemory } from "./carrierScreen.ts";
import type { Kernels } from "./kernels.ts";

/** Of each engine, which has one job at a time: megabytes that every job would leave behind. */
const held = new WeakMap<Kernels, Extras>();

/** Room for `most` extras; what a job before has left in it means nothing. */
function extrasOf(kernels: Kernels, most: number): Extras {
  const known = held.get(kernels);
  if (known !== undefined && known.sample.length >= most) return known;
  const made = { sample: new Uint32Array(most), weight: new Int16Array(most), length: 0 };
  held.set(kernels, made);
  return made;
}

/** Rows of calls in the kernels' memory: their lists of carriers, and the samples that have weights of their own. */
export class CarrierRows {
  private readonly kernels: Kernels;
  private readonly memory: CarrierMemory;
  private readonly rows: CallRows;
  private readonly shape: { readonly samples: number; readonly stretch: number; readonly stretches: number };
  private readonly group: number;
  private readonly tile: CarrierTile;
  /** Of each stretch, where its lists and extras start: bytes in the kernels' memory. */
  private readonly listStart: number[] = [];
  private readonly extraStart: number[] = [];
  /** The loaded rows' extras, and where each row's end. */
  private readonly extras: Extras;
  private readonly extraEnds: Uint32Array;
  private readonly marked: Uint8Array;

  constructor(
    kernels: Kernels,
    memory: CarrierMemory,
    rows: CallRows,
    { samples, stretch, group }: Pick<Panels, "samples" | "stretch" | "group">,
    tile: CarrierTile,
  ) {
    this.kernels = kernels;
    this.memory = memory;
    this.rows = rows;
    this.shape = { samples, stretch, stretches: stretchCount({ samples, stretch }) };
    this.group = group;
    this.tile = tile;
    this.extras = extrasOf(kernels, tile.extras);
    this.extraEnds = new Uint32Array(tile.rows);
    this.marked = new Uint8Array(tile.rows);
  }

  /** Loads rows from `from` on, as many as there is room for; writes their measures. Returns the row after them. */
  load(from: number, measures: RowMeasures): number {
    const { rows, memory, tile } = this;
    const most = Math.min(rows.count, from + tile.rows);
    memory.packed.view.set(rows.packed.subarray(from * rows.stride, most * rows.stride));
    this.kernels.run.countCalls(memory.packed.at, rows.stride, most - from, memory.counts.at);
    const to = this.roomFor(from, most);
    this.extras.length = 0;
    for (let row = from; row < to; row += 1) {
      const at = row - from;
      const counts = this.countsOf(at);
      const origin = originOf(counts, rows.samples);
      memory.origins.view[at] = origin;
      this.marked[at] = Number(measureRow(rows, row, counts, origin, measures, at, this.extras));
      this.extraEnds[at] = this.extras.length;
    }
    this.listCarriers(to - from);
    this.writeExtras(to - from);
    return to;
  }

  origin(at: number): Origin {
    return this.memory.origins.view[at] as Origin;
  }

  hasExtras(at: number): boolean {
    return this.marked[at] === 1;
  }

  /** Where the kernel finds a stretch of the rows. */
  places(stretch: number): { readonly ends: number; readonly lists: number; readonly extras: number } {
    return {
      ends: this.memory.ends.at + stretch * this.tile.rows * 16,
      lists: this.listStart[stretch]!,
      extras: this.extraStart[stretch]!,
    };
  }

  private countsOf(at: number) {
    const counts = this.memory.counts.view;
    return { ones: counts[3 * at]!, twos: counts[3 * at + 1]!, missing: counts[3 * at + 2]! };
  }

  /** The row after the last whose extras find room; at least one row does. */
  private roomFor(from: number, most: number): number {
    const { offset } = this.rows.remainder ?? {};
    let used = 0;
    for (let row = from; row < most; row += 1) {
      used +=
        this.countsOf(row - from).missing + (offset === undefined ? 0 : offset[row + 1]! - offset[row]!);
      used += this.shape.stretches;
      if (used > this.tile.extras && row > from) return row;
    }
    return most;
  }

  private listCarriers(count: number): void {
    const { rows, memory, shape, tile } = this;
    let at = memory.lists.at;
    for (let stretch = 0; stretch < shape.stretches; stretch += 1) {
      const calls = Math.min(shape.stretch, shape.samples - stretch * shape.stretch);
      this.listStart[stretch] = at;
      at += this.kernels.run.listCalls(
        memory.packed.at,
        rows.stride,
        count,
        (stretch * shape.stretch) / 4,
        calls,
        memory.origins.at,
        this.group,
        calls,
        memory.ends.at + stretch * tile.rows * 16,
        at,
      );
    }
  }

  /** Writes each stretch's extras: u32 ends, then two by two (u16 sample, u16 sample, i16 weight, i16 weight). */
  private writeExtras(count: number): void {
    const { extras, extraEnds, shape } = this;
    const { at: start, view } = this.memory.extras;
    let at = 0;
    for (let stretch = 0; stretch < shape.stretches; stretch += 1) {
      const begin = at;
      const first = stretch * shape.stretch;
      const calls = Math.min(shape.stretch, shape.samples - first);
      this.extraStart[stretch] = start + 4 * begin;
      at += count + 1;
      view[begin] = 4 * (at - begin);
      for (let row = 0, i = 0; row < count; row += 1) {
        let half = false;
        for (const end = extraEnds[row]!; i < end; i += 1) {
          const sample = extras.sample[i]! - first;
          if (sample < 0 || sample >= calls) continue;
          const weight = extras.weight[i]!;
          if (half) {
            view[at] = view[at]! | (sample << 16);
            view[at + 1] = (view[at + 1]! & 0xffff) | (weight << 16);
            at += 2;
          } else {
            view[at] = sample;
            view[at + 1] = weight & 0xffff;
          }
          half = !half;
        }
        if (half) {
          // The sample past the last, whose expression is 0.
          view[at] = view[at]! | (calls << 16);
          at += 2;
        }
        view[begin + row + 1] = 4 * (at - begin);
      }
    }
  }
}
