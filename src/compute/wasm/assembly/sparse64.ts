// The f64 product of dot64.ts over the samples that carry an allele: a call of 0 adds 0 to its partial sum, which
// changes no bit. The partial sums are those of src/compute/exact.ts, each over its carriers in the order of the samples.

/** Bits 0 of the codes of samples 0 modulo 4 in a word of 32 calls. */
const CLASS: u64 = 0x0101010101010101;
/** Takes bits 0, 8, 16, ... of a word together in its highest byte. */
const GATHER: u64 = 0x0102040810204080;
/** Bytes of a sample in a panel of 8 columns are 1 << WIDTH. */
const WIDTH: u32 = 6;
/** Bytes of a row in `ends`. */
const ENDS: usize = 16;

/** For each byte, the bytes of a vector of eight u16 whose bits are set, moved to the front. */
const FRONT: usize = memory.data(256 * 16, 16);
let hasFront: bool = false;

function makeFront(): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    let to = FRONT + byte * 16;
    for (let bit: u32 = 0; bit < 8; bit++) {
      if (((byte >> bit) & 1) == 0) continue;
      store<u8>(to, <u8>(2 * bit));
      store<u8>(to, <u8>(2 * bit + 1), 1);
      to += 2;
    }
  }
  hasFront = true;
}

@inline function word(row: usize, at: usize, stride: usize): u64 {
  if (at + 8 <= stride) return load<u64>(row + at);
  let bits: u64 = 0;
  for (let i: usize = at; i < stride; i++) bits |= (<u64>load<u8>(row + i)) << (8 * (i - at));
  return bits;
}

/** Where the samples of the next missing calls go. */
let missed: usize = 0;

/** Which of 8 calls are marked in bits 0, 8, 16, ... of `marks`: all bits of a lane, or none. */
@inline function lanes(marks: u64, bit: v128): v128 {
  return i16x8.eq(v128.and(i16x8.splat(<i16>((marks * GATHER) >> 56)), bit), bit);
}

/** Writes the places (u16) of the carriers of class `c` of a row from `list` on, eight at a time; returns the end. */
@inline function listClass(row: usize, stride: usize, c: u32, samples: u32, list: usize): usize {
  let place = i16x8.add(i16x8.splat(<i16>c), i16x8(0, 4, 8, 12, 16, 20, 24, 28));
  const step = i16x8.splat(32), bit = i16x8(1, 2, 4, 8, 16, 32, 64, 128);
  const twos = i16x8.splat(<i16>samples), none = i16x8.splat(<i16>(samples + 1));
  for (let at: usize = 0; at < stride; at += 8) {
    const bits = word(row, at, stride) >> (2 * c);
    const low = bits & CLASS, high = (bits >> 1) & CLASS;
    let places = i16x8.add(place, v128.and(twos, lanes(high, bit)));
    let both = low & high;
    if (both != 0) {
      places = i16x8.add(places, v128.and(none, lanes(both, bit)));
      for (; both != 0; both &= both - 1) {
        store<u16>(missed, <u16>(<u32>(at << 2) + c + (<u32>ctz(both) >> 1)));
        missed += 2;
      }
    }
    const carriers = low | high;
    v128.store(list, i8x16.swizzle(places, v128.load(FRONT + ((<usize>((carriers * GATHER) >> 56)) << 4))));
    list += <usize>popcnt(carriers) << 1;
    place = i16x8.add(place, step);
  }
  return list;
}

/** Two classes, `room` bytes apart, the shorter one filled up with the place of zeros; the bytes of each. */
@inline function listPair(row: usize, stride: usize, c: u32, samples: u32, list: usize, room: usize): u32 {
  let a = listClass(row, stride, c, samples, list) - list;
  let b = listClass(row, stride, c + 2, samples, list + room) - list - room;
  const end = max(a, b);
  for (; a < end; a += 2) store<u16>(list + a, <u16>(2 * samples));
  for (; b < end; b += 2) store<u16>(list + room + b, <u16>(2 * samples));
  return <u32>end;
}

/**
 * Lists where each row's carriers are in a panel (see `makePanel64`), in the order of the samples. packed [rows][stride] bytes of
 * calls, 0 past the last sample; lists u16 [rows][samples 0, 2, 1, 3 modulo 4][room bytes], room at least 2 (stride + 8).
 * ends[row] = u32 bytes of each of the first two lists, of each of the other two, start and end in `missing` (bytes) of the
 * numbers (u16) of the row's samples without a call.
 */
