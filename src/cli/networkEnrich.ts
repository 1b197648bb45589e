import type { Message } from "../cohort/cohort.ts";
import { InputError } from "../errors.ts";
import type { GeneSet } from "../formats/gmt.ts";
import { readGeneList } from "../formats/lists.ts";
import { overlapEnrichment, rankedEnrichment } from "../network/enrichment.ts";
import { membershipOf } from "../network/geneSets.ts";
import { columnsOf, wholeTable } from "../network/tableParts.ts";
import { inflateGzip } from "../node/inflate.ts";
import { type EnrichedSet, enrichReport, shortNumbers } from "../report/enrichReport.ts";
import { count, counted } from "../report/numbers.ts";
import { log10 } from "../statistics/elementary.ts";
import { pValue } from "./format.ts";
import type { EnrichOptions } from "./networkFunctionOptions.ts";
import { checkEnrichOptions } from "./networkFunctionOptions.ts";
import { finish, type NetworkRunning, withInput, writeTable } from "./networkJob.ts";
import { neededColumn, readGeneSets, reading, symbolsOf } from "./networkTables.ts";
import { readTable, tablePath } from "./resultTable.ts";
import { type Invocation, version } from "./shell.ts";
import { SIGNIFICANT_Q, type SummaryLine } from "./summary.ts";

/** Genes that are tested, and what they are tested for. */
interface Input {
  readonly path: string;
  readonly ids: readonly string[];
  readonly sets: readonly GeneSet[];
  /** Numbers of genes, a list a set. */
  readonly members: readonly Uint32Array[];
  readonly lists: readonly { readonly name: string; readonly genes: Uint32Array }[];
  /** A number a gene, of a ranking. */
  readonly score: Float64Array | undefined;
}

/** What WGCNA calls grey, or 0, is no module. */
const NO_MODULE = new Set(["", "NA", "grey", "0"]);
const GENE = ["gene", "phenotype_id", "gene_id"];

/** `qortex network enrich`. */
export async function runEnrich(options: EnrichOptions, shell: Invocation): Promise<void> {
  checkEnrichOptions(options);
  await withInput(
    options,
    "f64 throughout",
    shell,
    {
      open: (onMessage) => open(options, onMessage),
      facts: ({ ids, sets, lists, score }) => [
        counted(ids.length, "gene"),
        counted(sets.length, "gene set"),
        score === undefined ? counted(lists.length, "list") : "1 ranking",
      ],
    },
    (running, input) => complete(running, input, options),
  );
}

async function open(options: EnrichOptions, onMessage: NetworkRunning["onMessage"]): Promise<Input> {
  const sets = await readGeneSets(options.geneSets, onMessage);
  const source = await genesOf(options, onMessage);
  const symbols = options.annotation && (await symbolsOf(options.annotation, source.ids));
  const membership = membershipOf(sets, source.ids, symbols || undefined);
  return { ...source, sets: sets.sets, members: membership.map(({ members }) => members) };
}

async function genesOf(
  options: EnrichOptions,
  onMessage: NetworkRunning["onMessage"],
): Promise<Pick<Input, "path" | "ids" | "lists" | "score">> {
  const { modules, lists, ranking, background } = options;
  if (ranking !== undefined) return rankingOf(ranking);
  const chosen =
    background === undefined
      ? undefined
      : await reading(background, (source) => readGeneList(source, inflateGzip));
  if (modules !== undefined) return modulesOf(modules, chosen, onMessage);
  const given = await readGeneSets(lists!, onMessage);
  const found = membershipOf(given, chosen!);
  const outside = given.sets.reduce((sum, { genes }, i) => sum + genes.length - found[i]!.members.length, 0);
  if (outside > 0) {
    const text = `${given.name}: ${counted(outside, "gene")} of the lists not in the background; left out`;
    onMessage({ level: "warning", text });
  }
  const named = found.map(({ set, members }) => ({ name: set.name, genes: members }));
  return { path: given.name, ids: chosen!, lists: named, score: undefined };
}

async function rankingOf(ranking: string): Promise<Pick<Input, "path" | "ids" | "lists" | "score">> {
  const path = await tablePath(ranking, ["key_genes"]);
  const table = await readTable(path);
  const ids = neededColumn(table, GENE);
  const cells = neededColumn(table, ["score", "z", "t", "stat"]);
  const kept = ids.flatMap((id, i) =>
    cells[i] === "" || cells[i] === "NA" ? [] : [{ id, cell: cells[i]! }],
  );
  const seen = new Set<string>();
  const score = Float64Array.from(kept, ({ id, cell }) => {
    if (seen.has(id)) throw new InputError(table.name, `gene ${id} occurs twice`, "rank each gene once");
    seen.add(id);
    const value = Number(cell);
    if (!Number.isFinite(value)) throw new InputError(table.name, `the score of ${id} is ${cell}, no number`);
    return value;
  });
  return { path, ids: kept.map(({ id }) => id), lists: [], score };
}

