import { type Choice, choose, type Detail, type Extent, type Slice } from "./detail.ts";

/**
 * Points as discs, in memory. Each pixel holds 32 x kind + coverage (0 to 31), and a disc leaves the larger of what is there and its own: the
 * picture does not depend on the order of drawing, and higher kinds lie on top, set off by their own soft edge.
 */

export interface Viewport extends Extent {
  /** Device pixels. */
  readonly width: number;
  readonly height: number;
}

export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

const FULL = 31;
/** Places of a disc's centre within a pixel, along each axis: finer, and nobody sees a pan move smoother. */
const PHASES = 4;

/** The frame's memory, taken from `before` where it is of that size. */
export function frameOf(width: number, height: number, before?: Frame): Frame {
  if (before?.width === width && before.height === height) {
    before.pixels.fill(0);
    return before;
  }
  return { width, height, pixels: new Uint8Array(width * height) };
}

export interface DrawOptions {
  /** Of each kind's discs, in device pixels. */
  readonly radii: readonly number[];
  /** Points a frame may touch. */
  readonly budget: number;
  /** Pixels of a cell of which one point is enough. */
  readonly cell?: number | undefined;
}

/** Points that one piece of {@link pieces} draws: well under a millisecond. */
const PIECE = 8192;

/** Draws what of `detail` is in the viewport; returns what was chosen. */
export function rasterise(frame: Frame, detail: Detail, viewport: Viewport, options: DrawOptions): Choice {
  const drawing = pieces(frame, detail, viewport, options);
  for (;;) {
    const { done, value } = drawing.next();
    if (done === true) return value;
  }
}

/** The same, some points at each step, so that a long drawing can be spread over frames; the picture is whole at the end alone. */
export function* pieces(
  frame: Frame,
  detail: Detail,
  viewport: Viewport,
  options: DrawOptions,
): Generator<undefined, Choice, undefined> {
  const reach = Math.max(...options.radii) + 1;
  const pad = (reach * (viewport.x1 - viewport.x0)) / viewport.width;
  const wanted = {
    ...viewport,
    x0: viewport.x0 - pad,
    x1: viewport.x1 + pad,
    width: viewport.width + 2 * reach,
  };
  const choice = choose(detail, wanted, options.budget, options.cell);
  const stamps = options.radii.map((radius, kind) => discStamps(radius, kind));
  for (const { level, from, to } of choice.slices) {
    for (let start = from; start < to; start += PIECE) {
      drawSlice(frame, { level, from: start, to: Math.min(to, start + PIECE) }, viewport, stamps);
      yield undefined;
    }
  }
  return choice;
}

/** Draws a list of points over the rest, all in one kind: the gene that is selected. */
export function drawChosen(
  frame: Frame,
  points: { readonly x: Float64Array; readonly y: Float32Array },
  chosen: Uint32Array,
  viewport: Viewport,
  radius: number,
  kind: number,
): void {
  const stamps = discStamps(radius, kind);
  const { toX, toY } = placer(viewport);
  for (const i of chosen) stamp(frame, toX(points.x[i]!), toY(points.y[i]!), stamps);
}

/** Data to pixels; y grows upwards. */
export function placer(viewport: Viewport): { toX: (x: number) => number; toY: (y: number) => number } {
  const { x0, x1, y0, y1, width, height } = viewport;
  const across = width / (x1 - x0);
  const up = height / (y1 - y0);
  return { toX: (x) => (x - x0) * across, toY: (y) => height - (y - y0) * up };
}

function drawSlice(frame: Frame, { level, from, to }: Slice, viewport: Viewport, stamps: Stamps[]): void {
  const { x, y, kind } = level;
  const across = viewport.width / (viewport.x1 - viewport.x0);
  const up = viewport.height / (viewport.y1 - viewport.y0);
  const left = viewport.x0;
  const bottom = viewport.y0;
  for (let i = from; i < to; i++)
    stamp(frame, (x[i]! - left) * across, viewport.height - (y[i]! - bottom) * up, stamps[kind[i]!]!);
}

