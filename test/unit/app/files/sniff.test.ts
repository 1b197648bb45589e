/** What the page takes single files for, and says of them: hostile beginnings, each read by eye. */
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { understandFiles } from "../../../../src/app/engine/files/understand.ts";
import type { FileRole, GivenFile } from "../../../../src/app/engine/protocol.ts";
import {
  bytesFile,
  covariateRows,
  expressionRows,
  plinkTrio,
  sampleIds,
  tableText,
  textFile,
  transposed,
  vcfFile,
} from "../../../helpers/cohortFiles.ts";
import { testRandom } from "../../../helpers/randomCohort.ts";

type Rows = (string | number)[][];

const IDS = sampleIds(30);
const random = testRandom(5);
const table = (name: string, rows: Rows, end = "\n"): GivenFile => textFile(name, tableText(rows, end));
const joined = (name: string, ...parts: BlobPart[]): GivenFile => ({ name, file: new Blob(parts) });
const packed = async (given: GivenFile, name = `${given.name}.gz`): Promise<GivenFile> =>
  bytesFile(name, gzipSync(new Uint8Array(await given.file.arrayBuffer())));
/** Rows of `ids` under a header of samples. */
const matrix = (ids: readonly string[], samples: readonly string[], cell: () => string | number): Rows => [
  ["id", ...samples],
  ...ids.map((id) => [id, ...samples.map(cell)]),
];
const numbered = (count: number, id: (i: number) => string): string[] =>
  Array.from({ length: count }, (_, i) => id(i));
const call = () => Math.floor(3 * random());
const dosage = () => (2 * random()).toFixed(3);
const number = () => (random() - 0.5).toFixed(4);

const COVARIATES = covariateRows(IDS, 3);
const EXPRESSION = expressionRows(IDS, 4);
const GTF: Rows = Array.from({ length: 12 }, (_, g) => [
  ...["chr1", "HAVANA", "gene", 1000 * g + 1, 1000 * g + 900, ".", "+", "."],
  `gene_id "g${g + 1}"; gene_name "G${g + 1}";`,
]);
const MODELS: Rows = GTF.map((row, g) => ["chr1", row[3]!, row[4]!, `g${g}`, 0, "+"]);
const [BED, BIM, FAM] = plinkTrio("a", IDS, 12);
const VCF = vcfFile("a.vcf", IDS, 5);
const vcfLines = async (): Promise<string[]> => (await VCF.file.text()).split("\n");
const ZIP = [0x50, 0x4b, 3, 4, ...new Array<number>(26).fill(0)];

/** `role | says | problem` of a file by itself. */
async function told(file: GivenFile): Promise<string> {
  const { files } = await understandFiles([file]);
  const { role, says, problem } = files[0]!;
  return [role, says, ...(problem === undefined ? [] : [problem])].join(" | ");
}

const same = (...files: readonly (GivenFile | Promise<GivenFile>)[]) =>
  Promise.all(files.map(async (file) => told(await file)));

