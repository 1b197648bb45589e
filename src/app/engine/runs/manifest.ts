import type { Cohort, Message } from "../../../cohort/cohort.ts";
import type { OpenCohort } from "../cohort.ts";
import type { Job } from "../protocol.ts";
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
  readonly lambda?: number | undefined;
  readonly messages: readonly Message[];
  readonly tables: readonly WrittenTable[];
  readonly seconds: number;
}

/** manifest.json as the command line writes it, as far as a page can know: who, what, of which files, with which result. */
export async function manifestText(facts: RunFacts, folder: Directory): Promise<string> {
  const { job, open, backend, counts, lambda, messages, tables, seconds } = facts;
  const { kind, backend: _, threads: __, seed, ...options } = job;
  const { cohort, choice } = open;
  // One after the other: a file is held whole while it is hashed.
  const files: object[] = [];
  for (const { name, rows, bytes } of tables)
    files.push({ name, rows, bytes, ...(await hashOf(await folder.blob(name))) });
  const inputs: object[] = [];
  for (const { called, name, file } of open.inputs)
    inputs.push({ role: called, path: name, bytes: file.size, ...(await hashOf(file)) });
  const manifest = {
    program: "qortex",
    version: VERSION,
    command: ["qortex", kind === "network" ? "network modules" : kind, "(in the browser)"],
    options: { ...options, maf: choice.maf, transform: choice.transform, seed },
    inputs,
    samples: samplesOf(cohort),
    model: cohort.model,
    degreesOfFreedom: cohort.degreesOfFreedom,
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

function samplesOf({ report }: Cohort): object {
  const { used, genotypesOnly, expressionOnly, covariatesOnly, withoutCovariates, removed } = report;
  const { covariatesUsed, covariatesDropped } = report;
  return {
    used,
    genotypesOnly,
    expressionOnly,
    covariatesOnly,
    withoutCovariates,
    removed,
    covariatesUsed,
    covariatesDropped,
  };
}
