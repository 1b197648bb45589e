// The integer dot products themselves, out[row][column], of cohort `capacity`: for the tests only.
#include "lib/screen.wgsl"

@group(0) @binding(7) var<storage, read_write> out: array<i32>;

@compute @workgroup_size(SIDE_X, SIDE_Y)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let block = workgroup.xy;
  let sums = dots(cohorts[params.capacity], block, local.xy);
  for (var i = 0u; i < 4u; i++) {
    let row = params.firstRow + block.y * BLOCK_ROWS + local.y + i * SIDE_Y;
    for (var j = 0u; j < 4u; j++) {
      let column = block.x * BLOCK_COLUMNS + local.x + j * SIDE_X;
      if (row < params.endRow && column < params.columns) {
        out[row * params.columns + column] = sums[i][j];
      }
    }
  }
}
