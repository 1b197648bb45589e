import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import type { Range } from "./raster/viewport.ts";
import { useWidth } from "./useWidth.ts";

export interface PlotBox {
  readonly left: number;
  readonly top: number;
  /** Of the area with points. */
  readonly width: number;
  readonly height: number;
  /** Of all; the width is 0 before it is known. */
  readonly fullWidth: number;
  readonly fullHeight: number;
}

export interface Margin {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The box of a plot as wide as the element that `outer` is given to; `heightOf` says how high for a width. */
export function usePlotBox(margin: Margin, heightOf: (width: number) => number) {
  const outer = useRef<HTMLDivElement>(null);
  const width = useWidth(outer);
  const height = heightOf(width);
  const box: PlotBox = {
    left: margin.left,
    top: margin.top,
    width: Math.max(1, width - margin.left - margin.right),
    height: height - margin.top - margin.bottom,
    fullWidth: width,
    fullHeight: height,
  };
  return { outer, box };
}

/** Data to pixels of the whole box; y grows upwards. */
export function placeIn(box: PlotBox, across: Range, up: Range) {
  return {
    toX: (x: number) => box.left + ((x - across[0]) / (across[1] - across[0])) * box.width,
    toY: (y: number) => box.top + box.height - ((y - up[0]) / (up[1] - up[0])) * box.height,
  };
}

export interface PlotLayerProps {
  readonly box: PlotBox;
  readonly children: ComponentChildren;
}

/** A drawing over the whole box, in the report's style. */
export function PlotLayer({ box, children }: PlotLayerProps) {
  return (
    <svg
      class="qortex-plot axes"
      width={box.fullWidth}
      height={box.fullHeight}
      font-size="11.5"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

/** Where chromosomes meet, from edge to edge of the points. */
export function EdgesAcross(props: { readonly box: PlotBox; readonly at: readonly number[] }) {
  const { top, height } = props.box;
  return (
    <>
      {props.at.map((x) => (
        <line key={x} class="s-grid" x1={x} x2={x} y1={top} y2={top + height} />
      ))}
    </>
  );
}
