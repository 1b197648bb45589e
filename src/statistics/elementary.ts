/**
 * Logarithms and exponentials whose bits are the same on every JavaScript engine.
 *
 * The built-in ones differ by an ulp between engine versions; + - * / and the bits of a double do
 * not. Method as in Sun's fdlibm (reduction by powers of two, a correction term for the part that
 * rounding loses), with plain Taylor coefficients in place of its minimax ones. Every function here
 * is within 1 ulp of the true value (see test/data/elementary.tsv).
 */

const doubles = new Float64Array(1);
const words = new Int32Array(doubles.buffer);
doubles[0] = 1;
/** Where the sign and the exponent are: word 1 on a little-endian machine. */
const HIGH = words[1] === 0 ? 0 : 1;

/** ln 2 and log10 2 in two parts; the first has 32 bits, so a product with an exponent is exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const LOG10_2_HIGH = 0.3010299955494702;
const LOG10_2_LOW = 1.1451100898021838e-10;
const LOG2_E = Math.LOG2E;
const LOG2_10 = 3.321928094887362;

export const LN_10 = Math.LN10;
/** 1 / ln 10: what turns a natural logarithm into a decimal one. */
export const LOG10_E = Math.LOG10E;
/** The same in two parts, the first of 26 bits. */
const LOG10_E_HIGH = 0.4342944771051407;
const LOG10_E_LOW = 4.798111141615973e-9;

/** High word of sqrt(1/2): mantissas are brought to [sqrt(1/2), sqrt(2)). */
const HIGH_SQRT_HALF = 0x3fe6a09e;
const TWO_54 = 18014398509481984;

/**
 * 2^n at index n + 1074, for -1074 <= n <= 1023. A table, because writing a word of a double and then
 * reading the whole stalls a processor for longer than the rest of a logarithm takes.
 */
const POWERS_OF_TWO = powersOfTwo();

function powersOfTwo(): Float64Array {
  const table = new Float64Array(2098);
  table[1074] = 1;
  for (let i = 1075; i < 2098; i++) table[i] = table[i - 1]! * 2;
  for (let i = 1073; i >= 0; i--) table[i] = table[i + 1]! / 2;
  return table;
}

function powerOfTwo(n: number): number {
  return POWERS_OF_TWO[n + 1074]!;
}

/** y * 2^n, rounded once, for -1100 <= n <= 1024 and y near 1. */
function scaled(y: number, n: number): number {
  if (n > 1023) return y * 2 * powerOfTwo(n - 1);
  if (n < -1021) return y * powerOfTwo(n + 200) * powerOfTwo(-200);
  return y * powerOfTwo(n);
}

/**
 * f - log(1 + f) for 1 + f in [sqrt(1/2), sqrt(2)): log(1 + f) = 2 atanh(s) with s = f / (2 + f), and
 * 2s = f - f^2/2 + s f^2/2, so that the leading terms are exact. `extra` is subtracted at the end.
 */
function logShortfall(f: number, extra: number): number {
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const odd = 2 / 3 + w * (2 / 7 + w * (2 / 11 + w * (2 / 15 + w * (2 / 19))));
  const even = 2 / 5 + w * (2 / 9 + w * (2 / 13 + w * (2 / 17 + w * (2 / 21))));
  const half = 0.5 * f * f;
  return half - (s * (half + (z * odd + w * even)) + extra);
}

/** k ln 2 + log(1 + f) + extra, for 1 + f as above and a tiny `extra`. */
function logFromParts(k: number, f: number, extra: number): number {
  if (k === 0) return f - logShortfall(f, extra);
  return k * LN2_HIGH - (logShortfall(f, k * LN2_LOW + extra) - f);
}

/** k of x = 2^k (1 + f), for a positive normal x. */
function exponentOf(x: number): number {
  doubles[0] = x;
  return (words[HIGH]! - HIGH_SQRT_HALF) >> 20;
}

/** Natural logarithm. NaN below 0, -Infinity at 0. */
export function log(x: number): number {
  if (!(x >= 2.2250738585072014e-308 && x < Infinity)) {
    if (x === 0) return -Infinity;
    if (!(x > 0) || x === Infinity) return x < 0 ? NaN : x;
    const k = exponentOf(x * TWO_54);
    return logFromParts(k - 54, x * TWO_54 * powerOfTwo(-k) - 1, 0);
  }
  const k = exponentOf(x);
  return logFromParts(k, x * powerOfTwo(-k) - 1, 0);
}

