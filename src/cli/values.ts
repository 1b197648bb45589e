import { UsageError } from "../errors.ts";

/** Parsers of option values. Each takes the option's name and its text, and throws {@link UsageError}. */

interface Range {
  readonly min: number;
  readonly max: number;
  /** The lower bound itself is not allowed. */
  readonly aboveMin?: boolean;
  readonly integer?: boolean;
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** A plain decimal number within a range. */
export function numberIn(range: Range): (option: string, text: string) => number {
  return (option, text) => {
    const value = NUMBER.test(text.trim()) ? Number(text) : Number.NaN;
    const low = range.aboveMin ? value > range.min : value >= range.min;
    if (!low || !(value <= range.max) || (range.integer && !Number.isInteger(value))) {
      throw new UsageError(`${option} takes ${describe(range)}; got "${text}"`);
    }
    return value;
  };
}

function describe(range: Range): string {
  const noun = range.integer ? "a whole number" : "a number";
  if (range.max === Number.MAX_SAFE_INTEGER) {
    return range.aboveMin ? `${noun} above ${range.min}` : `${noun}, ${range.min} or more`;
  }
  return range.aboveMin
    ? `${noun} above ${range.min} and at most ${range.max}`
    : `${noun} from ${range.min} to ${range.max}`;
}

const BASE_PAIRS = /^((?:\d+\.?\d*|\.\d+)(?:e\+?\d+)?)\s*(bp|kb|mb)?$/i;
const BASE_PAIR_UNITS: Readonly<Record<string, number>> = { bp: 1, kb: 1e3, mb: 1e6 };

/** A distance in base pairs: `1000000`, `1e6`, `500kb`, `1Mb`. */
export function basePairs(option: string, text: string): number {
  const match = BASE_PAIRS.exec(text.trim());
  const value = match ? Number(match[1]) * (BASE_PAIR_UNITS[(match[2] ?? "bp").toLowerCase()] ?? 1) : -1;
  // Positions are int32: a wider window cannot mean anything.
  if (!Number.isInteger(value) || value < 0 || value > 2 ** 31 - 1) {
    throw new UsageError(
      `${option} takes base pairs from 0 to 2147483647 (1000000, 500kb, 1Mb); got "${text}"`,
    );
  }
  return value;
}

const SIZE = /^(\d+\.?\d*|\.\d+)\s*([kmgt])(?:i?b)?$/i;
const SIZE_UNITS: Readonly<Record<string, number>> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/** The least working memory a run is given: the runtime itself takes most of it. */
export const LEAST_MEMORY = 256 * 2 ** 20;

/** A memory size in bytes: `512M`, `2G`, `1.5GiB`; units are powers of 1024 and must be written. */
export function memorySize(option: string, text: string): number {
  const match = SIZE.exec(text.trim());
  const value = match ? Math.floor(Number(match[1]) * (SIZE_UNITS[match[2]?.toLowerCase() ?? ""] ?? 0)) : 0;
  if (value < LEAST_MEMORY || !Number.isSafeInteger(value)) {
    throw new UsageError(`${option} takes a size of 256M or more, with its unit (512M, 2G); got "${text}"`);
  }
  return value;
}

/** One of a few words. */
export function oneOf<T extends string>(words: readonly T[]): (option: string, text: string) => T {
  return (option, text) => {
    const word = words.find((each) => each === text);
    if (word === undefined) {
      throw new UsageError(`${option} takes ${listed(words)}; got "${text}"`);
    }
    return word;
  };
}

/** `a`, `a or b`, `a, b or c`. */
export function listed(words: readonly string[], join = "or"): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} ${join} ${words[words.length - 1]}`;
}
