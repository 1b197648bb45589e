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

/** The same of a row of calls, none of them missing: `stride` bytes of four calls, and as many times 32 bytes of values. */
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
