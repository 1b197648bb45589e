/**
 * Strict decimal numbers: an optional sign, digits with an optional point, an optional exponent.
 * Not hexadecimal, not empty, not `NaN`, `Inf`, `1,5` or `1_000`.
 */
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** `1e0` to `1e22`: the powers of ten that are exact in f64. */
const POWERS = Float64Array.from(
  { length: 23 },
  // Number() of a literal is correctly rounded, and these are exact; `10 ** i` need not be.
  (_, i) => Number(`1e${i}`),
);

/** Below this a further digit keeps an integer under 2^53, so exact. */
const ROOM_FOR_A_DIGIT = 900_719_925_474_099;

/** The number that `text` writes; NaN where it is not a decimal number, infinite where it overflows. */
export function parseDecimal(text: string): number {
  return DECIMAL.test(text) ? Number(text) : Number.NaN;
}

/**
 * {@link parseDecimal} of the bytes `start` to `end` without making a string of them.
 * An integer below 2^53 times or divided by an exact power of ten is one correctly rounded operation, so
 * the short way gives the same bits as Number(); whatever does not fit goes the long way.
 */
export function parseDecimalBytes(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  const first = bytes[at];
  if (at < end && (first === 43 || first === 45)) at++;
  let mantissa = 0;
  let digits = 0;
  let scale = 0;
  let point = false;
  for (; at < end; at++) {
    const digit = bytes[at]! - 48;
    if (digit >= 0 && digit <= 9) {
      if (mantissa >= ROOM_FOR_A_DIGIT) return longWay(bytes, start, end);
      mantissa = mantissa * 10 + digit;
      digits++;
      if (point) scale--;
    } else if (digit === -2 && !point) {
      point = true;
    } else break;
  }
  if (digits === 0) return Number.NaN;
  if (at < end) {
    const mark = bytes[at]!;
    if (mark !== 101 && mark !== 69) return Number.NaN;
    return longWay(bytes, start, end);
  }
  if (scale < -22) return longWay(bytes, start, end);
  const value = mantissa / POWERS[-scale]!;
  return first === 45 ? -value : value;
}

/** A non-negative integer up to `most` in the bytes `start` to `end`; -1 for anything else. */
export function parseCountBytes(bytes: Uint8Array, start: number, end: number, most: number): number {
  if (start >= end) return -1;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
    if (value > most) return -1;
  }
  return value;
}

function longWay(bytes: Uint8Array, start: number, end: number): number {
  let text = "";
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at]!);
  return parseDecimal(text);
}
