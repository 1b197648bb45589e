import { planMemory } from "../memory.ts";
import { DEFAULT_MEMORY, type Session } from "../run.ts";
import type { TransJob } from "../transCollect.ts";
import { VARIANTS_PER_PART } from "../transScreen.ts";

/** Candidates and pairs of a slice that memory is planned for. */
const PAIRS_IN_FLIGHT = 2 ** 19;

/**
 * How many slices may be in flight, with `columns` columns on the backend.
 * @throws LimitError when memory does not suffice for one.
 */
export function planTransMemory(
  { cohort }: Pick<TransJob, "cohort">,
  { surveyor: { backend } }: Session,
  columns: number,
  { memory = DEFAULT_MEMORY }: { readonly memory?: number | undefined },
): number {
  const { ahead } = planMemory(
    {
      cohort,
      genes: columns,
      kind: "candidates",
      threads: backend.parallelism,
      takesRemainders: backend.takesRemainders,
      variants: Math.min(VARIANTS_PER_PART, cohort.tables.genotypes.variantCount),
      pairs: PAIRS_IN_FLIGHT,
    },
    memory,
  );
  return ahead;
}
