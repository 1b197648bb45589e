import { twoSidedTail } from "./digits.ts";

/** Of so few rows each is looked at. */
const FEW = 128;
/** Rows without an effect that a search expects to look at: so many that even where most rows say the same some do. */
const EXPECTED = 30;

/**
 * An |r| that the largest of `rows` correlations over `samples` samples is all but certain to reach, linked or not: where the search
 * for a maximum starts. Only its cost depends on it: a column that does not reach it is searched again from 0.
 */
export function nullMaximum(rows: number, samples: number): number {
  if (rows <= FEW) return 0;
  let [low, high] = [0, 8];
  for (let i = 0; i < 20; i += 1) {
    const z = (low + high) / 2;
    if (rows * twoSidedTail(z) > EXPECTED) low = z;
    else high = z;
  }
  return low / Math.sqrt(Math.max(1, samples));
}
