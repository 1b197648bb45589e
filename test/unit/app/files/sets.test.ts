/** What the page says of the files of a cohort together: what fits, what will be left out, what is wrong and what to do. Each line read by eye. */
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { openCohort } from "../../../../src/app/engine/cohort.ts";
import { understandFiles } from "../../../../src/app/engine/files/understand.ts";
import type { GivenFile } from "../../../../src/app/engine/protocol.ts";
import {
  bytesFile,
  covariateRows,
  expressionBed,
  expressionRows,
  plinkTrio,
  sampleIds,
  tableText,
  textFile,
  transposed,
  vcfFile,
} from "../../../helpers/cohortFiles.ts";

type Rows = (string | number)[][];

const IDS = sampleIds(30);
const OTHERS = sampleIds(30, "T");
const table = (name: string, rows: Rows): GivenFile => textFile(name, tableText(rows));
const covariates = (ids: readonly string[]): GivenFile => table("cov.txt", covariateRows(ids, 2));
const sexes = (ids: readonly string[]): GivenFile =>
  table(
    "sex.txt",
    ids.map((id, s) => [id, s % 2 ? "M" : "F"]),
  );
const ages = (ids: readonly string[]): GivenFile =>
  table(
    "age.txt",
    ids.map((id, s) => [id, s / 2]),
  );
const GRCH37 = "##contig=<ID=1,length=249250621>";
const GRCH38 = "##contig=<ID=1,length=248956422>";
const vcf = (name: string, ...meta: string[]): GivenFile => vcfFile(name, IDS, 8, meta);
const GTF = `##description: GRCh38\n${tableText(
  Array.from({ length: 4 }, (_, g) => [
    ...["1", "me", "gene", 1000 * g + 1, 1000 * g + 900, ".", "+", "."],
    `gene_id "g${g + 1}";`,
  ]),
)}`;
const TRIO = plinkTrio("a", IDS, 12);
const [BED, BIM, FAM] = TRIO;
const E = expressionBed("e.bed", IDS, 4);
const MATRIX: Rows = [
  ["gene", ...IDS],
  ...expressionRows(IDS, 4)
    .slice(1)
    .map((row) => [row[3]!, ...row.slice(4)]),
];

/** The page's lines, without those of files of which nothing is to be said but what they are. */
async function lines(files: readonly GivenFile[]): Promise<string> {
  const { files: known, build, samples, dropped = [], missing, ready } = await understandFiles(files);
  const { genotypes, expression, matched } = samples ?? {};
  return [
    `${ready ? "ready" : "not ready"}: ${matched} of ${genotypes} and ${expression}${build === undefined ? "" : `, ${build}`}`,
    ...known.flatMap(({ name, problem }) => (problem === undefined ? [] : [`${name} ${problem}`])),
    ...dropped.map((line) => `- ${line}`),
    ...missing.map((line) => `! ${line}`),
  ].join("\n");
}

