import type { PairBatch } from "../association/tables.ts";

/** All pairs of a gene, in the order of the map. */
export interface GenePairs {
  readonly id: readonly string[];
  readonly position: Int32Array;
  readonly log10P: Float64Array;
}

/** Genes held for each that is asked for: p corrected for a gene's variants has another order than p. */
const HELD = 8;

/**
 * Follows the pairs of a cis map, gene after gene, and holds those of the genes with the smallest p: what regional plots are drawn from where the cohort
 * is not at hand. Which genes are held depends on the map alone, not on how its pairs are batched.
 */
export class RegionCollector {
  readonly #most: number;
  #held: { gene: number; best: number; pairs: GenePairs }[] = [];
  #gene = -1;
  #id: string[] = [];
  #position: number[] = [];
  #log10P: number[] = [];

  constructor(most: number) {
    this.#most = HELD * most;
  }

  add({
    variant,
    gene,
    log10P,
    variants,
  }: Pick<PairBatch, "variant" | "gene" | "log10P" | "variants">): void {
    if (this.#most === 0) return;
    for (let i = 0; i < gene.length; i++) {
      if (gene[i] !== this.#gene) this.#close(gene[i]!);
      const v = variant[i]!;
      this.#id.push(variants.id[v]!);
      this.#position.push(variants.position[v]!);
      this.#log10P.push(log10P[i]!);
    }
  }

  /** The pairs of a gene, where they are held. */
  of(gene: number): GenePairs | undefined {
    this.#close(-1);
    return this.#held.find((one) => one.gene === gene)?.pairs;
  }

  #close(next: number): void {
    const gene = this.#gene;
    this.#gene = next;
    if (gene >= 0) this.#offer(gene);
    this.#id = [];
    this.#position = [];
    this.#log10P = [];
  }

  #offer(gene: number): void {
    let best = 0;
    // NaN is no p, and is passed over.
    for (const value of this.#log10P) if (value < best) best = value;
    const last = this.#held[this.#most - 1];
    if (last !== undefined && (best > last.best || (best === last.best && gene > last.gene))) return;
    const pairs = {
      id: this.#id,
      position: Int32Array.from(this.#position),
      log10P: Float64Array.from(this.#log10P),
    };
    this.#held = [...this.#held, { gene, best, pairs }]
      .sort((a, b) => a.best - b.best || a.gene - b.gene)
      .slice(0, this.#most);
  }
}
