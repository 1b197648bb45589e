import type { ComponentChildren, RefObject } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";
import { selection } from "../state.ts";
import { announce } from "./announce.ts";
import { type MapPoints, pointsOfGene } from "./mapPoints.ts";
import { type PlotBox, PlotLayer, placeIn } from "./PlotBox.tsx";
import { PointCanvas } from "./PointCanvas.tsx";
import { PointFacts } from "./pairText.tsx";
import type { Detail, Dots } from "./raster/detail.ts";
import { nearestDot } from "./raster/nearest.ts";
import { type Range, sameRange } from "./raster/viewport.ts";
import { Tooltip } from "./Tooltip.tsx";
import type { Axis, Pace } from "./useAxis.ts";
import { type Spot, usePlotGestures } from "./usePlotGestures.ts";

export interface ScatterProps {
  readonly outer: RefObject<HTMLDivElement | null>;
  readonly box: PlotBox;
  readonly map: MapPoints;
  /** Point i is pair i of `map`. */
  readonly dots: Pick<Dots, "x" | "y" | "strength">;
  readonly detail: Detail;
  readonly radii: readonly number[];
  readonly colours: Uint32Array;
  /** Points of the gene that is selected; they are of the last kind. */
  readonly ofGene: Uint32Array;
  readonly across: Axis;
  /** The other axis where that moves too, and what of it is shown. */
  readonly up?: Axis | undefined;
  readonly heights: Range;
  /** What a plain drag does. */
  readonly drag: "pan" | "brush";
  /** What screen readers call the plot, what it says that it shows, and which keys it heeds. */
  readonly kind: string;
  readonly says: (across: Range, up: Range) => string;
  readonly help: string;
  /** The point under the pointer, -1 for none; and one that keeps a ring. */
  readonly hovered: number;
  readonly chosen?: number | undefined;
  readonly onHover: (index: number) => void;
  readonly onPick: (index: number) => void;
  /** Keys beside those that move and zoom. */
  readonly keys?: Readonly<Record<string, () => void>> | undefined;
  /** Below the points, and over them. */
  readonly axes: ComponentChildren;
  readonly children?: ComponentChildren;
}

/** Pixels from a point at which the pointer finds it. */
const REACH = 9;
/** Share of the plot below which a frame that was drawn is no stretch. */
const LEAST_BRUSH = 0.005;
const MIDDLE: Spot = { x: 0.5, y: 0.5 };

/** Points of the gene that is selected. */
export function useGenePoints(map: MapPoints): Uint32Array {
  const gene = map.genes.id.indexOf(selection.value.gene ?? "");
  return useMemo(() => pointsOfGene(map, gene), [map, gene]);
}

