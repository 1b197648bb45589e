import type { OverlapCells } from "../network/overlapCells.ts";
import { dendrogramPath } from "./dendrogramPath.ts";
import { count, shorten } from "./numbers.ts";
import { escapeXml, fixed, ink, paint, svgFile } from "./svg.ts";

export interface OverlapMapData {
  readonly title: string;
  /** Topological overlap (or any similarity from 0 to 1) in the order of the tree, see `overlapCells`. */
  readonly cells: OverlapCells;
  /** Merge m joins `merge[2 m]` and `merge[2 m + 1]`: -i is item i (from 1), m > 0 the m-th merge (from 1), as in R's hclust. */
  readonly merge: ArrayLike<number>;
  /** One a merge, ascending. */
  readonly height: ArrayLike<number>;
  /** Items (genes) from left to right, numbers from 0. */
  readonly order: ArrayLike<number>;
  /** The colour of each item's module, as CSS writes it. */
  readonly colours: readonly string[];
  /** What colours mean, in the order of the legend. */
  readonly modules?: readonly MapModule[] | undefined;
}

export interface MapModule {
  /** As CSS writes it. */
  readonly colour: string;
  readonly name: string;
}

const MAP = 600;
const LEFT = 64;
const RIGHT = 176;
const BOTTOM = 46;
const TOP = 48;
const TREE = 150;
const STRIP = 16;
const SHADES = 24;
/** How far a leaf hangs, as a share of the range of heights. */
const HANG = 0.05;
/** Modules named beside the map. */
const MOST_NAMED = 24;

/**
 * The overlap of all items as a map in the order of their dendrogram, which stands above it with the colours of the modules:
 * darker where overlap is larger. Where genes outnumber cells a cell is the mean over its pairs, and the picture says so. The bytes are
 * bounded whatever the number of genes. Returns an SVG file.
 */
export function overlapMap(data: OverlapMapData): string {
  const strip = TOP + TREE + 4;
  const top = strip + STRIP + 6;
  const items = data.order.length;
  const { side } = data.cells;
  const most = largest(data.cells.means);
  const shared = side < items;
  const mean = `each of ${side} × ${side} cells the mean over its pairs (${count(Math.ceil(items / side))} genes a side)`;
  const caption = `${count(items)} genes in the order of the tree, both ways${shared ? `; ${mean}` : ""}`;
  const parts = [
    `<text x="${LEFT}" y="26" font-size="15" font-weight="700" text-anchor="start">${escapeXml(shorten(data.title, 90))}</text>`,
    tree(data),
    colourStrip(data, `translate(${LEFT} ${strip})`, MAP / items, STRIP, false),
    colourStrip(data, `translate(${LEFT - STRIP - 6} ${top})`, MAP / items, STRIP, true),
    `<rect x="${LEFT}" y="${top}" width="${MAP}" height="${MAP}" fill="none" ${paint("stroke", "line")}/>`,
    ...shadedCells(data.cells, most, `translate(${LEFT} ${top}) scale(${MAP / Math.max(1, side)})`),
    `<text ${paint("fill", "muted")} x="${LEFT}" y="${top + MAP + 24}" text-anchor="start">${escapeXml(caption)}</text>`,
    ...overlapLegend(LEFT + MAP + 24, top, most),
    ...moduleLegend(data.modules ?? [], LEFT + MAP + 24, top + 96),
  ];
  return svgFile(data.title, LEFT + MAP + RIGHT, top + MAP + BOTTOM, parts.join("\n"));
}

/** The largest of the means that are numbers, 0 where none is above it. */
function largest(values: Float64Array): number {
  let most = 0;
  for (const value of values) if (value > most) most = value;
  return most;
}

/** The dendrogram with the scale of its heights, which are 1 - overlap. */
function tree({ merge, height, order }: OverlapMapData): string {
  const merges = height.length;
  const [low, high] = merges > 0 ? [height[0]!, height[merges - 1]!] : [0, 1];
  // Leaves hang a little below their merge, as in WGCNA's plots: drawn to the bottom they would hide the tree.
  const hang = HANG * (high - low);
  const floor = low - hang;
  const path = dendrogramPath(
    { merge, height, order, hang },
    { left: LEFT, top: TOP, width: MAP, height: TREE },
  );
  const label = (y: number, value: number): string =>
    `<text ${paint("fill", "muted")} x="${LEFT - 8}" y="${fixed(y)}" font-size="11" text-anchor="end">${value.toFixed(2)}</text>`;
  const middle = TOP + TREE / 2;
  return [
    `<path ${paint("stroke", "ink")} fill="none" stroke-width="0.7" d="${path}"/>`,
    ...(high > low
      ? [label(TOP + 4, high), label(TOP + TREE * (1 - (low - floor) / (high - floor)) + 4, low)]
      : []),
    `<text ${paint("fill", "muted")} font-size="11" transform="translate(${LEFT - 44} ${middle}) rotate(-90)">1 − overlap</text>`,
  ].join("\n");
}

