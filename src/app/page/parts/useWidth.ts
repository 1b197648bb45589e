import { useLayoutEffect, useState } from "preact/hooks";

/** Width of an element in CSS pixels, 0 before it is known; heeds changes of the window's pixel ratio too. */
export function useWidth(box: { readonly current: HTMLElement | null }): number {
  const [{ width }, setSize] = useState({ width: 0, ratio: 1 });
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const measure = (): void => setSize({ width: Math.floor(element.clientWidth), ratio: devicePixelRatio });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    addEventListener("resize", measure);
    return () => {
      observer.disconnect();
      removeEventListener("resize", measure);
    };
  }, [box]);
  return width;
}
