import { InputError } from "../errors.ts";
import { numericCovariates } from "../formats/covariateNumbers.ts";
import type { CovariateTable } from "../formats/tables.ts";
import { counted, listed } from "../formats/wording.ts";

/** What varies between samples and may change the effect of a genotype, as numbers: `values[context * n + sample]`. */
export interface Contexts {
  /** The file. */
  readonly file: string;
  readonly names: readonly string[];
  readonly values: Float64Array;
}

type Tell = (message: { readonly level: "info" | "warning"; readonly text: string }) => void;

/**
 * The contexts of the samples analysed; a column of words becomes indicators, as among covariates.
 * Throws {@link InputError} for cells that are missing or not finite.
 */
export function codeContexts(
  table: CovariateTable,
  sampleIndex: Uint32Array,
  samples: number,
  onMessage: Tell,
): Contexts {
  const { names, values, messages } = numericCovariates(table, sampleIndex);
  for (const text of messages) onMessage({ level: "info", text });
  names.forEach((name, c) => {
    const own = values.subarray(c * samples, (c + 1) * samples);
    if (own.some((value) => value !== own[0])) return;
    throw new InputError(
      `${table.name}, context ${name}`,
      `is ${own[0]} in all ${counted(samples, "sample")} used`,
      "nothing can interact with a constant: take it out",
    );
  });
  return { file: table.name, names, values };
}

/** The contexts `names` of the file alone. Throws {@link InputError} for a name that it does not have. */
export function selectContexts(table: CovariateTable, names: readonly string[] | undefined): CovariateTable {
  if (names === undefined) return table;
  const at = names.map((name) => {
    const c = table.covariates.indexOf(name);
    if (c >= 0) return c;
    throw new InputError(table.name, `has no context ${name}`, `it has ${listed(table.covariates)}`);
  });
  return {
    ...table,
    covariates: names,
    cells: at.map((c) => table.cells[c]!),
  };
}
