import type { Backend } from "../compute/backend.ts";
import { createWasmBackend } from "../compute/wasm/backend.ts";
import { UsageError } from "../errors.ts";
import { mayHaveGpu, openGpu } from "./gpu.ts";
import { spawnThread, threadCount } from "./threads.ts";

/** The backends of Node. `auto` is a GPU made of hardware, else `wasm`. `webgl` is known by name only: to say where it is. */
export type BackendName = "auto" | "webgpu" | "wasm" | "reference" | "webgl";

export interface BackendOptions {
  /** Worker threads of `wasm`, which also serves `webgpu`; default: one a core. */
  readonly threads?: number | undefined;
  /** Part of the name of the GPU that `webgpu` (and `auto`, which then means it) is to use. */
  readonly device?: string | undefined;
  /** What the user should know of the GPU, one line each: made of software, lost, given up. */
  readonly onWarning?: ((text: string) => void) | undefined;
}

/** Throws BackendError where the backend is not there, UsageError for a device without a GPU backend. */
export async function createBackend(name: BackendName, options: BackendOptions = {}): Promise<Backend> {
  const { device, threads = threadCount(), onWarning = () => {} } = options;
  if (device !== undefined && name !== "auto" && name !== "webgpu") {
    throw new UsageError(`the device ${device} is a GPU's, but the backend is ${name}; ask for webgpu`);
  }
  if (name === "webgl") {
    throw new UsageError(
      "the backend webgl: Node has no WebGL, only browsers do; ask for webgpu, wasm or auto",
    );
  }
  // The other backends are loaded where they serve: most maps are made without them.
  if (name === "reference") return (await import("../compute/reference/backend.ts")).createReferenceBackend();
  const cpu = await createWasmBackend({ threads, spawn: spawnThread });
  if (name === "wasm") return cpu;
  if (name === "auto" && device === undefined) {
    if (!mayHaveGpu()) return cpu;
    const { fastestBackend } = await import("../compute/webgpu/choose.ts");
    return fastestBackend({ gpu: () => openGpu(), cpu, onWarning });
  }
  try {
    const { createWebGpuBackend } = await import("../compute/webgpu/backend.ts");
    return await createWebGpuBackend({ gpu: await openGpu(device), fallback: cpu, device, onWarning });
  } catch (error) {
    await cpu.dispose();
    throw error;
  }
}
