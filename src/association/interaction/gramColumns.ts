import type { Backend, LoadedColumns } from "../../compute/backend.ts";
import type { InteractionModel } from "./model.ts";

/**
 * What Gram matrices take of genotypes as products with columns. Term 0 is 1, term m the m-th modifier.
 *  ofCopies   basis vector x term, `[term][vector]`, then term m x term k, k <= m, `[m (m + 1) / 2 + k]`
 *  ofPairs    the latter alone: with g^2 = g + 2 pairs of copies they give squares of g (`copyPairs`)
 */
export interface GramColumns {
  readonly ofCopies: LoadedColumns;
  readonly ofPairs: LoadedColumns;
  /** Sums of the columns of `ofCopies`; exactly 0 for the vectors of the basis themselves. */
  readonly sums: Float64Array;
}

export async function loadGramColumns(model: InteractionModel, backend: Backend): Promise<GramColumns> {
  const { genotypeBasis: basis, samples } = model.cohort;
  const n = samples.length;
  const terms = [new Float64Array(n).fill(1), ...model.modifiers.map(({ values }) => values)];
  const vectors = Array.from({ length: basis.count }, (_, j) => basis.values.subarray(j * n, (j + 1) * n));
  const ofBasis = terms.flatMap((term) => vectors.map((vector) => productOf(vector, term)));
  const squares = terms.flatMap((term, m) => terms.slice(0, m + 1).map((other) => productOf(term, other)));
  const sums = Float64Array.from([...ofBasis, ...squares], (column) => column.reduce((a, b) => a + b, 0));
  sums.fill(0, 0, basis.count);
  const load = (columns: readonly Float64Array[]): Promise<LoadedColumns> => {
    const values = new Float64Array(columns.length * n);
    columns.forEach((column, j) => {
      values.set(column, j * n);
    });
    return backend.load({ count: columns.length, samples: n, values, standardised: false });
  };
  return { ofCopies: await load([...ofBasis, ...squares]), ofPairs: await load(squares), sums };
}

function productOf(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, s) => value * b[s]!);
}
