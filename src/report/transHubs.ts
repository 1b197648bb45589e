import type { PairBatch } from "../association/tables.ts";
import { canonicalChromosome } from "../cohort/chromosomes.ts";
import { KEPT_ROWS } from "./keptReport.ts";
import { isScreened, type MapFacts } from "./mapFacts.ts";
import { bases, count, megabases, pValue, threshold } from "./numbers.ts";
import { idCell } from "./pageParts.ts";
import type { ReportTable } from "./report.ts";

/** A variant with several genes in trans. */
export interface Hub {
  readonly variant: string;
  readonly chromosome: string;
  readonly position: number;
  /** How many genes it has a pair with. */
  readonly genes: number;
  /** Index of the gene of its strongest pair, and log10 of that pair's p. */
  readonly strongest: number;
  readonly log10P: number;
}

/** Fewer genes make no hub. */
const LEAST_GENES = 2;
/** Base pairs: of variants this near each other the one with most genes stands for all. */
export const HUB_DISTANCE = 500_000;

/** Most genes first, then the strongest pair, then along the genome as they were given. At most `limit`, none near one before it. */
export function rankHubs<One extends Hub>(found: readonly One[], limit: number): One[] {
  const order = found
    .filter(({ genes }) => genes >= LEAST_GENES)
    .sort((a, b) => b.genes - a.genes || a.log10P - b.log10P);
  const ranked: One[] = [];
  // In stretches so long that two that are far enough apart are never in one: by its place and those beside it, not by all before.
  const taken = new Map<string, number>();
  for (const hub of order) {
    if (ranked.length === limit) break;
    const chromosome = canonicalChromosome(hub.chromosome);
    const stretch = Math.floor(hub.position / (HUB_DISTANCE + 1));
    const near = [stretch - 1, stretch, stretch + 1].some((one) => {
      const position = taken.get(`${chromosome} ${one}`);
      return position !== undefined && Math.abs(position - hub.position) <= HUB_DISTANCE;
    });
    if (near) continue;
    taken.set(`${chromosome} ${stretch}`, hub.position);
    ranked.push(hub);
  }
  return ranked;
}

/** What is followed of a batch. */
export type HubPairs = Pick<PairBatch, "variant" | "gene" | "log10P"> & {
  readonly variants: Pick<PairBatch["variants"], "id" | "chromosome" | "position">;
};

/** Counts genes variant by variant while a trans map runs, whose pairs come by variant, then gene; holds some thousand variants. */
export function hubCollector(): { add(batch: HubPairs): void; result(limit?: number): Hub[] } {
  let held: Hub[] = [];
  let now: { -readonly [Name in keyof Hub]: Hub[Name] } | undefined;
  const close = (): void => {
    if (now !== undefined && now.genes >= LEAST_GENES) held.push(now);
    now = undefined;
    // Variants near each other go with the best of them, so that few are left of a long locus.
    if (held.length >= 8 * KEPT_ROWS) held = rankHubs(held, 4 * KEPT_ROWS);
  };
  return {
    add({ variant: rows, gene, log10P, variants }) {
      for (let i = 0; i < rows.length; i++) {
        const row = rows[i]!;
        const variant = variants.id[row]!;
        const chromosome = variants.chromosome[row]!;
        const position = variants.position[row]!;
        if (now?.variant !== variant || now.position !== position || now.chromosome !== chromosome) close();
        now ??= { variant, chromosome, position, genes: 0, strongest: -1, log10P: 1 };
        now.genes++;
        if (log10P[i]! < now.log10P) {
          now.log10P = log10P[i]!;
          now.strongest = gene[i]!;
        }
      }
    },
    result(limit = KEPT_ROWS) {
      close();
      return rankHubs(held, limit);
    },
  };
}

/** The variants of a trans map that act on most genes; without rows where none acts on two, or where all pairs are written. */
export function hubsTable({ map, hubs = [], cohort }: MapFacts, shown: number): ReportTable {
  const { id, symbol } = cohort.genes;
  const listed = map.kind === "trans" && isScreened(map.pValue) ? hubs : [];
  const limit = map.kind === "trans" ? threshold(map.pValue) : "";
  return {
    title: "Variants by number of genes",
    shown,
    note: `Variants with the most genes at p ≤ ${limit}; of those within ${bases(HUB_DISTANCE)} of each other the first. One that acts on many may lie near a regulator, or follow cell composition or a batch.`,
    columns: ["Variant", "Variant at (Mb)", "Genes", "Strongest gene", "P"],
    rows: listed.map((hub) => [
      idCell(hub.variant),
      megabases(hub.chromosome, hub.position),
      count(hub.genes),
      idCell(symbol?.[hub.strongest] || id[hub.strongest]!, 30),
      pValue(hub.log10P),
    ]),
  };
}
