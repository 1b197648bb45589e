import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readExpressionBed } from "../../../src/formats/expressionBed.ts";
import { bytesSource } from "../../../src/formats/source.ts";
import { inflateGzip } from "../../../src/node/inflate.ts";
import { gzipMembers, integer, messageOf, random, textSource } from "../../helpers/formats.ts";
import { repository } from "../../helpers/shared.ts";

const read = (text: string) => readExpressionBed(textSource(text, "e.bed"), inflateGzip);
const fixture = async (name: string) =>
  readExpressionBed(
    bytesSource(await readFile(join(repository, "test/data/tables", name)), name),
    inflateGzip,
  );

const FOUR = "#chr\tstart\tend\tgene_id\tS1\tS2\n1\t9\t20\tG1\t0.5\t-2\n1\t30\t31\tG2\t1e-3\t4\n";
const SIX =
  "#chr\tstart\tend\tpid\tgid\tstrand\tS1\tS2\n1\t9\t20\tG1\tX\t+\t0.5\t-2\n1\t30\t31\tG2\tX\t-\t1e-3\t4\n";

describe("expression BED", () => {
  test("has four leading columns, as tensorQTL and FastQTL write it", async () => {
    const table = await fixture("expression.bed");
    expect({ ...table, start: [...table.start], end: [...table.end], values: [...table.values] }).toEqual({
      name: "expression.bed",
      messages: [],
      samples: ["D03", "D01", "D02"],
      id: ["ENSG01", "ENSG02", "ENSG03"],
      chromosome: ["chr1", "chr1", "chr2"],
      start: [999, 1999, 10],
      end: [1000, 2500, 20],
      strand: [".", ".", "."],
      values: [0.5, -1.25, 0.03, 1, 0, -0, 7.125, 8.0625, 9.03125],
    });
  });

  test("has six leading columns, as QTLtools writes it", async () => {
    const four = await fixture("expression.bed");
    const six = await fixture("expression.qtltools.bed");
    expect(six.strand).toEqual(["+", "-", "."]);
    expect({ ...six, strand: four.strand, name: four.name }).toEqual(four);
  });

  test.each([
    ["named strand", SIX],
    [
      "named Strand, with length",
      SIX.replace("gid\tstrand", "length\tStrand").replaceAll("\tX\t", "\t1049\t"),
    ],
    ["told by the column", SIX.replace("\tstrand", "\tdir")],
    ["separated by spaces", SIX.replaceAll("\t", " ")],
    ["with #Chr", SIX.replace("#chr", "#Chr")],
    ["without #", SIX.replace("#chr", "chr")],
    ["after comments", `##made by hand\n##twice\n${SIX}`],
    ["with \\r\\n", SIX.replaceAll("\n", "\r\n")],
    ["without the last newline", SIX.trimEnd()],
    ["with padded numbers", SIX.replace("0.5", "  0.5 ")],
  ])("six columns: %s", async (_, text) => {
    const table = await read(text);
    expect(table.samples).toEqual(["S1", "S2"]);
    expect(table.id).toEqual(["G1", "G2"]);
    expect(table.strand).toEqual(["+", "-"]);
    expect([...table.values]).toEqual([0.5, -2, 0.001, 4]);
  });

  test("keeps four columns apart from six where samples go by odd names", async () => {
    // The sixth column is the second sample here.
    const table = await read(FOUR.replace("S2", "length"));
    expect(table.samples).toEqual(["S1", "length"]);
    expect(table.strand).toEqual([".", "."]);
    const five = await read("#chr start end id S1\n1 1 2 G1 5\n");
    expect(five.samples).toEqual(["S1"]);
  });

  test("has the same numbers through gzip, any size, any way of writing them", async () => {
    for (let seed = 1; seed <= 25; seed++) {
      const next = random(seed);
      const genes = integer(next, 1, 300);
      const samples = integer(next, 1, 60);
      const leading = next() < 0.5 ? 4 : 6;
      const cells = Array.from({ length: genes * samples }, () => {
        const value = (next() - 0.5) * 10 ** integer(next, -12, 12);
        return [String(value), value.toFixed(6), value.toExponential(9), String(Math.round(value))][
          integer(next, 0, 3)
        ]!;
      });
      const header = `#chr\tstart\tend\tgene_id${leading === 6 ? "\tgroup\tstrand" : ""}`;
      const names = Array.from({ length: samples }, (_, s) => `\tS${s}`).join("");
      const rows = Array.from({ length: genes }, (_, g) => {
        const place = `chr${g % 3}\t${g}\t${g + 5}\tG${g}${leading === 6 ? "\tx\t-" : ""}`;
        return `${place}\t${cells.slice(g * samples, (g + 1) * samples).join("\t")}`;
      });
      const text = `${header}${names}\n${rows.join("\n")}\n`;
      const table = await readExpressionBed(
        bytesSource(gzipMembers(text, [text.length >> 1]), "e.bed.gz"),
        inflateGzip,
      );
      expect(table.id.length).toBe(genes);
      expect([...table.start], `seed ${seed}`).toEqual(Array.from({ length: genes }, (_, g) => g));
      expect(table.chromosome[genes - 1]).toBe(`chr${(genes - 1) % 3}`);
      const wanted = Float64Array.from(cells, Number);
      expect(table.values, `seed ${seed}`).toEqual(wanted);
    }
  });

  test("says when a gene has no length", async () => {
    expect((await read(FOUR.replace("9\t20", "20\t20"))).messages).toMatchInlineSnapshot(`
      [
        "e.bed: 1 gene with start = end (a BED has start < end); start + 1 is taken as the first base",
      ]
    `);
  });
});

