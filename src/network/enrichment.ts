import { Breather } from "../compute/pause.ts";
import { UsageError } from "../errors.ts";
import { hypergeometricTails } from "../statistics/hypergeometric.ts";
import { bhLog10 } from "../statistics/multiple.ts";
import { uniformInt } from "../statistics/random.ts";
import { rankSumOf, tieSum } from "../statistics/rankSum.ts";
import { averageRanks } from "../statistics/ranks.ts";

/** One list of genes (a module) against one gene set, both within the background. */
export interface Overlap {
  readonly list: number;
  readonly set: number;
  /** Genes of the list, of the set and of both. */
  readonly listSize: number;
  readonly setSize: number;
  readonly shared: Uint32Array;
  /** Genes of both that chance alone gives: listSize setSize / background. */
  readonly expected: number;
  /** Of the two by two table; infinite where a list has no gene outside the set, or the set none outside the list; NaN of 0 / 0. */
  readonly oddsRatio: number;
  /** log10 of the hypergeometric P(at least as many shared). */
  readonly log10P: number;
  /** log10 of Benjamini and Hochberg's q over the list's sets. */
  readonly log10Q: number;
}

/** Which sets are tested. */
export interface SetLimits {
  /** Ends the tests with a CancelledError. */
  readonly signal?: AbortSignal | undefined;
  /** Default 5. */
  readonly leastGenes?: number | undefined;
  /** Default 2,000. */
  readonly mostGenes?: number | undefined;
}

const LEAST_GENES = 5;
const MOST_GENES = 2000;

/** Whether a set of so many genes within the background is tested. */
export function isTested(
  size: number,
  { leastGenes = LEAST_GENES, mostGenes = MOST_GENES }: SetLimits,
): boolean {
  return size >= leastGenes && size <= mostGenes;
}

/**
 * Over-representation of each gene set in each list, list after list: one-sided hypergeometric test against `background` genes (those tested, not the genome),
 * Benjamini and Hochberg over the sets of a list. `lists` and `sets` hold numbers of genes below `background`, each once. Sets outside the limits have no row.
 * @throws UsageError for a gene outside the background.
 */
export async function overlapEnrichment(
  lists: readonly Uint32Array[],
  sets: readonly Uint32Array[],
  background: number,
  limits: SetLimits = {},
): Promise<Overlap[]> {
  for (const genes of [...lists, ...sets]) checkGenes(genes, background);
  const breather = new Breather(limits.signal);
  const all: Overlap[] = [];
  for (const [l, list] of lists.entries()) {
    await breather.pause();
    all.push(...overlapsOf(l, list, sets, background, limits));
  }
  return all;
}

function overlapsOf(
  l: number,
  list: Uint32Array,
  sets: readonly Uint32Array[],
  background: number,
  limits: SetLimits,
): Overlap[] {
  const inList = new Uint8Array(background);
  for (const gene of list) inList[gene] = 1;
  const tests = sets.flatMap((set, s) => {
    if (!isTested(set.length, limits)) return [];
    const shared = set.filter((gene) => inList[gene] === 1);
    const k = shared.length;
    const [onlyList, onlySet] = [list.length - k, set.length - k];
    const neither = background - list.length - onlySet;
    const expected = (list.length * set.length) / background;
    const { log10Upper } = hypergeometricTails(k, list.length, set.length, background);
    const oddsRatio = (k * neither) / (onlyList * onlySet);
    const sizes = { listSize: list.length, setSize: set.length };
    return [{ list: l, set: s, ...sizes, shared, expected, oddsRatio, log10P: log10Upper }];
  });
  const q = bhLog10(
    Float64Array.from(tests, ({ log10P }) => log10P),
    tests.length,
  );
  return tests.map((test, i) => ({ ...test, log10Q: q[i]! }));
}

/** One gene set in a ranking of all genes. */
export interface RankedEnrichment {
  readonly set: number;
  readonly setSize: number;
  /** Probability that a gene of the set ranks above another (Mann and Whitney), two-sided p and q over the sets. */
  readonly auc: number;
  readonly log10P: number;
  readonly log10Q: number;
  /** Enrichment score of Subramanian et al. 2005, weight 1. */
  readonly es: number;
  /** `es` over the mean of random sets of the same size and sign; NaN where none has that sign. */
  readonly nes: number;
  /** (1 + random sets of the same sign at least as far out) / (1 + random sets of that sign). */
  readonly pPermutation: number;
  /** The genes up to the running sum's extreme, that make the score: the strongest first. */
  readonly leading: Uint32Array;
}

export interface RankedOptions extends SetLimits {
  /** Random sets of each size. Default 1,000. */
  readonly permutations?: number | undefined;
  readonly seed?: number | undefined;
}

/**
 * Whether the genes of each set gather at the top or the bottom of `score` (one finite number a gene, high first):
 * rank-sum test, and preranked gene set enrichment (Subramanian et al. 2005, PNAS 102, 15545) against random sets of the same size. Genes of equal
 * score come together, so that the order of the genes says nothing.
 * @throws UsageError for a score that is not finite or a gene outside.
 */
