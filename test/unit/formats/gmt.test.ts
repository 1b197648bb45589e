import { describe, expect, test } from "vitest";
import { readAnnotation } from "../../../src/formats/annotation.ts";
import { readGmt } from "../../../src/formats/gmt.ts";
import { bytesSource } from "../../../src/formats/source.ts";
import { membershipOf } from "../../../src/network/geneSets.ts";

const noInflate = (): never => {
  throw new Error("no gzip here");
};
const read = (text: string) => readGmt(bytesSource(new TextEncoder().encode(text), "sets.gmt"), noInflate);

describe("GMT", () => {
  test("names, descriptions and genes; empty cells, weights and repeats are passed over", async () => {
    const { sets, messages } = await read("A\tfirst\tg1\tg2\tg1\t\t\nB\t\tg3,1.0\tg4,0.5\r\n");
    expect(sets).toEqual([
      { name: "A", description: "first", genes: ["g1", "g2"] },
      { name: "B", description: "", genes: ["g3", "g4"] },
    ]);
    expect(messages).toEqual(["sets.gmt: 1 gene repeated within a set; counted once"]);
  });

  test.each([
    ["A b g1", "sets.gmt, line 1: has 1 column"],
    ["A\tx\tg1\nA\ty\tg2", "sets.gmt, line 2: gene set A is there already (line 1)"],
    ["A\tx\t\t", "sets.gmt, line 1: gene set A has no gene"],
    ["\tx\tg1", "sets.gmt, line 1: gene set without a name"],
    ["", "sets.gmt: is empty (0 bytes)"],
  ])("refuses %j", async (text, message) => {
    await expect(read(text)).rejects.toThrow(message);
  });

  test("genes are found by id, without version, by symbol; none at all is an error", async () => {
    const sets = await read("A\t\tENSG1\tENSG2.7\tTP53\tother\nB\t\tnone\n");
    const found = membershipOf(sets, ["ENSG2", "ENSG1.3", "ENSG3"], ["", "", "TP53"]);
    expect(found.map(({ members }) => [...members])).toEqual([[0, 1, 2], []]);
    expect(() => membershipOf(sets, ["x", "y"])).toThrow(
      "none of its genes (ENSG1, none) is among the 2 genes",
    );
  });
});

test("whole genes of a GTF, where they and not their first bases are wanted", async () => {
  const line = (start: number, end: number, strand: string, id: string) =>
    `1\tx\tgene\t${start}\t${end}\t.\t${strand}\t.\tgene_id "${id}"; gene_name "${id.toUpperCase()}";`;
  const text = [line(101, 200, "+", "a"), line(301, 900, "-", "b")].join("\n");
  const places = async (whole: boolean) => {
    const source = bytesSource(new TextEncoder().encode(text), "genes.gtf");
    const { genes } = await readAnnotation(source, noInflate, whole);
    return genes.map(({ id, start, end, symbol }) => [id, start, end, symbol]);
  };
  expect(await places(true)).toEqual([
    ["a", 100, 200, "A"],
    ["b", 300, 900, "B"],
  ]);
  expect(await places(false)).toEqual([
    ["a", 100, 101, "A"],
    ["b", 899, 900, "B"],
  ]);
});
