import type { ColumnTable, RowRange } from "../../../formats/parquetColumns.ts";
import type { GeneSignals, PairColumns } from "../answers.ts";
import { numbersOf, type ResultTables, textsOf } from "./tables.ts";

export type IndependentSignal = GeneSignals["independent"][number];
export type ListedSet = GeneSignals["credibleSets"][number];

/** The numbers of some variants by row of a gene's pairs; NaN where none is given. Of pairs that share an id the first has it. */
export function alongPairs(
  pairs: PairColumns,
  ids: readonly string[],
  value: (i: number) => number,
): Float64Array {
  const row = new Map<string, number>();
  pairs.variant.forEach((id, i) => {
    if (!row.has(id)) row.set(id, i);
  });
  const out = new Float64Array(pairs.variant.length).fill(Number.NaN);
  ids.forEach((id, i) => {
    const at = row.get(id);
    if (at !== undefined) out[at] = value(i);
  });
  return out;
}

/**
 * Signals of a gene in `cis_independent`, with all its variants given the others where `cis_conditional` is there: both as `qortex independent`
 * writes them.
 */
export async function listedSignals(
  tables: ResultTables,
  gene: string,
  pairs: PairColumns,
): Promise<IndependentSignal[]> {
  const table = await tables.open("cis_independent");
  if (table === undefined) return [];
  const own = await rowsOf(table, gene);
  const [rank, variant, log10P] = [
    await numbersOf(table, ["rank"]),
    await textsOf(table, ["variant_id"]),
    await numbersOf(table, ["log10_p"]),
  ];
  const given = await conditionalOf(tables, gene, pairs);
  return own.map((i) => ({
    ...{ rank: rank[i]!, variant: variant[i]!, log10P: log10P[i]! },
    given: given.get(rank[i]!),
  }));
}

/** By rank of the signal. Reads the row groups that hold the gene. */
async function conditionalOf(
  tables: ResultTables,
  gene: string,
  pairs: PairColumns,
): Promise<ReadonlyMap<number, Float64Array>> {
  const table = await tables.open("cis_conditional");
  const found = new Map<number, { id: string; log10P: number }[]>();
  for (const rows of table?.groups ?? []) {
    const own = await rowsOf(table!, gene, rows);
    if (own.length === 0) continue;
    const [rank, id, log10P] = [
      await numbersOf(table!, ["rank"], rows),
      await textsOf(table!, ["variant_id"], rows),
      await numbersOf(table!, ["log10_p"], rows),
    ];
    for (const i of own) {
      const all = found.get(rank[i]!) ?? [];
      all.push({ id: id[i]!, log10P: log10P[i]! });
      found.set(rank[i]!, all);
    }
  }
  const along = (all: readonly { id: string; log10P: number }[]): Float64Array =>
    alongPairs(
      pairs,
      all.map(({ id }) => id),
      (i) => all[i]!.log10P,
    );
  return new Map([...found].map(([rank, all]) => [rank, along(all)]));
}

/** Credible sets of `qortex finemap` in the result; undefined where it did not map the gene. */
export async function listedSets(
  tables: ResultTables,
  gene: string,
  pairs: PairColumns,
): Promise<{ readonly credibleSets: readonly ListedSet[]; readonly pip: Float64Array } | undefined> {
  const genes = await tables.open("finemap_genes");
  const [sets, members] = [await tables.open("finemap_sets"), await tables.open("finemap_members")];
  if (genes === undefined || sets === undefined || members === undefined) return undefined;
  const at = (await rowsOf(genes, gene))[0];
  const status = at === undefined ? "" : (await textsOf(genes, ["status"]))[at];
  if (status !== "ok" && status !== "not-converged") return undefined;
  const own = await rowsOf(members, gene);
  const [set, variant, pip] = [
    await textsOf(members, ["cs_id"]),
    await textsOf(members, ["variant_id"]),
    await numbersOf(members, ["pip"]),
  ];
  const [names, coverage] = [await textsOf(sets, ["cs_id"]), await numbersOf(sets, ["coverage"])];
  return {
    credibleSets: (await rowsOf(sets, gene)).map((s, number) => {
      const mine = own.filter((i) => set[i] === names[s]);
      return {
        ...{ set: number + 1, coverage: coverage[s]! },
        variants: mine.map((i) => variant[i]!),
        pip: Float64Array.from(mine, (i) => pip[i]!),
      };
    }),
    pip: await listedPip(tables, gene, pairs),
  };
}

async function listedPip(tables: ResultTables, gene: string, pairs: PairColumns): Promise<Float64Array> {
  const out = alongPairs(pairs, [], () => Number.NaN);
  const table = await tables.open("finemap_variants");
  for (const rows of table?.groups ?? []) {
    const own = await rowsOf(table!, gene, rows);
    if (own.length === 0) continue;
    const [id, pip] = [await textsOf(table!, ["variant_id"], rows), await numbersOf(table!, ["pip"], rows)];
    const found = alongPairs(
      pairs,
      own.map((i) => id[i]!),
      (i) => pip[own[i]!]!,
    );
    found.forEach((value, row) => {
      if (!Number.isNaN(value)) out[row] = value;
    });
  }
  return out;
}

/** Rows of a gene within `rows`, counted from their start. */
async function rowsOf(table: ColumnTable, gene: string, rows?: RowRange): Promise<number[]> {
  return (await textsOf(table, ["phenotype_id"], rows)).flatMap((id, i) => (id === gene ? [i] : []));
}
