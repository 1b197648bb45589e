import type { GenomeLayout } from "../../../report/layout.ts";
import { EdgesAcross, type PlotBox, PlotLayer, placeIn } from "./PlotBox.tsx";
import { axisTicks, valueTicks } from "./raster/ticks.ts";
import type { Range } from "./raster/viewport.ts";

export interface AxesProps {
  readonly box: PlotBox;
  readonly layout: GenomeLayout;
  readonly range: Range;
  readonly heights: Range;
}

/** Grid and axes of the Manhattan plot, in the report's style. */
export function ManhattanAxes({ box, layout, range, heights }: AxesProps) {
  const { toX, toY } = placeIn(box, range, heights);
  const { positions, names, edges } = axisTicks(layout, range, box.width);
  const bottom = box.top + box.height;
  const right = box.left + box.width;
  return (
    <PlotLayer box={box}>
      {valueTicks(heights[0], heights[1], 6).map((value) => (
        <g key={value}>
          <line class="s-grid" x1={box.left} x2={right} y1={toY(value)} y2={toY(value)} />
          <text class="f-muted" x={box.left - 8} y={toY(value) + 4} text-anchor="end">
            {value}
          </text>
        </g>
      ))}
      <EdgesAcross box={box} at={edges.map(toX)} />
      {positions.map(({ at, text }) => (
        <g key={at}>
          <line class="s-line" x1={toX(at)} x2={toX(at)} y1={bottom} y2={bottom + 4} />
          <text class="f-muted" x={toX(at)} y={bottom + 17} text-anchor="middle">
            {text}
          </text>
        </g>
      ))}
      <line class="s-line" x1={box.left} x2={right} y1={bottom} y2={bottom} />
      {names.map(({ at, text }) => (
        <text
          key={text}
          class={positions.length > 0 ? "f-ink" : "f-muted"}
          x={toX(at)}
          y={bottom + (positions.length > 0 ? 36 : 17)}
          text-anchor="middle"
        >
          {positions.length > 0 && !text.startsWith("C") ? `Chromosome ${text}` : text}
          {positions.length > 0 ? " (Mb)" : ""}
        </text>
      ))}
      {positions.length === 0 && (
        <text class="f-muted" x={box.left + box.width / 2} y={bottom + 36} text-anchor="middle">
          Position by chromosome
        </text>
      )}
      <text class="f-muted" x={8} y={12}>
        −log₁₀ p
      </text>
    </PlotLayer>
  );
}

export interface LineProps extends Pick<AxesProps, "box" | "heights"> {
  readonly y: number;
  readonly text: string;
}

/** Where significance begins: over the points, which would hide it. */
export function SignificanceLine({ box, heights, y, text }: LineProps) {
  if (y < heights[0] || y > heights[1]) return null;
  const at = box.top + box.height - ((y - heights[0]) / (heights[1] - heights[0])) * box.height;
  const right = box.left + box.width;
  return (
    <PlotLayer box={box}>
      <line
        class="s-accent"
        stroke-dasharray="5 4"
        stroke-width="1.5"
        x1={box.left}
        x2={right}
        y1={at}
        y2={at}
      />
      <text class="f-accent" x={right} y={12} text-anchor="end">
        – – {text}
      </text>
    </PlotLayer>
  );
}
