import { readFileSync } from "node:fs";
import { expect } from "vitest";

/** Elements that have no end. */
const VOID = new Set(["meta", "br", "hr", "img", "link", "input"]);
/** What a browser runs or loads. */
const LOADING = new Set([
  "script",
  "link",
  "iframe",
  "object",
  "embed",
  "base",
  "form",
  "audio",
  "video",
  "source",
]);

export interface PageElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
}

/** A page's elements; throws where tags do not nest, an attribute is not quoted or comes twice, or a bare `<` or `&` stands in text. */
export function elementsOf(html: string): PageElement[] {
  const elements: PageElement[] = [];
  const open: string[] = [];
  let at = html.indexOf(">") + 1;
  expect(html.slice(0, at)).toBe("<!doctype html>");
  const token = /<(\/?)([a-zA-Z][\w:-]*)((?:\s+[\w:-]+(?:="[^"<>]*")?)*)\s*(\/?)>|([^<]+)/y;
  while (at < html.length) {
    token.lastIndex = at;
    const match = token.exec(html);
    if (match === null) throw new Error(`no HTML at ${at}: ${html.slice(at, at + 80)}`);
    at = token.lastIndex;
    const [, end, name = "", list = "", closed, text] = match;
    if (text !== undefined) {
      const raw = open.at(-1) === "style";
      if (!raw && /&(?!#\d+;|amp;|lt;|gt;|quot;)/.test(text))
        throw new Error(`a bare & in ${text.slice(0, 80)}`);
      continue;
    }
    if (end === "/") {
      const last = open.pop();
      if (last !== name) throw new Error(`</${name}> where <${last}> is open, at ${at}`);
      continue;
    }
    const attributes = new Map<string, string>();
    for (const [, key = "", value = ""] of list.matchAll(/([\w:-]+)(?:="([^"]*)")?/g)) {
      if (attributes.has(key)) throw new Error(`${key} twice in <${name}>`);
      attributes.set(key, value);
    }
    elements.push({ name, attributes });
    if (closed !== "/" && !VOID.has(name)) open.push(name);
  }
  if (open.length > 0) throw new Error(`never closed: ${open.join(", ")}`);
  return elements;
}

/** A page that stands by itself: well-formed, under its policy, and with nothing that is loaded or runs. */
export function checkPage(path: string): PageElement[] {
  const html = readFileSync(path, "utf8");
  const elements = elementsOf(html);
  const policy = elements.find(({ name, attributes }) => name === "meta" && attributes.has("http-equiv"));
  expect(policy?.attributes.get("content")).toMatch(/^default-src 'none'; style-src 'unsafe-inline'/);
  for (const { name, attributes } of elements) {
    expect(LOADING.has(name), name).toBe(false);
    for (const [key, value] of attributes) {
      expect(key.startsWith("on"), `${name} ${key}`).toBe(false);
      if (/^(src|href|xlink:href|action|srcset|data)$/.test(key)) {
        expect(value, `${name} ${key}`).toMatch(/^(#|data:image\/png;base64,)/);
      }
      if (key === "style") expect(value).not.toMatch(/url\(\s*(?!#)/);
    }
  }
  const ids = elements.flatMap(({ attributes }) => attributes.get("id") ?? []);
  expect(new Set(ids).size).toBe(ids.length);
  return elements;
}

/** The words of a page, a line a block, without its plots, its style and its manifest. */
export function pageText(path: string): string {
  const html = readFileSync(path, "utf8");
  return html
    .replace(/<style>[\s\S]*?<\/style>/g, "")
    .replace(/<svg[\s\S]*?<\/svg>/g, "[plot]")
    .replace(/<pre>[\s\S]*?<\/pre>/g, "")
    .replace(/<\/(p|h\d|li|td|th|dt|dd|tr|div|section|figcaption|title|summary|small)>/g, "\n")
    .replace(/<[^>]*>/g, "")
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
    .replace(/\u00a0/g, " ")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join("\n");
}
