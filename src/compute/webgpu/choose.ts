import type { Backend } from "../backend.ts";
import { adapterName, findAdapter } from "./adapter.ts";
import { createWebGpuBackend } from "./backend.ts";
import { messageOf } from "./failures.ts";

export interface Choice {
  /** The platform's GPU object; undefined where it has none. May throw. */
  readonly gpu: () => Promise<GPU | undefined>;
  /** What there is without a GPU. */
  readonly cpu: Backend;
  readonly onWarning: (text: string) => void;
}

/** The backend of a GPU made of hardware, else the CPU's: a GPU made of software is slower than that. */
export async function fastestBackend({ gpu, cpu, onWarning }: Choice): Promise<Backend> {
  const found = await gpu().catch(() => undefined);
  const adapter = found && (await findAdapter(found).catch(() => undefined));
  if (found === undefined || adapter === undefined || adapterName(adapter.info).software) return cpu;
  try {
    return await createWebGpuBackend({ gpu: found, fallback: cpu, onWarning });
  } catch (error) {
    onWarning(`${messageOf(error)}; going on with ${cpu.description}`);
    return cpu;
  }
}
