import type { Cohort } from "../cohort/cohort.ts";
import type { Windows } from "../compute/backend.ts";
import type { SpareBuffers } from "../compute/spareBuffers.ts";
import type { CisPart } from "./cisPlan.ts";
import { type Anchor, absoluteDistance } from "./geometry.ts";
import type { Leads } from "./leads.ts";
import { normsWith } from "./norms.ts";
import type { PairSampler, SampledPairs } from "./nullSample.ts";
import { emptyTest, refineRun, type Test, type TestColumns } from "./refine.ts";
import type { PartCounter, Session } from "./run.ts";
import type { Survey } from "./survey.ts";
import type { JoinedSurveys } from "./surveyCache.ts";

/** The tested variants that a part's windows span, and each gene's window as rows of them. */
export interface Neighbourhood {
  readonly number: number;
  readonly part: CisPart;
  readonly counter: PartCounter;
  readonly surveys: readonly Survey[];
  readonly tested: JoinedSurveys;
  readonly windows: Windows;
  /** g.e of gene after gene, each its window's rows. */
  readonly products: Float64Array;
}

/** The pairs of a part, gene by gene in memory that was taken for them; gene i's are those from `offset[i]` on. */
export interface WindowPairs extends TestColumns {
  readonly row: Uint32Array<ArrayBuffer>;
  readonly gene: Uint32Array<ArrayBuffer>;
  readonly slope: Float64Array<ArrayBuffer>;
  readonly slopeSe: Float64Array<ArrayBuffer>;
  readonly log10P: Float64Array<ArrayBuffer>;
  readonly offset: Uint32Array;
}

/** Tests each gene with its window, and counts, samples and keeps the leads on the way. */
export function testWindows(
  cohort: Cohort,
  session: Session,
  near: Neighbourhood,
  spare: SpareBuffers,
  anchor: Anchor,
  leads: Leads,
  sampler: PairSampler,
  sample: SampledPairs,
): WindowPairs {
  const { part, tested, windows, products, counter } = near;
  const { position } = cohort.tables.genotypes;
  const pairs = testedRows(near, spare);
  const longest = windows.end.reduce((most, end, i) => Math.max(most, end - windows.start[i]!), 0);
  const work = { r: new Float64Array(longest), t: new Float64Array(longest) };
  const norms = new Float64Array(longest);
  const whole = !tested.norm.includes(0);
  const notes = { tested, pairs, leads, sample, test: emptyTest() };
  const { r } = work;
  let at = 0;
  for (let i = 0; i < part.genes.length; i++) {
    const gene = part.genes[i]!;
    const from = pairs.offset[i]!;
    const count = pairs.offset[i + 1]! - from;
    const first = at;
    const start = windows.start[i]!;
    const end = windows.end[i]!;
    at += end - start;
    const all = normsWith(cohort, tested, gene, start, end);
    if (!whole) keepTested(all, products, first, norms);
    const run = products.subarray(first, first + count);
    const own = whole ? all : norms;
    refineRun(session.tester, run, own, cohort.residualNorm[gene]!, work, pairs, from);
    leads.tests[i]! += count;
    const index = whole ? tested.index.subarray(start, end) : indexOf(tested.index, pairs.row, from, count);
    let floor = leads.floor(i);
    let next = -1;
    for (let k = notable(r, index, 0, count, floor, next); k < count; ) {
      const variant = index[k]!;
      if (variant >= next) next = sampler.next(variant, gene);
      const drawn = variant === next;
      if (drawn || !(Math.abs(r[k]!) < floor)) {
        const distance = absoluteDistance(cohort, gene, position.at(variant)!, anchor);
        note(notes, from + k, r[k]!, { gene, row: i, index: variant, distance }, drawn);
        floor = leads.floor(i);
      }
      k = notable(r, index, k + 1, count, floor, next);
    }
  }
  counter.tests += pairs.row.length;
  counter.hits += pairs.row.length;
  counter.candidates += pairs.row.length;
  counter.pairsScreened += products.length;
  return pairs;
}

