import { significantLeads } from "../../../association/conditional/ledGenes.ts";
import { independentSignals, signalThreshold } from "../../../association/conditional/signals.ts";
import type { Cohort } from "../../../cohort/cohort.ts";
import type { Backend } from "../../../compute/backend.ts";
import type { NamedColumns } from "../../../formats/namedColumns.ts";
import { finemap } from "../../../targets/finemap.ts";
import type { GeneColumns, GeneSignals, PairColumns } from "../answers.ts";
import { columnOf, numbersOf, type ResultTables, textsOf } from "./tables.ts";

export interface SignalFacts {
  readonly tables: ResultTables;
  readonly genes: GeneColumns;
  readonly pairs: PairColumns;
  readonly row: number;
  readonly cohort: Cohort | undefined;
  /** Of the map. */
  readonly window: number;
  readonly fdr: number;
  readonly backend: () => Promise<Backend>;
}

/**
 * Signals of one gene. Independent ones come from `cis_independent` where the result has it; else, of a significant gene of a map with
 * permutations, they are searched as `qortex independent` does. Credible sets are SuSiE's, as of `qortex finemap`, where the cohort is open.
 */
export async function signalsOf(facts: SignalFacts): Promise<GeneSignals | undefined> {
  const { cohort, genes, row, pairs } = facts;
  const listed = await listedSignals(facts);
  const gene = cohort?.genes.id.indexOf(genes.id[row]!) ?? -1;
  const pip = new Float64Array(pairs.variant.length).fill(Number.NaN);
  if (cohort === undefined || gene < 0 || cohort.model !== "ols") {
    return listed.length === 0 ? undefined : { independent: listed, credibleSets: [], pip };
  }
  const independent = listed.length > 0 ? listed : await searched(facts, cohort, gene);
  const options = { backend: await facts.backend(), genes: [gene], window: facts.window };
  const credibleSets: GeneSignals["credibleSets"][number][] = [];
  for await (const { fit, sets, variants } of finemap(cohort, options)) {
    if (fit === undefined) continue;
    const at = new Map(pairs.variant.map((id, i) => [id, i]));
    variants.id.forEach((id, v) => {
      const place = at.get(id);
      if (place !== undefined) pip[place] = fit.pip[v]!;
    });
    sets.forEach(({ variants: own, coverage }, s) => {
      credibleSets.push({
        set: s + 1,
        coverage,
        variants: Array.from(own, (v) => variants.id[v]!),
        pip: Float64Array.from(own, (v) => fit.pip[v]!),
      });
    });
  }
  return { independent, credibleSets, pip };
}

async function listedSignals({
  tables,
  genes,
  row,
}: SignalFacts): Promise<GeneSignals["independent"][number][]> {
  const table = await tables.open("cis_independent");
  if (table === undefined) return [];
  const [ids, variants] = [await textsOf(table, ["phenotype_id"]), await textsOf(table, ["variant_id"])];
  const [ranks, log10P] = [await numbersOf(table, ["rank"]), await numbersOf(table, ["log10_p"])];
  return ids.flatMap((id, i) =>
    id === genes.id[row] ? [{ rank: ranks[i]!, variant: variants[i]!, log10P: log10P[i]! }] : [],
  );
}

async function searched(
  facts: SignalFacts,
  cohort: Cohort,
  gene: number,
): Promise<GeneSignals["independent"][number][]> {
  const { tables, genes, row, fdr, window, backend } = facts;
  const table = await tables.open("cis_genes");
  if (table === undefined || columnOf(table, ["pval_beta"]) === undefined || !(genes.q[row]! <= fdr))
    return [];
  const leads = significantLeads(await namedColumns(table), cohort, fdr);
  const own = leads.filter((led) => led.gene === gene);
  const options = { genes: own, threshold: signalThreshold(leads), window, backend: await backend() };
  const found: GeneSignals["independent"][number][] = [];
  for await (const { signals } of independentSignals(cohort, options)) {
    for (const { rank, variants, row: at, conditional } of signals)
      found.push({ rank, variant: variants.id[at]!, log10P: conditional.log10P[at]! });
  }
  return found;
}

/** A table of genes as text, as the command line reads one. */
async function namedColumns(
  table: NonNullable<Awaited<ReturnType<ResultTables["open"]>>>,
): Promise<NamedColumns> {
  const columns = new Map<string, string[]>();
  for (const name of table.columns) {
    const rows = { start: 0, end: table.rows };
    const cells = table.textColumns.has(name)
      ? await table.texts(name, rows)
      : Array.from(await table.numbers(name, rows), (value) => (Number.isNaN(value) ? "" : String(value)));
    columns.set(name.toLowerCase(), cells);
  }
  return {
    name: table.name,
    rows: table.rows,
    titles: table.columns,
    column: (names) =>
      columns.get(names.find((name) => columns.has(name.toLowerCase()))?.toLowerCase() ?? ""),
  };
}
