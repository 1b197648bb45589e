import { parseHTML } from "linkedom";
import { expect } from "vitest";
import type { Picture } from "../../../src/report/picture.ts";
import { COLOURS } from "../../../src/report/svg.ts";

/** What holds of every picture, whatever its data: a well-formed file, numbers in its attributes, colours that turn, text inside the frame. */
export function expectSound(picture: Picture, seen = ""): void {
  const { svg, width, height } = picture;
  expect(
    svg.startsWith('<svg xmlns="http://www.w3.org/2000/svg" class="qortex-plot" viewBox="0 0 '),
    seen,
  ).toBe(true);
  expect(svg, seen).toContain(`viewBox="0 0 ${width} ${height}"`);
  expect(svg.replace(/>[^<]*</g, "><").replace(/aria-label="[^"]*"/, ""), seen).not.toMatch(
    /currentColor|NaN|Infinity|undefined|null|var\(|https?:\/\/(?!www\.w3\.org\/2000\/svg)/,
  );
  expect(svg, seen).not.toMatch(/ (?:d|transform|[cr]?[xy]?[12]?)="[^"]*\d\.\d{3}/);
  const { document } = parseHTML(svg);
  const known: readonly string[] = Object.values(COLOURS).map(({ light }) => light);
  for (const what of ["fill", "stroke"]) {
    for (const element of document.querySelectorAll(`[${what}^='#']`)) {
      const colour = element.getAttribute(what) ?? "";
      expect(known, `${seen}: ${colour} has no dark partner`).toContain(colour);
      expect(element.getAttribute("class") ?? "", `${seen}: ${element.outerHTML.slice(0, 90)}`).toMatch(
        new RegExp(`qortex-plot|${what[0]}-`),
      );
    }
  }
  for (const text of document.querySelectorAll("text")) expectInside(text, width, height, seen);
  for (const [at, most] of [
    [picture.x, width],
    [picture.y, height],
  ] as const) {
    for (const value of at)
      if (!Number.isNaN(value))
        expect(value >= 0 && value <= most, `${seen}: a place at ${value}`).toBe(true);
  }
}

/** A narrow guess of a letter's width: what leaves the frame by it leaves it in any font. */
const LETTER = 0.5;

function expectInside(text: Element, width: number, height: number, seen: string): void {
  const size = Number(inherited(text, "font-size") ?? 12);
  const [dx, dy] = moved(text);
  const length = (name: string) => {
    const value = text.getAttribute(name) ?? "0";
    return value.endsWith("em") ? size * Number(value.slice(0, -2)) : Number(value);
  };
  const x = length("x") + dx;
  const y = length("y") + dy;
  const long = [...(text.textContent ?? "")].length * size * LETTER;
  const anchor = inherited(text, "text-anchor") ?? "middle";
  const left = x - (anchor === "end" ? long : anchor === "start" ? 0 : long / 2);
  const said = `${seen}: "${text.textContent}" at ${x} ${y}`;
  // Text that stands upright is not measured along x.
  if (/rotate/.test(text.getAttribute("transform") ?? "")) return;
  expect(left, said).toBeGreaterThanOrEqual(-1);
  expect(left + long, said).toBeLessThanOrEqual(width + 1);
  expect(y, said).toBeGreaterThanOrEqual(0);
  expect(y, said).toBeLessThanOrEqual(height);
}

function moved(element: Element | null): [number, number] {
  if (element === null || element.localName === "svg") return [0, 0];
  const [x, y] = moved(element.parentElement);
  const found = /translate\(([-\d.]+)[ ,]+([-\d.]+)\)/.exec(element.getAttribute("transform") ?? "");
  return found === null ? [x, y] : [x + Number(found[1]), y + Number(found[2])];
}

function inherited(element: Element | null, name: string): string | undefined {
  for (let at = element; at !== null; at = at.parentElement) {
    const value = at.getAttribute(name);
    if (value !== null && value !== "") return value;
  }
  return undefined;
}

/** Centres of the dots of a picture: what its paths of dots draw. */
export function dotsOf(svg: string): Set<string> {
  return new Set([...svg.matchAll(/M(-?[\d.]+),(-?[\d.]+)h0/g)].map(([, x, y]) => `${x} ${y}`));
}

export function tenth(value: number): string {
  return String(Math.round(value * 10) / 10);
}
