import { readFileSync, writeFileSync } from "node:fs";

/** GT of the codes of a .bed: two copies of A1 (ALT here), missing, one, none. */
const CALLS = ["1/1", "./.", "0/1", "0/0"];

/** Writes the calls of a PLINK trio as a VCF: A1 is ALT. Males of X are written as diploids. */
export function vcfOfPlink(prefix: string, path: string): void {
  const lines = (ending: string) =>
    readFileSync(`${prefix}${ending}`, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => line.split(/\s+/));
  const samples = lines(".fam").map(([, id]) => id);
  const bed = readFileSync(`${prefix}.bed`);
  const row = Math.ceil(samples.length / 4);
  const rows = lines(".bim").map(([chromosome, id, , position, a1, a2], v) => {
    const calls = samples.map((_, s) => CALLS[(bed[3 + v * row + (s >> 2)]! >> (2 * (s & 3))) & 3]);
    return [chromosome, position, id, a2, a1, ".", "PASS", ".", "GT", ...calls].join("\t");
  });
  const chromosomes = [...new Set(lines(".bim").map(([chromosome]) => chromosome))];
  const head = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", ...samples];
  const meta = [
    "##fileformat=VCFv4.2",
    ...chromosomes.map((name) => `##contig=<ID=${name}>`),
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
  ];
  writeFileSync(path, `${[...meta, head.join("\t"), ...rows].join("\n")}\n`);
}