describe("tables of samples", () => {
  test("expression, covariates and genotypes are told apart by their ids and numbers", async () => {
    const genes = numbered(40, (i) => `GENE${i}`);
    const cases: [GivenFile, FileRole][] = [
      [table("few.txt", matrix(genes, ["S1", "S2", "S3"], number)), "expression"],
      [
        table(
          "n.txt",
          matrix(
            genes.map((g) => `ENSG0${g}`),
            ["1001", "1002", "1003"],
            number,
          ),
        ),
        "expression",
      ],
      [
        table(
          "small.txt",
          matrix(
            numbered(5, (i) => `ENSG00${i}.1`),
            IDS,
            number,
          ),
        ),
        "expression",
      ],
      [table("m.txt", COVARIATES), "covariates"],
      [table("m.txt", transposed(COVARIATES)), "covariates"],
      [table("adjust.txt", covariateRows(IDS, 60)), "covariates"],
      [
        table(
          "adjust.txt",
          matrix(
            numbered(60, (i) => `InferredCov${i + 1}`),
            IDS,
            number,
          ),
        ),
        "covariates",
      ],
      [
        table("c.txt", [
          ["id", "A", "B", "C"],
          ["sex", 1, 2, 1],
          ["batch", 1, 1, 2],
          ["age", 20, 40, 60],
        ]),
        "covariates",
      ],
      [
        table("c.txt", [
          ["sample", "sex", "age", "PC1"],
          ...IDS.map((id, s) => [id, 1 + (s % 2), 40 + s, number()]),
        ]),
        "covariates",
      ],
      [table("c.txt", [["sample", "batch"], ...IDS.map((id, s) => [id, s % 2 ? "B1" : "B2"])]), "covariates"],
      [table("s.txt", [["sample", "sex"], ...IDS.map((id, s) => [id, 1 + (s % 2)])]), "sex"],
      [
        table(
          "s.txt",
          IDS.map((id, s) => [id, s % 2 ? "M" : "F"]),
        ),
        "sex",
      ],
      [textFile("a.psam", "#FID IID SEX\nS1 S1 1\nS2 S2 2\n"), "sex"],
      [
        table(
          "age.txt",
          IDS.map((id, s) => [id, s / 2]),
        ),
        "context",
      ],
    ];
    for (const [file, role] of cases)
      expect((await told(file)).split(" | ")[0], await file.file.text()).toBe(role);
  });

  test("dosages are never places: neither annotation, positions, maps nor samples", async () => {
    const few = ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J"];
    for (let count = 4; count <= few.length; count++) {
      const named = table(
        "g.txt",
        matrix(
          numbered(30, (i) => `v${i}`),
          few.slice(0, count),
          call,
        ),
      );
      const placed = table(
        "g.txt",
        matrix(
          numbered(30, (i) => `1_${1000 * i + 1}_A_G`),
          sampleIds(count, ""),
          call,
        ),
      );
      const says = `dosages | Genotypes in a text table, 30 variants × ${count} samples`;
      expect(await same(named, placed), `${count} samples`).toEqual([says, says]);
    }
    const imputed = [(i: number) => `rs${i}`, (i: number) => `chr1:${i + 5}:A:G`].map((id) =>
      table("g.txt", matrix(numbered(30, id), IDS, dosage)),
    );
    expect(await same(...imputed)).toEqual(
      imputed.map(() => "dosages | Genotypes in a text table, 30 variants × 30 samples"),
    );
  });
});

