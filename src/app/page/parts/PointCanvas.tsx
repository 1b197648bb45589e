import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Detail, Extent } from "./raster/detail.ts";
import {
  colourise,
  drawChosen,
  type Frame,
  frameOf,
  pieces,
  rasterise,
  type Viewport,
} from "./raster/raster.ts";

export interface PointCanvasProps {
  readonly detail: Detail;
  readonly stretch: Extent;
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
  /** Of each kind's discs, CSS pixels. */
  readonly radii: readonly number[];
  readonly colours: Uint32Array;
  /** Points drawn over the rest, as kind `kind`. */
  readonly chosen?:
    | {
        readonly points: { readonly x: Float64Array; readonly y: Float32Array };
        readonly index: Uint32Array;
        readonly kind: number;
      }
    | undefined;
}

/** Points a frame may touch while things move, at most and at least, and once they rest. */
const MOVING = 120_000;
const LEAST = 12_000;
const RESTING = 1_200_000;
/** What a frame's drawing should take at most while things move: what else a frame does (names, axes, layout, painting) takes 3 ms, together half of what 60 frames a second leave. */
const FRAME_MS = 5;
const REST_MS = 140;

/** Points on a canvas, a device pixel a pixel: what is asked for last is drawn with the next frame, in full once nothing has moved for a moment. */
export function PointCanvas(props: PointCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const painter = useRef<Painter | undefined>(undefined);
  useLayoutEffect(() => {
    if (canvas.current === null) return;
    painter.current ??= new Painter(canvas.current);
    painter.current.ask(props);
  });
  useEffect(() => () => painter.current?.stop(), []);
  return (
    <canvas ref={canvas} class="dots" style={{ width: `${props.width}px`, height: `${props.height}px` }} />
  );
}

class Painter {
  private readonly canvas: HTMLCanvasElement;
  private readonly context: CanvasRenderingContext2D | null;
  private wanted: PointCanvasProps | undefined;
  private frame: Frame | undefined;
  private image: ImageData | undefined;
  /** Of the image, a number a pixel. */
  private pixels = new Uint32Array(0);
  /** Falls on machines that take longer for a frame, and recovers. */
  private budget = MOVING;
  private request = 0;
  private moving = false;
  private rest: ReturnType<typeof setTimeout> | undefined;

  constructor(canvas: HTMLCanvasElement) {
    this.canvas = canvas;
    // In memory, where its pixels come from: nothing else is ever drawn on it.
    this.context = canvas.getContext("2d", { willReadFrequently: true });
  }

  ask(props: PointCanvasProps): void {
    this.wanted = props;
    if (this.moving) return;
    this.stop();
    this.moving = true;
    this.request = requestAnimationFrame(() => this.draw());
  }

  /** Ends what has not been drawn yet, a drawing of all points half way. */
  stop(): void {
    this.moving = false;
    cancelAnimationFrame(this.request);
    clearTimeout(this.rest);
  }

  /** What is seen while things move. */
  private draw(): void {
    this.moving = false;
    const props = this.wanted;
    if (props === undefined) return;
    const start = performance.now();
    const scene = this.sceneOf(props);
    const { frame, viewport, radii } = scene;
    // Cells of two thirds of a disc: what is left out lies under what is drawn.
    const cell = Math.max(1, (4 / 3) * (radii[0] ?? 1));
    rasterise(frame, props.detail, viewport, { radii, budget: this.budget, cell });
    this.show(props, scene);
    const share = FRAME_MS / Math.max(0.5, performance.now() - start);
    this.budget = Math.round(Math.min(MOVING, Math.max(LEAST, this.budget * Math.min(1.2, share))));
    this.rest = setTimeout(() => this.drawAll(props), REST_MS);
  }

  /** What is seen at rest: all points, over as many frames as they take, shown when the last is there. */
  private drawAll(props: PointCanvasProps): void {
    const scene = this.sceneOf(props);
    const { frame, viewport, radii } = scene;
    const drawing = pieces(frame, props.detail, viewport, { radii, budget: RESTING, cell: 1 });
    const step = (): void => {
      const start = performance.now();
      while (performance.now() - start < FRAME_MS) {
        if (drawing.next().done !== true) continue;
        this.show(props, scene);
        return;
      }
      this.request = requestAnimationFrame(step);
    };
    step();
  }

  private sceneOf(props: PointCanvasProps): Scene {
    const ratio = devicePixelRatio || 1;
    const width = Math.max(1, Math.round(props.width * ratio));
    const height = Math.max(1, Math.round(props.height * ratio));
    this.frame = frameOf(width, height, this.frame);
    return {
      frame: this.frame,
      viewport: { ...props.stretch, width, height },
      radii: props.radii.map((radius) => radius * ratio),
    };
  }

  private show({ chosen, colours }: PointCanvasProps, { frame, viewport, radii }: Scene): void {
    if (chosen !== undefined)
      drawChosen(frame, chosen.points, chosen.index, viewport, radii[chosen.kind] ?? 3, chosen.kind);
    const { canvas, context } = this;
    if (canvas.width !== frame.width || canvas.height !== frame.height) {
      canvas.width = frame.width;
      canvas.height = frame.height;
      this.image = undefined;
    }
    if (this.image === undefined) {
      this.image = new ImageData(frame.width, frame.height);
      this.pixels = new Uint32Array(this.image.data.buffer);
    }
    colourise(frame, colours, this.pixels);
    context?.putImageData(this.image, 0, 0);
  }
}

interface Scene {
  readonly frame: Frame;
  readonly viewport: Viewport;
  readonly radii: readonly number[];
}
