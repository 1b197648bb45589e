import type { RowRange } from "../../../formats/parquetColumns.ts";
import { genomePlacer } from "../../../report/layout.ts";
import type { ChromosomeSpan, GeneColumns, PointColumns } from "../answers.ts";
import type { ResultKind } from "../result.ts";
import { genomeLayout } from "./axis.ts";
import { geneRows } from "./genes.ts";
import { StrongestPoints } from "./strongest.ts";
import { integersOf, log10POf, type ResultTables, textsOf } from "./tables.ts";

export interface PointsAsked {
  readonly tables: ResultTables;
  readonly kind: ResultKind;
  readonly genes: GeneColumns;
  readonly layout: readonly ChromosomeSpan[];
  /** Points at most. */
  readonly limit: number;
}

/**
 * The pairs of a result by genome position: all of them where they are no more than `limit`, else the strongest of each cell of a grid as fine
 * as the limit allows (see {@link StrongestPoints}). A result without a table of all pairs gives its significant ones and the lead of every
 * gene. Pairs off the layout or without p are left out. Holds a row group beside what it returns.
 */
export async function pointsOf({ tables, kind, genes, layout, limit }: PointsAsked): Promise<PointColumns> {
  const place = genomePlacer(genomeLayout(layout));
  const whole = await tables.first([`${kind}_pairs`, `${kind}_interaction_pairs`]);
  const table = whole ?? (await tables.open("cis_significant"));
  const length = genomeLayout(layout).length;
  const leads = whole === undefined ? genes.id.length : 0;
  const all = (table?.rows ?? 0) + leads <= limit;
  const points = new StrongestPoints(length, all ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(limit)));
  const rowOf = await geneRows(tables, genes);
  /** Leads that came with the pairs. */
  const seen = new Uint8Array(genes.id.length);
  for (const rows of table?.groups ?? []) {
    const [id, variant, chromosome] = await textColumns(table!, rows);
    const position = await integersOf(table!, ["position"], rows);
    const log10P = await log10POf(table!, rows);
    const context = genes.context && (await textsOf(table!, ["context"], rows));
    for (let i = 0; i < log10P.length; i++) {
      const gene = rowOf.get(id[i]!);
      if (gene === undefined || (context !== undefined && context[i] !== genes.context)) continue;
      if (variant[i] === genes.variant[gene]) seen[gene] = 1;
      points.offer(place(chromosome[i]!, position[i]!), -log10P[i]!, gene, variant[i]!);
    }
  }
  // The gene's chromosome is the lead's in cis alone: trans tables always have their pairs.
  for (let g = 0; g < leads; g++) {
    if (seen[g] === 1 || kind !== "cis") continue;
    points.offer(place(genes.chromosome[g]!, genes.position[g]!), -genes.log10P[g]!, g, genes.variant[g]!);
  }
  const found = points.result();
  if (kind !== "trans") return found;
  const geneX = Float64Array.from(found.gene, (g) => place(genes.chromosome[g]!, genes.start[g]!));
  return { ...found, geneX };
}

async function textColumns(
  table: Parameters<typeof textsOf>[0],
  rows: RowRange,
): Promise<[string[], string[], string[]]> {
  return [
    await textsOf(table, ["phenotype_id"], rows),
    await textsOf(table, ["variant_id"], rows),
    await textsOf(table, ["chromosome"], rows),
  ];
}
