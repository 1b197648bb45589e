import { useCallback, useMemo, useRef, useState } from "preact/hooks";
import type { ColourName } from "../../../report/svg.ts";
import { go } from "../places.ts";
import { select, selection } from "../state.ts";
import { announce } from "./announce.ts";
import { ManhattanAxes, type PlotBox, SignificanceLine } from "./ManhattanAxes.tsx";
import { type MapPoints, pointsOfGene } from "./mapPoints.ts";
import { type Peak, PeakLabels } from "./PeakLabels.tsx";
import { PointCanvas } from "./PointCanvas.tsx";
import { aboutPoint, nameOf, PointFacts, pairOf } from "./pairText.tsx";
import { firstAbove, firstAtLeast } from "./raster/detail.ts";
import { nearestDot } from "./raster/nearest.ts";
import { peaksIn } from "./raster/peaks.ts";
import { placer } from "./raster/raster.ts";
import { stretchText } from "./raster/ticks.ts";
import { panRange, type Range, sameRange, zoomRange } from "./raster/viewport.ts";
import { Tooltip } from "./Tooltip.tsx";
import { usePlotColours } from "./usePlotColours.ts";
import { type Spot, usePlotGestures } from "./usePlotGestures.ts";
import { useStretch } from "./useStretch.ts";
import { useWidth } from "./useWidth.ts";

/** By kind: weak and strong on even and odd chromosomes; 4 is the gene that is selected. */
const COLOURS: readonly ColourName[] = ["deep", "pale", "deep", "pale", "accent"];
const RADII = [1.5, 1.5, 2.1, 2.1, 2.6];
const CHOSEN = 4;
const MARGIN = { left: 44, right: 14, top: 20, bottom: 46 };
/** Bases that are shown at least. */
const LEAST = 2_000;
const MOST_LABELS = 14;
const REACH = 9;

export interface ManhattanPlotProps {
  readonly map: MapPoints;
  readonly height: number;
  /** Whether the y axis ends at the strongest point in view. */
  readonly fit: boolean;
  /** What the line of significance is. */
  readonly lineText: string;
}

const keepZoom = (zoom: Range | undefined): void => select({ zoom });