/** log(1 + x), right to the last digits for x near 0. NaN below -1, -Infinity at -1. */
export function log1p(x: number): number {
  if (x > -0.29 && x < 0.41) {
    if (x < 1e-17 && x > -1e-17) return x;
    return logFromParts(0, x, 0);
  }
  if (!(x > -1 && x < Infinity)) return x === -1 ? -Infinity : x < -1 ? NaN : x;
  const u = 1 + x;
  // What 1 + x lost in rounding; past 2^53 it can no longer be seen.
  const lost = x >= 9007199254740992 ? 0 : (x > 1 ? 1 - (u - x) : x - (u - 1)) / u;
  const k = exponentOf(u);
  return logFromParts(k, u * powerOfTwo(-k) - 1, lost);
}

/** Decimal logarithm; exact at the powers of ten that a double holds exactly. */
export function log10(x: number): number {
  if (!(x > 0 && x < Infinity)) return log(x);
  const raised = x < 2.2250738585072014e-308 ? 54 : 0;
  const normal = raised === 0 ? x : x * TWO_54;
  const exponent = exponentOf(normal);
  const k = exponent - raised;
  const f = normal * powerOfTwo(-exponent) - 1;
  const shortfall = logShortfall(f, 0);
  // log(1 + f) in two parts, the first of at most 27 bits (Dekker), times 1 / ln 10 in two parts.
  const natural = f - shortfall;
  const spread = natural * 134217729;
  const high = spread - (spread - natural);
  const low = f - high - shortfall;
  const exponentPart = k * LOG10_2_HIGH;
  const sum = exponentPart + high * LOG10_E_HIGH;
  const lost = exponentPart - sum + high * LOG10_E_HIGH;
  return sum + (lost + (k * LOG10_2_LOW + high * LOG10_E_LOW + low * LOG10_E));
}

/**
 * (exp(r) - 1 - r) for |r| <= 0.36: with c = r - (r coth(r/2) - 2) it is r c / (2 - c). The
 * coefficients are 2 B(2k) / (2k)!, B the Bernoulli numbers.
 */
function expRest(r: number): number {
  const z = r * r;
  const c =
    r -
    z *
      (0.16666666666666666 +
        z *
          (-0.002777777777777778 +
            z *
              (6.613756613756614e-5 +
                z *
                  (-1.6534391534391535e-6 +
                    z * (4.17535139757362e-8 + z * (-1.0568380277374986e-9 + z * 2.6765073061369358e-11))))));
  return (r * c) / (2 - c);
}

/** e^x; 0 and Infinity where it leaves the range of a double. */
export function exp(x: number): number {
  if (!(x > -745.2 && x < 709.8)) return x > 0 ? Infinity : Math.max(0, x);
  const k = Math.round(x * LOG2_E);
  if (k === 0) return 1 + (x + expRest(x));
  const high = x - k * LN2_HIGH;
  const low = k * LN2_LOW;
  return scaled(1 + (high - (low - expRest(high - low))), k);
}

/** e^x - 1, right to the last digits for x near 0. */
export function expm1(x: number): number {
  if (!(x > -38 && x < 709.8)) return x > 0 ? Infinity : x < 0 ? -1 : x;
  if (x < 1e-17 && x > -1e-17) return x;
  const k = Math.round(x * LOG2_E);
  if (k === 0) return x + expRest(x);
  const high = x - k * LN2_HIGH;
  const r = high - k * LN2_LOW;
  const low = high - r - k * LN2_LOW;
  // 2^k ((1 - 2^-k) + r + rest): the two leading terms are added without loss.
  const first = 1 - scaled(1, -k);
  const sum = first + r;
  const back = sum - first;
  const lost = first - (sum - back) + (r - back);
  return scaled(sum + (lost + (low + low * r + expRest(r))), k);
}

/** 10^x; exact for the whole numbers -22 to 22, where 10^|x| is a double. */
export function pow10(x: number): number {
  if (!(x > -324 && x < 308.3)) return x > 0 ? Infinity : Math.max(0, x);
  if (Number.isInteger(x) && x >= -22 && x <= 22) {
    let power = 1;
    for (let i = Math.abs(x); i > 0; i--) power *= 10;
    return x < 0 ? 1 / power : power;
  }
  const n = Math.round(x * LOG2_10);
  const r = (x - n * LOG10_2_HIGH - n * LOG10_2_LOW) * LN_10;
  return scaled(1 + (r + expRest(r)), n);
}

/** log(1 - e^x) for x <= 0: the complement of a probability whose logarithm is x. */
export function log1mExp(x: number): number {
  return x > -Math.LN2 ? log(-expm1(x)) : log1p(-exp(x));
}
