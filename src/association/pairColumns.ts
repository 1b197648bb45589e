import { canonicalChromosome } from "../cohort/chromosomes.ts";
import type { Powers } from "../compute/wasm/pairTests.ts";
import type { Column } from "../formats/table.ts";
import { pow10 } from "../statistics/elementary.ts";
import type { Anchor } from "./geometry.ts";
import { distanceName, distanceTo, type MapKind, NO_INTEGER } from "./output.ts";
import type { GeneTable, PairBatch } from "./tables.ts";
import { fdrOf, type LevelFdr } from "./trans/permutationFdr.ts";

/**
 * Makes the columns of a pair table, a run of rows at a time, in arrays that are used again: what
 * {@link columns} returns is good until it is called again.
 */
export class PairColumns {
  private readonly kind: MapKind;
  private readonly genes: GeneTable;
  private readonly anchor: Anchor;
  private readonly chromosomeNumber = new Map<string, number>();
  private readonly geneChromosome: Int32Array;
  private variantChromosome: Int32Array = new Int32Array(0);
  private batch: PairBatch | undefined;
  private readonly distance: Int32Array;
  private readonly p: Float64Array;
  private readonly unknown: readonly string[];
  private readonly powers: Powers | undefined;
  private readonly fdr: LevelFdr | undefined;

  /**
   * `rows`: the longest run that will be asked for. `powers` make p of log10 p where the engine can; `fdr` where
   * there are permutations.
   */
  constructor(
    kind: MapKind,
    genes: GeneTable,
    anchor: Anchor,
    rows: number,
    powers?: Powers,
    fdr?: LevelFdr,
  ) {
    this.powers = powers;
    this.kind = kind;
    this.fdr = fdr;
    this.genes = genes;
    this.anchor = kind === "cis" ? anchor : "tss";
    this.geneChromosome = this.number(genes.chromosome);
    this.unknown = genes.id.map(() => "");
    this.distance = new Int32Array(rows);
    this.p = new Float64Array(rows);
  }

  /**
   * Rows `from` to `to` of `batch` as `pairSchema` lays them out. `q` are the q-values of these
   * rows (trans only).
   */
  columns(batch: PairBatch, from: number, to: number, q?: Float64Array): Column[] {
    if (batch !== this.batch) {
      this.batch = batch;
      this.variantChromosome = this.number(batch.variants.chromosome);
    }
    const { variants } = batch;
    const { genes, p, distance } = this;
    const rows = to - from;
    if (this.powers === undefined) for (let i = 0; i < rows; i++) p[i] = pow10(batch.log10P[from + i]!);
    else this.powers.of10(batch.log10P.subarray(from, to), p);
    this.distances(batch, from, rows);
    const variant = batch.variant.subarray(from, to);
    const gene = batch.gene.subarray(from, to);
    const byVariant = (name: string, values: readonly string[]): Column => ({
      name,
      type: "dictionary",
      values,
      index: variant,
    });
    const byGene = (name: string, values: readonly string[]): Column => ({
      name,
      type: "dictionary",
      values,
      index: gene,
    });
    const doubles = (name: string, values: Float64Array): Column => ({ name, type: "double", values });
    const integers = (name: string, values: Int32Array, index?: Uint32Array): Column => {
      const column = { name, type: "int32", values, missing: NO_INTEGER } as const;
      return index === undefined ? column : { ...column, index };
    };
    const statistics: Column[] = [
      integers(distanceName(this.anchor), distance.subarray(0, rows)),
      { name: "af", type: "double", values: variants.af, index: variant },
      integers("ma_samples", variants.maSamples, variant),
      integers("ma_count", variants.maCount, variant),
      doubles("pval_nominal", p.subarray(0, rows)),
      doubles("slope", batch.slope.subarray(from, to)),
      doubles("slope_se", batch.slopeSe.subarray(from, to)),
      doubles("log10_p", batch.log10P.subarray(from, to)),
    ];
    const labels = [
      byVariant("chromosome", variants.chromosome),
      integers("position", variants.position, variant),
      byVariant("effect_allele", variants.effectAllele),
      byVariant("other_allele", variants.otherAllele),
    ];
    const phenotype = byGene("phenotype_id", genes.id);
    const variantId = byVariant("variant_id", variants.id);
    if (this.kind === "cis") return [phenotype, variantId, ...statistics, ...labels];
    return [
      ...[variantId, phenotype, ...statistics, doubles("qval", q ?? new Float64Array(rows).fill(Number.NaN))],
      ...(this.fdr === undefined
        ? []
        : [doubles("fdr_pair", fdrOf(this.fdr, batch.log10P.subarray(from, to)))]),
      ...[...labels, byGene("phenotype_chromosome", genes.chromosome)],
      integers("phenotype_start", genes.start, gene),
      byGene("gene_symbol", genes.symbol ?? this.unknown),
      byGene("gene_biotype", genes.biotype ?? this.unknown),
    ];
  }

  private distances(batch: PairBatch, from: number, rows: number): void {
    const { genes, anchor, distance, variantChromosome, geneChromosome } = this;
    const variant = batch.variant.subarray(from, from + rows);
    const gene = batch.gene.subarray(from, from + rows);
    const { position } = batch.variants;
    if (anchor === "tss") {
      startDistances(variant, gene, position, variantChromosome, genes.start, geneChromosome, distance);
      return;
    }
    for (let i = 0; i < rows; i++) {
      const [v, g] = [variant[i]!, gene[i]!];
      const near = variantChromosome[v] === geneChromosome[g];
      distance[i] = near ? distanceTo(genes, g, position[v]!, anchor) : NO_INTEGER;
    }
  }

  /** A number a chromosome, the same for `chr1` and `1`. */
  private number(names: readonly string[]): Int32Array {
    const seen = new Map<string, number>();
    const out = new Int32Array(names.length);
    let last: string | undefined;
    let number = 0;
    for (let i = 0; i < names.length; i++) {
      const name = names[i]!;
      if (name !== last) {
        number = seen.get(name) ?? this.canonicalNumber(name);
        seen.set(name, number);
        last = name;
      }
      out[i] = number;
    }
    return out;
  }

  private canonicalNumber(name: string): number {
    const canonical = canonicalChromosome(name);
    const number = this.chromosomeNumber.get(canonical) ?? this.chromosomeNumber.size;
    this.chromosomeNumber.set(canonical, number);
    return number;
  }
}

/**
 * `distanceTo` of anchor `tss` for each pair. Takes the arrays alone, so that it is compiled once for batches of any make; most pairs have
 * the gene of the one before.
 */
function startDistances(
  variant: Uint32Array,
  gene: Uint32Array,
  position: Int32Array,
  variantChromosome: Int32Array,
  start: Int32Array,
  geneChromosome: Int32Array,
  out: Int32Array,
): void {
  const rows = variant.length;
  for (let i = 0; i < rows; ) {
    const g = gene[i]!;
    const chromosome = geneChromosome[g]!;
    const origin = start[g]!;
    for (; i < rows && gene[i] === g; i++) {
      const v = variant[i]!;
      out[i] = variantChromosome[v] === chromosome ? position[v]! - origin : NO_INTEGER;
    }
  }
}
