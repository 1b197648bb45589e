import { Breather } from "../compute/pause.ts";
import { condensed } from "./condensed.ts";

/** A tree of merges, as R's hclust has it. */
export interface Dendrogram {
  readonly count: number;
  /** Merge m joins `merge[2 m]` and `merge[2 m + 1]`: -i is item i (from 1), m > 0 the m-th merge (from 1). */
  readonly merge: Int32Array;
  /** Ascending. */
  readonly height: Float64Array;
  /** The items (from 0) as they stand below the tree. */
  readonly order: Uint32Array;
}

/** Numbers of all pairs, condensed (see condensed.ts). */
export type PairNumbers = Float64Array | Float32Array;

export interface LinkageOptions {
  /** What the numbers are. Default `dissimilarity`. */
  readonly kind?: "dissimilarity" | "overlap" | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Average linkage by the nearest-neighbour chain (Murtagh 1983): O(n^2) steps, of condensed dissimilarities, or of `overlap`s t, which
 * stand for 1 - t. The numbers are read only; beside them they are held once more as a square of f64.
 * Of equally near neighbours the one before in the chain is taken, then the one of lowest number. Merges are sorted by height;
 * in a merge single items stand before clusters, and lower numbers before higher, as in R.
 * Throws CancelledError when the signal has fired.
 */
export async function averageLinkage(
  pairs: PairNumbers,
  count: number,
  { kind = "dissimilarity", signal }: LinkageOptions = {},
): Promise<Dendrogram> {
  const breather = new Breather(signal);
  const square = await squareOf(pairs, count, kind === "overlap" ? -1 : 1, breather);
  const merges = await chain(square, count, breather);
  const steps = merges.height.length;
  const byHeight = Array.from({ length: steps }, (_, m) => m).sort(
    (a, b) => merges.height[a]! - merges.height[b]! || a - b,
  );
  const label = new Labels(count);
  const merge = new Int32Array(2 * steps);
  const height = new Float64Array(steps);
  byHeight.forEach((from, m) => {
    const [a, b] = [label.of(merges.first[from]!), label.of(merges.second[from]!)];
    const [left, right] = inOrder(a, b);
    merge[2 * m] = left;
    merge[2 * m + 1] = right;
    height[m] = kind === "overlap" ? 1 + merges.height[from]! : merges.height[from]!;
    label.join(merges.first[from]!, merges.second[from]!, m + 1);
  });
  return { count, merge, height, order: leaves(merge, count) };
}

/** Rows and columns that are turned over at once: their lines stay in a core's first cache. */
const TURNED = 64;

/** sign * the numbers, `[i * count + j]` both ways: whoever looks for a neighbour reads a row from end to end. */
async function squareOf(
  pairs: PairNumbers,
  count: number,
  sign: 1 | -1,
  breather: Breather,
): Promise<Float64Array> {
  const square = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    await breather.pause();
    const row = condensed(i, 0, count);
    for (let j = i + 1; j < count; j++) square[i * count + j] = sign * pairs[row + j]!;
  }
  for (let top = 0; top < count; top += TURNED) {
    await breather.pause();
    const bottom = Math.min(count, top + TURNED);
    for (let left = top; left < count; left += TURNED) {
      const right = Math.min(count, left + TURNED);
      for (let i = top; i < bottom; i++) {
        for (let j = Math.max(left, i + 1); j < right; j++) square[j * count + i] = square[i * count + j]!;
      }
    }
  }
  return square;
}

/** Single items first, each kind by number. */
function inOrder(a: number, b: number): [number, number] {
  if (a < 0 !== b < 0) return a < 0 ? [a, b] : [b, a];
  return Math.abs(a) < Math.abs(b) ? [a, b] : [b, a];
}

interface Merges {
  /** An item of either side. */
  readonly first: Uint32Array;
  readonly second: Uint32Array;
  readonly height: Float64Array;
}

