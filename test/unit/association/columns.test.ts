import { expect, test } from "vitest";
import { LabelCache } from "../../../src/association/labelCache.ts";
import { emptyTest, refine, refineRun } from "../../../src/association/refine.ts";
import { studentT } from "../../../src/statistics/studentT.ts";
import { testRandom } from "../../helpers/randomCohort.ts";

test("a run of pairs has the tests of its pairs one by one, to the bit", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = testRandom(seed);
    const df = 1 + Math.floor(random() * 800);
    const tester = { degreesOfFreedom: df, tails: studentT(df) };
    const count = 1 + Math.floor(random() * 300);
    const norms = Float64Array.from({ length: count + 3 }, () => 0.1 + 20 * random());
    // From no correlation to a perfect one, of either sign.
    const products = Float64Array.from(
      { length: count },
      (_, i) => norms[i]! * Math.min(1, 1.2 * random() ** 3) * (random() < 0.5 ? -1 : 1),
    );
    const expressionNorm = 100 * random();
    const start = Math.floor(random() * 5);
    const column = (): Float64Array => new Float64Array(count + 8).fill(-7);
    const out = { slope: column(), slopeSe: column(), log10P: column() };
    const work = { r: new Float64Array(count + 1), t: new Float64Array(count + 1) };
    refineRun(tester, products, norms, expressionNorm, work, out, start);
    const one = emptyTest();
    for (let i = 0; i < count; i++) {
      refine(tester, products[i]!, norms[i]!, expressionNorm, one);
      const run = {
        r: work.r[i],
        slope: out.slope[start + i],
        slopeSe: out.slopeSe[start + i],
        log10P: out.log10P[start + i],
      };
      expect(run, `seed ${seed}, pair ${i}`).toEqual(one);
    }
    for (const values of Object.values(out)) {
      expect(values.subarray(start + count).every((value) => value === -7)).toBe(true);
    }
  }
});

test("kept labels are the source's, and each is read once while its part lasts", async () => {
  const count = 10_000;
  let read = 0;
  const source = {
    async labels(start: number, end: number) {
      read += end - start;
      const index = Array.from({ length: end - start }, (_, i) => start + i);
      return {
        id: index.map((v) => `v${v}`),
        chromosome: index.map((v) => (v < 7000 ? "1" : "2")),
        position: Int32Array.from(index, (v) => 10 * v),
        effectAllele: index.map((v) => "ACGT"[v % 4]!),
        otherAllele: index.map((v) => "CGTA"[v % 4]!),
      };
    },
  };
  const cache = new LabelCache(source, count);
  const random = testRandom(5);
  for (let again = 0; again < 40; again++) {
    const start = Math.floor(random() * count);
    const end = start + Math.floor(random() * (count - start));
    expect(await cache.labels(start, end)).toEqual(await source.labels(start, end));
    read -= end - start;
  }
  expect(read, "by the cache alone").toBeLessThanOrEqual(count);
  read = 0;
  cache.keep(3000, 5000);
  await cache.labels(3000, 5000);
  expect(read).toBe(0);
  await cache.labels(0, 1);
  expect(read, "a block that was forgotten").toBe(2048);
});

test("labels that could not be read are asked for again", async () => {
  let calls = 0;
  const source = {
    async labels(start: number, end: number) {
      if (calls++ === 0) throw new Error("once");
      const names = new Array<string>(end - start).fill("x");
      const position = new Int32Array(end - start);
      return { id: names, chromosome: names, position, effectAllele: names, otherAllele: names };
    },
  };
  const cache = new LabelCache(source, 10);
  await expect(cache.labels(0, 10)).rejects.toThrow("once");
  expect((await cache.labels(0, 10)).id).toHaveLength(10);
});