export function listCarriers64(packed: usize, stride: usize, rows: usize, samples: u32, ends: usize, lists: usize, room: usize, missing: usize): void {
  if (!hasFront) makeFront();
  missed = missing;
  for (let row: usize = 0; row < rows; row++) {
    store<u32>(ends, <u32>(missed - missing), 8);
    store<u32>(ends, listPair(packed, stride, 0, samples, lists, room));
    store<u32>(ends, listPair(packed, stride, 1, samples, lists + 2 * room, room), 4);
    store<u32>(ends, <u32>(missed - missing), 12);
    ends += ENDS;
    packed += stride;
    lists += 4 * room;
  }
}

/**
 * A panel of 8 columns: [samples][8] values, [samples][8] of them doubled, [8] zeros, and room for [samples][8]
 * products with a row's missing calls. columns [8][samples] f64.
 */
export function makePanel64(columns: usize, samples: u32, panel: usize): void {
  const twos = samples << WIDTH, stride: usize = samples * 8;
  for (let s: usize = 0; s < samples; s++) {
    const to = panel + (s << WIDTH);
    for (let c: usize = 0; c < 8; c++) {
      const value = load<f64>(columns + c * stride + s * 8);
      store<f64>(to + c * 8, value);
      store<f64>(to + twos + c * 8, value + value);
    }
  }
  memory.fill(panel + 2 * twos, 0, 1 << WIDTH);
}

@inline function put(out: usize, stride: usize, pair: v128): void {
  store<f64>(out, f64x2.extract_lane(pair, 0));
  store<f64>(out + stride, f64x2.extract_lane(pair, 1));
}

@inline function at64(panel: usize, list: usize): usize {
  return panel + ((<usize>load<u16>(list)) << WIDTH);
}

/**
 * out[column][row] (f64, outStride bytes a column) for rows `from` to `to` of the lists and the 8 columns of a panel.
 * fills [rows] f64: what a missing call counts as.
 */
export function dotCarriers64(panel: usize, samples: u32, ends: usize, lists: usize, room: usize, missing: usize, fills: usize, from: usize, to: usize, out: usize, outStride: usize): void {
  const scratch = panel + ((2 * samples + 1) << WIDTH);
  for (let row = from; row < to; row++) {
    const end = ends + row * ENDS;
    let special = missing + load<u32>(end, 8);
    const lastSpecial = missing + load<u32>(end, 12);
    if (special < lastSpecial) {
      const fill = v128.load64_splat(fills + row * 8);
      for (; special < lastSpecial; special += 2) {
        const e = at64(panel, special), to = at64(scratch, special);
        v128.store(to, f64x2.mul(fill, v128.load(e)));
        v128.store(to, f64x2.mul(fill, v128.load(e, 16)), 16);
        v128.store(to, f64x2.mul(fill, v128.load(e, 32)), 32);
        v128.store(to, f64x2.mul(fill, v128.load(e, 48)), 48);
      }
    }
    let e0 = f64x2.splat(0), e1 = e0, e2 = e0, e3 = e0;
    let list = lists + row * 4 * room;
    for (let pair: usize = 0; pair < 8; pair += 4) {
      const last = list + load<u32>(end + pair);
      let a0 = f64x2.splat(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
      for (let at = list; at < last; at += 2) {
        const p = at64(panel, at), q = at64(panel, at + room);
        a0 = f64x2.add(a0, v128.load(p));
        a1 = f64x2.add(a1, v128.load(p, 16));
        a2 = f64x2.add(a2, v128.load(p, 32));
        a3 = f64x2.add(a3, v128.load(p, 48));
        b0 = f64x2.add(b0, v128.load(q));
        b1 = f64x2.add(b1, v128.load(q, 16));
        b2 = f64x2.add(b2, v128.load(q, 32));
        b3 = f64x2.add(b3, v128.load(q, 48));
      }
      // 0 + x is x: no sum of partial sums is -0, since none of these is.
      e0 = f64x2.add(e0, f64x2.add(a0, b0));
      e1 = f64x2.add(e1, f64x2.add(a1, b1));
      e2 = f64x2.add(e2, f64x2.add(a2, b2));
      e3 = f64x2.add(e3, f64x2.add(a3, b3));
      list += 2 * room;
    }
    const to = out + row * 8;
    put(to, outStride, e0);
    put(to + 2 * outStride, outStride, e1);
    put(to + 4 * outStride, outStride, e2);
    put(to + 6 * outStride, outStride, e3);
  }
}