/** Points on a canvas that are hovered, picked, brushed, moved and zoomed along one axis or both, by pointer, wheel, touch and keys. */
export function Scatter(props: ScatterProps) {
  const { box, map, dots, across, up, heights, radii, hovered, chosen = -1 } = props;
  const area = useRef<HTMLDivElement>(null);
  const [brush, setBrush] = useState<Brush | undefined>(undefined);
  const { range } = across;
  const stretch = { x0: range[0], x1: range[1], y0: heights[0], y1: heights[1] };
  const nearest = ({ x, y }: Spot): number => {
    const viewport = { ...stretch, width: box.width, height: box.height };
    return nearestDot(dots, viewport, x * box.width, y * box.height, REACH);
  };
  const pan = (dx: number, dy: number, pace: Pace): readonly [Range, Range] => [
    across.pan(dx, pace),
    up?.pan(-dy, pace) ?? heights,
  ];
  const zoom = (factor: number, at: Spot, pace: Pace): readonly [Range, Range] => [
    across.zoom(factor, at.x, pace),
    up?.zoom(factor, 1 - at.y, pace) ?? heights,
  ];
  usePlotGestures(area, {
    drag: props.drag,
    pan: (dx, dy) => pan(dx, dy, "show"),
    zoom: (factor, at) => {
      const [x, y] = zoom(factor, at, "show");
      return !sameRange(x, range) || !sameRange(y, heights);
    },
    hover: (at) => props.onHover(at === undefined ? -1 : nearest(at)),
    click: (at) => {
      const index = nearest(at);
      if (index >= 0) props.onPick(index);
    },
    brush: (from, to, done) => {
      const next = brushed(from, to, up !== undefined);
      setBrush(done ? undefined : next);
      if (!done || Math.min(next.x[1] - next.x[0], next.y[1] - next.y[0]) <= LEAST_BRUSH) return;
      across.part(...next.x);
      up?.part(1 - next.y[1], 1 - next.y[0]);
    },
  });
  const all = () => [across.all(), up?.all() ?? heights] as const;
  const moves: Readonly<Record<string, () => readonly [Range, Range]>> = {
    ArrowLeft: () => pan(-0.2, 0, "moveTo"),
    ArrowRight: () => pan(0.2, 0, "moveTo"),
    ...(up !== undefined && {
      ArrowUp: () => pan(0, -0.2, "moveTo"),
      ArrowDown: () => pan(0, 0.2, "moveTo"),
    }),
    "+": () => zoom(0.5, MIDDLE, "moveTo"),
    "=": () => zoom(0.5, MIDDLE, "moveTo"),
    "-": () => zoom(2, MIDDLE, "moveTo"),
    Home: all,
  };
  const press = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const [move, other] = [moves[event.key], props.keys?.[event.key]];
    if (move === undefined && other === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    other?.();
    if (move !== undefined) announce(props.says(...move()));
  };
  const { toX, toY } = placeIn(box, range, heights);
  const spotOf = (index: number): Spot | undefined =>
    index >= 0 && inside(dots.x[index]!, range) && (up === undefined || inside(dots.y[index]!, heights))
      ? { x: toX(dots.x[index]!), y: toY(dots.y[index]!) }
      : undefined;
  const [ring, tip] = [spotOf(chosen), spotOf(hovered)];
  const known = box.fullWidth > 0;
  return (
    <div class="scatter" ref={props.outer} style={{ height: `${box.fullHeight}px` }}>
      {known && props.axes}
      <div
        class={up === undefined ? "scatter-area" : "scatter-area square"}
        ref={area}
        style={pixels({ left: box.left, top: box.top, width: box.width, height: box.height })}
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is moved and zoomed by keys
        tabIndex={0}
        aria-roledescription={props.kind}
        aria-label={`${props.says(range, heights)}. Arrow keys move, plus and minus zoom, Home shows all; ${props.help}.`}
        onKeyDown={press}
        onDblClick={(event) => {
          const { left } = event.currentTarget.getBoundingClientRect();
          if (up === undefined) across.zoom(0.25, (event.clientX - left) / box.width, "moveTo");
        }}
      >
        {known && (
          <PointCanvas
            detail={props.detail}
            stretch={stretch}
            width={box.width}
            height={box.height}
            radii={radii}
            colours={props.colours}
            chosen={{ points: dots, index: props.ofGene, kind: radii.length - 1 }}
          />
        )}
        {brush !== undefined && <div class="brush" style={brushStyle(brush)} />}
      </div>
      {known && props.children}
      {ring !== undefined && <Ring {...ring} box={box} />}
      {tip !== undefined && (
        <>
          <Ring {...tip} box={box} />
          <Tooltip {...tip} width={box.fullWidth}>
            <PointFacts map={map} index={hovered} />
          </Tooltip>
        </>
      )}
    </div>
  );
}

/** A frame that is drawn, in shares of the plot from its upper left. */
interface Brush {
  readonly x: Range;
  readonly y: Range;
}

function brushed(from: Spot, to: Spot, square: boolean): Brush {
  return { x: ordered(from.x, to.x), y: square ? ordered(from.y, to.y) : [0, 1] };
}

function ordered(a: number, b: number): Range {
  const clamp = (share: number) => Math.min(1, Math.max(0, share));
  return [clamp(Math.min(a, b)), clamp(Math.max(a, b))];
}

function brushStyle({ x, y }: Brush): Record<string, string> {
  return {
    left: `${100 * x[0]}%`,
    width: `${100 * (x[1] - x[0])}%`,
    top: `${100 * y[0]}%`,
    height: `${100 * (y[1] - y[0])}%`,
  };
}

function pixels(lengths: Readonly<Record<string, number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(lengths).map(([name, length]) => [name, `${length}px`]));
}

export function inside(x: number, [low, high]: Range): boolean {
  return x >= low && x <= high;
}

function Ring({ x, y, box }: Spot & { readonly box: PlotBox }) {
  return (
    <PlotLayer box={box}>
      <circle class="s-ink" cx={x} cy={y} r={6.5} fill="none" stroke-width={1.6} />
    </PlotLayer>
  );
}
