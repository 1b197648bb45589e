import { BackendError } from "../../errors.ts";
import type { RobustExports } from "./robustExports.ts";

type Screen<Stages extends number[]> = (
  panel: number,
  ends: number,
  lists: number,
  records: number,
  genes: number,
  extras: number,
  sums: number,
  ...rest: [...stages: Stages, from: number, rows: number, found: number, capacity: number]
) => void;
type ScreenCarriers = Screen<[number]>;
type ScreenPair = Screen<[]>;

/** The functions of `assembly/`; addresses and strides are bytes. */
interface Exports extends RobustExports {
  readonly memory: WebAssembly.Memory;
  arena(): number;
  unpackCalls(
    packed: number,
    stride: number,
    rows: number,
    terms: number,
    out: number,
    outStride: number,
  ): void;
  unpackDosages(
    packed: number,
    stride: number,
    rows: number,
    fills: number,
    out: number,
    outStride: number,
  ): void;
  addRemainders(
    offsets: number,
    rows: number,
    first: number,
    sample: number,
    value: number,
    out: number,
    outStride: number,
  ): void;
  quantiseRows(
    values: number,
    valueStride: number,
    samples: number,
    from: number,
    to: number,
    out: number,
    outStride: number,
    measures: number,
    measureBytes: number,
  ): void;
  estimateTile(
    rows: number,
    columns: number,
    rowCount: number,
    columnCount: number,
    stride: number,
    rowScale: number,
    columnScale: number,
    estimates: number,
    add: number,
  ): void;
  screenDots(
    rows: number,
    columns: number,
    rowCount: number,
    columnCount: number,
    stride: number,
    rowFactors: number,
    rowBytes: number,
    columnFactors: number,
    columnBytes: number,
    start: number,
    found: number,
    capacity: number,
  ): void;
  dotTileF64(
    rows: number,
    columns: number,
    rowCount: number,
    columnCount: number,
    stride: number,
    out: number,
    outStride: number,
  ): void;
  gramTile(
    i: number,
    iRows: number,
    j: number,
    jRows: number,
    stride: number,
    stretch: number,
    out: number,
    outStride: number,
  ): void;
  listCarriers64(
    packed: number,
    stride: number,
    rows: number,
    samples: number,
    ends: number,
    lists: number,
    room: number,
    missing: number,
  ): void;
  makePanel64(columns: number, samples: number, panel: number): void;
  dotCarriers64(
    panel: number,
    samples: number,
    ends: number,
    lists: number,
    room: number,
    missing: number,
    fills: number,
    from: number,
    to: number,
    out: number,
    outStride: number,
  ): void;
  countCalls(packed: number, stride: number, rows: number, counts: number): void;
  listCalls(
    packed: number,
    stride: number,
    rows: number,
    from: number,
    calls: number,
    origins: number,
    group: number,
    none: number,
    ends: number,
    lists: number,
  ): number;
  permuteColumns(
    y: number,
    samples: number,
    order: number,
    basis: number,
    count: number,
    e: number,
    columns: number,
    stride: number,
  ): void;
  projectFour(e: number, samples: number, basis: number, count: number): void;
  tridiagonalise(a: number, n: number, diagonal: number, below: number, p: number): void;
  dotOne64(a: number, b: number, bytes: number): number;
  dotCalls64(packed: number, b: number, stride: number): number;
  dotRowsOfCalls64(packed: number, stride: number, b: number, rows: number, count: number, out: number): void;
  quantiseColumns(
    e: number,
    samples: number,
    stretch: number,
    group: number,
    least: number,
    panel: number,
    scales: number,
    remainders: number,
  ): void;
  liftPanel(panel: number, samples: number, stretch: number, group: number): void;
  screenCarriers1: ScreenCarriers;
  screenCarriers2: ScreenCarriers;
  screenCarriers4: ScreenCarriers;
  screenPair1: ScreenPair;
  screenPair2: ScreenPair;
  select(
    estimates: number,
    rowCount: number,
    columnCount: number,
    cohorts: number,
    rowBase: number,
    rowFactor: number,
    rowBytes: number,
    columnFactor: number,
    threshold: number,
    first: number,
    last: number,
    from: number,
    found: number,
    capacity: number,
  ): void;
  raise(
    estimates: number,
    rowCount: number,
    columnCount: number,
    cohorts: number,
    rowBase: number,
    rowFactor: number,
    rowBytes: number,
    columnFactor: number,
    floor: number,
    first: number,
    last: number,
    margin: number,
  ): void;
  testPairs(
    products: number,
    norms: number,
    count: number,
    expressionNorm: number,
    constants: number,
    r: number,
    slope: number,
    slopeSe: number,
    log10P: number,
    odd: number,
  ): number;
  powersOf10(x: number, count: number, out: number): void;
}

