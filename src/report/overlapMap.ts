import { escapeXml, fixed, ink, paint, svgFile } from "./svg.ts";

export interface OverlapMapData {
  readonly title: string;
  /** Items (genes) of the tree. */
  readonly items: number;
  /** Topological overlap (or any similarity from 0 to 1) of two items. */
  readonly overlap: (a: number, b: number) => number;
  /** Merge m joins `merge[2 m]` and `merge[2 m + 1]`: -i is item i (from 1), m > 0 the m-th merge (from 1), as in R's hclust. */
  readonly merge: ArrayLike<number>;
  /** One a merge, ascending. */
  readonly height: ArrayLike<number>;
  /** Items from left to right, numbers from 0. */
  readonly order: ArrayLike<number>;
  /** The colour of each item's module, as CSS writes it. */
  readonly colours: readonly string[];
}

const MAP = 600;
const MARGIN = 24;
const TREE = 150;
const STRIP = 16;
/** Cells on a side: more items than these share cells, which then show means. */
const MOST_CELLS = 150;
const SHADES = 24;

/**
 * The overlap of all items as a map in the order of their dendrogram, which stands above it with the colours of the modules: darker where
 * overlap is larger (relative to the largest shown beside the diagonal). Returns an SVG file.
 */
export function overlapMap(data: OverlapMapData): string {
  const top = 44;
  const mapTop = top + TREE + STRIP + 8;
  const parts = [
    `<text x="${MARGIN + MAP / 2}" y="26" font-size="15" font-weight="700">${escapeXml(data.title)}</text>`,
    treePath(data, top),
    ...strip(
      data,
      (x, width, colour) =>
        `<rect fill="${escapeXml(colour)}" x="${fixed(x)}" y="${top + TREE + 2}" width="${fixed(width)}" height="${STRIP}"/>`,
    ),
    ...cells(data, mapTop),
  ];
  return svgFile(data.title, MAP + 2 * MARGIN, mapTop + MAP + MARGIN, parts.join("\n"));
}

/** All elbows of the dendrogram as one path. */
function treePath({ items, merge, height, order }: OverlapMapData, top: number): string {
  const merges = items - 1;
  const place = new Float64Array(items);
  for (let i = 0; i < items; i++) place[order[i]!] = i + 0.5;
  const highest = merges > 0 ? height[merges - 1]! : 1;
  const lowest = merges > 0 ? height[0]! : 0;
  // Leaves hang a little below the first merge, as heights of overlap lie close to each other.
  const floor = lowest - 0.08 * (highest - lowest);
  const y = (value: number): number => top + TREE * (1 - (value - floor) / (highest - floor || 1));
  const middle = new Float64Array(Math.max(0, merges));
  const path: string[] = [];
  for (let m = 0; m < merges; m++) {
    const ends = [merge[2 * m]!, merge[2 * m + 1]!].map((node) => ({
      x: node < 0 ? place[-node - 1]! : middle[node - 1]!,
      y: node < 0 ? floor : height[node - 1]!,
    }));
    const [left, right] = ends as [(typeof ends)[0], (typeof ends)[0]];
    middle[m] = (left.x + right.x) / 2;
    const at = (x: number): string => fixed(MARGIN + (MAP * x) / items);
    const level = fixed(y(height[m]!));
    path.push(`M${at(left.x)} ${fixed(y(left.y))}V${level}H${at(right.x)}V${fixed(y(right.y))}`);
  }
  return `<path ${paint("stroke", "ink")} fill="none" stroke-width="0.6" d="${path.join("")}"/>`;
}

/** Runs of one colour along the order. */
function strip(
  { items, order, colours }: OverlapMapData,
  draw: (x: number, width: number, colour: string) => string,
): string[] {
  const drawn: string[] = [];
  for (let start = 0; start < items; ) {
    let end = start + 1;
    const colour = colours[order[start]!]!;
    while (end < items && colours[order[end]!] === colour) end++;
    drawn.push(draw(MARGIN + (MAP * start) / items, (MAP * (end - start)) / items, colour));
    start = end;
  }
  return drawn;
}

function cells({ items, overlap, order }: OverlapMapData, top: number): string[] {
  const side = Math.min(items, MOST_CELLS);
  const bound = (cell: number): number => Math.floor((cell * items) / side);
  const means = new Float64Array(side * side);
  let most = 0;
  for (let a = 0; a < side; a++) {
    for (let b = 0; b <= a; b++) {
      let sum = 0;
      let count = 0;
      for (let i = bound(a); i < bound(a + 1); i++) {
        for (let j = bound(b); j < bound(b + 1); j++) {
          if (i === j) continue;
          sum += overlap(order[i]!, order[j]!);
          count++;
        }
      }
      const mean = count > 0 ? sum / count : 0;
      means[a * side + b] = mean;
      means[b * side + a] = mean;
      most = Math.max(most, mean);
    }
  }
  const width = MAP / side;
  const drawn = [
    `<rect x="${MARGIN}" y="${top}" width="${MAP}" height="${MAP}" fill="none" stroke="${ink.line}"/>`,
  ];
  for (let a = 0; a < side; a++) {
    const shade = (b: number): number =>
      most > 0 ? Math.round(SHADES * Math.max(0, Math.min(1, means[a * side + b]! / most))) : 0;
    for (let start = 0; start < side; ) {
      let end = start + 1;
      while (end < side && shade(end) === shade(start)) end++;
      if (shade(start) > 0) {
        const size = `width="${fixed(width * (end - start))}" height="${fixed(width)}"`;
        const opacity = `fill-opacity="${fixed(shade(start) / SHADES)}"`;
        drawn.push(
          `<rect ${paint("fill", "accent")} ${opacity} x="${fixed(MARGIN + width * start)}" y="${fixed(top + width * a)}" ${size}/>`,
        );
      }
      start = end;
    }
  }
  return drawn;
}
