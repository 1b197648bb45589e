// The screen of hard calls: the expression of an allele's carriers is added up, 32 genes at a time, and what cannot
// reach its threshold is dropped in registers. A row costs one step of 32 genes a carrier (fewer than 0.6 a sample whatever the
// frequency, see lists.ts), not one multiplication a sample. bench/lab/calls.ts has what else was tried.
//
// A vector of 16 int8 sums is taken as 8 numbers of 16 bits, 256 odd + even: the genes of odd number are in their upper bytes, and
// of even number in the lower ones. Both are added up by two additions and a shift, which gives `odd`, where widening each half
// takes four steps: the sum of the numbers less 256 times the sum of the odd ones is, modulo 2^16, that of the even ones. A lower
// byte has to be 0 to 255 for that, so `liftPanel` adds 128 over the size of a group to the even genes, and `even` takes it off again.
import { addExtras, narrow, PANEL_ROW, select32, UNIT, UNIT_SHIFT, widen } from "./wide";

/** Bytes of a row's record: see `screen`. */
export const RECORD: usize = 20;
/** Of `stages`: sums start anew; sums are whole, and compared. */
const FIRST: u32 = 1;
const LAST: u32 = 2;
/** What `screenCarriers` writes before its first entry: (u32 next row, u32 entries). */
export const HEADER: usize = 8;
/** Bytes from a gene's reach to its slack, and from the first gene's reach to its other numbers: see `screen`. */
const SLACK: usize = 128;
export const FACTORS: usize = 256;
/** Bytes from a panel to the one beside it, see carrierPairs.ts; screen/panels.ts has the same number. */
export const SECOND: usize = 32800;
/** What a whole group's even genes are lifted by. */
const LIFT: u32 = 128;

/** What each sample's integers are lifted by. */
@inline export function liftOf(group: u32): v128 {
  return i16x8.splat(<i16>(LIFT / group));
}

/**
 * Makes a panel that has been filled ready for `screen`: lifts the genes of even number, those of the samples of zeros (which end each
 * stretch) too. panel: int8, the samples of each stretch and one of zeros, [32] each.
 */
export function liftPanel(panel: usize, samples: usize, stretch: usize, group: u32): void {
  const lift = liftOf(group);
  for (let from: usize = 0; from < max<usize>(samples, 1); from += stretch) {
    for (const end = panel + min(stretch, samples - from) * PANEL_ROW; panel < end; panel += PANEL_ROW) {
      v128.store(panel, i8x16.add(v128.load(panel), lift));
      v128.store(panel, i8x16.add(v128.load(panel, 16), lift), 16);
    }
    v128.store(panel, lift);
    v128.store(panel, lift, 16);
    panel += PANEL_ROW;
  }
}

/** The expression of a group's sample `i` (those that G does not have are not read). */
@inline export function member<G>(panel: usize, list: usize, i: usize): usize {
  if (sizeof<G>() == 1 && i > 0) return 0;
  if (sizeof<G>() == 2 && i > 1) return 0;
  return panel + <usize>load<u16>(list + 2 * i);
}

/** Stand for halves of a panel and of the one beside it: where a half's genes are in the row of a sample, see `place`. */
export type Low = u8;
export type High = u16;
export type OtherLow = u32;
export type OtherHigh = u64;

/** A constant, which an address takes for nothing. */
@inline function place<H>(): usize {
  return sizeof<H>() == 1 ? 0 : sizeof<H>() == 2 ? 16 : sizeof<H>() == 4 ? SECOND : SECOND + 16;
}

/**
 * Half of the genes of as many samples as G has bytes, added as int8: the panel's integers are small enough that this
 * many never overflow. Unused samples are not read.
 */
@inline export function group<G, H>(p0: usize, p1: usize, p2: usize, p3: usize): v128 {
  if (sizeof<G>() == 1) return v128.load(p0, place<H>());
  const pair = i8x16.add(v128.load(p0, place<H>()), v128.load(p1, place<H>()));
  if (sizeof<G>() == 2) return pair;
  return i8x16.add(pair, i8x16.add(v128.load(p2, place<H>()), v128.load(p3, place<H>())));
}

/** The sums of even genes: those of whole numbers less those of odd genes, and what `lifted` groups were lifted by. */
@inline export function even(all: v128, odd: v128, lifted: v128): v128 {
  return i16x8.sub(i16x8.sub(all, i16x8.shl(odd, 8)), lifted);
}

