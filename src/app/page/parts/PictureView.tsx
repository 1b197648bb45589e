import type { ComponentChildren } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";
import type { Picture } from "../../../report/picture.ts";
import { announce } from "./announce.ts";
import { PlotFrame, type PlotFrameProps } from "./PlotFrame.tsx";
import { nearestPlace } from "./raster/nearest.ts";
import { Tooltip } from "./Tooltip.tsx";

export interface PictureViewProps extends Omit<PlotFrameProps, "svg" | "children"> {
  /** undefined while it is being made. */
  readonly picture: Picture | undefined;
  /** `variants`, `genes`: what the points are, for screen readers. */
  readonly what: string;
  /** Points in the order in which the arrow keys go through them, strongest first. */
  readonly order: readonly number[];
  /** What the tooltip of a point holds. */
  readonly tip: (index: number) => ComponentChildren;
  /** The same in one line, read aloud. */
  readonly about: (index: number) => string;
  readonly onChoose?: ((index: number) => void) | undefined;
}

/** Units of the view box around a point in which the pointer finds it. */
const REACH = 12;

/** A plot of src/report with its data under the pointer and the keys: hover and arrow keys show a point, click and Enter choose it. */
export function PictureView({ picture, what, order, tip, about, onChoose, ...frame }: PictureViewProps) {
  const overlay = useRef<SVGSVGElement>(null);
  const [at, setAt] = useState<number | undefined>(undefined);
  const drawn = useMemo(
    () => (picture === undefined ? [] : order.filter((i) => Number.isFinite(picture.x[i]))),
    [picture, order],
  );
  const find = (event: MouseEvent): number => {
    const matrix = overlay.current?.getScreenCTM();
    if (picture === undefined || matrix === null || matrix === undefined) return -1;
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
    return nearestPlace(picture.x, picture.y, x, y, REACH);
  };
  const step = (event: KeyboardEvent): void => {
    const next = stepped(event.key, drawn, at);
    if (event.key === "Escape") setAt(undefined);
    if ((event.key === "Enter" || event.key === " ") && at !== undefined && onChoose !== undefined)
      onChoose(at);
    else if (next === undefined) return;
    else {
      setAt(next);
      announce(`${drawn.indexOf(next) + 1} of ${drawn.length}: ${about(next)}`);
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const x = at === undefined ? Number.NaN : (picture?.x[at] ?? Number.NaN);
  const y = at === undefined ? Number.NaN : (picture?.y[at] ?? Number.NaN);
  const place = Number.isFinite(x) ? onScreen(overlay.current, x, y) : undefined;
  return (
    <PlotFrame {...frame} svg={picture?.svg}>
      {picture !== undefined && (
        <div
          class={onChoose === undefined ? "over-plot" : "over-plot choosable"}
          role="application"
          aria-roledescription="plot"
          aria-label={`${frame.title}: ${drawn.length} ${what}. Arrow keys go through them, strongest first${onChoose === undefined ? "" : "; Enter selects"}.`}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: its points are reached by keys
          tabIndex={0}
          onPointerMove={(event) => {
            const index = find(event);
            setAt(index < 0 ? undefined : index);
          }}
          onPointerLeave={() => setAt(undefined)}
          onBlur={() => setAt(undefined)}
          onClick={(event) => {
            const index = find(event);
            if (index >= 0) onChoose?.(index);
          }}
          onKeyDown={step}
        >
          <svg
            ref={overlay}
            class="qortex-plot"
            viewBox={`0 0 ${picture.width} ${picture.height}`}
            width="100%"
            aria-hidden="true"
          >
            {place !== undefined && (
              <circle class="s-ink" cx={x} cy={y} r="7.5" fill="none" stroke-width="1.8" />
            )}
          </svg>
          {place !== undefined && at !== undefined && <Tooltip {...place}>{tip(at)}</Tooltip>}
        </div>
      )}
    </PlotFrame>
  );
}

function stepped(key: string, drawn: readonly number[], at: number | undefined): number | undefined {
  const now = at === undefined ? -1 : drawn.indexOf(at);
  const last = drawn.length - 1;
  const to: Readonly<Record<string, number>> = {
    ...{ ArrowRight: now + 1, ArrowDown: now + 1, ArrowLeft: now - 1, ArrowUp: now - 1, Home: 0, End: last },
  };
  const next = to[key];
  return next === undefined ? undefined : drawn[Math.min(last, Math.max(0, next))];
}

/** A place of the view box in CSS pixels of the overlay. */
function onScreen(
  overlay: SVGSVGElement | null,
  x: number,
  y: number,
): { x: number; y: number; width: number } | undefined {
  const matrix = overlay?.getScreenCTM();
  if (overlay === null || matrix === null || matrix === undefined) return undefined;
  const { left, top, width } = overlay.getBoundingClientRect();
  const point = new DOMPoint(x, y).matrixTransform(matrix);
  return { x: point.x - left, y: point.y - top, width };
}
