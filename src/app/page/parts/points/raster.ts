import { type Field, firstFrom, levelFor, type Viewport } from "./field.ts";

/** A dot of one size in pixels: what it covers, by rows from its middle; `alpha` is 255 inside and less on the rim. */
interface Stamp {
  readonly dx: Int32Array;
  readonly dy: Int32Array;
  readonly alpha: Uint8Array;
  readonly reach: number;
}

/** How a point is drawn. */
export interface Ink {
  /** 0xbbggrr: bytes as `ImageData` has them, without opacity. */
  readonly colour: number;
  /** Pixels. */
  readonly radius: number;
}

const stamps = new Map<number, Stamp>();

/** Coverage by 4 x 4 samples a pixel. */
function stampOf(radius: number): Stamp {
  const known = stamps.get(radius);
  if (known !== undefined) return known;
  const reach = Math.ceil(radius);
  const cells: [number, number, number][] = [];
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      let inside = 0;
      for (let s = 0; s < 16; s++) {
        const sx = dx + ((s & 3) - 1.5) / 4;
        const sy = dy + ((s >> 2) - 1.5) / 4;
        if (sx * sx + sy * sy <= radius * radius) inside++;
      }
      if (inside > 0) cells.push([dx, dy, Math.round((255 * inside) / 16)]);
    }
  }
  const stamp = {
    dx: Int32Array.from(cells, ([dx]) => dx),
    dy: Int32Array.from(cells, ([, dy]) => dy),
    alpha: Uint8Array.from(cells, ([, , alpha]) => alpha),
    reach,
  };
  stamps.set(radius, stamp);
  return stamp;
}

/**
 * Draws what `view` shows of the field into `pixels` (view.width x view.height, RGBA in bytes, cleared first), stronger points over weaker
 * ones where `inkOf` has several radii, else along x; those beyond the top at the top. Returns how many points were touched: at most those of
 * the level in view, whatever the field holds.
 */
export function drawPoints(
  field: Field,
  view: Viewport,
  pixels: Uint32Array,
  inkOf: (point: number) => Ink,
): number {
  pixels.fill(0);
  const { x } = field.points;
  const { points } = levelFor(field, view);
  // A dot may reach into the view from beside it.
  const margin = (16 * (view.x1 - view.x0)) / view.width;
  const from = firstFrom(x, points, view.x0 - margin);
  let k = from;
  for (; k < points.length; k++) {
    const i = points[k]!;
    if (x[i]! > view.x1 + margin) break;
    drawPoint(field, view, pixels, i, inkOf(i));
  }
  return k - from;
}

/** One point, over what is there. */
export function drawPoint(field: Field, view: Viewport, pixels: Uint32Array, point: number, ink: Ink): void {
  const { width, height } = view;
  const { x, y } = field.points;
  const value = Math.min(field.height, Math.max(0, y[point]!));
  const cx = Math.round(((x[point]! - view.x0) * width) / (view.x1 - view.x0) - 0.5);
  const cy = Math.round(height - ((value - view.y0) * height) / (view.y1 - view.y0) - 0.5);
  const { dx, dy, alpha, reach } = stampOf(ink.radius);
  if (cx < -reach || cy < -reach || cx >= width + reach || cy >= height + reach) return;
  const inside = cx >= reach && cy >= reach && cx < width - reach && cy < height - reach;
  for (let c = 0; c < dx.length; c++) {
    const px = cx + dx[c]!;
    const py = cy + dy[c]!;
    if (!inside && (px < 0 || py < 0 || px >= width || py >= height)) continue;
    const at = py * width + px;
    const cover = alpha[c]!;
    // A rim never dims what lies under it: the plot is a set of dots, not paint.
    if (cover === 255 || pixels[at]! >>> 24 < cover) pixels[at] = ((cover << 24) | ink.colour) >>> 0;
  }
}

/** `#rrggbb` as {@link Ink} has it. */
export function inkColour(hex: string): number {
  const value = Number.parseInt(hex.slice(1), 16);
  return ((value & 0xff) << 16) | (value & 0xff00) | (value >> 16);
}
