import { significantLeads } from "../../../association/conditional/ledGenes.ts";
import { independentSignals, signalThreshold } from "../../../association/conditional/signals.ts";
import type { Cohort } from "../../../cohort/cohort.ts";
import type { Backend } from "../../../compute/backend.ts";
import type { NamedColumns } from "../../../formats/namedColumns.ts";
import { finemap } from "../../../targets/finemap.ts";
import type { GeneColumns, GeneSignals, PairColumns } from "../answers.ts";
import type { ResultKind } from "../result.ts";
import { alongPairs, type IndependentSignal, listedSets, listedSignals } from "./listedSignals.ts";
import { columnOf, type ResultTables } from "./tables.ts";

export interface SignalFacts {
  readonly tables: ResultTables;
  readonly kind: ResultKind;
  readonly genes: GeneColumns;
  readonly pairs: PairColumns;
  readonly row: number;
  readonly cohort: Cohort | undefined;
  /** Of the map. */
  readonly window: number;
  readonly fdr: number;
  readonly backend: () => Promise<Backend>;
}

/** Columns of `cis_genes` of samples that are not independent: the page has no such model. */
const SHARED = ["h2", "donor_icc"];

/**
 * Signals of one gene of a cis map. Independent ones come from `cis_independent` where the result has the gene there; else, of a significant gene of a
 * map with permutations, they are searched as `qortex independent` does. Credible sets come from the tables of `qortex finemap`; else, of a significant
 * gene, they are SuSiE's, where the cohort is open: calls stay packed, so that memory is a few numbers a variant. What was not done is said.
 * Undefined for other results.
 */
export async function signalsOf(facts: SignalFacts): Promise<GeneSignals | undefined> {
  const { tables, kind, genes, row, pairs } = facts;
  if (kind !== "cis") return undefined;
  const listed = await listedSignals(tables, genes.id[row]!, pairs);
  const sets = await listedSets(tables, genes.id[row]!, pairs);
  const says = [
    ...(listed.length > 0 ? ["Signals are those of cis_independent, in this result."] : []),
    ...(sets === undefined ? [] : ["Credible sets are those of qortex finemap, in this result."]),
  ];
  const none = { credibleSets: [], pip: new Float64Array(pairs.variant.length).fill(Number.NaN) };
  const why = listed.length > 0 && sets !== undefined ? undefined : whyNot(facts);
  if (typeof why === "string") {
    return { independent: listed, ...(sets ?? none), says: [...says, why] };
  }
  const found = listed.length > 0 || why === undefined ? undefined : await searched(facts, why);
  const mapped = sets ?? (why === undefined ? none : await finemapped(facts, why));
  return {
    independent: found?.independent ?? listed,
    ...{ credibleSets: mapped.credibleSets, pip: mapped.pip },
    says: [
      ...says,
      ...(found === undefined ? [] : [found.says]),
      ...(sets === undefined ? ["Credible sets are SuSiE's, of the samples that are loaded."] : []),
    ],
  };
}

/** Where a gene can be searched and mapped. */
interface Searchable {
  readonly cohort: Cohort;
  readonly gene: number;
}

/** Or why it cannot. */
function whyNot({ genes, row, cohort, fdr }: SignalFacts): Searchable | string {
  if (genes.contexts !== undefined) {
    return "Signals and credible sets are of a variant's effect, not of its interaction with a context: none are searched here.";
  }
  const q = genes.q[row]!;
  if (!(q <= fdr)) {
    const much = Number.isNaN(q) ? "it has no q" : `its q is ${q.toPrecision(2)}`;
    return `The gene is not significant (${much}, above ${fdr}): it is not searched for signals and not fine-mapped, which would map noise.`;
  }
  if (cohort === undefined)
    return "Load the cohort's files to search the gene for signals and to fine-map it.";
  const gene = cohort.genes.id.indexOf(genes.id[row]!);
  if (gene < 0) return "The files that are loaded do not have this gene: it cannot be fine-mapped.";
  return cohort.model === "ols" ? { cohort, gene } : "Fine-mapping needs genotypes without the covariates.";
}

async function finemapped(
  { pairs, window, backend }: SignalFacts,
  { cohort, gene }: Searchable,
): Promise<Pick<GeneSignals, "credibleSets" | "pip">> {
  const options = { backend: await backend(), genes: [gene], window, packed: true };
  for await (const { fit, sets, variants } of finemap(cohort, options)) {
    if (fit === undefined) continue;
    return {
      pip: alongPairs(pairs, variants.id, (v) => fit.pip[v]!),
      credibleSets: sets.map(({ variants: own, coverage }, s) => ({
        ...{ set: s + 1, coverage },
        variants: Array.from(own, (v) => variants.id[v]!),
        pip: Float64Array.from(own, (v) => fit.pip[v]!),
      })),
    };
  }
  return { credibleSets: [], pip: alongPairs(pairs, [], () => Number.NaN) };
}

async function searched(
  { tables, pairs, fdr, window, backend }: SignalFacts,
  { cohort, gene }: Searchable,
): Promise<{ readonly independent: readonly IndependentSignal[]; readonly says: string }> {
  const table = await tables.open("cis_genes");
  if (table === undefined || columnOf(table, ["pval_beta"]) === undefined)
    return { independent: [], says: "Conditional signals are searched where the map has permutations." };
  if (columnOf(table, ["group_id", ...SHARED]) !== undefined) {
    const says =
      "Conditional signals of grouped phenotypes and of samples that are not independent are searched by qortex independent.";
    return { independent: [], says };
  }
  const leads = significantLeads(await namedColumns(table), cohort, fdr);
  const own = leads.filter((led) => led.gene === gene);
  const options = { genes: own, threshold: signalThreshold(leads), window, backend: await backend() };
  const independent: IndependentSignal[] = [];
  for await (const { signals } of independentSignals(cohort, options)) {
    for (const { rank, variants, row: at, conditional } of signals) {
      independent.push({
        ...{ rank, variant: variants.id[at]!, log10P: conditional.log10P[at]! },
        given: alongPairs(pairs, variants.id, (v) => conditional.log10P[v]!),
      });
    }
  }
  return {
    independent,
    says: "Signals were searched in the samples that are loaded, as qortex independent does.",
  };
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
