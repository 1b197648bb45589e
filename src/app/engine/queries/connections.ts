import type { Cohort } from "../../../cohort/cohort.ts";
import { adjacencies, NETWORK_TYPES, type NetworkType } from "../../../network/adjacency.ts";
import { dot } from "../../../statistics/linalg.ts";
import type { ManifestFacts } from "../result.ts";

/** How a network was made of correlations; what topological overlap needs to know. */
export interface NetworkRule {
  readonly type: NetworkType;
  readonly power: number;
  /** Whether adjacencies of an unsigned network keep the signs of their correlations: WGCNA's signed overlap. */
  readonly signed: boolean;
}

/** Of a result's manifest; undefined where it does not say, or has other correlations than Pearson's. */
export function networkRule({ options = {}, counts = {} }: ManifestFacts): NetworkRule | undefined {
  const type = NETWORK_TYPES.find((one) => one === (options["type"] ?? options["networkType"]));
  const power = counts["power"] ?? options["power"];
  if (type === undefined || typeof power !== "number" || (options["method"] ?? "pearson") !== "pearson")
    return undefined;
  return { type, power, signed: options["overlap"] === "signed" };
}

/** Genes of a cohort that can be correlated, and how: Pearson's correlation of expression with the covariates taken out. */
export class Connections {
  readonly #cohort: Cohort;
  /** By id, those with a residual. */
  readonly #gene: ReadonlyMap<string, number>;
  /** All of them: what connectivity and shared neighbours are counted over. */
  readonly #all: Uint32Array;

  constructor(cohort: Cohort) {
    this.#cohort = cohort;
    this.#all = Uint32Array.from([...cohort.genes.id.keys()].filter((g) => cohort.geneStatus[g] === "ok"));
    this.#gene = new Map([...this.#all].map((g) => [cohort.genes.id[g]!, g]));
  }

  get genes(): number {
    return this.#all.length;
  }

  has(id: string): boolean {
    return this.#gene.has(id);
  }

  /** NaN for genes that cannot be correlated. */
  correlation(a: string, b: string): number {
    const [x, y] = [this.#gene.get(a), this.#gene.get(b)];
    return x === undefined || y === undefined ? Number.NaN : this.#correlation(x, y);
  }

  /** The ids that correlate most with `id` in size, strongest first, at most `count`; itself left out. */
  strongest(id: string, count: number): string[] {
    const own = this.#gene.get(id);
    if (own === undefined) return [];
    const { genes } = this.#cohort;
    const others = [...this.#all].filter((g) => g !== own);
    const size = new Map(others.map((g) => [g, Math.abs(this.#correlation(own, g))]));
    others.sort((a, b) => size.get(b)! - size.get(a)! || a - b);
    return others.slice(0, count).map((g) => genes.id[g]!);
  }

  /** So many genes at most can have their overlaps computed while one waits: their correlations with all genes take {@link PRODUCTS}. */
  get affordable(): number {
    return Math.max(
      LEAST,
      Math.floor(PRODUCTS / Math.max(1, this.#all.length * this.#cohort.samples.length)),
    );
  }

  /**
   * Topological overlap of each pair of `ids` (network/overlap.ts says which), over all genes: `value(a, b)` by place in `ids`, NaN for genes that cannot
   * be correlated. Rows of the adjacency of `ids` alone are made: 8 bytes a gene and id.
   */
  overlaps(ids: readonly string[], { type, power, signed }: NetworkRule): (a: number, b: number) => number {
    const count = this.#all.length;
    const place = new Map([...this.#all].map((g, u) => [g, u]));
    const rows = ids.map((id) => {
      const own = this.#gene.get(id);
      if (own === undefined) return undefined;
      const r = Float64Array.from(this.#all, (g) => (g === own ? 0 : this.#correlation(own, g)));
      const a = adjacencies(r, type, power, signed);
      // The diagonal is 0 whatever the type.
      a[place.get(own)!] = 0;
      const connectivity = a.reduce((sum, value) => sum + Math.abs(value), 0);
      return { own: place.get(own)!, a, connectivity };
    });
    return (i, j) => {
      const [x, y] = [rows[i], rows[j]];
      if (x === undefined || y === undefined) return Number.NaN;
      const a = x.a[y.own]!;
      const shared = dot(x.a, 0, y.a, 0, count);
      return Math.abs(shared + a) / (Math.min(x.connectivity, y.connectivity) + 1 - Math.abs(a));
    };
  }

  /** Residuals have mean 0 and norm 1. */
  #correlation(a: number, b: number): number {
    const { residuals, samples } = this.#cohort;
    const n = samples.length;
    return dot(residuals, a * n, residuals, b * n, n);
  }
}

/** Multiplications: a second or so. */
const PRODUCTS = 1e9;
/** What is drawn of a module at most (./network.ts), whatever it takes. */
const LEAST = 80;
