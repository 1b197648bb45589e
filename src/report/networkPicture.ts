import { forceLayout } from "./forceLayout.ts";
import { counted, shorten } from "./numbers.ts";
import type { Picture } from "./picture.ts";
import { escapeXml, fixed, paint, svgFile } from "./svg.ts";

export interface NetworkPictureData {
  readonly nodes: readonly {
    readonly label: string;
    /** Index in `colours`. */
    readonly module: number;
    /** How central it is, of either sign; the size of its circle follows. NaN is 0. */
    readonly membership: number;
  }[];
  /** Nodes at both ends, and weights above 0; others are not drawn. */
  readonly from: ArrayLike<number>;
  readonly to: ArrayLike<number>;
  readonly weight: ArrayLike<number>;
  /** Of the modules, as CSS writes them, such as the names of WGCNA. */
  readonly colours: readonly string[];
  /** What a weight is: `topological overlap`. */
  readonly measure: string;
  /** A node with a ring. */
  readonly focus?: number | undefined;
  readonly title?: string | undefined;
}

const WIDTH = 760;
const HEIGHT = 600;
const FRAME = { left: 56, right: WIDTH - 56, top: 92, bottom: HEIGHT - 48 };
/** Drawn at most: the most central nodes, the strongest edges. */
const MOST_NODES = 300;
const MOST_EDGES = 2_000;
const HUBS = 8;
const MOST_LABELS = 70;
const MOST_MODULES = 7;
const LETTER = 0.62;

/**
 * A network as dots and lines, nearer the stronger they are joined; names where they find room, those of the most central nodes
 * first. The bytes follow from the data alone. Places are those of the nodes; NaN beyond the 300 most central.
 */
export function networkPicture(data: NetworkPictureData): Picture {
  const size = data.nodes.map(({ membership }) => (Number.isFinite(membership) ? Math.abs(membership) : 0));
  const shown = [...size.keys()]
    .sort((a, b) => Number(b === data.focus) - Number(a === data.focus) || size[b]! - size[a]! || a - b)
    .slice(0, MOST_NODES);
  const index = new Map(shown.map((node, i) => [node, i]));
  const edges = edgesAmong(data, index);
  const points = inFrame(forceLayout(shown.length, edges));
  const most = Math.max(...shown.map((node) => size[node]!), Number.MIN_VALUE);
  const top = Math.max(...edges.map(({ weight }) => weight), Number.MIN_VALUE);
  const radii = shown.map((node) => 4 + 8 * Math.sqrt(size[node]! / most));
  const lines = edges.map(({ a, b, weight }) => {
    const [p, q] = [points[a]!, points[b]!];
    const strength = `stroke-opacity="${fixed(0.1 + (0.5 * weight) / top)}" stroke-width="${fixed(0.6 + (1.4 * weight) / top)}"`;
    return `<path ${paint("stroke", "muted")} fill="none" ${strength} d="M${fixed(p.x)},${fixed(p.y)}L${fixed(q.x)},${fixed(q.y)}"/>`;
  });
  const circles = shown.map((node, i) => {
    const { label, module } = data.nodes[node]!;
    const at = `cx="${fixed(points[i]!.x)}" cy="${fixed(points[i]!.y)}"`;
    const ring =
      node === data.focus
        ? `<circle ${paint("stroke", "accent")} ${at} r="${fixed(radii[i]! + 4)}" fill="none" stroke-width="2.4"/>`
        : "";
    const colour = data.colours[module];
    const fill = colour === undefined ? paint("fill", "mid") : `fill="${escapeXml(colour)}"`;
    return `<g><title>${escapeXml(label)}</title>${ring}<circle ${fill} ${at} r="${fixed(radii[i]!)}" stroke="#808080" stroke-width="0.8"/></g>`;
  });
  const names = placedNames(
    shown.map((node) => shorten(data.nodes[node]!.label, 20)),
    points,
    radii,
  ).map(({ text, x, y, hub }) => {
    const weight = hub ? ' font-weight="700"' : "";
    return `<text class="f-ink s-paper" fill="#1c2430" stroke="#ffffff" stroke-width="3" paint-order="stroke" stroke-linejoin="round" font-size="11"${weight} x="${fixed(x)}" y="${fixed(y)}">${escapeXml(text)}</text>`;
  });
  const left = data.nodes.length - shown.length;
  const title = data.title ?? "Network";
  const note =
    shown.length === 0
      ? "no genes"
      : `${counted(shown.length, "gene")}${left > 0 ? `, the most central of ${data.nodes.length}` : ""}; ${counted(edges.length, "edge")} by ${data.measure}`;
  const inside = [
    `<text font-size="13" font-weight="600" text-anchor="start" x="12" y="22">${escapeXml(shorten(title, 100))}</text>`,
    ...moduleLegend(data, shown),
    ...lines,
    ...circles,
    ...names,
    `<text ${paint("fill", "muted")} font-size="11.5" text-anchor="start" x="12" y="${HEIGHT - 14}">${escapeXml(shorten(note, 110))}</text>`,
  ];
  const place = (axis: "x" | "y") =>
    Float64Array.from(data.nodes, (_, node) => points[index.get(node) ?? -1]?.[axis] ?? Number.NaN);
  return {
    svg: svgFile(`${title}: ${note}`, WIDTH, HEIGHT, inside.join("\n")),
    width: WIDTH,
    height: HEIGHT,
    x: place("x"),
    y: place("y"),
  };
}

