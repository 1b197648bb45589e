import { storedPartsOf } from "../association/parts.ts";
import type { Shard } from "../association/resume.ts";
import type { MapResult, MapRun } from "../association/tables.ts";
import { throwIfAborted } from "../errors.ts";
import { type InputFile, writeManifest } from "../node/manifest.ts";
import { writeShard } from "../node/shardFolder.ts";
import type { DrawnPair, KeptMap } from "../report/keptMap.ts";
import { strongestLeads } from "../report/leads.ts";
import { count, counted } from "../report/numbers.ts";
import { writeChrX } from "./chrxTable.ts";
import { commonRecord, type Running } from "./cohortJob.ts";
import { duration } from "./format.ts";
import { identityOf, type KeptParts, removeWork } from "./keptParts.ts";
import type { MapJob } from "./mapJob.ts";
import { plottedCohort } from "./plots.ts";
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
  const drawn = await drawnPairs(running, job, result);
  await leaveShard(running, job, shard, kept, inputs, {
    ...result.counts,
    drawn,
    geneLevelPlan: run.geneLevelPlan,
  });
}

/** What a shard has found, and what a merge of it needs beside its parts and the cohort's facts. */
export interface ShardEnd extends Pick<KeptMap, "drawn" | "geneLevelPlan" | "interaction"> {
  readonly tests: number;
}

/** Writes and commits the folder of a shard whose parts are done. */
export async function leaveShard(
  running: Running,
  job: Pick<MapJob, "options" | "map">,
  shard: Shard,
  { store, work, done, checksum }: KeptParts,
  inputs: readonly InputFile[],
  { tests, drawn, geneLevelPlan, interaction, ...counts }: ShardEnd & Partial<MapResult["counts"]>,
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
      variants: plottedCohort(cohort).variants,
      variantsRead: cohort.tables.genotypes.variantCount,
      geneLevelPlan,
      drawn,
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

/** The pairs that may be the strongest of the whole map, with what its plot shows of them. */
async function drawnPairs(
  { cohort }: Running,
  { map, fdr = SIGNIFICANT_Q }: MapJob,
  result: MapResult,
): Promise<DrawnPair[]> {
  const leads = strongestLeads({ map, cohort, result, significantQ: fdr });
  const open = map.kind === "cis" ? openGroups(result) : undefined;
  const settled = open === undefined ? leads : leads.filter(({ index }) => !open.has(index));
  const best = settled[0]?.log10P ?? 0;
  // Of a cis map a gene's lead is settled within its shard: only the first can be the strongest.
  const strongest =
    map.kind === "cis" ? settled.slice(0, 1) : settled.filter(({ log10P }) => log10P <= best * (1 - CLOSE));
  const { values } = plottedCohort(cohort);
  const drawn: DrawnPair[] = [];
  for (const gene of [...strongest.map(({ index }) => index), ...(open ?? [])]) {
    const variant = result.leads.leadVariant[gene]!;
    drawn.push({ variant, gene, values: await values(variant, gene) });
  }
  return drawn;
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
