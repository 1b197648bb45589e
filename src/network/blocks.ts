import { canonicalDot } from "../compute/exact.ts";
import { permutation } from "../statistics/random.ts";
import type { NetworkType } from "./adjacency.ts";
import { eigengene, type ScaledGenes } from "./eigengenes.ts";

/** About so many genes a centre at first (WGCNA's projectiveKMeans: at least 20, and 100 centres a block). */
const GENES_A_CENTRE = 20;
const CENTRES_A_BLOCK = 100;
const MOST_TURNS = 20;
/** Random numbers of the first centres. */
const STREAM = 71;

interface Cluster {
  readonly genes: number[];
  readonly centre: Float64Array;
}

/**
 * Splits genes into blocks of at most `size` that keep those together that go together: projective k-means, whose centres are
 * first principal components and whose nearness is the correlation with them (of unsigned networks its size); then clusters
 * are put together, the nearest first, as long as they fit. One block where all fit. The first centres are random genes by `seed`.
 */
export function blocksOf(
  genes: ScaledGenes,
  used: Uint32Array,
  size: number,
  { type, seed }: { readonly type: NetworkType; readonly seed: number },
): Uint32Array[] {
  if (used.length <= size) return [used];
  const near = nearness(type);
  const wanted = Math.floor(Math.min(used.length / GENES_A_CENTRE, (CENTRES_A_BLOCK * used.length) / size));
  const number = Math.max(Math.ceil(used.length / size), wanted);
  let centres = Array.from(permutation(seed, STREAM, 0, used.length).subarray(0, number), (i) =>
    rowOf(genes, used[i]!),
  );
  let before: Int32Array | undefined;
  let clusters: Cluster[] = [];
  for (let turn = 0; turn < MOST_TURNS; turn++) {
    const nearest = nearestCentres(genes, used, centres, near);
    if (before?.every((centre, i) => centre === nearest[i])) break;
    before = nearest;
    const members = centres.map((): number[] => []);
    nearest.forEach((centre, i) => {
      members[centre]!.push(used[i]!);
    });
    clusters = members
      .filter((list) => list.length > 0)
      .map((list) => ({ genes: list, centre: eigengene(genes, list).vector }));
    // Numbers change where a centre has lost all its genes.
    if (clusters.length < centres.length) before = undefined;
    centres = clusters.map(({ centre }) => centre);
  }
  const fitting = clusters.flatMap((cluster) => pieces(genes, cluster, size));
  return joined(genes, fitting, size, near)
    .map(({ genes: list }) => Uint32Array.from(list).sort())
    .sort((a, b) => b.length - a.length || a[0]! - b[0]!);
}

type Nearness = (a: Float64Array, b: Float64Array) => number;

function nearness(type: NetworkType): Nearness {
  const correlation: Nearness = (a, b) => canonicalDot(a, 0, b, 0, a.length);
  return type === "unsigned" ? (a, b) => Math.abs(correlation(a, b)) : correlation;
}

function rowOf({ samples, values }: ScaledGenes, gene: number): Float64Array {
  return values.subarray(gene * samples, (gene + 1) * samples);
}

function nearestCentres(
  genes: ScaledGenes,
  used: Uint32Array,
  centres: readonly Float64Array[],
  near: Nearness,
): Int32Array {
  return Int32Array.from(used, (gene) => {
    const row = rowOf(genes, gene);
    let best = 0;
    let most = Number.NEGATIVE_INFINITY;
    centres.forEach((centre, c) => {
      const value = near(row, centre);
      if (value > most) {
        most = value;
        best = c;
      }
    });
    return best;
  });
}

/** A cluster that fits no block is cut into pieces, in the order of its genes. */
function pieces(genes: ScaledGenes, cluster: Cluster, size: number): Cluster[] {
  if (cluster.genes.length <= size) return [cluster];
  const out: Cluster[] = [];
  for (let at = 0; at < cluster.genes.length; at += size) {
    const list = cluster.genes.slice(at, at + size);
    out.push({ genes: list, centre: eigengene(genes, list).vector });
  }
  return out;
}

/** Puts the nearest two together that fit, until no two do. */
function joined(genes: ScaledGenes, from: readonly Cluster[], size: number, near: Nearness): Cluster[] {
  const clusters = [...from];
  for (;;) {
    let [first, second, most] = [-1, -1, Number.NEGATIVE_INFINITY];
    for (let i = 0; i < clusters.length; i++) {
      for (let j = i + 1; j < clusters.length; j++) {
        const [a, b] = [clusters[i]!, clusters[j]!];
        if (a.genes.length + b.genes.length > size) continue;
        const value = near(a.centre, b.centre);
        if (value <= most) continue;
        [first, second, most] = [i, j, value];
      }
    }
    if (first < 0) return clusters;
    const list = [...clusters[first]!.genes, ...clusters[second]!.genes];
    clusters[first] = { genes: list, centre: eigengene(genes, list).vector };
    clusters.splice(second, 1);
  }
}
