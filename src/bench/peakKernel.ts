/**
 * Two loops of multiply-adds in WebAssembly SIMD, written out as bytes: a module of its own, so that what Qortex is
 * compared with does not move when its kernels do. Both keep eight sums in registers and read a tile of two rows and
 * four columns that stays in the L1 cache, the best shape in bench/lab/dot.ts.
 *   dot16(passes): i32x4.dot_i16x8_s and i32x4.add;  madd64(passes): f64x2.mul and f64x2.add.
 */

/** Bytes of one line of the tile; six of them are 12 KiB. */
const LINE = 2048;
const LINES = 6;
const VECTOR = 16;

/** Multiply-adds of one pass over the tile: eight products of a row with a column, lanes of 16 or 64 bits. */
export const MULTIPLY_ADDS = { dot16: (8 * LINE) / 2, madd64: (8 * LINE) / 8 } as const;

export type PeakKernel = keyof typeof MULTIPLY_ADDS;

const V128 = 0x7b;
const I32 = 0x7f;
const F64 = 0x7c;
const EMPTY = 0x40;
const SIMD = 0xfd;
const GET = 0x20;
const SET = 0x21;
const TEE = 0x22;
const CONST = 0x41;
const ADD = 0x6a;
const SUB = 0x6b;
const LESS = 0x49;
const LOOP = 0x03;
const REPEAT_IF = 0x0d;
const END = 0x0b;
const LOAD = 0x00;

interface Lanes {
  readonly multiply: readonly number[];
  readonly add: readonly number[];
  /** One lane of a sum, and the addition of two. */
  readonly extract: readonly number[];
  readonly addLane: number;
  readonly result: number;
}

const KERNELS: Readonly<Record<PeakKernel, Lanes>> = {
  dot16: {
    multiply: [0xba, 0x01],
    add: [0xae, 0x01],
    extract: [0x1b, 0],
    addLane: ADD,
    result: I32,
  },
  madd64: {
    multiply: [0xf2, 0x01],
    add: [0xf0, 0x01],
    extract: [0x21, 0],
    addLane: 0xa0,
    result: F64,
  },
};

/** Local variables: the passes left, the place in the tile, eight sums, two rows, one column. */
const PASSES = 0;
const PLACE = 1;
const SUM = 2;
const ROW = 10;
const COLUMN = 12;

/** The module's bytes: exports `dot16`, `madd64` and `memory`. */
export function peakModule(): Uint8Array<ArrayBuffer> {
  const names = Object.keys(KERNELS) as PeakKernel[];
  const types = names.map((name) => [0x60, 1, I32, 1, KERNELS[name].result]);
  const code = names.map((name) => sized(body(KERNELS[name])));
  const exports = [...names.map((name, index) => [...text(name), 0, index]), [...text("memory"), 2, 0]];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, types),
    ...section(3, [[0], [1]]),
    ...section(5, [[0, 1]]),
    ...section(7, exports),
    ...section(10, code),
  ]);
}

/** The tile's numbers: small integers, or numbers near 1. */
export function peakTile(kernel: PeakKernel): Uint8Array<ArrayBuffer> {
  const bytes = LINE * LINES;
  const numbers =
    kernel === "dot16"
      ? Int16Array.from({ length: bytes / 2 }, (_, i) => i % 7)
      : Float64Array.from({ length: bytes / 8 }, (_, i) => 1 + (i % 7) / 8);
  return new Uint8Array(numbers.buffer);
}

function body({ multiply, add, extract, addLane }: Lanes): number[] {
  const load = (line: number) => [GET, PLACE, SIMD, LOAD, 4, ...unsigned(line * LINE)];
  const step = [
    ...[0, 1].flatMap((row) => [...load(row), SET, ROW + row]),
    ...[0, 1, 2, 3].flatMap((column) => [
      ...[...load(2 + column), SET, COLUMN],
      ...[0, 1].flatMap((row) => {
        const sum = SUM + 2 * column + row;
        const product = [GET, ROW + row, GET, COLUMN, SIMD, ...multiply];
        return [GET, sum, ...product, SIMD, ...add, SET, sum];
      }),
    ]),
  ];
  const next = [GET, PLACE, CONST, ...signed(VECTOR), ADD, TEE, PLACE, CONST, ...signed(LINE), LESS];
  const inner = [CONST, 0, SET, PLACE, LOOP, EMPTY, ...step, ...next, REPEAT_IF, 0, END];
  const outer = [LOOP, EMPTY, ...inner, GET, PASSES, CONST, 1, SUB, TEE, PASSES, REPEAT_IF, 0, END];
  const sums = Array.from({ length: 8 }, (_, i) => [GET, SUM + i, SIMD, ...extract]).flatMap((lane, i) =>
    i === 0 ? lane : [...lane, addLane],
  );
  return [2, 1, I32, 11, V128, ...outer, ...sums, END];
}

function section(id: number, items: readonly (readonly number[])[]): number[] {
  return [id, ...sized([...unsigned(items.length), ...items.flat()])];
}

function sized(bytes: readonly number[]): number[] {
  return [...unsigned(bytes.length), ...bytes];
}

function text(name: string): number[] {
  return sized([...name].map((letter) => letter.charCodeAt(0)));
}

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  return value < 64 ? [value] : [(value & 127) | 128, ...signed(value >> 7)];
}
