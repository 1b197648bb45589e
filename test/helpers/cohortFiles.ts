/** Small cohorts as files, the way a person drops them: PLINK 1, VCF, expression, covariates, lists of samples. */
import type { GivenFile } from "../../src/app/engine/protocol.ts";
import { testNormal, testRandom } from "./randomCohort.ts";
import { GT_LINE, vcfText } from "./vcf.ts";

/** Ids `S1`, `S2`, ... */
export function sampleIds(count: number, prefix = "S"): string[] {
  return Array.from({ length: count }, (_, s) => `${prefix}${s + 1}`);
}

export function textFile(name: string, text: string): GivenFile {
  return { name, file: new Blob([text]) };
}

export function bytesFile(name: string, bytes: Uint8Array | readonly number[]): GivenFile {
  return { name, file: new Blob([Uint8Array.from(bytes)]) };
}

/** Rows of tab-separated cells. */
export function tableText(rows: readonly (readonly (string | number)[])[], end = "\n"): string {
  return rows.map((row) => row.join("\t") + end).join("");
}

/** Variants of chromosome 1 at 1000, 2000, ...: ids `v1`, `v2`, ..., random calls. */
export function plinkTrio(
  stem: string,
  samples: readonly string[],
  variants: number,
  seed = 1,
): [bed: GivenFile, bim: GivenFile, fam: GivenFile] {
  const random = testRandom(seed);
  const bytes = [0x6c, 0x1b, 1];
  for (let v = 0; v < variants; v++) {
    for (let s = 0; s < samples.length; s += 4) {
      let packed = 0;
      for (let i = 0; i < Math.min(4, samples.length - s); i++)
        packed |= [0, 2, 3][Math.floor(3 * random())]! << (2 * i);
      bytes.push(packed);
    }
  }
  const bim = Array.from({ length: variants }, (_, v) => ["1", `v${v + 1}`, 0, 1000 * (v + 1), "A", "G"]);
  const fam = samples.map((id, s) => [id, id, 0, 0, 1 + (s % 2), -9]);
  return [
    bytesFile(`${stem}.bed`, bytes),
    textFile(`${stem}.bim`, tableText(bim)),
    textFile(`${stem}.fam`, fam.map((row) => `${row.join(" ")}\n`).join("")),
  ];
}

/** The same kind of variants as a VCF. */
export function vcfFile(
  name: string,
  samples: readonly string[],
  variants: number,
  meta: readonly string[] = [],
  seed = 1,
): GivenFile {
  const random = testRandom(seed);
  const records = Array.from({ length: variants }, (_, v) => {
    const calls = samples.map(() => ["0/0", "0/1", "1/1"][Math.floor(3 * random())]!);
    return `1 ${1000 * (v + 1)} v${v + 1} A G . . . GT ${calls.join(" ")}`;
  });
  return textFile(name, vcfText(samples, records, [...meta, GT_LINE]));
}

/** Genes `g1`, `g2`, ... of chromosome 1 with random expression. */
export function expressionRows(samples: readonly string[], genes: number, seed = 2): (string | number)[][] {
  const random = testRandom(seed);
  const header = ["#chr", "start", "end", "phenotype_id", ...samples];
  const rows = Array.from({ length: genes }, (_, g) => [
    ...["1", 1000 * g + 500, 1000 * g + 1500, `g${g + 1}`],
    ...samples.map(() => testNormal(random).toFixed(4)),
  ]);
  return [header, ...rows];
}

export function expressionBed(name: string, samples: readonly string[], genes: number, seed = 2): GivenFile {
  return textFile(name, tableText(expressionRows(samples, genes, seed)));
}

/** A row a covariate, a column a sample. */
export function covariateRows(
  samples: readonly string[],
  covariates: number,
  seed = 3,
): (string | number)[][] {
  const random = testRandom(seed);
  return [
    ["id", ...samples],
    ...Array.from({ length: covariates }, (_, c) => [
      `PC${c + 1}`,
      ...samples.map(() => testNormal(random).toFixed(4)),
    ]),
  ];
}

export function transposed<T>(rows: readonly (readonly T[])[]): T[][] {
  return rows[0]!.map((_, c) => rows.map((row) => row[c]!));
}
