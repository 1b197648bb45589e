import { checkNames, readCovariates } from "./covariates.ts";
import type { ByteSource, Inflate } from "./source.ts";
import type { CovariateTable } from "./tables.ts";
import { readRows } from "./text.ts";

/**
 * Contexts of samples: a table as `readCovariates` takes it, or tensorQTL's two columns without a header (sample, number),
 * whose one context is named as the file. `samples` are the ids that the other files know.
 * Throws InputError as `readCovariates` does.
 */
export async function readContexts(
  source: ByteSource,
  inflate: Inflate,
  samples: ReadonlySet<string>,
): Promise<CovariateTable> {
  const rows = await readRows(source, inflate);
  const [first] = rows;
  // Whatever stands beside it: a typo in the first number must not make a header of the line.
  const bare = first?.cells.length === 2 && samples.has(first.cells[0]!);
  if (!bare || rows.some(({ cells }) => cells.length !== 2)) return readCovariates(source, inflate, samples);
  const ids = rows.map(({ cells }) => cells[0]!);
  checkNames(source.name, ids, "sample", (i) => `line ${rows[i]!.line}`);
  return {
    name: source.name,
    samples: ids,
    covariates: [nameOf(source.name)],
    cells: [rows.map(({ cells }) => cells[1]!)],
  };
}

/** `interferon` of `data/interferon.txt.gz`. */
function nameOf(path: string): string {
  const file = path.split(/[\\/]/).pop() ?? path;
  return file.replace(/(\.(txt|tsv|tab))?(\.gz)?$/i, "");
}
