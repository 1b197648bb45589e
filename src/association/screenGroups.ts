import type { Backend, LoadedColumns } from "../compute/backend.ts";
import { inSharedMemory } from "../compute/sharedMemory.ts";
import type { Screened } from "./transScreen.ts";

/** What is screened: the genes' columns (and what is screened with them), and what |g.e| / norm of each must reach. */
export interface ScreenColumns {
  readonly values: Float64Array;
  /** Infinity for what is not tested. */
  readonly threshold: Float64Array;
  /** Of each column, which of the rows' norms it is divided by; default: the first. */
  readonly group?: Uint8Array | undefined;
}

/** Columns on the backend that the same norms divide. */
export interface ColumnGroup {
  readonly columns: LoadedColumns;
  readonly threshold: Float64Array;
  /** Which of the rows' norms. */
  readonly norms: number;
  /** Number of each column among all; undefined: they are all. */
  readonly number: Uint32Array | undefined;
}

/** All columns of a screen, on the backend. */
export interface LoadedScreen {
  readonly count: number;
  readonly groups: readonly ColumnGroup[];
  dispose(): Promise<void>;
}

/** Loads what is screened, one group after the other. */
export async function loadScreen(
  backend: Backend,
  samples: number,
  { values, threshold, group }: ScreenColumns,
): Promise<LoadedScreen> {
  const count = threshold.length;
  const groups: ColumnGroup[] = [];
  const dispose = async (): Promise<void> => {
    for (const { columns } of groups) await columns.dispose();
  };
  try {
    const norms = [...new Set(group ?? [0])].sort((a, b) => a - b);
    for (const own of norms.length === 0 ? [0] : norms) {
      const number =
        norms.length < 2 ? undefined : Uint32Array.from(threshold.keys()).filter((j) => group![j] === own);
      const taken = number === undefined ? values : picked(values, number, samples);
      const columns = await backend.load({
        ...{ count: number?.length ?? count, samples, values: taken, standardised: true },
      });
      const least = number === undefined ? threshold : Float64Array.from(number, (j) => threshold[j]!);
      groups.push({ columns, threshold: inSharedMemory(least), norms: own, number });
    }
  } catch (error) {
    await dispose();
    throw error;
  }
  return { count, groups, dispose };
}

function picked(values: Float64Array, number: Uint32Array, samples: number): Float64Array {
  const out = new Float64Array(number.length * samples);
  number.forEach((j, i) => {
    out.set(values.subarray(j * samples, (j + 1) * samples), i * samples);
  });
  return out;
}

/** What the groups' screens found, in order of row, then column. */
export function joinScreened(parts: readonly Screened[]): Screened {
  if (parts.length === 1) return parts[0]!;
  const total = parts.reduce((sum, { row }) => sum + row.length, 0);
  const formed = parts.every(({ product }) => product !== undefined);
  const row = new Uint32Array(total);
  const gene = new Uint32Array(total);
  const product = formed ? new Float64Array(total) : undefined;
  const next = parts.map(() => 0);
  for (let at = 0; at < total; at++) {
    let least = -1;
    for (const [p, part] of parts.entries()) {
      const i = next[p]!;
      if (i === part.row.length) continue;
      const before = least < 0 ? undefined : parts[least]!;
      const j = least < 0 ? 0 : next[least]!;
      if (before === undefined || earlier(part, i, before, j)) least = p;
    }
    const part = parts[least]!;
    const i = next[least]!++;
    row[at] = part.row[i]!;
    gene[at] = part.gene[i]!;
    if (product !== undefined) product[at] = part.product![i]!;
  }
  const sum = (key: "pairs" | "passed"): number => parts.reduce((all, part) => all + part[key], 0);
  return { row, gene, product, pairs: sum("pairs"), passed: sum("passed") };
}

function earlier(a: Screened, i: number, b: Screened, j: number): boolean {
  return a.row[i]! < b.row[j]! || (a.row[i] === b.row[j] && a.gene[i]! < b.gene[j]!);
}
