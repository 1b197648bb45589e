/**
 * Kernel lab: the int8 dot of relaxed SIMD beside the int16 dot that the screen of dense dosages uses, register tiles
 * of 2 x 4, one thread. Node 20 needs a flag:
 *
 *   node --experimental-wasm-relaxed-simd bench/run.mjs bench/lab/relaxed.ts [samples ...]
 */
import { compileString } from "assemblyscript/asc";
import { seededRandom } from "../../src/bench/random.ts";

const ROWS = 120;
const COLUMNS = 48;
const indices = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** out[row][column] i32 = dot(rows[row], columns[column]); rows are 7-bit (0 to 127), columns signed. */
function tile(
  name: string,
  height: number,
  width: number,
  term: (sum: string, x: string, y: string) => string,
): string {
  const pairs = indices(height).flatMap((i) => indices(width).map((j) => [i, j] as const));
  return `export function ${name}(rows: usize, columns: usize, rowCount: usize, columnCount: usize, stride: usize, out: usize): void {
  for (let j: usize = 0; j < columnCount; j += ${width}) {
    for (let i: usize = 0; i < rowCount; i += ${height}) {
      ${indices(height)
        .map((k) => `const r${k} = rows + (i + ${k}) * stride;`)
        .join(" ")}
      ${indices(width)
        .map((k) => `const c${k} = columns + (j + ${k}) * stride;`)
        .join(" ")}
      ${pairs.map(([a, b]) => `let s${a}_${b} = i32x4.splat(0);`).join(" ")}
      for (let p: usize = 0; p < stride; p += 16) {
        ${indices(width)
          .map((k) => `const y${k} = v128.load(c${k} + p);`)
          .join(" ")}
        ${indices(height)
          .map(
            (a) =>
              `const x${a} = v128.load(r${a} + p); ${indices(width)
                .map((b) => `s${a}_${b} = ${term(`s${a}_${b}`, `x${a}`, `y${b}`)};`)
                .join(" ")}`,
          )
          .join(" ")}
      }
      ${pairs.map(([a, b]) => `store<i32>(out + ((i + ${a}) * columnCount + j + ${b}) * 4, total(s${a}_${b}));`).join(" ")}
    }
  }
}
`;
}

const INT16 = (s: string, x: string, y: string) => `i32x4.add(${s}, i32x4.dot_i16x8_s(${x}, ${y}))`;
const RELAXED = (s: string, x: string, y: string) => `i32x4.relaxed_dot_i8x16_i7x16_add_s(${y}, ${x}, ${s})`;
const SHAPES = [
  [2, 2],
  [2, 4],
  [4, 2],
  [1, 4],
] as const;
const SOURCE = `
@inline function total(s: v128): i32 { return i32x4.extract_lane(s, 0) + i32x4.extract_lane(s, 1) + i32x4.extract_lane(s, 2) + i32x4.extract_lane(s, 3); }
export function arena(): usize { return __heap_base; }
${SHAPES.map(([h, w]) => tile(`int16_${h}x${w}`, h, w, INT16) + tile(`relaxed_${h}x${w}`, h, w, RELAXED)).join("")}`;

const { error, binary, stderr } = await compileString(SOURCE, {
  optimizeLevel: 3,
  noAssert: true,
  runtime: "stub",
  enable: ["simd", "relaxed-simd"],
  initialMemory: 64,
});
if (error || binary === null) throw new Error(stderr.toString());
if (!WebAssembly.validate(binary as Uint8Array<ArrayBuffer>)) {
  console.log("this engine has no relaxed SIMD");
  process.exit(0);
}
const { instance } = await WebAssembly.instantiate(binary as Uint8Array<ArrayBuffer>, {});
const x = instance.exports as unknown as Record<string, (...a: number[]) => number> & {
  memory: WebAssembly.Memory;
};

for (const n of process.argv.length > 2 ? process.argv.slice(2).map(Number) : [500, 2683]) {
  const random = seededRandom(n);
  const padded = Math.ceil(n / 16) * 16;
  const g = indices(ROWS * n).map(() => Math.floor(128 * random.uniform()));
  const q = indices(COLUMNS * n).map(() => Math.floor(255 * random.uniform()) - 127);
  for (const [kind, bytes] of [
    ["int16", 2],
    ["relaxed", 1],
  ] as const) {
    const stride = padded * bytes;
    const rowsAt = Math.ceil(x["arena"]!() / 64) * 64;
    const columnsAt = rowsAt + ROWS * stride;
    const outAt = columnsAt + COLUMNS * stride;
    const array = (at: number, count: number) =>
      bytes === 2 ? new Int16Array(x.memory.buffer, at, count) : new Int8Array(x.memory.buffer, at, count);
    const rows = array(rowsAt, ROWS * padded).fill(0);
    const columns = array(columnsAt, COLUMNS * padded).fill(0);
    for (let i = 0; i < ROWS; i += 1) for (let s = 0; s < n; s += 1) rows[i * padded + s] = g[i * n + s]!;
    for (let j = 0; j < COLUMNS; j += 1)
      for (let s = 0; s < n; s += 1) columns[j * padded + s] = q[j * n + s]!;
    const cells: string[] = [];
    for (const [h, w] of SHAPES) {
      const call = () => x[`${kind}_${h}x${w}`]!(rowsAt, columnsAt, ROWS, COLUMNS, stride, outAt);
      call();
      const out = new Int32Array(x.memory.buffer, outAt, ROWS * COLUMNS);
      for (let i = 0; i < ROWS; i += 7) {
        for (let j = 0; j < COLUMNS; j += 5) {
          let sum = 0;
          for (let s = 0; s < n; s += 1) sum += g[i * n + s]! * q[j * n + s]!;
          if (out[i * COLUMNS + j] !== sum) throw new Error(`${kind}: ${out[i * COLUMNS + j]} for ${sum}`);
        }
      }
      let best = Number.POSITIVE_INFINITY;
      for (let run = 0; run < 60; run += 1) {
        const start = performance.now();
        call();
        best = Math.min(best, performance.now() - start);
      }
      cells.push(`${h}x${w} ${((2 * ROWS * COLUMNS * n) / best / 1e6).toFixed(0)}`);
    }
    console.log(`n = ${n}, ${kind}: Gop/s ${cells.join(", ")}`);
  }
}
