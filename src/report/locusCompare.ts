import * as Plot from "@observablehq/plot";
import { canonicalChromosome } from "../cohort/chromosomes.ts";
import type { GeneModel } from "../formats/geneModels.ts";
import { geneTrack } from "./geneTrack.ts";
import { LD_CLASSES, LD_ORDER, ldClass, ldLegend, legendRow } from "./ldColours.ts";
import { AXIS, dots, GRID, remark, svgElement, xTitle, yTitle } from "./marks.ts";
import { count, shorten } from "./numbers.ts";
import type { Picture } from "./picture.ts";
import { axisTitle, heading, regionalLegend } from "./regional.ts";
import {
  type AssociationData,
  DIAMOND,
  type PanelBox,
  panelHeight,
  region,
  regionalPanel,
} from "./regionalPanel.ts";
import { type Canvas, fixed, ink, plotMarkup, svgFile } from "./svg.ts";

/** Two traits at one locus: their z statistics against each other, and their regional plots on one axis. */

export interface ZScatterData {
  readonly id: readonly string[];
  /** z statistics of both traits for the same allele; NaN of variants that a trait lacks, which are not drawn. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly r2?: Float64Array | undefined;
  /** Row of the lead; -1 is none. */
  readonly lead: number;
  /** `GWAS: body mass index`. */
  readonly xText: string;
  readonly yText: string;
  readonly title?: string | undefined;
}

const SIZE = 480;
const FOOT = 24;
const MARGIN = { left: 50, right: 20, top: 84, bottom: 52 };
/** Of |z| in both traits: below it a direction is mostly chance. */
const CLEAR = 2;

/**
 * z of one trait against z of the other, coloured by r2 with the lead (a diamond). A shared cause puts the variants on a line through
 * the origin; two causes put them on two arms. Says how many of the variants that are clear in both act in the same direction.
 */
export function zScatter(canvas: Canvas, data: ZScatterData): Picture {
  const { id, x, y, r2, lead } = data;
  const shown = [...x.keys()].filter((i) => Number.isFinite(x[i]) && Number.isFinite(y[i]));
  const domain = (values: Float64Array): [number, number] => {
    let [low, high] = [-1, 1];
    for (const i of shown) [low, high] = [Math.min(low, values[i]!), Math.max(high, values[i]!)];
    const room = 0.08 * (high - low);
    return [low - room, high + room];
  };
  const height = SIZE + FOOT;
  const plot = Plot.plot({
    ...{ document: canvas.document, width: SIZE, height },
    ...{
      marginLeft: MARGIN.left,
      marginRight: MARGIN.right,
      marginTop: MARGIN.top,
      marginBottom: MARGIN.bottom + FOOT,
    },
    x: { domain: domain(x), axis: null },
    y: { domain: domain(y), axis: null },
    marks: [
      Plot.gridX({ ...GRID, ticks: 6 }),
      Plot.gridY({ ...GRID, ticks: 6 }),
      Plot.ruleX([0], { stroke: ink.line }),
      Plot.ruleY([0], { stroke: ink.line }),
      Plot.axisY({ ...AXIS, ticks: 6 }),
      Plot.axisX({ ...AXIS, ticks: 6 }),
      yTitle(`z, ${shorten(data.yText, 40)}`, MARGIN.left),
      xTitle(`z, ${shorten(data.xText, 50)}`),
      remark(shown.length === 0 ? "no variant in both" : `${count(shown.length)} in both`),
      Plot.text([directionText(x, y, shown)], {
        ...{ frameAnchor: "bottom", dy: 62, fill: ink.muted, fontSize: 11.5 },
      }),
      ...LD_ORDER.map((level) => {
        const rows = shown.filter(
          (i) => i !== lead && (r2 === undefined ? level === 0 : ldClass(r2[i]) === level),
        );
        return dots(
          rows.map((i) => x[i]!),
          rows.map((i) => y[i]!),
          {
            colour: r2 === undefined ? ink.deep : ink[LD_CLASSES[level]!.colour],
            radius: shown.length > 2_000 ? 2 : 2.8,
            among: shown.length,
          },
        );
      }),
      leadMark(data, shown),
    ],
  });
  const [sx, sy] = [plot.scale("x"), plot.scale("y")];
  const place = (scale: Plot.Scale | undefined, i: number, value: number) =>
    Number.isFinite(x[i]) && Number.isFinite(y[i]) ? Number(scale?.apply(value)) : Number.NaN;
  const title = data.title ?? "Effects of both traits, variant by variant";
  const inside = [
    heading(shorten(title, 62)),
    legendRow(ldLegend(r2, "r²"), 12, 46, SIZE - 8),
    plotMarkup(plot),
  ];
  return {
    svg: svgFile(
      `${title}${id[lead] === undefined ? "" : `, lead ${id[lead]}`}`,
      SIZE,
      height,
      inside.join("\n"),
    ),
    ...{ width: SIZE, height },
    x: x.map((value, i) => place(sx, i, value)),
    y: y.map((value, i) => place(sy, i, value)),
  };
}