/** What {@link note} reads and adds to. */
interface Notes {
  readonly tested: Neighbourhood["tested"];
  readonly pairs: WindowPairs;
  readonly leads: Leads;
  readonly sample: SampledPairs;
  readonly test: Test;
}

/**
 * Samples a pair that was `drawn`, and keeps it where it leads its gene, which is `row` of the part's. Apart from the loop that asks for it
 * rarely: the engine optimises that loop before it has seen this, and would have to begin again.
 */
function note(
  { tested, pairs, leads, sample, test }: Notes,
  pair: number,
  r: number,
  { gene, row, index, distance }: { gene: number; row: number; index: number; distance: number },
  drawn: boolean,
): void {
  const leading = leads.leads(row, r, distance);
  if (!drawn && !leading) return;
  test.r = r;
  test.slope = pairs.slope[pair]!;
  test.slopeSe = pairs.slopeSe[pair]!;
  test.log10P = pairs.log10P[pair]!;
  if (drawn) sample.add(index, gene, test);
  if (!leading) return;
  const v = pairs.row[pair]!;
  const af = tested.af[v]!;
  leads.set(row, test, { index, distance, af, maSamples: tested.maSamples[v]!, maCount: tested.maCount[v]! });
}

/** The first pair from `k` on that may lead (|r| at least `floor`) or whose variant is `next` or after it; or `count`. */
function notable(
  r: Float64Array,
  index: Uint32Array,
  k: number,
  count: number,
  floor: number,
  next: number,
): number {
  let at = k;
  while (at < count && index[at]! < next && Math.abs(r[at]!) < floor) at++;
  return at;
}

/** The variants of `count` rows, those at `from` and after it in `rows`. */
function indexOf(index: Uint32Array, rows: Uint32Array, from: number, count: number): Uint32Array {
  const out = new Uint32Array(count);
  for (let i = 0; i < count; i++) out[i] = index[rows[from + i]!]!;
  return out;
}

/** Moves a window's products of the rows that are tested together, in place from `first` on, and their norms, of those of the `window`, to `norms`. */
function keepTested(window: Float64Array, products: Float64Array, first: number, norms: Float64Array): void {
  let kept = 0;
  for (let row = 0; row < window.length; row++) {
    if (window[row] === 0) continue;
    norms[kept] = window[row]!;
    products[first + kept++] = products[first + row]!;
  }
}

/** Rows with a norm: those that are not collinear. */
function rowsWithNorm(norm: Float64Array): Uint32Array {
  const rows = new Uint32Array(norm.length);
  let count = 0;
  for (let row = 0; row < norm.length; row++) if (norm[row] !== 0) rows[count++] = row;
  return rows.subarray(0, count);
}

/** Where the first of the ascending `values` that is at least `value` is, or their number. */
export function placeOf(values: Uint32Array, value: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The pairs of all windows without the collinear variants, their tests still to be made; where each gene's start. */
function testedRows({ part, tested, windows }: Neighbourhood, spare: SpareBuffers): WindowPairs {
  const { norm } = tested;
  const offset = new Uint32Array(part.genes.length + 1);
  const most = windows.end.reduce((sum, end, i) => sum + end - windows.start[i]!, 0);
  const rows = new Uint32Array(spare.take(4 * most), 0, most);
  const tests = rowsWithNorm(norm);
  let at = 0;
  for (let i = 0; i < part.genes.length; i++) {
    const start = windows.start[i]!;
    const end = windows.end[i]!;
    const window = tests.subarray(placeOf(tests, start), placeOf(tests, end));
    rows.set(window, at);
    at += window.length;
    offset[i + 1] = at;
  }
  const row = rows.subarray(0, at);
  const gene = new Uint32Array(spare.take(4 * at), 0, at);
  for (let i = 0; i < part.genes.length; i++) gene.fill(part.genes[i]!, offset[i]!, offset[i + 1]!);
  const column = (): Float64Array<ArrayBuffer> => new Float64Array(spare.take(8 * at), 0, at);
  return { row, gene, slope: column(), slopeSe: column(), log10P: column(), offset };
}
