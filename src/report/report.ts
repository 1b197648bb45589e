import { REPORT_CSS } from "./reportStyle.ts";
import { escapeXml } from "./svg.ts";

export interface SummaryItem {
  readonly label: string;
  /** A short value becomes a card with a large number, a long one a line below the cards. */
  readonly value: string;
  readonly note?: string;
  /** Never a card, however short. */
  readonly inline?: boolean;
  /** A command: set in a fixed-width font, broken between words only. */
  readonly code?: boolean;
}

export interface ReportFigure {
  readonly title: string;
  readonly caption: string;
  /** Markup of a plot of this folder, put into the page as it is. */
  readonly svg: string;
}

export interface ReportTable {
  readonly title: string;
  readonly note?: string;
  readonly columns: readonly string[];
  /** Columns whose cells are all numbers are set to the right. */
  readonly rows: readonly (readonly Cell[])[];
}

/** Text, or shortened text with the whole of it. */
export type Cell = string | { readonly text: string; readonly title: string };

export interface ReportData {
  readonly title: string;
  /** Small, above the title: the tool and the kind of map. */
  readonly eyebrow?: string;
  /** One or two sentences that say what was found. */
  readonly lede?: string;
  readonly summary: readonly SummaryItem[];
  readonly figures: readonly ReportFigure[];
  /** Why a figure one may look for is not there, a paragraph each. */
  readonly figuresNote?: readonly string[];
  readonly tables: readonly ReportTable[];
  /** Paragraphs to paste into a paper. */
  readonly methods?: readonly string[];
  /** What the run warned of, a line each. */
  readonly messages?: readonly string[];
  /** Shown as JSON, folded. */
  readonly manifest: unknown;
}

/** A value longer than this is no card. */
const CARD_LENGTH = 18;
/** A plot wider than this takes the page's whole width. */
const WIDE = 800;

/** Nothing is loaded and nothing runs, whatever a file name or a gene name may contain; dots past 20,000 are pictures inside the page. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/**
 * A self-contained HTML page: no scripts, no outside resources. Every string is escaped, except the
 * markup of `figures`.
 */
