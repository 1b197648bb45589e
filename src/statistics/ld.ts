import { UsageError } from "../errors.ts";
import { dot } from "./linalg.ts";
import type { Ld } from "./susie.ts";

/**
 * LD as the genotypes have it: `unit[variant * n + sample]`, each variant a residual of norm 1. R b = X'(X b)
 * takes 4 n operations a variant, and R itself is never made.
 */
export function genotypeLd(unit: Float64Array, variants: number, n: number): Ld {
  if (unit.length !== variants * n)
    throw new UsageError(
      `${variants} variants of ${n} samples are ${variants * n} numbers, not ${unit.length}`,
    );
  const sum = new Float64Array(n);
  return {
    variants,
    times(b, out) {
      sum.fill(0);
      for (let v = 0; v < variants; v++) {
        const factor = b[v]!;
        if (factor === 0) continue;
        const at = v * n;
        for (let s = 0; s < n; s++) sum[s]! += factor * unit[at + s]!;
      }
      for (let v = 0; v < variants; v++) out[v] = dot(unit, v * n, sum, 0, n);
    },
    correlation: (i, j) => dot(unit, i * n, unit, j * n, n),
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
