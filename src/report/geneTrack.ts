import type { GeneModel } from "../formats/geneModels.ts";
import { count, shorten } from "./numbers.ts";
import { escapeXml, fixed, paint } from "./svg.ts";

export interface GeneTrackData {
  readonly genes: readonly GeneModel[];
  /** `id` of the gene that the picture is about. */
  readonly focus?: string | undefined;
  /** First and last base of the axis. */
  readonly start: number;
  readonly end: number;
}

/** Where the track lies; pixels. */
export interface TrackFrame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
}

/** A gene's place in the track. */
export interface PlacedGene {
  readonly gene: GeneModel;
  readonly lane: number;
  /** Ends of the body within the frame. */
  readonly x1: number;
  readonly x2: number;
  /** `← NAME`, `NAME →`: an arrow towards the gene's end. */
  readonly name: string;
  readonly nameX: number;
}

export interface GeneTrack {
  readonly markup: string;
  readonly height: number;
}

const LANE = 28;
const MOST_LANES = 10;
/** Heights of boxes: what is translated, and what of an exon is not. */
const EXON = 9;
const UNTRANSLATED = 5;
const GAP = 10;
const FONT = 11.5;
/** A generous mean width of a character of an italic name. */
const LETTER = 0.6 * FONT;
const LONGEST = 24;

/** Gene models below an axis, packed in lanes: exons as boxes, thin where they are not translated, names with the direction of transcription. */
export function geneTrack(data: GeneTrackData, frame: TrackFrame): GeneTrack {
  const { placed, left } = placeGenes(data, frame);
  const lanes = placed.reduce((most, { lane }) => Math.max(most, lane + 1), 0);
  const note =
    placed.length === 0 ? "no genes here" : left > 0 ? `${count(left)} more of them not drawn` : "";
  const bottom = frame.top + lanes * LANE;
  const noteText = `<text ${paint("fill", "muted")} font-size="11" text-anchor="end" x="${frame.right}" y="${bottom + 11}">${note}</text>`;
  return {
    markup: [...placed.map((gene) => drawn(gene, data, frame)), ...(note === "" ? [] : [noteText])].join(
      "\n",
    ),
    height: lanes * LANE + (note === "" ? 0 : 16),
  };
}

/** Genes on the axis in lanes, the focus in the first; those that no lane has room for are counted. */
export function placeGenes(
  { genes, focus, start, end }: GeneTrackData,
  frame: TrackFrame,
): { readonly placed: readonly PlacedGene[]; readonly left: number } {
  const here = genes
    .filter((gene) => gene.end >= start && gene.start <= end)
    .sort(
      (a, b) =>
        Number(b.id === focus) - Number(a.id === focus) ||
        a.start - b.start ||
        b.end - a.end ||
        (a.id < b.id ? -1 : 1),
    );
  const lanes: (readonly [from: number, to: number])[][] = [];
  const placed: PlacedGene[] = [];
  for (const gene of here) {
    const x1 = onAxis(gene.start, { start, end }, frame);
    const x2 = Math.max(x1 + 1.5, onAxis(gene.end, { start, end }, frame));
    const name = arrowed(gene);
    const half = (LETTER * [...name].length) / 2;
    const nameX = Math.min(frame.right - half, Math.max(frame.left + half, (x1 + x2) / 2));
    const room = [Math.min(x1, nameX - half) - GAP / 2, Math.max(x2, nameX + half) + GAP / 2] as const;
    const free = lanes.findIndex((lane) => lane.every(([from, to]) => room[1] <= from || room[0] >= to));
    const lane = free < 0 ? lanes.length : free;
    if (lane >= MOST_LANES) continue;
    lanes[lane] = [...(lanes[lane] ?? []), room];
    placed.push({ gene, lane, x1, x2, name, nameX });
  }
  return { placed, left: here.length - placed.length };
}

function arrowed({ id, symbol, strand }: GeneModel): string {
  const name = shorten(symbol === "" ? id : symbol, LONGEST);
  return strand === "+" ? `${name} →` : strand === "-" ? `← ${name}` : name;
}

function drawn({ gene, lane, x1, x2, name, nameX }: PlacedGene, data: GeneTrackData, frame: TrackFrame) {
  const top = frame.top + lane * LANE;
  const middle = top + 20;
  const isFocus = gene.id === data.focus;
  const fill = paint("fill", isFocus ? "deep" : "mid");
  const text = isFocus ? `${paint("fill", "ink")} font-weight="700"` : paint("fill", "muted");
  const exons = gene.exons.length === 0 ? [gene.start, gene.end] : gene.exons;
  const place = { data, frame, middle };
  const boxes =
    gene.coding === undefined
      ? boxesOf(exons, EXON, place)
      : boxesOf(exons, UNTRANSLATED, place) + boxesOf(gene.coding, EXON, place);
  const line = `<path ${paint("stroke", isFocus ? "deep" : "mid")} fill="none" stroke-width="1.4" d="M${fixed(x1)},${middle}H${fixed(x2)}"/>`;
  const label = `<text ${text} font-size="${FONT}" font-style="italic" x="${fixed(nameX)}" y="${top + 11}">${escapeXml(name)}</text>`;
  const tip = `<title>${escapeXml(gene.symbol === "" ? gene.id : `${gene.symbol}, ${gene.id}`)}</title>`;
  return `<g>${tip}${line}<path ${fill} d="${boxes}"/>${label}</g>`;
}

/** A path of boxes around the middle of a lane. */
function boxesOf(
  stretches: ArrayLike<number>,
  height: number,
  { data, frame, middle }: { readonly data: GeneTrackData; readonly frame: TrackFrame; middle: number },
): string {
  const boxes: string[] = [];
  let reach = Number.NEGATIVE_INFINITY;
  for (let e = 0; e + 1 < stretches.length; e += 2) {
    if (stretches[e + 1]! < data.start || stretches[e]! > data.end) continue;
    const from = onAxis(stretches[e]!, data, frame);
    const to = Math.max(from + 1.2, onAxis(stretches[e + 1]!, data, frame));
    // Of exons that share a pixel one that is hidden is not written.
    if (to <= reach) continue;
    reach = to;
    boxes.push(`M${fixed(from)},${fixed(middle - height / 2)}H${fixed(to)}v${height}H${fixed(from)}z`);
  }
  return boxes.join("");
}

function onAxis(position: number, { start, end }: Pick<GeneTrackData, "start" | "end">, frame: TrackFrame) {
  const inside = Math.min(end, Math.max(start, position));
  return frame.left + ((frame.right - frame.left) * (inside - start)) / Math.max(1, end - start);
}