const PAGE = 65_536;

/** A stretch of WASM memory: where it is for the kernels, and a view of it for us. */
export interface Region<View> {
  readonly at: number;
  readonly view: View;
}

interface ViewOf {
  readonly u8: Uint8Array<ArrayBuffer>;
  readonly i8: Int8Array<ArrayBuffer>;
  readonly u16: Uint16Array<ArrayBuffer>;
  readonly i16: Int16Array<ArrayBuffer>;
  readonly i32: Int32Array<ArrayBuffer>;
  readonly u32: Uint32Array<ArrayBuffer>;
  readonly f32: Float32Array<ArrayBuffer>;
  readonly f64: Float64Array<ArrayBuffer>;
}

const CONSTRUCTORS = {
  u8: Uint8Array,
  i8: Int8Array,
  u16: Uint16Array,
  i16: Int16Array,
  i32: Int32Array,
  u32: Uint32Array,
  f32: Float32Array,
  f64: Float64Array,
} as const;

/** What a job lays out in memory: a name, an element type and a length each. */
export type Layout = Readonly<Record<string, readonly [type: keyof ViewOf, length: number]>>;
export type Regions<L extends Layout> = { readonly [Name in keyof L]: Region<ViewOf[L[Name][0]]> };

/** An instance of the kernels with its own memory, which one job at a time lays out anew. */
export class Kernels {
  readonly run: Exports;

  constructor(instance: WebAssembly.Instance) {
    this.run = instance.exports as unknown as Exports;
  }

  /** Lays out a job's regions, each on a multiple of 16 bytes, all 0. Earlier regions are void. */
  lay<const L extends Layout>(layout: L): Regions<L> {
    let at = Math.ceil(this.run.arena() / 16) * 16;
    const first = at;
    const places = Object.entries(layout).map(([name, [type, length]]) => {
      const place = { name, type, length, at };
      at += Math.ceil((length * CONSTRUCTORS[type].BYTES_PER_ELEMENT) / 16) * 16;
      return place;
    });
    this.grow(at);
    const { buffer } = this.run.memory;
    new Uint8Array(buffer, first, at - first).fill(0);
    return Object.fromEntries(
      places.map(({ name, type, length, at }) => [
        name,
        { at, view: new CONSTRUCTORS[type](buffer, at, length) },
      ]),
    ) as Regions<L>;
  }

  private grow(bytes: number): void {
    const missing = Math.ceil((bytes - this.run.memory.buffer.byteLength) / PAGE);
    if (missing <= 0) return;
    try {
      this.run.memory.grow(missing);
    } catch (cause) {
      throw new BackendError(`WebAssembly memory of ${bytes} bytes was refused; use fewer threads`, {
        cause,
      });
    }
  }
}

/** The kernels of `bytes`. Throws {@link BackendError} where the engine has no WebAssembly SIMD. */
export async function instantiate(bytes: Uint8Array<ArrayBuffer>): Promise<Kernels> {
  try {
    const { instance } = await WebAssembly.instantiate(bytes, {});
    return new Kernels(instance);
  } catch (cause) {
    throw new BackendError("this JavaScript engine does not run WebAssembly SIMD; use --backend reference", {
      cause,
    });
  }
}
