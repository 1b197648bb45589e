import type { GeneSets } from "../formats/gmt.ts";
import type { TableWriter } from "../formats/table.ts";
import {
  type FunctionPrediction,
  predictFunctions,
  predictionLog10Q,
} from "../network/functionPrediction.ts";
import { type Membership, membershipOf } from "../network/geneSets.ts";
import {
  columnsOf,
  doubles,
  integers,
  named,
  probabilities,
  schemaOf,
  wholeTable,
} from "../network/tableParts.ts";
import { count, counted } from "../report/numbers.ts";
import { predictReport } from "../report/predictReport.ts";
import { log10 } from "../statistics/elementary.ts";
import { log10NormalTwoSided } from "../statistics/normal.ts";
import { median } from "../statistics/quantile.ts";
import { pValue } from "./format.ts";
import type { PredictOptions } from "./networkFunctionOptions.ts";
import { finish, type NetworkRunning, withInput, writeTable } from "./networkJob.ts";
import { type Coregulation, checkMemory, readCoregulation, readGeneSets } from "./networkTables.ts";
import { type Invocation, version } from "./shell.ts";
import type { SummaryLine } from "./summary.ts";

interface Input {
  readonly network: Coregulation;
  readonly sets: GeneSets;
}

/** What is kept of a prediction: the scores that may be written, not all of them. */
interface Kept extends Pick<FunctionPrediction, "status" | "auc" | "log10P"> {
  readonly gene: Uint32Array;
  readonly z: Float64Array;
}

/** `qortex network predict`. */
export async function runPredict(options: PredictOptions, shell: Invocation): Promise<void> {
  await withInput(
    options,
    "f64 throughout",
    shell,
    {
      open: async (onMessage): Promise<Input> => ({
        network: await readCoregulation(options.coregulation, options.annotation, onMessage),
        sets: await readGeneSets(options.geneSets, onMessage),
      }),
      facts: ({ network, sets }) => [
        counted(network.ids.length, "gene"),
        counted(network.profiles.components, "component"),
        counted(sets.sets.length, "gene set"),
      ],
    },
    (running, input) => complete(running, input, options),
  );
}

async function complete(
  running: NetworkRunning,
  { network, sets }: Input,
  options: PredictOptions,
): Promise<void> {
  const { shell, terminal, clock, backend } = running;
  const { signal } = shell;
  const { minGenes, fdr, scores: most, format } = options;
  const { genes, components } = network.profiles;
  // Coefficients as read, and profiles; scores of a tile of sets.
  const numbers = (3 * components + 64) * genes;
  checkMemory(`the prediction of functions of ${counted(genes, "gene")}`, numbers, options.memory);
  const membership = membershipOf(sets, network.ids, network.symbols);
  const kept: Kept[] = [];
  const members = membership.map((one) => one.members);
  const onProgress = (done: number, total: number) => terminal.progress({ done, total, phase: "testing" });
  const predictions = predictFunctions(network.profiles, members, backend, {
    ...{ leastMembers: minGenes, signal, onProgress },
  });
  for await (const { set, status, score, auc, log10P } of predictions) {
    const gene = written(score, members[set]!, most);
    kept.push({ status, auc, log10P, gene, z: Float64Array.from(gene, (g) => score[g]!) });
  }
  clock.lap("predicting");
  const log10Q = predictionLog10Q(Float64Array.from(kept, ({ log10P }) => log10P));
  const isPredicted = (set: number): boolean => log10Q[set]! <= log10(fdr) && kept[set]!.auc > 0.5;
  const metadata = { "qortex.version": version() };
  const each = columnsOf(kept);
  const columns = [
    each.strings("gene_set", (_, set) => membership[set]!.set.name),
    each.strings("description", (_, set) => membership[set]!.set.description),
    each.strings("status", ({ status }) => status),
    each.integers("genes", (_, set) => membership[set]!.set.genes.length),
    each.integers("genes_in_network", (_, set) => membership[set]!.members.length),
    each.doubles("auc", ({ auc }) => auc),
    ...each.probabilities(({ log10P }) => log10P),
    ...probabilities(log10Q, ["qval", "log10_q"]),
    each.integers("predicted", (_, set) => (isPredicted(set) ? 1 : 0)),
  ];
  await writeTable(running, wholeTable("gene_sets", columns, metadata), format);
  const rows = await writeScores(running, network, membership, kept, isPredicted, format, metadata);
  const predicted = kept.filter((_, set) => isPredicted(set)).length;
  const tried = kept.filter(({ status }) => status === "ok").length;
  const lines = linesOf(membership, kept, tried, predicted, rows, fdr);
  await finish(running, options, {
    kind: "network-predict",
    title: `Prediction of ${counted(sets.sets.length, "gene set")}`,
    lines,
    page: () =>
      predictReport({
        ...{ version: version(), network: network.path, geneSets: options.geneSets },
        ...{ genes, components, fdr, minGenes, lines },
        sets: kept.map(({ status, auc, log10P, gene }, set) => ({
          ...{ name: membership[set]!.set.name, status, auc, log10P, log10Q: log10Q[set]! },
          members: membership[set]!.members.length,
          predicted: isPredicted(set),
          candidates: candidatesOf(network, gene, members[set]!),
        })),
      }),
    counts: { geneSets: sets.sets.length, tried, predicted, scores: rows },
    model: "gene function",
    degreesOfFreedom: network.profiles.components - 2,
    inputs: { coregulation: network.path, "gene sets": options.geneSets, annotation: options.annotation },
  });
}

