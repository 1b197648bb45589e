import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { leaderLine, placeLabels } from "../../../../report/labels.ts";
import type { ChromosomeSpan } from "../../../engine/protocol.ts";
import { genomeTicks, shades, type Tick, valueTicks } from "./axis.ts";
import { type Field, nearest, type Viewport } from "./field.ts";
import { useGestures } from "./gestures.ts";
import { drawPoint, drawPoints, type Ink } from "./raster.ts";
import { isWhole, moved, type Stretch, within, zoomed } from "./stretch.ts";

export interface PointName {
  readonly point: number;
  readonly text: string;
}

export interface PointPlotProps {
  readonly field: Field;
  /** Chromosomes along x. */
  readonly spans: readonly ChromosomeSpan[];
  readonly stretch: Stretch;
  readonly onStretch: (stretch: Stretch) => void;
  /** In CSS pixels. */
  readonly inkOf: (point: number) => Ink;
  /** Drawn over the others, larger. */
  readonly marked: readonly number[];
  readonly markedInk: Ink;
  readonly names?: readonly PointName[];
  readonly height: number;
  /** Up the side; by default round values of y. */
  readonly upTicks?: (pixels: number) => readonly Tick[];
  readonly upTitle: string;
  readonly line?: { readonly y: number; readonly text: string } | undefined;
  /** For those who do not see the plot. */
  readonly label: string;
  readonly tip: (point: number) => ComponentChildren;
  readonly onPick: (point: number) => void;
  /** Steps through peaks with `[` and `]`. */
  readonly peaks: readonly number[];
}

const MARGIN = { left: 48, right: 14, top: 30, bottom: 42 };
const REACH = 9;

/** Very many points along the genome: a canvas of pixels of our own, axes and names as SVG over it. */
export function PointPlot(props: PointPlotProps) {
  const { field, spans, stretch, onStretch, height, marked, names = [], line, label, upTitle } = props;
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const [under, setUnder] = useState<number>(-1);
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const measure = (): void => setWidth(Math.max(0, element.clientWidth - MARGIN.left - MARGIN.right));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const inner = height - MARGIN.top - MARGIN.bottom;
  const view: Viewport = { x0: stretch[0], x1: stretch[1], y0: 0, y1: field.height, width, height: inner };
  useCanvas(canvas, view, props);

  const length = field.width;
  const current = useRef(stretch);
  current.current = stretch;
  const move = (next: Stretch): void => {
    current.current = next;
    onStretch(next);
  };
  const area = useGestures({
    length,
    stretch: () => current.current,
    setStretch: move,
    hover: (px, py) => setUnder(nearest(field, { ...view }, px, py, REACH)),
    leave: () => setUnder(-1),
    pick(px, py) {
      const found = nearest(field, view, px, py, REACH);
      if (found >= 0) props.onPick(found);
    },
  });
  const press = (event: KeyboardEvent): void => {
    const next = keyed(event.key, stretch, length);
    if (next !== undefined) {
      event.preventDefault();
      move(next);
    } else if ((event.key === "]" || event.key === "[") && props.peaks.length > 0) {
      event.preventDefault();
      const at = props.peaks.indexOf(under);
      const step = event.key === "]" ? 1 : -1;
      const peak = props.peaks[at < 0 ? 0 : (at + step + props.peaks.length) % props.peaks.length]!;
      setUnder(peak);
      const x = field.points.x[peak]!;
      if (x < stretch[0] || x > stretch[1])
        move(within([x - (stretch[1] - stretch[0]) / 2, x + (stretch[1] - stretch[0]) / 2], length));
    } else if (event.key === "Enter" && under >= 0) props.onPick(under);
    else if (event.key === "Escape") setUnder(-1);
  };
  const place = (point: number): { readonly x: number; readonly y: number } => ({
    x: ((field.points.x[point]! - stretch[0]) * width) / (stretch[1] - stretch[0]),
    y: inner - (Math.min(field.height, field.points.y[point]!) * inner) / field.height,
  });
  const named = useMemo(() => nameBoxes(names, place, width, inner), [names, stretch, width, inner]);
  const { ticks, title } = genomeTicks(spans, stretch, width);
  const up = props.upTicks?.(inner) ?? valueTicks(0, field.height, inner);
  return (
    <div class="points" ref={frame} style={{ height: `${height}px` }}>
      <svg class="points-axes" aria-hidden="true" width="100%" height={height}>
        <g transform={`translate(${MARGIN.left},${MARGIN.top})`}>
          {shades(spans, stretch, width).map(({ from, to, odd }) =>
            odd ? (
              <rect key={from} class="f-band" x={from} width={Math.max(0, to - from)} y={0} height={inner} />
            ) : null,
          )}
          {up.map(({ at, text }) => (
            <g key={text}>
              <line class="s-grid" x1={0} x2={width} y1={at} y2={at} />
              <text class="f-muted" x={-9} y={at + 4} text-anchor="end">
                {text}
              </text>
            </g>
          ))}
          <text class="f-muted title" x={-MARGIN.left + 8} y={-14}>
            {upTitle}
          </text>
          {ticks.map(({ at, text }) => (
            <text key={`${text}${at}`} class="f-muted" x={at} y={inner + 18} text-anchor="middle">
              {text}
            </text>
          ))}
          <text class="f-muted title" x={width} y={inner + 37} text-anchor="end">
            {title}
          </text>
        </g>
      </svg>
      <div
        class="points-area"
        ref={area}
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the plot takes keys, and its label says which.
        tabIndex={0}
        aria-label={`${label}. Arrow keys move along the genome, plus and minus zoom, Home shows the whole, brackets step through the strongest, Enter opens.`}
        style={{
          left: `${MARGIN.left}px`,
          top: `${MARGIN.top}px`,
          right: `${MARGIN.right}px`,
          bottom: `${MARGIN.bottom}px`,
        }}
        onKeyDown={press}
      >
        <canvas ref={canvas} />
        <svg class="points-names" aria-hidden="true" width={width} height={inner}>
          {line !== undefined && line.y <= field.height && (
            <g>
              <line
                class="s-accent"
                stroke-dasharray="5 4"
                x1={0}
                x2={width}
                y1={inner - (line.y * inner) / field.height}
                y2={inner - (line.y * inner) / field.height}
              />
              <text
                class="f-accent"
                x={width - 4}
                y={inner - (line.y * inner) / field.height - 5}
                text-anchor="end"
              >
                {line.text}
              </text>
            </g>
          )}
          {named}
          {under >= 0 && <circle class="s-ink ring" cx={place(under).x} cy={place(under).y} r={6} />}
        </svg>
      </div>
      {under >= 0 && (
        <Tip at={place(under)} width={width}>
          {props.tip(under)}
        </Tip>
      )}
      <div class="visually-hidden" aria-live="polite">
        {under >= 0 ? props.tip(under) : ""}
      </div>
      {!isWhole(stretch, length) && (
        <button type="button" class="small points-whole" onClick={() => move([0, length])}>
          Whole genome
        </button>
      )}
      {marked.length === 0 ? null : (
        <span class="visually-hidden">{marked.length} points of the selected gene are marked.</span>
      )}
    </div>
  );
}

