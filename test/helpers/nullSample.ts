import type { NullSample } from "../../src/association/tables.ts";

/** A null sample of which only the p-values matter: all of one pair. */
export function nullSampleOf(log10P: Float64Array, lambda: number): NullSample {
  return {
    variantId: ["variant"],
    variant: new Uint32Array(log10P.length),
    gene: new Uint32Array(log10P.length),
    slope: new Float64Array(log10P.length),
    slopeSe: new Float64Array(log10P.length).fill(1),
    log10P,
    lambda,
  };
}
