import { type ColourName, fixed, paint } from "./svg.ts";

/** Colours by r2 with a variant, as LocusZoom's readers expect them: cold to warm, in hues that every kind of colour vision tells apart. */

export interface LdClass {
  readonly text: string;
  readonly colour: ColourName;
}

/** From the lowest r2; the last is of variants whose r2 is not known. */
export const LD_CLASSES: readonly LdClass[] = [
  { text: "0–0.2", colour: "navy" },
  { text: "0.2–0.4", colour: "sky" },
  { text: "0.4–0.6", colour: "green" },
  { text: "0.6–0.8", colour: "amber" },
  { text: "0.8–1", colour: "accent" },
  { text: "unknown", colour: "stone" },
];

const UNKNOWN = LD_CLASSES.length - 1;

/** Index in {@link LD_CLASSES}. A class holds its lower end; 1, and what rounding puts above it, is in the last. */
export function ldClass(r2: number | undefined): number {
  if (r2 === undefined || Number.isNaN(r2)) return UNKNOWN;
  return Math.max(0, Math.min(UNKNOWN - 1, Math.floor(r2 * 5)));
}

/** Classes from the bottom to the top of a drawing: unknown first, then from low to high r2. */
export const LD_ORDER: readonly number[] = [UNKNOWN, 0, 1, 2, 3, 4];

/** Rows of a legend end here. */
const STEP = 9;

export interface LegendItem {
  readonly text: string;
  /** Drawn around 0, 0. Without one the text is a heading. */
  readonly mark?: string | undefined;
}

/** The legend of the r2 classes that are met. */
export function ldLegend(r2: Float64Array | undefined, heading: string): LegendItem[] {
  if (r2 === undefined) return [];
  const unknown = r2.some(Number.isNaN);
  return [
    { text: heading },
    ...LD_CLASSES.slice(0, unknown ? undefined : UNKNOWN).map(({ text, colour }) => ({
      text,
      mark: `<circle ${paint("fill", colour)} r="4"/>`,
    })),
  ];
}

/** Items in a row from `x` on, as far as they fit before `right`; escaped texts only. */
export function legendRow(items: readonly LegendItem[], x: number, y: number, right: number): string {
  const parts: string[] = [];
  let at = x;
  for (const { text, mark } of items) {
    const width = legendWidth({ text, mark });
    if (at + width - 14 > right) break;
    const start = mark === undefined ? at : at + STEP + 4;
    if (mark !== undefined) parts.push(`<g transform="translate(${fixed(at + 4)} ${y - 4})">${mark}</g>`);
    parts.push(
      `<text ${paint("fill", "muted")} font-size="11.5" text-anchor="start" x="${fixed(start)}" y="${y}">${text}</text>`,
    );
    at += width;
  }
  return parts.join("\n");
}

function legendWidth({ text, mark }: LegendItem): number {
  return 6.1 * text.length + (mark === undefined ? 10 : STEP + 18);
}
