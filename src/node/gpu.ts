import { readdirSync } from "node:fs";
import { messageOf } from "../compute/webgpu/failures.ts";
import { BackendError } from "../errors.ts";

/**
 * Instances of Dawn, by the adapter asked for. They are never let go: Dawn's adapters and devices do not keep their
 * instance alive, and the process aborts when it is collected under them (webgpu 0.6.2).
 */
const instances = new Map<string | undefined, Promise<GPU>>();

/**
 * Dawn's GPU, with the adapter whose name contains `device` when one is named. The package is loaded when first
 * asked for: it takes tens of megabytes. Throws BackendError where it does not load.
 */
export function openGpu(device?: string | undefined): Promise<GPU> {
  const known = instances.get(device);
  if (known !== undefined) return known;
  const made = loadDawn(device);
  instances.set(device, made);
  return made;
}

async function loadDawn(device: string | undefined): Promise<GPU> {
  try {
    const { create } = await import("webgpu");
    return create(device === undefined ? [] : [`adapter=${device}`]);
  } catch (cause) {
    throw new BackendError(
      `webgpu: Dawn (the package webgpu) does not load on ${process.platform} ${process.arch}: ${messageOf(cause)}; use --backend wasm`,
      { cause },
    );
  }
}

/**
 * Whether the machine may have a GPU at all. On Linux a GPU is a device file; where there is none Dawn need not be
 * loaded, nor its complaints about missing drivers be seen.
 */
export function mayHaveGpu(): boolean {
  if (process.platform !== "linux") return true;
  const has = (folder: string, name: RegExp) => {
    try {
      return readdirSync(folder).some((entry) => name.test(entry));
    } catch {
      return false;
    }
  };
  return has("/dev/dri", /^renderD\d+$/) || has("/dev", /^(nvidia\d+|nvidiactl|dxg)$/);
}

/** Dawn lists its adapters in the error that asking for one called `?` ends in. */
export async function adapterNames(): Promise<string[]> {
  try {
    await (await openGpu("?")).requestAdapter();
    return [];
  } catch (error) {
    return adaptersIn(error instanceof Error ? error.message : String(error));
  }
}

/** ` * backend: 'vulkan', name: 'NVIDIA RTX 4090'`, line after line. */
export function adaptersIn(message: string): string[] {
  const found = message.matchAll(/backend: '([^']*)', name: '([^']*)'/g);
  return Array.from(found, ([, backend, name]) => `${name} (${backend})`);
}
