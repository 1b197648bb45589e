import { expect, it } from "vitest";
import { readRecombination } from "../../../src/formats/recombination.ts";
import { bytesSource } from "../../../src/formats/source.ts";
import { inflateGzip } from "../../../src/node/inflate.ts";

const read = (text: string) =>
  readRecombination(bytesSource(new TextEncoder().encode(text), "map.txt"), inflateGzip);

it("reads HapMap's rates as they are", async () => {
  const maps = await read(
    "Chromosome\tPosition(bp)\tRate(cM/Mb)\tMap(cM)\nchr1\t200\t0.5\t0.1\nchr1\t100\t2.25\t0\n",
  );
  expect(maps.get("chr1")).toEqual({ position: Int32Array.of(100, 200), rate: Float64Array.of(2.25, 0.5) });
});

it("reads deCODE's stretches", async () => {
  const maps = await read("Chr\tBegin\tEnd\tcMperMb\tcM\nchr2\t10\t20\t1.5\t3\nchr2\t20\t40\t0.25\t4\n");
  expect(maps.get("chr2")).toEqual({ position: Int32Array.of(10, 20), rate: Float64Array.of(1.5, 0.25) });
});

it("makes rates of PLINK's map: 1 cM over half a megabase is 2 cM/Mb", async () => {
  const maps = await read("3 rs1 0 1000000\n3 rs2 1 1500000\n3 rs3 1 2500000\n");
  expect(maps.get("3")).toEqual({
    position: Int32Array.of(1e6, 1.5e6, 2.5e6),
    rate: Float64Array.of(2, 0, 0),
  });
});

it("refuses what is no map, and a map that falls", async () => {
  await expect(read("3 rs1 2 100\n3 rs2 1 200\n")).rejects.toThrow(
    "map.txt: the map of chromosome 3 falls after position 100",
  );
  await expect(read("a b\nc d\n")).rejects.toThrow("map.txt, line 1: names no chromosome");
  await expect(read("chr pos rate\n1 x 2\n")).rejects.toThrow("map.txt, line 2: has no position");
});
