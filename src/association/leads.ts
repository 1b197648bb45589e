import type { GeneStatus } from "../cohort/cohort.ts";
import { log10 } from "../statistics/elementary.ts";
import { benjaminiHochberg } from "../statistics/multiple.ts";
import { type LabelSource, labelsOf } from "./batch.ts";
import { doublesOf, int32sOf, type PartTable, stringsOf, uint32sOf } from "./mapPart.ts";
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

/**
 * Keeps the best test of each gene; deterministic as long as tests of a gene come in source order. Each part of a
 * map has its own, over its genes, and those of the whole map take them over part by part.
 */
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
  /** Places and names of the lead variants, where they were merged from parts. */
  #named: Named | undefined;

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

  /** Forgets all tests: as new, for the next part, whose arrays need not be made then. */
  clear(): void {
    for (const zero of [this.tests, this.#r, this.#distance, this.#af]) zero.fill(0);
    for (const unknown of [this.#slope, this.#slopeSe, this.#log10P]) unknown.fill(Number.NaN);
    this.#index.fill(-1);
    this.#maSamples.fill(0);
    this.#maCount.fill(0);
    this.#named = undefined;
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

  /**
   * The table of a part: a row for each gene that was tested. `geneOf` has the run's number of each gene here,
   * `source` the names of their variants.
   */
  async part(geneOf: ArrayLike<number>, source: LabelSource): Promise<PartTable> {
    const rows = Uint32Array.from(this.tests.keys()).filter(
      (row) => this.tests[row] !== 0 || this.#index[row]! >= 0,
    );
    const led = Int32Array.from(rows, (row) => this.#index[row]!);
    const distinct = Uint32Array.from(new Set(led.filter((index) => index >= 0))).sort();
    const labels = await labelsOf(source, distinct);
    const place = new Map(Array.from(distinct, (index, i) => [index, i]));
    const at = Array.from(led, (index) => place.get(index) ?? -1);
    const names = (values: readonly string[]): string[] => at.map((i) => values[i] ?? "");
    const doubles = (values: Float64Array): Float64Array => Float64Array.from(rows, (row) => values[row]!);
    const integers = (values: Int32Array): Int32Array => Int32Array.from(rows, (row) => values[row]!);
    return {
      gene: rows.map((row) => geneOf[row]!),
      tests: doubles(this.tests),
      index: led,
      r: doubles(this.#r),
      distance: doubles(this.#distance),
      slope: doubles(this.#slope),
      slopeSe: doubles(this.#slopeSe),
      log10P: doubles(this.#log10P),
      af: doubles(this.#af),
      maSamples: integers(this.#maSamples),
      maCount: integers(this.#maCount),
      id: names(labels.id),
      chromosome: names(labels.chromosome),
      position: Int32Array.from(at, (i) => labels.position[i] ?? 0),
      effectAllele: names(labels.effectAllele),
      otherAllele: names(labels.otherAllele),
    };
  }

  /** Takes over what {@link part} gave; parts come in order. */
  merge(part: PartTable): void {
    const gene = uint32sOf(part, "gene");
    const index = int32sOf(part, "index");
    const [tests, r, distance] = [
      doublesOf(part, "tests"),
      doublesOf(part, "r"),
      doublesOf(part, "distance"),
    ];
    const [slope, slopeSe] = [doublesOf(part, "slope"), doublesOf(part, "slopeSe")];
    const [log10P, af] = [doublesOf(part, "log10P"), doublesOf(part, "af")];
    const [maSamples, maCount] = [int32sOf(part, "maSamples"), int32sOf(part, "maCount")];
    const position = int32sOf(part, "position");
    this.#named ??= unnamed(this.tests.length);
    const { position: places, ...labels } = this.#named;
    for (let row = 0; row < gene.length; row++) {
      const g = gene[row]!;
      this.tests[g]! += tests[row]!;
      if (index[row]! < 0 || !this.leads(g, r[row]!, distance[row]!)) continue;
      this.set(
        g,
        { r: r[row]!, slope: slope[row]!, slopeSe: slopeSe[row]!, log10P: log10P[row]! },
        {
          index: index[row]!,
          distance: distance[row]!,
          af: af[row]!,
          maSamples: maSamples[row]!,
          maCount: maCount[row]!,
        },
      );
      for (const name of LABELS) labels[name][g] = stringsOf(part, name)[row]!;
      places[g] = position[row]!;
    }
  }

  /**
   * The finished table of merged parts. A gene that met no variant is `no-variants`, one without a pair to keep
   * `no-hit`; every `ok` gene had `everyGene` tests more than were counted here.
   */
  table(geneStatus: readonly GeneStatus[], everyGene: number): LeadTable {
    const numVariants = this.tests.map((tests, gene) => tests + (geneStatus[gene] === "ok" ? everyGene : 0));
    const status = geneStatus.map((known, gene): GeneStatus => {
      if (known !== "ok" || this.#index[gene]! >= 0) return known;
      return numVariants[gene] === 0 ? "no-variants" : "no-hit";
    });
    const withLead = Array.from(this.#index.keys()).filter((gene) => this.#index[gene]! >= 0);
    const log10Bonferroni = this.#log10P.map((value, gene) => Math.min(0, value + log10(numVariants[gene]!)));
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
      numVariants,
      leadVariant: this.#index,
      lead: {
        ...(this.#named ?? unnamed(status.length)),
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

const LABELS = ["id", "chromosome", "effectAllele", "otherAllele"] as const;

type Named = Record<(typeof LABELS)[number], string[]> & { readonly position: Int32Array };

/** Of leads that are not known: ids are empty and positions 0. */
function unnamed(genes: number): Named {
  const unknown = (): string[] => new Array<string>(genes).fill("");
  const [id, chromosome, effectAllele, otherAllele] = [unknown(), unknown(), unknown(), unknown()];
  return { id, chromosome, effectAllele, otherAllele, position: new Int32Array(genes) };
}
