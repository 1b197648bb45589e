// Lists of the samples that carry an allele, from 2-bit calls: what carriers.ts adds up.

/** Bits 0 of the codes in a word of 32 calls. */
const LOW: u64 = 0x5555555555555555;
/** A sample's bytes in a panel are 1 << PANEL_SHIFT. */
const PANEL_SHIFT: u32 = 5;

/** The eight bytes at `at` of a row of `stride` bytes, of which `left` remain; what lies past the row reads as 0. */
@inline function word(row: usize, at: usize, stride: usize): u64 {
  if (at + 8 <= stride) return load<u64>(row + at);
  let bits: u64 = 0;
  for (let i: usize = at; i < stride; i++) bits |= (<u64>load<u8>(row + i)) << (8 * (i - at));
  return bits;
}

/** Appends where the calls marked in `marks` (bit 2 i: call i) are in a panel, the first of them at `first`, to a list of u16. */
@inline function append(list: usize, marks: u64, first: u32): usize {
  while (marks != 0) {
    store<u16>(list, <u16>(first + (<u32>ctz(marks) << (PANEL_SHIFT - 1))));
    list += 2;
    marks &= marks - 1;
  }
  return list;
}

/** Fills a list up to a whole number of groups with the place `none`, where expression is 0. */
@inline function fill(list: usize, start: usize, group: u32, none: u32): usize {
  while ((((list - start) >> 1) & (group - 1)) != 0) {
    store<u16>(list, <u16>none);
    list += 2;
  }
  return list;
}

/**
 * counts[row] = (u32 ones, u32 twos, u32 missing). packed [rows][stride] bytes of calls, 0 past the last sample.
 */
export function countCalls(packed: usize, stride: usize, rows: usize, counts: usize): void {
  for (let row: usize = 0; row < rows; row++) {
    let ones: u32 = 0, twos: u32 = 0, missing: u32 = 0;
    for (let at: usize = 0; at < stride; at += 8) {
      const bits = word(packed, at, stride);
      const low = bits & LOW, high = (bits >> 1) & LOW;
      ones += <u32>popcnt(low & ~high);
      twos += <u32>popcnt(high & ~low);
      missing += <u32>popcnt(low & high);
    }
    store<u32>(counts, ones);
    store<u32>(counts, twos, 4);
    store<u32>(counts, missing, 8);
    counts += 12;
    packed += stride;
  }
}

/** The bits 0 of the calls that are left from a word on. */
@inline function present(left: i32): u64 {
  return left >= 32 ? LOW : LOW & (((<u64>1) << (<u64>left << 1)) - 1);
}

/**
 * Lists each row's samples of one stretch of a cohort: `calls` calls from byte `from` of a row on (a multiple of 8),
 * as places in a panel of the stretch (32 bytes a sample: 2,047 calls at most): those whose call less the row's origin is 2, then 1, then -1. Origins are 0 or 1 (u8 a row);
 * 2 stands for calls counted from the other end: 2 - call, origin 0. Missing calls are in none of them.
 * ends[row] = (start, end of 2, end of 1, end of -1), u32 bytes from `lists`; each list is filled up to a multiple of
 * `group` (a power of 2) with the sample `none`. Returns the bytes written.
 */
export function listCalls(packed: usize, stride: usize, rows: usize, from: usize, calls: u32, origins: usize, group: u32, none: u32, ends: usize, lists: usize): usize {
  let list = lists;
  const to = min(stride, from + ((<usize>calls + 31) >> 5 << 3));
  for (let row: usize = 0; row < rows; row++) {
    const origin = load<u8>(origins + row);
    store<u32>(ends, <u32>(list - lists));
    for (let pass: usize = 0; pass < 3; pass++) {
      const start = list;
      for (let at: usize = from; at < to; at += 8) {
        const bits = word(packed, at, stride);
        const low = bits & LOW, high = (bits >> 1) & LOW;
        const first = <u32>(at - from) << 2;
        let marks: u64 = 0;
        if (pass == 1) marks = origin == 1 ? high & ~low : low & ~high;
        else if (pass == 0 && origin == 0) marks = high & ~low;
        else if ((pass == 0 && origin == 2) || (pass == 2 && origin == 1)) marks = ~(low | high) & present(calls - first);
        list = append(list, marks, first << PANEL_SHIFT);
      }
      list = fill(list, start, group, none << PANEL_SHIFT);
      store<u32>(ends + 4 + 4 * pass, <u32>(list - lists));
    }
    ends += 16;
    packed += stride;
  }
  return list - lists;
}
