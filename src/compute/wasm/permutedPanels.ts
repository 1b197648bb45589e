import type { PermutedColumns, Windows } from "../backend.ts";
import { padded } from "../exact.ts";
import { windowOf } from "../product.ts";
import { fixedPointShift } from "../screen/fixedPoint.ts";
import { nullMaximum } from "../screen/nullMaximum.ts";
import { comparedWidth, type Group, PAIR_DISTANCE, PANEL_GENES, STRETCH } from "../screen/panels.ts";
import type { MaximaPanels } from "./carrierMaxima.ts";
import type { CarrierColumns, CarrierMemory } from "./carrierScreen.ts";
import { placeWindows } from "./heldPanels.ts";
import type { EngineSettings } from "./job.ts";
import type { Kernels } from "./kernels.ts";

/** Columns that the kernels make side by side. */
const MADE = 4;
/** How many int8 rows are added at once: bench/lab/README.md. */
const GROUP: Group = 2;
/** Upper bounds of a column's |e|, |sum e| (what is above counts as unknown: SUM_LIMIT of assembly/quantise.ts) and remainder. */
const LARGEST = { length: 1 + 2 ** -19, sum: 1e-9, remainder: 2 };
/**
 * The search in a panel starts below the least maximum of the `seen` permutations of the gene before it: so far that a search from 0
 * is needed for one panel in some hundreds, by the tail of the normal.
 */
function belowLeast(least: number, seen: number): number {
  return least * (1 - 0.7 / Math.sqrt(seen));
}

/** Permuted columns, made in the kernels' memory 64 permutations of a gene at a time (32 in large cohorts): integers, and the f64 values beside them. */
export class PermutedPanels implements MaximaPanels {
  readonly count: number;
  readonly width: number;
  readonly columns: CarrierColumns;
  /** Numbers of f64 that `making` needs: the expression, basis, columns side by side, and order. */
  readonly making: number;
  private readonly kernels: Kernels;
  private readonly recipe: PermutedColumns;
  private readonly windows: Windows | undefined;
  private readonly rows: number;
  private readonly perGene: number;
  /** A column's scale is at least this. */
  private readonly leastScale: number;
  /** The least maximum of each gene so far, and of how many. */
  private readonly least: Float64Array;
  private readonly seen: Float64Array;
  private readonly vectors: number;
  private memory: CarrierMemory | undefined;
  private gene = -1;

  constructor(
    kernels: Kernels,
    recipe: PermutedColumns,
    windows: Windows | undefined,
    rows: number,
    settings: EngineSettings,
  ) {
    const { samples, genes, permutations, basis } = recipe;
    this.kernels = kernels;
    this.recipe = recipe;
    this.windows = windows;
    this.rows = rows;
    const stretch = settings.stretch ?? STRETCH;
    const group = settings.group ?? GROUP;
    this.width = comparedWidth({ samples, stretch, group });
    this.perGene = Math.ceil(permutations / this.width);
    this.count = genes * this.perGene;
    this.least = new Float64Array(genes).fill(Number.POSITIVE_INFINITY);
    this.seen = new Float64Array(genes);
    this.leastScale = Math.fround(group / (127 * Math.sqrt(Math.max(1, samples))));
    // What a usual column and its maximum are like decides on how its 16 bits are spent.
    const usual = { samples, largest: LARGEST, remainder: Float32Array.of(0) };
    const scale = Float32Array.of((2.8 * group) / (127 * Math.sqrt(Math.max(1, samples))));
    const reached = Float32Array.of(Math.max(0.01, 1.3 * nullMaximum(4096, samples)));
    this.columns = {
      samples,
      stretch,
      group,
      largest: LARGEST,
      shift: fixedPointShift({ ...usual, scale }, reached),
      inverse: (1 + 2 ** -20) / this.leastScale,
      paired: this.width > PANEL_GENES,
    };
    this.vectors = basis === undefined ? 0 : basis.count + 1;
    this.making = samples * (1 + this.vectors + MADE + this.width / 2) + 8;
  }

