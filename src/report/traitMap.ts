import { pValue, shorten } from "./numbers.ts";
import { escapeXml, fixed, ink, paint, svgFile } from "./svg.ts";

export interface TraitMapData {
  readonly title: string;
  /** A row a module. */
  readonly modules: readonly { readonly name: string; readonly colour: string }[];
  readonly traits: readonly string[];
  /** `r[module * traits + trait]` and the log10 of its p; NaN: none. */
  readonly r: ArrayLike<number>;
  readonly log10P: ArrayLike<number>;
}

/** Rows and columns drawn. */
export const MOST_MODULES = 40;
export const MOST_TRAITS = 24;
const WIDTH = 62;
const HEIGHT = 34;
const TOP = 48;
/** Width of a letter of 11.5 px. */
const LETTER = 6.4;

/**
 * Modules x traits: blue where the eigengene falls with the trait, vermilion where it rises, the stronger the darker, with r and p. The first modules and
 * the traits of the strongest correlations, where there are more. Returns an SVG file.
 */
export function traitMap(data: TraitMapData): string {
  const modules = data.modules.slice(0, MOST_MODULES);
  const traits = strongest(data);
  const names = traits.map((t) => shorten(data.traits[t]!, 28));
  const left = 46 + LETTER * Math.max(...modules.map(({ name }) => shorten(name, 24).length));
  const bottom = 24 + 0.78 * LETTER * Math.max(...names.map((name) => name.length));
  const width = left + WIDTH * traits.length + 30;
  const height = TOP + HEIGHT * modules.length + bottom;
  const parts = modules.flatMap(({ name, colour }, m) => {
    const y = TOP + HEIGHT * m;
    return [
      `<rect fill="${escapeXml(colour)}" stroke="${ink.line}" x="${fixed(left - 22)}" y="${y + 9}" width="14" height="16"/>`,
      `<text x="${fixed(left - 30)}" y="${y + 21}" font-size="11.5" text-anchor="end">${escapeXml(shorten(name, 24))}</text>`,
      ...traits.map((t, i) => cell(data, m, t, left + WIDTH * i, y)),
    ];
  });
  const labels = names.map((name, i) => {
    const [x, y] = [fixed(left + WIDTH * (i + 0.5)), TOP + HEIGHT * modules.length + 16];
    return `<text ${paint("fill", "muted")} font-size="11.5" text-anchor="end" transform="translate(${x} ${y}) rotate(-50)">${escapeXml(name)}</text>`;
  });
  const shown = [
    ...(modules.length < data.modules.length
      ? [`the first ${modules.length} of ${data.modules.length} modules`]
      : []),
    ...(traits.length < data.traits.length
      ? [`the ${traits.length} strongest of ${data.traits.length} traits`]
      : []),
  ].join(", ");
  const heading = `<text x="14" y="24" font-size="13" font-weight="600" text-anchor="start">r (p)${shown === "" ? "" : `, ${shown}`}</text>`;
  return svgFile(
    data.title,
    Math.round(Math.max(360, width)),
    Math.round(height),
    [heading, ...parts, ...labels].join("\n"),
  );
}

function cell({ traits, r, log10P }: TraitMapData, m: number, t: number, x: number, y: number): string {
  const at = m * traits.length + t;
  const value = r[at]!;
  const known = !Number.isNaN(value);
  const size = known ? Math.min(1, Math.abs(value)) : 0;
  const box = `x="${fixed(x + 1)}" y="${y + 1}" width="${WIDTH - 2}" height="${HEIGHT - 2}"`;
  const fill = `${paint("fill", value < 0 ? "deep" : "accent")} fill-opacity="${fixed(size)}"`;
  const colour = size > 0.6 ? "paper" : "ink";
  const middle = fixed(x + WIDTH / 2);
  const text = known ? value.toFixed(2).replace("-", "−") : "–";
  const p = Number.isNaN(log10P[at]!) ? "" : `(${pValue(log10P[at]!)})`;
  return [
    `<rect ${fill} ${box}/>`,
    `<text ${paint("fill", colour)} x="${middle}" y="${y + 15}" font-size="11">${text}</text>`,
    `<text ${paint("fill", colour)} x="${middle}" y="${y + 27}" font-size="8.5">${p}</text>`,
  ].join("");
}

/** Numbers of the traits with the largest |r|, in order. */
function strongest({ modules, traits, r }: TraitMapData): number[] {
  const order = traits.map((_, t) => t);
  if (traits.length <= MOST_TRAITS) return order;
  const most = traits.map((_, t) =>
    Math.max(...modules.map((_module, m) => Math.abs(r[m * traits.length + t]!) || 0)),
  );
  return order
    .sort((a, b) => most[b]! - most[a]! || a - b)
    .slice(0, MOST_TRAITS)
    .sort((a, b) => a - b);
}
