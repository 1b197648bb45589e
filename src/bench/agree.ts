import type { Backend } from "../compute/backend.ts";
import { BackendError } from "../errors.ts";
import { corner, type Operands } from "./operands.ts";
import { correlate, type Refined, refinePairs, screen } from "./work.ts";

/** A backend and how it is called in messages and tables. */
export interface Named {
  readonly name: string;
  readonly backend: Backend;
}

/** What was compared, and found the same to the last bit. */
export interface Agreement {
  /** Pairs screened, and those of them that reach the threshold. */
  readonly pairs: number;
  readonly hits: number;
  /** Correlations of genes with genes. */
  readonly correlations: number;
}

/** What a backend answers on the slice. */
interface Answer {
  readonly hits: Refined;
  readonly correlations: Float64Array;
}

/**
 * Puts the same slice to every backend and to `judge`: the pairs that reach |r| with their f64 statistics, and the
 * correlations of the genes. Throws BackendError at the first difference, in a pair or in a bit.
 */
export async function requireAgreement(
  judge: Named,
  others: readonly Named[],
  operands: Operands,
  slice: { readonly variants: number; readonly genes: number; readonly r: number },
  signal?: AbortSignal,
): Promise<Agreement> {
  const small = corner(operands, slice.variants, slice.genes);
  const expected = await answer(judge.backend, small, slice.r, signal);
  for (const other of others) {
    const found = await answer(other.backend, small, slice.r, signal);
    const difference = differenceOf(expected, found, small.columns.count);
    if (difference === undefined) continue;
    throw new BackendError(
      `bench: ${other.name} and ${judge.name} disagree on ${difference}; no time of a wrong answer is shown: please report it`,
    );
  }
  return {
    pairs: small.rows.count * small.columns.count,
    hits: expected.hits.row.length,
    correlations: expected.correlations.length,
  };
}

async function answer(
  backend: Backend,
  operands: Operands,
  r: number,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const columns = await backend.load(operands.columns);
  try {
    const hits = refinePairs(operands, await screen(backend, operands, columns, r, signal), r);
    const genes = operands.columns.count;
    const correlations = new Float64Array(genes * genes);
    await correlate(
      backend,
      operands,
      columns,
      (products, _, from) => {
        const rows = products.length / genes;
        products.forEach((product, i) => {
          correlations[Math.floor(i / rows) * genes + from + (i % rows)] = product;
        });
      },
      signal,
    );
    return { hits, correlations };
  } finally {
    await columns.dispose();
  }
}

function differenceOf(expected: Answer, found: Answer, genes: number): string | undefined {
  const pairs = [...pairKeys(found.hits)];
  const at = [...pairKeys(expected.hits)].findIndex((key, i) => pairs[i] !== key);
  if (at >= 0 || pairs.length !== expected.hits.row.length) {
    return `the pairs that pass: ${pairs.length} against ${expected.hits.row.length}`;
  }
  const bit = firstDifference(expected.hits.r, found.hits.r);
  if (bit >= 0) {
    return `the r of variant ${expected.hits.row[bit]! + 1} with gene ${expected.hits.column[bit]! + 1}: ${found.hits.r[bit]} against ${expected.hits.r[bit]}`;
  }
  const cell = firstDifference(expected.correlations, found.correlations);
  if (cell < 0) return undefined;
  const [one, other] = [Math.floor(cell / genes) + 1, (cell % genes) + 1];
  return `the correlation of genes ${one} and ${other}: ${found.correlations[cell]} against ${expected.correlations[cell]}`;
}

function* pairKeys({ row, column }: Refined): Generator<string> {
  for (let i = 0; i < row.length; i++) yield `${row[i]} ${column[i]}`;
}

/** The first place where two arrays differ, a bit counts; -1 where there is none. */
function firstDifference(a: Float64Array, b: Float64Array): number {
  return a.findIndex((value, i) => !Object.is(value, b[i]));
}
