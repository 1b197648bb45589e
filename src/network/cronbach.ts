/**
 * Cronbach's alpha of a component of `genes` standardised genes, from its eigenvalue in their correlation matrix:
 * n / (n - 1) (1 - 1 / lambda). The general n / (n - 1) (1 - sum v_i^2 var_i / var(pc)) has sum v_i^2 var_i = 1 and
 * var(pc) = lambda here (Cronbach 1951; Fehrmann et al. 2015; METHODS 5.2). Falls with lambda, -Infinity at 0; NaN for one gene.
 */
export function cronbachAlpha(eigenvalue: number, genes: number): number {
  if (genes < 2) return Number.NaN;
  if (!(eigenvalue > 0)) return Number.NEGATIVE_INFINITY;
  return (genes / (genes - 1)) * (1 - 1 / eigenvalue);
}

/** GeneNetwork keeps components from here up (Fehrmann et al. 2015). */
export const RELIABLE_ALPHA = 0.7;

/** How many of the `eigenvalues` (descending) have an alpha of at least `alpha`. */
export function reliableComponents(eigenvalues: ArrayLike<number>, genes: number, alpha: number): number {
  let count = 0;
  while (count < eigenvalues.length && cronbachAlpha(eigenvalues[count]!, genes) >= alpha) count++;
  return count;
}
