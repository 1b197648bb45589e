import type { GenomeLayout } from "../../../report/layout.ts";
import { EdgesAcross, type PlotBox, PlotLayer, placeIn } from "./PlotBox.tsx";
import { axisTicks } from "./raster/ticks.ts";
import type { Range } from "./raster/viewport.ts";
import { TRANS_CLASSES } from "./transDots.ts";

export interface TransAxesProps {
  readonly box: PlotBox;
  readonly layout: GenomeLayout;
  readonly across: Range;
  readonly up: Range;
}

/** Frame, chromosomes and legend of the trans plot, in the report's style. */
export function TransAxes({ box, layout, across, up }: TransAxesProps) {
  const { toX, toY } = placeIn(box, across, up);
  const x = axisTicks(layout, across, box.width);
  const y = axisTicks(layout, up, box.height);
  const bottom = box.top + box.height;
  const right = box.left + box.width;
  return (
    <PlotLayer box={box}>
      <EdgesAcross box={box} at={x.edges.map(toX)} />
      {y.edges.map((edge) => (
        <line key={edge} class="s-grid" x1={box.left} x2={right} y1={toY(edge)} y2={toY(edge)} />
      ))}
      <rect class="s-line" fill="none" x={box.left} y={box.top} width={box.width} height={box.height} />
      {(x.positions.length > 0 ? x.positions : x.names).map(({ at, text }) => (
        <text key={at} class="f-muted" x={toX(at)} y={bottom + 17} text-anchor="middle">
          {text}
        </text>
      ))}
      {(y.positions.length > 0 ? y.positions : spacedUp(y.names, toY)).map(({ at, text }) => (
        <text key={at} class="f-muted" x={box.left - 8} y={toY(at) + 4} text-anchor="end">
          {text.replace("Chromosome ", "")}
        </text>
      ))}
      <text class="f-muted" x={box.left + box.width / 2} y={bottom + 36} text-anchor="middle">
        {titleOf("Variant", x.names, x.positions.length > 0)}
      </text>
      <text class="f-muted" x={8} y={14}>
        {titleOf("Gene", y.names, y.positions.length > 0)}
      </text>
      {TRANS_CLASSES.map(({ text, colour, radius }, c) => {
        const at = right - (TRANS_CLASSES.length - c) * 112 + 22;
        return (
          <g key={text}>
            <circle class={`f-${colour}`} cx={at} cy={10} r={radius} />
            <text class="f-muted" x={at + 9} y={14}>
              {text}
            </text>
          </g>
        );
      })}
    </PlotLayer>
  );
}

function titleOf(what: string, names: readonly { readonly text: string }[], inMb: boolean): string {
  if (!inMb) return `${what}: position by chromosome`;
  const texts = names.map(({ text }) => text.replace("Chromosome ", ""));
  return `${what}: position on chromosome ${texts.join(", ")} (Mb)`;
}

/** Names up the side need a line's height only, but that. */
function spacedUp<T extends { readonly at: number }>(names: readonly T[], toY: (at: number) => number): T[] {
  let free = Number.POSITIVE_INFINITY;
  return names.filter(({ at }) => {
    if (toY(at) > free) return false;
    free = toY(at) - 13;
    return true;
  });
}