export function reportHtml(data: ReportData): string {
  const sections: readonly (readonly [id: string, title: string, body: string])[] = [
    ["figures", "Figures", figuresHtml(data)],
    ["tables", "Tables", `<div class="tables">${data.tables.map(tableHtml).join("\n")}</div>`],
    ["methods", "Methods", methodsHtml(data.methods ?? [])],
    ["messages", "Warnings", messagesHtml(data.messages ?? [])],
    ["manifest", "Manifest", manifestHtml(data.manifest)],
  ];
  const shown = sections.filter(([id]) => isFilled(data, id));
  const links = shown.map(([id, title]) => `<a href="#${id}">${title}</a>`).join("\n");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${escapeXml([data.title, data.eyebrow ?? []].flat().join(" · "))}</title>
<style>
${REPORT_CSS}
</style>
</head>
<body>
<main>
<header>
${data.eyebrow === undefined ? "" : `<p class="eyebrow">${escapeXml(data.eyebrow)}</p>`}
<h1>${escapeXml(data.title)}</h1>
${data.lede === undefined ? "" : `<p class="lede">${prose(data.lede)}</p>`}
<nav aria-label="Sections">
${links}
</nav>
</header>
${summaryHtml(data.summary)}
${shown.map(([id, title, body]) => `<section id="${id}">\n<h2>${title}</h2>\n${body}\n</section>`).join("\n")}
</main>
</body>
</html>
`;
}

function isFilled(data: ReportData, id: string): boolean {
  if (id === "manifest") return data.manifest !== undefined;
  if (id === "figures" && (data.figuresNote ?? []).length > 0) return true;
  const content = data[id as "figures" | "tables" | "methods" | "messages"];
  return content !== undefined && content.length > 0;
}

/** Escaped text in which numbers stay with their units and signs (no-break spaces). */
function prose(text: string): string {
  return escapeXml(
    text.replace(/(\d) (bp|kb|Mb)\b/g, "$1\u00a0$2").replace(/ ([=≤≥]|×(?= 10)) /g, "\u00a0$1\u00a0"),
  );
}

function summaryHtml(items: readonly SummaryItem[]): string {
  const isCard = (item: SummaryItem) =>
    item.label !== "" && item.inline !== true && item.value.length <= CARD_LENGTH;
  const note = (item: SummaryItem) => (item.note === undefined ? "" : `<small>${prose(item.note)}</small>`);
  const cards = items
    .filter(isCard)
    .map(
      (item) =>
        `<div><dt>${escapeXml(item.label)}</dt><dd${item.value.length > 11 ? ' class="long"' : ""}>${escapeXml(item.value)}${note(item)}</dd></div>`,
    );
  const facts = items
    .filter((item) => !isCard(item))
    .map((item) => `<dt>${escapeXml(item.label)}</dt><dd>${valueHtml(item)}${note(item)}</dd>`);
  return [
    cards.length === 0 ? "" : `<dl class="cards">\n${cards.join("\n")}\n</dl>`,
    facts.length === 0 ? "" : `<dl class="facts">\n${facts.join("\n")}\n</dl>`,
  ].join("\n");
}

function valueHtml({ value, code = false }: SummaryItem): string {
  if (!code) return escapeXml(value);
  return `<code>${value
    .split(" ")
    .map((word) => `<span>${escapeXml(word)}</span>`)
    .join(" ")}</code>`;
}

/** Wide plots take a row, narrow ones share it; a narrow one left over stands beside its caption. */
function figuresHtml({ figures, figuresNote = [] }: ReportData): string {
  const isWide = (figure: ReportFigure) =>
    Number(/<svg[^>]* width="([\d.]+)"/.exec(figure.svg)?.[1] ?? 0) > WIDE;
  const narrow = figures.filter((figure) => !isWide(figure));
  const alone = narrow.length % 2 === 1 ? narrow[narrow.length - 1] : undefined;
  const parts = figures.map((figure) => {
    // The page has the plots' rules already, once.
    const markup = figure.svg.replace(/<style>[^<]*<\/style>\s*/, "");
    const shape = isWide(figure) ? ' class="wide"' : figure === alone ? ' class="wide beside"' : "";
    return `<figure${shape}>\n${markup}<figcaption><h3>${escapeXml(figure.title)}</h3><p>${prose(figure.caption)}</p></figcaption>\n</figure>`;
  });
  const notes = figuresNote.map((note) => `<p class="note">${prose(note)}</p>\n`).join("");
  return figures.length === 0 ? notes : `${notes}<div class="figures">\n${parts.join("\n")}\n</div>`;
}

function tableHtml({ title, note, columns, rows }: ReportTable): string {
  const sides = columns.map((_, c) =>
    isNumeric(rows.map((row) => cellText(row[c]))) ? ' class="number"' : "",
  );
  const head = columns.map((column, c) => `<th scope="col"${sides[c]}>${escapeXml(column)}</th>`).join("");
  const body = rows
    .map(
      (row) =>
        `<tr>${columns.map((_, c) => `<td${sides[c]}${titleOf(row[c])}>${escapeXml(cellText(row[c]))}</td>`).join("")}</tr>`,
    )
    .join("\n");
  const remark = note === undefined ? "" : `<p class="note">${prose(note)}</p>`;
  return `<section><h3>${escapeXml(title)}</h3>${remark}\n<div class="table" tabindex="0" role="region" aria-label="${escapeXml(title)}"><table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body}\n</tbody>\n</table></div></section>`;
}

function cellText(cell: Cell = ""): string {
  return typeof cell === "string" ? cell : cell.text;
}

function titleOf(cell: Cell = ""): string {
  return typeof cell === "string" ? "" : ` title="${escapeXml(cell.title)}"`;
}

/** Numbers as this report writes them: signs, separators, powers of ten, `kb`, `±`, a dash for none. */
function isNumeric(cells: readonly string[]): boolean {
  const number =
    /^(?:[-−+<>]?\s?\d[\d,.]*(?:e-?\d+)?(?:\s?×\s?10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?(?:\s±\s[\d.e-]+)?(?:\s?(?:bp|kb|Mb|B|[kMGT]B|%))?|[–-]|)$/;
  return cells.some((cell) => /\d/.test(cell)) && cells.every((cell) => number.test(cell));
}

function methodsHtml(paragraphs: readonly string[]): string {
  const text = paragraphs.map((paragraph) => `<p>${prose(paragraph)}</p>`).join("\n");
  return `<p class="note">What this run did, ready to paste.</p>\n<div class="paste">${text}</div>`;
}

function messagesHtml(messages: readonly string[]): string {
  return `<ul class="notes">${messages.map((message) => `<li>${prose(message)}</li>`).join("\n")}</ul>`;
}

function manifestHtml(manifest: unknown): string {
  const text = typeof manifest === "string" ? manifest : JSON.stringify(manifest, null, 2);
  return `<details><summary>Inputs, options, counts and timings, as in manifest.json</summary><pre>${escapeXml(text ?? "")}</pre></details>`;
}