describe("places", () => {
  test("gene models, their positions and maps", async () => {
    expect(
      await same(
        packed(table("genes.gtf", GTF)),
        joined("own.gtf", "# made by hand\n", tableText(GTF)),
        joined("v.gtf", "##description: GENCODE 26, GRCh38\n", tableText(GTF)),
        joined(
          "genes.gff3",
          "##gff-version 3\n",
          tableText(GTF.map((row) => [...row.slice(0, 8), "ID=g;Name=x"])),
        ),
        table("models.bed", MODELS),
        joined("track.bed", "track name=genes\n", tableText(MODELS)),
        table("bed12.bed", [
          [
            "#chrom",
            "chromStart",
            "chromEnd",
            "name",
            "score",
            "strand",
            "thickStart",
            "thickEnd",
            "itemRgb",
            "blockCount",
            "blockSizes",
            "blockStarts",
          ],
          ...MODELS.map((row) => [...row, row[1]!, row[2]!, 0, 1, 100, 0]),
        ]),
        table(
          "bed3.bed",
          MODELS.map((row) => row.slice(0, 3)),
        ),
        table("snpsloc.txt", [
          ["snpid", "chr", "pos"],
          ...numbered(9, (i) => `v${i}`).map((id, i) => [id, "chr1", 10 * i]),
        ]),
        table("geneloc.txt", [
          ["geneid", "chr", "s1", "s2"],
          ...numbered(9, (i) => `g${i}`).map((id, i) => [id, "chr1", 10 * i + 1, 10 * i + 5]),
        ]),
        table(
          "geneloc.txt",
          numbered(9, (i) => `g${i}`).map((id, i) => [id, "1", 5000 * i + 2000, 5000 * i + 3000]),
        ),
        table("map.txt", [
          ["Chromosome", "Position(bp)", "Rate(cM/Mb)", "Map(cM)"],
          ["chr1", 55550, 2.98, 0],
        ]),
      ),
    ).toMatchInlineSnapshot(`
      [
        "annotation | Gene annotation (GTF), 12 lines",
        "annotation | Gene annotation (GTF), 12 lines",
        "annotation | Gene annotation (GTF), 12 lines, on GRCh38",
        "annotation | Gene annotation (GFF3) | is GFF3, which is not read; give the GTF of the same release",
        "annotation | Gene annotation, 12 genes",
        "annotation | Gene annotation, 12 genes",
        "annotation | Gene annotation, 12 genes",
        "unknown | Not recognised | what it is cannot be told from its content (it begins with "chr1 1 900"); choose what it is, or leave it out",
        "variant-positions | Positions of variants, 9 variants",
        "gene-positions | Positions of genes, 9 genes",
        "gene-positions | Positions of genes, 9 genes",
        "recombination | Recombination map, 1 row",
      ]
    `);
  });

  test("a BED of expression, of gene models, and PLINK's", async () => {
    const headless = (samples: number): Rows =>
      Array.from({ length: 9 }, (_, g) => [
        "1",
        1000 * g,
        1000 * g + 5,
        `g${g}`,
        ...Array.from({ length: samples }, number),
      ]);
    expect(
      await same(
        table("e.bed", EXPRESSION),
        table("headless.bed", headless(30)),
        table("headless.bed", headless(5)),
        BED,
        packed(BED),
        packed(BIM),
        packed(FAM),
        table("a.fam", [
          ["FID", "IID", "PAT", "MAT", "SEX", "PHENO"],
          ...IDS.map((id) => [id, id, 0, 0, 1, -9]),
        ]),
        bytesFile("x.bed", [0x6c, 0x1b, 0x10, 1, 2, 3]),
        bytesFile("y.bed", [0x6c, 0x1b, 0, 1]),
        bytesFile("z.bed", [0x6c, 0x1b]),
        bytesFile("w.bed", [1, 2, 0, 1]),
      ),
    ).toMatchInlineSnapshot(`
      [
        "expression | Expression (BED), 4 genes × 30 samples",
        "expression | Expression (BED) | has no header: its first line must name the columns (#chr start end phenotype_id) and the samples",
        "expression | Expression (BED) | has no header: its first line must name the columns (#chr start end phenotype_id) and the samples",
        "bed | PLINK genotypes | its .bim and .fam are missing",
        "bed | PLINK genotypes | a .bed is read unpacked; gunzip it",
        "bim | PLINK variants | a .bim is read unpacked; gunzip it",
        "fam | PLINK samples | a .fam is read unpacked; gunzip it",
        "fam | PLINK samples | has a header, and a .fam has none; delete its first line",
        "unknown | Not read here | is PLINK 2's .pgen; write .bed, .bim and .fam: plink2 --pfile PREFIX --make-bed",
        "bed | PLINK genotypes | is a sample-major .bed (third byte 00); write it again: plink --bfile PREFIX --make-bed",
        "bed | PLINK genotypes | is cut after 2 bytes; copy it again",
        "bed | PLINK genotypes | is no PLINK .bed (starts with 01 02 00, not 6c 1b 01); copy it again",
      ]
    `);
  });
});

describe("VCF", () => {
  test("with its header, without it, and cut", async () => {
    const lines = await vcfLines();
    expect(
      await same(
        VCF,
        vcfFile("b37.vcf", IDS, 5, ["##contig=<length=249250621,ID=chr1>"]),
        packed(vcfFile("b38.vcf", IDS, 5, ["##contig=<ID=chr1,length=248956422,assembly=x>"])),
        vcfFile("ref.vcf", IDS, 5, ["##reference=file:///data/hg19.fa"]),
        vcfFile("both.vcf", IDS, 5, ["##contig=<ID=1,length=249250621>", "##contig=<ID=2,length=242193529>"]),
        textFile("records.vcf", lines.filter((line) => !line.startsWith("#")).join("\n")),
        textFile("records", lines.filter((line) => !line.startsWith("#")).join("\n")),
        textFile("first.vcf", lines.slice(1).join("\n")),
        textFile("cut.vcf", "##fileformat=VCFv4.2\n##contig=<ID=1,length=5>\n"),
        textFile("sites.vcf", "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"),
        packed(bytesFile("x.bcf", [0x42, 0x43, 0x46, 2, 2, 0, 0]), "x.bcf"),
        packed(bytesFile("x.vcf.gz", gzipSync("##fileformat=VCFv4.2\n")), "x.vcf.gz"),
      ),
    ).toMatchInlineSnapshot(`
      [
        "vcf | Genotypes in VCF, 30 samples",
        "vcf | Genotypes in VCF, 30 samples, on GRCh37",
        "vcf | Genotypes in VCF, 30 samples, on GRCh38",
        "vcf | Genotypes in VCF, 30 samples, on GRCh37",
        "vcf | Genotypes in VCF, 30 samples",
        "vcf | Genotypes in VCF | is a VCF without its first line ##fileformat=VCF...; give it its header again: bcftools reheader -h HEADER",
        "vcf | Genotypes in VCF | is a VCF without its first line ##fileformat=VCF...; give it its header again: bcftools reheader -h HEADER",
        "vcf | Genotypes in VCF, 30 samples | is a VCF without its first line ##fileformat=VCF...; give it its header again: bcftools reheader -h HEADER",
        "vcf | Genotypes in VCF | has no header line #CHROM: the file is cut; copy it again",
        "vcf | Genotypes in VCF, 0 samples | has no samples, only sites; give a VCF with genotypes",
        "unknown | Not read here | is BCF; write it as VCF: bcftools view -O z -o out.vcf.gz",
        "unknown | Not read here | is packed twice; unpack it once",
      ]
    `);
  });
});