const SETS: readonly (readonly [what: string, files: readonly GivenFile[]])[] = [
  ["all is well, in a wrong order", [covariates(IDS), E, FAM, BIM, BED]],
  ["the .bim is missing", [BED, FAM, E]],
  ["genotypes are missing", [E, covariates(IDS)]],
  ["expression is missing", [...TRIO, covariates(IDS)]],
  ["covariates of other samples", [...TRIO, E, covariates(OTHERS)]],
  ["covariates that lack samples", [...TRIO, E, covariates(IDS.slice(4))]],
  ["covariates in small letters", [...TRIO, E, covariates(IDS.map((id) => id.toLowerCase()))]],
  ["covariates down, of no telling names", [...TRIO, E, table("x.txt", transposed(covariateRows(IDS, 3)))]],
  [
    "two tables of covariates, the first of other samples",
    [...TRIO, E, { ...covariates(OTHERS), name: "other_cov.txt" }, covariates(IDS)],
  ],
  [
    "covariates of more than a mebibyte, packed",
    [
      ...TRIO,
      E,
      bytesFile(
        "cov.txt.gz",
        gzipSync(
          tableText(
            transposed(covariateRows(IDS, 1)).map(([id, cell]) => [
              id!,
              ..."x"
                .repeat(6000)
                .split("")
                .map((_, c) => (id === "id" ? `PC${c}` : `${cell}00`)),
            ]),
          ),
        ),
      ),
    ],
  ],
  ["sexes of other samples", [...TRIO, E, sexes(OTHERS)]],
  ["sexes that lack samples", [...TRIO, E, sexes(IDS.slice(3))]],
  ["contexts of other samples", [...TRIO, E, ages(OTHERS)]],
  ["contexts that lack samples", [...TRIO, E, ages(IDS.slice(2))]],
  ["two samples in common", [...TRIO, expressionBed("e.bed", [...IDS.slice(0, 2), ...OTHERS.slice(2)], 4)]],
  [
    "no sample in common by a habit",
    [
      ...TRIO,
      expressionBed(
        "e.bed",
        IDS.map((id) => `${id}_${id}`),
        4,
      ),
    ],
  ],
  [
    "samples in one file only",
    [...plinkTrio("a", [...IDS, "G1", "G2"], 12), expressionBed("e.bed", [...IDS, "E1"], 4)],
  ],
  ["a sample twice in expression", [...TRIO, expressionBed("e.bed", [...IDS.slice(0, 29), "S1"], 4)]],
  ["a sample twice in genotypes", [...plinkTrio("a", [...IDS, "S3"], 12), E]],
  ["a .bed that is cut", [{ ...BED, file: BED.file.slice(0, 40) }, BIM, FAM, E]],
  ["a .fam of other genotypes", [BED, BIM, plinkTrio("b", IDS.slice(5), 3)[2], E]],
  ["two data sets", [...TRIO, ...plinkTrio("b", IDS, 3), E]],
  ["a VCF beside a .bed", [...TRIO, vcf("v.vcf"), E]],
  ["two VCFs", [vcf("v1.vcf"), vcf("v2.vcf"), E]],
  ["a VCF that is cut", [{ ...vcf("v.vcf"), file: vcf("v.vcf").file.slice(0, 60) }, E]],
  ["an index of another VCF", [vcf("v.vcf"), bytesFile("w.vcf.tbi", gzipSync("TBI\u0001")), E]],
  ["a VCF on GRCh38", [vcf("v.vcf", GRCH38), E, textFile("g.gtf", GTF)]],
  ["genes on another build", [vcf("v.vcf", GRCH37), E, textFile("g.gtf", GTF)]],
  ["expression without places", [...TRIO, table("expr.txt", MATRIX)]],
  [
    "expression without places, and an annotation",
    [...TRIO, table("expr.txt", MATRIX), textFile("g.gtf", GTF)],
  ],
  ["two files of expression", [...TRIO, E, expressionBed("e2.bed", IDS, 4)]],
  [
    "expression that is cut",
    [...TRIO, bytesFile("e.bed.gz", gzipSync(tableText(expressionRows(IDS, 4))).subarray(0, 200))],
  ],
  [
    "PLINK 2's files",
    [
      bytesFile("a.pgen", [0x6c, 0x1b, 0x10]),
      textFile("a.pvar", "#CHROM\tPOS\tID\tREF\tALT\n1\t1000\trs1\tA\tG\n"),
      E,
    ],
  ],
  [
    "genotypes as text",
    [
      table("geno.txt", [
        ["id", ...IDS],
        ...Array.from({ length: 9 }, (_, v) => [`v${v}`, ...IDS.map((_, s) => (v + s) % 3)]),
      ]),
      table("pos.txt", [
        ["snpid", "chr", "pos"],
        ...Array.from({ length: 9 }, (_, v) => [`v${v}`, "chr1", 1000 * v + 1]),
      ]),
      E,
    ],
  ],
  [
    "genotypes as text without positions",
    [
      table("geno.txt", [
        ["id", ...IDS],
        ...Array.from({ length: 9 }, (_, v) => [`v${v}`, ...IDS.map((_, s) => (v + s) % 3)]),
      ]),
      E,
    ],
  ],
];

describe("sets of files", () => {
  test.each(SETS)("%s", async (_, files) => {
    expect(await lines(files)).toMatchSnapshot();
    // Files that are said to be ready make a cohort, and others none.
    const { ready, samples } = await understandFiles(files);
    const opening = openCohort({ files, maf: 0.01, transform: "none" });
    if (!ready) return expect(opening).rejects.toMatchObject({ name: "InputError" });
    const open = await opening;
    expect(open.view.samples).toBe(samples?.matched);
    return open.close();
  });
});

