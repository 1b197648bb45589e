import * as Plot from "@observablehq/plot";
import { type LegendItem, legendRow } from "./ldColours.ts";
import { AXIS, dots, GRID, svgElement, yTitle } from "./marks.ts";
import { counted, shorten } from "./numbers.ts";
import type { Picture } from "./picture.ts";
import { axisTitle, heading } from "./regional.ts";
import { positionAxis, region, setColour, setShape } from "./regionalPanel.ts";
import { type Canvas, fixed, ink, paint, plotMarkup, svgFile } from "./svg.ts";

export interface SignalsData {
  readonly chromosome: string;
  readonly start: number;
  readonly end: number;
  readonly id: readonly string[];
  readonly position: Int32Array;
  /** Posterior inclusion probability; NaN of variants that were not fine-mapped, which are not drawn. */
  readonly pip: Float64Array;
  readonly sets: readonly {
    readonly set: number;
    /** Sum of the posterior probabilities, 0 to 1. */
    readonly coverage: number;
    /** Rows of its variants. */
    readonly rows: readonly number[];
  }[];
  /** Rows of the conditionally independent variants, first signal first: marked by dotted lines. */
  readonly independent?: readonly number[] | undefined;
  readonly title?: string | undefined;
}

const WIDTH = 780;
const LEFT = 44;
const RIGHT = 16;
const PANEL = 150;
const MOST_MARKS = 12;

/**
 * Posterior inclusion probability by position, each credible set in its colour and outline with the name of its best variant;
 * numbers at the frame's top where the conditionally independent signals lie.
 */
export function signalsPlot(canvas: Canvas, data: SignalsData): Picture {
  const [start, end] = region(data);
  const { pip, position, sets } = data;
  const shown = [...pip.keys()].filter(
    (i) => pip[i]! >= 0 && pip[i]! <= 1 + 1e-9 && position[i]! >= start && position[i]! <= end,
  );
  const here = new Set(shown);
  const set = new Map(
    sets.flatMap((one, s) => one.rows.filter((row) => here.has(row)).map((row) => [row, s] as const)),
  );
  const legend = sets.length === 0 ? [] : setItems(sets);
  const top = 26 + (legend.length > 0 ? 24 : 0) + 40;
  const height = top + PANEL + 46;
  const rest = shown.filter((i) => !set.has(i));
  const plot = Plot.plot({
    ...{ document: canvas.document, width: WIDTH, height },
    ...{ marginLeft: LEFT, marginRight: RIGHT, marginTop: top, marginBottom: 46 },
    x: { domain: [start, end], axis: null },
    y: { domain: [0, 1.04], axis: null },
    marks: [
      Plot.gridY({ ...GRID, ticks: 5 }),
      Plot.axisY([0, 0.2, 0.4, 0.6, 0.8, 1], { ...AXIS, tickFormat: (at: number) => String(at) }),
      yTitle("Posterior inclusion probability", LEFT),
      Plot.ruleY([0], { stroke: ink.line }),
      dots(
        rest.map((i) => position[i]!),
        rest.map((i) => pip[i]!),
        { colour: ink.stone, radius: shown.length > 2_000 ? 1.7 : 2.3, among: shown.length },
      ),
      setMarks(data, set),
      independentMarks(data, start, end, top),
      positionAxis(start, end),
      shown.length === 0
        ? Plot.text(["nothing was fine-mapped here"], {
            frameAnchor: "middle",
            fill: ink.muted,
            fontSize: 12,
          })
        : null,
    ],
  });
  const title = data.title ?? "Credible sets";
  const [x, y] = [plot.scale("x"), plot.scale("y")];
  const place = (scale: Plot.Scale | undefined, value: number, i: number) =>
    here.has(i) ? Number(scale?.apply(value)) : Number.NaN;
  const inside = [
    heading(title),
    legendRow(legend, 12, 46, WIDTH - 8),
    plotMarkup(plot),
    axisTitle(data.chromosome, end - start, (LEFT + WIDTH - RIGHT) / 2, height - 8),
  ].filter((part) => part !== "");
  return {
    svg: svgFile(`${title}: ${counted(sets.length, "credible set")}`, WIDTH, height, inside.join("\n")),
    ...{ width: WIDTH, height },
    x: Float64Array.from(position, (at, i) => place(x, at, i)),
    y: pip.map((value, i) => place(y, value, i)),
  };
}