async function modulesOf(
  modules: string,
  background: readonly string[] | undefined,
  onMessage: NetworkRunning["onMessage"],
): Promise<Pick<Input, "path" | "ids" | "lists" | "score">> {
  const path = await tablePath(modules, ["communities", "genes"]);
  const table = await readTable(path);
  const gene = neededColumn(table, GENE);
  const module = neededColumn(table, ["module", "community", "colour", "color"]);
  // Genes that could be in no module are no background.
  const status = table.column(["status"]);
  const ids = background ?? [...new Set(gene.filter((_, i) => (status?.[i] ?? "ok") === "ok"))];
  const number = new Map(ids.map((id, i) => [id, i]));
  const lists = new Map<string, Set<number>>();
  gene.forEach((id, i) => {
    const name = module[i]!;
    const known = number.get(id);
    if (known === undefined || NO_MODULE.has(name)) return;
    const list = lists.get(name) ?? new Set();
    lists.set(name, list);
    list.add(known);
  });
  if (lists.size === 0)
    throw new InputError(table.name, "holds no gene in a module", "give a result with modules");
  const doubt =
    background === undefined
      ? ofTableAlone(ids.length, lists, status !== undefined)
      : beyondTable(background, new Set(gene));
  if (doubt !== undefined) onMessage({ ...doubt, text: `${table.name}: ${doubt.text}` });
  const sorted = [...lists].map(([name, genes]) => ({ name, genes: Uint32Array.from(genes).sort() }));
  return { path, ids, lists: sorted, score: undefined };
}

/** What is doubtful of a background that is the genes of the table. */
function ofTableAlone(
  genes: number,
  lists: ReadonlyMap<string, ReadonlySet<number>>,
  hasStatus: boolean,
): Pick<Message, "level" | "text"> | undefined {
  const inModules = [...lists.values()].reduce((sum, list) => sum + list.size, 0);
  if (inModules >= genes) {
    const text = `all ${count(genes)} genes of the table are in a module, and they are the background: if other genes were tested and found in none, give all that were tested by --background`;
    return { level: "warning", text };
  }
  if (hasStatus) return undefined;
  const text = `the background is all ${count(genes)} genes of the table: if modules were made of some of them alone, give these by --background`;
  return { level: "info", text };
}

/** What is doubtful of a background that is given: genes that were in no table cannot have been in a module. */
function beyondTable(
  background: readonly string[],
  table: ReadonlySet<string>,
): Pick<Message, "level" | "text"> | undefined {
  const beyond = background.filter((id) => !table.has(id)).length;
  if (beyond === 0) return undefined;
  const text = `${counted(beyond, "gene")} of the background's ${count(background.length)} not in the table of modules: enrichment counts them as tested and in no module; a background of the whole genome, where modules were made of a part, makes every p too small`;
  return { level: "warning", text };
}

async function complete(running: NetworkRunning, input: Input, options: EnrichOptions): Promise<void> {
  const { clock } = running;
  const { score, ids } = input;
  const { lines, tests } = await (score === undefined
    ? overlaps(running, input, options)
    : ranked(running, input, score, options));
  clock.lap("testing");
  await finish(running, options, {
    kind: "network-enrich",
    title: `Enrichment of ${counted(input.sets.length, "gene set")}`,
    lines,
    page: () =>
      enrichReport({
        ...{ version: version(), path: input.path, geneSets: options.geneSets, genes: ids.length },
        ...{ sets: input.sets.length, lists: input.lists.length, tests, lines },
        kind: score === undefined ? "overlaps" : "ranking",
        significantQ: SIGNIFICANT_Q,
        ...{ minGenes: options.minGenes, maxGenes: options.maxGenes },
        ...{ permutations: options.permutations, seed: options.seed },
      }),
    counts: { genes: ids.length, geneSets: input.sets.length, lists: input.lists.length },
    model: score === undefined ? "hypergeometric" : "ranked",
    degreesOfFreedom: 0,
    inputs: {
      ...{ "gene sets": options.geneSets, [score === undefined ? "lists" : "ranking"]: input.path },
      ...{ background: options.background, annotation: options.annotation },
    },
  });
}

/** What tests come to, for terminal and page. */
interface Tested {
  readonly lines: SummaryLine[];
  /** The strongest first. */
  readonly tests: EnrichedSet[];
}

const metadata = () => ({ "qortex.version": version() });