async function chain(d: Float64Array, count: number, breather: Breather): Promise<Merges> {
  const steps = Math.max(0, count - 1);
  const out = {
    first: new Uint32Array(steps),
    second: new Uint32Array(steps),
    height: new Float64Array(steps),
  };
  const size = new Float64Array(count).fill(1);
  const alive = new Alive(count);
  const path: number[] = [];
  // Distances fall along the path, so that none of it can be nearest again; where they are equal to the last digit rounding
  // may say otherwise.
  const onPath = new Uint8Array(count);
  for (let step = 0; step < steps; ) {
    await breather.pause();
    if (path.length === 0) path.push(alive.items[0]!);
    const top = path[path.length - 1]!;
    onPath[top] = 1;
    const before = path.length > 1 ? path[path.length - 2]! : -1;
    let nearest = before;
    let least = before < 0 ? Number.POSITIVE_INFINITY : d[top * count + before]!;
    const row = top * count;
    const { items, length } = alive;
    for (let at = 0; at < length; at++) {
      const other = items[at]!;
      const distance = d[row + other]!;
      if (distance < least && onPath[other] === 0) {
        least = distance;
        nearest = other;
      }
    }
    // Without a smaller one (all infinite, or no numbers) any neighbour does.
    if (nearest < 0) nearest = items[0] === top ? items[1]! : items[0]!;
    if (nearest !== before) {
      path.push(nearest);
      continue;
    }
    path.length -= 2;
    onPath[top] = onPath[nearest] = 0;
    out.first[step] = Math.min(top, nearest);
    out.second[step] = Math.max(top, nearest);
    out.height[step++] = least;
    absorb(d, count, size, alive, top, nearest);
  }
  return out;
}

/** The clusters that are left, ascending: `items[0]` to `items[length - 1]`. */
class Alive {
  readonly items: Uint32Array;
  length: number;

  constructor(count: number) {
    this.items = Uint32Array.from({ length: count }, (_, i) => i);
    this.length = count;
  }

  remove(item: number): void {
    this.items.copyWithin(this.items.indexOf(item), this.items.indexOf(item) + 1, this.length);
    this.length--;
  }
}

/** The union takes the place of the higher number; the lower one is gone. */
function absorb(
  d: Float64Array,
  count: number,
  size: Float64Array,
  alive: Alive,
  a: number,
  b: number,
): void {
  const gone = Math.min(a, b);
  const kept = Math.max(a, b);
  const goneSize = size[gone]!;
  const keptSize = size[kept]!;
  const total = goneSize + keptSize;
  alive.remove(gone);
  const { items, length } = alive;
  for (let at = 0; at < length; at++) {
    const other = items[at]!;
    if (other === kept) continue;
    const mean = (goneSize * d[gone * count + other]! + keptSize * d[kept * count + other]!) / total;
    d[kept * count + other] = mean;
    d[other * count + kept] = mean;
  }
  size[kept] = total;
}

/** Which merge an item is in so far, or the item itself. */
class Labels {
  private readonly parent: Uint32Array;
  private readonly name: Int32Array;

  constructor(count: number) {
    this.parent = Uint32Array.from({ length: count }, (_, i) => i);
    this.name = Int32Array.from({ length: count }, (_, i) => -(i + 1));
  }

  of(item: number): number {
    return this.name[this.root(item)]!;
  }

  join(a: number, b: number, name: number): void {
    const root = this.root(a);
    this.parent[this.root(b)] = root;
    this.name[root] = name;
  }

  private root(item: number): number {
    let at = item;
    while (this.parent[at] !== at) {
      this.parent[at] = this.parent[this.parent[at]!]!;
      at = this.parent[at]!;
    }
    return at;
  }
}

/** The items from left to right. */
function leaves(merge: Int32Array, count: number): Uint32Array {
  const order = new Uint32Array(count);
  if (count < 2) return order;
  let at = 0;
  const stack = [merge.length / 2];
  while (stack.length > 0) {
    const node = stack.pop()!;
    if (node < 0) order[at++] = -node - 1;
    else stack.push(merge[2 * node - 1]!, merge[2 * node - 2]!);
  }
  return order;
}
