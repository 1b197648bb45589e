import { useEffect, useRef } from "preact/hooks";

/** Shares of the plot's box: x from the left, y from the top. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

export interface Gestures {
  /** Moves what is shown by shares of its length. */
  readonly pan: (dx: number, dy: number) => void;
  /** Makes what is shown `factor` times as long, around a spot. Returns whether there was anything left to zoom. */
  readonly zoom: (factor: number, at: Spot) => boolean;
  /** The pointer is at a spot, or gone. */
  readonly hover: (at: Spot | undefined) => void;
  readonly click: (at: Spot) => void;
  /** A frame is drawn from one spot to another, and done or given up (undefined). */
  readonly brush: (from: Spot, to: Spot, done: boolean) => void;
  /** What a plain drag does; with Shift it does the other. */
  readonly drag: "pan" | "brush";
}

/** Pointer, wheel and pinch on `box`, as shares of it. Handlers may change from render to render. */
export function usePlotGestures(box: { readonly current: HTMLElement | null }, handlers: Gestures): void {
  const latest = useRef(handlers);
  latest.current = handlers;
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const tracker = new Tracker(element, () => latest.current);
    return () => tracker.stop();
  }, [box]);
}

interface Held extends Spot {
  readonly start: Spot;
}

/** Pixels a pointer may move and still click. */
const STILL = 4;

class Tracker {
  private readonly held = new Map<number, Held>();
  private readonly listening = new AbortController();
  private dragged = false;
  private brushing = false;
  private readonly element: HTMLElement;
  private readonly act: () => Gestures;

  constructor(element: HTMLElement, act: () => Gestures) {
    this.element = element;
    this.act = act;
    const { signal } = this.listening;
    element.addEventListener("pointerdown", (event) => this.down(event), { signal });
    element.addEventListener("pointermove", (event) => this.move(event), { signal });
    element.addEventListener("pointerup", (event) => this.up(event), { signal });
    element.addEventListener("pointercancel", (event) => this.lose(event), { signal });
    element.addEventListener("pointerleave", () => this.held.size === 0 && this.act().hover(undefined), {
      signal,
    });
    element.addEventListener("wheel", (event) => this.wheel(event), { signal, passive: false });
  }

  stop(): void {
    this.listening.abort();
  }

  private spot(event: MouseEvent): Spot {
    const { left, top, width, height } = this.element.getBoundingClientRect();
    return { x: (event.clientX - left) / width, y: (event.clientY - top) / height };
  }

  private down(event: PointerEvent): void {
    if (event.button !== 0) return;
    const at = this.spot(event);
    if (this.held.size === 0) {
      this.dragged = false;
      this.brushing = (this.act().drag === "brush") !== event.shiftKey;
    }
    this.held.set(event.pointerId, { ...at, start: at });
    this.element.setPointerCapture(event.pointerId);
  }

  private move(event: PointerEvent): void {
    const at = this.spot(event);
    const before = this.held.get(event.pointerId);
    if (before === undefined) {
      this.act().hover(at);
      return;
    }
    const [other] = [...this.held].filter(([id]) => id !== event.pointerId).map(([, spot]) => spot);
    this.held.set(event.pointerId, { ...at, start: before.start });
    if (other !== undefined) this.pinch(before, at, other);
    else this.drag(before, at);
  }

  private drag(before: Held, at: Spot): void {
    if (!this.dragged && this.pixels(before.start, at) < STILL) return;
    this.dragged = true;
    this.act().hover(undefined);
    if (this.brushing) this.act().brush(before.start, at, false);
    else this.act().pan(before.x - at.x, before.y - at.y);
  }

  private pinch(before: Spot, at: Spot, other: Spot): void {
    this.dragged = true;
    this.brushing = false;
    const was = this.pixels(before, other);
    const is = this.pixels(at, other);
    if (was > 8 && is > 8) this.act().zoom(was / is, { x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 });
    this.act().pan((before.x - at.x) / 2, (before.y - at.y) / 2);
  }

  private up(event: PointerEvent): void {
    const held = this.held.get(event.pointerId);
    this.held.delete(event.pointerId);
    if (held === undefined || this.held.size > 0) return;
    const at = this.spot(event);
    if (!this.dragged) this.act().click(at);
    else if (this.brushing) this.act().brush(held.start, at, true);
  }

  private lose(event: PointerEvent): void {
    const held = this.held.get(event.pointerId);
    this.held.delete(event.pointerId);
    if (held !== undefined && this.brushing) this.act().brush(held.start, held.start, true);
  }

  /** Up and down zooms, sideways pans; where nothing is left to zoom out the page scrolls on. */
  private wheel(event: WheelEvent): void {
    const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
    if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      event.preventDefault();
      this.act().pan((event.deltaX * unit) / this.element.clientWidth, 0);
      return;
    }
    const factor = Math.exp(
      Math.max(-120, Math.min(120, event.deltaY * unit)) * (event.ctrlKey ? 0.01 : 0.002),
    );
    if (this.act().zoom(factor, this.spot(event)) || event.ctrlKey) event.preventDefault();
  }

  private pixels(a: Spot, b: Spot): number {
    const { clientWidth, clientHeight } = this.element;
    return Math.hypot((a.x - b.x) * clientWidth, (a.y - b.y) * clientHeight);
  }
}
