/** Tiles and what they cost in memory: pure functions, also for those who plan products. */
import { padded } from "./exact.ts";
import { bytesOfScreenColumns } from "./screen/columns.ts";
import {
  bytesOfPanels,
  comparedWidth,
  PAIR_DISTANCE,
  PANEL_GENES,
  STRETCH,
  stretchCount,
} from "./screen/panels.ts";

/** Samples of a cohort as the kernels pad them: whole vectors of 8. */
const LANES = 8;
/** Row and column tiles that stay in a core's L2 while a kernel goes over them. */
const ROW_TILE_BYTES = 2 ** 18;
const COLUMN_TILE_BYTES = 2 ** 17;
const LARGEST_TILE = 256;
/** The integer kernel's: four columns stay in L1, rows pass by from L2; columns are staged once for all rows of a tile. */
const SCREEN_ROWS = { bytes: 2 ** 19, most: 512 };
const SCREEN_COLUMNS = { bytes: 2 ** 16, most: 128 };
/** Rows of dosages that are f64 at once, on their way to integers. */
const DOSAGE_BYTES = 2 ** 16;
/** Entries `select` may write before it is drained; never less than a tile's columns. */
const FOUND = 4096;

/** Rows and columns a kernel takes at once, and how many entries it may report at once. */
export interface Tile {
  readonly rows: number;
  readonly columns: number;
  readonly found: number;
}

/** The integer kernel's tile for cohorts of `samples` samples. */
export function screenTile(samples: readonly number[]): Tile {
  const { row, column } = bytesPerLine(samples, 2);
  return {
    rows: within(SCREEN_ROWS.bytes / row, 2, SCREEN_ROWS.most),
    columns: within(SCREEN_COLUMNS.bytes / column, 4, SCREEN_COLUMNS.most),
    found: FOUND,
  };
}

/** The f64 kernel's tile for a cohort of `samples` samples. */
export function denseTile(samples: number): Tile {
  const { row, column } = bytesPerLine([samples], 8);
  return {
    rows: within(ROW_TILE_BYTES / row, 4),
    columns: within(COLUMN_TILE_BYTES / column, 2),
    found: 0,
  };
}

/** Columns that the f64 kernel of carriers takes at once. */
export const PANEL_COLUMNS = 8;
/** Up to this many samples a panel of columns (1.5 KiB for 8 samples) stays in L2. */
const PANEL_SAMPLES = 4096;
const CARRIERS_ROWS_64 = 256;
/** Bytes of lists that stay in L2 beside the panel. */
const LISTS_BYTES_64 = 2 ** 19;
const PANELS = 8;

/**
 * Rows that the f64 kernel of carriers takes at once, panels it keeps, and room for the samples (u16) of a row and residue
 * modulo 4; for more samples than it is good for, 0 of all.
 */
export function carriersTile64(samples: number): { rows: number; panels: number; room: number } {
  if (samples > PANEL_SAMPLES) return { rows: 0, panels: 0, room: 0 };
  const room = 8 * Math.ceil(samples / 32) + 8;
  return { rows: Math.min(CARRIERS_ROWS_64, Math.floor(LISTS_BYTES_64 / (8 * room))), panels: PANELS, room };
}

/** Bytes of carrier lists of a tile, and its largest number of rows: lists are read once a panel, so that they may lie in L3. */
const LIST_BYTES = 2 ** 22;
const CARRIER_ROWS = 8192;
/** Samples with a weight of their own (missing calls, dosages) in a tile, if no row has more. */
const EXTRAS = 2 ** 18;

/** Rows a carrier kernel takes at once, and what they may need at most. */
export interface CarrierTile {
  readonly rows: number;
  /** u16 entries of all lists. */
  readonly lists: number;
  /** Extras of all rows, each row's made even in each stretch. */
  readonly extras: number;
  readonly found: number;
}

/** The carrier kernel's tile for `count` rows of a cohort of `samples` samples. */
export function carrierTile(samples: number, stretch = STRETCH, count = CARRIER_ROWS): CarrierTile {
  return tileOf(samples, stretch, Math.min(count, CARRIER_ROWS), LIST_BYTES, EXTRAS);
}

