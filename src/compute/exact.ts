/**
 * The f64 dot product whose order of summation is part of Qortex's definition of its results: four
 * interleaved partial sums, added as (s0 + s2) + (s1 + s3). Every backend that refines does it in this
 * order (two f64x2 registers in WASM), so refined numbers have the same bits everywhere.
 */
export function dot(
  a: Float64Array,
  aStart: number,
  b: Float64Array,
  bStart: number,
  length: number,
): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  const whole = length - (length % 4);
  for (let i = 0; i < whole; i += 4) {
    s0 += a[aStart + i]! * b[bStart + i]!;
    s1 += a[aStart + i + 1]! * b[bStart + i + 1]!;
    s2 += a[aStart + i + 2]! * b[bStart + i + 2]!;
    s3 += a[aStart + i + 3]! * b[bStart + i + 3]!;
  }
  // The ragged end goes to the partial sums in turn, as zero padding to a multiple of four would.
  if (whole < length) s0 += a[aStart + whole]! * b[bStart + whole]!;
  if (whole + 1 < length) s1 += a[aStart + whole + 1]! * b[bStart + whole + 1]!;
  if (whole + 2 < length) s2 += a[aStart + whole + 2]! * b[bStart + whole + 2]!;
  return s0 + s2 + (s1 + s3);
}

/** Number of values a column gets when padded so that a kernel may read whole vectors. */
export function padded(samples: number, lanes: number): number {
  return Math.ceil(samples / lanes) * lanes;
}
