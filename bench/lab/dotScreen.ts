/**
 * The screen by products of int16 over made-up integers, selection and the copy of columns included, rows ready-made: estimates
 * and then `select`, beside the kernel that compares in registers, by the tile's rows and columns. They take turns.
 *
 *   node bench/run.mjs bench/lab/dotScreen.ts [samples [columns [repeats [ROWSxCOLUMNS ...]]]]
 */
import { spread } from "../../src/bench/repeat.ts";
import { screenTile } from "../../src/compute/plan.ts";
import { kernelBytes } from "../../src/compute/wasm/kernelBytes.ts";
import { instantiate } from "../../src/compute/wasm/kernels.ts";

/** Rows of a run, about, and entries that find room. */
const ROWS = 1024;
const FOUND = 4096;

interface Shape {
  readonly rows: number;
  readonly columns: number;
}

interface Entrant {
  readonly name: string;
  readonly pairs: number;
  run(): void;
  readonly nanoseconds: number[];
}

const [samples = 500, count = 1024, repeats = 9] = process.argv.slice(2, 5).map(Number);
const stride = 16 * Math.ceil(samples / 8);
const integers = new Int16Array(new SharedArrayBuffer(count * stride));
integers.forEach((_, i) => {
  integers[i] = ((i * 104_729) % 32_001) - 16_000;
});

/** One screen of all columns with some tiles of the same rows; no pair reaches its threshold. */
async function entrant(shape: Shape, fused: boolean): Promise<Entrant> {
  const kernels = await instantiate(kernelBytes());
  const { rows, columns } = shape;
  const memory = kernels.lay({
    rows: ["i16", (rows * stride) / 2],
    columns: ["i16", (columns * stride) / 2],
    estimates: ["f32", rows * columns],
    rowFactors: ["f32", 3 * rows],
    columnFactors: ["f32", 3 * columns],
    windows: ["i32", 2 * columns],
    found: ["u32", 2 + FOUND],
  });
  memory.rows.view.forEach((_, i, all) => {
    all[i] = ((i * 7919) % 255) - 127;
  });
  memory.rowFactors.view.fill(1e-12, 0, rows).fill(1e-3, rows);
  memory.columnFactors.view.fill(1e-3).fill(1, 2 * columns);
  memory.windows.view.fill(rows, columns);
  const [rowBytes, columnBytes] = [4 * rows, 4 * columns];
  const row = memory.rowFactors.at;
  const column = memory.columnFactors.at;
  const apart = (width: number) => {
    kernels.run.estimateTile(
      memory.rows.at,
      memory.columns.at,
      rows,
      width,
      stride,
      row,
      column,
      memory.estimates.at,
      0,
    );
    kernels.run.select(
      memory.estimates.at,
      rows,
      width,
      1,
      row + 2 * rowBytes,
      row + rowBytes,
      rowBytes,
      column + columnBytes,
      column + 2 * columnBytes,
      memory.windows.at,
      memory.windows.at + columnBytes,
      0,
      memory.found.at,
      FOUND,
    );
  };
  const together = (width: number) =>
    kernels.run.screenDots(
      memory.rows.at,
      memory.columns.at,
      rows,
      width,
      stride,
      row,
      rowBytes,
      column,
      columnBytes,
      0,
      memory.found.at,
      FOUND,
    );
  const screen = fused ? together : apart;
  const tiles = Math.max(1, Math.round(ROWS / rows));
  return {
    name: `${fused ? "in registers" : "estimates"}, ${rows} x ${columns}`,
    pairs: tiles * rows * count,
    nanoseconds: [],
    run() {
      for (let tile = 0; tile < tiles; tile += 1) {
        for (let j = 0; j < count; j += columns) {
          const width = Math.min(columns, count - j);
          memory.columns.view.set(integers.subarray((j * stride) / 2, ((j + width) * stride) / 2));
          screen(width);
          if (memory.found.view[1] !== 0) throw new Error("a pair passed");
        }
      }
    },
  };
}

const usual = screenTile([samples]);
const others = process.argv.slice(5).map((shape): Shape => {
  const [rows, columns] = shape.split("x").map(Number);
  return { rows: rows!, columns: columns! };
});
const entrants = [await entrant(usual, false)];
for (const shape of [usual, ...others]) entrants.push(await entrant(shape, true));
for (let repeat = -1; repeat < repeats; repeat += 1) {
  for (const { run, pairs, nanoseconds } of entrants) {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    if (repeat >= 0) nanoseconds.push((1000 * (user + system)) / pairs);
  }
}
for (const { name, nanoseconds } of entrants) {
  const { median, least } = spread(nanoseconds);
  console.log(`n = ${samples}, ${name}: ${median.toFixed(2)} ns a pair (least ${least.toFixed(2)})`);
}
