import type { Cohort } from "../../cohort/cohort.ts";
import { UsageError } from "../../errors.ts";
import { log10 } from "../../statistics/elementary.ts";
import { EffectiveTests } from "../effectiveTests.ts";
import type { ChooseParts, MapPart } from "../mapPart.ts";
import { mapRun, type RunOptions, type Session, withSession } from "../run.ts";
import { survey } from "../survey.ts";
import { GramMaker, type InteractionSurvey } from "./gram.ts";
import { interactionResult } from "./leadNumbers.ts";
import { type InteractionModel, interactionModel } from "./model.ts";
import { Residualiser } from "./residualiser.ts";
import { RobustErrors } from "./robust.ts";
import type { InteractionResult, InteractionRun } from "./tables.ts";
import { TermProducts } from "./termProducts.ts";

/** What every interaction map is run with. */
export interface InteractionOptions extends RunOptions {
  /** Indices of the contexts in the model, among the cohort's. Default: the first. */
  readonly contexts?: readonly number[] | undefined;
  /** Least minor allele frequency in either half of the samples by context. Default 0.05. */
  readonly mafInteraction?: number | undefined;
  /** Covariates whose product with the genotype is in the model. */
  readonly covariateByGenotype?: readonly string[] | undefined;
  /** Covariates whose product with each context is in the model. */
  readonly covariateByContext?: readonly string[] | undefined;
  /** HC3 is computed for pairs with a p up to this, for leads and for the null sample. Default 0.01. */
  readonly robustBelow?: number | undefined;
}

/** What an interaction map holds while it lasts. */
export interface InteractionSession extends Session {
  readonly model: InteractionModel;
  readonly maker: GramMaker;
  /** Undefined where samples are not independent: whitening mixes each sample's own error, which HC3 is made of. */
  readonly robust: RobustErrors | undefined;
  readonly products: TermProducts;
  readonly effectiveTests: EffectiveTests;
  /** log10 of `robustBelow`. */
  readonly log10Robust: number;
  /** Surveys variants `start` to `end` (exclusive) of the source. */
  survey(start: number, end: number): Promise<InteractionSurvey>;
}

/** A run of `body`, whose session is made when the iteration begins. Throws UsageError for options that cannot be. */
export function interactionRun(
  cohort: Cohort,
  options: InteractionOptions,
  body: (session: InteractionSession, choose: ChooseParts | undefined) => AsyncGenerator<MapPart, void>,
): InteractionRun {
  const { mafInteraction = 0.05, robustBelow = 0.01, signal } = options;
  if (!(mafInteraction >= 0 && mafInteraction <= 0.5)) {
    throw new UsageError(`least frequency in either half ${mafInteraction}: must be from 0 to 0.5`);
  }
  if (!(robustBelow >= 0 && robustBelow <= 1)) {
    throw new UsageError(`p below which HC3 is computed ${robustBelow}: must be from 0 to 1`);
  }
  const { covariateByGenotype, covariateByContext } = options;
  const model = interactionModel(cohort, options.contexts ?? [0], covariateByGenotype, covariateByContext);
  let result: InteractionResult | undefined;
  // Norms of variants are those of independent samples: what a covariance makes of them is in the records.
  const independent = { ...model.cohort, covariance: undefined };
  const parts = (choose: ChooseParts | undefined): AsyncGenerator<MapPart, void> =>
    withSession(independent, options, async function* (session) {
      const residualiser = await Residualiser.load(model.cohort.genotypeBasis);
      const maker = await GramMaker.open(model, session.surveyor.backend, mafInteraction, residualiser);
      try {
        const own = {
          ...session,
          tester: model.tester,
          model,
          maker,
          robust: model.errors === undefined ? await RobustErrors.load(model) : undefined,
          products: await TermProducts.load(model),
          effectiveTests: await EffectiveTests.load(model.cohort.samples.length),
          log10Robust: robustBelow === 0 ? Number.NEGATIVE_INFINITY : log10(robustBelow),
          survey: async (start: number, end: number) =>
            maker.make(await survey(session.surveyor, start, end, signal), signal),
        };
        yield* body(own, choose);
      } finally {
        await maker.dispose();
      }
    });
  const { sharedVariance } = model.cohort.genes;
  const run = mapRun(model.cohort, options, parts, (map) => {
    result = interactionResult({ contexts: model.contexts, sharedVariance }, map);
    return result;
  });
  return {
    ...run,
    contexts: model.contexts,
    geneStatus: model.cohort.geneStatus,
    byGenotype: model.covariates,
    covariates: model.cohort.genotypeBasis.count - model.contexts.length,
    degreesOfFreedom: model.tester.degreesOfFreedom,
    sharedVariance,
    result() {
      run.result();
      return result!;
    },
  };
}
