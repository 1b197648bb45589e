import type { ExpressionSet } from "../cohort/expressionSet.ts";
import { canonicalDot } from "../compute/exact.ts";
import { sharedBuffer } from "../compute/sharedMemory.ts";
import { InputError } from "../errors.ts";
import { counted, listed } from "../formats/wording.ts";
import { type Measure, standardiseFor } from "./measure.ts";
import { PairwiseGenes } from "./pairwise.ts";

/** The genes of a network: the union of those of its cohorts, in the order in which they first appear. */
export interface NetworkGenes {
  readonly id: readonly string[];
  readonly symbol: readonly string[] | undefined;
}

/** Throws {@link InputError} for a gene that occurs twice in one cohort, and for a cohort of several that shares no gene with any other. */
export function networkGenes(sets: readonly ExpressionSet[]): NetworkGenes {
  const place = new Map<string, number>();
  const symbol: string[] = [];
  for (const { name, id, symbol: symbols } of sets) {
    const own = new Set<string>();
    id.forEach((gene, row) => {
      if (own.has(gene)) throw new InputError(name, `gene ${gene} is there twice`, "keep one of them");
      own.add(gene);
      const at = place.get(gene) ?? place.size;
      place.set(gene, at);
      symbol[at] = symbol[at] || (symbols?.[row] ?? "");
    });
  }
  refuseStrangers(sets);
  const named = sets.some(({ symbol: symbols }) => symbols !== undefined);
  return { id: [...place.keys()], symbol: named ? symbol : undefined };
}

/** Nothing of a cohort whose genes no other has can be combined: mostly their ids are of another kind. */
function refuseStrangers(sets: readonly ExpressionSet[]): void {
  if (sets.length < 2) return;
  const cohorts = new Map<string, number>();
  for (const { id } of sets) for (const gene of id) cohorts.set(gene, (cohorts.get(gene) ?? 0) + 1);
  const stranger = sets.find(({ id }) => !id.some((gene) => cohorts.get(gene)! > 1));
  if (stranger === undefined) return;
  const others = sets.filter((set) => set !== stranger);
  throw new InputError(
    stranger.name,
    `none of its ${counted(stranger.id.length, "gene")} (${listed(stranger.id)}) is in ${listed(others.map(({ name }) => name))} (${listed(others[0]!.id)})`,
    "give all cohorts gene ids of one kind (Ensembl's with their version, or all without), or take this one by itself",
  );
}

/** One cohort's genes as vectors whose dot products are correlations; genes are numbered as the network's. */
export class CohortGenes {
  readonly set: ExpressionSet;
  readonly samples: number;
  /** What a correlation over all samples has: n - 2 - k. */
  readonly degreesOfFreedom: number;
  readonly covariates: number;
  /** Row of each gene in the set, or -1: not there, or not `ok`. */
  readonly row: Int32Array;
  /** 1 where a gene is there and misses no value: then `standard` says all of it. */
  readonly complete: Uint8Array;
  /** `standard[gene * samples + sample]`, of norm 1 (see {@link standardiseFor}); all 0 for a gene that is not complete. */
  readonly standard: Float64Array;
  /** Whether no gene that is there misses a value. */
  readonly whole: boolean;
  /** Whether the vectors sum to 0; biweight ones do not. */
  readonly centred: boolean;
  private readonly pairwise: PairwiseGenes;

  constructor(set: ExpressionSet, genes: NetworkGenes, measure: Measure) {
    const n = set.samples.length;
    this.set = set;
    this.samples = n;
    this.covariates = set.covariatesUsed.length;
    this.degreesOfFreedom = n - 2 - this.covariates;
    const rows = new Map(set.id.map((id, row) => [id, row]));
    this.row = Int32Array.from(genes.id, (id) => {
      const row = rows.get(id);
      return row !== undefined && set.status[row] === "ok" ? row : -1;
    });
    this.complete = Uint8Array.from(this.row, (row) => (row >= 0 && set.missing[row] === 0 ? 1 : 0));
    this.standard = new Float64Array(sharedBuffer(8 * genes.id.length * n));
    let whole = true;
    genes.id.forEach((_, gene) => {
      const row = this.row[gene]!;
      if (row < 0) return;
      if (this.complete[gene] === 0) {
        whole = false;
        return;
      }
      const vector = this.standard.subarray(gene * n, (gene + 1) * n);
      vector.set(set.values.subarray(row * n, (row + 1) * n));
      // Ranks and residuals can be constant where the values were not.
      if (standardiseFor(vector, measure)) return;
      this.row[gene] = -1;
      this.complete[gene] = 0;
    });
    this.whole = whole;
    this.centred = measure.method !== "bicor";
    this.pairwise = new PairwiseGenes(set.values, n, measure);
  }

  /** Whether a pair of genes is certain to be a dot product of `standard` (or not there at all). */
  isPlain(a: number, b: number): boolean {
    const [first, second] = [this.row[a]!, this.row[b]!];
    return first < 0 || second < 0 || (this.complete[a] === 1 && this.complete[b] === 1);
  }

  /** Correlation and samples of a pair, into `out`; n = 0 where it has none. */
  correlate(a: number, b: number, out: { n: number; r: number }): void {
    const [first, second] = [this.row[a]!, this.row[b]!];
    out.n = 0;
    out.r = Number.NaN;
    if (first < 0 || second < 0) return;
    if (this.complete[a] === 1 && this.complete[b] === 1) {
      out.n = this.samples;
      out.r = clamp(
        canonicalDot(this.standard, a * this.samples, this.standard, b * this.samples, this.samples),
      );
      return;
    }
    this.pairwise.correlate(first, second, out);
  }
}

/** A correlation is rounded to what it can be. */
export function clamp(r: number): number {
  return Math.max(-1, Math.min(1, r));
}
