import { LimitError, UsageError } from "../../errors.ts";
import type { Session } from "./session.ts";
import { STORAGE } from "./usage.ts";
import { BLOCKS, type Block, sidesOf } from "./variants.ts";
import { dispatchGrid } from "./work.ts";

/** A matrix of f32 values `[row][k]`, all finite. */
export interface Matrix {
  readonly rows: number;
  readonly depth: number;
  readonly values: Float32Array<ArrayBuffer>;
}

/**
 * a times the transpose of b in f32, `[row of a][row of b]`: approximate by definition, within
 * (depth + 1) 2^-23 |a||b| of each product. One submit: the caller cuts what would take too long. `block`: what a
 * workgroup takes; `across`: workgroups in a dimension of the grid. Throws UsageError where shapes do not fit, LimitError where a matrix is larger than a buffer of the device can be.
 */
export async function multiply(
  session: Session,
  a: Matrix,
  b: Matrix,
  block: Block = BLOCKS.wide,
  across = session.device.limits.maxComputeWorkgroupsPerDimension,
): Promise<Float32Array<ArrayBuffer>> {
  for (const { rows, depth, values } of [a, b]) {
    if (depth !== a.depth || values.length !== rows * depth) {
      throw new UsageError(
        `gemm: ${values.length} values for ${rows} rows of ${depth}, beside rows of ${a.depth}`,
      );
    }
  }
  const count = a.rows * b.rows;
  if (count === 0 || a.depth === 0) return new Float32Array(count);
  const { limits } = session.device;
  const largest = 4 * Math.max(count, a.values.length, b.values.length);
  const limit = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
  if (largest > limit) throw new LimitError(`gemm: a matrix of ${largest} bytes; the device takes ${limit}`);
  return session.borrowing(async (take) => {
    const left = await take("gemm: a", a.values.byteLength, STORAGE);
    const right = await take("gemm: b", b.values.byteLength, STORAGE);
    const out = await take("gemm: out", 4 * count, STORAGE);
    session.write(left, a.values);
    session.write(right, b.values);
    const params = await session.params(take, "gemm", [a.rows, b.rows, a.depth, 0]);
    const kernel = await session.guard(session.pipelines.get("gemm", sidesOf(block)));
    const blocks = Math.ceil(a.rows / block.rows) * Math.ceil(b.rows / block.columns);
    const grid = dispatchGrid(blocks, across);
    const { results } = await session.run({
      what: `gemm of ${a.rows} x ${a.depth} and ${b.rows} x ${a.depth}`,
      dispatches: [{ kernel, buffers: [params, left, right, out], grid }],
      wanted: [{ buffer: out, from: 0, bytes: 4 * count }],
    });
    const [words] = results;
    return new Float32Array(words!.buffer, words!.byteOffset, count);
  });
}