function edgesAmong({ from, to, weight }: NetworkPictureData, index: ReadonlyMap<number, number>) {
  return Array.from(weight, (value, e) => ({ a: index.get(from[e]!), b: index.get(to[e]!), weight: value }))
    .flatMap(({ a, b, weight: value }) =>
      a === undefined || b === undefined || a === b || !(value > 0) || value === Number.POSITIVE_INFINITY
        ? []
        : [{ a, b, weight: value }],
    )
    .sort((p, q) => q.weight - p.weight || p.a - q.a || p.b - q.b)
    .slice(0, MOST_EDGES);
}

interface At {
  readonly x: number;
  readonly y: number;
}

/** Stretched to the frame. */
function inFrame(points: readonly At[]): At[] {
  const onto = (values: readonly number[], from: number, to: number): number[] => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return values.map((value) =>
      high > low ? from + ((to - from) * (value - low)) / (high - low) : (from + to) / 2,
    );
  };
  const x = onto(
    points.map((point) => point.x),
    FRAME.left,
    FRAME.right,
  );
  const y = onto(
    points.map((point) => point.y),
    FRAME.top,
    FRAME.bottom,
  );
  return points.map((_, i) => ({ x: x[i]!, y: y[i]! }));
}

interface PlacedName extends At {
  readonly text: string;
  readonly hub: boolean;
}

/** A name above its circle, else below or beside it, where it covers no name before it and stays on the sheet. */
function placedNames(
  texts: readonly string[],
  points: readonly At[],
  radii: readonly number[],
): PlacedName[] {
  const placed: (PlacedName & { readonly half: number })[] = [];
  texts.slice(0, MOST_LABELS).forEach((text, i) => {
    const half = (LETTER * 11 * [...text].length) / 2;
    const { x, y } = points[i]!;
    const beside = half + radii[i]! + 4;
    const spots = [
      { x, y: y - radii[i]! - 4 },
      { x, y: y + radii[i]! + 13 },
      { x: x + beside, y: y + 4 },
      { x: x - beside, y: y + 4 },
    ];
    const free = spots.find(
      (at) =>
        at.x - half >= 4 &&
        at.x + half <= WIDTH - 4 &&
        placed.every(
          (other) => Math.abs(at.x - other.x) > half + other.half + 2 || Math.abs(at.y - other.y) > 12,
        ),
    );
    if (free !== undefined) placed.push({ text, ...free, half, hub: i < HUBS });
  });
  return placed;
}

/** The modules that are met, largest first. */
function moduleLegend({ nodes, colours }: NetworkPictureData, shown: readonly number[]): string[] {
  const sizes = new Map<number, number>();
  for (const node of shown) sizes.set(nodes[node]!.module, (sizes.get(nodes[node]!.module) ?? 0) + 1);
  let x = 16;
  return [...sizes]
    .sort(([a, n], [b, m]) => m - n || a - b)
    .slice(0, MOST_MODULES)
    .flatMap(([module, n]) => {
      const colour = colours[module];
      const text = `${shorten(colour ?? `module ${module}`, 16)} (${n})`;
      const at = x;
      x += 6.4 * text.length + 26;
      if (x > WIDTH) return [];
      const fill = colour === undefined ? paint("fill", "mid") : `fill="${escapeXml(colour)}"`;
      const circle = `<circle ${fill} cx="${fixed(at)}" cy="42" r="5" stroke="#808080" stroke-width="0.8"/>`;
      return [
        `${circle}<text ${paint("fill", "muted")} font-size="11.5" text-anchor="start" x="${fixed(at + 10)}" y="46">${escapeXml(text)}</text>`,
      ];
    });
}
