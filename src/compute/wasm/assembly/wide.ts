// What the few rows of a carrier screen need that 16 bits do not hold: rows with missing calls or dosages, cohorts of
// several stretches of samples, and pairs near their threshold.

/** Bytes of one sample's expression in a panel: 32 genes, int8. */
export const PANEL_ROW: usize = 32;
/** What a call counts in the sums of rows that have extras (screen/carrierRows.ts has the same number). */
export const UNIT: i16 = 1024;
export const UNIT_SHIFT: i32 = 10;

/** Sets, or adds to, the 8 int32 sums at `to`: unit * sum. */
@inline export function widen(sum: v128, unit: v128, to: usize, first: bool): void {
  const low = i32x4.extmul_low_i16x8_s(sum, unit), high = i32x4.extmul_high_i16x8_s(sum, unit);
  v128.store(to, first ? low : i32x4.add(v128.load(to), low));
  v128.store(to, first ? high : i32x4.add(v128.load(to, 16), high), 16);
}

/** 8 of the int32 sums, shifted down, as int16; what does not fit becomes +-32,767. */
@inline export function narrow(sums: usize, shift: i32): v128 {
  const low = i32x4.shr_s(v128.load(sums), shift), high = i32x4.shr_s(v128.load(sums, 16), shift);
  return i16x8.max_s(i16x8.narrow_i32x4_s(low, high), i16x8.splat(-32767));
}

/**
 * Adds weight * expression of each of the row's extra samples to the 32 sums at `to`. extras: u32 ends [rows + 1] in bytes
 * from `extras`, then two by two (u16 sample, u16 sample, i16 weight, i16 weight), which are multiplied at once.
 * lift: what the panel's even genes were lifted by, see carriers.ts.
 */
export function addExtras(panel: usize, extras: usize, row: usize, to: usize, lift: v128): void {
  const end = extras + load<u32>(extras + row * 4, 4);
  let s0 = v128.load(to), s1 = v128.load(to, 16), s2 = v128.load(to, 32), s3 = v128.load(to, 48);
  let s4 = v128.load(to, 64), s5 = v128.load(to, 80), s6 = v128.load(to, 96), s7 = v128.load(to, 112);
  for (let at = extras + load<u32>(extras + row * 4); at < end; at += 8) {
    const p = panel + (<usize>load<u16>(at)) * PANEL_ROW, q = panel + (<usize>load<u16>(at, 2)) * PANEL_ROW;
    const weights = v128.load32_splat(at, 4);
    let x = i8x16.sub(v128.load(p), lift), y = i8x16.sub(v128.load(q), lift);
    let both = i8x16.shuffle(x, y, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    s0 = i32x4.add(s0, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(both), weights));
    s1 = i32x4.add(s1, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(both), weights));
    both = i8x16.shuffle(x, y, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    s2 = i32x4.add(s2, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(both), weights));
    s3 = i32x4.add(s3, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(both), weights));
    x = i8x16.sub(v128.load(p, 16), lift);
    y = i8x16.sub(v128.load(q, 16), lift);
    both = i8x16.shuffle(x, y, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    s4 = i32x4.add(s4, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(both), weights));
    s5 = i32x4.add(s5, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(both), weights));
    both = i8x16.shuffle(x, y, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    s6 = i32x4.add(s6, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(both), weights));
    s7 = i32x4.add(s7, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(both), weights));
  }
  v128.store(to, s0);
  v128.store(to, s1, 16);
  v128.store(to, s2, 32);
  v128.store(to, s3, 48);
  v128.store(to, s4, 64);
  v128.store(to, s5, 80);
  v128.store(to, s6, 96);
  v128.store(to, s7, 112);
}

/**
 * The pairs of a row with |estimate| + bound >= threshold, as `select` of epilogue.ts has them for one cohort.
 * sums i32 [32] of genes from `gene` on; record (f32 scale, spread, base); genes f32 scale, remainder, threshold, i32 first, last, those of the
 * 32 genes at the start of [64] each. Appends entries (u32 row << 16 | gene) from entry `count` on and returns how many there are then.
 */
export function select32(sums: usize, record: usize, genes: usize, row: usize, gene: usize, entries: usize, count: usize): usize {
  const scale = v128.load32_splat(record), spread = v128.load32_splat(record + 4), base = v128.load32_splat(record + 8);
  const rows = i32x4.splat(<i32>row);
  for (let at: usize = 0; at < 128; at += 16) {
    const dot = f32x4.convert_i32x4_s(v128.load(sums + at));
    const estimate = f32x4.abs(f32x4.mul(scale, f32x4.mul(v128.load(genes + at), dot)));
    const bound = f32x4.add(base, f32x4.mul(spread, v128.load(genes + at, 256)));
    const upper = f32x4.add(estimate, bound);
    const met = v128.and(i32x4.le_s(v128.load(genes + at, 768), rows), i32x4.lt_s(rows, v128.load(genes + at, 1024)));
    let lanes = i32x4.bitmask(v128.and(f32x4.ge(upper, v128.load(genes + at, 512)), met));
    while (lanes != 0) {
      store<u32>(entries + count * 4, <u32>((row << 16) | (gene + (at >> 2) + <usize>ctz(lanes))));
      count++;
      lanes &= lanes - 1;
    }
  }
  return count;
}
