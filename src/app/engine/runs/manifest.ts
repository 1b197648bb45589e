import type { Cohort, Message } from "../../../cohort/cohort.ts";
import type { ExpressionSet } from "../../../cohort/expressionSet.ts";
import type { CohortMarks } from "../../../cohort/marks.ts";
import { samplesRecord } from "../../../cohort/samplesRecord.ts";
import type { OpenCohort } from "../cohort.ts";
import type { FileRole, Job, NetworkJob } from "../protocol.ts";
import type { Directory } from "../store/directory.ts";
import { VERSION } from "../version.ts";

/** A table that a run has written. */
export interface WrittenTable {
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
}

export interface RunFacts {
  readonly job: Job;
  readonly open: OpenCohort;
  readonly backend: string;
  readonly counts: object;
  /** Of the samples that the job used, and of its model. */
  readonly facts: SampleFacts;
  readonly lambda?: number | undefined;
  readonly messages: readonly Message[];
  readonly tables: readonly WrittenTable[];
  readonly seconds: number;
}

export interface SampleFacts {
  readonly samples: object;
  readonly model: string;
  readonly degreesOfFreedom: number;
  /** Of a map: what tells its cohort from others. */
  readonly cohort?: CohortMarks | undefined;
}

/** Of a cohort's files, those that a network is made of. */
const NETWORK_ROLES: ReadonlySet<FileRole> = new Set(["expression", "covariates", "annotation"]);

/** manifest.json as the command line writes it, as far as a page can know: who, what, of which files, with which result. */
export async function manifestText(facts: RunFacts, folder: Directory): Promise<string> {
  const { job, open, backend, counts, lambda, messages, tables, seconds } = facts;
  const { kind, backend: _, threads: __, seed, ...options } = job;
  const { maf, transform } = open.choice;
  // One after the other: a file is held whole while it is hashed.
  const files: object[] = [];
  for (const { name, rows, bytes } of tables)
    files.push({ name, rows, bytes, ...(await hashOf(await folder.blob(name))) });
  const inputs: object[] = [];
  for (const { called, name, file, role } of open.inputs) {
    if (kind === "network" && !NETWORK_ROLES.has(role)) continue;
    inputs.push({ role: called, path: name, bytes: file.size, ...(await hashOf(file)) });
  }
  const manifest = {
    program: "qortex",
    version: VERSION,
    command: ["qortex", kind === "network" ? "network modules" : kind, "(in the browser)"],
    options: { ...options, ...(kind === "network" ? {} : { maf }), transform, seed },
    inputs,
    ...facts.facts,
    seed,
    backend,
    counts,
    ...(lambda === undefined ? {} : { lambda }),
    messages: messages.map(({ level, text }) => ({ level, text })),
    timings: { total: Math.round(seconds * 1000) / 1000 },
    files,
    platform: { browser: navigator.userAgent },
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** Larger files are not hashed: a page must hold what it hashes. */
const HASHED = 2 ** 28;

/** Pages that are not served securely have no hash function. */
async function hashOf(blob: Blob | undefined): Promise<{ sha256?: string }> {
  if (blob === undefined || blob.size > HASHED || globalThis.crypto?.subtle === undefined) return {};
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
  return { sha256: Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("") };
}

/** As the command line has them of a map. */
export function samplesOfCohort({ report, model, degreesOfFreedom, marks }: Cohort): SampleFacts {
  return { samples: samplesRecord(report), model, degreesOfFreedom, cohort: marks };
}

/** As the command line has them of modules: a network's samples need no genotypes. */
export function samplesOfModules(
  { name, samples, covariatesUsed, covariatesDropped }: ExpressionSet,
  { type }: Pick<NetworkJob, "type">,
): SampleFacts {
  return {
    samples: [{ expression: name, used: samples.length, covariatesUsed, covariatesDropped }],
    model: `pearson, ${type}`,
    degreesOfFreedom: samples.length - 2 - covariatesUsed.length,
  };
}
