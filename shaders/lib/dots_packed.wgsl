// Integer dot products of a block by the GPU's own instruction: 4 x 4 an invocation, exact in i32.
//
// CHUNK words of every line at once in workgroup memory, as vectors of four words (10 KiB for a block of 64 x 64); a line
// is PITCH vectors apart, an odd number, so that eight neighbours are in different banks.
// Cost of a block: rows * columns * words * DIGITS dot4, one vector read for 8 of them, 2 barriers a chunk.

#include "lib/lines.wgsl"

const QUADS = 4u;
const CHUNK = 4u * QUADS;
const PITCH = QUADS + 1u;

var<workgroup> rowQuads: array<vec4u, BLOCK_ROWS * PITCH>;
var<workgroup> columnQuads: array<vec4u, BLOCK_COLUMNS * PITCH>;

fn dot16(a: vec4u, b: vec4u) -> i32 {
  return dot4I8Packed(a.x, b.x) + dot4I8Packed(a.y, b.y) + dot4I8Packed(a.z, b.z) + dot4I8Packed(a.w, b.w);
}

fn stage(cohort: vec4u, block: vec2u, local: u32, digit: u32, start: u32) {
  for (var i = local; i < BLOCK_ROWS * QUADS; i += SIDE_X * SIDE_Y) {
    let row = rowOf(block, i / QUADS);
    rowQuads[i / QUADS * PITCH + i % QUADS] = rowQuad(cohort, row, start + i % QUADS * 4u);
  }
  for (var i = local; i < BLOCK_COLUMNS * QUADS; i += SIDE_X * SIDE_Y) {
    let column = columnOf(block, i / QUADS);
    columnQuads[i / QUADS * PITCH + i % QUADS] = columnQuad(cohort, column, digit, start + i % QUADS * 4u);
  }
}

fn dots(cohort: vec4u, block: vec2u, at: vec2u) -> array<vec4i, 4> {
  var sum = array<vec4i, 4>();
  for (var digit = 0u; digit < DIGITS; digit++) {
    for (var i = 0u; i < 4u; i++) {
      sum[i] *= 256;
    }
    for (var start = 0u; start < cohort.z; start += CHUNK) {
      workgroupBarrier();
      stage(cohort, block, at.y * SIDE_X + at.x, digit, start);
      workgroupBarrier();
      for (var k = 0u; k < QUADS; k++) {
        let c0 = columnQuads[at.x * PITCH + k];
        let c1 = columnQuads[(at.x + SIDE_X) * PITCH + k];
        let c2 = columnQuads[(at.x + 2u * SIDE_X) * PITCH + k];
        let c3 = columnQuads[(at.x + 3u * SIDE_X) * PITCH + k];
        for (var i = 0u; i < 4u; i++) {
          let r = rowQuads[(at.y + i * SIDE_Y) * PITCH + k];
          sum[i] += vec4i(dot16(r, c0), dot16(r, c1), dot16(r, c2), dot16(r, c3));
        }
      }
    }
  }
  return sum;
}
