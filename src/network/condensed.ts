/**
 * Where the pair i < j of `count` items lies in a condensed symmetric matrix: the upper triangle without its diagonal, row by
 * row. With j = 0 it is where row i would start.
 */
export function condensed(i: number, j: number, count: number): number {
  return (i * (2 * count - i - 3)) / 2 - 1 + j;
}

/** The same of a pair in either order. */
export function condensedPair(i: number, j: number, count: number): number {
  return i < j ? condensed(i, j, count) : condensed(j, i, count);
}

export function condensedLength(count: number): number {
  return (count * (count - 1)) / 2;
}
