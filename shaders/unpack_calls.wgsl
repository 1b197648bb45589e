// Rows of 2-bit calls to rows of signed bytes: four calls in, one word out.
//
// Bindings 0: params. 1: packed, bytes [row][stride], four calls a byte, the first in the low bits; padding is 0.
// 2: terms [rows]: i16 `denominator` in the low half, `numerator` in the high one. 3: rows, words [row][stride],
// from params.at on: denominator * call, or numerator where the call (3) is missing.
// Grid: one invocation a byte, 256 a workgroup, split in two dimensions. Cost: reads a byte, writes four.

#include "lib/grid.wgsl"

struct Params {
  // Bytes in all.
  count: u32,
  // Bytes a row.
  stride: u32,
  at: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> packed: array<u32>;
@group(0) @binding(2) var<storage, read> terms: array<u32>;
@group(0) @binding(3) var<storage, read_write> rows: array<u32>;

@compute @workgroup_size(256)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let byte = workgroupIndex(workgroup, workgroups) * 256u + local;
  if (byte >= params.count) {
    return;
  }
  let calls = packed[byte / 4u] >> (8u * (byte % 4u));
  let pair = terms[byte / params.stride];
  var word = 0u;
  for (var s = 0u; s < 4u; s++) {
    let code = (calls >> (2u * s)) & 3u;
    let value = select((pair & 0xffffu) * code, pair >> 16u, code == 3u);
    word |= (value & 0xffu) << (8u * s);
  }
  rows[params.at + byte] = word;
}
