import { DEFAULT_MEMORY } from "../association/run.ts";
import { type ExpressionSet, subset } from "../cohort/expressionSet.ts";
import type { Backend } from "../compute/backend.ts";
import { canonicalDot } from "../compute/exact.ts";
import { Breather } from "../compute/pause.ts";
import { InputError } from "../errors.ts";
import { counted, listed } from "../formats/wording.ts";
import { median } from "../statistics/quantile.ts";
import { permutation } from "../statistics/random.ts";
import { type NetworkType, power as raised, similarity } from "./adjacency.ts";
import { condensed, condensedLength, condensedPair } from "./condensed.ts";
import { Correlator } from "./correlator.ts";
import { correlationRows } from "./denseMatrix.ts";
import { eigengene, scaledGenes } from "./eigengenes.ts";
import type { Measure } from "./measure.ts";

/** The statistics of one module in the other data: four of its density, three of its connectivity. */
export const PRESERVATION_STATISTICS = [
  "var_explained",
  "mean_kme",
  "mean_cor",
  "mean_adjacency",
  "cor_k_within",
  "cor_kme",
  "cor_cor",
] as const;
const DENSITY = 4;

export interface ModulePreservation {
  readonly module: number;
  /** Genes of the module that the other data have too, and how many of them were looked at. */
  readonly genes: number;
  readonly used: number;
  /** By the order of {@link PRESERVATION_STATISTICS}; NaN for a module of fewer than 3 common genes. */
  readonly observed: readonly number[];
  /** How many standard deviations above the mean of random modules of the same size. */
  readonly z: readonly number[];
  readonly zDensity: number;
  readonly zConnectivity: number;
  /** Their mean: below 2 no evidence of preservation, above 10 strong evidence. */
  readonly zSummary: number;
}

export interface PreservationOptions {
  readonly measure: Measure;
  readonly type: NetworkType;
  readonly power: number;
  /** Random modules of each size. Default 100. */
  readonly permutations?: number | undefined;
  readonly seed?: number | undefined;
  /** Makes the correlations of the other data, all at once, where a share of `memory` holds them; without it they are made again in each permutation. The same numbers. */
  readonly backend?: Backend | undefined;
  /** Bytes the process may use. */
  readonly memory?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Larger modules are represented by so many of their genes, drawn by the seed (as WGCNA). */
const MOST_GENES = 1000;
/** The share of memory that the correlations of all common genes may take. */
const SHARE = 0.25;
const LEAST_GENES = 3;
const DRAW_STREAM = 72;
const PERMUTATION_STREAM = 73;

/**
 * Whether the modules of one data set are found in another (Langfelder, Luo, Oldham and Horvath, PLoS Comput. Biol. 7 (2011)
 * e1001057): Zsummary, against modules of genes drawn at random from those that both data sets have. Genes are matched by id.
 * As in WGCNA's modulePreservation the correlation of kME counts without its sign; kME is Pearson's, whatever the measure.
 */
export async function modulePreservation(
  reference: ExpressionSet,
  labels: Int32Array,
  test: ExpressionSet,
  options: PreservationOptions,
): Promise<ModulePreservation[]> {
  const { permutations = 100, seed = 1, signal, onProgress } = options;
  const testRow = new Map(test.id.map((id, row) => [id, row]));
  const common = Array.from(reference.id.keys()).filter((gene) => {
    const row = testRow.get(reference.id[gene]!);
    return row !== undefined && reference.status[gene] === "ok" && test.status[row] === "ok";
  });
  if (common.length === 0) {
    throw new InputError(
      test.name,
      `has none of the ${counted(reference.id.length, "gene")} of ${reference.name} (${listed(new Set(reference.id))}): its genes are ${listed(new Set(test.id))}`,
      "genes are matched by id: write them alike in both files",
    );
  }
  const partner = Uint32Array.from(common, (gene) => testRow.get(reference.id[gene]!)!);
  // Of either set the common genes alone, in the order of the reference.
  const first = new Side(subset(reference, Uint32Array.from(common)), options);
  const second = await Side.whole(subset(test, partner), options);
  const modules = [...new Set(labels)].filter((label) => label > 0).sort((a, b) => a - b);
  const subjects = modules.map((label) => {
    const all = Array.from(common.keys()).filter((at) => labels[common[at]!] === label);
    const drawn = all.length <= MOST_GENES ? all : draw(all, seed, label);
    const own = first.describe(drawn);
    return { label, all, drawn, own, random: [] as number[][] };
  });
  const observed = subjects.map(({ drawn, own }) => compare(own, second.describe(drawn)));
  const breather = new Breather(signal);
  for (let p = 0; p < permutations; p++) {
    await breather.pause();
    const order = permutation(seed, PERMUTATION_STREAM, p, common.length);
    for (const { drawn, own, random } of subjects) {
      if (drawn.length < LEAST_GENES) continue;
      random.push(compare(own, second.describe(drawn.map((at) => order[at]!))));
      await breather.pause();
    }
    onProgress?.(p + 1, permutations);
  }
  return subjects.map(({ label, all, drawn, random }, m) =>
    summed(label, all.length, drawn.length, observed[m]!, random),
  );
}

function draw(all: readonly number[], seed: number, label: number): number[] {
  const order = permutation(seed, DRAW_STREAM, label, all.length).subarray(0, MOST_GENES);
  return Array.from(order, (i) => all[i]!).sort((a, b) => a - b);
}

/** Some genes of one data set, as a module. */
interface Described {
  readonly explained: number;
  readonly kME: Float64Array;
  readonly kWithin: Float64Array;
  /** The correlations of all pairs, i < j, row by row. */
  readonly r: Float64Array;
  readonly meanAdjacency: number;
}

class Side {
  private readonly correlator: Correlator;
  private readonly scaled: ReturnType<typeof scaledGenes>;
  private readonly options: PreservationOptions;
  /** All correlations, condensed. */
  private r: Float64Array | undefined;

