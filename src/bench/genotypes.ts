import { exp, log } from "../statistics/elementary.ts";
import type { Random } from "./random.ts";

const MIN_FREQUENCY = 0.01;
const MAX_FREQUENCY = 0.5;
/** Share of variants whose counted allele is the common one. */
const FLIPPED = 0.1;

/**
 * Draws the calls of one variant, 0, 1, 2 or 3 = missing, in Hardy-Weinberg proportions: the minor allele's
 * frequency has the density 1/x from 0.01 to 0.5, as arrays and imputed data about have it, and one variant in
 * ten counts its common allele. `missing` is a share. Returns the frequency of the counted allele.
 */
export function drawCalls(calls: Uint8Array, missing: number, random: Random): number {
  const minor = MIN_FREQUENCY * exp(log(MAX_FREQUENCY / MIN_FREQUENCY) * random.uniform());
  const frequency = random.uniform() < FLIPPED ? 1 - minor : minor;
  const none = (1 - frequency) * (1 - frequency) * 2 ** 32;
  const one = none + 2 * frequency * (1 - frequency) * 2 ** 32;
  for (let s = 0; s < calls.length; s++) {
    const draw = random.integer();
    calls[s] = draw < none ? 0 : draw < one ? 1 : 2;
  }
  if (missing > 0) {
    for (let s = 0; s < calls.length; s++) if (random.uniform() < missing) calls[s] = 3;
  }
  return frequency;
}

/** Writes calls as two bits each, `codes[call]`, four samples a byte, from byte `at` on. */
export function packCalls(calls: Uint8Array, codes: readonly number[], packed: Uint8Array, at: number): void {
  for (let s = 0; s < calls.length; s++) packed[at + (s >> 2)]! |= codes[calls[s]!]! << (2 * (s & 3));
}
