import type { Backend } from "../compute/backend.ts";
import { throwIfAborted, UsageError } from "../errors.ts";
import { log1p } from "../statistics/elementary.ts";
import { dot } from "../statistics/linalg.ts";
import { inverseNormal } from "../statistics/ranks.ts";
import type { GeneProfiles } from "./coregulation.ts";
import type { CorrelationBlock } from "./geneCorrelation.ts";
import { GeneWhitener, type GlsFit, GlsModel, NO_FIT } from "./generalisedLeastSquares.ts";
import { type Matrix, products } from "./gramOperator.ts";
import { momentsOf } from "./nullMoments.ts";

/** The genes that have both a test of the trait and a place in the network, and what their trait z are regressed beside. */
export interface TraitGenes {
  /** Number of each in the network. */
  readonly network: Uint32Array;
  /** The trait's z, one a gene. */
  readonly z: Float64Array;
  /** Gene by gene, what is no biology: lengths, numbers of variants; without the constant. */
  readonly covariates: readonly Float64Array[];
  /** By numbers within this list. */
  readonly correlation: readonly CorrelationBlock[];
}

export interface TraitModelOptions {
  /** Share of each block's variance that is kept. Default 0.9. */
  readonly variance?: number | undefined;
  /** Normal quantiles of the ranks in place of z: a few very strong loci then weigh no more than others. Default false. */
  readonly ranks?: boolean | undefined;
  /** z of the genes under random phenotypes, `nulls[phenotype * genes + gene]`, at least four: then a fit has the moments of its t under these. */
  readonly nulls?: Float64Array | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Fits of a trait on anything that has a number a gene. */
export class TraitModel {
  readonly genes: number;
  readonly degreesOfFreedom: number;
  readonly #whitener: GeneWhitener;
  readonly #model: GlsModel;
  readonly #backend: Backend;
  /** What the covariates leave of each null trait, whitened, of norm 1. */
  readonly #nulls: Matrix | undefined;

  private constructor(whitener: GeneWhitener, model: GlsModel, backend: Backend, nulls: Matrix | undefined) {
    this.#nulls = nulls;
    this.genes = whitener.genes;
    this.degreesOfFreedom = model.degreesOfFreedom;
    this.#whitener = whitener;
    this.#model = model;
    this.#backend = backend;
  }

  /** @throws UsageError where there are too few genes, or the z do not differ. */
  static async of(
    { z, covariates, correlation }: TraitGenes,
    backend: Backend,
    options: TraitModelOptions = {},
  ): Promise<TraitModel> {
    const { variance = 0.9, ranks = false, nulls, signal } = options;
    const genes = z.length;
    if (z.every((value) => value === z[0])) {
      throw new UsageError(`the trait's z of ${genes} genes do not differ: nothing to explain`);
    }
    const whitener = new GeneWhitener(correlation, genes, variance);
    const columns = [ranks ? inverseNormal(z) : z, new Float64Array(genes).fill(1), ...covariates];
    const joined = new Float64Array(columns.length * genes);
    columns.forEach((column, c) => {
      joined.set(column, c * genes);
    });
    const white = await whitener.apply(joined, columns.length, backend, signal);
    const model = new GlsModel(white.slice(0, whitener.size), white.subarray(whitener.size));
    const random =
      nulls === undefined ? undefined : await nullTraits(nulls, ranks, whitener, model, backend, signal);
    return new TraitModel(whitener, model, backend, random);
  }

