import { describe, expect, test } from "vitest";
import { readSex } from "../../../src/formats/sex.ts";
import { inflateGzip } from "../../../src/node/inflate.ts";
import { messageOf, textSource } from "../../helpers/formats.ts";

const KNOWN = new Set(["A", "B", "C", "D"]);

async function sexes(text: string): Promise<Record<string, number>> {
  const { sex } = await readSex(textSource(text, "sex.txt"), inflateGzip, KNOWN);
  return Object.fromEntries(sex);
}

const refused = (text: string) => messageOf(sexes(text));

describe("sex of samples", () => {
  const wanted = { A: 1, B: 2, C: 0 };

  test.each([
    ["two columns", "A 1\nB 2\nC 0\n"],
    ["words", "A\tM\nB\tfemale\nC\tNA\n"],
    ["a header", "sample\tsex\nA\tmale\nB\tF\nC\tunknown\n"],
    ["a .psam", "#FID\tIID\tSEX\tage\nf\tA\t1\t30\nf\tB\t2\t31\nf\tC\tNA\t32\n"],
    ["a .psam without family", "#IID SEX\nA 1\nB 2\nC 0\n"],
    ["a table by gender", "donor\tage\tGender\nA\t30\tM\nB\t31\tF\nC\t9\t.\n"],
    ["a .fam", "f A 0 0 1 -9\nf B 0 0 2 -9\nf C 0 0 0 1\n"],
    ["a line twice", "A 1\nB 2\nC 0\nA 1\n"],
  ])("%s", async (_, text) => {
    expect(await sexes(text)).toEqual(wanted);
  });

  test("is refused where it cannot be told", async () => {
    expect({
      word: await refused("A 1\nB X\n"),
      zeroOne: await refused("A 0\nB 1\nC 0\n"),
      twoSexes: await refused("A 1\nB 2\nA 2\n"),
      nobody: await refused("T1 1\nT2 2\n"),
      columns: await refused("A 1 x\nB 2 y\n"),
      short: await refused("#IID SEX\nA 1\nB\n"),
      empty: await refused(""),
    }).toMatchInlineSnapshot(`
      {
        "columns": "sex.txt, line 1: has 3 columns and none is called SEX; give sample and sex a line, a table with a column SEX, or a .fam",
        "empty": "sex.txt: is empty (0 bytes)",
        "nobody": "sex.txt: none of its samples (T1, T2) is in the genotypes or the expression (A, B, C, ...); it needs sample and sex a line",
        "short": "sex.txt, line 3: has 1 column, the sex is in column 2; every line needs the same columns",
        "twoSexes": "sex.txt, line 3: sample A has another sex here than before; keep one line of it",
        "word": "sex.txt, line 2: sex "X" of sample B; write 1 or M, 2 or F, or 0 for unknown",
        "zeroOne": "sex.txt: has sexes 0 and 1 only, where 0 is unknown and 1 male; write 1 for male and 2 for female, or M and F",
      }
    `);
  });
});
