import type { Backend } from "../compute/backend.ts";
import { createReferenceBackend } from "../compute/reference/backend.ts";
import { createWasmBackend } from "../compute/wasm/backend.ts";
import { createWebGlBackend } from "../compute/webgl/backend.ts";
import { createWebGpuBackend } from "../compute/webgpu/backend.ts";
import { fastestBackend } from "../compute/webgpu/choose.ts";
import { BackendError } from "../errors.ts";
import { pageGpu } from "./gpu.ts";
import { spawnInPage } from "./threads.ts";

/** The backends of a page. `auto` is a GPU made of hardware, else `wasm`; `webgl` is chosen by nobody but the user. */
export type BackendName = "auto" | "webgpu" | "webgl" | "wasm" | "reference";

export interface BackendOptions {
  /** Workers of `wasm`, which also serves `webgpu` and `webgl`; default: one a core. 0 does everything on the caller's thread. */
  readonly threads?: number | undefined;
  /** What the user should know of the GPU, one line each: made of software, lost, given up. */
  readonly onWarning?: ((text: string) => void) | undefined;
}

/** Throws BackendError where the backend is not there. */
export async function createBackend(name: BackendName, options: BackendOptions = {}): Promise<Backend> {
  if (name === "reference") return createReferenceBackend();
  const { threads = navigator.hardwareConcurrency, onWarning = () => {} } = options;
  const cpu = await createWasmBackend({ threads, spawn: spawnInPage });
  if (name === "wasm") return cpu;
  const gpu = pageGpu();
  if (name === "auto") return fastestBackend({ gpu: async () => gpu, cpu, onWarning });
  try {
    if (name === "webgl") return await createWebGlBackend({ fallback: cpu, onWarning });
    if (gpu === undefined) throw new BackendError("webgpu: this browser has none; ask for wasm");
    return await createWebGpuBackend({ gpu, fallback: cpu, onWarning });
  } catch (error) {
    await cpu.dispose();
    throw error;
  }
}
