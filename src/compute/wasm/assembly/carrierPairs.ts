// The screen of carriers.ts over two panels at once: a carrier is looked up, and a row's lists are walked, once for 64 genes.
import { anyReaches, even, FACTORS, first8, group, HEADER, High, last8, liftedBy, liftOf, Low, member, OtherHigh, OtherLow, RECORD, SECOND } from "./carriers";
import { addExtras, narrow, select32, UNIT, UNIT_SHIFT, widen } from "./wide";

/** Bytes from the reach (i16), and from the other numbers (4 bytes), of the first panel's genes to those of the second's. */
const REACH: usize = 64;
const OTHERS: usize = 128;

@inline function panelReaches(all0: v128, odd0: v128, all1: v128, odd1: v128, lifted: v128, record: usize, genes: usize): bool {
  const even0 = even(all0, odd0, lifted), even1 = even(all1, odd1, lifted);
  return anyReaches(first8(even0, odd0), last8(even0, odd0), first8(even1, odd1), last8(even1, odd1), record, genes);
}

/** Writes the sums of 32 genes to `sums`, the row's extras in them. */
function settle(all0: v128, odd0: v128, all1: v128, odd1: v128, lifted: v128, lift: v128, panel: usize, extras: usize, row: usize, unit: i16, sums: usize): void {
  const even0 = even(all0, odd0, lifted), even1 = even(all1, odd1, lifted), units = i16x8.splat(unit);
  widen(first8(even0, odd0), units, sums, true);
  widen(last8(even0, odd0), units, sums + 32, true);
  widen(first8(even1, odd1), units, sums + 64, true);
  widen(last8(even1, odd1), units, sums + 96, true);
  if (unit == UNIT) addExtras(panel, extras, row, sums, lift);
}

/** Whether sums with extras may reach the threshold of any of 32 genes. */
function settledReaches(sums: usize, record: usize, genes: usize): bool {
  return anyReaches(narrow(sums, UNIT_SHIFT), narrow(sums + 32, UNIT_SHIFT), narrow(sums + 64, UNIT_SHIFT), narrow(sums + 96, UNIT_SHIFT), record, genes);
}

/**
 * `screen` of carriers.ts over the panels at `panel` and SECOND bytes on, of a cohort of one stretch. genes: [64] each; sums: i32 [32];
 * `capacity` >= 64 entries.
 */