describe("what is not read", () => {
  test("is named, with what to do", async () => {
    const text = (value: string): number[] => Array.from(value, (letter) => letter.charCodeAt(0));
    expect(
      await same(
        bytesFile("x.pgen", [0x6c, 0x1b, 0x10, 1, 2, 3]),
        textFile("x.pvar", "#CHROM\tPOS\tID\tREF\tALT\n1\t1000\trs1\tA\tG\n"),
        table("x.raw", [
          ["FID", "IID", "PAT", "MAT", "SEX", "PHENOTYPE", "rs1_A"],
          ["a", "a", 0, 0, 1, -9, 2],
        ]),
        bytesFile("x.bgen", [...new Array<number>(16).fill(1), ...text("bgen")]),
        bytesFile("x.xlsx", ZIP),
        bytesFile("book", [...ZIP, ...text("[Content_Types].xml")]),
        bytesFile("x.zip", ZIP),
        bytesFile("x.tar", [...new Array<number>(257).fill(65), ...text("ustar")]),
        bytesFile("x.h5ad", [0x89, ...text("HDF\r\n")]),
        packed(bytesFile("x.rds", text("X\n\0\0\0\u0003")), "x.rds"),
        bytesFile("x.bam", text("BAM\u0001")),
        table("x.gct", [["#1.2"], ["2", "3"], ["Name", "Description", "S1"], ["g1", "x", 1]]),
        joined("x.txt", Buffer.from("\ufeffid\tS1\n", "utf16le")),
        textFile("x.txt", tableText(COVARIATES, "\r")),
        textFile("x.csv", tableText(COVARIATES).replaceAll("\t", ",")),
        textFile("y.csv", tableText(COVARIATES).replaceAll("\t", ";")),
        table(
          "ragged.txt",
          matrix(
            numbered(5, (i) => `g${i}`),
            IDS,
            number,
          ).map((row, i) => row.slice(0, i === 3 ? -1 : undefined)),
        ),
        textFile("x.html", "<!doctype html><html></html>"),
        textFile("notes.txt", "Dear reader,\nthese are data.\n"),
        bytesFile("noise", [1, 2, 3, 0, 255]),
      ),
    ).toMatchInlineSnapshot(`
      [
        "unknown | Not read here | is PLINK 2's .pgen; write .bed, .bim and .fam: plink2 --pfile PREFIX --make-bed",
        "unknown | Not read here | is PLINK 2's .pvar; write .bed, .bim and .fam: plink2 --pfile PREFIX --make-bed",
        "unknown | Not read here | is PLINK's .raw (genotypes as text, samples down); write .bed, .bim and .fam: plink2 --make-bed",
        "unknown | Not read here | is BGEN; convert it: plink2 --bgen FILE ref-first --make-bed",
        "unknown | Not read here | is a spreadsheet (.xlsx); save it as tab-separated text",
        "unknown | Not read here | is a spreadsheet (.xlsx); save it as tab-separated text",
        "unknown | Not read here | is a zip archive; unpack it and drop the files that are in it",
        "unknown | Not read here | is a tar archive; unpack it and drop the files that are in it",
        "unknown | Not read here | is HDF5 (.h5ad), which a browser does not read; write it as Parquet or text",
        "unknown | Not read here | is an R object; write it as a text table: write.table(x, sep = '\\t', quote = FALSE)",
        "unknown | Not read here | is BAM: reads, of which nothing is mapped here; give genotypes called from them",
        "unknown | Not read here | is GCT; leave out its first two lines and the column Description",
        "unknown | Not read here | is text in UTF-16 ('Unicode text' of a spreadsheet); save it as UTF-8",
        "unknown | Not read here | has the line ends of an old Mac (CR alone); save it with LF or CRLF",
        "covariates | Covariates, 3 rows × 30 columns | has commas between its cells; save it with tabs",
        "unknown | Not read here | has semicolons between its cells; save it with tabs",
        "unknown | Not recognised | row 4 of the table has 30 cells, the others 31; choose what it is, or leave it out",
        "unknown | Not read here | is a web page or a picture, no data",
        "unknown | Not recognised | what it is cannot be told from its content (it begins with "Dear reader,"); choose what it is, or leave it out",
        "unknown | Not read here | is no text, and no format that is known here",
      ]
    `);
  });

  test("nor is nothing", async () => {
    expect(
      await same(
        textFile("empty.txt", ""),
        textFile("e.bed.gz", ""),
        bytesFile("nothing.txt.gz", gzipSync("")),
        textFile("blank.txt", "\n\n \r\n"),
      ),
    ).toMatchInlineSnapshot(`
      [
        "unknown | Not read here | is empty (0 bytes)",
        "expression | Expression (table), 0 genes × 0 samples | is empty (0 bytes)",
        "unknown | Not read here | is empty (nothing in it once it is unpacked)",
        "unknown | Not read here | is empty (no lines)",
      ]
    `);
  });
});

