import { fixed } from "./svg.ts";

export interface DrawnTree {
  /** As in R's hclust: -i is item i (from 1), m > 0 the m-th merge (from 1). */
  readonly merge: ArrayLike<number>;
  readonly height: ArrayLike<number>;
  /** Items from left to right, from 0. */
  readonly order: ArrayLike<number>;
  /** How far below its merge a leaf hangs, in units of height. */
  readonly hang: number;
}

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Points of the grid a pixel: what lies nearer is drawn as one line. */
const GRID = 2;

/**
 * All elbows of a dendrogram as one path of an SVG, the lowest leaf at the bottom of the box. Lines are put on a grid of half pixels, and those that
 * overlap there are one line: tens of thousands of leaves take no more than the grid's lines, and look the same.
 */
export function dendrogramPath({ merge, height, order, hang }: DrawnTree, box: Box): string {
  const merges = height.length;
  const items = order.length;
  const highest = merges > 0 ? height[merges - 1]! : 1;
  const floor = (merges > 0 ? height[0]! : 0) - hang;
  const x = (place: number): number => Math.round((GRID * box.width * place) / items);
  const y = (value: number): number =>
    Math.round(GRID * box.height * (1 - (value - floor) / (highest - floor || 1)));
  const place = new Float64Array(items);
  for (let i = 0; i < items; i++) place[order[i]!] = i + 0.5;
  const middle = new Float64Array(merges);
  const [across, down] = [new Lines(), new Lines()];
  for (let m = 0; m < merges; m++) {
    const level = y(height[m]!);
    const ends = [merge[2 * m]!, merge[2 * m + 1]!].map((node) => ({
      at: node < 0 ? place[-node - 1]! : middle[node - 1]!,
      from: y(node < 0 ? height[m]! - hang : height[node - 1]!),
    }));
    const [left, right] = ends as [(typeof ends)[0], (typeof ends)[0]];
    middle[m] = (left.at + right.at) / 2;
    across.add(level, x(left.at), x(right.at));
    for (const { at, from } of ends) down.add(x(at), level, from);
  }
  const horizontal = (value: number): string => fixed(box.left + value / GRID);
  const vertical = (value: number): string => fixed(box.top + value / GRID);
  return [
    ...across.each((at, from, to) => `M${horizontal(from)} ${vertical(at)}H${horizontal(to)}`),
    ...down.each((at, from, to) => `M${horizontal(at)} ${vertical(from)}V${vertical(to)}`),
  ].join("");
}

/** Stretches on parallel lines. */
class Lines {
  private readonly on = new Map<number, [from: number, to: number][]>();

  add(line: number, a: number, b: number): void {
    const list = this.on.get(line) ?? [];
    list.push(a < b ? [a, b] : [b, a]);
    this.on.set(line, list);
  }

  /** The stretches by line, those that touch as one. */
  each(draw: (line: number, from: number, to: number) => string): string[] {
    return [...this.on]
      .sort(([a], [b]) => a - b)
      .flatMap(([line, list]) => {
        const drawn: string[] = [];
        let open: [number, number] | undefined;
        for (const [from, to] of list.sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
          if (open !== undefined && from <= open[1]) {
            open[1] = Math.max(open[1], to);
            continue;
          }
          if (open !== undefined) drawn.push(draw(line, ...open));
          open = [from, to];
        }
        if (open !== undefined) drawn.push(draw(line, ...open));
        return drawn;
      });
  }
}
