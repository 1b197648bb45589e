import type { GeneColumns } from "../../engine/protocol.ts";
import { type GeneFilter, type GeneSort, geneOrder, genePredicate } from "./geneFilter.ts";

/** The genes as a table of arquero. */
export interface GeneTable {
  /** Rows of {@link GeneColumns} that pass, in order. */
  rows(filter: GeneFilter, sort: GeneSort): Uint32Array;
  /** The same rows with all columns, as TSV with a header; numbers in full, what is missing empty. */
  tsv(filter: GeneFilter, sort: GeneSort): string;
}

/** What is used of arquero's tables: its verbs compile text, which the page's Content-Security-Policy refuses; masks and comparators do not. */
interface ArqueroTable {
  create(options: { filter: unknown; order: (a: number, b: number) => number }): ArqueroTable;
  indices(): Uint32Array;
  columnNames(): string[];
  column(name: string): { at(row: number): unknown } | undefined;
}

/** Loads arquero, which only this view needs. */
export async function geneTable(genes: GeneColumns): Promise<GeneTable> {
  const { BitSet, table } = await import("arquero");
  const all = table(columnsOf(genes)) as unknown as ArqueroTable;
  const chosen = (filter: GeneFilter, sort: GeneSort): ArqueroTable => {
    const passes = genePredicate(genes, filter);
    const mask = new BitSet(genes.id.length);
    for (let row = 0; row < genes.id.length; row++) if (passes(row)) mask.set(row);
    return all.create({ filter: mask, order: geneOrder(genes, sort) });
  };
  return {
    rows: (filter, sort) => chosen(filter, sort).indices(),
    tsv: (filter, sort) => textOf(chosen(filter, sort)),
  };
}

function columnsOf(genes: GeneColumns): Record<string, ArrayLike<unknown>> {
  return {
    ...{ phenotype_id: genes.id, gene_symbol: genes.symbol, chromosome: genes.chromosome },
    ...{ start: genes.start, end: genes.end, strand: genes.strand, status: genes.status },
    ...{ num_var: genes.numVariants, variant_id: genes.variant, position: genes.position },
    ...{ effect_allele: genes.effectAllele, other_allele: genes.otherAllele, af: genes.af },
    ...{ slope: genes.slope, slope_se: genes.slopeSe, log10_p: genes.log10P, q: genes.q },
    ...permutedColumns(genes),
  };
}

/** Those of a map with permutations, where there are any numbers in them. */
function permutedColumns(genes: GeneColumns): Record<string, ArrayLike<unknown>> {
  const columns = {
    ...{ pval_perm: genes.pPerm, log10_p_beta: genes.log10PBeta, log10_p_threshold: genes.log10Threshold },
    ...{ log2_afc: genes.log2Afc, log2_afc_se: genes.log2AfcSe },
  };
  return Object.fromEntries(
    Object.entries(columns).filter(([, values]) => values.some((value) => !Number.isNaN(value))),
  );
}

function textOf(table: ArqueroTable): string {
  const names = table.columnNames();
  const columns = names.map((name) => table.column(name));
  const lines = [names.join("\t")];
  for (const row of table.indices()) {
    const untested = table.column("variant_id")?.at(row) === "";
    const cells = columns.map((column, c) => {
      const value = column?.at(row);
      return Number.isNaN(value) || (untested && names[c] === "position") ? "" : String(value ?? "");
    });
    lines.push(cells.join("\t"));
  }
  return `${lines.join("\n")}\n`;
}