  /** With all correlations, where there is a backend to make and memory to hold them. */
  static async whole(set: ExpressionSet, options: PreservationOptions): Promise<Side> {
    const side = new Side(set, options);
    const { backend, memory = DEFAULT_MEMORY, signal } = options;
    const count = set.id.length;
    if (backend === undefined || 8 * condensedLength(count) > SHARE * memory) return side;
    const r = new Float64Array(condensedLength(count));
    const rows = correlationRows(side.correlator, backend, { upper: true, signal });
    for await (const { from, to, values } of rows) {
      for (let a = from; a < to; a++) {
        const own = values.subarray((a - from) * count + a + 1, (a - from + 1) * count);
        r.set(own, condensed(a, a + 1, count));
      }
    }
    side.r = r;
    return side;
  }

  constructor(set: ExpressionSet, options: PreservationOptions) {
    this.correlator = new Correlator([set], options.measure);
    this.scaled = scaledGenes(set);
    this.options = options;
  }

  /** r of two genes, 0 where there is none. */
  private correlation(a: number, b: number): number {
    const { count, cohorts } = this.correlator;
    if (this.r !== undefined) this.one.r = this.r[condensedPair(a, b, count)]!;
    else cohorts[0]!.correlate(a, b, this.one);
    return Number.isNaN(this.one.r) ? 0 : this.one.r;
  }

  private readonly one = { n: 0, r: 0 };

  describe(genes: readonly number[]): Described {
    const { type, power } = this.options;
    const size = genes.length;
    const r = new Float64Array((size * (size - 1)) / 2);
    const kWithin = new Float64Array(size);
    let sum = 0;
    let at = 0;
    for (let i = 0; i < size; i++) {
      for (let j = i + 1; j < size; j++) {
        const value = this.correlation(genes[i]!, genes[j]!);
        r[at++] = value;
        const a = raised(similarity(value, type), power);
        sum += a;
        kWithin[i] = kWithin[i]! + a;
        kWithin[j] = kWithin[j]! + a;
      }
    }
    const { vector, explained } = eigengene(this.scaled, genes);
    const { samples, values } = this.scaled;
    const kME = Float64Array.from(genes, (gene) => {
      const norm = Math.sqrt(canonicalDot(values, gene * samples, values, gene * samples, samples));
      return canonicalDot(values, gene * samples, vector, 0, samples) / norm;
    });
    return { explained, kME, kWithin, r, meanAdjacency: sum / Math.max(1, r.length) };
  }
}

/** The statistics, in their order. */
function compare(reference: Described, test: Described): number[] {
  return [
    test.explained,
    Math.abs(meanSigned(reference.kME, test.kME)),
    meanSigned(reference.r, test.r),
    test.meanAdjacency,
    correlation(reference.kWithin, test.kWithin),
    Math.abs(correlation(reference.kME, test.kME)),
    correlation(reference.r, test.r),
  ];
}

/** The mean of `of`, each with the sign that its partner has. */
function meanSigned(signs: Float64Array, of: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < of.length; i++) sum += signs[i]! < 0 ? -of[i]! : of[i]!;
  return sum / of.length;
}

function correlation(x: Float64Array, y: Float64Array): number {
  const n = x.length;
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / n;
  const [mx, my] = [mean(x), mean(y)];
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [a, b] = [x[i]! - mx, y[i]! - my];
    xy += a * b;
    xx += a * a;
    yy += b * b;
  }
  return xy / Math.sqrt(xx * yy);
}

function summed(
  module: number,
  genes: number,
  used: number,
  observed: readonly number[],
  random: readonly (readonly number[])[],
): ModulePreservation {
  if (used < LEAST_GENES) {
    const none = PRESERVATION_STATISTICS.map(() => Number.NaN);
    return {
      module,
      genes,
      used,
      observed: none,
      z: none,
      ...{ zDensity: NaN, zConnectivity: NaN, zSummary: NaN },
    };
  }
  const z = observed.map((value, i) => {
    const values = random.map((row) => row[i]!).filter((one) => !Number.isNaN(one));
    const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
    const squares = values.reduce((sum, one) => sum + (one - mean) * (one - mean), 0);
    return (value - mean) / Math.sqrt(squares / (values.length - 1));
  });
  const zDensity = median(z.slice(0, DENSITY));
  const zConnectivity = median(z.slice(DENSITY));
  return {
    module,
    genes,
    used,
    observed,
    z,
    zDensity,
    zConnectivity,
    zSummary: (zDensity + zConnectivity) / 2,
  };
}
