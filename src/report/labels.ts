import { fixed } from "./svg.ts";

/** Names beside points, so that none covers another name or another named point. */

export interface Label {
  readonly text: string;
  /** Pixels. */
  readonly x: number;
  readonly y: number;
}

export interface PlacedLabel extends Label {
  /** Where the text's baseline is, and which end of it. */
  readonly textX: number;
  readonly textY: number;
  readonly anchor: "start" | "middle" | "end";
}

export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const FONT_SIZE = 11.5;
/** A generous mean width of a character, in units of the font size: no text is measured here. */
const CHARACTER = 0.62;
const DISTANCE = 7;

interface Spot {
  readonly anchor: PlacedLabel["anchor"];
  readonly dx: number;
  readonly dy: number;
}

/** Right, left, above; then, with a leader line, higher up. */
const SPOTS: readonly Spot[] = [
  { anchor: "start", dx: DISTANCE, dy: 4 },
  { anchor: "end", dx: -DISTANCE, dy: 4 },
  { anchor: "middle", dx: 0, dy: -DISTANCE - 2 },
  ...[20, 34, 48].flatMap((up): Spot[] => [
    { anchor: "start", dx: 12, dy: -up },
    { anchor: "end", dx: -12, dy: -up },
    { anchor: "middle", dx: 0, dy: -up - 4 },
  ]),
];

/**
 * Places labels in the order given (most important first) into `frame`; a label that finds no free place
 * is left out. The labelled points themselves, and `cloud`, are kept clear.
 */
export function placeLabels(
  labels: readonly Label[],
  frame: Frame,
  cloud: readonly { readonly x: number; readonly y: number }[] = [],
): PlacedLabel[] {
  const taken: Frame[] = labels.map(({ x, y }) => around(x, y, 4));
  const dots = cloud.map(({ x, y }) => around(x, y, 2));
  const placed: PlacedLabel[] = [];
  labels.forEach((label, own) => {
    for (const spot of SPOTS) {
      const candidate = { ...label, textX: label.x + spot.dx, textY: label.y + spot.dy, anchor: spot.anchor };
      const box = labelBox(candidate);
      const room = [box, ...leaderSteps(candidate)];
      if (!within(box, frame) || dots.some((dot) => overlap(box, dot))) continue;
      if (taken.some((other, i) => i !== own && room.some((part) => overlap(part, other)))) continue;
      taken.push(...room);
      placed.push(candidate);
      return;
    }
  });
  return placed;
}

/** The path from a point to its label, or undefined where the label stands right beside it. */
export function leaderLine(label: PlacedLabel): string | undefined {
  const ends = leaderEnds(label);
  if (ends === undefined) return undefined;
  const [x1, y1, x2, y2] = ends.map(fixed);
  return `M${x1},${y1}L${x2},${y2}`;
}

function leaderEnds(label: PlacedLabel): [number, number, number, number] | undefined {
  if (Math.abs(label.textY - label.y) < 12) return undefined;
  const end = label.anchor === "start" ? 2 : label.anchor === "end" ? -2 : 0;
  return [label.x, label.y - 5, label.textX - end, label.textY + 4];
}

/** The leader line as a chain of small boxes, so that it crosses no name and no name crosses it. */
function leaderSteps(label: PlacedLabel): Frame[] {
  const ends = leaderEnds(label);
  if (ends === undefined) return [];
  const [x1, y1, x2, y2] = ends;
  const steps = Math.ceil(Math.hypot(x2 - x1, y2 - y1) / 3);
  return Array.from({ length: steps }, (_, i) =>
    around(x1 + ((x2 - x1) * i) / steps, y1 + ((y2 - y1) * i) / steps, 1),
  );
}

function around(x: number, y: number, radius: number): Frame {
  return { left: x - radius, right: x + radius, top: y - radius, bottom: y + radius };
}

/** The room a placed label takes. */
export function labelBox(label: PlacedLabel): Frame {
  const width = label.text.length * CHARACTER * FONT_SIZE;
  const left = label.textX - (label.anchor === "end" ? width : label.anchor === "middle" ? width / 2 : 0);
  return { left, right: left + width, top: label.textY - FONT_SIZE, bottom: label.textY + 3 };
}

function within(box: Frame, frame: Frame): boolean {
  return (
    box.left >= frame.left && box.right <= frame.right && box.top >= frame.top && box.bottom <= frame.bottom
  );
}

function overlap(a: Frame, b: Frame): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