/** `Same direction in 42 of 45 variants with |z| above 2 in both`. */
export function directionText(x: Float64Array, y: Float64Array, rows: readonly number[]): string {
  const clear = rows.filter((i) => Math.abs(x[i]!) > CLEAR && Math.abs(y[i]!) > CLEAR);
  if (clear.length === 0) return `No variant has |z| above ${CLEAR} in both`;
  const same = clear.filter((i) => x[i]! > 0 === y[i]! > 0).length;
  return `Same direction in ${count(same)} of ${count(clear.length)} with |z| above ${CLEAR} in both`;
}

function leadMark({ id, x, y, lead }: ZScatterData, shown: readonly number[]): Plot.RenderFunction {
  return (_index, scales, _values, _dimensions, { document }) => {
    if (!shown.includes(lead)) return null;
    const [cx, cy] = [Number(scales.x?.(x[lead])), Number(scales.y?.(y[lead]))];
    const group = svgElement(document, "g", { "font-size": 11.5 });
    const diamond = {
      d: DIAMOND,
      transform: `translate(${fixed(cx)} ${fixed(cy)})`,
      fill: ink.purple,
      stroke: ink.paper,
    };
    const left = cx > SIZE / 2;
    const halo = { fill: ink.ink, stroke: ink.paper, "stroke-width": 3, "paint-order": "stroke" };
    const text = svgElement(document, "text", {
      ...{
        x: fixed(cx + (left ? -11 : 11)),
        y: fixed(cy + 4),
        "text-anchor": left ? "end" : "start",
        ...halo,
      },
    });
    text.textContent = shorten(id[lead] ?? "", 30);
    group.append(svgElement(document, "path", diamond), text);
    return group;
  };
}

/** One trait's panel; `text` says what it is. */
export interface ComparedPanel extends Omit<AssociationData, "start" | "end" | "label"> {
  readonly text: string;
}

export interface StackedPanelsData {
  readonly chromosome: string;
  readonly start: number;
  readonly end: number;
  readonly upper: ComparedPanel;
  readonly lower: ComparedPanel;
  readonly genes?: readonly GeneModel[] | undefined;
  readonly focus?: string | undefined;
  readonly title?: string | undefined;
  /** What the diamond is, in the legend: `lead of the gene`. */
  readonly leadText?: string | undefined;
}

const WIDTH = 780;
const LEFT = 44;
const PANEL = 180;
const TOP = 34;

/** Two regional plots above each other on one axis, gene models below. Places: those of the upper panel's variants, then the lower's. */
export function stackedPanels(canvas: Canvas, data: StackedPanelsData): Picture {
  const [start, end] = region(data);
  const { genes, focus, upper, lower, chromosome } = data;
  const title = data.title ?? `Two traits on chromosome ${canonicalChromosome(chromosome)}`;
  const model = genes?.find(({ id, ...gene }) => id === focus && gene.end >= start && gene.start <= end);
  const right = upper.recombination === undefined && lower.recombination === undefined ? 16 : 44;
  const legend = regionalLegend({ ...upper, start, end }, data.leadText);
  const box = (bottomAxis: boolean): PanelBox => ({
    ...{ width: WIDTH, left: LEFT, right, top: TOP, height: PANEL, bottomAxis },
    band: model && [model.start, model.end],
  });
  let at = legend.length > 0 ? 54 : 30;
  const panels = [upper, lower].map((panel, i) => {
    const { plot, x, y } = regionalPanel(
      canvas,
      { ...panel, start, end, label: `−log₁₀ p, ${shorten(panel.text, 60)}` },
      box(i === 1),
    );
    const from = at;
    at += panelHeight(box(i === 1)) - (i === 1 ? 0 : 4);
    return {
      markup: `<g transform="translate(0 ${from})">\n${plotMarkup(plot)}\n</g>`,
      x,
      y: y.map((value) => value + from),
    };
  });
  const track =
    genes && geneTrack({ genes, focus, start, end }, { left: LEFT, right: WIDTH - right, top: at + 4 });
  const inside = [
    heading(title),
    legendRow(legend, 12, 46, WIDTH - 8),
    ...panels.map(({ markup }) => markup),
    axisTitle(chromosome, end - start, (LEFT + WIDTH - right) / 2, at - 8),
    ...(track === undefined ? [] : [track.markup]),
  ].filter((part) => part !== "");
  const height = at + (track === undefined ? 0 : track.height + 12);
  const [a, b] = [panels[0]!, panels[1]!];
  return {
    svg: svgFile(`${title}: ${upper.text}, ${lower.text}`, WIDTH, height, inside.join("\n")),
    ...{ width: WIDTH, height },
    x: Float64Array.from([...a.x, ...b.x]),
    y: Float64Array.from([...a.y, ...b.y]),
  };
}
