// Dense f32 product: out[row][column] = sum over k of a[row][k] * b[column][k].
//
// For what may be approximate (similarities between genes, before a refinement in f64). The `dense` epilogue of a
// product is f64 by definition, and a GPU has no f64: it never comes here.
//
// Bindings 0: params. 1: a [rows][depth]. 2: b [columns][depth]. 3: out [rows][columns]. All f32, finite.
// Grid: one workgroup of SIDE_X x SIDE_Y invocations a block, 4 x 4 values an invocation; blocks by row, split in two
// dimensions.
// Error: |out - exact| <= (depth + 1) 2^-23 |a||b| whatever the order of summation.
// Cost: rows * columns * depth multiply-adds, a vector read in workgroup memory for 8 of them; each value of a is read
// columns / BLOCK_COLUMNS times, and b's rows / BLOCK_ROWS times.

#include "lib/grid.wgsl"

struct Params {
  rows: u32,
  columns: u32,
  depth: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

// Tuning, as in lib/screen.wgsl and lib/dots_packed.wgsl: 16 values of every line at once, as four vectors, PITCH apart.
override SIDE_X: u32 = 16u;
override SIDE_Y: u32 = 16u;
override BLOCK_COLUMNS: u32 = 4u * SIDE_X;
override BLOCK_ROWS: u32 = 4u * SIDE_Y;
const QUADS = 4u;
const CHUNK = 4u * QUADS;
const PITCH = QUADS + 1u;

var<workgroup> aQuads: array<vec4f, BLOCK_ROWS * PITCH>;
var<workgroup> bQuads: array<vec4f, BLOCK_COLUMNS * PITCH>;

// Values k to k + 3 of a line, 0 beyond its end. Lines beyond the last repeat it.
fn quadOfA(line: u32, k: u32) -> vec4f {
  let at = min(line, params.rows - 1u) * params.depth + k;
  let inside = vec4u(k) + vec4u(0u, 1u, 2u, 3u) < vec4u(params.depth);
  return select(vec4f(), vec4f(a[at], a[at + 1u], a[at + 2u], a[at + 3u]), inside);
}

fn quadOfB(line: u32, k: u32) -> vec4f {
  let at = min(line, params.columns - 1u) * params.depth + k;
  let inside = vec4u(k) + vec4u(0u, 1u, 2u, 3u) < vec4u(params.depth);
  return select(vec4f(), vec4f(b[at], b[at + 1u], b[at + 2u], b[at + 3u]), inside);
}

@compute @workgroup_size(SIDE_X, SIDE_Y)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_id) at: vec3u,
) {
  let across = (params.columns + BLOCK_COLUMNS - 1u) / BLOCK_COLUMNS;
  let block = workgroupIndex(workgroup, workgroups);
  let firstRow = block / across * BLOCK_ROWS;
  let firstColumn = block % across * BLOCK_COLUMNS;
  if (firstRow >= params.rows) {
    return;
  }
  let local = at.y * SIDE_X + at.x;
  var sum = array<vec4f, 4>();
  for (var start = 0u; start < params.depth; start += CHUNK) {
    workgroupBarrier();
    for (var i = local; i < BLOCK_ROWS * QUADS; i += SIDE_X * SIDE_Y) {
      aQuads[i / QUADS * PITCH + i % QUADS] = quadOfA(firstRow + i / QUADS, start + i % QUADS * 4u);
    }
    for (var i = local; i < BLOCK_COLUMNS * QUADS; i += SIDE_X * SIDE_Y) {
      bQuads[i / QUADS * PITCH + i % QUADS] = quadOfB(firstColumn + i / QUADS, start + i % QUADS * 4u);
    }
    workgroupBarrier();
    for (var k = 0u; k < QUADS; k++) {
      let b0 = bQuads[at.x * PITCH + k];
      let b1 = bQuads[(at.x + SIDE_X) * PITCH + k];
      let b2 = bQuads[(at.x + 2u * SIDE_X) * PITCH + k];
      let b3 = bQuads[(at.x + 3u * SIDE_X) * PITCH + k];
      for (var i = 0u; i < 4u; i++) {
        let r = aQuads[(at.y + i * SIDE_Y) * PITCH + k];
        sum[i] += vec4f(dot(r, b0), dot(r, b1), dot(r, b2), dot(r, b3));
      }
    }
  }
  for (var i = 0u; i < 4u; i++) {
    let row = firstRow + at.y + i * SIDE_Y;
    for (var j = 0u; j < 4u; j++) {
      let column = firstColumn + at.x + j * SIDE_X;
      if (row < params.rows && column < params.columns) {
        out[row * params.columns + column] = sum[i][j];
      }
    }
  }
}
