import type { Cohort, GeneStatus } from "../cohort/cohort.ts";
import { log10 } from "../statistics/elementary.ts";
import { benjaminiHochberg } from "../statistics/multiple.ts";
import { type LabelSource, labelsOf } from "./batch.ts";
import type { Test } from "./refine.ts";
import type { LeadTable } from "./tables.ts";

/** |r| closer than this (relative) are tied: variants in perfect linkage differ by rounding only. */
export const TIE = 1e-12;

/** What the lead of a gene needs to know of its variant. */
export interface LeadVariant {
  readonly index: number;
  readonly af: number;
  readonly maSamples: number;
  readonly maCount: number;
  /** Absolute distance: the nearer of tied variants leads. */
  readonly distance: number;
}

/** A variant by name. */
interface Label {
  readonly id: string;
  readonly chromosome: string;
  readonly position: number;
  readonly effectAllele: string;
  readonly otherAllele: string;
}

/** Keeps the best test of each gene; deterministic as long as tests of a gene come in source order. */
export class Leads {
  readonly tests: Float64Array;
  readonly #r: Float64Array;
  readonly #distance: Float64Array;
  readonly #index: Int32Array;
  readonly #slope: Float64Array;
  readonly #slopeSe: Float64Array;
  readonly #log10P: Float64Array;
  readonly #af: Float64Array;
  readonly #maSamples: Int32Array;
  readonly #maCount: Int32Array;
  /** Labels learnt so far, by index in the source. */
  readonly #label = new Map<number, Label>();

  constructor(genes: number) {
    this.tests = new Float64Array(genes);
    this.#r = new Float64Array(genes);
    this.#distance = new Float64Array(genes);
    this.#index = new Int32Array(genes).fill(-1);
    this.#slope = new Float64Array(genes).fill(Number.NaN);
    this.#slopeSe = new Float64Array(genes).fill(Number.NaN);
    this.#log10P = new Float64Array(genes).fill(Number.NaN);
    this.#af = new Float64Array(genes);
    this.#maSamples = new Int32Array(genes);
    this.#maCount = new Int32Array(genes);
  }

  /** Whether a test with correlation `r` at `distance` would lead; cheap, asked before {@link set}. */
  leads(gene: number, r: number, distance: number): boolean {
    const absolute = Math.abs(r);
    const best = this.#r[gene]!;
    if (this.#index[gene]! < 0 || absolute > best * (1 + TIE)) return true;
    return absolute >= best * (1 - TIE) && distance < this.#distance[gene]!;
  }

  /** Index of a gene's lead in the source, or -1. */
  variantOf(gene: number): number {
    return this.#index[gene]!;
  }

  /** Slope of a gene's lead and its standard error; NaN without one. */
  effectOf(gene: number): { readonly slope: number; readonly slopeSe: number } {
    return { slope: this.#slope[gene]!, slopeSe: this.#slopeSe[gene]! };
  }

  /** |r| below this certainly does not lead: quicker to ask than {@link leads}, until the next {@link set}. */
  floor(gene: number): number {
    return this.#index[gene]! < 0 ? 0 : this.#r[gene]! * (1 - TIE);
  }

  set(gene: number, test: Test, variant: LeadVariant): void {
    this.#r[gene] = Math.abs(test.r);
    this.#distance[gene] = variant.distance;
    this.#index[gene] = variant.index;
    this.#slope[gene] = test.slope;
    this.#slopeSe[gene] = test.slopeSe;
    this.#log10P[gene] = test.log10P;
    this.#af[gene] = variant.af;
    this.#maSamples[gene] = variant.maSamples;
    this.#maCount[gene] = variant.maCount;
  }

  /** Takes the names of the leads of `genes`, which will not change any more, from `source`. */
  async learn(genes: Iterable<number>, source: LabelSource): Promise<void> {
    const wanted = new Set<number>();
    for (const gene of genes) if (this.#index[gene]! >= 0) wanted.add(this.#index[gene]!);
    const index = Uint32Array.from(wanted)
      .filter((variant) => !this.#label.has(variant))
      .sort();
    const { id, chromosome, position, effectAllele, otherAllele } = await labelsOf(source, index);
    index.forEach((variant, i) => {
      const names = { effectAllele: effectAllele[i]!, otherAllele: otherAllele[i]! };
      const place = { chromosome: chromosome[i]!, position: position[i]! };
      this.#label.set(variant, { id: id[i]!, ...place, ...names });
    });
  }

  /** The finished table. A gene that met no variant is `no-variants`, one without a pair to keep `no-hit`. */
  async table(cohort: Cohort): Promise<LeadTable> {
    const status = cohort.geneStatus.map((known, gene): GeneStatus => {
      if (known !== "ok" || this.#index[gene]! >= 0) return known;
      return this.tests[gene] === 0 ? "no-variants" : "no-hit";
    });
    const withLead = Array.from(this.#index.keys()).filter((gene) => this.#index[gene]! >= 0);
    await this.learn(withLead, cohort.tables.genotypes);
    const rows = Array.from(this.#index, (index) => this.#label.get(index));

    const log10Bonferroni = this.#log10P.map((value, gene) => Math.min(0, value + log10(this.tests[gene]!)));
    const tested = status.filter((known) => known === "ok" || known === "no-hit").length;
    const q = benjaminiHochberg(
      Float64Array.from(withLead, (gene) => log10Bonferroni[gene]!),
      tested,
    );
    const qBonferroni = new Float64Array(status.length).fill(Number.NaN);
    withLead.forEach((gene, i) => {
      qBonferroni[gene] = q[i]!;
    });
    return {
      status,
      numVariants: this.tests,
      leadVariant: this.#index,
      lead: {
        id: rows.map((row) => row?.id ?? ""),
        chromosome: rows.map((row) => row?.chromosome ?? ""),
        position: Int32Array.from(rows, (row) => row?.position ?? 0),
        effectAllele: rows.map((row) => row?.effectAllele ?? ""),
        otherAllele: rows.map((row) => row?.otherAllele ?? ""),
        af: this.#af,
        maSamples: this.#maSamples,
        maCount: this.#maCount,
      },
      slope: this.#slope,
      slopeSe: this.#slopeSe,
      log10P: this.#log10P,
      log10Bonferroni,
      qBonferroni,
    };
  }
}