test("numbers from 0 to 2, of names that tell nothing, are said to be taken as what they are", async () => {
  const rows: Rows = [
    ["id", ...IDS],
    ...Array.from({ length: 30 }, (_, v) => [`v${v}`, ...IDS.map((_, s) => ((v * 7 + s * 13) % 21) / 10)]),
  ];
  const says = async (file: GivenFile): Promise<string> => {
    const [own] = (await understandFiles([file])).files;
    return `${own!.role}: ${own!.says}`;
  };
  expect(await says(table("g.txt", rows))).toBe(
    "expression: Expression (table), 30 genes × 30 samples. All numbers looked at are from 0 to 2: taken as expression; if it is genotypes, choose so in the list",
  );
  const named = "Genotypes in a text table, 30 variants × 30 samples";
  expect(await says(table("imputed.txt", rows))).toBe(
    `dosages: ${named}. All numbers looked at are from 0 to 2: taken as genotypes; if it is expression, choose so in the list`,
  );
  expect(await says({ ...table("g.txt", rows), role: "dosages" }), "chosen").toBe(`dosages: ${named}`);
  const sure = rows.map(([id, ...cells], v) => [v === 0 ? id! : `rs${v}`, ...cells]);
  expect(await says(table("g.txt", sure)), "names of variants").toBe(`dosages: ${named}`);
  const more = rows.map(([id, ...cells], v) => [id!, ...(v === 3 ? cells.map(() => 9) : cells)]);
  expect(await says(table("g.txt", more))).toBe("expression: Expression (table), 30 genes × 30 samples");
});

test("genes on other chromosomes than the variants are said before the cohort is opened", async () => {
  const on = (chromosomes: readonly (string | number)[], name = "e.bed"): GivenFile =>
    table(
      name,
      expressionRows(IDS, 4).map((row, i) =>
        i === 0 ? row : [chromosomes[i % chromosomes.length]!, ...row.slice(1)],
      ),
    );
  const said = async (...files: GivenFile[]): Promise<string | undefined> => {
    const { files: all, ready } = await understandFiles(files);
    expect(ready).toBe(true);
    return all.find(({ problem }) => problem?.includes("chromosome"))?.problem;
  };
  expect(await said(...TRIO, on(["NC_000001.11", "NC_000002.12"]))).toBe(
    "has genes on chromosomes NC_000002.12, NC_000001.11, and a.bim variants on chromosome 1: no chromosome is in both by its name, so that no pair would be in cis; give them one name each in both files",
  );
  expect(await said(...TRIO, on([2]))).toContain(
    "has genes on chromosome 2, and a.bim variants on chromosome 1:",
  );
  for (const names of [["chr1"], ["2", "1"], ["chr2", "Chr1"]])
    expect(await said(...TRIO, on(names))).toBeUndefined();
  const places: Rows = [["id", "chr", "start", "end", "strand", "symbol"]];
  for (let g = 1; g <= 4; g++) places.push([`g${g}`, "KI270728.1", 1000 * g, 1000 * g + 500, "+", `G${g}`]);
  expect(
    await said(...TRIO, table("expression.txt", MATRIX), {
      ...table("genes.tsv", places),
      role: "annotation",
    }),
  ).toContain("has genes on chromosome KI270728.1, and a.bim");
});

test("dosages that are no whole numbers, of variants whose names tell nothing", async () => {
  const dosages = table("g.txt", [
    ["id", ...IDS],
    ...Array.from({ length: 30 }, (_, v) => [`v${v}`, ...IDS.map((_, s) => ((v * 7 + s * 13) % 21) / 10)]),
  ]);
  const positions = table("p.txt", [
    ["id", "chr", "pos"],
    ...Array.from({ length: 30 }, (_, v) => [`v${v}`, "1", 5000 + 10 * v]),
  ]);
  const roles = async (...files: GivenFile[]): Promise<string[]> =>
    (await understandFiles(files)).files.map(({ role }) => role);
  expect(await roles(dosages), "alone they may be expression").toEqual(["expression"]);
  expect(await roles(E, dosages)).toEqual(["expression", "dosages"]);
  expect(await roles(dosages, positions)).toEqual(["dosages", "variant-positions"]);
  expect(await roles(dosages, positions, E)).toEqual(["dosages", "variant-positions", "expression"]);
  expect(await roles(...TRIO, dosages), "genotypes are there").toEqual(["bed", "bim", "fam", "expression"]);
  expect(await roles(expressionBed("o.bed", OTHERS, 4), dosages)).toEqual(["expression", "expression"]);
  expect(await roles({ ...dosages, role: "expression" }, positions)).toEqual([
    ...["expression", "variant-positions"],
  ]);
});
