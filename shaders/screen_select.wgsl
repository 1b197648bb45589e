// Candidates: the pairs of a tile with |estimate| + bound >= threshold, compacted.
//
// Bindings 0 to 6: lib/screen.wgsl. 7: thresholds [columns], f32 >= 0 as bits (the same bits that screen_raise leaves).
// 8: found: the number of pairs (also beyond `capacity`: the host then splits the tile), then entries
// row << 16 | column (numbers within the tile) in no order.
// Grid: (columns / 64) x (rows / 64) workgroups, x columns. Cost: lib/screen.wgsl, and an atomic a pair found.

#include "lib/dot4.wgsl"
#include "lib/screen.wgsl"

struct Found {
  count: atomic<u32>,
  entries: array<u32>,
}

@group(0) @binding(7) var<storage, read> thresholds: array<u32>;
@group(0) @binding(8) var<storage, read_write> found: Found;

@compute @workgroup_size(16, 16)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_id) local: vec3u) {
  if (isIdle(workgroup.xy)) {
    return;
  }
  let pairs = pairsOf(workgroup.xy, local.xy);
  for (var i = 0u; i < 4u; i++) {
    let row = params.firstRow + workgroup.y * BLOCK + local.y + i * SIDE;
    let upper = abs(pairs.estimate[i]) + pairs.bound[i];
    for (var j = 0u; j < 4u; j++) {
      let column = workgroup.x * BLOCK + local.x + j * SIDE;
      if (meets(row, column) && upper[j] >= bitcast<f32>(thresholds[column])) {
        let at = atomicAdd(&found.count, 1u);
        if (at < params.capacity) {
          found.entries[at] = (row << 16u) | column;
        }
      }
    }
  }
}
