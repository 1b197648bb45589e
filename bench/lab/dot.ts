/**
 * Kernel lab: the int16 dot tile (screen) and the f64 dot tile (dense), by shape of the register tile.
 * Each kernel is generated, checked against plain loops, then timed on one thread.
 *
 *   node bench/run.mjs bench/lab/dot.ts [samples ...]
 */
import { compileString } from "assemblyscript/asc";

const ROWS = 120;
const COLUMNS = 48;
/** Samples a stretch of the chunked kernels. */
const CHUNK = 256;

interface Shape {
  readonly rows: number;
  readonly columns: number;
}

/** A kernel under test: (rows, columns, rowCount, columnCount, stride in bytes, out). */
type Tile = (
  rows: number,
  columns: number,
  rowCount: number,
  columnCount: number,
  stride: number,
  out: number,
) => void;

const indices = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Loops over register tiles of `shape`; `body` fills accumulators and stores the results. */
function tileLoop(name: string, shape: Shape, body: string): string {
  const rowPointers = indices(shape.rows).map((i) => `const r${i} = rows + (i + ${i}) * stride;`);
  const columnPointers = indices(shape.columns).map((j) => `const c${j} = columns + (j + ${j}) * stride;`);
  return `export function ${name}(rows: usize, columns: usize, rowCount: usize, columnCount: usize, stride: usize, out: usize): void {
  for (let j: usize = 0; j < columnCount; j += ${shape.columns}) {
    ${columnPointers.join(" ")}
    for (let i: usize = 0; i < rowCount; i += ${shape.rows}) {
      ${rowPointers.join(" ")}
      ${body}
    }
  }
}
`;
}

/** out[row][column] i32 = dot of int16 rows and columns. */
function int16Tile(shape: Shape): string {
  const pairs = indices(shape.rows).flatMap((i) => indices(shape.columns).map((j) => [i, j] as const));
  const zero = pairs.map(([i, j]) => `let s${i}_${j} = i32x4.splat(0);`);
  const loadColumns = indices(shape.columns).map((j) => `const y${j} = v128.load(c${j} + p);`);
  const steps = indices(shape.rows).map(
    (i) =>
      `const x${i} = v128.load(r${i} + p); ${indices(shape.columns)
        .map((j) => `s${i}_${j} = i32x4.add(s${i}_${j}, i32x4.dot_i16x8_s(x${i}, y${j}));`)
        .join(" ")}`,
  );
  const stores = indices(shape.rows).map((i) => {
    const at = `out + ((i + ${i}) * columnCount + j) * 4`;
    return indices(shape.columns / 2)
      .map((h) => `v128.store64_lane(${at}, pairSum(s${i}_${2 * h}, s${i}_${2 * h + 1}), 0, ${8 * h});`)
      .join(" ");
  });
  const body = `${zero.join(" ")}
      for (let p: usize = 0; p < stride; p += 16) { ${loadColumns.join(" ")} ${steps.join(" ")} }
      ${stores.join("\n      ")}`;
  return tileLoop(`int16_${shape.rows}x${shape.columns}`, shape, body);
}

/**
 * The same of rows and columns whose vectors of 8 samples take turns, as many as the tile has: one address serves them all.
 * `unroll` steps a turn of the loop; the samples are whole turns.
 */
function interleavedTile(shape: Shape, unroll: number): string {
  const pairs = indices(shape.rows).flatMap((i) => indices(shape.columns).map((j) => [i, j] as const));
  const step = (u: number): string => {
    const loads = indices(shape.columns).map(
      (j) => `const y${j} = v128.load(c, ${16 * (u * shape.columns + j)});`,
    );
    const sums = indices(shape.rows).map(
      (i) =>
        `const x${i} = v128.load(r, ${16 * (u * shape.rows + i)}); ${indices(shape.columns)
          .map((j) => `s${i}_${j} = i32x4.add(s${i}_${j}, i32x4.dot_i16x8_s(x${i}, y${j}));`)
          .join(" ")}`,
    );
    return `{ ${loads.join(" ")} ${sums.join(" ")} }`;
  };
  const body = `${pairs.map(([i, j]) => `let s${i}_${j} = i32x4.splat(0);`).join(" ")}
      let r = rows + i * stride;
      const end = c0 + ${shape.columns} * stride;
      for (let c = c0; c < end; c += ${16 * shape.columns * unroll}) {
        ${indices(unroll).map(step).join(" ")} r += ${16 * shape.rows * unroll};
      }
      ${pairs.map(([i, j]) => `store<i32>(out + ((i + ${i}) * columnCount + j + ${j}) * 4, laneSum(s${i}_${j}));`).join("\n      ")}`;
  return tileLoop(nameOfInterleaved(shape, unroll), shape, body);
}

