import { InputError } from "../errors.ts";
import type { ByteSource, Inflate } from "./source.ts";
import type { DonorList } from "./tables.ts";
import { checkName, readRows } from "./text.ts";
import { atLine, counted, listed } from "./wording.ts";

/**
 * Whose sample each is: expression sample and donor (by the genotypes' id), a line a sample. A first line without any known id is its header.
 * Throws {@link InputError} for other numbers of columns, a sample that is named twice, and a file without a known sample or donor.
 */
export async function readDonors(
  source: ByteSource,
  inflate: Inflate,
  genotypeSamples: ReadonlySet<string>,
  expressionSamples: ReadonlySet<string>,
): Promise<DonorList> {
  const rows = await readRows(source, inflate);
  const [head] = rows;
  if (!expressionSamples.has(head!.cells[0]!) && !genotypeSamples.has(head!.cells[1] ?? "")) rows.shift();
  const lineOf = new Map<string, number>();
  for (const { line, cells } of rows) {
    const where = atLine(source.name, line);
    if (cells.length !== 2) {
      throw new InputError(
        where,
        `has ${counted(cells.length, "column")}`,
        "every line needs a sample and its donor",
      );
    }
    for (const [i, what] of ["sample", "donor"].entries()) checkName(cells[i]!, what, where);
    const before = lineOf.get(cells[0]!);
    if (before !== undefined) {
      throw new InputError(
        where,
        `sample ${cells[0]} is on line ${before} too`,
        "give each sample one donor",
      );
    }
    lineOf.set(cells[0]!, line);
  }
  const sample = rows.map(({ cells }) => cells[0]!);
  const donor = rows.map(({ cells }) => cells[1]!);
  const [samples, donors] = [
    sample.some((id) => expressionSamples.has(id)),
    donor.some((id) => genotypeSamples.has(id)),
  ];
  if (samples && donors) return { name: source.name, sample, donor };
  throw new InputError(
    source.name,
    `its ${samples ? "donors" : "samples"} (${listed(samples ? donor : sample)}) are not those of the ${samples ? "genotypes" : "expression"} (${listed(samples ? genotypeSamples : expressionSamples)})`,
    "it needs the expression's sample, then the genotypes' id of its donor",
  );
}
