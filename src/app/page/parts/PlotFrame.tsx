import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { show } from "../engine.ts";
import { fileName, inPage, pngBlob, save, svgBlob } from "./downloads.ts";
import { Icon } from "./Icon.tsx";

/** A plot that is on the screen: what the export menu offers. */
export interface ShownPlot {
  readonly title: string;
  /** Of the file, without its ending. */
  readonly name: string;
  readonly svg: () => string | Promise<string>;
}

export const plotsShown = signal<readonly ShownPlot[]>([]);

export interface PlotFrameProps {
  readonly title: string;
  /** Of exported files, without ending: `manhattan`, `ENSG00000172404.4-regional`. */
  readonly name: string;
  /** An SVG file as the plots of src/report make them; undefined while it is not there yet. */
  readonly svg?: string | undefined;
  /** What is exported, where that is another drawing than `svg` (a canvas). */
  readonly exportSvg?: (() => string | Promise<string>) | undefined;
  /** Below the plot: what it shows. */
  readonly caption?: ComponentChildren;
  /** Behind the question mark: how to read it. */
  readonly help?: ComponentChildren;
  /** Switches of the view, before the buttons. */
  readonly tools?: ComponentChildren;
  /** Over the plot, in its box (`position: relative`): hover and click; or, without `svg`, the drawing itself. */
  readonly children?: ComponentChildren;
  /** The whole width of a grid of figures. */
  readonly wide?: boolean | undefined;
  /** Why there is no plot. */
  readonly empty?: string | undefined;
}

/** The frame of every plot: its title, how to read it, SVG and PNG of it, and the whole screen for it. */
export function PlotFrame(props: PlotFrameProps) {
  const { title, name, svg, exportSvg, caption, help, tools, children, wide, empty } = props;
  const box = useRef<HTMLElement>(null);
  const shown = useMemo(() => (svg === undefined ? undefined : inPage(svg)), [svg]);
  const source = exportSvg ?? (svg === undefined ? undefined : () => svg);
  const there = source !== undefined && empty === undefined;
  const latest = useRef(source);
  latest.current = source;
  useEffect(() => {
    if (!there) return;
    const plot: ShownPlot = { title, name, svg: () => latest.current?.() ?? "" };
    plotsShown.value = [...plotsShown.peek(), plot];
    return () => {
      plotsShown.value = plotsShown.peek().filter((other) => other !== plot);
    };
  }, [title, name, there]);
  return (
    <figure class={wide ? "plot wide" : "plot"} ref={box} aria-label={title}>
      <div class="plot-head">
        <h3>{title}</h3>
        <div class="tools">
          {tools}
          {there && <PlotButtons title={title} name={name} svg={source} box={box} />}
        </div>
      </div>
      {empty !== undefined ? (
        <p class="empty">{empty}</p>
      ) : (
        <div class="plot-box">
          {shown !== undefined && <div class="plot-svg" dangerouslySetInnerHTML={{ __html: shown }} />}
          {shown === undefined && children === undefined && <p class="loading">Drawing</p>}
          {children}
        </div>
      )}
      {(caption !== undefined || help !== undefined) && (
        <figcaption>
          {caption !== undefined && <div class="caption">{caption}</div>}
          {help !== undefined && (
            <details class="help">
              <summary>How to read it</summary>
              <div>{help}</div>
            </details>
          )}
        </figcaption>
      )}
    </figure>
  );
}

interface ButtonsProps extends ShownPlot {
  readonly box: { readonly current: HTMLElement | null };
}

function PlotButtons({ title, name, svg, box }: ButtonsProps) {
  return (
    <>
      <button
        type="button"
        class="quiet small"
        onClick={() => savePlot({ title, name, svg }, "svg")}
        aria-label={`SVG of ${title}`}
      >
        SVG
      </button>
      <button
        type="button"
        class="quiet small"
        onClick={() => savePlot({ title, name, svg }, "png")}
        aria-label={`PNG of ${title}`}
      >
        PNG
      </button>
      {document.fullscreenEnabled && (
        <button
          type="button"
          class="quiet icon"
          onClick={() => expand(box.current)}
          aria-label={`Fill the screen with ${title}`}
          title="Fill the screen (Esc ends it)"
        >
          <Icon name="expand" />
        </button>
      )}
    </>
  );
}

/** Saves a plot; what fails is shown in the banner. */
export async function savePlot(plot: ShownPlot, format: "svg" | "png"): Promise<void> {
  try {
    const svg = await plot.svg();
    save(format === "svg" ? svgBlob(svg) : await pngBlob(svg), `${fileName(plot.name)}.${format}`);
  } catch (error) {
    show(error);
  }
}

function expand(box: HTMLElement | null): void {
  if (document.fullscreenElement === box) void document.exitFullscreen();
  else box?.requestFullscreen().catch(show);
}