  /** One fit for each of `columns` regressors, `values[column * genes + gene]`, each scaled to standard deviation 1. SCALES `values`. */
  async fits(values: Float64Array, columns: number, signal?: AbortSignal): Promise<GlsFit[]> {
    for (let c = 0; c < columns; c++) scaleToDeviation(values.subarray(c * this.genes, (c + 1) * this.genes));
    const white = await this.#whitener.apply(values, columns, this.#backend, signal);
    const { size } = this.#whitener;
    const rest = Array.from({ length: columns }, (_, c) =>
      this.#model.remainder(white.subarray(c * size, (c + 1) * size)),
    );
    const fits = rest.map((one) => (one === undefined ? NO_FIT : this.#model.fitOfRemainder(one)));
    return this.#nulls === undefined ? fits : this.#withNulls(fits, rest, this.#nulls, signal);
  }

  async #withNulls(
    fits: readonly GlsFit[],
    rest: readonly (Float64Array | undefined)[],
    nulls: Matrix,
    signal: AbortSignal | undefined,
  ): Promise<GlsFit[]> {
    const { length } = nulls;
    const values = new Float64Array(rest.length * length);
    rest.forEach((one, c) => {
      if (one !== undefined) values.set(ofNorm1(one), c * length);
    });
    // `r[column * nulls + phenotype]`: partial correlations, whose t has the model's degrees of freedom.
    const r = await products(nulls, { rows: rest.length, length, values }, this.#backend, signal);
    const t = r.map((value) => value * Math.sqrt(this.degreesOfFreedom / (1 - value * value)));
    return fits.map((fit, c) =>
      rest[c] === undefined ? fit : { ...fit, null: momentsOf(t, c * nulls.rows, nulls.rows) },
    );
  }
}

/** Null traits as the model takes the trait itself. */
async function nullTraits(
  nulls: Float64Array,
  ranks: boolean,
  whitener: GeneWhitener,
  model: GlsModel,
  backend: Backend,
  signal: AbortSignal | undefined,
): Promise<Matrix> {
  const { genes, size } = whitener;
  const count = nulls.length / genes;
  if (!Number.isInteger(count) || count < LEAST_NULLS) {
    throw new UsageError(
      `null traits of ${genes} genes, at least ${LEAST_NULLS}, not ${nulls.length} numbers`,
    );
  }
  const values = ranks ? new Float64Array(nulls.length) : nulls;
  for (let k = 0; ranks && k < count; k++) {
    values.set(inverseNormal(nulls.subarray(k * genes, (k + 1) * genes)), k * genes);
  }
  const white = await whitener.apply(values, count, backend, signal);
  for (let k = 0; k < count; k++) {
    const own = white.subarray(k * size, (k + 1) * size);
    own.set(ofNorm1(model.remainder(own) ?? own));
  }
  return { rows: count, length: size, values: white };
}

const LEAST_NULLS = 4;

function ofNorm1(values: Float64Array): Float64Array {
  const norm = Math.sqrt(dot(values, 0, values, 0, values.length));
  return values.map((value) => value / norm);
}

/** A constant one stays as it is: the fit says that it is a combination of the covariates. */
function scaleToDeviation(values: Float64Array): void {
  const deviation = deviationOf(values);
  if (!(deviation > 0)) return;
  for (let i = 0; i < values.length; i++) values[i]! /= deviation;
}

/** Standard deviation, by n - 1. */
export function deviationOf(values: Float64Array): number {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const square = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0);
  return Math.sqrt(square / (n - 1));
}

/** Where the genes of the network lie; chromosome -1: unknown. */
export interface NetworkPlaces {
  readonly chromosome: Int32Array;
  readonly start: Int32Array;
  readonly end: Int32Array;
}

export interface KeyGeneOptions {
  /** Co-regulation of genes at most this far apart counts as 0, as linkage would make a gene steer its neighbour. Default 250,000. */
  readonly cisDistance?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Genes of the network fitted at once; each is its own product. */
const TILE = 128;

/**
 * Key genes: is a gene co-regulated above all with the genes that the trait's variants lie in? The trait's z against each network gene's co-regulation with
 * the trait's genes (Bakker et al. 2023; de Klein et al. 2023; METHODS 5.5), one fit a gene of the network, in order. Of itself and its neighbours a gene's co-regulation is 0.
 */
export async function* keyGenes(
  profiles: GeneProfiles,
  trait: TraitGenes,
  model: TraitModel,
  places: NetworkPlaces,
  backend: Backend,
  options: KeyGeneOptions = {},
): AsyncGenerator<GlsFit> {
  const { cisDistance = 250_000, signal, onProgress } = options;
  const { genes, components, unit } = profiles;
  const count = trait.network.length;
  const values = new Float64Array(count * components);
  trait.network.forEach((gene, i) => {
    values.set(unit.subarray(gene * components, (gene + 1) * components), i * components);
  });
  const rows = { kind: "real", count, samples: components, values } as const;
  for (let from = 0; from < genes; from += TILE) {
    throwIfAborted(signal);
    onProgress?.(from, genes);
    const tile = Math.min(TILE, genes - from);
    const own = unit.subarray(from * components, (from + tile) * components);
    const columns = await backend.load({
      ...{ count: tile, samples: components, values: own, standardised: false },
    });
    let products: Float64Array;
    try {
      const factor = { rows, columns, norm: new Float64Array(0), weight: 1 };
      products = (await backend.product([factor], { kind: "dense" }, signal)).values[0]!;
    } finally {
      await columns.dispose();
    }
    for (let c = 0; c < tile; c++) {
      const z = products.subarray(c * count, (c + 1) * count);
      for (let i = 0; i < count; i++) z[i] = coregulationZ(z[i]!, components);
      clearNeighbours(z, from + c, trait.network, places, cisDistance);
    }
    yield* await model.fits(products, tile, signal);
  }
  onProgress?.(genes, genes);
}

/**
 * A correlation over `components` as a normal deviate, by Wallace's approximation to that of its t (Biometrika 46, 1959): within half a percent of the exact one, at a tenth of its
 * cost; what it is for is to be regressed on.
 */
export function coregulationZ(r: number, components: number): number {
  const df = components - 2;
  const within = Math.min(1 - 2 ** -53, r * r);
  const z = ((8 * df + 1) / (8 * df + 3)) * Math.sqrt(-df * log1p(-within));
  return r < 0 ? -z : z;
}

function clearNeighbours(
  z: Float64Array,
  gene: number,
  network: Uint32Array,
  { chromosome, start, end }: NetworkPlaces,
  distance: number,
): void {
  network.forEach((other, i) => {
    const near =
      chromosome[gene]! >= 0 &&
      chromosome[other] === chromosome[gene] &&
      start[other]! - end[gene]! <= distance &&
      start[gene]! - end[other]! <= distance;
    if (other === gene || near) z[i] = 0;
  });
}