const nameOfInterleaved = ({ rows, columns }: Shape, unroll: number): string =>
  `turns_${rows}x${columns}${unroll > 1 ? `_by${unroll}` : ""}`;

/** `values` [count][stride] with the vectors of each `together` lines in turn. */
function interleaved(values: Int16Array, stride: number, together: number): Int16Array {
  return values.map((_, at, all) => {
    const block = Math.floor(at / (together * stride)) * together * stride;
    const vector = Math.floor((at - block) / 8);
    return all[block + (vector % together) * stride + Math.floor(vector / together) * 8 + (at % 8)]!;
  });
}

/** out[row][column] f64, canonical order: lanes (s0, s1) and (s2, s3) in two registers a pair. */
function float64Tile(shape: Shape): string {
  const pairs = indices(shape.rows).flatMap((i) => indices(shape.columns).map((j) => [i, j] as const));
  const zero = pairs.map(([i, j]) => `let a${i}_${j} = f64x2.splat(0); let b${i}_${j} = f64x2.splat(0);`);
  const half = (name: string, offset: number) =>
    `${indices(shape.columns)
      .map((j) => `const ${name}y${j} = v128.load(c${j} + p, ${offset});`)
      .join(" ")} ${indices(shape.rows)
      .map(
        (i) =>
          `const ${name}x${i} = v128.load(r${i} + p, ${offset}); ${indices(shape.columns)
            .map(
              (j) => `${name}${i}_${j} = f64x2.add(${name}${i}_${j}, f64x2.mul(${name}x${i}, ${name}y${j}));`,
            )
            .join(" ")}`,
      )
      .join(" ")}`;
  const body = `${zero.join(" ")}
      for (let p: usize = 0; p < stride; p += 32) { ${half("a", 0)} ${half("b", 16)} }
      ${pairs.map(([i, j]) => `store<f64>(out + ((i + ${i}) * columnCount + j + ${j}) * 8, lanes(a${i}_${j}, b${i}_${j}));`).join("\n      ")}`;
  return tileLoop(`float64_${shape.rows}x${shape.columns}`, shape, body);
}

/** The same sums, the two registers of a pair in two passes: more pairs at once. */
function float64TwoPassTile(shape: Shape): string {
  const pairs = indices(shape.rows).flatMap((i) => indices(shape.columns).map((j) => [i, j] as const));
  const pass = (name: string, offset: number) => `
      ${pairs.map(([i, j]) => `let ${name}${i}_${j} = f64x2.splat(0);`).join(" ")}
      for (let p: usize = 0; p < stride; p += 32) {
        ${indices(shape.columns)
          .map((j) => `const y${j} = v128.load(c${j} + p, ${offset});`)
          .join(" ")} ${indices(shape.rows)
          .map(
            (i) =>
              `const x${i} = v128.load(r${i} + p, ${offset}); ${indices(shape.columns)
                .map((j) => `${name}${i}_${j} = f64x2.add(${name}${i}_${j}, f64x2.mul(x${i}, y${j}));`)
                .join(" ")}`,
          )
          .join(" ")}
      }`;
  const body = `${pass("a", 0)} ${pass("b", 16)}
      ${pairs.map(([i, j]) => `store<f64>(out + ((i + ${i}) * columnCount + j + ${j}) * 8, lanes(a${i}_${j}, b${i}_${j}));`).join("\n      ")}`;
  return tileLoop(`twopass_${shape.rows}x${shape.columns}`, shape, body);
}

/**
 * Two passes over a stretch of samples that stays in L1; the sums wait in memory (`scratch`) meanwhile.
 */
