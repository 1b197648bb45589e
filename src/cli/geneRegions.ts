import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseHTML } from "linkedom/worker";
import { GeneFinder } from "../association/geneIds.ts";
import { InputError } from "../errors.ts";
import { openParquetColumns } from "../formats/parquetColumns.ts";
import { fileSource } from "../node/files.ts";
import { counted } from "../report/numbers.ts";
import { type LocusRegion, regionFigure } from "../report/regions.ts";
import type { NamedFigure } from "../report/report.ts";
import { readTable, tablePath } from "./resultTable.ts";

/** Regional plots of genes of a cis map, from its table of pairs. Throws InputError for genes that it has none of. */
export async function geneFigures(folder: string, genes: readonly string[]): Promise<NamedFigure[]> {
  const pairs = join(folder, "cis_pairs.parquet");
  if (!existsSync(pairs))
    throw new InputError(
      folder,
      "has no cis_pairs.parquet, which --gene reads",
      "it takes a result of 'qortex cis' in Parquet with --write-pairs all",
    );
  const table = await readTable(await tablePath(folder, ["cis_phenotypes", "cis_genes"]));
  const column = (name: string): readonly string[] => table.column([name]) ?? [];
  const [id, symbol] = [column("phenotype_id"), column("gene_symbol")];
  const [chromosome, start, end, strand] = ["chromosome", "start", "end", "strand"].map(column) as [
    readonly string[],
    readonly string[],
    readonly string[],
    readonly string[],
  ];
  const finder = new GeneFinder(id);
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const figures: NamedFigure[] = [];
  const models = id.map((gene, g) => ({
    ...{ id: gene, symbol: symbol[g] ?? "", start: Number(start[g]), end: Number(end[g]) },
    strand: strand[g] === "+" || strand[g] === "-" ? (strand[g] as "+" | "-") : ("." as const),
    exons: new Int32Array(0),
  }));
  for (const asked of genes) {
    const at = finder.find(asked) ?? (symbol.indexOf(asked) < 0 ? undefined : symbol.indexOf(asked));
    if (at === undefined)
      throw new InputError(table.name, `has no gene ${asked}`, "give an id or a symbol of the table");
    const found = await pairsOf(pairs, id[at]!);
    if (found.position.length === 0)
      throw new InputError(pairs, `has no pair of ${asked}`, `its status is ${column("status")[at]}`);
    let lead = 0;
    found.log10P.forEach((value, i) => {
      if (value < found.log10P[lead]!) lead = i;
    });
    const [from, to] = [Math.min(...ends(found.position)), Math.max(...ends(found.position))];
    const region: LocusRegion = {
      ...{ gene: id[at]!, symbol: symbol[at] ?? "", chromosome: chromosome[at]!, start: from, end: to },
      ...found,
      lead,
      r2: undefined,
      genes: models.filter(
        (model, g) => chromosome[g] === chromosome[at] && model.end >= from && model.start <= to,
      ),
    };
    const name = `gene-${figures.length + 1}`;
    figures.push({
      ...regionFigure({ document }, region, name),
      caption: `${counted(found.position.length, "variant")} tested with ${id[at]}, from cis_pairs; colours need the genotypes, and are on 'qortex view'.`,
    });
  }
  return figures;
}

function ends(position: Int32Array): number[] {
  return [position.reduce((a, b) => Math.min(a, b)), position.reduce((a, b) => Math.max(a, b))];
}

/** Statistics may be cut short: the greatest value then begins what lies in the group. */
function isOutside(gene: string, least: string, most: string): boolean {
  return gene < least || (gene > most && !gene.startsWith(most));
}

/** All pairs of a gene: only row groups that may hold it are read. */
async function pairsOf(path: string, gene: string) {
  const source = await fileSource(path);
  try {
    const table = await openParquetColumns(source);
    const id: string[] = [];
    const position: number[] = [];
    const log10P: number[] = [];
    for (const [g, rows] of table.groups.entries()) {
      const span = table.span("phenotype_id", g);
      if (span !== undefined && isOutside(gene, String(span[0]), String(span[1]))) continue;
      const names = await table.texts("phenotype_id", rows);
      const [first, last] = [names.indexOf(gene), names.lastIndexOf(gene)];
      if (first < 0) continue;
      const own = { start: rows.start + first, end: rows.start + last + 1 };
      const [ids, positions, values] = [
        await table.texts("variant_id", own),
        await table.numbers("position", own),
        await table.numbers("log10_p", own),
      ];
      names.slice(first, last + 1).forEach((name, i) => {
        if (name !== gene) return;
        id.push(ids[i]!);
        position.push(positions[i]!);
        log10P.push(values[i]!);
      });
    }
    return { id, position: Int32Array.from(position), log10P: Float64Array.from(log10P) };
  } finally {
    await source.close();
  }
}