describe("an expression BED that will not do", () => {
  const failure = (text: string) => messageOf(read(text));

  test("has a wrong header", async () => {
    expect({
      empty: await failure(""),
      commentsOnly: await failure("##a\n"),
      headless: await failure(FOUR.slice(FOUR.indexOf("\n") + 1)),
      headlessChr: await failure("chr\t9\t20\tG1\t0.5\t-2\n"),
      otherTable: await failure("id\tS1\tS2\nC1\t1\t2\n"),
      noGenes: await failure("#chr\tstart\tend\tgene_id\tS1\n"),
      noSamples: await failure("#chr\tstart\tend\tgene_id\n1\t1\t2\tG1\n"),
      noSamplesOfSix: await failure("#chr\tstart\tend\tpid\tgid\tstrand\n1\t1\t2\tG1\tX\t+\n"),
      twoColumns: await failure("#chr\tstart\n1\t1\n"),
      duplicateSample: await failure(FOUR.replace("S2", "S1")),
      namelessSample: await failure(FOUR.replace("S1\tS2", "S1\t")),
      quotedSample: await failure(FOUR.replace("S1", '"S1"')),
    }).toMatchInlineSnapshot(`
      {
        "commentsOnly": "e.bed: is empty (no lines)",
        "duplicateSample": "e.bed, line 1: sample S1 is there twice (columns 5 and 6); keep one of them",
        "empty": "e.bed: is empty (0 bytes)",
        "headless": "e.bed, line 1: no header: the first cells are "1", "9", "20", "G1", ...; the first line must be #chr start end gene_id SAMPLES, or #chr start end gene_id group strand SAMPLES",
        "headlessChr": "e.bed, line 1: no header: the first cells are "chr", "9", "20", "G1", ...; the first line must be #chr start end gene_id SAMPLES, or #chr start end gene_id group strand SAMPLES",
        "namelessSample": "e.bed, line 1, column 6: sample without a name; give it one",
        "noGenes": "e.bed: holds no genes (only a header); give it a row a gene",
        "noSamples": "e.bed, line 1: no samples: the header has 4 cells and the samples come after the first 4; give it a column a sample",
        "noSamplesOfSix": "e.bed, line 1: no samples: the header has 6 cells and the samples come after the first 6; give it a column a sample",
        "otherTable": "e.bed, line 1: no header: the first cells are "id", "S1", "S2"; the first line must be #chr start end gene_id SAMPLES, or #chr start end gene_id group strand SAMPLES",
        "quotedSample": "e.bed, line 1, column 5: sample "S1" is in quotation marks, which are not special here; write the file without quotes (in R: quote = FALSE)",
        "twoColumns": "e.bed, line 1: no samples: the header has 2 cells and the samples come after the first 4; give it a column a sample",
      }
    `);
  });

  test("has wrong rows", async () => {
    expect({
      ragged: await failure(FOUR.replace("\t-2\n", "\n")),
      long: await failure(FOUR.replace("\t-2\n", "\t-2\t3\n")),
      spaces: await failure(FOUR.replace("1\t9\t20\tG1\t0.5\t-2", "1 9 20 G1 0.5 -2")),
      duplicateGene: await failure(FOUR.replace("G2", "G1")),
      namelessGene: await failure(FOUR.replace("G2", "")),
      quotedGene: await failure(FOUR.replace("G2", '"G2"')),
      start: await failure(FOUR.replace("\t9\t", "\t9.5\t")),
      end: await failure(FOUR.replace("\t20\t", "\t-20\t")),
      backwards: await failure(FOUR.replace("9\t20", "20\t9")),
      strand: await failure(SIX.replace("\t-\t1e", "\t-1\t1e")),
    }).toMatchInlineSnapshot(`
      {
        "backwards": "e.bed, line 2: gene G1: end 9 lies before start 20; a BED has start < end on both strands",
        "duplicateGene": "e.bed, line 3: gene G1 is there already (line 2); keep one of them",
        "end": "e.bed, line 2: gene G1: end "-20" is not an integer from 0 to 2147483647; the second and third columns are the place of the gene in base pairs",
        "long": "e.bed, line 2: has 7 cells where the header has 6; every row needs one cell a column",
        "namelessGene": "e.bed, line 3: gene without a name; give it one",
        "quotedGene": "e.bed, line 3: gene "G2" is in quotation marks, which are not special here; write the file without quotes (in R: quote = FALSE)",
        "ragged": "e.bed, line 2: has 5 cells where the header has 6; every row needs one cell a column",
        "spaces": "e.bed, line 2: has 1 cell where the header has 6; separate the cells as in the header",
        "start": "e.bed, line 2: gene G1: start "9.5" is not an integer from 0 to 2147483647; the second and third columns are the place of the gene in base pairs",
        "strand": "e.bed, line 3: gene G2: strand "-1" is not +, - or .; the sixth column is the strand",
      }
    `);
  });

  test("has wrong values", async () => {
    const cell = (text: string) => failure(FOUR.replace("1e-3", text));
    expect({
      text: await cell("high"),
      hexadecimal: await cell("0x1F"),
      comma: await cell("1,5"),
      long: await cell("x".repeat(300)),
      control: await cell("1\u00072"),
      missing: await cell("NA"),
      notANumber: await cell("nan"),
      infinite: await cell("-Inf"),
      overflow: await cell("1e999"),
      empty: await cell(""),
    }).toMatchInlineSnapshot(`
      {
        "comma": "e.bed, line 3: gene G2, sample S1: "1,5" is not a number; write plain decimal numbers, as 0.25 or 1e-3",
        "control": "e.bed, line 3: gene G2, sample S1: "1?2" is not a number; write plain decimal numbers, as 0.25 or 1e-3",
        "empty": "e.bed, line 3: gene G2, sample S1: the cell is empty; Qortex does not impute expression: take out the gene or the sample, or fill it in",
        "hexadecimal": "e.bed, line 3: gene G2, sample S1: "0x1F" is not a number; write plain decimal numbers, as 0.25 or 1e-3",
        "infinite": "e.bed, line 3: gene G2, sample S1: "-Inf" is not a finite number; Qortex does not impute expression: take out the gene or the sample, or fill it in",
        "long": "e.bed, line 3: gene G2, sample S1: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx..." is not a number; write plain decimal numbers, as 0.25 or 1e-3",
        "missing": "e.bed, line 3: gene G2, sample S1: "NA" is not a finite number; Qortex does not impute expression: take out the gene or the sample, or fill it in",
        "notANumber": "e.bed, line 3: gene G2, sample S1: "nan" is not a finite number; Qortex does not impute expression: take out the gene or the sample, or fill it in",
        "overflow": "e.bed, line 3: gene G2, sample S1: "1e999" is not a number that fits into 64 bits; write plain decimal numbers, as 0.25 or 1e-3",
        "text": "e.bed, line 3: gene G2, sample S1: "high" is not a number; write plain decimal numbers, as 0.25 or 1e-3",
      }
    `);
  });
});
