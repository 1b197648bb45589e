import type { CorrelateOptions } from "./networkCorrelateOptions.ts";
import { withExpression } from "./networkJob.ts";
import type { Invocation } from "./shell.ts";

/** `qortex network correlate`. */
export async function runCorrelate(options: CorrelateOptions, shell: Invocation): Promise<void> {
  await withExpression(options, "screen, then f64", shell, async () => {});
}
