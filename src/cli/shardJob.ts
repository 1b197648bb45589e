import { storedPartsOf } from "../association/parts.ts";
import type { Shard } from "../association/resume.ts";
import type { MapResult, MapRun } from "../association/tables.ts";
import { throwIfAborted } from "../errors.ts";
import { type InputFile, writeManifest } from "../node/manifest.ts";
import { writeShard } from "../node/shardFolder.ts";
import type { DrawnPair, KeptMap } from "../report/keptMap.ts";
import { variantLayout } from "../report/layout.ts";
import { count, counted } from "../report/numbers.ts";
import { REPORT_LOCI } from "../report/reportLoci.ts";
import { writeChrX } from "./chrxTable.ts";
import { commonRecord, type Running } from "./cohortJob.ts";
import { duration } from "./format.ts";
import { identityOf, type KeptParts, removeWork } from "./keptParts.ts";
import type { Locus } from "./loci.ts";
import type { MapJob } from "./mapJob.ts";
import { type LedLocus, plottedCohort, strongestLoci } from "./plots.ts";
import { SIGNIFICANT_Q } from "./summary.ts";

/** Writes the parts of a shard to its folder, with all that `qortex merge` needs beside them, and commits it. */
export async function finishShard(
  running: Running,
  job: MapJob,
  shard: Shard,
  kept: KeptParts,
  run: MapRun,
  inputs: readonly InputFile[],
): Promise<void> {
  const { store, done } = kept;
  const summary = run.summary(done.first);
  for await (const part of storedPartsOf(store, done.first, done.end)) {
    throwIfAborted(running.shell.signal);
    summary.add(part);
  }
  const result = summary.result();
  const { drawn, loci } = await drawnOf(running, job, result);
  await leaveShard(running, job, shard, kept, inputs, {
    ...result.counts,
    ...{ drawn, loci },
    geneLevelPlan: run.geneLevelPlan,
  });
}

/** What a shard has found, and what a merge of it needs beside its parts and the cohort's facts. */
export interface ShardEnd extends Pick<KeptMap, "drawn" | "loci" | "geneLevelPlan" | "interaction"> {
  readonly tests: number;
}

/** Writes and commits the folder of a shard whose parts are done. */
export async function leaveShard(
  running: Running,
  job: Pick<MapJob, "options" | "map">,
  shard: Shard,
  { store, work, done, checksum }: KeptParts,
  inputs: readonly InputFile[],
  { tests, drawn, loci, geneLevelPlan, interaction, ...counts }: ShardEnd & Partial<MapResult["counts"]>,
): Promise<void> {
  const { folder, shell, terminal, clock, messages, cohort, backend } = running;
  const { options, map } = job;
  clock.lap("mapping");
  await writeShard(
    folder,
    store,
    {
      program: "qortex",
      kind: "shard",
      identity: identityOf(job, inputs),
      shard,
      plan: { parts: done.parts, checksum, first: done.first, end: done.end },
      options,
      messages: messages.map(({ level, text }) => ({ level, text })),
      backend: backend.name,
    },
    {
      map,
      cohort,
      variants: variantLayout(cohort.tables.genotypes),
      variantsRead: cohort.tables.genotypes.variantCount,
      geneLevelPlan,
      ...{ drawn, loci },
      interaction,
    },
  );
  if (shard.index === 1) await writeChrX(folder, cohort, options.format, shell.signal);
  const common = commonRecord(running, options, inputs);
  await writeManifest(folder, { ...common, counts: { tests, ...counts } });
  throwIfAborted(shell.signal);
  await folder.commit();
  await removeWork(running, work);
  const { index, count: shards } = shard;
  const lines = [
    `Shard ${index} of ${count(shards)} of a ${map.kind} map, in ${duration(clock.total())}`,
    "",
    `Parts  ${count(done.end - done.first)} of ${count(done.parts)}${done.kept > 0 ? ` (${count(done.kept)} done before)` : ""}`,
    `Tests  ${count(tests)}`,
    "",
    `When all ${counted(shards, "shard")} are done: qortex merge <their folders> --out <dir>`,
  ];
  const record = {
    kind: "shard",
    out: options.out,
    shard: { index, count: shards },
    tests,
    parts: done.end - done.first,
  };
  terminal.result(`${lines.join("\n")}\n`, record);
}

/** -log10 p this close (relative) may change places when ties of other shards are settled. */
const CLOSE = 1e-9;

/** The pairs that may be the strongest of the whole map, with what its plots show of them. */
async function drawnOf(
  { cohort, shell: { signal } }: Running,
  { map, options, fdr = SIGNIFICANT_Q }: MapJob,
  result: MapResult,
): Promise<{ readonly drawn: DrawnPair[]; readonly loci: readonly Locus[] }> {
  const { annotation, memory, reportLoci = REPORT_LOCI } = options;
  const facts = { map, cohort, result, significantQ: fdr };
  const leads = strongestLoci(facts, Number.POSITIVE_INFINITY);
  const open = map.kind === "cis" ? openGroups(result) : undefined;
  const settled = open === undefined ? leads : leads.filter(({ lead }) => !open.has(lead.index));
  // Of a cis map a gene's lead is settled within its shard: only the first ones can be the strongest.
  const strongest = (most: number): LedLocus[] => {
    const last = settled[Math.min(most, settled.length) - 1]?.lead.log10P ?? 0;
    if (most === 0 || map.kind === "cis") return settled.slice(0, most);
    return settled.filter(({ lead }, i) => i < most || lead.log10P <= last * (1 - CLOSE));
  };
  const others = [...(open ?? [])].map((gene) => ({ gene, variant: result.leads.leadVariant[gene]! }));
  const plotted = plottedCohort(cohort, { memory, signal }, annotation);
  const drawn: DrawnPair[] = [];
  const pairs = [...strongest(1).map(({ lead, variant }) => ({ gene: lead.index, variant })), ...others];
  for (const { gene, variant } of pairs)
    drawn.push({ variant, gene, values: await plotted.values(variant, gene) });
  const openLeads = open === undefined ? [] : leads.filter(({ lead }) => open.has(lead.index));
  const loci = [...strongest(reportLoci), ...(reportLoci === 0 ? [] : openLeads)];
  return { drawn, loci: await plotted.loci(facts, loci) };
}

/** The phenotypes that lead groups which other shards may have members of: their tests are not settled here. */
function openGroups({ leads, geneLevel }: MapResult): Set<number> {
  const open = new Set<number>();
  if (geneLevel?.grouping === undefined) return open;
  leads.leadVariant.forEach((variant, gene) => {
    const lead = geneLevel.standsFor[gene]!;
    if (variant < 0 && lead >= 0) open.add(lead);
  });
  return open;
}
