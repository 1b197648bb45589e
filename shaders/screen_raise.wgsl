// First pass of columnMax: raises each column's floor to what the |statistic| of some row is certain to reach,
// (|estimate| - bound) * MARGIN. screen_select then finds the rows that may reach the floor.
//
// Bindings 0 to 6: lib/screen.wgsl. 7: floors [columns], f32 >= 0 as bits, which are in the order of the numbers.
// Grid: columns / BLOCK_COLUMNS x rows / BLOCK_ROWS workgroups, x columns.
// Cost: lib/dots_*.wgsl; 4 atomics an invocation in workgroup memory, and one a column and workgroup.

#include "lib/screen.wgsl"

@group(0) @binding(7) var<storage, read_write> floors: array<atomic<u32>>;

// MARGIN of src/compute/screen/bound.ts.
override MARGIN: f32;

var<workgroup> certain: array<atomic<u32>, BLOCK_COLUMNS>;

@compute @workgroup_size(SIDE_X, SIDE_Y)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let block = workgroup.xy;
  if (isIdle(block)) {
    return;
  }
  let pairs = pairsOf(block, local.xy);
  for (var j = 0u; j < 4u; j++) {
    let column = block.x * BLOCK_COLUMNS + local.x + j * SIDE_X;
    var most = 0.0;
    for (var i = 0u; i < 4u; i++) {
      let row = params.firstRow + block.y * BLOCK_ROWS + local.y + i * SIDE_Y;
      if (meets(row, column)) {
        most = max(most, (abs(pairs.estimate[i][j]) - pairs.bound[i][j]) * MARGIN);
      }
    }
    if (most > 0.0) {
      atomicMax(&certain[local.x + j * SIDE_X], bitcast<u32>(most));
    }
  }
  workgroupBarrier();
  for (var j = local.y * SIDE_X + local.x; j < BLOCK_COLUMNS; j += SIDE_X * SIDE_Y) {
    let most = atomicLoad(&certain[j]);
    if (most > 0u) {
      atomicMax(&floors[block.x * BLOCK_COLUMNS + j], most);
    }
  }
}
