import { normalQuantile } from "./normal.ts";
import { uniform } from "./random.ts";

/** Half of the step between two uniform numbers: 0 is no probability. */
const HALF_STEP = 2 ** -54;

/** A standard normal number, of (seed, stream, index): see {@link uniform}. */
export function randomNormal(seed: number, stream: number, index: number): number {
  return normalQuantile(uniform(seed, stream, index) + HALF_STEP);
}
