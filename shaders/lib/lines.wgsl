// Rows and columns as words of four signed bytes, four words at once: how kernels read what the host uploaded.
//
// Of a cohort (cohorts[c]): x where its rows start in `rows`, y its columns in `columns`, z words a line (samples / 4,
// rounded up), w where its rows' terms start in `rows`, or BYTES.
//   rows of calls    bytes [row][z], four 2-bit calls each, the first in the low bits; padding is anything.
//                    terms[row]: i16 `denominator` (1 to 63) in the low half, `numerator` (a byte) in the high one:
//                    an integer is denominator * call, or numerator where the call (3) is missing
//   rows of bytes    words [row][z]
//   columns          words [column][digit][z]; q = 256 digit 1 + digit 2 where DIGITS is 2; padding is 0
//
// Words after a line's last are 0 in a column, and anything in a row: their products are 0.
// Cost: two loads and about 15 operations for 16 calls; four loads for 16 bytes.

const BYTES = 0xffffffffu;

@group(0) @binding(1) var<storage, read> cohorts: array<vec4u>;
@group(0) @binding(2) var<storage, read> rows: array<u32>;
@group(0) @binding(3) var<storage, read> columns: array<u32>;

// Digits of a column's integers: 1 or 2.
override DIGITS: u32 = 1u;

// Four bytes of four calls to four words.
fn expand(calls: u32, terms: u32) -> vec4u {
  let x = (vec4u(calls) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(0xffu);
  // One call a byte.
  let apart = (x & vec4u(0x3u)) | ((x & vec4u(0xcu)) << vec4u(6u)) | ((x & vec4u(0x30u)) << vec4u(12u))
    | ((x & vec4u(0xc0u)) << vec4u(18u));
  let missing = apart & (apart >> vec4u(1u)) & vec4u(0x01010101u);
  // 2 * 63 and a numerator's byte fit in a byte: nothing is carried into the next.
  return (apart & ~(missing * 3u)) * (terms & 0xffffu) + missing * ((terms >> 16u) & 0xffu);
}

// Four bytes from any byte of `rows` on.
fn bytesFrom(at: u32) -> u32 {
  let low = rows[at / 4u];
  let shift = 8u * (at % 4u);
  if (shift == 0u) {
    return low;
  }
  return (low >> shift) | (rows[at / 4u + 1u] << (32u - shift));
}

fn rowQuad(cohort: vec4u, row: u32, word: u32) -> vec4u {
  let line = row * cohort.z + word;
  if (cohort.w != BYTES) {
    return expand(bytesFrom(4u * cohort.x + line), rows[cohort.w + row]);
  }
  let at = cohort.x + line;
  return vec4u(rows[at], rows[at + 1u], rows[at + 2u], rows[at + 3u]);
}

fn columnQuad(cohort: vec4u, column: u32, digit: u32, word: u32) -> vec4u {
  let at = cohort.y + (column * DIGITS + digit) * cohort.z + word;
  let quad = vec4u(columns[at], columns[at + 1u], columns[at + 2u], columns[at + 3u]);
  return select(vec4u(), quad, vec4u(word) + vec4u(0u, 1u, 2u, 3u) < vec4u(cohort.z));
}
