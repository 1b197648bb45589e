import { type GenomeLayout, type GenomeRange, layOut, variantLayout } from "../../../report/layout.ts";
import type { ChromosomeSpan } from "../answers.ts";
import type { OpenResult } from "../result.ts";
import { genesOf } from "./genes.ts";
import type { ResultTables } from "./tables.ts";

const PAIR_TABLES = [
  ...["cis_pairs", "trans_pairs", "cis_significant"],
  ...["cis_interaction_pairs", "trans_interaction_pairs"],
];

/**
 * The genome's axis of a result: it holds all genes and leads, and all variants of the cohort or, without one, of the tables of pairs (whose
 * row groups say where they begin and end; a group of several chromosomes is read).
 */
export async function layoutOf(
  result: Pick<OpenResult, "kind" | "cohort">,
  tables: ResultTables,
): Promise<readonly ChromosomeSpan[]> {
  const ranges: GenomeRange[] = [];
  const add = (name: string, first: number, last = first): void => {
    if (name !== "" && first > 0) ranges.push({ name, first, last: Math.max(first, last) });
  };
  const genes = await genesOf(tables, result.kind);
  genes.id.forEach((_, g) => {
    add(genes.chromosome[g]!, genes.start[g]!, genes.end[g]!);
    if (result.kind === "cis") add(genes.chromosome[g]!, genes.position[g]!);
  });
  if (result.cohort === undefined) await addPairs(tables, add);
  else
    for (const { name, first, last } of variantLayout(result.cohort.tables.genotypes).spans)
      add(name, first, last);
  return layOut(ranges).spans;
}

async function addPairs(
  tables: ResultTables,
  add: (name: string, first: number, last?: number) => void,
): Promise<void> {
  const table = await tables.first(PAIR_TABLES);
  if (table === undefined || !["chromosome", "position"].every((name) => table.columns.includes(name)))
    return;
  for (const [group, rows] of table.groups.entries()) {
    const chromosome = table.span("chromosome", group);
    const position = table.span("position", group);
    if (chromosome !== undefined && chromosome[0] === chromosome[1] && position !== undefined) {
      add(String(chromosome[0]), Number(position[0]), Number(position[1]));
      continue;
    }
    const spans = new Map<string, [number, number]>();
    const names = await table.texts("chromosome", rows);
    const positions = await table.numbers("position", rows);
    names.forEach((name, i) => {
      const at = positions[i]!;
      const span = spans.get(name);
      if (span === undefined) spans.set(name, [at, at]);
      else if (at < span[0]) span[0] = at;
      else if (at > span[1]) span[1] = at;
    });
    for (const [name, [first, last]] of spans) add(name, first, last);
  }
}

/** The layout that plots and placers take, of an answer's spans. */
export function genomeLayout(spans: readonly ChromosomeSpan[]): GenomeLayout {
  const last = spans.at(-1);
  return { spans, length: last === undefined ? 1 : Math.max(1, last.offset + last.last - last.first) };
}
