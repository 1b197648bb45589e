import ts from "typescript";
import { EDGES, roomOf } from "./imports.ts";
import { parse, place, type Source, walk } from "./sources.ts";

/** What IEEE 754 rounds correctly, or integers do exactly: the same bits on every engine. Constants too. */
const EXACT_MATH = new Set(
  "abs ceil clz32 floor fround imul max min round sign sqrt trunc E LN10 LN2 LOG10E LOG2E PI SQRT1_2 SQRT2".split(
    " ",
  ),
);
const LOCALE = /^(localeCompare|toLocale[A-Z]\w*)$/;

/**
 * Arithmetic whose bytes may differ between engines or locales, in the rooms whose numbers are written:
 * `Math.log` and its like, `**`, `Math.random`, comparison and formatting by locale.
 */
export function arithmeticViolations(sources: readonly Source[]): string[] {
  const free = new Set([...EDGES, "report"]);
  return sources
    .filter(({ path }) => !free.has(roomOf(path) ?? ""))
    .flatMap((source) => violations(source, whyNotPortable));
}

function whyNotPortable(node: ts.Node): string | undefined {
  const isPower = node.kind === ts.SyntaxKind.AsteriskAsteriskToken;
  if ((isPower && !isPowerOfTwo(node.parent)) || node.kind === ts.SyntaxKind.AsteriskAsteriskEqualsToken)
    return "** differs between engines";
  if (!ts.isIdentifier(node)) return undefined;
  if (LOCALE.test(node.text) || node.text === "Intl") return `${node.text} depends on the locale`;
  if (!/^(Math|Mathf|NativeMath|NativeMathf|JSMath)$/.test(node.text)) return undefined;
  const { parent } = node;
  if (!ts.isPropertyAccessExpression(parent) || parent.expression !== node)
    return `${node.text} is used as a whole`;
  if (EXACT_MATH.has(parent.name.text)) return undefined;
  return `${node.text}.${parent.name.text} differs between engines: see src/statistics/elementary.ts`;
}

/** `2 ** 20`, `2 ** -20`: constants, exact whether an engine multiplies or goes through the logarithm. */
function isPowerOfTwo(power: ts.Node): boolean {
  return (
    ts.isBinaryExpression(power) && power.left.getText() === "2" && /^-?\d+$/.test(power.right.getText())
  );
}

/** Ways around the checks: the type `any`, comments that silence the compiler, tests left out or singled out. */
export function escapeViolations(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => [...violations(source, whyEscape), ...silencedLines(source)]);
}

function whyEscape(node: ts.Node): string | undefined {
  if (node.kind === ts.SyntaxKind.AnyKeyword) return "the type any";
  if (!ts.isPropertyAccessExpression(node) || !/^(skip|only|todo)$/.test(node.name.text)) return undefined;
  const first = node.getFirstToken()?.getText();
  return /^(it|test|describe|suite|bench)$/.test(first ?? "")
    ? `a test is marked ${node.name.text}`
    : undefined;
}

function silencedLines({ path, text }: Source): string[] {
  return text
    .split("\n")
    .flatMap((line, index) =>
      /(\/\/|\/?\*)\s*@ts-(ignore|nocheck)/.test(line)
        ? [`${path}:${index + 1}: the compiler is silenced`]
        : [],
    );
}

/** Files of more than `limit` lines. */
export function lengthViolations(sources: readonly Source[], limit: number): string[] {
  return sources.flatMap(({ path, text }) => {
    const lines = text.trimEnd().split("\n").length;
    return lines > limit ? [`${path}: ${lines} lines, ${limit} allowed: two rooms in one?`] : [];
  });
}

function violations(source: Source, why: (node: ts.Node) => string | undefined): string[] {
  const file = parse(source);
  const found: string[] = [];
  walk(file, (node) => {
    const reason = why(node);
    if (reason !== undefined) found.push(`${place(file, node)}: ${reason}`);
  });
  return found;
}
