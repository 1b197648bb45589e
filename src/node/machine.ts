import { createRequire } from "node:module";
import { availableParallelism, cpus, loadavg, release, totalmem } from "node:os";
import { adapterName, findAdapter } from "../compute/webgpu/adapter.ts";
import { mayHaveGpu, openGpu } from "./gpu.ts";

/** What numbers were measured on, and when. */
export interface MachineFacts {
  /** ISO 8601, UTC. */
  readonly date: string;
  readonly qortex: string;
  readonly node: string;
  readonly v8: string;
  /** Version of the package webgpu, or null where it is not installed. */
  readonly webgpu: string | null;
  readonly system: string;
  readonly cpu: string;
  readonly threads: number;
  /** Bytes. */
  readonly memory: number;
  /** Mean number of processes that wanted to run in the last minute (0 on Windows, which does not say). */
  readonly load: number;
}

export function machineFacts(version: string): MachineFacts {
  return {
    date: new Date().toISOString(),
    qortex: version,
    node: process.version,
    v8: process.versions.v8,
    webgpu: webgpuVersion() ?? null,
    system: `${process.platform} ${process.arch} ${release()}`,
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    threads: availableParallelism(),
    memory: totalmem(),
    load: loadavg()[0] ?? 0,
  };
}

/** Undefined where the package is not installed. */
export function webgpuVersion(): string | undefined {
  try {
    return (createRequire(import.meta.url)("webgpu/package.json") as { version: string }).version;
  } catch {
    return undefined;
  }
}

/** A GPU as its driver describes it. */
export interface AdapterFacts {
  readonly name: string;
  readonly software: boolean;
  readonly vendor: string;
  readonly architecture: string;
  /** What the driver says of itself. */
  readonly driver: string;
}

/**
 * The GPU that would be used, or undefined. Unless `asked`, Dawn is not loaded on a machine that has no device file of
 * a GPU. Throws BackendError where Dawn fails.
 */
export async function adapterFacts(asked: boolean, device?: string): Promise<AdapterFacts | undefined> {
  if (!asked && !mayHaveGpu()) return undefined;
  const adapter = await findAdapter(await openGpu(device));
  if (adapter === undefined) return undefined;
  const { vendor, architecture, description } = adapter.info;
  return { ...adapterName(adapter.info), vendor, architecture, driver: description };
}
