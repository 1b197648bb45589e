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

/** Which section of the page; `main`, where none is said: the figures and tables of the result itself. */
export type Place = "inputs" | "main" | "loci" | "quality";

export interface ReportFigure {
  readonly title: string;
  readonly caption: string;
  readonly place?: Place | undefined;
  /** Markup of a plot of this folder, put into the page as it is. */
  readonly svg: string;
}

/** A plot with the name of its file, without ending. */
export interface NamedFigure extends ReportFigure {
  readonly name: string;
}

export interface ReportTable {
  readonly title: string;
  readonly note?: string;
  readonly place?: Place | undefined;
  readonly columns: readonly string[];
  /** Columns whose cells are all numbers are set to the right. */
  readonly rows: readonly (readonly Cell[])[];
  /** Of a list from the strongest down: only so many of the rows are on the page, the others wait for who asks for more. */
  readonly shown?: number | undefined;
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
  /** What they rest on, a work a line. */
  readonly references?: readonly string[];
  /** What the run warned of, a line each. */
  readonly messages?: readonly string[];
  /** Shown as JSON, folded. */
  readonly manifest: unknown;
}

/** A page whose figures are files of the result too. */
export type Illustrated = Omit<ReportData, "figures"> & { readonly figures: readonly NamedFigure[] };

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
  const shown = sectionsOf(data).filter(([, , body]) => body !== "");
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

/** Id, heading and markup of each section; those with nothing to say are empty. */
function sectionsOf(data: ReportData): (readonly [id: string, title: string, body: string])[] {
  const figures = (place: Place) => data.figures.filter((figure) => (figure.place ?? "main") === place);
  const tables = (place: Place) =>
    tablesHtml(data.tables.filter((table) => (table.place ?? "main") === place));
  const both = (place: Place) => joined(figuresHtml(figures(place)), tables(place));
  return [
    ["inputs", "Inputs", both("inputs")],
    ["figures", "Figures", joined(notesHtml(data.figuresNote ?? []), figuresHtml(figures("main")))],
    ["tables", "Tables", tables("main")],
    ["loci", "Top loci", both("loci")],
    ["quality", "Quality of the run", both("quality")],
    ["methods", "Methods", methodsHtml(data.methods ?? [], data.references ?? [])],
    ["messages", "Warnings", messagesHtml(data.messages ?? [])],
    ["manifest", "Manifest", manifestHtml(data.manifest)],
  ];
}

function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("\n");
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

function notesHtml(notes: readonly string[]): string {
  return notes.map((note) => `<p class="note">${prose(note)}</p>`).join("\n");
}

/** Wide plots take a row, narrow ones share it; a narrow one left over stands beside its caption. */
function figuresHtml(figures: readonly ReportFigure[]): string {
  if (figures.length === 0) return "";
  const isWide = (figure: ReportFigure) =>
    Number(/<svg[^>]* width="([\d.]+)"/.exec(figure.svg)?.[1] ?? 0) > WIDE;
  const narrow = figures.filter((figure) => figure.place !== "loci" && !isWide(figure));
  const alone = narrow.length % 2 === 1 ? narrow[narrow.length - 1] : undefined;
  const parts = figures.map((figure) => {
    // The page has the plots' rules already, once.
    const markup = figure.svg.replace(/<style>[^<]*<\/style>\s*/, "");
    const shape =
      figure.place === "loci"
        ? ' class="wide locus"'
        : isWide(figure)
          ? ' class="wide"'
          : figure === alone
            ? ' class="wide beside"'
            : "";
    return `<figure${shape}>\n${markup}<figcaption><h3>${escapeXml(figure.title)}</h3><p>${prose(figure.caption)}</p></figcaption>\n</figure>`;
  });
  return `<div class="figures">\n${parts.join("\n")}\n</div>`;
}

function tablesHtml(tables: readonly ReportTable[]): string {
  return tables.length === 0 ? "" : `<div class="tables">${tables.map(tableHtml).join("\n")}</div>`;
}

function tableHtml({ title, note, columns, rows: all, shown = all.length }: ReportTable): string {
  const rows = all.slice(0, shown);
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

function methodsHtml(paragraphs: readonly string[], references: readonly string[]): string {
  if (paragraphs.length === 0) return "";
  const text = paragraphs.map((paragraph) => `<p>${prose(paragraph)}</p>`).join("\n");
  const list = references.map((reference) => `<li>${escapeXml(reference)}</li>`).join("\n");
  const works =
    references.length === 0 ? "" : `\n<h3>References</h3>\n<ol class="references">\n${list}\n</ol>`;
  return `<p class="note">What this run did, ready to paste.</p>\n<div class="paste">${text}${works}</div>`;
}

function messagesHtml(messages: readonly string[]): string {
  if (messages.length === 0) return "";
  return `<ul class="notes">${messages.map((message) => `<li>${prose(message)}</li>`).join("\n")}</ul>`;
}

function manifestHtml(manifest: unknown): string {
  if (manifest === undefined) return "";
  const text = typeof manifest === "string" ? manifest : JSON.stringify(manifest, null, 2);
  return `<details><summary>Inputs and options, as in manifest.json, which has counts and timings too</summary><pre>${escapeXml(text ?? "")}</pre></details>`;
}
