import type { InteractionResult } from "../association/interaction/tables.ts";
import type { Cohort } from "../cohort/cohort.ts";
import { throwIfAborted } from "../errors.ts";
import type { WriteInteractionOptions } from "../node/interactionOutput.ts";
import type { OutputFile } from "../node/output.ts";
import type { ContextModel, InteractionAsked, InteractionFacts } from "../report/interactionFacts.ts";
import { anchorOf } from "../report/leads.ts";
import type { CohortFacts, MapFacts } from "../report/mapFacts.ts";
import type { Illustrated } from "../report/report.ts";
import { tableMetadata } from "./cohortJob.ts";
import type { Finishing } from "./finishing.ts";
import type { InteractionOptions } from "./interactionOptions.ts";
import {
  type InteractionPoints,
  interactionFigures,
  interactionLoci,
  interactionPage,
} from "./interactionReport.ts";
import type { MapOptions } from "./options.ts";
import { writeReport } from "./reportFiles.ts";
import { version } from "./shell.ts";
import { SIGNIFICANT_Q } from "./summary.ts";
import { besideTheMap } from "./warnings.ts";

/** What maps of interactions are finished with, whether their parts were just done or are merged. */

type Options = MapOptions & InteractionOptions;

export function askedOf({ kind }: MapFacts["map"], options: Options): InteractionAsked {
  const { mafInteraction, hc3Below, covariateByContext = [], effectiveTests } = options;
  const eigenMT = kind === "cis" && effectiveTests === "eigenmt";
  return { mafInteraction, hc3Below, covariateByContext, eigenMT };
}

/** How their tables are written. */
export function interactionWriting(
  map: MapFacts["map"],
  { memory, format, leadsOnly }: Pick<Options, "format" | "memory" | "leadsOnly">,
  cohort: Pick<Cohort, "marks">,
  models: readonly ContextModel[],
  signal: AbortSignal,
): WriteInteractionOptions {
  return {
    ...{ format, anchor: anchorOf(map), memory, signal, pairs: leadsOnly !== true },
    metadata: { ...tableMetadata(cohort), contexts: models.map(({ context }) => context).join("; ") },
  };
}

/** What is known when the tables are written. */
export interface FinishedInteractions {
  readonly map: MapFacts["map"];
  readonly options: Pick<Options, "seed">;
  readonly cohort: CohortFacts;
  readonly asked: InteractionAsked;
  readonly models: readonly ContextModel[];
  readonly results: readonly InteractionResult[];
  readonly tables: readonly OutputFile[];
}

export function interactionFacts(finished: FinishedInteractions): InteractionFacts {
  const { map, options, cohort, asked, models, results, tables } = finished;
  return {
    ...asked,
    ...{ map, version: version(), seed: options.seed, cohort, significantQ: SIGNIFICANT_Q },
    maps: models.map((model, i) => ({ ...model, result: results[i]! })),
    files: tables.flatMap(({ name, rows, bytes }) => (rows === undefined ? [] : [{ name, rows, bytes }])),
  };
}

/** For the manifest, by context. */
export function interactionCounts({ maps }: InteractionFacts) {
  const number = (value: number): number | null => (Number.isNaN(value) ? null : value);
  return {
    counts: Object.fromEntries(maps.map(({ context, result }) => [context, { ...result.counts }])),
    interaction: maps.map(({ context, degreesOfFreedom, result }) => ({
      ...{ context, degreesOfFreedom, lambda: number(result.null.lambda) },
      lambdaHc3: number(result.lambdaHc3),
    })),
  };
}

/** Plots and page. The tables are complete: what cannot be made is a warning, and the map is kept. */
export async function illustrateInteractions(
  { folder, signal, options, inputs, messages, onMessage }: Finishing,
  facts: InteractionFacts,
  points: InteractionPoints,
): Promise<void> {
  let page: Illustrated;
  try {
    const figures = interactionFigures(facts, points);
    page = interactionPage(facts, figures, interactionLoci(facts, points), {
      options: { ...options },
      inputs,
      messages,
    });
  } catch (error) {
    onMessage(besideTheMap("report.html could not be made", error));
    return;
  }
  throwIfAborted(signal);
  await writeReport(folder, page, onMessage);
}