/** Draws when anything that is seen has changed, once a frame. */
function useCanvas(
  canvas: { readonly current: HTMLCanvasElement | null },
  view: Viewport,
  props: PointPlotProps,
): void {
  const buffer = useRef<ImageData | undefined>(undefined);
  const { field, inkOf, marked, markedInk } = props;
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (element === null || !context || view.width < 1) return;
    const ratio = devicePixelRatio || 1;
    const fine: Viewport = {
      ...view,
      width: Math.round(view.width * ratio),
      height: Math.round(view.height * ratio),
    };
    const frame = requestAnimationFrame(() => {
      if (element.width !== fine.width || element.height !== fine.height) {
        element.width = fine.width;
        element.height = fine.height;
        buffer.current = undefined;
      }
      buffer.current ??= context.createImageData(fine.width, fine.height);
      const pixels = new Uint32Array(buffer.current.data.buffer);
      const scaled = ({ colour, radius }: Ink): Ink => ({ colour, radius: radius * ratio });
      drawPoints(field, fine, pixels, (point) => scaled(inkOf(point)));
      for (const point of marked) drawPoint(field, fine, pixels, point, scaled(markedInk));
      context.putImageData(buffer.current, 0, 0);
    });
    return () => cancelAnimationFrame(frame);
  }, [field, inkOf, marked, markedInk, view.x0, view.x1, view.width, view.height]);
}

function keyed(key: string, stretch: Stretch, length: number): Stretch | undefined {
  const middle = (stretch[0] + stretch[1]) / 2;
  if (key === "ArrowLeft") return moved(stretch, -0.15, length);
  if (key === "ArrowRight") return moved(stretch, 0.15, length);
  if (key === "+" || key === "=") return zoomed(stretch, 1.6, middle, length);
  if (key === "-" || key === "_") return zoomed(stretch, 1 / 1.6, middle, length);
  if (key === "Home") return [0, length];
  return undefined;
}

function nameBoxes(
  names: readonly PointName[],
  place: (point: number) => { readonly x: number; readonly y: number },
  width: number,
  height: number,
) {
  const seen = names
    .map(({ point, text }) => ({ text, ...place(point) }))
    .filter(({ x }) => x >= 0 && x <= width);
  const frame = { left: 2, right: width - 2, top: -16, bottom: height };
  return placeLabels(seen, frame).map((label) => {
    const leader = leaderLine(label);
    return (
      <g key={`${label.text} ${label.x}`}>
        <circle class="f-accent" cx={label.x} cy={label.y} r={3.4} />
        {leader !== undefined && <path class="s-line" d={leader} fill="none" />}
        <text class="f-ink name" x={label.textX} y={label.textY} text-anchor={label.anchor}>
          {label.text}
        </text>
      </g>
    );
  });
}

interface TipProps {
  readonly at: { readonly x: number; readonly y: number };
  readonly width: number;
  readonly children: ComponentChildren;
}

function Tip({ at, width, children }: TipProps) {
  const right = at.x > width * 0.6;
  const style = {
    top: `${MARGIN.top + Math.max(0, at.y - 12)}px`,
    ...(right
      ? { right: `${MARGIN.right + width - at.x + 14}px` }
      : { left: `${MARGIN.left + at.x + 14}px` }),
  };
  return (
    <div class="tip" style={style} aria-hidden="true">
      {children}
    </div>
  );
}
