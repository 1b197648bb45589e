import { useMemo, useRef, useState } from "preact/hooks";
import type { ColourName } from "../../../report/svg.ts";
import { go } from "../places.ts";
import { selection, setSetting, setting } from "../state.ts";
import { announce } from "./announce.ts";
import type { PlotBox } from "./ManhattanAxes.tsx";
import { type MapPoints, pointsOfGene } from "./mapPoints.ts";
import { PointCanvas } from "./PointCanvas.tsx";
import { aboutPoint, PointFacts, pairOf } from "./pairText.tsx";
import { nearestDot } from "./raster/nearest.ts";
import { placer } from "./raster/raster.ts";
import { stretchText } from "./raster/ticks.ts";
import { panRange, type Range, sameRange, within, zoomRange } from "./raster/viewport.ts";
import { Tooltip } from "./Tooltip.tsx";
import { TransAxes } from "./TransAxes.tsx";
import { TRANS_CLASSES, type TransDots } from "./transDots.ts";
import { usePlotColours } from "./usePlotColours.ts";
import { type Spot, usePlotGestures } from "./usePlotGestures.ts";
import { useStretch } from "./useStretch.ts";
import { useWidth } from "./useWidth.ts";

/** The classes, and the gene that is selected. */
const COLOURS: readonly ColourName[] = [...TRANS_CLASSES.map(({ colour }) => colour), "ink"];
const RADII = [...TRANS_CLASSES.map(({ radius }) => radius), 3.4];
const CHOSEN = TRANS_CLASSES.length;
const MARGIN = { left: 56, right: 16, top: 30, bottom: 46 };
const LEAST = 100_000;
const REACH = 9;
const TALLEST = 760;

export interface TransPlotProps {
  readonly map: MapPoints;
  readonly trans: TransDots;
}