/** The sums of genes 0 to 7, or 8 to 15, of a vector's 16. */
@inline export function first8(even: v128, odd: v128): v128 {
  return i16x8.shuffle(even, odd, 0, 8, 1, 9, 2, 10, 3, 11);
}

@inline export function last8(even: v128, odd: v128): v128 {
  return i16x8.shuffle(even, odd, 4, 12, 5, 13, 6, 14, 7, 15);
}

/** What a row's sums were lifted by: bytes (two a sample) of its lists of samples that count twice, once and less. */
@inline export function liftedBy<G>(twice: usize, once: usize, less: usize): v128 {
  return i16x8.splat(<i16>((2 * twice + once - less) * (LIFT / (2 * sizeof<G>()))));
}

/** Which of 8 genes may reach their threshold: |sum| >= reach x norm - slack x spread - constant, in fixed point. */
@inline function reaches(sum: v128, genes: usize, norm: v128, spread: v128, constant: v128): v128 {
  const product = i16x8.q15mulr_sat_s(v128.load(genes), norm);
  const slack = i16x8.q15mulr_sat_s(v128.load(genes, SLACK), spread);
  return i16x8.ge_s(i16x8.abs(sum), i16x8.sub_sat_s(i16x8.sub_sat_s(product, slack), constant));
}

/** Whether any of 32 genes may (screen/fixedPoint.ts). */
@inline export function anyReaches(c0: v128, c1: v128, c2: v128, c3: v128, record: usize, genes: usize): bool {
  const norm = i16x8.splat(load<i16>(record)), spread = i16x8.splat(load<i16>(record, 2)), constant = i16x8.splat(load<i16>(record, 4));
  const low = v128.or(reaches(c0, genes, norm, spread, constant), reaches(c1, genes + 16, norm, spread, constant));
  const high = v128.or(reaches(c2, genes + 32, norm, spread, constant), reaches(c3, genes + 48, norm, spread, constant));
  return v128.any_true(v128.or(low, high));
}

/**
 * Sums rows `from` to `rows` of one stretch of samples over a panel of 32 genes, and writes the pairs that may reach
 * their threshold (why none is lost: screen/bound.ts, screen/carrierRows.ts).
 *  panel        int8 [samples of the stretch + 1][32], lifted; the last sample is zeros
 *  ends, lists  as listCalls wrote them, with groups of G's bytes
 *  records      [rows] of (i16 norm, spread, constant, extras?; f32 scale, spread, base)
 *  genes        [64] each (of which the first 32 are read) of i16 reach, i16 slack, f32 scale, remainder, threshold, i32 first, last row met
 *  extras       u32 ends [rows + 1] (bytes from `extras`), then samples and weights, see `addExtras`
 *  sums         i32 [rows][32] from stretch to stretch; [32] where there is one stretch only
 *  stages       FIRST in the first stretch, LAST in the last
 * Writes at `found` the next row (`rows` when it is done; less when the entries might not have found room), the number of entries
 * and the entries (u32 row << 16 | gene). `capacity` >= 32 entries.
 */
