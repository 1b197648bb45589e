import { describe, expect, test } from "vitest";
import { readAnnotation } from "../../../src/formats/annotation.ts";
import { readExpressionBed } from "../../../src/formats/expressionBed.ts";
import { placeGenes, readExpressionMatrix, withSymbols } from "../../../src/formats/expressionText.ts";
import { readGenePlaces } from "../../../src/formats/genePlaces.ts";
import { inflateGzip } from "../../../src/node/inflate.ts";
import { messageOf, textSource } from "../../helpers/formats.ts";

const matrix = (text: string) => readExpressionMatrix(textSource(text, "GE.txt"), inflateGzip);
const places = (text: string) => readGenePlaces(textSource(text, "geneloc.txt"), inflateGzip);
const annotate = (text: string, name = "genes") => readAnnotation(textSource(text, name), inflateGzip);

const GE = "id\tS1\tS2\ng1\t1\t2.5\ng2\t-3\t1e-3\ng3\t0\t7\n";
const GENELOC = "geneid\tchr\ts1\ts2\ng3\tchr2\t500\t700\ng1\tchr1\t101\t101\ng2\tchr1\t900\t400\n";
const GTF = `#!genome-build X
1\tensembl\tgene\t100\t900\t.\t+\t.\tgene_id "ENSG01"; gene_version "3"; gene_name "AAA"; gene_biotype "protein_coding";
1\tensembl\ttranscript\t200\t900\t.\t+\t.\tgene_id "ENSG01"; transcript_id "ENST01";
2\tensembl\tgene\t300\t950\t.\t-\t.\tgene_id "ENSG02.7"; gene_type "lncRNA";
`;

describe("expression matrices", () => {
  test("get their places from a geneloc: 1-based, so a BED's start is one less", async () => {
    const table = placeGenes(await matrix(GE), await places(GENELOC));
    expect(table.id).toEqual(["g1", "g2", "g3"]);
    expect(Array.from(table.start)).toEqual([100, 399, 499]);
    expect(Array.from(table.end)).toEqual([101, 900, 700]);
    expect(table.strand).toEqual([".", "-", "."]);
    expect(Array.from(table.values)).toEqual([1, 2.5, -3, 0.001, 0, 7]);
    expect(table.messages).toEqual(["geneloc.txt: 1 gene with start > end taken to lie on the minus strand"]);
  });

  test("leave out, and count, genes of one file only", async () => {
    const table = placeGenes(await matrix(GE), await places("g3 1 5 6\ng9 1 5 6\ng1 1 7 8\n"));
    expect(table.id).toEqual(["g1", "g3"]);
    expect(Array.from(table.values)).toEqual([1, 2.5, 0, 7]);
    expect(table.messages).toMatchInlineSnapshot(`
      [
        "GE.txt: 1 gene not in geneloc.txt (g2): left out",
        "geneloc.txt: 1 gene not in GE.txt",
      ]
    `);
  });

  test.each([
    ["none in common", async () => placeGenes(await matrix(GE), await places("x 1 5 6\n"))],
    ["transposed", async () => placeGenes(await matrix("id g1 g2\nS1 1 2\n"), await places(GENELOC))],
    ["missing value", () => matrix(GE.replace("2.5", "NA"))],
    ["no number", () => matrix(GE.replace("2.5", "high"))],
    ["gene twice", () => matrix(GE.replace("g2", "g1"))],
    ["ragged", () => matrix(GE.replace("2.5", "2.5\t1"))],
    ["place no number", () => places("g1\t1\t5\t6\ng2\t1\tx\t6\n")],
    ["place 0", () => places("g1\t1\t0\t6\n")],
    ["gene placed twice", () => places("g1\t1\t5\t6\ng1\t1\t5\t6\n")],
    ["three columns", () => places("g1\t1\t5\n")],
  ])("refuse: %s", async (_, action) => {
    expect(await messageOf(action())).toMatchSnapshot();
  });
});

describe("annotations", () => {
  test("a GTF gives the transcription start site, symbol and biotype", async () => {
    const known = await annotate(GTF);
    expect(known.genes).toEqual([
      {
        id: "ENSG01",
        chromosome: "1",
        start: 99,
        end: 100,
        strand: "+",
        symbol: "AAA",
        biotype: "protein_coding",
      },
      { id: "ENSG02.7", chromosome: "2", start: 949, end: 950, strand: "-", symbol: "", biotype: "lncRNA" },
    ]);
  });

  test("a table is 1-based, a BED 0-based, with or without a header", async () => {
    const gene = { id: "g1", chromosome: "1", start: 99, end: 900, strand: "-", symbol: "AAA", biotype: "b" };
    const table = "biotype\tid\tstrand\tchr\tstart\tend\tsymbol\nb\tg1\t-\t1\t100\t900\tAAA\n";
    expect((await annotate(table)).genes).toEqual([gene]);
    expect((await annotate("1\t99\t900\tg1\t0\t-\tAAA\tb\n")).genes).toEqual([gene]);
    expect((await annotate("1\t99\t900\tg1\tAAA\tb\n")).genes).toEqual([{ ...gene, strand: "." }]);
    const header = "#chr\tstart\tend\tgene_id\tstrand\tsymbol\tbiotype\n1\t99\t900\tg1\t-\tAAA\tb\n";
    expect((await annotate(header)).genes).toEqual([gene]);
    expect((await annotate(header.slice(1))).genes).toEqual([gene]);
  });

  test("versions of Ensembl ids are reconciled, and said", async () => {
    const expression = await matrix("id S1\nENSG01.12 1\nENSG02.9 2\nENSG03.1 3\n");
    const table = placeGenes(expression, await annotate(GTF));
    expect(table.id).toEqual(["ENSG01.12", "ENSG02.9"]);
    expect(table.symbol).toEqual(["AAA", ""]);
    expect(table.messages).toMatchInlineSnapshot(`
      [
        "GE.txt: 2 genes found in genes under another version of the Ensembl id (ENSG01.12 as ENSG01)",
        "GE.txt: 1 gene not in genes (ENSG03.1): left out",
      ]
    `);
  });

  test("name the genes of a BED, whose places they leave alone", async () => {
    const bed = "#chr\tstart\tend\tgene_id\tS1\n7\t5\t6\tENSG02\t1\n7\t8\t9\tother\t2\n";
    const table = withSymbols(
      await readExpressionBed(textSource(bed, "e.bed"), inflateGzip),
      await annotate(GTF),
    );
    expect(table.chromosome).toEqual(["7", "7"]);
    expect(Array.from(table.start)).toEqual([5, 8]);
    expect(table.biotype).toEqual(["lncRNA", ""]);
  });

  test.each([
    ["no header, no GTF", "gene\tplace\ng1\there\n"],
    ["GTF without genes", GTF.replaceAll("\tgene\t", "\texon\t")],
    ["end before start", "1\t900\t99\tg1\n"],
    ["strand", "1\t99\t900\tg1\t0\t-\n1\t99\t900\tg2\t0\tdown\n"],
    ["ragged", "1\t99\t900\tg1\n1\t99\t900\n"],
    ["empty", ""],
  ])("refuse: %s", async (_, text) => {
    expect(await messageOf(annotate(text))).toMatchSnapshot();
  });
});
