/** A map gathered in memory, one row a pair, so that it can be laid beside another tool's file. */
import type { MapResult, MapRun } from "../../src/association/tables.ts";

/** Name of a pair in every comparison: variant, tab, gene. */
export function pairKey(variant: string, gene: string): string {
  return `${variant}\t${gene}`;
}

export interface CollectedPairs {
  readonly result: MapResult;
  /** Row of each pair. */
  readonly row: ReadonlyMap<string, number>;
  readonly variant: readonly string[];
  readonly gene: readonly string[];
  readonly position: readonly number[];
  readonly geneStart: readonly number[];
  readonly slope: readonly number[];
  readonly slopeSe: readonly number[];
  readonly log10P: readonly number[];
  readonly af: readonly number[];
  readonly maSamples: readonly number[];
  readonly maCount: readonly number[];
  /** Status of each variant that was not tested, by id. */
  readonly dropped: ReadonlyMap<string, string>;
  /** Allele statistics of every variant met, tested with a pair here or dropped, by id. */
  readonly variants: ReadonlyMap<string, { af: number; maSamples: number; maCount: number }>;
}

/** Keeps the pairs that `keep` accepts (all by default); `result` is that of the whole run. */
export async function collect(
  run: MapRun,
  keep: (variant: string, gene: string, log10P: number) => boolean = () => true,
): Promise<CollectedPairs> {
  const pairs = {
    row: new Map<string, number>(),
    variant: [] as string[],
    gene: [] as string[],
    position: [] as number[],
    geneStart: [] as number[],
    slope: [] as number[],
    slopeSe: [] as number[],
    log10P: [] as number[],
    af: [] as number[],
    maSamples: [] as number[],
    maCount: [] as number[],
    dropped: new Map<string, string>(),
    variants: new Map<string, { af: number; maSamples: number; maCount: number }>(),
  };
  for await (const batch of run) {
    for (const table of [batch.variants, batch.dropped]) {
      for (const [v, id] of table.id.entries()) {
        const statistics = { af: table.af[v]!, maSamples: table.maSamples[v]!, maCount: table.maCount[v]! };
        pairs.variants.set(id, statistics);
      }
    }
    for (const [v, id] of batch.dropped.id.entries()) {
      if (pairs.dropped.has(id)) throw new Error(`variant ${id} was dropped twice`);
      pairs.dropped.set(id, batch.dropped.status[v]!);
    }
    for (let i = 0; i < batch.variant.length; i++) {
      const v = batch.variant[i]!;
      const g = batch.gene[i]!;
      const variant = batch.variants.id[v]!;
      const gene = run.genes.id[g]!;
      if (!keep(variant, gene, batch.log10P[i]!)) continue;
      const key = pairKey(variant, gene);
      if (pairs.row.has(key)) throw new Error(`pair ${variant} x ${gene} came twice`);
      pairs.row.set(key, pairs.variant.length);
      pairs.variant.push(variant);
      pairs.gene.push(gene);
      pairs.position.push(batch.variants.position[v]!);
      pairs.geneStart.push(run.genes.start[g]!);
      pairs.slope.push(batch.slope[i]!);
      pairs.slopeSe.push(batch.slopeSe[i]!);
      pairs.log10P.push(batch.log10P[i]!);
      pairs.af.push(batch.variants.af[v]!);
      pairs.maSamples.push(batch.variants.maSamples[v]!);
      pairs.maCount.push(batch.variants.maCount[v]!);
    }
  }
  return { ...pairs, result: run.result() };
}
