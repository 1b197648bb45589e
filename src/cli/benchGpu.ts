import { BackendError } from "../errors.ts";
import { type AdapterFacts, adapterFacts } from "../node/machine.ts";
import type { BenchOptions } from "./benchOptions.ts";

/** The GPU that there is, whether it is timed, and what is said of it in one line. */
export interface GpuFound {
  readonly adapter: AdapterFacts | undefined;
  readonly timed: boolean;
  readonly text: string;
}

const NONE = "nothing is said here of a GPU's speed";

/**
 * Looks for the GPU that the options ask for. One made of software is timed only when it was asked for: it is slower
 * than wasm. Throws BackendError where a GPU was asked for and there is none.
 */
export async function findGpu({ backend, device }: BenchOptions): Promise<GpuFound> {
  const asked = backend === "webgpu" || device !== undefined;
  if (backend === "wasm" && device === undefined) {
    return { adapter: undefined, timed: false, text: `not looked for (--backend wasm): ${NONE}` };
  }
  const adapter = await adapterFacts(asked, device).catch((error: unknown) => {
    if (asked) throw error;
    return undefined;
  });
  if (adapter === undefined) {
    if (asked)
      throw new BackendError(
        "bench: no GPU was found; install its driver ('qortex doctor' says more), or leave out --backend webgpu",
      );
    return { adapter, timed: false, text: `none found: ${NONE}` };
  }
  const driver = [adapter.vendor, adapter.architecture, adapter.driver]
    .filter((text) => text !== "" && !adapter.name.includes(text))
    .join(", ");
  const name = driver === "" ? adapter.name : `${adapter.name} (${driver})`;
  if (!adapter.software || asked) return { adapter, timed: true, text: name };
  return {
    adapter,
    timed: false,
    text: `${name} is not timed, being CPU instructions; --backend webgpu would: ${NONE}`,
  };
}
