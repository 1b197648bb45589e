import type { Cohort, GeneStatus } from "../cohort/cohort.ts";
import { log10 } from "../statistics/elementary.ts";
import { benjaminiHochberg } from "../statistics/multiple.ts";
import { labelsOf } from "./batch.ts";
import type { Test } from "./refine.ts";
import type { LeadTable } from "./tables.ts";

/** |r| closer than this (relative) are tied: variants in perfect linkage differ by rounding only. */
const TIE = 1e-12;

/** What the lead of a gene needs to know of its variant. */
export interface LeadVariant {
  readonly index: number;
  readonly af: number;
  readonly maSamples: number;
  readonly maCount: number;
  /** Absolute distance: the nearer of tied variants leads. */
  readonly distance: number;
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

  /** The finished table. A gene that met no variant is `no-variants`, one without a pair to keep `no-hit`. */
  async table(cohort: Cohort): Promise<LeadTable> {
    const status = cohort.geneStatus.map((known, gene): GeneStatus => {
      if (known !== "ok" || this.#index[gene]! >= 0) return known;
      return this.tests[gene] === 0 ? "no-variants" : "no-hit";
    });
    const withLead = Array.from(this.#index.keys()).filter((gene) => this.#index[gene]! >= 0);
    const bySource = [...withLead].sort((a, b) => this.#index[a]! - this.#index[b]!);
    const distinct = Uint32Array.from(new Set(bySource.map((gene) => this.#index[gene]!)));
    const labels = await labelsOf(cohort.tables.genotypes, distinct);
    const rowOf = new Map(Array.from(distinct, (index, row) => [index, row]));
    const rows = Array.from(this.#index, (index) => rowOf.get(index) ?? -1);

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
        id: rows.map((row) => labels.id[row] ?? ""),
        chromosome: rows.map((row) => labels.chromosome[row] ?? ""),
        position: Int32Array.from(rows, (row) => labels.position[row] ?? 0),
        effectAllele: rows.map((row) => labels.effectAllele[row] ?? ""),
        otherAllele: rows.map((row) => labels.otherAllele[row] ?? ""),
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
