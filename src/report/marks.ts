import * as Plot from "@observablehq/plot";
import { rasterMask } from "./raster.ts";
import { fixed, ink, MAX_POINTS } from "./svg.ts";

/** Marks that Plot lacks, and axes as all plots here have them. */

export interface DotOptions {
  readonly colour: string;
  /** Radius in pixels. */
  readonly radius: number;
  readonly opacity?: number;
  /** Points of the whole drawing where these are but a part of them; past {@link MAX_POINTS} they become a picture. */
  readonly among?: number;
}

/**
 * Dots as one path (a dot is a line of no length with a round cap): a tenth of the bytes of circles,
 * and quick to draw by the thousand. Past {@link MAX_POINTS} points, a picture behind a mask.
 */
export function dots(x: ArrayLike<number>, y: ArrayLike<number>, options: DotOptions): Plot.RenderFunction {
  return (_index, scales, _values, dimensions, { document }) => {
    const cx = placed(x, scales.x);
    const cy = placed(y, scales.y);
    return (options.among ?? x.length) > MAX_POINTS
      ? dotPicture(document, cx, cy, options, dimensions)
      : dotPath(document, cx, cy, options);
  };
}

/** Pixels of values: by a loop, since `from` goes through an iterator, slow where points are many. */
function placed(values: ArrayLike<number>, scale: ((value: number) => unknown) | undefined): Float64Array {
  const out = new Float64Array(values.length);
  for (let i = 0; i < out.length; i++) out[i] = Number(scale?.(values[i]!));
  return out;
}

function dotPath(
  document: Document,
  cx: Float64Array,
  cy: Float64Array,
  { colour, radius, opacity }: DotOptions,
) {
  let d = "";
  for (let i = 0; i < cx.length; i++) {
    if (Number.isFinite(cx[i]) && Number.isFinite(cy[i])) d += `M${tenth(cx[i]!)},${tenth(cy[i]!)}h0`;
  }
  if (d === "") return null;
  return svgElement(document, "path", {
    d,
    fill: "none",
    stroke: colour,
    "stroke-linecap": "round",
    "stroke-width": fixed(2 * radius),
    ...(opacity === undefined ? {} : { "stroke-opacity": opacity }),
  });
}

/** A rectangle in the dots' colour, seen where the dots are: so the colour turns at night as that of paths does. */
function dotPicture(
  document: Document,
  cx: Float64Array,
  cy: Float64Array,
  { colour, radius, opacity }: DotOptions,
  { width, height, marginLeft, marginRight, marginTop, marginBottom }: Plot.Dimensions,
) {
  if (!cx.some((x, i) => Number.isFinite(x) && Number.isFinite(cy[i]))) return null;
  // Discs on the edge of the frame stay whole.
  const edge = Math.ceil(radius) + 1;
  const box = {
    x: Math.floor(marginLeft) - edge,
    y: Math.floor(marginTop) - edge,
    width: Math.ceil(width - marginLeft - marginRight) + 2 * edge,
    height: Math.ceil(height - marginTop - marginBottom) + 2 * edge,
  };
  const { id, href } = rasterMask(cx, cy, radius, box);
  const group = svgElement(document, "g", {});
  const mask = svgElement(document, "mask", { id, maskUnits: "userSpaceOnUse", ...box });
  mask.append(svgElement(document, "image", { href, ...box }));
  const shown = opacity === undefined ? {} : { "fill-opacity": opacity };
  group.append(mask, svgElement(document, "rect", { ...box, fill: colour, mask: `url(#${id})`, ...shown }));
  return group;
}

export function svgElement(
  document: Document,
  name: "circle" | "g" | "image" | "mask" | "path" | "rect" | "text",
  attributes: Readonly<Record<string, string | number>>,
): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

function tenth(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** Text of axes: quiet, level, no arrows. */
export const AXIS = {
  color: ink.muted,
  tickSize: 0,
  tickPadding: 7,
  label: null,
  fontSize: 11.5,
} as const;

/** What the y axis shows, level above it: nobody likes to read sideways. `left` is the plot's left margin. */
export function yTitle(text: string, left: number): Plot.Markish {
  return Plot.text([text], {
    frameAnchor: "top-left",
    dx: 12 - left,
    dy: -18,
    textAnchor: "start",
    fill: ink.muted,
    fontSize: 11.5,
  });
}

/** What the x axis shows, in the middle below it. */
export function xTitle(text: string): Plot.Markish {
  return Plot.text([text], { frameAnchor: "bottom", dy: 38, fill: ink.muted, fontSize: 11.5 });
}

/** A remark in the accent colour, at the top right. */
export function remark(text: string): Plot.Markish {
  return Plot.text([text], {
    frameAnchor: "top-right",
    dy: -18,
    textAnchor: "end",
    fill: ink.accent,
    fontSize: 11.5,
  });
}

/** Hairlines behind the data. */
export const GRID = { stroke: ink.grid, strokeOpacity: 1 } as const;