@inline function screenPair<G>(panel: usize, ends: usize, lists: usize, records: usize, genes: usize, extras: usize, sums: usize, from: usize, rows: usize, found: usize, capacity: usize): void {
  const lift = liftOf(sizeof<G>());
  let count: usize = 0, row = from;
  for (; row < rows && count + 64 <= capacity; row++) {
    const end = ends + row * 16;
    let list = lists + load<u32>(end);
    const start = list, twice = lists + load<u32>(end, 4), once = lists + load<u32>(end, 8), less = lists + load<u32>(end, 12);
    let all0 = i16x8.splat(0), odd0 = all0, all1 = all0, odd1 = all0, all2 = all0, odd2 = all0, all3 = all0, odd3 = all0;
    for (; list < twice; list += 2 * sizeof<G>()) {
      const p0 = member<G>(panel, list, 0), p1 = member<G>(panel, list, 1), p2 = member<G>(panel, list, 2), p3 = member<G>(panel, list, 3);
      let x = group<G, Low>(p0, p1, p2, p3);
      all0 = i16x8.add(all0, x);
      odd0 = i16x8.add(odd0, i16x8.shr_s(x, 8));
      x = group<G, High>(p0, p1, p2, p3);
      all1 = i16x8.add(all1, x);
      odd1 = i16x8.add(odd1, i16x8.shr_s(x, 8));
      x = group<G, OtherLow>(p0, p1, p2, p3);
      all2 = i16x8.add(all2, x);
      odd2 = i16x8.add(odd2, i16x8.shr_s(x, 8));
      x = group<G, OtherHigh>(p0, p1, p2, p3);
      all3 = i16x8.add(all3, x);
      odd3 = i16x8.add(odd3, i16x8.shr_s(x, 8));
    }
    all0 = i16x8.shl(all0, 1), odd0 = i16x8.shl(odd0, 1), all1 = i16x8.shl(all1, 1), odd1 = i16x8.shl(odd1, 1);
    all2 = i16x8.shl(all2, 1), odd2 = i16x8.shl(odd2, 1), all3 = i16x8.shl(all3, 1), odd3 = i16x8.shl(odd3, 1);
    for (; list < once; list += 2 * sizeof<G>()) {
      const p0 = member<G>(panel, list, 0), p1 = member<G>(panel, list, 1), p2 = member<G>(panel, list, 2), p3 = member<G>(panel, list, 3);
      let x = group<G, Low>(p0, p1, p2, p3);
      all0 = i16x8.add(all0, x);
      odd0 = i16x8.add(odd0, i16x8.shr_s(x, 8));
      x = group<G, High>(p0, p1, p2, p3);
      all1 = i16x8.add(all1, x);
      odd1 = i16x8.add(odd1, i16x8.shr_s(x, 8));
      x = group<G, OtherLow>(p0, p1, p2, p3);
      all2 = i16x8.add(all2, x);
      odd2 = i16x8.add(odd2, i16x8.shr_s(x, 8));
      x = group<G, OtherHigh>(p0, p1, p2, p3);
      all3 = i16x8.add(all3, x);
      odd3 = i16x8.add(odd3, i16x8.shr_s(x, 8));
    }
    for (; list < less; list += 2 * sizeof<G>()) {
      const p0 = member<G>(panel, list, 0), p1 = member<G>(panel, list, 1), p2 = member<G>(panel, list, 2), p3 = member<G>(panel, list, 3);
      let x = group<G, Low>(p0, p1, p2, p3);
      all0 = i16x8.sub(all0, x);
      odd0 = i16x8.sub(odd0, i16x8.shr_s(x, 8));
      x = group<G, High>(p0, p1, p2, p3);
      all1 = i16x8.sub(all1, x);
      odd1 = i16x8.sub(odd1, i16x8.shr_s(x, 8));
      x = group<G, OtherLow>(p0, p1, p2, p3);
      all2 = i16x8.sub(all2, x);
      odd2 = i16x8.sub(odd2, i16x8.shr_s(x, 8));
      x = group<G, OtherHigh>(p0, p1, p2, p3);
      all3 = i16x8.sub(all3, x);
      odd3 = i16x8.sub(odd3, i16x8.shr_s(x, 8));
    }
    const lifted = liftedBy<G>(twice - start, once - twice, less - once), record = records + row * RECORD;
    const hasExtras = load<i16>(record, 6) != 0, unit = hasExtras ? UNIT : 1;
    if (hasExtras || panelReaches(all0, odd0, all1, odd1, lifted, record, genes)) {
      settle(all0, odd0, all1, odd1, lifted, lift, panel, extras, row, unit, sums);
      if (!hasExtras || settledReaches(sums, record, genes)) count = select32(sums, record + 8, genes + FACTORS, row, 0, found + HEADER, count);
    }
    if (hasExtras || panelReaches(all2, odd2, all3, odd3, lifted, record, genes + REACH)) {
      settle(all2, odd2, all3, odd3, lifted, lift, panel + SECOND, extras, row, unit, sums);
      if (!hasExtras || settledReaches(sums, record, genes + REACH)) count = select32(sums, record + 8, genes + FACTORS + OTHERS, row, 32, found + HEADER, count);
    }
  }
  store<u32>(found, <u32>row);
  store<u32>(found, <u32>count, 4);
}

/** `screenPair` for panels whose integers are summed one by one (|q| <= 127). */
export function screenPair1(panel: usize, ends: usize, lists: usize, records: usize, genes: usize, extras: usize, sums: usize, from: usize, rows: usize, found: usize, capacity: usize): void {
  screenPair<u8>(panel, ends, lists, records, genes, extras, sums, from, rows, found, capacity);
}

/** `screenPair` for panels of which any two integers of a gene add up to at most 127. */
export function screenPair2(panel: usize, ends: usize, lists: usize, records: usize, genes: usize, extras: usize, sums: usize, from: usize, rows: usize, found: usize, capacity: usize): void {
  screenPair<u16>(panel, ends, lists, records, genes, extras, sums, from, rows, found, capacity);
}