export function ManhattanPlot({ map, height, fit, lineText }: ManhattanPlotProps) {
  const outer = useRef<HTMLDivElement>(null);
  const area = useRef<HTMLDivElement>(null);
  const width = useWidth(outer);
  const colours = usePlotColours(COLOURS);
  const bounds = useMemo((): Range => [0, map.layout.length], [map]);
  const { range, show, moveTo } = useStretch(bounds, selection.value.zoom, keepZoom);
  const [hovered, setHovered] = useState<number | undefined>(undefined);
  const [brush, setBrush] = useState<readonly [Spot, Spot] | undefined>(undefined);

  const gene = map.genes.id.indexOf(selection.value.gene ?? "");
  const ofGene = useMemo(() => pointsOfGene(map, gene), [map, gene]);
  const variant = selection.value.variant;
  const chosen = useMemo(
    () => ofGene.find((i) => map.columns.variants[map.columns.variant[i]!] === variant) ?? -1,
    [ofGene, variant],
  );

  const box: PlotBox = {
    left: MARGIN.left,
    top: MARGIN.top,
    width: Math.max(1, width - MARGIN.left - MARGIN.right),
    height: height - MARGIN.top - MARGIN.bottom,
    fullWidth: width,
    fullHeight: height,
  };
  const highest = fit ? map.bottom + Math.max(1, (map.heightIn(range) - map.bottom) * 1.12) : map.top;
  const stretch = { x0: range[0], x1: range[1], y0: map.bottom, y1: highest };
  const viewport = { ...stretch, width: box.width, height: box.height };
  const { toX, toY } = placer(viewport);
  const place = (i: number) => ({ x: box.left + toX(map.dots.x[i]!), y: box.top + toY(map.dots.y[i]!) });

  const peaks = useMemo(() => {
    const apart = ((range[1] - range[0]) * 26) / box.width;
    return peaksIn(map.peaks, map.dots.x, range, { limit: MOST_LABELS, apart });
  }, [map, range, box.width]);
  const labels = peaks.map(
    (index): Peak => ({ index, ...place(index), text: nameOf(map, index), about: aboutPoint(map, index) }),
  );

  const choose = useCallback(
    (index: number, open = false) => {
      const change = pairOf(map, index);
      if (open) go("gene", change);
      else select(change);
      announce(`${aboutPoint(map, index)} selected`);
    },
    [map],
  );
  const nearest = (at: Spot): number =>
    nearestDot(map.dots, viewport, at.x * box.width, at.y * box.height, REACH);
  usePlotGestures(area, {
    drag: "pan",
    pan: (dx) => show(panRange(range, dx * (range[1] - range[0]), bounds)),
    zoom: (factor, at) => {
      const next = zoomRange(range, factor, at.x, bounds, LEAST);
      if (sameRange(next, range)) return false;
      show(next);
      return true;
    },
    hover: (at) => setHovered(at === undefined ? undefined : found(nearest(at))),
    click: (at) => {
      const index = nearest(at);
      if (index >= 0) choose(index, index === chosen);
    },
    brush: (from, to, done) => {
      setBrush(done ? undefined : [from, to]);
      const [low, high] = [Math.min(from.x, to.x), Math.max(from.x, to.x)];
      const at = (share: number) => range[0] + share * (range[1] - range[0]);
      if (done && high - low > 0.005) moveTo([at(Math.max(0, low)), at(Math.min(1, high))]);
    },
  });

  const press = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== event.currentTarget) return;
    const length = range[1] - range[0];
    const acts: Readonly<Record<string, () => Range>> = {
      ArrowLeft: () => panRange(range, -0.2 * length, bounds),
      ArrowRight: () => panRange(range, 0.2 * length, bounds),
      "+": () => zoomRange(range, 0.5, 0.5, bounds, LEAST),
      "=": () => zoomRange(range, 0.5, 0.5, bounds, LEAST),
      "-": () => zoomRange(range, 2, 0.5, bounds, LEAST),
      Home: () => bounds,
    };
    const next = acts[event.key]?.();
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    moveTo(next);
    announce(`Showing ${stretchText(map.layout, next)}`);
  };
  const tip = hovered === undefined ? undefined : { index: hovered, ...place(hovered) };
  return (
    <div class="scatter" ref={outer} style={{ height: `${height}px` }}>
      {width > 0 && (
        <ManhattanAxes box={box} layout={map.layout} range={range} heights={[map.bottom, highest]} />
      )}
      <div
        class="scatter-area"
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
        aria-roledescription="Manhattan plot"
        aria-label={`Associations along ${stretchText(map.layout, range)}. Arrow keys move, plus and minus zoom, Home shows all; Tab goes through the strongest peaks.`}
        onKeyDown={press}
        onDblClick={(event) => {
          const at = (event.clientX - event.currentTarget.getBoundingClientRect().left) / box.width;
          moveTo(zoomRange(range, 0.25, at, bounds, LEAST));
        }}
      >
        {width > 0 && (
          <PointCanvas
            detail={map.detail}
            stretch={stretch}
            width={box.width}
            height={box.height}
            radii={RADII}
            colours={colours}
            chosen={{ points: map.dots, index: ofGene, kind: CHOSEN }}
          />
        )}
        {brush !== undefined && (
          <div
            class="brush"
            style={{
              left: `${100 * Math.min(brush[0].x, brush[1].x)}%`,
              width: `${100 * Math.abs(brush[1].x - brush[0].x)}%`,
              top: 0,
              bottom: 0,
            }}
          />
        )}
      </div>
      {width > 0 && map.line !== undefined && (
        <SignificanceLine box={box} heights={[map.bottom, highest]} y={map.line} text={lineText} />
      )}
      {width > 0 && (
        <PeakLabels
          peaks={labels}
          box={box}
          cloud={cloudOf(map, range, highest).map(place)}
          chosen={chosen}
          onFocus={setHovered}
          onChoose={(index) => choose(index, index === chosen)}
        />
      )}
      {chosen >= 0 && inside(map.dots.x[chosen]!, range) && <Ring {...place(chosen)} box={box} />}
      {tip !== undefined && inside(map.dots.x[tip.index]!, range) && (
        <>
          <Ring x={tip.x} y={tip.y} box={box} />
          <Tooltip x={tip.x} y={tip.y} width={width}>
            <PointFacts map={map} index={tip.index} />
          </Tooltip>
        </>
      )}
    </div>
  );
}

function found(index: number): number | undefined {
  return index >= 0 ? index : undefined;
}

function inside(x: number, [low, high]: Range): boolean {
  return x >= low && x <= high;
}

function Ring({ x, y, box }: { readonly x: number; readonly y: number; readonly box: PlotBox }) {
  return (
    <svg class="qortex-plot axes" width={box.fullWidth} height={box.fullHeight} aria-hidden="true">
      <circle class="s-ink" cx={x} cy={y} r={6.5} fill="none" stroke-width={1.6} />
    </svg>
  );
}

/** The strongest points in view that stand high enough to be in a name's way. */
function cloudOf(map: MapPoints, [low, high]: Range, highest: number): number[] {
  const [level] = map.detail.levels;
  if (level === undefined) return [];
  const least = map.bottom + 0.16 * (highest - map.bottom);
  const found: number[] = [];
  const to = firstAbove(level.x, high);
  for (let i = firstAtLeast(level.x, low); i < to && found.length < 500; i++)
    if (level.y[i]! > least) found.push(level.index[i]!);
  return found;
}