describe("what else", () => {
  test("Windows line ends and byte order marks change nothing", async () => {
    const [plain] = await same(table("e.bed", EXPRESSION));
    const others = [
      table("e.bed", EXPRESSION, "\r\n"),
      joined("e.bed", "\ufeff", tableText(EXPRESSION)),
      joined("e.bed", "\ufeff", tableText(EXPRESSION, "\r\n")),
      packed(joined("e.bed", "\ufeff", tableText(EXPRESSION, "\r\n"))),
    ];
    expect(await same(...others)).toEqual(others.map(() => plain));
  });

  test("a GWAS may have commas; the files beside a result are its own", async () => {
    const gwas: Rows = [
      ["rsid", "chr", "pos", "A1", "A2", "beta", "se", "p"],
      ["rs1", 1, 1000, "A", "G", 0.1, 0.1, 0.5],
    ];
    expect(
      await same(
        table("gwas.txt", gwas),
        textFile("gwas.csv", tableText(gwas).replaceAll("\t", ",")),
        textFile("manifest.json", '{\n  "program": "qortex" }'),
        textFile("report.html", "<!doctype html><html></html>"),
        textFile("report.data", "QXP1\u0000"),
        textFile("qq.svg", "<svg></svg>"),
        textFile("cis_genes.parquet", "PAR1"),
      ),
    ).toMatchInlineSnapshot(`
      [
        "gwas | GWAS summary statistics, 1 variant",
        "gwas | GWAS summary statistics, 1 variant",
        "result | A result's manifest",
        "result | Report or picture of a result",
        "result | Report or picture of a result",
        "result | Report or picture of a result",
        "result | Table of a result | is no whole Parquet file: its end is missing; copy it again",
      ]
    `);
  });

  test("a role that the bytes cannot have is refused", async () => {
    expect(
      await same(
        { ...BED, role: "expression" },
        { ...table("e.txt", EXPRESSION), role: "bed" },
        { ...textFile("e.parquet", "PAR1"), role: "covariates" },
        { ...bytesFile("x.pgen", [0x6c, 0x1b, 0x10, 1]), role: "bed" },
      ),
    ).toMatchInlineSnapshot(`
      [
        "expression | Not readable as that | is no text; choose again what it is, or leave it out",
        "bed | Not readable as that | is no PLINK .bed; choose again what it is, or leave it out",
        "covariates | Not readable as that | is Parquet, which only expression and results are read from; write it as text",
        "bed | Not readable as that | is PLINK 2's .pgen; write .bed, .bim and .fam: plink2 --pfile PREFIX --make-bed",
      ]
    `);
  });
});
