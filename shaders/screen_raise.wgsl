// First pass of columnMax: raises each column's floor to what the |statistic| of some row is certain to reach,
// (|estimate| - bound) * MARGIN. screen_select then finds the rows that may reach the floor.
//
// Bindings 0 to 6: lib/screen.wgsl. 7: floors [columns], f32 >= 0 as bits, which are in the order of the numbers.
// Grid: (columns / 64) x (rows / 64) workgroups, x columns. Cost: lib/screen.wgsl, and 4 atomics an invocation.

#include "lib/dot4.wgsl"
#include "lib/screen.wgsl"

@group(0) @binding(7) var<storage, read_write> floors: array<atomic<u32>>;

// MARGIN of src/compute/screen/bound.ts.
override MARGIN: f32;

@compute @workgroup_size(16, 16)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_id) local: vec3u) {
  if (isIdle(workgroup.xy)) {
    return;
  }
  let pairs = pairsOf(workgroup.xy, local.xy);
  for (var j = 0u; j < 4u; j++) {
    let column = workgroup.x * BLOCK + local.x + j * SIDE;
    var certain = 0.0;
    for (var i = 0u; i < 4u; i++) {
      let row = params.firstRow + workgroup.y * BLOCK + local.y + i * SIDE;
      if (meets(row, column)) {
        certain = max(certain, (abs(pairs.estimate[i][j]) - pairs.bound[i][j]) * MARGIN);
      }
    }
    if (certain > 0.0) {
      atomicMax(&floors[column], bitcast<u32>(certain));
    }
  }
}
