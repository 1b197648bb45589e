import { crc32, type GreyPicture, pngAddress, pngOf } from "./png.ts";

/** Points as a picture: what a drawing of more than 20,000 of them holds in place of paths. */

/** Pixels a unit of the drawing: sharp on screens of twice the density. */
const DENSITY = 2;
const TONES = 15;

export interface RasterBox {
  readonly x: number;
  readonly y: number;
  /** Whole numbers. */
  readonly width: number;
  readonly height: number;
}

export interface RasterMask extends RasterBox {
  /** Follows from the picture, so that two masks of one name on a page are the same. */
  readonly id: string;
  /** A PNG as an address, white where points are: the mask of a rectangle in the points' colour, which style sheets may turn. */
  readonly href: string;
}

/**
 * Discs of `radius` around the points, cut to `box`, with smooth edges. A pixel is as light as the disc that covers most of it, so
 * the order of points does not matter. Points that are not numbers are not drawn.
 */
export function rasterMask(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  radius: number,
  box: RasterBox,
): RasterMask {
  const png = pngOf(discs(x, y, radius, box));
  const id = `d${crc32(png).toString(36)}${png.length.toString(36)}`;
  return { ...box, id, href: pngAddress(png) };
}

/** The tones of {@link rasterMask}. */
export function discs(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  radius: number,
  box: RasterBox,
): GreyPicture {
  const width = DENSITY * box.width;
  const height = DENSITY * box.height;
  const tones = new Uint8Array(width * height);
  const reach = radius * DENSITY + 0.5;
  for (let i = 0; i < x.length; i++) {
    // At the corner of a pixel, so that all discs are alike: the file is a third of what it would be.
    const cx = Math.round(DENSITY * (x[i]! - box.x));
    const cy = Math.round(DENSITY * (y[i]! - box.y));
    if (!Number.isFinite(cx) || !Number.isFinite(cy)) continue;
    const bottom = Math.min(height - 1, Math.floor(cy + reach));
    const right = Math.min(width - 1, Math.floor(cx + reach));
    for (let row = Math.max(0, Math.floor(cy - reach)); row <= bottom; row++) {
      const dy = row + 0.5 - cy;
      for (let column = Math.max(0, Math.floor(cx - reach)); column <= right; column++) {
        const dx = column + 0.5 - cx;
        const cover = Math.min(1, reach - Math.sqrt(dx * dx + dy * dy));
        if (cover <= 0) continue;
        const tone = Math.round(TONES * cover);
        const at = row * width + column;
        if (tone > tones[at]!) tones[at] = tone;
      }
    }
  }
  return { width, height, tones };
}