/** Runs of one colour along the order, or down it. */
function colourStrip(
  { order, colours }: OverlapMapData,
  transform: string,
  step: number,
  thick: number,
  down: boolean,
): string {
  const items = order.length;
  const runs: string[] = [];
  // A run narrower than this is not seen: the picture has one colour a half pixel at most.
  const finest = 0.5 / step;
  for (let start = 0; start < items; ) {
    let end = start + 1;
    const colour = colours[order[start]!]!;
    while (end < items && (colours[order[end]!] === colour || end - start < finest)) end++;
    const [at, size] = [fixed(step * start), fixed(step * (end - start))];
    const place = down
      ? `y="${at}" height="${size}" width="${thick}"`
      : `x="${at}" width="${size}" height="${thick}"`;
    runs.push(`<rect fill="${escapeXml(colour)}" ${place}/>`);
    start = end;
  }
  return `<g transform="${transform}" shape-rendering="crispEdges">${runs.join("")}</g>`;
}

/** How dark a mean is, 0 to {@link SHADES}: by the root, since overlaps within a module are much less than 1 and those beside it next to 0. */
function shadeOf(value: number, most: number): number {
  return value > 0 && most > 0 ? Math.round(SHADES * Math.sqrt(Math.min(1, value / most))) : 0;
}

/** One path a shade: rows of cells of it, in units of a cell. */
function shadedCells({ side, means }: OverlapCells, most: number, transform: string): string[] {
  const paths = Array.from({ length: SHADES + 1 }, () => "");
  for (let row = 0; row < side; row++) {
    for (let start = 0; start < side; ) {
      const shade = shadeOf(means[row * side + start]!, most);
      let end = start + 1;
      while (end < side && shadeOf(means[row * side + end]!, most) === shade) end++;
      paths[shade] += `M${start} ${row}h${end - start}v1H${start}z`;
      start = end;
    }
  }
  return [
    `<g transform="${transform}" shape-rendering="crispEdges" ${paint("fill", "deep")}>`,
    ...paths.flatMap((d, shade) =>
      shade === 0 || d === "" ? [] : [`<path fill-opacity="${fixed(shade / SHADES)}" d="${d}"/>`],
    ),
    "</g>",
  ];
}

const BAR = 6 * SHADES;

/** The scale of the shades. */
function overlapLegend(x: number, y: number, most: number): string[] {
  const steps = Array.from({ length: SHADES }, (_, i) => {
    const at = fixed(x + (BAR * i) / SHADES);
    return `<rect ${paint("fill", "deep")} fill-opacity="${fixed((i + 1) / SHADES)}" x="${at}" y="${y + 10}" width="${BAR / SHADES}" height="12"/>`;
  });
  // The shade at the middle of the bar is that of a quarter of the most.
  const ticks = [0, 0.5, 1].map((share) => {
    const text = (most * share * share).toPrecision(2).replace(/^0\.0+$/, "0");
    const anchor = share === 0 ? "start" : share === 1 ? "end" : "middle";
    return `<text ${paint("fill", "muted")} x="${fixed(x + BAR * share)}" y="${y + 36}" font-size="11" text-anchor="${anchor}">${Number(text)}</text>`;
  });
  return [
    `<text x="${x}" y="${y + 2}" font-size="12" font-weight="600" text-anchor="start">Topological overlap</text>`,
    `<g shape-rendering="crispEdges">${steps.join("")}</g>`,
    ...ticks,
    `<text ${paint("fill", "muted")} x="${x}" y="${y + 52}" font-size="11" text-anchor="start">(root scale)</text>`,
  ];
}

function moduleLegend(modules: readonly MapModule[], x: number, y: number): string[] {
  if (modules.length === 0) return [];
  const rows = modules.slice(0, MOST_NAMED).map(({ colour, name }, i) => {
    const at = y + 12 + 19 * i;
    const swatch = `<rect fill="${escapeXml(colour)}" stroke="${ink.line}" x="${x}" y="${at}" width="13" height="13"/>`;
    return `${swatch}<text x="${x + 20}" y="${at + 11}" font-size="11.5" text-anchor="start">${escapeXml(shorten(name, 22))}</text>`;
  });
  const left = modules.length - rows.length;
  const more = `<text ${paint("fill", "muted")} x="${x}" y="${y + 24 + 19 * rows.length}" font-size="11.5" text-anchor="start">and ${count(left)} more</text>`;
  return [
    `<text x="${x}" y="${y}" font-size="12" font-weight="600" text-anchor="start">Modules</text>`,
    ...rows,
    ...(left > 0 ? [more] : []),
  ];
}
