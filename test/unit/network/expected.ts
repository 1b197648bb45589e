import { readFileSync } from "node:fs";

/** test/data/network/function.json, made by make.py beside it (numpy, scipy). */
export interface Expected {
  readonly chiSquareSums: readonly { weights: number[]; q: number; log10Upper: number; log10Lower: number }[];
  readonly welch: readonly { a: number[]; b: number[]; z: number }[];
  readonly rankSums: readonly { values: number[]; members: number[]; auc: number; p: number }[];
  readonly coregulation: {
    readonly genes: number;
    readonly samples: number;
    readonly components: number;
    readonly expression: number[][];
    readonly eigenvalues: number[];
    readonly alpha: number[];
    /** Lower triangle. */
    readonly z: number[][];
    readonly predictions: readonly {
      members: number[];
      componentZ: number[];
      score: number[];
      auc: number;
      p: number;
    }[];
  };
  readonly gls: {
    readonly blocks: readonly { genes: number[]; matrix: number[] }[];
    readonly y: number[];
    readonly x: number[];
    readonly covariate: number[];
    readonly size: number;
    readonly beta: number;
    readonly se: number;
    readonly p: number;
  };
  readonly enrichment: {
    readonly background: number;
    readonly lists: number[][];
    readonly sets: number[][];
    /** A list, then a set. */
    readonly overlaps: readonly (readonly { p: number; q: number; odds: number }[])[];
    readonly score: number[];
    readonly ranked: readonly { auc: number; p: number }[];
  };
  readonly gsea: { readonly score: number[]; readonly places: number[]; readonly es: number };
}

/** test/data/network/graphs.json (python-igraph; the command is in the file). */
export interface ExpectedGraph {
  readonly n: number;
  readonly edges: [number, number][];
  readonly weight: number[];
  readonly modularity: number;
  readonly communities: number;
  readonly pagerank: number[];
  readonly clustering: number[];
  readonly coreness: number[];
  readonly betweenness: number[];
}

function json(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../data/network/${name}`, import.meta.url), "utf8"));
}

export const expected = json("function.json") as Expected;
export const expectedGraphs = Object.entries(json("graphs.json") as Record<string, ExpectedGraph>).filter(
  ([name]) => name !== "command",
);

/** Largest |a - b| / max(1, |b|). */
export function farthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let most = a.length === b.length ? 0 : Number.POSITIVE_INFINITY;
  for (let i = 0; i < b.length; i++) {
    const apart = Math.abs(a[i]! - b[i]!) / Math.max(1, Math.abs(b[i]!));
    most = Number.isNaN(apart) ? Number.POSITIVE_INFINITY : Math.max(most, apart);
  }
  return most;
}
