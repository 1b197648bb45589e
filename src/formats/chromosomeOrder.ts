/** Letters after the numbers, as karyotypes are drawn. */
const LETTERS: Readonly<Record<string, number>> = { X: 1, Y: 2, XY: 3, M: 4, MT: 4 };
const NUMBERED = 1_000_000;

/**
 * The rank of each chromosome where a file gives no order of its own: 1, 2, ..., 10, ..., X, Y, XY, MT
 * (with or without `chr`), others after these in the order in which they appear.
 */
export function chromosomeRank(names: readonly string[]): Int32Array {
  const key = names.map((name, i) => {
    const bare = name.replace(/^chr/i, "").toUpperCase();
    if (/^\d{1,5}$/.test(bare)) return Number(bare);
    return NUMBERED + (LETTERS[bare] ?? 10 + i);
  });
  const order = Array.from(names.keys()).sort((a, b) => key[a]! - key[b]! || a - b);
  const rank = new Int32Array(names.length);
  order.forEach((name, at) => {
    rank[name] = at;
  });
  return rank;
}