async function overlaps(
  running: NetworkRunning,
  { ids, sets, members, lists }: Input,
  { minGenes, maxGenes, format }: EnrichOptions,
): Promise<Tested> {
  const limits = { leastGenes: minGenes, mostGenes: maxGenes, signal: running.shell.signal };
  const tests = await overlapEnrichment(
    lists.map(({ genes }) => genes),
    members,
    ids.length,
    limits,
  );
  const found = tests.sort((a, b) => a.list - b.list || a.log10P - b.log10P || a.set - b.set);
  const each = columnsOf(found);
  const columns = [
    each.strings("list", ({ list }) => lists[list]!.name),
    each.strings("gene_set", ({ set }) => sets[set]!.name),
    each.integers("list_genes", ({ listSize }) => listSize),
    each.integers("set_genes", ({ setSize }) => setSize),
    each.integers("shared", ({ shared }) => shared.length),
    each.doubles("expected", ({ expected }) => expected),
    each.doubles("odds_ratio", ({ oddsRatio }) => oddsRatio),
    ...each.probabilities(({ log10P }) => log10P),
    ...each.probabilities(({ log10Q }) => log10Q, ["qval", "log10_q"]),
    each.strings("shared_genes", ({ shared }) => Array.from(shared, (g) => ids[g]!).join(",")),
  ];
  await writeTable(running, wholeTable("overlaps", columns, metadata()), format);
  const significant = found.filter((one) => one.log10Q <= log10(SIGNIFICANT_Q));
  const best = found.reduce((a, b) => (b.log10P < a.log10P ? b : a), found[0]!);
  const lines = [
    { label: "Tests", value: `${count(found.length)} (${counted(lists.length, "list")})` },
    {
      label: "Enriched",
      value: `${count(significant.length)} in ${counted(new Set(significant.map(({ list }) => list)).size, "list")}`,
      note: `q <= ${SIGNIFICANT_Q}, Benjamini-Hochberg over the sets of a list`,
    },
    ...(found.length === 0
      ? []
      : [
          {
            label: "Strongest",
            value: `${lists[best.list]!.name}: ${sets[best.set]!.name}, ${best.shared.length} of ${best.setSize} genes (${best.expected.toFixed(1)} by chance), p ${pValue(best.log10P)}`,
          },
        ]),
  ];
  const strongest = [...found].sort((a, b) => a.log10P - b.log10P || a.list - b.list || a.set - b.set);
  return {
    lines,
    tests: strongest.map((test) => ({
      ...{ list: lists[test.list]!.name, set: sets[test.set]!.name, setGenes: test.setSize },
      ...{ log10P: test.log10P, log10Q: test.log10Q },
      numbers: [count(test.shared.length), ...shortNumbers(test.expected, test.oddsRatio)],
      genes: Array.from(test.shared, (g) => ids[g]!),
    })),
  };
}

async function ranked(
  running: NetworkRunning,
  { ids, sets, members }: Input,
  score: Float64Array,
  { minGenes, maxGenes, permutations, seed, format }: EnrichOptions,
): Promise<Tested> {
  const { signal } = running.shell;
  const limits = { leastGenes: minGenes, mostGenes: maxGenes, permutations, seed, signal };
  const tests = await rankedEnrichment(score, members, limits);
  const found = tests.sort((a, b) => a.log10P - b.log10P || a.set - b.set);
  const each = columnsOf(found);
  const columns = [
    each.strings("gene_set", ({ set }) => sets[set]!.name),
    each.integers("set_genes", ({ setSize }) => setSize),
    each.doubles("auc", ({ auc }) => auc),
    ...each.probabilities(({ log10P }) => log10P),
    ...each.probabilities(({ log10Q }) => log10Q, ["qval", "log10_q"]),
    each.doubles("es", ({ es }) => es),
    each.doubles("nes", ({ nes }) => nes),
    each.doubles("pval_permutation", ({ pPermutation }) => pPermutation),
    each.strings("leading_genes", ({ leading }) => Array.from(leading, (g) => ids[g]!).join(",")),
  ];
  await writeTable(running, wholeTable("ranked", columns, metadata()), format);
  const significant = found.filter((one) => one.log10Q <= log10(SIGNIFICANT_Q));
  const best = found[0];
  const lines = [
    { label: "Ranking", value: counted(ids.length, "gene") },
    { label: "Tests", value: count(found.length) },
    {
      label: "Enriched",
      value: count(significant.length),
      note: `q <= ${SIGNIFICANT_Q}, Benjamini-Hochberg of the rank-sum test`,
    },
    ...(best === undefined
      ? []
      : [
          {
            label: "Strongest",
            value: `${sets[best.set]!.name}, AUC ${best.auc.toFixed(3)}, p ${pValue(best.log10P)}`,
          },
        ]),
  ];
  return {
    lines,
    tests: found.map((test) => ({
      ...{ set: sets[test.set]!.name, setGenes: test.setSize },
      ...{ log10P: test.log10P, log10Q: test.log10Q },
      numbers: [test.auc.toFixed(3), Number.isNaN(test.nes) ? "–" : test.nes.toFixed(2)],
      genes: Array.from(test.leading, (g) => ids[g]!),
    })),
  };
}
