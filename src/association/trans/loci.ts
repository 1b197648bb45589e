import type { GenotypeSource } from "../../formats/genotypes.ts";
import { GrowingFloats } from "../growing.ts";
import type { Test } from "../refine.ts";

/** How far apart the hits of one locus may lie, where nothing else is asked for: base pairs. */
export const LOCUS_DISTANCE = 1_000_000;

/**
 * Gathers hits into loci. A locus is a gene and a stretch of one chromosome: hits of the gene belong to it as
 * long as each lies within `distance` base pairs of the one before. Hits must come in the order of the
 * source, so that one open locus a gene is all there is to remember.
 */
export class LocusGatherer {
  readonly #distance: number;
  readonly #chromosome: Int32Array;
  readonly #last: Int32Array;

  constructor(genes: number, distance: number) {
    this.#distance = distance;
    this.#chromosome = new Int32Array(genes).fill(-1);
    this.#last = new Int32Array(genes);
  }

  /** Takes the next hit of `gene`; true where it opens a new locus. */
  opens(gene: number, chromosome: number, position: number): boolean {
    const goesOn = this.#chromosome[gene] === chromosome && position - this.#last[gene]! <= this.#distance;
    this.#chromosome[gene] = chromosome;
    this.#last[gene] = position;
    return !goesOn;
  }
}

/** The best log10 p of each gene, and of each of its loci, of hits that are told one by one: all that a permutation has to keep. */
export class BestHits {
  readonly #loci: LocusGatherer;
  readonly #gene: Float64Array;
  readonly #locus: Float64Array;
  readonly #closed = new GrowingFloats();

  constructor(genes: number, distance: number) {
    this.#loci = new LocusGatherer(genes, distance);
    this.#gene = new Float64Array(genes).fill(Number.POSITIVE_INFINITY);
    this.#locus = new Float64Array(genes).fill(Number.POSITIVE_INFINITY);
  }

  add(gene: number, chromosome: number, position: number, log10P: number): void {
    if (this.#loci.opens(gene, chromosome, position)) {
      if (this.#locus[gene] !== Number.POSITIVE_INFINITY) this.#closed.push(this.#locus[gene]!);
      this.#locus[gene] = log10P;
    } else if (log10P < this.#locus[gene]!) this.#locus[gene] = log10P;
    if (log10P < this.#gene[gene]!) this.#gene[gene] = log10P;
  }

  /** Of the genes with a hit. */
  genes(): Float64Array {
    return this.#gene.filter((value) => value !== Number.POSITIVE_INFINITY);
  }

  /** Of all loci. Ends the gathering. */
  loci(): Float64Array {
    for (const value of this.#locus) if (value !== Number.POSITIVE_INFINITY) this.#closed.push(value);
    return this.#closed.take();
  }
}

/** Loci as they are written: one row each, in the order of gene, then place. */
export interface LocusTable {
  readonly gene: Uint32Array;
  /** Positions of its first and its last hit. */
  readonly start: Int32Array;
  readonly end: Int32Array;
  /** Hits in the locus. */
  readonly hits: Uint32Array;
  /** The hit with the smallest p (the first of equal ones): its variant's index in the source, then its test. */
  readonly lead: Uint32Array;
  readonly slope: Float64Array;
  readonly slopeSe: Float64Array;
  readonly log10P: Float64Array;
}

interface Locus {
  readonly gene: number;
  readonly start: number;
  end: number;
  hits: number;
  lead: number;
  slope: number;
  slopeSe: number;
  log10P: number;
}

/** The loci of the real map, of hits told in the order of the source. */
export class Loci {
  readonly #gatherer: LocusGatherer;
  readonly #source: Pick<GenotypeSource, "chromosomeCode" | "position">;
  readonly #open: (Locus | undefined)[];
  readonly #all: Locus[] = [];

  constructor(genes: number, distance: number, source: Pick<GenotypeSource, "chromosomeCode" | "position">) {
    this.#gatherer = new LocusGatherer(genes, distance);
    this.#source = source;
    this.#open = new Array(genes);
  }

  add(gene: number, variant: number, { slope, slopeSe, log10P }: Test): void {
    const at = this.#source.position[variant]!;
    let locus = this.#open[gene];
    if (this.#gatherer.opens(gene, this.#source.chromosomeCode[variant]!, at) || locus === undefined) {
      locus = { gene, start: at, end: at, hits: 0, lead: variant, slope, slopeSe, log10P };
      this.#open[gene] = locus;
      this.#all.push(locus);
    }
    locus.end = at;
    locus.hits++;
    if (log10P < locus.log10P) Object.assign(locus, { lead: variant, slope, slopeSe, log10P });
  }

  table(): LocusTable {
    // Found in the order of the source: a stable sort by gene keeps it within a gene.
    const loci = this.#all.sort((a, b) => a.gene - b.gene);
    return {
      gene: Uint32Array.from(loci, ({ gene }) => gene),
      start: Int32Array.from(loci, ({ start }) => start),
      end: Int32Array.from(loci, ({ end }) => end),
      hits: Uint32Array.from(loci, ({ hits }) => hits),
      lead: Uint32Array.from(loci, ({ lead }) => lead),
      slope: Float64Array.from(loci, ({ slope }) => slope),
      slopeSe: Float64Array.from(loci, ({ slopeSe }) => slopeSe),
      log10P: Float64Array.from(loci, ({ log10P }) => log10P),
    };
  }
}
