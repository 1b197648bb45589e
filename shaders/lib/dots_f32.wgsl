// The same dot products, as exact, without an instruction for products of bytes: in f32, which multiplies and adds at the
// full rate of a GPU, where 32-bit integers mostly multiply at a half or a quarter of it.
//
// |k| <= 127 and |q| <= 128, so sums of FLUSH chunks of 16 samples stay below 1,024 * 127 * 128 < 2^24, up to which every
// integer is an f32: whatever is fused or reordered, no sum is rounded. Then they are added up as i32.
// Lines are unpacked once, on their way to workgroup memory: one word, a vector of four numbers.
// Cost of a block: rows * columns * words * DIGITS * 4 multiply-adds, one vector read for 2 dots of 4, 2 barriers a chunk.

#include "lib/lines.wgsl"

const CHUNK = 4u;
const PITCH = CHUNK + 1u;
const FLUSH = 64u;

var<workgroup> rowVectors: array<vec4f, BLOCK_ROWS * PITCH>;
var<workgroup> columnVectors: array<vec4f, BLOCK_COLUMNS * PITCH>;

fn signedBytes(word: u32) -> vec4f {
  return vec4f(vec4i(vec4u(word) << vec4u(24u, 16u, 8u, 0u)) >> vec4u(24u));
}

fn stage(cohort: vec4u, block: vec2u, local: u32, digit: u32, start: u32) {
  for (var line = local; line < BLOCK_ROWS; line += SIDE_X * SIDE_Y) {
    let quad = rowQuad(cohort, rowOf(block, line), start);
    for (var k = 0u; k < CHUNK; k++) {
      rowVectors[line * PITCH + k] = signedBytes(quad[k]);
    }
  }
  for (var line = local; line < BLOCK_COLUMNS; line += SIDE_X * SIDE_Y) {
    let quad = columnQuad(cohort, columnOf(block, line), digit, start);
    for (var k = 0u; k < CHUNK; k++) {
      columnVectors[line * PITCH + k] = signedBytes(quad[k]);
    }
  }
}

fn dots(cohort: vec4u, block: vec2u, at: vec2u) -> array<vec4i, 4> {
  var sum = array<vec4i, 4>();
  for (var digit = 0u; digit < DIGITS; digit++) {
    for (var i = 0u; i < 4u; i++) {
      sum[i] *= 256;
    }
    var part = array<vec4f, 4>();
    var chunks = 0u;
    for (var start = 0u; start < cohort.z; start += CHUNK) {
      workgroupBarrier();
      stage(cohort, block, at.y * SIDE_X + at.x, digit, start);
      workgroupBarrier();
      for (var k = 0u; k < CHUNK; k++) {
        let c0 = columnVectors[at.x * PITCH + k];
        let c1 = columnVectors[(at.x + SIDE_X) * PITCH + k];
        let c2 = columnVectors[(at.x + 2u * SIDE_X) * PITCH + k];
        let c3 = columnVectors[(at.x + 3u * SIDE_X) * PITCH + k];
        for (var i = 0u; i < 4u; i++) {
          let r = rowVectors[(at.y + i * SIDE_Y) * PITCH + k];
          part[i] += vec4f(dot(r, c0), dot(r, c1), dot(r, c2), dot(r, c3));
        }
      }
      chunks += 1u;
      if (chunks % FLUSH == 0u || start + CHUNK >= cohort.z) {
        for (var i = 0u; i < 4u; i++) {
          sum[i] += vec4i(part[i]);
          part[i] = vec4f();
        }
      }
    }
  }
  return sum;
}
