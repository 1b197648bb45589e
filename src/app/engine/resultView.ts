import type { MapCounts } from "../../association/tables.ts";
import type { Message } from "../../cohort/cohort.ts";
import { bases, count, counted, threshold } from "../../report/numbers.ts";
import type { GeneColumns, ResultView } from "./protocol.ts";
import type { ResultQueries } from "./queries/queries.ts";
import type { ManifestFacts, OpenResult } from "./result.ts";
import { SIGNIFICANT_Q } from "./runs/mapRun.ts";

/** What the page shows of a result before anything is asked of it. */
export async function viewOfResult(
  open: OpenResult,
  queries: ResultQueries,
  messages: readonly Message[],
): Promise<ResultView> {
  const { manifest } = open;
  const genes = await queries.genes();
  const significantQ = numberIn(manifest.options?.["fdr"], SIGNIFICANT_Q);
  const samples = samplesOf(manifest);
  const facts = { open, significantQ, samples };
  return {
    id: open.id,
    kind: open.kind,
    title: titleOf(open),
    lede: open.kind === "network" ? networkLede(manifest) : await ledeOfMap(facts, genes, queries),
    tables: await tableSizes(open, queries),
    counts:
      open.kind === "network" || genes.contexts !== undefined
        ? undefined
        : (manifest.counts as unknown as MapCounts | undefined),
    lambda: manifest.lambda ?? Number.NaN,
    samples,
    significantQ,
    cohort: open.cohort !== undefined,
    gwas: (open.sides.gwas ?? []).map(({ name }) => name),
    layout: await queries.layout(),
    messages: [...messages, ...saidBy(manifest)],
    manifest,
  };
}

async function tableSizes({ tables }: OpenResult, queries: ResultQueries): Promise<ResultView["tables"]> {
  return Promise.all(
    [...tables].map(async ([name, { size }]) => ({
      name,
      rows: (await queries.tables.open(name))?.rows ?? 0,
      bytes: size,
    })),
  );
}

interface LedeFacts {
  readonly open: OpenResult;
  readonly significantQ: number;
  readonly samples: number;
}

const TITLES = { cis: "cis-eQTL map", trans: "trans-eQTL map", network: "Co-expression modules" } as const;

function titleOf({ kind, name }: OpenResult): string {
  return name === "" ? TITLES[kind] : `${TITLES[kind]} · ${name}`;
}

/** One sentence; of a map of interactions one a context, whichever is shown. */
async function ledeOfMap(facts: LedeFacts, genes: GeneColumns, queries: ResultQueries): Promise<string> {
  const { contexts = [] } = genes;
  if (contexts.length === 0) return mapLede(facts, genes);
  const sentences: string[] = [];
  for (const context of contexts) sentences.push(mapLede(facts, await queries.genes(context)));
  return sentences.join(" ");
}

function mapLede({ open, significantQ, samples }: LedeFacts, genes: GeneColumns): string {
  const tested = genes.numVariants.reduce((sum, n) => sum + (n > 0 ? 1 : 0), 0);
  const found = genes.q.reduce((sum, q) => sum + (q <= significantQ ? 1 : 0), 0);
  const options = open.manifest.options ?? {};
  const where =
    open.kind === "cis"
      ? `a variant within ${bases(numberIn(options["window"], 1_000_000))}`
      : `a variant more than ${bases(numberIn(options["distance"], 5_000_000))} away or on another chromosome`;
  const among = samples > 0 ? ` in ${counted(samples, "sample")}` : "";
  const limit = `(q ≤ ${threshold(significantQ)})`;
  const { context } = genes;
  if (context === undefined)
    return `Of ${counted(tested, "gene")} tested${among}, ${count(found)} ${found === 1 ? "is" : "are"} associated with ${where} ${limit}.`;
  return `Of ${counted(tested, "gene")} tested${among}, the effect of ${where} changes with ${context} in ${count(found)} ${limit}.`;
}

function networkLede({ counts = {} }: ManifestFacts): string {
  const [modules, genes, inside, power] = ["modules", "genes", "genesInModules", "power"].map((name) =>
    numberIn(counts[name], Number.NaN),
  ) as [number, number, number, number];
  if (Number.isNaN(modules)) return "Modules of co-expressed genes.";
  return `${counted(modules, "module")} of ${count(inside)} co-expressed genes among ${count(genes)}, at power ${power}.`;
}

/** Of a map, or of all cohorts of a network. */
export function samplesOf({ samples }: Pick<ManifestFacts, "samples">): number {
  if (Array.isArray(samples))
    return samples.reduce((sum: number, one: unknown) => sum + samplesOf({ samples: one }), 0);
  if (typeof samples !== "object" || samples === null || !("used" in samples)) return 0;
  return numberIn(samples.used, 0);
}

/** What the run warned of, as its manifest keeps it. */
function saidBy(manifest: ManifestFacts): Message[] {
  const { messages } = manifest as { readonly messages?: unknown };
  if (!Array.isArray(messages)) return [];
  return messages.filter(
    (message): message is Message => typeof message?.text === "string" && message.level === "warning",
  );
}

function numberIn(value: unknown, otherwise: number): number {
  return typeof value === "number" ? value : otherwise;
}