function float64ChunkedTile(shape: Shape): string {
  const pairs = indices(shape.rows).flatMap((i) => indices(shape.columns).map((j) => [i, j] as const));
  const slot = (i: number, j: number, offset: number) => (i * shape.columns + j) * 32 + offset;
  const pass = (offset: number) => `{
        ${pairs.map(([i, j]) => `let s${i}_${j} = v128.load(16, ${slot(i, j, offset)});`).join(" ")}
        for (let p = from; p < to; p += 32) {
        ${indices(shape.columns)
          .map((j) => `const y${j} = v128.load(c${j} + p, ${offset});`)
          .join(" ")} ${indices(shape.rows)
          .map(
            (i) =>
              `const x${i} = v128.load(r${i} + p, ${offset}); ${indices(shape.columns)
                .map((j) => `s${i}_${j} = f64x2.add(s${i}_${j}, f64x2.mul(x${i}, y${j}));`)
                .join(" ")}`,
          )
          .join(" ")}
        }
        ${pairs.map(([i, j]) => `v128.store(16, s${i}_${j}, ${slot(i, j, offset)});`).join(" ")}
      }`;
  const body = `
      memory.fill(16, 0, ${pairs.length * 32});
      for (let from: usize = 0; from < stride; from += ${CHUNK * 8}) {
        const to = min(from + ${CHUNK * 8}, stride);
        ${pass(0)} ${pass(16)}
      }
      ${pairs.map(([i, j]) => `store<f64>(out + ((i + ${i}) * columnCount + j + ${j}) * 8, lanes(v128.load(16, ${slot(i, j, 0)}), v128.load(16, ${slot(i, j, 16)})));`).join("\n      ")}`;
  return tileLoop(`chunked_${shape.rows}x${shape.columns}`, shape, body);
}

const HELPERS = `
@inline function pairSum(a: v128, b: v128): v128 {
  const t = i32x4.add(i32x4.shuffle(a, b, 0, 1, 4, 5), i32x4.shuffle(a, b, 2, 3, 6, 7));
  return i32x4.add(i32x4.shuffle(t, t, 0, 2, 0, 2), i32x4.shuffle(t, t, 1, 3, 1, 3));
}
@inline function laneSum(a: v128): i32 {
  const t = i32x4.add(a, i32x4.shuffle(a, a, 2, 3, 0, 1));
  return i32x4.extract_lane(t, 0) + i32x4.extract_lane(t, 1);
}
@inline function lanes(a: v128, b: v128): f64 {
  const t = f64x2.add(a, b);
  return f64x2.extract_lane(t, 0) + f64x2.extract_lane(t, 1);
}
`;

const INT16: readonly Shape[] = [
  { rows: 1, columns: 4 },
  { rows: 2, columns: 2 },
  { rows: 4, columns: 2 },
  { rows: 2, columns: 4 },
  { rows: 3, columns: 4 },
  { rows: 6, columns: 2 },
  { rows: 4, columns: 4 },
];
const INTERLEAVED: readonly (readonly [Shape, unroll: number])[] = [
  [{ rows: 2, columns: 4 }, 1],
  [{ rows: 2, columns: 4 }, 2],
  [{ rows: 4, columns: 2 }, 1],
  [{ rows: 4, columns: 2 }, 2],
  [{ rows: 3, columns: 3 }, 1],
  [{ rows: 3, columns: 3 }, 2],
  [{ rows: 4, columns: 3 }, 1],
];
const FLOAT64: readonly Shape[] = [
  { rows: 1, columns: 1 },
  { rows: 2, columns: 1 },
  { rows: 2, columns: 2 },
  { rows: 3, columns: 2 },
  { rows: 4, columns: 2 },
];
const CHUNKED: readonly Shape[] = [
  { rows: 2, columns: 4 },
  { rows: 4, columns: 2 },
];
const TWO_PASS: readonly Shape[] = [
  { rows: 2, columns: 2 },
  { rows: 4, columns: 2 },
  { rows: 3, columns: 3 },
  { rows: 4, columns: 3 },
];

/** Seconds of the fastest of many runs. */
function fastest(run: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  const end = performance.now() + 600;
  while (performance.now() < end) {
    const start = performance.now();
    run();
    best = Math.min(best, performance.now() - start);
  }
  return best / 1000;
}