/** A window of variants and more, so that permuted columns are made once for all of their rows. */
const MAXIMA_ROWS = 32_768;
const MAXIMA_LIST_BYTES = 2 ** 25;
const MAXIMA_EXTRAS = 2 ** 20;

/** The same for `columnMax`. */
export function maximaTile(samples: number, stretch = STRETCH, count = MAXIMA_ROWS): CarrierTile {
  return tileOf(samples, stretch, Math.min(count, MAXIMA_ROWS), MAXIMA_LIST_BYTES, MAXIMA_EXTRAS);
}

function tileOf(
  samples: number,
  stretch: number,
  mostRows: number,
  listBytes: number,
  mostExtras: number,
): CarrierTile {
  const stretches = stretchCount({ samples, stretch });
  // The origin of a row leaves at most two thirds of its samples; three lists a stretch are filled up by at most 3.
  const list = Math.ceil((2 * samples) / 3) + 9 * stretches;
  const rows = Math.max(1, Math.min(mostRows, Math.floor(listBytes / (2 * list))));
  const most = samples + stretches;
  const extras = Math.min(rows * most, Math.max(mostExtras, most));
  return { rows, lists: rows * list, extras, found: FOUND };
}

/** Bytes of a worker's WASM memory that a carrier tile needs, with a column and a row of f64 values beside it, and what confirms its entries. */
export function bytesOfCarrierTile(samples: number, tile = carrierTile(samples)): number {
  return bytesOfOnePanelTile(samples, tile) + bytesOfOtherPanel(samples) + 16 * tile.found;
}

/** The panel that is compared beside the first: see `comparedWidth`. */
function bytesOfOtherPanel(samples: number): number {
  return comparedWidth({ samples, stretch: STRETCH, group: 2 }) > PANEL_GENES ? PAIR_DISTANCE : 0;
}

/** A tile of rows and one panel. */
function bytesOfOnePanelTile(samples: number, tile: CarrierTile): number {
  const { rows, lists, extras, found } = tile;
  const stretches = stretchCount({ samples, stretch: STRETCH });
  const perRow =
    Math.ceil(samples / 4) + 12 + 1 + 20 + 20 * stretches + (stretches > 1 ? 4 * PANEL_GENES : 0);
  const panel = (samples + stretches) * PANEL_GENES + 16 * (samples + 8);
  return rows * perRow + 2 * lists + 4 * extras + panel + 4 * (found + stretches) + 4096;
}

/** What `columnMax` needs of it for `rows` rows: the tile, and the f64 values of all columns of a panel. */
export function bytesOfMaximaTile(samples: number, rows?: number): number {
  return bytesOfOnePanelTile(samples, maximaTile(samples, STRETCH, rows)) + 8 * PANEL_GENES * (samples + 4);
}

/** The same for permuted columns residualised on `covariates`: the basis, a gene, and a panel's orders and columns in the making. */
export function bytesOfPermutedTile(samples: number, covariates: number, rows?: number): number {
  const width = comparedWidth({ samples, stretch: STRETCH, group: 2 });
  const beside = bytesOfOtherPanel(samples) + 8 * (width - PANEL_GENES) * (samples + 4);
  return bytesOfMaximaTile(samples, rows) + beside + samples * (8 * (covariates + 2) + 4 * width + 32);
}

/** Bytes of an extra's sample and weight before they are in the kernels' memory. */
const BYTES_PER_EXTRA = 6;

/** Bytes that the rows of a carrier tile take beside WASM memory. */
function bytesOfCarrierRows(samples: number, { rows, extras } = carrierTile(samples)): number {
  return BYTES_PER_EXTRA * extras + 64 * rows;
}

/** Bytes of a row over all cohorts (all of a tile's rows are held), and of a column of the largest one. */
function bytesPerLine(samples: readonly number[], width: number) {
  const padding = samples.map((n) => padded(Math.max(1, n), LANES) * width);
  return { row: padding.reduce((a, b) => a + b, 0), column: padding.reduce((a, b) => Math.max(a, b), 0) };
}

