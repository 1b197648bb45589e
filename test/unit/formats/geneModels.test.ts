import { describe, expect, it } from "vitest";
import { readGeneModels } from "../../../src/formats/geneModels.ts";
import { bytesSource } from "../../../src/formats/source.ts";
import { inflateGzip } from "../../../src/node/inflate.ts";

const read = (text: string, name = "genes.gtf") =>
  readGeneModels(bytesSource(new TextEncoder().encode(text), name), inflateGzip);

const line = (...cells: (string | number)[]): string => `${cells.join("\t")}\n`;

describe("gene models", () => {
  it("joins the exons of all transcripts of a GTF", async () => {
    const about = (transcript: string) => `gene_id "G1.2"; transcript_id "${transcript}"; gene_name "ABC";`;
    const models = await read(
      "##description: made up\n" +
        line("chr2", "x", "gene", 101, 900, ".", "-", ".", 'gene_id "G1.2"; gene_name "ABC";') +
        line("chr2", "x", "exon", 101, 200, ".", "-", ".", about("T1")) +
        line("chr2", "x", "exon", 150, 250, ".", "-", ".", about("T2")) +
        line("chr2", "x", "exon", 251, 260, ".", "-", ".", about("T2")) +
        line("chr2", "x", "CDS", 300, 400, ".", "-", ".", about("T1")) +
        line("chr2", "x", "CDS", 130, 150, ".", "-", ".", about("T2")) +
        line("chr2", "x", "CDS", 350, 390, ".", "-", ".", about("T2")) +
        line("chr2", "x", "exon", 800, 900, ".", "-", ".", about("T1")) +
        line("chr2", "x", "exon", 20, 30, ".", "+", ".", 'gene_id "G0"; transcript_id "T0";'),
    );
    expect([...models.keys()]).toEqual(["chr2"]);
    expect(models.get("chr2")).toEqual([
      {
        ...{ id: "G0", symbol: "", strand: "+", start: 20, end: 30 },
        ...{ exons: Int32Array.of(20, 30), coding: new Int32Array(0) },
      },
      {
        id: "G1.2",
        symbol: "ABC",
        strand: "-",
        start: 101,
        end: 900,
        exons: Int32Array.of(101, 260, 800, 900),
        coding: Int32Array.of(130, 150, 300, 400),
      },
    ]);
  });

  it("reads GFF3 whose exons name their gene", async () => {
    const models = await read(
      "##gff-version 3\n" +
        line("1", "x", "gene", 5, 50, ".", "+", ".", "ID=gene:E1;Name=XYZ;gene_id=E1") +
        line("1", "x", "mRNA", 5, 50, ".", "+", ".", "ID=transcript:T;Parent=gene:E1") +
        line("1", "x", "exon", 5, 9, ".", "+", ".", "Parent=transcript:T;gene_id=E1"),
    );
    expect(models.get("1")).toEqual([
      { id: "E1", symbol: "XYZ", strand: "+", start: 5, end: 50, exons: Int32Array.of(5, 9) },
    ]);
  });

  it("reads the blocks of a BED of 12 columns", async () => {
    const models = await read(
      line("chr1", 100, 200, "N1", 0, "+", 105, 190, 0, 2, "10,20,", "0,80,") +
        line("chr1", 90, 120, "N1", 0, "+", 90, 90, 0, 1, "30", "0"),
    );
    expect(models.get("chr1")).toEqual([
      {
        ...{ id: "N1", symbol: "N1", strand: "+", start: 91, end: 200 },
        ...{ exons: Int32Array.of(91, 120, 181, 200), coding: Int32Array.of(106, 110, 181, 190) },
      },
    ]);
    await expect(read(line("chr1", 1, 9, "N", 0, "+", 1, 9, 0, 2, "4,", "0,"))).rejects.toThrow(
      "genes.gtf, line 1: names 2 blocks and lists 1 sizes and 1 starts",
    );
  });

  it("takes bodies where there are no exons", async () => {
    const models = await read("id\tchr\tstart\tend\tstrand\tsymbol\nE9\t7\t11\t20\t-\tS9\n", "genes.tsv");
    expect(models.get("7")).toEqual([
      { id: "E9", symbol: "S9", strand: "-", start: 11, end: 20, exons: new Int32Array(0) },
    ]);
  });

  it("refuses what is no annotation", async () => {
    await expect(read("one two\nthree four\n")).rejects.toThrow("genes.gtf");
  });
});