/** Genes named beside a set. */
const CANDIDATES = 5;

/** The genes of highest score that are no members; `gene` are those written, the highest score first. */
function candidatesOf({ ids, symbols }: Coregulation, gene: Uint32Array, members: Uint32Array): string[] {
  const isMember = new Set(members);
  const others = Array.from(gene).filter((g) => !isMember.has(g));
  return others.slice(0, CANDIDATES).map((g) => symbols?.[g] || ids[g]!);
}

/** The members and the `most` genes of highest score, the highest first (of equal ones the earlier gene). */
function written(score: Float64Array, members: Uint32Array, most: number): Uint32Array {
  if (score.length === 0) return new Uint32Array(0);
  const order = Uint32Array.from(score.keys()).sort((a, b) => score[b]! - score[a]! || a - b);
  const isMember = new Set(members);
  return order.filter((gene, place) => place < most || isMember.has(gene));
}

async function writeScores(
  { folder }: NetworkRunning,
  { ids, symbols }: Coregulation,
  membership: readonly Membership[],
  kept: readonly Kept[],
  isPredicted: (set: number) => boolean,
  format: PredictOptions["format"],
  metadata: Record<string, string>,
): Promise<number> {
  const columnsOf = (set: number, { gene, z }: Pick<Kept, "gene" | "z">) => {
    const isMember = new Set(membership[set]?.members ?? []);
    const name = membership[set]?.set.name ?? "";
    return [
      named("gene_set", [name], new Uint32Array(gene.length)),
      named("gene", ids, gene),
      ...(symbols === undefined ? [] : [named("gene_symbol", symbols, gene)]),
      integers(
        "member",
        Array.from(gene, (g) => (isMember.has(g) ? 1 : 0)),
      ),
      doubles("z", z),
      ...probabilities(z.map(log10NormalTwoSided)),
    ];
  };
  const none = { gene: new Uint32Array(0), z: new Float64Array(0) };
  const table: TableWriter = await folder.table(
    "gene_scores",
    schemaOf(columnsOf(0, none), metadata),
    format,
  );
  for (const [set, one] of kept.entries()) if (isPredicted(set)) await table.write(columnsOf(set, one));
  return (await table.close()).rows;
}

function linesOf(
  membership: readonly Membership[],
  kept: readonly Kept[],
  tried: number,
  predicted: number,
  rows: number,
  fdr: number,
): SummaryLine[] {
  const aucs = kept.filter(({ status }) => status === "ok").map(({ auc }) => auc);
  const lines: SummaryLine[] = [
    {
      label: "Gene sets",
      value: `${count(tried)} tried, ${count(kept.length - tried)} with too few genes in the network (or all)`,
    },
  ];
  if (tried === 0) return lines;
  lines.push({
    label: "Predicted",
    value: count(predicted),
    note: `q <= ${fdr}, Benjamini-Hochberg; median AUC of all ${median(aucs).toFixed(3)}`,
  });
  let best = -1;
  kept.forEach(({ log10P }, set) => {
    if (!Number.isNaN(log10P) && (best < 0 || log10P < kept[best]!.log10P)) best = set;
  });
  const { auc, log10P } = kept[best]!;
  const { set, members } = membership[best]!;
  lines.push({
    label: "Strongest",
    value: `${set.name}, AUC ${auc.toFixed(3)}, p ${pValue(log10P)} (${counted(members.length, "gene")})`,
  });
  lines.push({ label: "Scores", value: count(rows) });
  return lines;
}
