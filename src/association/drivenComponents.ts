import { buildCohort, type Cohort } from "../cohort/cohort.ts";
import { columnsAsGenes, type SampleColumns } from "../cohort/views.ts";
import { log10 } from "../statistics/elementary.ts";
import type { RunOptions } from "./run.ts";
import { mapTrans } from "./trans.ts";

/** The variant that is most strongly associated with a component, beyond the limit. */
export interface Driver {
  /** Which of the components. */
  readonly component: number;
  /** Index in the genotype source. */
  readonly variant: number;
  readonly id: string;
  readonly chromosome: string;
  readonly position: number;
  readonly log10P: number;
}

/** A component is set aside below this p (METHODS 1.5). */
export const DRIVEN_P = 1e-7;

/**
 * Tests every variant with every one of `components`, in the model of the cohort's covariates: the components that a variant
 * drives (p < `pValue`), each with its strongest variant. A map of all pairs with components for genes.
 */
export async function drivenComponents(
  cohort: Cohort,
  components: SampleColumns,
  options: RunOptions & { readonly pValue?: number | undefined },
): Promise<{ readonly drivers: readonly Driver[]; readonly tests: number }> {
  const pValue = options.pValue ?? DRIVEN_P;
  if (components.names.length === 0) return { drivers: [], tests: 0 };
  const { pairs: _, ...tables } = cohort.tables;
  const expression = columnsAsGenes("components", cohort.samples, components);
  const own = buildCohort({ ...tables, expression }, { ...cohort.filters, model: cohort.model });
  const run = mapTrans(own, { ...options, pValue, allPairs: true });
  let pairs = 0;
  for await (const batch of run) pairs += batch.gene.length;
  const { leads, counts } = run.result();
  const drivers: Driver[] = [];
  // Genes that lie nowhere keep the order of the table.
  for (let component = 0; component < components.names.length && pairs > 0; component++) {
    const variant = leads.leadVariant[component]!;
    const log10P = leads.log10P[component]!;
    if (variant < 0 || !(log10P < log10(pValue))) continue;
    const { id, chromosome, position } = leads.lead;
    drivers.push({
      ...{ component, variant, id: id[component]!, chromosome: chromosome[component]! },
      ...{ position: position[component]!, log10P },
    });
  }
  return { drivers, tests: counts.tests };
}
