import type { GenotypeSource, VariantLabels } from "../../formats/genotypes.ts";
import { type LabelSource, labelsByRow } from "../batch.ts";
import { doublesOf, int32sOf, type PartTable, uint32sOf } from "../mapPart.ts";
import type { Test } from "../refine.ts";

/** How far apart the hits of one locus may lie, where nothing else is asked for: base pairs. */
export const LOCUS_DISTANCE = 1_000_000;

/**
 * A locus is a gene and a stretch of one chromosome: hits of the gene belong to it as long as each lies within the
 * distance of the one before. (`gene` may number the genes of several permutations.)
 */
export interface Locus {
  readonly gene: number;
  /** Code of the chromosome, and positions of the first and the last hit. */
  readonly chromosome: number;
  readonly start: number;
  end: number;
  hits: number;
  /** The hit with the smallest p, of equal ones the first: its variant's index in the source, or its row, and its test. */
  lead: number;
  log10P: number;
  slope: number;
  slopeSe: number;
}

/** Whether `next` goes on where `locus` ends. */
function goesOn(locus: Locus, chromosome: number, position: number, distance: number): boolean {
  return locus.chromosome === chromosome && position - locus.end <= distance;
}

type Places = Pick<GenotypeSource, "chromosomeCode" | "position">;

/** The loci of one part, of hits told in the order of the source. */
export class PartLoci {
  readonly #distance: number;
  readonly #source: Places;
  readonly #open = new Map<number, Locus>();
  readonly #all: Locus[] = [];

  constructor(distance: number, source: Places) {
    this.#distance = distance;
    this.#source = source;
  }

  add(gene: number, variant: number, { log10P, slope, slopeSe }: Test): void {
    const chromosome = this.#source.chromosomeCode.at(variant)!;
    const at = this.#source.position.at(variant)!;
    let locus = this.#open.get(gene);
    if (locus === undefined || !goesOn(locus, chromosome, at, this.#distance)) {
      locus = { gene, chromosome, start: at, end: at, hits: 0, lead: variant, log10P, slope, slopeSe };
      this.#open.set(gene, locus);
      this.#all.push(locus);
    }
    locus.end = at;
    locus.hits++;
    if (log10P < locus.log10P) Object.assign(locus, { lead: variant, log10P, slope, slopeSe });
  }

  /** For the part: columns, a row a locus, in the order in which they were opened. */
  table(): PartTable {
    const loci = this.#all;
    return {
      gene: Uint32Array.from(loci, ({ gene }) => gene),
      chromosome: Uint32Array.from(loci, ({ chromosome }) => chromosome),
      start: Int32Array.from(loci, ({ start }) => start),
      end: Int32Array.from(loci, ({ end }) => end),
      hits: Uint32Array.from(loci, ({ hits }) => hits),
      log10P: Float64Array.from(loci, ({ log10P }) => log10P),
      slope: Float64Array.from(loci, ({ slope }) => slope),
      slopeSe: Float64Array.from(loci, ({ slopeSe }) => slopeSe),
    };
  }

  /** {@link table}, and the names of the leads. */
  async namedTable(source: LabelSource): Promise<PartTable> {
    const labels = await labelsByRow(
      source,
      Uint32Array.from(this.#all, ({ lead }) => lead),
    );
    return { ...this.table(), ...tableOfLabels(labels) };
  }
}

/** Labels as columns of a part's table. */
export function tableOfLabels(labels: VariantLabels): PartTable {
  const { id, chromosome, position, effectAllele, otherAllele } = labels;
  const strings = { id: [...id], chromosomeName: [...chromosome] };
  return { ...strings, position, effectAllele: [...effectAllele], otherAllele: [...otherAllele] };
}

/**
 * The loci of a whole map, in the order of gene, then place, of the tables of its parts, one below the other in part order:
 * a locus that ends with a part goes on with the next by the same rule. `lead` is the row whose hit leads.
 */
export function joinLoci(table: PartTable, distance: number): Locus[] {
  const gene = uint32sOf(table, "gene");
  const chromosome = uint32sOf(table, "chromosome");
  const [start, end] = [int32sOf(table, "start"), int32sOf(table, "end")];
  const hits = uint32sOf(table, "hits");
  const [log10P, slope, slopeSe] = ["log10P", "slope", "slopeSe"].map((name) => doublesOf(table, name));
  // Rows of a gene are in the order of the source, and sorting is stable.
  const rows = Array.from(gene.keys()).sort((a, b) => gene[a]! - gene[b]!);
  const loci: Locus[] = [];
  for (const row of rows) {
    const test = { lead: row, log10P: log10P![row]!, slope: slope![row]!, slopeSe: slopeSe![row]! };
    const last = loci.at(-1);
    if (
      last !== undefined &&
      last.gene === gene[row] &&
      goesOn(last, chromosome[row]!, start[row]!, distance)
    ) {
      last.end = end[row]!;
      last.hits += hits[row]!;
      if (test.log10P < last.log10P) Object.assign(last, test);
      continue;
    }
    const place = { chromosome: chromosome[row]!, start: start[row]!, end: end[row]! };
    loci.push({ gene: gene[row]!, ...place, hits: hits[row]!, ...test });
  }
  return loci;
}
