import { useEffect, useRef } from "preact/hooks";
import { moved, type Stretch, zoomed } from "./stretch.ts";

/** What a pointer may do with a plot along a genome. */
export interface Gestures {
  readonly length: number;
  readonly stretch: () => Stretch;
  readonly setStretch: (stretch: Stretch) => void;
  /** Pixels from the plot's left and top. */
  readonly hover: (px: number, py: number) => void;
  readonly leave: () => void;
  readonly pick: (px: number, py: number) => void;
}

/** A pointer that has moved less than this has clicked. */
const STILL = 5;

/**
 * Drag pans, two fingers pinch, a wheel zooms once the plot has the focus (or with Ctrl, ⌘), a wheel sideways pans, a double click zooms in.
 * Without focus a wheel scrolls the page, as it does everywhere.
 */
export function useGestures(gestures: Gestures) {
  const latest = useRef(gestures);
  latest.current = gestures;
  const target = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = target.current;
    return element === null ? undefined : listen(element, () => latest.current);
  }, []);
  return target;
}

function listen(element: HTMLElement, gestures: () => Gestures): () => void {
  const pointers = new Map<number, number>();
  let pressed: { readonly px: number; readonly stretch: Stretch; travel: number } | undefined;
  let pinch: { readonly gap: number; readonly stretch: Stretch; readonly at: number } | undefined;
  const place = (event: MouseEvent): [number, number] => {
    const box = element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const axisAt = (px: number, [from, to]: Stretch): number =>
    from + ((to - from) * px) / Math.max(1, element.clientWidth);

  const down = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    const [px] = place(event);
    element.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, px);
    const stretch = gestures().stretch();
    pressed = pointers.size === 1 ? { px, stretch, travel: 0 } : undefined;
    const [a, b] = [...pointers.values()];
    pinch =
      pointers.size === 2 && a !== undefined && b !== undefined
        ? { gap: Math.max(8, Math.abs(a - b)), stretch, at: axisAt((a + b) / 2, stretch) }
        : undefined;
  };
  const move = (event: PointerEvent): void => {
    const { length, setStretch, hover } = gestures();
    const [px, py] = place(event);
    if (pointers.has(event.pointerId)) pointers.set(event.pointerId, px);
    if (pinch !== undefined) {
      const [a = 0, b = 0] = [...pointers.values()];
      setStretch(zoomed(pinch.stretch, Math.max(8, Math.abs(a - b)) / pinch.gap, pinch.at, length));
    } else if (pressed !== undefined) {
      pressed.travel = Math.max(pressed.travel, Math.abs(px - pressed.px));
      if (pressed.travel >= STILL)
        setStretch(moved(pressed.stretch, (pressed.px - px) / Math.max(1, element.clientWidth), length));
    } else hover(px, py);
  };
  const up = (event: PointerEvent): void => {
    const [px, py] = place(event);
    const clicked = pressed !== undefined && pressed.travel < STILL && event.type === "pointerup";
    pointers.delete(event.pointerId);
    pressed = undefined;
    pinch = undefined;
    if (clicked) gestures().pick(px, py);
  };
  const leave = (): void => gestures().leave();
  const wheel = (event: WheelEvent): void => {
    const { length, stretch, setStretch } = gestures();
    const focused = element.parentElement?.contains(document.activeElement) === true;
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (!sideways && !focused && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const pixels = event.deltaMode === 0 ? 1 : 30;
    if (sideways)
      setStretch(moved(stretch(), (event.deltaX * pixels) / Math.max(1, element.clientWidth), length));
    else {
      const factor = Math.exp((-event.deltaY * pixels) / 300);
      setStretch(zoomed(stretch(), factor, axisAt(place(event)[0], stretch()), length));
    }
  };
  const twice = (event: MouseEvent): void => {
    const { length, stretch, setStretch } = gestures();
    setStretch(zoomed(stretch(), 4, axisAt(place(event)[0], stretch()), length));
  };
  const listeners = {
    pointerdown: down,
    pointermove: move,
    pointerup: up,
    pointercancel: up,
    pointerleave: leave,
    dblclick: twice,
    wheel,
  };
  for (const [name, act] of Object.entries(listeners))
    element.addEventListener(name, act as EventListener, { passive: false });
  return () => {
    for (const [name, act] of Object.entries(listeners))
      element.removeEventListener(name, act as EventListener);
  };
}