function setItems(sets: SignalsData["sets"]): LegendItem[] {
  return sets.slice(0, 5).map(({ set, coverage, rows }, s) => ({
    text: `${s === 0 ? "set " : ""}${set}: ${counted(rows.length, "variant")}, ${Math.round(100 * coverage)}%`,
    mark: `<path ${paint("stroke", setColour(s + 1))} fill="none" stroke-width="1.6" d="${setShape(s + 1)}" transform="scale(0.8)"/>`,
  }));
}

/** Dots of the sets within their outlines, and the name of the best variant of each. */
function setMarks(
  { id, position, pip, sets }: SignalsData,
  set: ReadonlyMap<number, number>,
): Plot.RenderFunction {
  return (_index, scales, _values, _dimensions, { document }) => {
    const group = svgElement(document, "g", { "font-size": 11.5 });
    const at = (row: number) => [Number(scales.x?.(position[row])), Number(scales.y?.(pip[row]))] as const;
    for (const [row, s] of set) {
      const [x, y] = at(row);
      const colour = ink[setColour(s + 1)];
      const outline = {
        d: setShape(s + 1),
        transform: `translate(${fixed(x)} ${fixed(y)})`,
        "stroke-width": 1.5,
      };
      group.append(
        svgElement(document, "path", { ...outline, fill: colour, "fill-opacity": 0.35, stroke: colour }),
      );
    }
    sets.forEach((_, s) => {
      const rows = [...set].filter(([, own]) => own === s).map(([row]) => row);
      const best = rows.reduce((most, row) => (pip[row]! > (pip[most] ?? -1) ? row : most), -1);
      if (best < 0) return;
      const [x, y] = at(best);
      const left = x > WIDTH / 2;
      const halo = { fill: ink.ink, stroke: ink.paper, "stroke-width": 3, "paint-order": "stroke" };
      const text = svgElement(document, "text", {
        ...{
          x: fixed(x + (left ? -11 : 11)),
          y: fixed(y + 4),
          "text-anchor": left ? "end" : "start",
          ...halo,
        },
      });
      text.textContent = shorten(id[best] ?? "", 36);
      group.append(text);
    });
    return group;
  };
}

/** The rank of each independent signal at a dotted line. */
function independentMarks(
  { independent = [], position }: SignalsData,
  start: number,
  end: number,
  top: number,
): Plot.RenderFunction {
  return (_index, scales, _values, _dimensions, { document }) => {
    const group = svgElement(document, "g", { "font-size": 10.5, fill: ink.muted });
    let free = Number.NEGATIVE_INFINITY;
    const marks = independent
      .slice(0, MOST_MARKS)
      .map((row, i) => ({ at: position[row] ?? Number.NaN, rank: i + 1 }))
      .filter(({ at }) => at >= start && at <= end)
      .sort((a, b) => a.at - b.at);
    for (const { at, rank } of marks) {
      const x = Number(scales.x?.(at));
      const line = {
        d: `M${fixed(x)},${top}V${top + PANEL}`,
        fill: "none",
        stroke: ink.line,
        "stroke-dasharray": "2 3",
      };
      group.append(svgElement(document, "path", line));
      // Numbers that would touch are left to the table.
      if (x - free < 12) continue;
      free = x;
      const text = svgElement(document, "text", { x: fixed(x + 4), y: top + 9, "text-anchor": "start" });
      text.textContent = String(rank);
      group.append(text);
    }
    return marks.length === 0 ? null : group;
  };
}
