import { type Edge, forceLayout, type Point } from "./forceLayout.ts";
import { escapeXml, fixed, paint, svgFile } from "./svg.ts";

export interface ModulePictureData {
  readonly title: string;
  /** One a gene. */
  readonly labels: readonly string[];
  /** How central each gene is (kME, strength), any scale, not negative: the size of its circle. */
  readonly centrality: ArrayLike<number>;
  /** Edges between genes (numbers of labels), with weights above 0. */
  readonly first: ArrayLike<number>;
  readonly second: ArrayLike<number>;
  readonly weight: ArrayLike<number>;
  /** A colour as CSS writes it, such as the module's name in WGCNA. Default: the blue of all plots. */
  readonly colour?: string | undefined;
}

const SIZE = 720;
const MARGIN = 70;
/** Genes and edges drawn: the most central, and of them the strongest. */
export const MOST_GENES = 120;
const MOST_EDGES = 900;
const MOST_LABELS = 60;
const HUBS = 5;
/** Width of a letter, as a share of its height. */
const LETTER = 0.64;

/**
 * A module as a picture: its most central genes as circles, nearer to each other the stronger they are joined (Fruchterman and Reingold 1991), the hubs in bold. Returns an SVG
 * file whose bytes follow from the data alone.
 */
export function modulePicture(data: ModulePictureData): string {
  const shown = central(data, MOST_GENES);
  const place = new Map(shown.map((gene, i) => [gene, i]));
  const edges = strongestEdges(data, place);
  const points = fitted(forceLayout(shown.length, edges));
  const most = Math.max(...shown.map((gene) => data.centrality[gene]!), Number.MIN_VALUE);
  const top = Math.max(...edges.map(({ weight }) => weight), Number.MIN_VALUE);
  const lines = edges.map(({ a, b, weight }) => {
    const [p, q] = [points[a]!, points[b]!];
    const strength = `stroke-opacity="${fixed(0.08 + (0.5 * weight) / top)}"`;
    return `<line ${paint("stroke", "muted")} ${strength} x1="${fixed(p.x)}" y1="${fixed(p.y)}" x2="${fixed(q.x)}" y2="${fixed(q.y)}"/>`;
  });
  const { colour } = data;
  const fill = colour === undefined ? paint("fill", "mid") : `fill="${escapeXml(colour)}"`;
  const circles = shown.map((gene, i) => {
    const { x, y } = points[i]!;
    const radius = 3 + 9 * Math.sqrt(Math.max(0, data.centrality[gene]!) / most);
    const tip = `<title>${escapeXml(data.labels[gene]!)}</title>`;
    return `<circle ${fill} stroke="#00000055" cx="${fixed(x)}" cy="${fixed(y)}" r="${fixed(radius)}">${tip}</circle>`;
  });
  const names = shown.slice(0, MOST_LABELS).map((gene) => data.labels[gene]!);
  const labels = placedLabels(names, points).map(({ i, x, y, size }) => {
    const weight = i < HUBS ? ' font-weight="700"' : "";
    const halo = `${paint("stroke", "paper")} stroke-opacity="0.8" stroke-width="3" paint-order="stroke"`;
    return `<text ${halo} x="${fixed(x)}" y="${fixed(y)}" font-size="${size}"${weight}>${escapeXml(names[i]!)}</text>`;
  });
  const left = data.labels.length - shown.length;
  const note = left > 0 ? `, the ${shown.length} most central of ${data.labels.length}` : "";
  const heading = `<text x="${SIZE / 2}" y="26" font-size="15" font-weight="700">${escapeXml(data.title)}</text>`;
  const caption = `<text ${paint("fill", "muted")} x="${SIZE / 2}" y="${SIZE - 12}">genes${note}; hubs in bold</text>`;
  return svgFile(data.title, SIZE, SIZE, [heading, ...lines, ...circles, ...labels, caption].join("\n"));
}

interface Label {
  readonly i: number;
  /** Middle and base line. */
  readonly x: number;
  readonly y: number;
  readonly size: number;
}

/** A label above its circle, else below or beside it, where it covers none before it; the less central go without. */
function placedLabels(names: readonly string[], points: readonly Point[]): Label[] {
  const placed: (Label & { readonly width: number })[] = [];
  names.forEach((name, i) => {
    const size = i < HUBS ? 13 : 10;
    const width = LETTER * size * name.length;
    const { x, y } = points[i]!;
    const beside = width / 2 + 12;
    const places = [
      { x, y: y - 9 },
      { x, y: y + 9 + size },
      { x: x + beside, y: y + size / 3 },
      { x: x - beside, y: y + size / 3 },
    ];
    const free = places.find((at) =>
      placed.every(
        (other) =>
          Math.abs(at.x - other.x) > (width + other.width) / 2 + 2 ||
          Math.abs(at.y - size / 2 - other.y + other.size / 2) > (size + other.size) / 2,
      ),
    );
    if (free !== undefined) placed.push({ i, ...free, size, width });
  });
  return placed;
}

/** The picture on a page of its own. */
export function modulePage(title: string, svg: string): string {
  return `<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>${escapeXml(title)}</title>\n<style>body{margin:0;display:grid;place-items:center;min-height:100vh}</style></head>\n<body>\n${svg}</body>\n</html>\n`;
}

/** The most central genes, the most central first. */
function central({ labels, centrality }: ModulePictureData, most: number): number[] {
  return labels
    .map((_, gene) => gene)
    .sort((a, b) => centrality[b]! - centrality[a]! || a - b)
    .slice(0, most);
}

function strongestEdges({ first, second, weight }: ModulePictureData, place: Map<number, number>): Edge[] {
  return Array.from({ length: first.length }, (_, i) => i)
    .flatMap((i) => {
      const [a, b] = [place.get(first[i]!), place.get(second[i]!)];
      return a === undefined || b === undefined || a === b ? [] : [{ a, b, weight: weight[i]! }];
    })
    .sort((p, q) => q.weight - p.weight || p.a - q.a || p.b - q.b)
    .slice(0, MOST_EDGES);
}

/** Stretched to the picture. */
function fitted(points: readonly Point[]): Point[] {
  const range = (values: number[]): [number, number] => [Math.min(...values), Math.max(...values)];
  const [left, right] = range(points.map(({ x }) => x));
  const [low, high] = range(points.map(({ y }) => y));
  const inside = SIZE - 2 * MARGIN;
  const onto = (value: number, from: number, to: number): number =>
    to > from ? MARGIN + (inside * (value - from)) / (to - from) : SIZE / 2;
  return points.map(({ x, y }) => ({ x: onto(x, left, right), y: onto(y, low, high) }));
}
