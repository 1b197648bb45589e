import * as Plot from "@observablehq/plot";
import { fixed, ink } from "./svg.ts";

/** Marks that Plot lacks, and axes as all plots here have them. */

export interface DotOptions {
  readonly colour: string;
  /** Radius in pixels. */
  readonly radius: number;
  readonly opacity?: number;
}

/**
 * Dots as one path (a dot is a line of no length with a round cap): a tenth of the bytes of circles,
 * and quick to draw by the thousand.
 */
export function dots(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  { colour, radius, opacity }: DotOptions,
): Plot.RenderFunction {
  return (_index, scales, _values, _dimensions, context) => {
    let d = "";
    for (let i = 0; i < x.length; i++) {
      const cx = Number(scales.x?.(x[i]));
      const cy = Number(scales.y?.(y[i]));
      if (Number.isFinite(cx) && Number.isFinite(cy)) d += `M${tenth(cx)},${tenth(cy)}h0`;
    }
    if (d === "") return null;
    return svgElement(context.document, "path", {
      d,
      fill: "none",
      stroke: colour,
      "stroke-linecap": "round",
      "stroke-width": fixed(2 * radius),
      ...(opacity === undefined ? {} : { "stroke-opacity": opacity }),
    });
  };
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
