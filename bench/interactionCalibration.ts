/** How p-values of interactions behave where there is none: donors' genotypes shuffled, expression, context and covariates kept together. */
import { mapCisInteraction } from "../src/association/interaction/cis.ts";
import { buildCohort, type Cohort } from "../src/cohort/cohort.ts";
import { decodeDosages } from "../src/cohort/dosages.ts";
import type { Backend } from "../src/compute/backend.ts";
import { normalQuantile } from "../src/statistics/normal.ts";
import { lambdaGC } from "../src/statistics/quantile.ts";
import { uniform } from "../src/statistics/random.ts";
import { shuffledCohort } from "./calibration.ts";

/**
 * What expression is: as it was measured; or noise whose variance is equal, or follows the context (its standard deviation is multiplied by
 * root 2 per standard deviation), on top of an effect of the context and one of a variant of the gene's window, a tenth of the variance each.
 */
export type Situation = "measured" | "equal variance" | "variance follows the context";

/** Shares of pairs with p at most 0.05 and 0.001, and lambda: over all shuffles. */
export interface Behaviour {
  readonly at05: number;
  readonly at001: number;
  readonly lambda: number;
}

export interface InteractionCalibration {
  readonly tests: number;
  readonly ols: Behaviour;
  readonly hc3: Behaviour;
}

const WINDOW = 1_000_000;
const EFFECT = Math.sqrt(0.1);
const NOISE_SEED = 77;

/** Maps shuffles `from` to `to` (exclusive) of a cohort with contexts, the first of which is tested; every pair by both tests. */
export async function calibrateInteraction(
  cohort: Cohort,
  backend: Backend,
  shuffles: { readonly from: number; readonly to: number },
  situation: Situation,
): Promise<InteractionCalibration> {
  const [ols, hc3]: [Float64Array[], Float64Array[]] = [[], []];
  for (let number = shuffles.from; number < shuffles.to; number++) {
    const shuffled = shuffledCohort(cohort, number);
    const mapped =
      situation === "measured" ? shuffled : await withMadeExpression(shuffled, number, situation);
    const run = mapCisInteraction(mapped, { backend, window: WINDOW, eigenMT: false, robustBelow: 1 });
    for await (const { batch } of run.parts()) {
      ols.push(batch.log10P.slice());
      hc3.push(batch.extra!["log10_p_gi_hc3"]!.slice());
    }
  }
  const [a, b] = [joined(ols), joined(hc3).filter((value) => !Number.isNaN(value))];
  return { tests: a.length, ols: behaviourOf(a), hc3: behaviourOf(b) };
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function behaviourOf(log10P: Float64Array): Behaviour {
  const share = (p: number): number => {
    const limit = Math.log10(p);
    return log10P.reduce((count, value) => count + (value <= limit ? 1 : 0), 0) / log10P.length;
  };
  return { at05: share(0.05), at001: share(0.001), lambda: lambdaGC(log10P) };
}

/** The cohort with made expression. */
async function withMadeExpression(cohort: Cohort, seed: number, situation: Situation): Promise<Cohort> {
  const { tables, report, geneRow, genes } = cohort;
  const n = cohort.samples.length;
  const source = tables.genotypes;
  const block = await source.read(0, source.variantCount, report.genotypeIndex);
  const context = standardised(cohort.contexts!.values.slice(0, n));
  const file = tables.expression.samples.length;
  const values = tables.expression.values.slice();
  genes.id.forEach((_, gene) => {
    const variant = variantNear(cohort, gene);
    const g = new Float64Array(n);
    if (variant >= 0) decodeDosages(block, variant, 1, g);
    const carried = standardised(g);
    for (let s = 0; s < n; s++) {
      const noise = normalQuantile(uniform(NOISE_SEED + seed, gene, s));
      const deviation = situation === "equal variance" ? 1 : 2 ** (context[s]! / 2);
      const at = geneRow[gene]! * file + report.expressionIndex[s]!;
      values[at] = deviation * noise + EFFECT * (carried[s]! + context[s]!);
    }
  });
  const { model, filters } = cohort;
  const expression = { ...tables.expression, values };
  return buildCohort({ ...tables, expression }, { transform: "none", model, ...filters });
}

/** A variant within the gene's window, about as far along it as the gene is in the list; -1 where there is none. */
function variantNear({ tables: { genotypes }, genes, geneChromosome }: Cohort, gene: number): number {
  const near: number[] = [];
  for (let v = 0; v < genotypes.variantCount; v++) {
    if (genotypes.chromosomeCode.at(v) !== geneChromosome[gene]) continue;
    if (Math.abs(genotypes.position.at(v)! - genes.start[gene]!) <= WINDOW) near.push(v);
  }
  return near[Math.floor((near.length * gene) / genes.id.length)] ?? -1;
}

/** Mean 0, variance 1; all 0 where nothing varies. */
function standardised(values: Float64Array): Float64Array {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length);
  return values.map((x) => (deviation > 0 ? (x - mean) / deviation : 0));
}