async function main(): Promise<void> {
  const source =
    HELPERS +
    INT16.map(int16Tile).join("") +
    INTERLEAVED.map(([shape, unroll]) => interleavedTile(shape, unroll)).join("") +
    FLOAT64.map(float64Tile).join("") +
    TWO_PASS.map(float64TwoPassTile).join("") +
    CHUNKED.map(float64ChunkedTile).join("");
  const compiled = await compileString(source, {
    optimizeLevel: 3,
    shrinkLevel: 0,
    runtime: "stub",
    enable: ["simd"],
    initialMemory: 1024,
  });
  if (compiled.error !== null || compiled.binary === null) throw new Error(compiled.stderr.toString());
  const { instance } = await WebAssembly.instantiate(new Uint8Array(compiled.binary), {});
  const kernels = instance.exports as unknown as Record<string, Tile> & { memory: WebAssembly.Memory };
  const buffer = kernels.memory.buffer;
  const chosen = process.argv.slice(2).map(Number);
  for (const samples of chosen.length > 0 ? chosen : [500, 2683]) {
    console.log(`n = ${samples}, ${ROWS} rows x ${COLUMNS} columns`);
    report(kernels, buffer, samples);
  }
}

function report(kernels: Record<string, Tile>, buffer: ArrayBuffer, samples: number): void {
  const start = 1024;
  const operations = 2 * samples * ROWS * COLUMNS;
  const pad16 = Math.ceil(samples / 16) * 16;
  const columns16 = start + ROWS * pad16 * 2;
  const out16 = columns16 + COLUMNS * pad16 * 2;
  const line = (count: number, value: (i: number) => number) =>
    Int16Array.from({ length: count * pad16 }, (_, i) => (i % pad16 < samples ? value(i) : 0));
  const a = line(ROWS, (i) => (i * 7919) % 3);
  const b = line(COLUMNS, (i) => ((i * 104729) % 65277) - 32638);
  const measure = (name: string, rows: Int16Array, columns: Int16Array) => {
    new Int16Array(buffer, start, a.length).set(rows);
    new Int16Array(buffer, columns16, b.length).set(columns);
    const run = () => kernels[name]!(start, columns16, ROWS, COLUMNS, pad16 * 2, out16);
    run();
    const out = new Int32Array(buffer, out16, ROWS * COLUMNS);
    for (let i = 0; i < ROWS; i += 1) {
      for (let j = 0; j < COLUMNS; j += 1) {
        let sum = 0;
        for (let s = 0; s < samples; s += 1) sum += a[i * pad16 + s]! * b[j * pad16 + s]!;
        if (out[i * COLUMNS + j] !== sum) throw new Error(`${name} is wrong at ${i}, ${j}`);
      }
    }
    const seconds = fastest(run);
    const rate = `${(operations / seconds / 1e9).toFixed(1)} Gop/s`;
    console.log(
      `  ${name.padEnd(14)} ${rate.padStart(12)}  ${((ROWS * COLUMNS) / seconds / 1e6).toFixed(1)} M pairs/s`,
    );
  };
  for (const shape of INT16) measure(`int16_${shape.rows}x${shape.columns}`, a, b);
  for (const [shape, unroll] of INTERLEAVED) {
    const name = nameOfInterleaved(shape, unroll);
    measure(name, interleaved(a, pad16, shape.rows), interleaved(b, pad16, shape.columns));
  }
  const pad64 = Math.ceil(samples / 4) * 4;
  const columns64 = start + ROWS * pad64 * 8;
  const out64 = columns64 + COLUMNS * pad64 * 8;
  new Float64Array(buffer, start, ROWS * pad64).forEach((_, i, all) => {
    all[i] = i % pad64 < samples ? (i * 7919) % 3 : 0;
  });
  new Float64Array(buffer, columns64, COLUMNS * pad64).forEach((_, i, all) => {
    all[i] = i % pad64 < samples ? (((i * 104729) % 65277) - 32638) / 1e5 : 0;
  });
  const names = [
    ...FLOAT64.map((s) => `float64_${s.rows}x${s.columns}`),
    ...TWO_PASS.map((s) => `twopass_${s.rows}x${s.columns}`),
    ...CHUNKED.map((s) => `chunked_${s.rows}x${s.columns}`),
  ];
  let first: Float64Array | undefined;
  for (const name of names) {
    const kernel = kernels[name]!;
    const run = () => kernel(start, columns64, ROWS, COLUMNS, pad64 * 8, out64);
    run();
    const out = new Float64Array(buffer, out64, ROWS * COLUMNS).slice();
    first ??= out;
    if (out.some((v, i) => v !== first![i])) throw new Error(`${name} differs from the first kernel`);
    const seconds = fastest(run);
    console.log(`  ${name.padEnd(14)} ${(operations / seconds / 1e9).toFixed(1).padStart(6)} GFLOP/s`);
  }
}

await main();
