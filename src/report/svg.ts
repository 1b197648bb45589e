/**
 * What every plot here shares: colours, and the serialiser that turns the tree Observable Plot built into
 * a file that stands on its own.
 */

/** Handed in by the edge: linkedom's document in Node, the page's own in a browser. */
export interface Canvas {
  readonly document: Document;
}

/** No plot draws more points than this one by one; more of them become a picture inside it (raster.ts), or are thinned first. */
export const MAX_POINTS = 20_000;

/** Plot's own default lacks a fallback that every viewer has. */
const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

/**
 * Colours in daylight and at night. Blue and vermilion of Okabe and Ito (distinct to every kind of colour
 * vision), the others tones of the same blue; from `navy` on, their palette for classes. Drawn as attributes, so that viewers
 * without CSS are right.
 */
export const COLOURS = {
  ink: { light: "#1c2430", dark: "#e6ebf2" },
  muted: { light: "#5a6675", dark: "#9ba7b6" },
  line: { light: "#c3cbd5", dark: "#465262" },
  grid: { light: "#e8ecf1", dark: "#262f3a" },
  paper: { light: "#ffffff", dark: "#151b23" },
  band: { light: "#dbe3ec", dark: "#2b3644" },
  deep: { light: "#1f5582", dark: "#7fb6e6" },
  mid: { light: "#5b94c4", dark: "#6ba4d6" },
  pale: { light: "#8fb6d9", dark: "#5d8bb3" },
  accent: { light: "#d55e00", dark: "#ff9a57" },
  navy: { light: "#33568c", dark: "#7c95c9" },
  sky: { light: "#3fa0dc", dark: "#5cc0f5" },
  green: { light: "#009e73", dark: "#2fc79b" },
  amber: { light: "#dd9400", dark: "#ffd166" },
  purple: { light: "#7a3e9d", dark: "#d39bf0" },
  stone: { light: "#98a3b0", dark: "#7a8594" },
} as const;

export type ColourName = keyof typeof COLOURS;

/** The daylight value of a colour, by name: what plots pass to Plot. */
export const ink = Object.fromEntries(
  Object.entries(COLOURS).map(([name, { light }]) => [name, light]),
) as Record<ColourName, string>;

const NAME_OF = new Map<string, string>(Object.entries(COLOURS).map(([name, { light }]) => [light, name]));

/** Style rules of the plots; the page's dark rules repeat the same media query. */
export const PLOT_CSS = [
  ".qortex-plot{display:block;max-width:100%;height:auto}.qortex-plot text{white-space:pre}",
  "@media screen and (prefers-color-scheme:dark){",
  ...Object.entries(COLOURS).map(
    ([name, { dark }]) => `.qortex-plot .f-${name}{fill:${dark}}.qortex-plot .s-${name}{stroke:${dark}}`,
  ),
  "}",
].join("");

/**
 * The markup of a plot as a well-formed SVG file: namespace, title, background, colours as attributes with
 * classes for the dark scheme, numbers to two decimals, attributes by name. (A browser's or linkedom's
 * `outerHTML` is HTML: without the namespace, with `<` bare in attributes.) `title` is read aloud and
 * shown as a tooltip.
 */
export function svgText(plot: Element, title: string): string {
  const width = plot.getAttribute("width") ?? "0";
  const height = plot.getAttribute("height") ?? "0";
  return svgFile(title, width, height, plotMarkup(plot));
}

/** What is inside a plot, as {@link svgFile} takes it: to put several on one sheet. */
export function plotMarkup(plot: Element): string {
  return Array.from(plot.childNodes, nodeText)
    .filter((text) => text !== "")
    .join("\n");
}

/** An SVG file of markup that is well-formed already and whose colours have their classes ({@link paint}). */
export function svgFile(
  title: string,
  width: number | string,
  height: number | string,
  inside: string,
): string {
  const root = [
    'xmlns="http://www.w3.org/2000/svg"',
    'class="qortex-plot"',
    `viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`,
    `role="img" aria-label="${escapeXml(title)}"`,
    `font-family="${FONT}" font-size="12" text-anchor="middle" fill="${ink.ink}"`,
  ].join(" ");
  const paper = `<rect class="f-paper" fill="${ink.paper}" height="${height}" width="${width}"/>`;
  return `<svg ${root}>\n<title>${escapeXml(title)}</title>\n<style>${PLOT_CSS}</style>\n${paper}\n<g class="f-ink" fill="${ink.ink}">\n${inside}\n</g>\n</svg>\n`;
}

/** `class="f-deep" fill="#1f5582"`: one of the shared colours, which turns at night. */
export function paint(what: "fill" | "stroke", name: ColourName): string {
  return `class="${what[0]}-${name}" ${what}="${ink[name]}"`;
}

/** `text` made safe for XML and HTML, in text and in quoted attributes; control characters are dropped. */
export function escapeXml(text: string): string {
  return text
    .replace(/(?![\t\n\r])[\p{Cc}\p{Cs}\ufffe\uffff]/gu, "")
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function nodeText(node: Node): string {
  if (node.nodeType === 3) return escapeXml(node.textContent ?? "");
  if (node.nodeType !== 1) return "";
  const element = node as Element;
  const name = element.localName;
  if (name === "style") return "";
  const inside = Array.from(element.childNodes, nodeText).join("");
  const start = `<${name}${attributesText(element)}`;
  return inside === "" ? `${start}/>` : `${start}>${inside}</${name}>`;
}

function attributesText(element: Element): string {
  const attributes = new Map<string, string>();
  const classes: string[] = [];
  for (const { name, value } of Array.from(element.attributes)) {
    // The root says what the picture is; a label on every group would only repeat it.
    if (name.startsWith("aria-") || name === "class") continue;
    const rounded = roundNumbers(value === "currentColor" ? ink.ink : value);
    attributes.set(name, rounded);
    const colour = NAME_OF.get(rounded);
    if (colour !== undefined && (name === "fill" || name === "stroke")) classes.push(`${name[0]}-${colour}`);
  }
  if (classes.length > 0) attributes.set("class", classes.sort().join(" "));
  return [...attributes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => ` ${name}="${escapeXml(value)}"`)
    .join("");
}

function roundNumbers(value: string): string {
  return value.replace(/-?\d+\.\d{3,}(?:e-?\d+)?/g, (number) => fixed(Number(number)));
}

/** At most two decimals, no trailing zeros, no minus zero. */
export function fixed(value: number): string {
  return String(Math.round(value * 100) / 100 + 0);
}
