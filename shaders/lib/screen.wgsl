// A block of estimates and their bounds, 4 x 4 an invocation: what screen_raise and screen_select share.
//
//   rows, columns  lib/lines.wgsl
//   rowFactors     base[rows], then per cohort scale[rows], spread[rows]   (RowFactors of src/compute/screen/bound.ts)
//   columnFactors  per cohort scale[columns], remainder[columns]           (ColumnFactors)
//   windows        first row and row after the last of each column, then the same of each block of columns
// estimate = sum over cohorts of rowScale * (columnScale * dot); bound = base + sum of spread * remainder.
//
// dot is an exact i32 (columnLevels of src/compute/screen/columns.ts; 256 * digit 1 may wrap, and wraps back). f32 here
// may round either way, fuse, and flush denormals: (8 + 2 cohorts) 2^-24 of an estimate against the (12 + 2 cohorts) 2^-24
// that `base` allows, and 2^-23 for each of cohorts + 3 roundings of a bound against its (cohorts + 8) 2^-22.
// A row without a pair has base < 0. No infinity and no NaN comes in: the host replaces them.

#include "lib/dots_*.wgsl"

struct Params {
  // Rows of the tile: the pitch of rowFactors.
  rows: u32,
  columns: u32,
  cohorts: u32,
  // Entries that `found` has room for.
  capacity: u32,
  // Rows that are looked at.
  firstRow: u32,
  endRow: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(4) var<storage, read> rowFactors: array<f32>;
@group(0) @binding(5) var<storage, read> columnFactors: array<f32>;
@group(0) @binding(6) var<storage, read> windows: array<vec2u>;

// Tuning: SIDE_X x SIDE_Y invocations to a block (SHAPES of src/compute/webgpu/variants.ts).
override SIDE_X: u32 = 16u;
override SIDE_Y: u32 = 16u;
override BLOCK_COLUMNS: u32 = 4u * SIDE_X;
override BLOCK_ROWS: u32 = 4u * SIDE_Y;

// What one invocation holds: rows first.y + SIDE_Y * i, columns first.x + SIDE_X * j, i and j from 0 to 3.
struct Pairs {
  estimate: array<vec4f, 4>,
  bound: array<vec4f, 4>,
}

// A line of a block; those beyond the tile repeat its last (and meet nothing).
fn rowOf(block: vec2u, line: u32) -> u32 {
  return min(params.firstRow + block.y * BLOCK_ROWS + line, params.rows - 1u);
}

fn columnOf(block: vec2u, line: u32) -> u32 {
  return min(block.x * BLOCK_COLUMNS + line, params.columns - 1u);
}

// Whether no column of the block meets one of its rows. The same for all of a workgroup.
fn isIdle(block: vec2u) -> bool {
  let met = windows[params.columns + block.x];
  let start = params.firstRow + block.y * BLOCK_ROWS;
  return met.x >= min(start + BLOCK_ROWS, params.endRow) || met.y <= start;
}

fn meets(row: u32, column: u32) -> bool {
  if (row >= params.endRow || column >= params.columns) {
    return false;
  }
  let window = windows[column];
  return row >= window.x && row < window.y && rowFactors[row] >= 0.0;
}

// Four columns' factors, from `start` on.
fn ofColumns(start: u32, block: vec2u, x: u32) -> vec4f {
  return vec4f(
    columnFactors[start + columnOf(block, x)],
    columnFactors[start + columnOf(block, x + SIDE_X)],
    columnFactors[start + columnOf(block, x + 2u * SIDE_X)],
    columnFactors[start + columnOf(block, x + 3u * SIDE_X)],
  );
}

fn pairsOf(block: vec2u, at: vec2u) -> Pairs {
  var pairs: Pairs;
  for (var i = 0u; i < 4u; i++) {
    pairs.bound[i] = vec4f(rowFactors[rowOf(block, at.y + i * SIDE_Y)]);
  }
  for (var c = 0u; c < params.cohorts; c++) {
    let sums = dots(cohorts[c], block, at);
    let scale = ofColumns(2u * c * params.columns, block, at.x);
    let remainder = ofColumns((2u * c + 1u) * params.columns, block, at.x);
    for (var i = 0u; i < 4u; i++) {
      let row = rowOf(block, at.y + i * SIDE_Y);
      let rowScale = rowFactors[(2u * c + 1u) * params.rows + row];
      let rowSpread = rowFactors[(2u * c + 2u) * params.rows + row];
      pairs.estimate[i] += rowScale * (scale * vec4f(sums[i]));
      pairs.bound[i] += rowSpread * remainder;
    }
  }
  return pairs;
}
