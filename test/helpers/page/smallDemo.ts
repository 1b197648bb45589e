import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../shared.ts";

export const COHORT = join(repository, "examples/geuvadis-chr22");

/** One variant in `every` of the demo as a PLINK trio of its own, `small.bed` and its neighbours, in `folder`; their names and bytes. */
export function smallDemo(folder: string, every: number): ReadonlyMap<string, Uint8Array> {
  const read = (name: string) => readFileSync(join(COHORT, name));
  const [bed, fam] = [read("genotypes.bed"), read("genotypes.fam")];
  const lines = read("genotypes.bim").toString("utf8").trimEnd().split("\n");
  const row = Math.ceil(fam.toString("utf8").trimEnd().split("\n").length / 4);
  const chosen = [...lines.keys()].filter((i) => i % every === 0);
  const calls = chosen.map((i) => bed.subarray(3 + i * row, 3 + (i + 1) * row));
  const files = new Map<string, Uint8Array>([
    ["small.bed", Buffer.concat([bed.subarray(0, 3), ...calls])],
    ["small.bim", Buffer.from(`${chosen.map((i) => lines[i]).join("\n")}\n`)],
    ["small.fam", fam],
  ]);
  for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
  return files;
}
