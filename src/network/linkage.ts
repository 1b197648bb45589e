import { Breather } from "../compute/pause.ts";
import { condensedPair } from "./condensed.ts";

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

/**
 * Average linkage by the nearest-neighbour chain (Murtagh 1983): O(n^2) steps. `dissimilarity`, condensed, is OVERWRITTEN.
 * Of equally near neighbours the one before in the chain is taken, then the one of lowest number. Merges are sorted by height;
 * in a merge single items stand before clusters, and lower numbers before higher, as in R.
 * Throws CancelledError when the signal has fired.
 */
export async function averageLinkage(
  dissimilarity: Float64Array,
  count: number,
  signal?: AbortSignal,
): Promise<Dendrogram> {
  const merges = await chain(dissimilarity, count, new Breather(signal));
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
    height[m] = merges.height[from]!;
    label.join(merges.first[from]!, merges.second[from]!, m + 1);
  });
  return { count, merge, height, order: leaves(merge, count) };
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
  let alive = Array.from({ length: count }, (_, i) => i);
  const path: number[] = [];
  // Distances fall along the path, so that none of it can be nearest again; where they are equal to the last digit rounding
  // may say otherwise.
  const onPath = new Uint8Array(count);
  for (let step = 0; step < steps; ) {
    await breather.pause();
    if (path.length === 0) path.push(alive[0]!);
    const top = path[path.length - 1]!;
    onPath[top] = 1;
    const before = path.length > 1 ? path[path.length - 2]! : -1;
    let nearest = before;
    let least = before < 0 ? Number.POSITIVE_INFINITY : d[condensedPair(top, before, count)]!;
    for (const other of alive) {
      if (onPath[other] === 1) continue;
      const distance = d[condensedPair(top, other, count)]!;
      if (distance < least) {
        least = distance;
        nearest = other;
      }
    }
    // Without a smaller one (all infinite, or no numbers) any neighbour does.
    if (nearest < 0) nearest = alive[0] === top ? alive[1]! : alive[0]!;
    if (nearest !== before) {
      path.push(nearest);
      continue;
    }
    path.length -= 2;
    onPath[top] = onPath[nearest] = 0;
    out.first[step] = Math.min(top, nearest);
    out.second[step] = Math.max(top, nearest);
    out.height[step++] = least;
    alive = absorb(d, count, size, alive, top, nearest);
  }
  return out;
}

/** The union takes the place of the higher number; the lower one is gone. */
function absorb(
  d: Float64Array,
  count: number,
  size: Float64Array,
  alive: readonly number[],
  a: number,
  b: number,
): number[] {
  const gone = Math.min(a, b);
  const kept = Math.max(a, b);
  const [goneSize, keptSize] = [size[gone]!, size[kept]!];
  const total = goneSize + keptSize;
  const left: number[] = [];
  for (const other of alive) {
    if (other === gone) continue;
    left.push(other);
    if (other === kept) continue;
    const at = condensedPair(kept, other, count);
    d[at] = (goneSize * d[condensedPair(gone, other, count)]! + keptSize * d[at]!) / total;
  }
  size[kept] = total;
  return left;
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