  columnsOf(panel: number): [first: number, count: number] {
    const { permutations } = this.recipe;
    const gene = Math.floor(panel / this.perGene);
    const first = (panel % this.perGene) * this.width;
    return [gene * permutations + first, Math.min(this.width, permutations - first)];
  }

  place(memory: CarrierMemory, panel: number, from: number, to: number): [first: number, end: number] {
    const [start, count] = this.columnsOf(panel);
    const met = placeWindows(memory, this.windows, start, count, this.rows, from, to);
    if (met[0] < met[1]) this.make(memory, panel, count);
    return met;
  }

  startOf(panel: number): number {
    const gene = Math.floor(panel / this.perGene);
    const known = this.least[gene]!;
    const [start] = this.columnsOf(panel);
    const [first, last] = windowOf(this.windows, start, this.rows);
    const guess = nullMaximum(last - first, this.recipe.samples);
    return known === Number.POSITIVE_INFINITY || guess === 0 ? guess : belowLeast(known, this.seen[gene]!);
  }

  learn(panel: number, maxima: Float64Array): void {
    const gene = Math.floor(panel / this.perGene);
    for (const size of maxima) {
      if (size === 0) continue;
      this.seen[gene] = this.seen[gene]! + 1;
      this.least[gene] = Math.min(this.least[gene]!, size);
    }
  }

  private make(memory: CarrierMemory, panel: number, count: number): void {
    const { samples, order, basis } = this.recipe;
    const { stretch, group } = this.columns;
    const places = this.placesIn(memory);
    this.fetch(memory, Math.floor(panel / this.perGene));
    const first = (panel % this.perGene) * this.width;
    const orders = new Uint32Array(memory.making.view.buffer, places.order, this.width * samples);
    orders.set(order.subarray(first * samples, (first + count) * samples));
    const columnBytes = 8 * padded(samples, 4);
    memory.scale.view.fill(0);
    for (let i = 0; i < count; i += MADE) {
      this.kernels.run.permuteColumns(
        places.expression,
        samples,
        places.order + 4 * i * samples,
        basis === undefined ? 0 : places.basis,
        basis?.count ?? 0,
        places.columns,
        memory.values.at + i * columnBytes,
        columnBytes,
      );
      this.kernels.run.quantiseColumns(
        places.columns,
        samples,
        stretch,
        group,
        this.leastScale,
        memory.panel.at + (i < PANEL_GENES ? i : PAIR_DISTANCE + i - PANEL_GENES),
        memory.scale.at + 4 * i,
        memory.remainder.at + 4 * i,
      );
    }
    // Orders beyond the last are those of an earlier panel: their columns meet no row.
    memory.scale.view.fill(0, count);
  }

  /** Puts the gene's expression, and at first the basis, into memory. */
  private fetch(memory: CarrierMemory, gene: number): void {
    const { samples, values, basis } = this.recipe;
    const { view } = memory.making;
    if (memory !== this.memory) {
      this.memory = memory;
      this.gene = -1;
      // A vector of ones, and the basis.
      if (basis !== undefined) {
        view.fill(1, samples, 2 * samples);
        view.set(basis.values.subarray(0, basis.count * samples), 2 * samples);
      }
    }
    if (gene === this.gene) return;
    this.gene = gene;
    view.set(values.subarray(gene * samples, (gene + 1) * samples));
  }

  /** Where what is needed to make columns is, in bytes. */
  private placesIn({ making }: CarrierMemory) {
    const { samples } = this.recipe;
    const basis = making.at + 8 * samples;
    // Four columns side by side are read as vectors.
    const columns = Math.ceil((basis + 8 * samples * this.vectors) / 16) * 16;
    return { expression: making.at, basis, columns, order: columns + 8 * MADE * samples };
  }
}