interface Stamps {
  /** Of a mask's sides, and how far its first pixel lies before that of the centre. */
  readonly size: number;
  readonly before: number;
  /** By phase in y, then in x. */
  readonly masks: readonly Uint8Array[];
}

const known = new Map<string, Stamps>();

/** Masks of a disc at every place of its centre within a pixel. */
export function discStamps(radius: number, kind: number): Stamps {
  const key = `${radius} ${kind}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const before = Math.ceil(radius + 0.5);
  const size = 2 * before + 1;
  const masks = Array.from({ length: PHASES * PHASES }, (_, phase) => {
    const cx = before + ((phase % PHASES) + 0.5) / PHASES;
    const cy = before + (Math.floor(phase / PHASES) + 0.5) / PHASES;
    return Uint8Array.from({ length: size * size }, (_, at) => {
      const distance = Math.hypot((at % size) + 0.5 - cx, Math.floor(at / size) + 0.5 - cy);
      const coverage = Math.round(FULL * Math.min(1, Math.max(0, radius + 0.5 - distance)));
      return coverage === 0 ? 0 : kind * 32 + coverage;
    });
  });
  const made = { size, before, masks };
  known.set(key, made);
  return made;
}

function stamp(
  { width, height, pixels }: Frame,
  x: number,
  y: number,
  { size, before, masks }: Stamps,
): void {
  const column = Math.floor(x);
  const row = Math.floor(y);
  const left = column - before;
  const top = row - before;
  // Also where x or y is no number.
  if (!(left < width && top < height && left + size > 0 && top + size > 0)) return;
  const mask = masks[phaseOf(y - row) * PHASES + phaseOf(x - column)]!;
  const inside = left >= 0 && top >= 0 && left + size <= width && top + size <= height;
  if (!inside) {
    stampClipped(width, height, pixels, left, top, size, mask);
    return;
  }
  let at = top * width + left;
  for (let m = 0; m < mask.length; at += width - size)
    for (const end = m + size; m < end; m++, at++) if (mask[m]! > pixels[at]!) pixels[at] = mask[m]!;
}

/** A tiny negative place is a whole pixel beyond its floor, by rounding. */
function phaseOf(within: number): number {
  return Math.min(PHASES - 1, Math.floor(within * PHASES));
}

function stampClipped(
  width: number,
  height: number,
  pixels: Uint8Array,
  left: number,
  top: number,
  size: number,
  mask: Uint8Array,
): void {
  for (let v = Math.max(0, -top); v < size && top + v < height; v++)
    for (let u = Math.max(0, -left); u < size && left + u < width; u++) {
      const at = (top + v) * width + left + u;
      if (mask[v * size + u]! > pixels[at]!) pixels[at] = mask[v * size + u]!;
    }
}

/** The colour of each pixel value, as ImageData has it on a machine of little endian: alpha, blue, green, red. */
export function colourTable(colours: readonly (readonly [number, number, number])[]): Uint32Array {
  const table = new Uint32Array(256);
  for (const [kind, [red, green, blue]] of colours.entries())
    for (let coverage = 1; coverage < 32; coverage++) {
      const alpha = Math.round((255 * coverage) / FULL);
      table[kind * 32 + coverage] = ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0;
    }
  return table;
}

/** Pixels to colours; `out` has one number a pixel. Most of a plot is empty: four pixels at a time are passed over. */
export function colourise({ pixels }: Frame, table: Uint32Array, out: Uint32Array): void {
  const fours = new Uint32Array(pixels.buffer, pixels.byteOffset, pixels.length >> 2);
  out.fill(table[0]!);
  for (let four = 0; four < fours.length; four++) {
    if (fours[four] === 0) continue;
    for (let i = 4 * four; i < 4 * four + 4; i++) out[i] = table[pixels[i]!]!;
  }
  for (let i = 4 * fours.length; i < pixels.length; i++) out[i] = table[pixels[i]!]!;
}
