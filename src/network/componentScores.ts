import type { Backend } from "../compute/backend.ts";
import { Breather } from "../compute/pause.ts";
import { throwIfAborted, UsageError } from "../errors.ts";
import { log10 } from "../statistics/elementary.ts";
import { bhLog10 } from "../statistics/multiple.ts";
import { randomNormal } from "../statistics/randomNormal.ts";
import type { GeneProfiles } from "./coregulation.ts";
import type { GlsFit } from "./generalisedLeastSquares.ts";
import { type Matrix, products } from "./gramOperator.ts";
import { deviationOf, type TraitGenes, type TraitModel } from "./keyGenes.ts";
import { MomentSums, type NullMoments, nullLaw, nullLog10P } from "./nullMoments.ts";

/** A component of the network beside the trait: `slope` is the trait's z for one unit of the component's coefficients, which over the network have standard deviation 1. */
export interface ComponentFit extends GlsFit {
  /** Benjamini and Hochberg over the components; NaN where there is no fit. */
  readonly log10Q: number;
  /** Whether scores are made of it. */
  readonly selected: boolean;
}

export interface ComponentScores {
  /** In the order of the profiles. */
  readonly components: readonly ComponentFit[];
  /** Components that scores are made of. With 0 there are no scores: all below is NaN. */
  readonly selected: number;
  /** One a gene of the network, as everything below. */
  readonly score: Float64Array;
  /** Of the score, were no component associated with the trait and as many taken as now. */
  readonly null: readonly NullMoments[];
  /** log10 of the two-sided p by that null. NaN where a gene has no coefficient but 0. */
  readonly log10P: Float64Array;
  /** The same where each draw is as strong, taken together, as the selected components are. */
  readonly log10PMatched: Float64Array;
}

