// A block of 64 x 64 estimates and their bounds, 4 x 4 an invocation: what screen_raise and screen_select share.
//
// Rows and columns are signed bytes, four samples a word, padded with 0. Of a cohort c with `words` words a row:
//   rows     [row][word]            from cohorts[c].x on
//   columns  [column][digit][word]  from cohorts[c].y on; q = 256 digit 1 + digit 2 where DIGITS is 2
//   rowFactors     base[rows], then per cohort scale[rows], spread[rows]   (RowFactors of src/compute/screen/bound.ts)
//   columnFactors  per cohort scale[columns], remainder[columns]           (ColumnFactors)
//   windows  first row and row after the last of each column, then the same of each block of 64 columns
// estimate = sum over cohorts of rowScale * (columnScale * dot); bound = base + sum of spread * remainder.
//
// dot is an exact i32 (columnLevels of src/compute/screen/columns.ts; 256 * digit 1 may wrap, and wraps back). f32 here
// may round either way, fuse, and flush denormals: (8 + 2 cohorts) 2^-24 of an estimate against the (12 + 2 cohorts) 2^-24
// that `base` allows, and 2^-23 for each of cohorts + 3 roundings of a bound against its (cohorts + 8) 2^-22.
// A row without a pair has base < 0. No infinity and no NaN comes in: the host replaces them.
//
// Cost: 64 * 64 * words * DIGITS dot4 and 2 * words * DIGITS / 16 barriers a block.

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
@group(0) @binding(1) var<storage, read> cohorts: array<vec4u>;
@group(0) @binding(2) var<storage, read> rows: array<u32>;
@group(0) @binding(3) var<storage, read> columns: array<u32>;
@group(0) @binding(4) var<storage, read> rowFactors: array<f32>;
@group(0) @binding(5) var<storage, read> columnFactors: array<f32>;
@group(0) @binding(6) var<storage, read> windows: array<vec2u>;

// Digits of a column's integers: 1 or 2.
override DIGITS: u32 = 1u;

// Tuning. A block of BLOCK x BLOCK pairs by SIDE x SIDE invocations; CHUNK words of every line at once in workgroup
// memory (8.5 KiB), a line PITCH words apart so that neighbours are in different banks.
const BLOCK = 64u;
const SIDE = 16u;
const CHUNK = 16u;
const PITCH = 17u;

var<workgroup> rowWords: array<u32, 1088>;
var<workgroup> columnWords: array<u32, 1088>;

// What one invocation holds: rows first.y + SIDE * i, columns first.x + SIDE * j, i and j from 0 to 3.
struct Pairs {
  estimate: array<vec4f, 4>,
  bound: array<vec4f, 4>,
}

// Whether no column of the block meets one of its rows. The same for all of a workgroup.
fn isIdle(block: vec2u) -> bool {
  let met = windows[params.columns + block.x];
  let start = params.firstRow + block.y * BLOCK;
  return met.x >= min(start + BLOCK, params.endRow) || met.y <= start;
}

fn meets(row: u32, column: u32) -> bool {
  if (row >= params.endRow || column >= params.columns) {
    return false;
  }
  let window = windows[column];
  return row >= window.x && row < window.y && rowFactors[row] >= 0.0;
}

fn dots(cohort: vec4u, block: vec2u, at: vec2u) -> array<vec4i, 4> {
  var sum = array<vec4i, 4>();
  let words = cohort.z;
  let firstRow = params.firstRow + block.y * BLOCK;
  let firstColumn = block.x * BLOCK;
  for (var digit = 0u; digit < DIGITS; digit++) {
    for (var i = 0u; i < 4u; i++) {
      sum[i] *= 256;
    }
    for (var start = 0u; start < words; start += CHUNK) {
      workgroupBarrier();
      for (var i = 0u; i < 4u; i++) {
        let index = at.y * SIDE + at.x + i * SIDE * SIDE;
        let line = index / CHUNK;
        let word = start + index % CHUNK;
        let row = firstRow + line;
        let column = firstColumn + line;
        var ofRow = 0u;
        var ofColumn = 0u;
        if (word < words) {
          if (row < params.endRow) {
            ofRow = rows[cohort.x + row * words + word];
          }
          if (column < params.columns) {
            ofColumn = columns[cohort.y + (column * DIGITS + digit) * words + word];
          }
        }
        rowWords[line * PITCH + index % CHUNK] = ofRow;
        columnWords[line * PITCH + index % CHUNK] = ofColumn;
      }
      workgroupBarrier();
      let depth = min(CHUNK, words - start);
      for (var k = 0u; k < depth; k++) {
        let c0 = columnWords[at.x * PITCH + k];
        let c1 = columnWords[(at.x + SIDE) * PITCH + k];
        let c2 = columnWords[(at.x + 2u * SIDE) * PITCH + k];
        let c3 = columnWords[(at.x + 3u * SIDE) * PITCH + k];
        for (var i = 0u; i < 4u; i++) {
          let r = rowWords[(at.y + i * SIDE) * PITCH + k];
          sum[i] += vec4i(dot4(r, c0), dot4(r, c1), dot4(r, c2), dot4(r, c3));
        }
      }
    }
  }
  return sum;
}

// Four columns' factors, SIDE apart; those beyond the last repeat it (they meet no row).
fn columnVector(start: u32, column: u32) -> vec4f {
  let last = params.columns - 1u;
  return vec4f(
    columnFactors[start + min(column, last)],
    columnFactors[start + min(column + SIDE, last)],
    columnFactors[start + min(column + 2u * SIDE, last)],
    columnFactors[start + min(column + 3u * SIDE, last)],
  );
}

fn pairsOf(block: vec2u, at: vec2u) -> Pairs {
  var pairs: Pairs;
  let firstRow = params.firstRow + block.y * BLOCK + at.y;
  let column = block.x * BLOCK + at.x;
  for (var i = 0u; i < 4u; i++) {
    pairs.bound[i] = vec4f(rowFactors[min(firstRow + i * SIDE, params.rows - 1u)]);
  }
  for (var c = 0u; c < params.cohorts; c++) {
    let sums = dots(cohorts[c], block, at);
    let scale = columnVector(2u * c * params.columns, column);
    let remainder = columnVector((2u * c + 1u) * params.columns, column);
    for (var i = 0u; i < 4u; i++) {
      let row = min(firstRow + i * SIDE, params.rows - 1u);
      let rowScale = rowFactors[(2u * c + 1u) * params.rows + row];
      let rowSpread = rowFactors[(2u * c + 2u) * params.rows + row];
      pairs.estimate[i] += rowScale * (scale * vec4f(sums[i]));
      pairs.bound[i] += rowSpread * remainder;
    }
  }
  return pairs;
}
