import { expect, test } from "vitest";
import { decodeDosages } from "../../../src/cohort/dosages.ts";
import { withParsOnX } from "../../../src/cohort/parsOnX.ts";
import { chromosomeKinds } from "../../../src/cohort/sexChromosomes.ts";
import { memoryGenotypes, testRandom } from "../../helpers/randomCohort.ts";

test("variants of XY, PAR1 and PAR2 lie on X by position, read and named as such, whatever run is asked", async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = testRandom(seed);
    const n = 1 + Math.floor(random() * 9);
    const samples = Array.from({ length: n }, (_, s) => `S${s}`);
    const names = random() < 0.5 ? ["1", "PAR1", "X", "PAR2", "MT"] : ["1", "chrX", "22", "XY"];
    const kept = names.filter((name) => !/X$/.test(name) || seed % 5 > 0);
    const variants = kept.flatMap((chromosome) => {
      const count = 1 + Math.floor(random() * 5);
      const positions = Array.from({ length: count }, () => 1 + Math.floor(random() * 1000)).sort(
        (a, b) => a - b,
      );
      return positions.map((position) => ({
        chromosome,
        position,
        calls: samples.map(() =>
          random() < 0.3 ? Math.round(2000 * random()) / 1000 : Math.floor(random() * 4),
        ),
      }));
    });
    const source = memoryGenotypes(samples, variants);
    const merged = withParsOnX(source);
    const member = (name: string) => /^(chr)?(X|XY|PAR\d)$/.test(name);
    const first = variants.findIndex(({ chromosome }) => member(chromosome));
    const expected = [
      ...variants.slice(0, first),
      ...variants.filter(({ chromosome }) => member(chromosome)).toSorted((a, b) => a.position - b.position),
      ...variants.slice(first).filter(({ chromosome }) => !member(chromosome)),
    ];
    const x = kept.find((name) => /X$/.test(name)) ?? "X";
    const kinds = chromosomeKinds(merged, "none");
    const start = Math.floor(random() * expected.length);
    const end = start + 1 + Math.floor(random() * (expected.length - start));
    const index = Uint32Array.from(samples.keys()).reverse();
    const block = await merged.read(start, end, index);
    const labels = await merged.labels(start, end);
    expect([block.start, block.count]).toEqual([start, end - start]);
    const g = new Float64Array(n);
    expected.slice(start, end).forEach((variant, v) => {
      const where = `seed ${seed} variant ${start + v}`;
      decodeDosages(block, v, 3, g);
      expect(Array.from(g).reverse(), where).toEqual(variant.calls);
      expect(labels.id[v], where).toBe(`${variant.chromosome}:${variant.position}:A:G`);
      expect(labels.chromosome[v], where).toBe(member(variant.chromosome) ? x : variant.chromosome);
      expect(labels.position[v]).toBe(variant.position);
      expect(merged.position.at(start + v)).toBe(variant.position);
      expect(merged.chromosomes[merged.chromosomeCode.at(start + v)!]).toBe(labels.chromosome[v]);
      const kind =
        { 1: "autosomal", 22: "autosomal", MT: "mt", X: "x", chrX: "x" }[variant.chromosome] ?? "par";
      expect(kinds(start + v), where).toBe(kind);
    });
  }
});

test("a source without them is left alone", () => {
  const source = memoryGenotypes(["S"], [{ chromosome: "X", position: 5, calls: [1] }]);
  expect(withParsOnX(source)).toBe(source);
});