/** Variant position by gene position on a canvas: hover, brush, zoom along both axes. */
export function TransPlot({ map, trans }: TransPlotProps) {
  const outer = useRef<HTMLDivElement>(null);
  const area = useRef<HTMLDivElement>(null);
  const width = useWidth(outer);
  const height = Math.min(TALLEST, Math.max(320, width));
  const colours = usePlotColours(COLOURS);
  const bounds = useMemo((): Range => [0, map.layout.length], [map]);
  const across = useStretch(bounds, keptRange("trans.x"), keepX);
  const up = useStretch(bounds, keptRange("trans.y"), keepY);
  const [hovered, setHovered] = useState(-1);
  const [brush, setBrush] = useState<readonly [Spot, Spot] | undefined>(undefined);
  const gene = map.genes.id.indexOf(selection.value.gene ?? "");
  const ofGene = useMemo(() => pointsOfGene(map, gene), [map, gene]);
  const box: PlotBox = {
    left: MARGIN.left,
    top: MARGIN.top,
    width: Math.max(1, width - MARGIN.left - MARGIN.right),
    height: height - MARGIN.top - MARGIN.bottom,
    fullWidth: width,
    fullHeight: height,
  };
  const stretch = { x0: across.range[0], x1: across.range[1], y0: up.range[0], y1: up.range[1] };
  const viewport = { ...stretch, width: box.width, height: box.height };
  const { toX, toY } = placer(viewport);
  const nearest = (at: Spot): number =>
    nearestDot(trans.dots, viewport, at.x * box.width, at.y * box.height, REACH);
  const open = (index: number): void => go("gene", pairOf(map, index));
  const pan = (dx: number, dy: number, move: "show" | "moveTo" = "show"): void => {
    across[move](panRange(across.range, dx * (across.range[1] - across.range[0]), bounds));
    up[move](panRange(up.range, -dy * (up.range[1] - up.range[0]), bounds));
  };
  const zoom = (factor: number, at: Spot, move: "show" | "moveTo" = "show"): boolean => {
    const x = zoomRange(across.range, factor, at.x, bounds, LEAST);
    const y = zoomRange(up.range, factor, 1 - at.y, bounds, LEAST);
    if (sameRange(x, across.range) && sameRange(y, up.range)) return false;
    across[move](x);
    up[move](y);
    return true;
  };
  usePlotGestures(area, {
    drag: "brush",
    pan,
    zoom,
    hover: (at) => setHovered(at === undefined ? -1 : nearest(at)),
    click: (at) => {
      const index = nearest(at);
      if (index >= 0) open(index);
    },
    brush: (from, to, done) => {
      setBrush(done ? undefined : [from, to]);
      const [x, y] = [ordered(from.x, to.x), ordered(1 - from.y, 1 - to.y)];
      if (!done || x[1] - x[0] < 0.005 || y[1] - y[0] < 0.005) return;
      across.moveTo(partOf(across.range, x, bounds));
      up.moveTo(partOf(up.range, y, bounds));
    },
  });
  const all = (): void => {
    across.moveTo(bounds);
    up.moveTo(bounds);
  };
  const step = (by: number): void => {
    const at = map.peaks.indexOf(hovered);
    const index = map.peaks[Math.min(map.peaks.length - 1, Math.max(0, at + by))];
    if (index === undefined) return;
    setHovered(index);
    announce(aboutPoint(map, index));
    if (!inside(map.columns.x[index]!, across.range) || !inside(trans.dots.y[index]!, up.range)) all();
  };
  const press = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const middle = { x: 0.5, y: 0.5 };
    const acts: Readonly<Record<string, () => unknown>> = {
      ArrowLeft: () => pan(-0.2, 0, "moveTo"),
      ArrowRight: () => pan(0.2, 0, "moveTo"),
      ArrowUp: () => pan(0, -0.2, "moveTo"),
      ArrowDown: () => pan(0, 0.2, "moveTo"),
      "+": () => zoom(0.5, middle, "moveTo"),
      "=": () => zoom(0.5, middle, "moveTo"),
      "-": () => zoom(2, middle, "moveTo"),
      Home: all,
      PageDown: () => step(1),
      PageUp: () => step(-1),
      Enter: () => hovered >= 0 && open(hovered),
    };
    const act = acts[event.key];
    if (act === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };
  const spot =
    hovered >= 0 && inside(trans.dots.x[hovered]!, across.range) && inside(trans.dots.y[hovered]!, up.range)
      ? { x: box.left + toX(trans.dots.x[hovered]!), y: box.top + toY(trans.dots.y[hovered]!) }
      : undefined;
  return (
    <div class="scatter" ref={outer} style={{ height: `${height}px` }}>
      {width > 0 && <TransAxes box={box} layout={map.layout} across={across.range} up={up.range} />}
      <div
        class="scatter-area square"
        ref={area}
        style={{
          left: `${box.left}px`,
          top: `${box.top}px`,
          width: `${box.width}px`,
          height: `${box.height}px`,
        }}
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is moved and zoomed by keys
        tabIndex={0}
        aria-roledescription="trans plot"
        aria-label={`Variants of ${stretchText(map.layout, across.range)} by genes of ${stretchText(map.layout, up.range)}. Arrow keys move, plus and minus zoom, Home shows all; Page Down goes through the strongest genes, Enter opens one.`}
        onKeyDown={press}
      >
        {width > 0 && (
          <PointCanvas
            detail={trans.detail}
            stretch={stretch}
            width={box.width}
            height={box.height}
            radii={RADII}
            colours={colours}
            chosen={{ points: trans.dots, index: ofGene, kind: CHOSEN }}
          />
        )}
        {brush !== undefined && <div class="brush" style={brushStyle(brush)} />}
      </div>
      {spot !== undefined && (
        <>
          <svg class="qortex-plot axes" width={width} height={height} aria-hidden="true">
            <circle class="s-ink" cx={spot.x} cy={spot.y} r={7} fill="none" stroke-width={1.6} />
          </svg>
          <Tooltip {...spot} width={width}>
            <PointFacts map={map} index={hovered} />
          </Tooltip>
        </>
      )}
    </div>
  );
}

function inside(x: number, [low, high]: Range): boolean {
  return x >= low && x <= high;
}

function ordered(a: number, b: number): Range {
  const clamp = (share: number) => Math.min(1, Math.max(0, share));
  return [clamp(Math.min(a, b)), clamp(Math.max(a, b))];
}

function partOf([low, high]: Range, [from, to]: Range, bounds: Range): Range {
  const length = Math.max(LEAST, (to - from) * (high - low));
  const start = low + from * (high - low);
  return within([start, start + length], bounds);
}

function brushStyle([a, b]: readonly [Spot, Spot]): Record<string, string> {
  const [x, y] = [ordered(a.x, b.x), ordered(a.y, b.y)];
  return {
    left: `${100 * x[0]}%`,
    width: `${100 * (x[1] - x[0])}%`,
    top: `${100 * y[0]}%`,
    height: `${100 * (y[1] - y[0])}%`,
  };
}

function keptRange(name: string): Range | undefined {
  const [low, high] = setting(name).split("~").map(Number);
  return low !== undefined && high !== undefined && low < high ? [low, high] : undefined;
}

const keep = (name: string) => (range: Range | undefined) =>
  setSetting(name, range === undefined ? "" : range.map(Math.round).join("~"));
const keepX = keep("trans.x");
const keepY = keep("trans.y");