@inline function screen<G>(panel: usize, ends: usize, lists: usize, records: usize, genes: usize, extras: usize, sums: usize, stages: u32, from: usize, rows: usize, found: usize, capacity: usize): void {
  const single = stages == (FIRST | LAST);
  let count: usize = 0;
  let row = from;
  for (; row < rows && count + 32 <= capacity; row++) {
    const end = ends + row * 16;
    let list = lists + load<u32>(end);
    const twice = lists + load<u32>(end, 4), once = lists + load<u32>(end, 8), less = lists + load<u32>(end, 12);
    let all0 = i16x8.splat(0), odd0 = all0, all1 = all0, odd1 = all0;
    const start = list;
    for (; list < twice; list += 2 * sizeof<G>()) {
      const p0 = member<G>(panel, list, 0), p1 = member<G>(panel, list, 1), p2 = member<G>(panel, list, 2), p3 = member<G>(panel, list, 3);
      const low = group<G, Low>(p0, p1, p2, p3), high = group<G, High>(p0, p1, p2, p3);
      all0 = i16x8.add(all0, low);
      odd0 = i16x8.add(odd0, i16x8.shr_s(low, 8));
      all1 = i16x8.add(all1, high);
      odd1 = i16x8.add(odd1, i16x8.shr_s(high, 8));
    }
    all0 = i16x8.shl(all0, 1);
    odd0 = i16x8.shl(odd0, 1);
    all1 = i16x8.shl(all1, 1);
    odd1 = i16x8.shl(odd1, 1);
    for (; list < once; list += 2 * sizeof<G>()) {
      const p0 = member<G>(panel, list, 0), p1 = member<G>(panel, list, 1), p2 = member<G>(panel, list, 2), p3 = member<G>(panel, list, 3);
      const low = group<G, Low>(p0, p1, p2, p3), high = group<G, High>(p0, p1, p2, p3);
      all0 = i16x8.add(all0, low);
      odd0 = i16x8.add(odd0, i16x8.shr_s(low, 8));
      all1 = i16x8.add(all1, high);
      odd1 = i16x8.add(odd1, i16x8.shr_s(high, 8));
    }
    for (; list < less; list += 2 * sizeof<G>()) {
      const p0 = member<G>(panel, list, 0), p1 = member<G>(panel, list, 1), p2 = member<G>(panel, list, 2), p3 = member<G>(panel, list, 3);
      const low = group<G, Low>(p0, p1, p2, p3), high = group<G, High>(p0, p1, p2, p3);
      all0 = i16x8.sub(all0, low);
      odd0 = i16x8.sub(odd0, i16x8.shr_s(low, 8));
      all1 = i16x8.sub(all1, high);
      odd1 = i16x8.sub(odd1, i16x8.shr_s(high, 8));
    }
    const lifted = liftedBy<G>(twice - start, once - twice, less - once);
    const even0 = even(all0, odd0, lifted), even1 = even(all1, odd1, lifted);
    const c0 = first8(even0, odd0), c1 = last8(even0, odd0), c2 = first8(even1, odd1), c3 = last8(even1, odd1);
    const record = records + row * RECORD;
    const hasExtras = load<i16>(record, 6) != 0;
    if (single && !hasExtras && !anyReaches(c0, c1, c2, c3, record, genes)) continue;
    const to = single ? sums : sums + row * 128;
    const unit = i16x8.splat(hasExtras ? UNIT : 1);
    const first = (stages & FIRST) != 0;
    widen(c0, unit, to, first);
    widen(c1, unit, to + 32, first);
    widen(c2, unit, to + 64, first);
    widen(c3, unit, to + 96, first);
    if (hasExtras) addExtras(panel, extras, row, to, liftOf(sizeof<G>()));
    if ((stages & LAST) == 0) continue;
    if (!single || hasExtras) {
      const shift = hasExtras ? UNIT_SHIFT : 0;
      if (!anyReaches(narrow(to, shift), narrow(to + 32, shift), narrow(to + 64, shift), narrow(to + 96, shift), record, genes)) continue;
    }
    count = select32(to, record + 8, genes + FACTORS, row, 0, found + HEADER, count);
  }
  store<u32>(found, <u32>row);
  store<u32>(found, <u32>count, 4);
}

/** `screen` for panels whose integers are summed one by one (|q| <= 127). */
export function screenCarriers1(panel: usize, ends: usize, lists: usize, records: usize, genes: usize, extras: usize, sums: usize, stages: u32, from: usize, rows: usize, found: usize, capacity: usize): void {
  screen<u8>(panel, ends, lists, records, genes, extras, sums, stages, from, rows, found, capacity);
}

/** `screen` for panels of which any two integers of a gene add up to at most 127. */
export function screenCarriers2(panel: usize, ends: usize, lists: usize, records: usize, genes: usize, extras: usize, sums: usize, stages: u32, from: usize, rows: usize, found: usize, capacity: usize): void {
  screen<u16>(panel, ends, lists, records, genes, extras, sums, stages, from, rows, found, capacity);
}

/** `screen` for panels of which any four integers of a gene add up to at most 127. */
export function screenCarriers4(panel: usize, ends: usize, lists: usize, records: usize, genes: usize, extras: usize, sums: usize, stages: u32, from: usize, rows: usize, found: usize, capacity: usize): void {
  screen<u32>(panel, ends, lists, records, genes, extras, sums, stages, from, rows, found, capacity);
}
