/** How numbers are written for people: in plots, tables and prose. */

import { canonicalChromosome } from "../cohort/chromosomes.ts";

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** `1,234,567`; no locale data, so the same on every engine. */
export function count(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `1 gene`, `1,234 genes`. */
export function counted(value: number, noun: string, plural = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : plural}`;
}

/**
 * A p-value from its log10, right where p itself underflows: `0.031` from 0.001 on, else
 * `2.4 × 10⁻³⁸`. `NaN` gives a dash.
 */
export function pValue(log10P: number): string {
  if (Number.isNaN(log10P)) return "–";
  if (log10P === Number.NEGATIVE_INFINITY) return "0";
  if (log10P > -3) return String(Number((10 ** log10P).toPrecision(2)));
  let exponent = Math.floor(log10P);
  let mantissa = (10 ** (log10P - exponent)).toFixed(1);
  if (mantissa === "10.0") {
    mantissa = "1.0";
    exponent += 1;
  }
  return `${mantissa} × 10⁻${raised(String(-exponent))}`;
}

/** A p-value someone chose: `0.05`, `10⁻⁵`, `5 × 10⁻⁸`. */
export function threshold(p: number): string {
  if (!(p > 0) || p >= 1e-3) return String(p);
  const [mantissa, exponent] = p.toExponential().split("e-");
  return `${mantissa === "1" ? "" : `${mantissa} × `}10⁻${raised(exponent ?? "")}`;
}

/** `10⁶`, `10⁻³¹⁰`. */
export function powerOfTen(exponent: number): string {
  return `10${exponent < 0 ? "⁻" : ""}${raised(String(Math.abs(exponent)))}`;
}

function raised(digits: string): string {
  return [...digits].map((digit) => SUPERSCRIPTS[Number(digit)]).join("");
}

/** A signed number with `digits` significant digits and a true minus sign; `NaN` gives a dash. */
export function signed(value: number, digits = 3): string {
  if (Number.isNaN(value)) return "–";
  return plain(value, digits).replace("-", "−");
}

/** Below this a number that is rounded to whole tens or more is written out. */
const LONG = 1e7;

/** `value` with `digits` significant digits, without exponent for ordinary sizes: `0.076`, `1.50`, `4,790`. */
export function plain(value: number, digits = 3): string {
  if (Number.isNaN(value)) return "–";
  const text = value.toPrecision(digits).replace(/e\+?/, "e");
  const size = Math.abs(Number(text));
  if (!text.includes("e") || size < 1 || size >= LONG) return text;
  return `${value < 0 ? "-" : ""}${count(size)}`;
}

/** Bases as people say them: `850 bp`, `32 kb`, `1.2 Mb`. */
export function bases(value: number): string {
  const size = Math.abs(value);
  if (size < 999.5) return `${Math.round(value)} bp`;
  if (size < 999_500) return `${trim(value / 1_000, size < 10_000 ? 1 : 0)} kb`;
  return `${trim(value / 1_000_000, size < 10_000_000 ? 1 : 0)} Mb`;
}

/** A place on the genome in Mb: `4:103.05`. */
export function megabases(chromosome: string, position: number): string {
  return `${canonicalChromosome(chromosome)}:${(position / 1e6).toFixed(2)}`;
}

/** `X:103,045,112`, under the one name that a chromosome has on axes. */
export function placeText(chromosome: string, position: number): string {
  return `${canonicalChromosome(chromosome)}:${count(position)}`;
}

/** `text`, or when it is longer than `length` its two ends: long ids often differ in the last letters. */
export function shorten(text: string, length: number): string {
  const letters = [...text];
  if (letters.length <= length) return text;
  const end = Math.floor((length - 1) / 2);
  return `${letters.slice(0, length - 1 - end).join("")}…${letters.slice(letters.length - end).join("")}`;
}

/** A gene as people call it: its symbol where one is known. */
export function geneName(
  { id, symbol }: { readonly id: readonly string[]; readonly symbol?: readonly string[] | undefined },
  gene: number,
  length: number,
): string {
  return shorten(symbol?.[gene] || id[gene]!, length);
}

/** `1 degree of freedom`, `303 degrees of freedom`. */
export function degrees(value: number): string {
  return counted(value, "degree of freedom", "degrees of freedom");
}

function trim(value: number, decimals: number): string {
  return String(Number(value.toFixed(decimals)));
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.split(/[\\/]/).pop() ?? path;
}
