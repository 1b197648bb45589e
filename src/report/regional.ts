import { canonicalChromosome } from "../cohort/chromosomes.ts";
import type { GeneModel } from "../formats/geneModels.ts";
import { geneTrack } from "./geneTrack.ts";
import { type LegendItem, ldLegend, legendRow } from "./ldColours.ts";
import { counted, shorten } from "./numbers.ts";
import type { Picture } from "./picture.ts";
import {
  type AssociationData,
  DIAMOND,
  type PanelBox,
  panelHeight,
  region,
  regionalPanel,
  setColour,
  setShape,
} from "./regionalPanel.ts";
import { type Canvas, escapeXml, paint, plotMarkup, svgFile } from "./svg.ts";

export interface RegionalData extends AssociationData {
  readonly chromosome: string;
  /** Models below the axis; without them there is no track. */
  readonly genes?: readonly GeneModel[] | undefined;
  /** `id` of the gene that the picture is about. */
  readonly focus?: string | undefined;
  readonly title?: string | undefined;
}

const WIDTH = 780;
const LEFT = 44;
const PANEL = 250;
const HEAD = 26;
const LEGEND = 24;
const MOST_SETS = 5;

/**
 * A regional association plot as LocusZoom draws it: -log10 p by position, coloured by r2 with the lead (a diamond), outlines around
 * the variants of credible sets, the recombination rate behind with its axis on the right, gene models below. Variants
 * outside `start` to `end`, and those without a p-value, are not drawn. p = 0 stands at the top.
 */
export function regionalPlot(canvas: Canvas, data: RegionalData): Picture {
  const { genes, focus, chromosome } = data;
  const [start, end] = region(data);
  const legend = regionalLegend(data);
  const model = genes?.find(({ id }) => id === focus);
  const box: PanelBox = {
    width: WIDTH,
    left: LEFT,
    right: data.recombination === undefined ? 16 : 44,
    top: HEAD + (legend.length > 0 ? LEGEND : 0) + 36,
    height: PANEL,
    band: model && overlaps(model, start, end) ? [model.start, model.end] : undefined,
    bottomAxis: true,
  };
  const panel = regionalPanel(canvas, data, box);
  const below = panelHeight(box);
  const title = data.title ?? `Association on chromosome ${canonicalChromosome(chromosome)}`;
  const track =
    genes === undefined
      ? undefined
      : geneTrack({ genes, focus, start, end }, { left: LEFT, right: WIDTH - box.right, top: below + 4 });
  const parts = [
    heading(title),
    legendRow(legend, 12, HEAD + LEGEND - 4, WIDTH - 8),
    plotMarkup(panel.plot),
    axisTitle(chromosome, end - start, (LEFT + WIDTH - box.right) / 2, below - 8),
    ...(track === undefined ? [] : [track.markup]),
  ];
  const height = below + (track === undefined ? 0 : track.height + 12);
  const inside = parts.filter((part) => part !== "").join("\n");
  return {
    svg: svgFile(said(data, title), WIDTH, height, inside),
    width: WIDTH,
    height,
    x: panel.x,
    y: panel.y,
  };
}

/** What colours, the diamond (`leadText`) and outlines mean. */
export function regionalLegend(
  { r2, set, bySet, id, lead, chosen = -1 }: AssociationData,
  leadText = "lead",
): LegendItem[] {
  const diamond = `<path ${paint("fill", "purple")} d="${DIAMOND}" transform="scale(0.8)"/>`;
  const ring = `<circle ${paint("stroke", "accent")} fill="none" stroke-width="2" r="5"/>`;
  return [
    ...(bySet === true ? [] : ldLegend(r2, "r² with the lead")),
    ...(id[lead] === undefined ? [] : [{ text: leadText, mark: diamond }]),
    ...(id[chosen] === undefined || chosen === lead ? [] : [{ text: "chosen", mark: ring }]),
    ...setLegend(set, bySet === true),
  ];
}

function setLegend(set: Int32Array | undefined, coloured: boolean): LegendItem[] {
  const sets = [...new Set(set ?? [])].filter((one) => one > 0).sort((a, b) => a - b);
  return sets.slice(0, MOST_SETS).map((one, i) => ({
    text: sets.length === 1 ? "credible set" : i === 0 ? `credible set ${one}` : String(one),
    mark: `<path ${paint("stroke", coloured ? setColour(one) : "ink")} fill="none" stroke-width="${coloured ? 1.8 : 1.3}" d="${setShape(one)}" transform="scale(0.8)"/>`,
  }));
}

/** The title of a sheet. */
export function heading(text: string): string {
  return `<text font-size="13" font-weight="600" text-anchor="start" x="12" y="22">${escapeXml(shorten(text, 100))}</text>`;
}

/** What the positions below a panel are. */
export function axisTitle(chromosome: string, span: number, x: number, y: number): string {
  const unit = span < 2_000 ? "bp" : "Mb";
  const text = `Position on chromosome ${shorten(canonicalChromosome(chromosome), 24)} (${unit})`;
  return `<text ${paint("fill", "muted")} font-size="11.5" x="${x}" y="${y}">${escapeXml(text)}</text>`;
}

function overlaps(model: GeneModel, start: number, end: number): boolean {
  return model.end >= start && model.start <= end;
}

/** For those who do not see it. */
function said({ id, lead }: RegionalData, title: string): string {
  const first = id[lead];
  return `${title}: ${counted(id.length, "variant")}${first === undefined ? "" : `, lead ${first}`}`;
}
