// Exact products of whole-number rows with one another: what topological overlaps are summed of.
//
// A number is 128 * high + low, high from -127 to 127 and low from -64 to 63: a byte each. The product of two rows is
// 16384 * high.high + 128 * (high.low + low.high) + low.low; the three sums are kept apart, each exact in i32 for rows of up
// to 65,536 numbers, and put together in f64 by the host.
//
// Bindings 0: params. 1: a [row][word], 2: b [column][word]: vectors (high, low) of four numbers' bytes, 0 beyond a row's end.
// 3: sums [high, both, low][column][row] of the tile, i32; set where fromWord is 0, else added to.
// Grid: one workgroup of SIDE_X x SIDE_Y invocations a block, 4 x 4 pairs an invocation; blocks by row.
// Cost: four dot4 a word and pair, two vector reads of workgroup memory for 8 of them.

#include "lib/grid.wgsl"
#include "lib/four_*.wgsl"

struct Params {
  // Of a, of b.
  firstRow: u32,
  endRow: u32,
  firstColumn: u32,
  endColumn: u32,
  // Words of a line; those that are summed.
  words: u32,
  fromWord: u32,
  endWord: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<vec2u>;
@group(0) @binding(2) var<storage, read> b: array<vec2u>;
@group(0) @binding(3) var<storage, read_write> sums: array<i32>;

// Tuning, as in gemm.wgsl: CHUNK words of every line at once, PITCH apart.
override SIDE_X: u32 = 16u;
override SIDE_Y: u32 = 16u;
override BLOCK_COLUMNS: u32 = 4u * SIDE_X;
override BLOCK_ROWS: u32 = 4u * SIDE_Y;
const CHUNK = 8u;
const PITCH = CHUNK + 1u;

var<workgroup> aWords: array<vec2u, BLOCK_ROWS * PITCH>;
var<workgroup> bWords: array<vec2u, BLOCK_COLUMNS * PITCH>;

// Lines beyond the last repeat it; words beyond the end are 0.
fn wordOfA(line: u32, word: u32) -> vec2u {
  return select(vec2u(), a[min(line, params.endRow - 1u) * params.words + word], word < params.endWord);
}

fn wordOfB(line: u32, word: u32) -> vec2u {
  return select(vec2u(), b[min(line, params.endColumn - 1u) * params.words + word], word < params.endWord);
}

fn put(plane: u32, row: u32, column: u32, value: i32) {
  let rows = params.endRow - params.firstRow;
  let columns = params.endColumn - params.firstColumn;
  let at = (plane * columns + column - params.firstColumn) * rows + row - params.firstRow;
  if (params.fromWord == 0u) {
    sums[at] = value;
  } else {
    sums[at] += value;
  }
}

@compute @workgroup_size(SIDE_X, SIDE_Y)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_id) at: vec3u,
) {
  let across = (params.endColumn - params.firstColumn + BLOCK_COLUMNS - 1u) / BLOCK_COLUMNS;
  let block = workgroupIndex(workgroup, workgroups);
  let firstRow = params.firstRow + block / across * BLOCK_ROWS;
  let firstColumn = params.firstColumn + block % across * BLOCK_COLUMNS;
  if (firstRow >= params.endRow) {
    return;
  }
  let local = at.y * SIDE_X + at.x;
  var high = array<vec4i, 4>();
  var both = array<vec4i, 4>();
  var low = array<vec4i, 4>();
  for (var start = params.fromWord; start < params.endWord; start += CHUNK) {
    workgroupBarrier();
    for (var i = local; i < BLOCK_ROWS * CHUNK; i += SIDE_X * SIDE_Y) {
      aWords[i / CHUNK * PITCH + i % CHUNK] = wordOfA(firstRow + i / CHUNK, start + i % CHUNK);
    }
    for (var i = local; i < BLOCK_COLUMNS * CHUNK; i += SIDE_X * SIDE_Y) {
      bWords[i / CHUNK * PITCH + i % CHUNK] = wordOfB(firstColumn + i / CHUNK, start + i % CHUNK);
    }
    workgroupBarrier();
    for (var k = 0u; k < CHUNK; k++) {
      let c0 = bWords[at.x * PITCH + k];
      let c1 = bWords[(at.x + SIDE_X) * PITCH + k];
      let c2 = bWords[(at.x + 2u * SIDE_X) * PITCH + k];
      let c3 = bWords[(at.x + 3u * SIDE_X) * PITCH + k];
      for (var i = 0u; i < 4u; i++) {
        let r = aWords[(at.y + i * SIDE_Y) * PITCH + k];
        high[i] += vec4i(four(r.x, c0.x), four(r.x, c1.x), four(r.x, c2.x), four(r.x, c3.x));
        both[i] += vec4i(four(r.x, c0.y), four(r.x, c1.y), four(r.x, c2.y), four(r.x, c3.y));
        both[i] += vec4i(four(r.y, c0.x), four(r.y, c1.x), four(r.y, c2.x), four(r.y, c3.x));
        low[i] += vec4i(four(r.y, c0.y), four(r.y, c1.y), four(r.y, c2.y), four(r.y, c3.y));
      }
    }
  }
  for (var i = 0u; i < 4u; i++) {
    let row = firstRow + at.y + i * SIDE_Y;
    for (var j = 0u; j < 4u; j++) {
      let column = firstColumn + at.x + j * SIDE_X;
      if (row < params.endRow && column < params.endColumn) {
        put(0u, row, column, high[i][j]);
        put(1u, row, column, both[i][j]);
        put(2u, row, column, low[i][j]);
      }
    }
  }
}
