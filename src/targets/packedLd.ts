import type { DosageRows } from "../association/dosageRows.ts";
import { decodeDosages } from "../cohort/dosages.ts";
import { dot, type OrthonormalBasis, residualise } from "../statistics/linalg.ts";
import type { Ld } from "../statistics/susie.ts";

/** Residual genotypes that are held for correlations one by one: as many as a credible set is judged by, and the next. */
const HELD = 128;

export interface PackedWindow {
  readonly rows: DosageRows;
  /** Of `rows`, those that are mapped; and the norms of their residual genotypes, by place in `own`. */
  readonly own: readonly number[];
  readonly norm: Float64Array;
  /** What is projected out of genotypes, beside their means. */
  readonly basis: Pick<OrthonormalBasis, "n" | "count" | "values">;
}

/**
 * LD of residual genotypes that are never held all at once: X = M G / norms, M the projection on what the constant and `basis` leave, and M M = M, so that
 * R b = G' M (G b / norms) / norms. Calls stay packed and are decoded one variant at a time, twice for each R b; one vector is projected.
 * Memory: 2 + {@link HELD} vectors of samples. Differs from `genotypeLd` by rounding.
 */
export function packedLd({ rows, own, norm, basis }: PackedWindow): Ld {
  const n = rows.samples;
  const g = new Float64Array(n);
  const sum = new Float64Array(n);
  const held = new Map<number, Float64Array>();
  const read = (v: number, into: Float64Array): void =>
    decodeDosages(rows, own[v]!, rows.fill[own[v]!]!, into);
  const residual = (v: number): Float64Array => {
    const known = held.get(v);
    if (known !== undefined) return known;
    const made = new Float64Array(n);
    read(v, made);
    residualise(made, 0, n, basis);
    for (let s = 0; s < n; s++) made[s]! /= norm[v]!;
    const [oldest] = held.keys();
    if (held.size === HELD && oldest !== undefined) held.delete(oldest);
    held.set(v, made);
    return made;
  };
  return {
    variants: own.length,
    times(b, out) {
      sum.fill(0);
      for (let v = 0; v < own.length; v++) {
        const factor = b[v]! / norm[v]!;
        if (factor === 0) continue;
        read(v, g);
        for (let s = 0; s < n; s++) sum[s]! += factor * g[s]!;
      }
      residualise(sum, 0, n, basis);
      for (let v = 0; v < own.length; v++) {
        read(v, g);
        out[v] = dot(g, 0, sum, 0, n) / norm[v]!;
      }
    },
    correlation: (i, j) => dot(residual(i), 0, residual(j), 0, n),
  };
}
