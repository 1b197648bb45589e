import type { ComponentChildren } from "preact";

export interface TooltipProps {
  /** Of what it is about, in pixels of the box that it lies in. */
  readonly x: number;
  readonly y: number;
  /** Width of that box. */
  readonly width: number;
  readonly children: ComponentChildren;
}

/** Beside the point that it is about, on the side with more room. Screen readers hear the same by `announce`. */
export function Tooltip({ x, y, width, children }: TooltipProps) {
  const left = x > width / 2;
  const style = left
    ? { right: `${width - x + 12}px`, top: `${y}px` }
    : { left: `${x + 12}px`, top: `${y}px` };
  return (
    <div class="tooltip" style={style} aria-hidden="true">
      {children}
    </div>
  );
}
