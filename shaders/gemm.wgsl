// Dense f32 product: out[row][column] = sum over k of a[row][k] * b[column][k].
//
// For what may be approximate (similarities between genes, before a refinement in f64). The `dense` epilogue of a
// product is f64 by definition, and a GPU has no f64: it never comes here.
//
// Bindings 0: params. 1: a [rows][depth]. 2: b [columns][depth]. 3: out [rows][columns]. All f32, finite.
// Grid: one workgroup of 16 x 16 invocations a block of 64 x 64, blocks by row, split in two dimensions.
// Error: |out - exact| <= (depth + 1) 2^-23 |a||b| whatever the order of summation.
// Cost: rows * columns * depth multiply-adds; each value of a is read columns / 64 times, and b's rows / 64 times.

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

// Tuning, as in lib/screen.wgsl.
const BLOCK = 64u;
const SIDE = 16u;
const CHUNK = 16u;
const PITCH = 17u;

var<workgroup> rowValues: array<f32, 1088>;
var<workgroup> columnValues: array<f32, 1088>;

@compute @workgroup_size(16, 16)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_id) at: vec3u,
) {
  let across = (params.columns + BLOCK - 1u) / BLOCK;
  let block = workgroupIndex(workgroup, workgroups);
  let firstRow = block / across * BLOCK;
  let firstColumn = block % across * BLOCK;
  if (firstRow >= params.rows) {
    return;
  }
  var sum = array<vec4f, 4>();
  for (var start = 0u; start < params.depth; start += CHUNK) {
    workgroupBarrier();
    for (var i = 0u; i < 4u; i++) {
      let index = at.y * SIDE + at.x + i * SIDE * SIDE;
      let line = index / CHUNK;
      let k = start + index % CHUNK;
      var ofRow = 0.0;
      var ofColumn = 0.0;
      if (k < params.depth) {
        if (firstRow + line < params.rows) {
          ofRow = a[(firstRow + line) * params.depth + k];
        }
        if (firstColumn + line < params.columns) {
          ofColumn = b[(firstColumn + line) * params.depth + k];
        }
      }
      rowValues[line * PITCH + index % CHUNK] = ofRow;
      columnValues[line * PITCH + index % CHUNK] = ofColumn;
    }
    workgroupBarrier();
    for (var k = 0u; k < CHUNK; k++) {
      let right = vec4f(
        columnValues[at.x * PITCH + k],
        columnValues[(at.x + SIDE) * PITCH + k],
        columnValues[(at.x + 2u * SIDE) * PITCH + k],
        columnValues[(at.x + 3u * SIDE) * PITCH + k],
      );
      for (var i = 0u; i < 4u; i++) {
        sum[i] += rowValues[(at.y + i * SIDE) * PITCH + k] * right;
      }
    }
  }
  for (var i = 0u; i < 4u; i++) {
    let row = firstRow + at.y + i * SIDE;
    for (var j = 0u; j < 4u; j++) {
      let column = firstColumn + at.x + j * SIDE;
      if (row < params.rows && column < params.columns) {
        out[row * params.columns + column] = sum[i][j];
      }
    }
  }
}
