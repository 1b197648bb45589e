// Candidates: the pairs of a tile with |estimate| + bound >= threshold, compacted.
//
// Bindings 0 to 6: lib/screen.wgsl. 7: thresholds [columns], f32 >= 0 as bits (the same bits that screen_raise leaves).
// 8: found: the number of pairs (also beyond `capacity`: the host then splits the tile), then entries
// row << 16 | column (numbers within the tile) in no order.
// Grid: columns / BLOCK_COLUMNS x rows / BLOCK_ROWS workgroups, x columns.
// Cost: lib/dots_*.wgsl; an atomic a workgroup that found something, and one in workgroup memory an invocation, or a
// subgroup, that did.

#include "lib/screen.wgsl"
#include "lib/append_*.wgsl"

struct Found {
  count: atomic<u32>,
  entries: array<u32>,
}

@group(0) @binding(7) var<storage, read> thresholds: array<u32>;
@group(0) @binding(8) var<storage, read_write> found: Found;

@compute @workgroup_size(SIDE_X, SIDE_Y)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let block = workgroup.xy;
  if (isIdle(block)) {
    return;
  }
  let pairs = pairsOf(block, local.xy);
  // Bit 4 i + j: whether pair i, j is one.
  var hits = 0u;
  for (var i = 0u; i < 4u; i++) {
    let row = params.firstRow + block.y * BLOCK_ROWS + local.y + i * SIDE_Y;
    let upper = abs(pairs.estimate[i]) + pairs.bound[i];
    for (var j = 0u; j < 4u; j++) {
      let column = block.x * BLOCK_COLUMNS + local.x + j * SIDE_X;
      if (meets(row, column) && upper[j] >= bitcast<f32>(thresholds[column])) {
        hits |= 1u << (4u * i + j);
      }
    }
  }
  var at = placeOf(countOneBits(hits), local.y * SIDE_X + local.x);
  for (; hits != 0u && at < params.capacity; at++) {
    let bit = firstTrailingBit(hits);
    hits &= hits - 1u;
    let row = params.firstRow + block.y * BLOCK_ROWS + local.y + bit / 4u * SIDE_Y;
    let column = block.x * BLOCK_COLUMNS + local.x + bit % 4u * SIDE_X;
    found.entries[at] = (row << 16u) | column;
  }
}