function within(lines: number, step: number, most = LARGEST_TILE): number {
  return Math.min(most, Math.max(step, Math.floor(lines / step) * step));
}

/** How many rows of dosages, padded to `values` values, are f64 at once. */
export function dosageRows(values: number): number {
  return Math.max(1, Math.floor(DOSAGE_BYTES / (8 * Math.max(1, values))));
}

/**
 * Bytes of a worker's WASM memory that the screen's tile needs: staged calls and dosages, integer rows of all cohorts,
 * columns, f32 estimates, factors and entries.
 */
export function bytesOfScreenTile(samples: readonly number[], tile = screenTile(samples)): number {
  const { row, column } = bytesPerLine(samples, 2);
  const { rows, columns, found } = tile;
  const cohorts = samples.length;
  const lines = rows * (row + column / 8 + 4 + 4 * (2 * cohorts + 1) + 32 * cohorts);
  // A value, and a remainder with its sample.
  const dosages = dosageRows(column / 2) * ((column / 2) * (8 + 12) + 16);
  return lines + dosages + columns * (column + 4 * (2 * cohorts + 3)) + rows * columns * 4 + found * 4 + 4096;
}

/** The same for the f64 kernel: staged calls, f64 rows and columns, the products. */
export function bytesOfDenseTile(samples: number, tile = denseTile(samples)): number {
  const { row, column } = bytesPerLine([samples], 8);
  const { rows, columns } = tile;
  return rows * (row + column / 32 + 8) + columns * column + rows * columns * 8 + 4096;
}

/** The same for the f64 kernel of carriers, which lies beside that one. */
export function bytesOfCarriersTile64(samples: number): number {
  const { rows, panels, room } = carriersTile64(samples);
  const panel = 8 * PANEL_COLUMNS * (3 * samples + 1);
  return (
    rows * (samples / 4 + 40 + 8 * PANEL_COLUMNS + 8 * room + 2 * samples) + panels * panel + panel / 3 + 4096
  );
}

/** Bytes that `count` loaded columns hold: their f64 values and, once screened, their integers of both kinds. */
export function bytesOfColumns(count: number, samples: number): number {
  return 8 * count * samples + bytesOfScreenColumns(count, samples) + bytesOfPanels(count, samples);
}

/** A product somebody plans. */
export interface ProductPlan {
  readonly kind: "candidates" | "columnMax" | "dense";
  readonly rows: number;
  readonly columns: number;
  /** Samples of each cohort. */
  readonly samples: readonly number[];
  /** Whether rows are 2-bit calls. */
  readonly calls: boolean;
  /** dense: pairs that meet (rows * columns without windows); candidates: how many are expected at most. */
  readonly pairs: number;
}

/** Row and column twice while they are put in order (arrays that double), then once more, with the f64 product twice. */
const BYTES_PER_CANDIDATE = 2 * 16 + 8 + 2 * 8;

/**
 * Bytes that one product in flight holds beside the caller's own rows and the loaded columns: the rows'
 * copy in the worker, its tiles, and the result (twice while candidates are put in order).
 */
export function bytesOfProduct(plan: ProductPlan): number {
  const { kind, rows, columns, samples, calls, pairs } = plan;
  const lines = samples.reduce((sum, n) => sum + (calls ? Math.ceil(n / 4) + 16 : 8 * n + 8), 0);
  const tiles =
    kind === "dense"
      ? Math.max(0, ...samples.map((n) => bytesOfDenseTile(n) + (calls ? bytesOfCarriersTile64(n) : 0)))
      : Math.max(
          bytesOfScreenTile(samples),
          ...samples.map((n) =>
            kind === "candidates"
              ? bytesOfCarrierTile(n) + bytesOfCarrierRows(n)
              : bytesOfMaximaTile(n, rows) + bytesOfCarrierRows(n, maximaTile(n, STRETCH, rows)),
          ),
        );
  const perColumn = columns * (12 + 8 * samples.length);
  const perPair = kind === "dense" ? 8 * samples.length : kind === "candidates" ? BYTES_PER_CANDIDATE : 0;
  return rows * lines + tiles + perColumn + pairs * perPair;
}
