import type { GeneColumns, ResultView } from "../../engine/protocol.ts";

/** Pairs tested: as the run counted them, else by gene; of a map of interactions those with the context of `genes`. */
export function testsOf({ counts }: Pick<ResultView, "counts">, { numVariants }: GeneColumns): number {
  return counts?.tests ?? numVariants.reduce((sum, n) => sum + Math.max(0, n), 0);
}
