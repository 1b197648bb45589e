import { uniform } from "../statistics/random.ts";

/** Between nodes a and b. */
export interface Edge {
  readonly a: number;
  readonly b: number;
  /** Above 0. */
  readonly weight: number;
}

export interface Point {
  x: number;
  y: number;
}

const STEPS = 300;

/**
 * Places of n nodes by forces: all push each other away, edges pull; less far each step (Fruchterman and Reingold 1991). Only + - * / and roots, so the
 * same on every engine. On a scale of its own, about 0 to 1.
 */
export function forceLayout(n: number, edges: readonly Edge[]): Point[] {
  const points = Array.from({ length: n }, (_, i) => ({ x: uniform(1, 0, i), y: uniform(1, 1, i) }));
  const ideal = Math.sqrt(1 / Math.max(1, n));
  const top = Math.max(...edges.map(({ weight }) => weight), Number.MIN_VALUE);
  const push = Array.from({ length: n }, () => ({ x: 0, y: 0 }));
  const act = (a: number, b: number, force: (distance: number) => number): void => {
    const dx = points[a]!.x - points[b]!.x || 1e-6;
    const dy = points[a]!.y - points[b]!.y;
    const distance = Math.sqrt(dx * dx + dy * dy);
    const factor = force(distance) / distance;
    push[a]!.x += dx * factor;
    push[a]!.y += dy * factor;
    push[b]!.x -= dx * factor;
    push[b]!.y -= dy * factor;
  };
  for (let step = 0; step < STEPS; step++) {
    for (const each of push) each.x = each.y = 0;
    for (let a = 0; a < n; a++)
      for (let b = 0; b < a; b++) act(a, b, (d) => (ideal * ideal) / Math.max(d, 1e-3));
    for (const { a, b, weight } of edges) act(a, b, (d) => -((d * d) / ideal) * (0.2 + (0.8 * weight) / top));
    const reach = 0.1 * (1 - step / STEPS);
    points.forEach((point, i) => {
      // A pull to the middle keeps pieces that no edge joins within the picture.
      const dx = push[i]!.x + 0.5 * (0.5 - point.x);
      const dy = push[i]!.y + 0.5 * (0.5 - point.y);
      const length = Math.sqrt(dx * dx + dy * dy);
      const scale = length > reach ? reach / length : 1;
      point.x += dx * scale;
      point.y += dy * scale;
    });
  }
  return points;
}