export async function rankedEnrichment(
  score: Float64Array,
  sets: readonly Uint32Array[],
  options: RankedOptions = {},
): Promise<RankedEnrichment[]> {
  const { permutations = 1000, seed = 1, signal } = options;
  const genes = score.length;
  const bad = score.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new UsageError(`the score of gene ${bad + 1} is ${score[bad]}, not a finite number`);
  for (const set of sets) checkGenes(set, genes);
  const breather = new Breather(signal);
  const order = Uint32Array.from(score.keys()).sort((a, b) => score[b]! - score[a]! || a - b);
  const ranking = rankingOf(Float64Array.from(order, (gene) => score[gene]!));
  const place = new Uint32Array(genes);
  order.forEach((gene, at) => {
    place[gene] = at;
  });
  const ranks = averageRanks(score);
  const ties = tieSum(score);
  const nulls = new Map<number, Float64Array>();
  const tests: Omit<RankedEnrichment, "log10Q">[] = [];
  for (const [s, set] of sets.entries()) {
    if (!isTested(set.length, options) || set.length >= genes) continue;
    const scores =
      nulls.get(set.length) ?? (await randomScores(ranking, set.length, permutations, seed, breather));
    nulls.set(set.length, scores);
    const places = set.map((gene) => place[gene]!).sort();
    const { es, peak } = enrichmentScore(places, ranking);
    const leading = es >= 0 ? places.slice(0, peak + 1) : places.slice(peak).reverse();
    const { auc, log10P } = rankSumOf(ranks, ties, set);
    tests.push({
      ...{ set: s, setSize: set.length, auc, log10P, es },
      ...againstNull(es, scores),
      leading: leading.map((at) => order[at]!),
    });
  }
  const q = bhLog10(
    Float64Array.from(tests, ({ log10P }) => log10P),
    tests.length,
  );
  return tests.map((test, i) => ({ ...test, log10Q: q[i]! }));
}

/** What the enrichment score needs of a ranking, by place. */
export interface Ranking {
  /** Size of the score. */
  readonly weight: Float64Array;
  /** First place of the genes of the same score, and the place behind the last. */
  readonly from: Uint32Array;
  readonly to: Uint32Array;
}

/** `sorted`: the scores, high first. */
export function rankingOf(sorted: Float64Array): Ranking {
  const n = sorted.length;
  const from = new Uint32Array(n);
  const to = new Uint32Array(n);
  for (let start = 0; start < n; ) {
    let end = start + 1;
    while (end < n && sorted[end] === sorted[start]) end++;
    from.fill(start, start, end);
    to.fill(end, start, end);
    start = end;
  }
  return { weight: sorted.map(Math.abs), from, to };
}

/**
 * The running sum's value farthest from 0, and the number (among `places`, ascending) of the gene with which it is reached, of a negative one of the gene from which on it rises. Between genes of the same score the sum has
 * no value: they are passed together.
 */
export function enrichmentScore(
  places: Uint32Array,
  { weight, from, to }: Ranking,
): { readonly es: number; readonly peak: number } {
  const k = places.length;
  let total = 0;
  for (const at of places) total += weight[at]!;
  const miss = 1 / (weight.length - k);
  let hit = 0;
  let best = 0;
  let peak = 0;
  for (let i = 0; i < k; ) {
    const first = i;
    const end = to[places[i]!]!;
    // Just before the genes of this score, and with them. Weights that are all 0 count the same.
    const before = hit - (from[places[i]!]! - i) * miss;
    if (Math.abs(before) > Math.abs(best)) {
      best = before;
      peak = first;
    }
    for (; i < k && places[i]! < end; i++) hit += total > 0 ? weight[places[i]!]! / total : 1 / k;
    const after = hit - (end - i) * miss;
    if (Math.abs(after) > Math.abs(best)) {
      best = after;
      peak = after < 0 ? i : i - 1;
    }
  }
  return { es: best, peak };
}

/** Scores of random sets of `size` genes: permutation p draws them by (seed, size, p), whatever else is tested. */
async function randomScores(
  ranking: Ranking,
  size: number,
  permutations: number,
  seed: number,
  breather: Breather,
): Promise<Float64Array> {
  const n = ranking.weight.length;
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  const swapped = new Uint32Array(size);
  const scores = new Float64Array(permutations);
  for (let p = 0; p < permutations; p++) {
    await breather.pause();
    for (let i = 0; i < size; i++) {
      const chosen = i + uniformInt(seed, size, p * size + i, n - i);
      swapped[i] = chosen;
      [order[i], order[chosen]] = [order[chosen]!, order[i]!];
    }
    scores[p] = enrichmentScore(order.slice(0, size).sort(), ranking).es;
    // Put back, so that a draw does not depend on those before it.
    for (let i = size - 1; i >= 0; i--) {
      const chosen = swapped[i]!;
      [order[i], order[chosen]] = [order[chosen]!, order[i]!];
    }
  }
  return scores;
}

function againstNull(es: number, scores: Float64Array): { nes: number; pPermutation: number } {
  let same = 0;
  let sum = 0;
  let beyond = 0;
  for (const random of scores) {
    if (random >= 0 !== es >= 0) continue;
    same++;
    sum += Math.abs(random);
    if (Math.abs(random) >= Math.abs(es)) beyond++;
  }
  return { nes: same === 0 ? Number.NaN : (es * same) / sum, pPermutation: (1 + beyond) / (1 + same) };
}

function checkGenes(genes: Uint32Array, background: number): void {
  const outside = genes.find((gene) => gene >= background);
  if (outside !== undefined) throw new UsageError(`gene number ${outside} of ${background} genes`);
}