export interface ComponentScoreOptions {
  /** Components with at most this q are taken. Default 0.05. */
  readonly q?: number | undefined;
  /** Draws of the null, at least 4. Default 10,000. */
  readonly draws?: number | undefined;
  readonly seed?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Components fitted, and draws multiplied, at once; each is its own product. */
const TILE = 128;
const LEAST_DRAWS = 4;
/** Draw d has the stream this + d: null GWAS of the same seed have those from 0 on. */
const FIRST_STREAM = 2 ** 31;

/**
 * The newer key genes of Downstreamer (METHODS 5.5): the trait's z on each component by generalised least squares; those with q of at most `q`; a gene's score is the sum
 * over these of slope times the gene's coefficient. Its null: normal slopes for all components, as many of the strongest taken, `draws` times; Johnson's SU law by the four moments
 * of each gene. Draw d's slope of component k follows from seed, d and k alone. Downstreamer scales all to standard deviation 1 and draws with that of 1 / sqrt(degrees of freedom);
 * here each component has its own standard error (of no association), which is the same where linkage bears alike on all.
 *
 * Memory: 8 bytes times (genes + components) times 128, and 64 a gene; genes times components times draws multiplications.
 * @throws UsageError for too few draws.
 */
export async function componentScores(
  profiles: GeneProfiles,
  trait: TraitGenes,
  model: TraitModel,
  backend: Backend,
  options: ComponentScoreOptions = {},
): Promise<ComponentScores> {
  const { q = 0.05, draws = 10_000, seed = 1, signal, onProgress } = options;
  if (!(Number.isInteger(draws) && draws >= LEAST_DRAWS)) {
    throw new UsageError(`draws of a null are ${draws}; at least ${LEAST_DRAWS}, whole`);
  }
  const components = selectedOf(await componentFits(profiles, trait, model, signal), q);
  const taken = components.flatMap(({ selected }, k) => (selected ? [k] : []));
  if (taken.length === 0) return withoutScores(components, profiles.genes);
  const { coefficients, genes, components: length } = profiles;
  const matrix: Matrix = { rows: genes, length, values: coefficients };
  const slopes = Float64Array.from(components, ({ slope, selected }) => (selected ? slope : 0));
  const score = await products(matrix, { rows: 1, length, values: slopes }, backend, signal);
  const errors = components.map((fit) => nullError(fit, model.degreesOfFreedom));
  const strength = strengthOf(taken.map((k) => components[k]!.slope / errors[k]!));
  const source = { errors, taken: taken.length, seed };
  const sums = await nullSums(matrix, source, draws, strength, backend, signal, onProgress);
  const [chance, matched] = sums.map((of) => of.moments());
  return {
    ...{ components, selected: taken.length, score, null: chance! },
    log10P: byOwnLaw(score, chance!),
    log10PMatched: byOwnLaw(score, matched!),
  };
}

/** The trait on each component, in order, by one unit of its coefficients. */
async function componentFits(
  { coefficients, components }: GeneProfiles,
  { network }: TraitGenes,
  model: TraitModel,
  signal: AbortSignal | undefined,
): Promise<GlsFit[]> {
  const fits: GlsFit[] = [];
  const n = network.length;
  for (let from = 0; from < components; from += TILE) {
    throwIfAborted(signal);
    const tile = Math.min(TILE, components - from);
    const values = new Float64Array(tile * n);
    for (let c = 0; c < tile; c++) {
      for (let i = 0; i < n; i++) values[c * n + i] = coefficients[network[i]! * components + from + c]!;
    }
    // The model scales each to standard deviation 1 among the trait's genes, which are not all of the network.
    const deviations = Array.from({ length: tile }, (_, c) =>
      deviationOf(values.subarray(c * n, (c + 1) * n)),
    );
    const own = await model.fits(values, tile, signal);
    own.forEach((fit, c) => {
      const unit = deviations[c]! > 0 ? deviations[c]! : 1;
      fits.push({ ...fit, slope: fit.slope / unit, se: fit.se / unit });
    });
  }
  return fits;
}

function selectedOf(fits: readonly GlsFit[], q: number): ComponentFit[] {
  const log10P = Float64Array.from(fits, (fit) => fit.log10P);
  const log10Q = bhLog10(log10P, log10P.filter((value) => !Number.isNaN(value)).length);
  const limit = log10(q);
  return fits.map((fit, k) => ({ ...fit, log10Q: log10Q[k]!, selected: log10Q[k]! <= limit }));
}

/** Standard error of a slope were there none: all that the covariates leave of the trait is then error. 0 without a fit, so that no draw has it. */
function nullError({ slope, se }: GlsFit, df: number): number {
  return Number.isNaN(se) ? 0 : Math.sqrt((se * se * df + slope * slope) / (df + 1));
}

const strengthOf = (deviates: readonly number[]): number =>
  Math.sqrt(deviates.reduce((sum, value) => sum + value * value, 0));

function withoutScores(components: readonly ComponentFit[], genes: number): ComponentScores {
  const none = new Float64Array(genes).fill(Number.NaN);
  const unknown = { mean: Number.NaN, deviation: Number.NaN, skewness: Number.NaN, kurtosis: Number.NaN };
  return {
    ...{ components, selected: 0, score: none, null: new Array<NullMoments>(genes).fill(unknown) },
    ...{ log10P: none, log10PMatched: none },
  };
}

/** What draws are made of. */
interface NullSlopes {
  /** Standard error of each component's slope by chance; 0: it has no fit, and is never taken. */
  readonly errors: readonly number[];
  /** Components taken of a draw. */
  readonly taken: number;
  readonly seed: number;
}

/** Of every gene's score over the draws: as they come, and each scaled to `strength`. */
async function nullSums(
  matrix: Matrix,
  source: NullSlopes,
  draws: number,
  strength: number,
  backend: Backend,
  signal: AbortSignal | undefined,
  onProgress: ((done: number, total: number) => void) | undefined,
): Promise<readonly [MomentSums, MomentSums]> {
  const { rows: genes, length } = matrix;
  const [chance, matched] = [new MomentSums(genes), new MomentSums(genes)];
  const breather = new Breather(signal);
  for (let from = 0; from < draws; from += TILE) {
    onProgress?.(from, draws);
    const tile = Math.min(TILE, draws - from);
    const values = new Float64Array(tile * length);
    const scales = new Float64Array(tile);
    for (let d = 0; d < tile; d++) {
      await breather.pause();
      const own = values.subarray(d * length, (d + 1) * length);
      scales[d] = strength / drawSlopes(source, from + d, own);
    }
    const scores = await products(matrix, { rows: tile, length, values }, backend, signal);
    for (let d = 0; d < tile; d++) {
      await breather.pause();
      const own = scores.subarray(d * genes, (d + 1) * genes);
      chance.add(own, 1);
      matched.add(own, scales[d]!);
    }
  }
  onProgress?.(draws, draws);
  return [chance, matched];
}

/** Slopes of draw `d` into `slopes`, 0 of what is not taken; returns the root of the sum of squares of the deviates taken. */
function drawSlopes({ errors, taken, seed }: NullSlopes, d: number, slopes: Float64Array): number {
  errors.forEach((error, k) => {
    slopes[k] = error > 0 ? randomNormal(seed, FIRST_STREAM + d, k) : 0;
  });
  // Deviates are equal in size with a probability of some 2^-53: no tie needs to be broken.
  const least = slopes.map(Math.abs).sort()[slopes.length - taken]!;
  let square = 0;
  for (let k = 0; k < slopes.length; k++) {
    const deviate = slopes[k]!;
    const kept = Math.abs(deviate) >= least ? deviate : 0;
    square += kept * kept;
    slopes[k] = kept * errors[k]!;
  }
  return Math.sqrt(square);
}

/** By each gene's own law: how peaked it is depends on which components the gene has. */
function byOwnLaw(score: Float64Array, nulls: readonly NullMoments[]): Float64Array {
  return score.map((value, gene) => nullLog10P(value, nulls[gene]!, nullLaw([nulls[gene]!])));
}
