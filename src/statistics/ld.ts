import { UsageError } from "../errors.ts";
import { dot } from "./linalg.ts";
import type { Ld } from "./susie.ts";

/**
 * LD as the genotypes have it: one array of n samples a variant, a residual of norm 1. R b = X'(X b) takes 4 n
 * operations a variant, and R itself is never made.
 */
export function genotypeLd(unit: readonly Float64Array[]): Ld {
  const n = unit[0]?.length ?? 0;
  const other = unit.find(({ length }) => length !== n);
  if (other !== undefined) throw new UsageError(`variants of ${n} and of ${other.length} samples have no LD`);
  const sum = new Float64Array(n);
  return {
    variants: unit.length,
    times(b, out) {
      sum.fill(0);
      for (let v = 0; v < unit.length; v++) {
        const factor = b[v]!;
        if (factor === 0) continue;
        const g = unit[v]!;
        for (let s = 0; s < n; s++) sum[s]! += factor * g[s]!;
      }
      for (let v = 0; v < unit.length; v++) out[v] = dot(unit[v]!, 0, sum, 0, n);
    },
    correlation: (i, j) => dot(unit[i]!, 0, unit[j]!, 0, n),
  };
}

/** LD as a symmetric matrix, `matrix[i * p + j]`. */
export function matrixLd(matrix: Float64Array, variants: number): Ld {
  if (matrix.length !== variants * variants)
    throw new UsageError(
      `an LD of ${variants} variants has ${variants * variants} numbers, not ${matrix.length}`,
    );
  return {
    variants,
    times(b, out) {
      out.fill(0);
      for (let i = 0; i < variants; i++) {
        const factor = b[i]!;
        if (factor === 0) continue;
        for (let j = 0; j < variants; j++) out[j]! += factor * matrix[i * variants + j]!;
      }
    },
    correlation: (i, j) => matrix[i * variants + j]!,
  };
}
