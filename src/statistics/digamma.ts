/** The first two derivatives of log Gamma. */

import { UsageError } from "../errors.ts";
import { log, log1p } from "./elementary.ts";

/** From here on the asymptotic series reach 1e-16. */
const ASYMPTOTIC_FROM = 10;

function assertPositive(name: string, x: number): void {
  if (!(x > 0 && x < Infinity)) throw new UsageError(`the argument of ${name} is ${x}; it must be positive`);
}

/** log x - 1 / (2 x) - psi(x) from {@link ASYMPTOTIC_FROM} on. */
function digammaSeries(x: number): number {
  const z = 1 / (x * x);
  const series =
    1 / 12 - z * (1 / 120 - z * (1 / 252 - z * (1 / 240 - z * (1 / 132 - z * (691 / 32760 - z / 12)))));
  return z * series;
}

/** psi'(x) - 1 / x - 1 / (2 x^2): the derivative of {@link digammaSeries}, turned. */
function trigammaSeries(x: number): number {
  const z = 1 / (x * x);
  const series =
    1 / 6 - z * (1 / 30 - z * (1 / 42 - z * (1 / 30 - z * (5 / 66 - z * (691 / 2730 - (z * 7) / 6)))));
  return (z * series) / x;
}

/**
 * psi(x) = d log Gamma(x) / dx for x > 0, absolute error below 1e-14 (1 + |psi(x)|): DLMF 5.11.2 after
 * the recurrence psi(x) = psi(x + 1) - 1 / x.
 */
export function digamma(x: number): number {
  assertPositive("digamma", x);
  let shift = 0;
  let raised = x;
  while (raised < ASYMPTOTIC_FROM) {
    shift += 1 / raised;
    raised += 1;
  }
  return log(raised) - 0.5 / raised - digammaSeries(raised) - shift;
}

/** psi'(x) for x > 0, relative error below 1e-14: the derivative of the series of {@link digamma}. */
export function trigamma(x: number): number {
  assertPositive("trigamma", x);
  let shift = 0;
  let raised = x;
  while (raised < ASYMPTOTIC_FROM) {
    shift += 1 / (raised * raised);
    raised += 1;
  }
  return 1 / raised + 0.5 / (raised * raised) + trigammaSeries(raised) + shift;
}

/** psi(x + a) - psi(x) for x, a > 0: right in relative terms also where a is small beside x. */
export function digammaIncrease(x: number, a: number): number {
  assertPositive("digamma", x);
  let shift = 0;
  let low = x;
  for (; low < ASYMPTOTIC_FROM; low += 1) shift += a / (low * (low + a));
  const high = low + a;
  return shift + log1p(a / low) + (0.5 * a) / (low * high) - (digammaSeries(high) - digammaSeries(low));
}

/** psi'(x) - psi'(x + a) for x, a > 0: right in relative terms also where a is small beside x. */
export function trigammaDecrease(x: number, a: number): number {
  assertPositive("trigamma", x);
  let shift = 0;
  let low = x;
  for (; low < ASYMPTOTIC_FROM; low += 1) shift += squareDecrease(low, a);
  const series = trigammaSeries(low) - trigammaSeries(low + a);
  return shift + a / (low * (low + a)) + 0.5 * squareDecrease(low, a) + series;
}

/** 1 / x^2 - 1 / (x + a)^2. */
function squareDecrease(x: number, a: number): number {
  const product = x * (x + a);
  return (a * (x + (x + a))) / product / product;
}
