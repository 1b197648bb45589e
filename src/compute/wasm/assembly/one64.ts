// The f64 product of one row and one column in the canonical order of src/compute/exact.ts: what a search for maxima computes of the
// few pairs that its screen lets pass. Lanes (s0, s1) and (s2, s3) are two registers.

/** The four calls of each byte as f64. */
const CALLS: usize = memory.data(256 * 32, 16);
let hasCalls: bool = false;

function makeCalls(): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    for (let k: u32 = 0; k < 4; k++) store<f64>(CALLS + byte * 32 + k * 8, <f64>((byte >> (2 * k)) & 3));
  }
  hasCalls = true;
}

@inline function total(s0: v128, s1: v128): f64 {
  const sum = f64x2.add(s0, s1);
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** a.b, both of `bytes` bytes of f64, filled up with 0 to a multiple of 32. */
export function dotOne64(a: usize, b: usize, bytes: usize): f64 {
  let s0 = f64x2.splat(0), s1 = s0;
  for (let at: usize = 0; at < bytes; at += 32) {
    s0 = f64x2.add(s0, f64x2.mul(v128.load(a + at), v128.load(b + at)));
    s1 = f64x2.add(s1, f64x2.mul(v128.load(a + at, 16), v128.load(b + at, 16)));
  }
  return total(s0, s1);
}

/** `dotOne64` of a row of calls, none of them missing: `stride` bytes of four calls, and as many times 32 bytes of values. */
export function dotCalls64(packed: usize, b: usize, stride: usize): f64 {
  if (!hasCalls) makeCalls();
  let s0 = f64x2.splat(0), s1 = s0;
  for (const end = packed + stride; packed < end; packed++) {
    const calls = CALLS + ((<usize>load<u8>(packed)) << 5);
    s0 = f64x2.add(s0, f64x2.mul(v128.load(calls), v128.load(b)));
    s1 = f64x2.add(s1, f64x2.mul(v128.load(calls, 16), v128.load(b, 16)));
    b += 32;
  }
  return total(s0, s1);
}

/**
 * `dotCalls64` of the rows `rows` (u32 [count], numbers of rows at `packed`) with one b, into `out` (f64 [count]): four rows at a time,
 * for b is read once, and a row's sums alone would wait for each other.
 */
export function dotRowsOfCalls64(packed: usize, stride: usize, b: usize, rows: usize, count: usize, out: usize): void {
  if (!hasCalls) makeCalls();
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) {
    const at = rows + 4 * i, from = out + 8 * i;
    let p0 = packed + <usize>load<u32>(at) * stride, p1 = packed + <usize>load<u32>(at, 4) * stride;
    let p2 = packed + <usize>load<u32>(at, 8) * stride, p3 = packed + <usize>load<u32>(at, 12) * stride;
    let s0 = f64x2.splat(0), s1 = s0, t0 = s0, t1 = s0, u0 = s0, u1 = s0, v0 = s0, v1 = s0;
    let value = b;
    for (const end = p0 + stride; p0 < end; p0++, p1++, p2++, p3++) {
      const low = v128.load(value), high = v128.load(value, 16);
      let calls = CALLS + ((<usize>load<u8>(p0)) << 5);
      s0 = f64x2.add(s0, f64x2.mul(v128.load(calls), low));
      s1 = f64x2.add(s1, f64x2.mul(v128.load(calls, 16), high));
      calls = CALLS + ((<usize>load<u8>(p1)) << 5);
      t0 = f64x2.add(t0, f64x2.mul(v128.load(calls), low));
      t1 = f64x2.add(t1, f64x2.mul(v128.load(calls, 16), high));
      calls = CALLS + ((<usize>load<u8>(p2)) << 5);
      u0 = f64x2.add(u0, f64x2.mul(v128.load(calls), low));
      u1 = f64x2.add(u1, f64x2.mul(v128.load(calls, 16), high));
      calls = CALLS + ((<usize>load<u8>(p3)) << 5);
      v0 = f64x2.add(v0, f64x2.mul(v128.load(calls), low));
      v1 = f64x2.add(v1, f64x2.mul(v128.load(calls, 16), high));
      value += 32;
    }
    store<f64>(from, total(s0, s1));
    store<f64>(from, total(t0, t1), 8);
    store<f64>(from, total(u0, u1), 16);
    store<f64>(from, total(v0, v1), 24);
  }
  for (; i < count; i++) store<f64>(out + 8 * i, dotCalls64(packed + <usize>load<u32>(rows + 4 * i) * stride, b, stride));
}
