import { describe, expect, test } from "vitest";
import { decodeDosages } from "../../../src/cohort/dosages.ts";
import { withHaploidMales } from "../../../src/cohort/haploidMales.ts";
import { maleCodingOf, surveyMales } from "../../../src/cohort/maleCoding.ts";
import type { ChrX, MaleCoding, SexChromosomes } from "../../../src/cohort/sexChromosomes.ts";
import { chromosomeKinds } from "../../../src/cohort/sexChromosomes.ts";
import { callAt } from "../../helpers/formats.ts";
import { memoryGenotypes, testRandom } from "../../helpers/randomCohort.ts";

const X = 50_000_000;

function plan(sex: readonly number[], chrX: ChrX, maleCoding: MaleCoding): SexChromosomes {
  return { build: "GRCh38", chrX, maleCoding, otherChromosomes: false, sex: Uint8Array.from(sex) };
}

function source(calls: readonly (readonly number[])[], position = X) {
  const samples = Array.from({ length: calls[0]!.length }, (_, s) => `S${s}`);
  return memoryGenotypes(
    samples,
    calls.map((row, v) => ({ chromosome: "chrX", position: position + v, calls: row })),
  );
}

/** What a male or a sample of unknown sex has on X, by the definition. */
function expected(dosage: number, sex: number, imputed: boolean, chrX: ChrX, coding: MaleCoding): number {
  if (sex === 0) return Number.NaN;
  if (dosage === 3) return Number.NaN;
  if (sex === 2) return dosage;
  const copy = coding === "0/1" ? 1 : 2;
  if (!imputed && dosage !== 0 && dosage !== copy) return Number.NaN;
  return (dosage / copy) * (chrX === "0/1" ? 1 : 2);
}

describe("where a variant lies", () => {
  test.each([
    ["chrX", 2_781_479, "GRCh38", "par"],
    ["chrX", 2_781_480, "GRCh38", "x"],
    ["X", 155_701_382, "GRCh38", "x"],
    ["23", 155_701_383, "GRCh38", "par"],
    ["chr23", 2_699_520, "GRCh37", "par"],
    ["X", 2_699_521, "GRCh37", "x"],
    ["X", 154_931_043, "GRCh37", "x"],
    ["X", 154_931_044, "GRCh37", "par"],
    ["X", 1, "none", "x"],
    ["XY", X, "GRCh38", "par"],
    ["25", X, "GRCh38", "par"],
    ["PAR1", X, "GRCh38", "par"],
    ["chrPAR2", X, "GRCh38", "par"],
    ["24", X, "GRCh38", "y"],
    ["chrY", X, "GRCh38", "y"],
    ["26", X, "GRCh38", "mt"],
    ["chrM", X, "GRCh38", "mt"],
    ["1", X, "GRCh38", "autosomal"],
  ] as const)("%s:%i on %s is %s", (chromosome, position, build, kind) => {
    const one = memoryGenotypes(["S"], [{ chromosome, position, calls: [0] }]);
    expect(chromosomeKinds(one, build)(0)).toBe(kind);
  });
});

describe("males on X", () => {
  test.each([
    ["0/2", "0/2"],
    ["0/2", "0/1"],
    ["0/1", "0/2"],
    ["0/1", "0/1"],
  ] as const)(
    "counted %s of a file coded %s, for random calls, dosages, sexes and samples",
    async (chrX, coding) => {
      for (let seed = 1; seed <= 60; seed++) {
        const random = testRandom(seed);
        const n = 1 + Math.floor(random() * 23);
        const sex = Array.from({ length: n }, () => Math.floor(random() * 3));
        const most = coding === "0/1" ? 1 : 2;
        const imputedRow = Array.from({ length: 6 }, () => random() < 0.4);
        const calls = imputedRow.map((imputed) =>
          sex.map((code) => {
            if (random() < 0.1) return 3;
            const top = code === 1 && imputed ? most : 2;
            return imputed && random() < 0.7
              ? Math.round(1000 * top * random()) / 1000
              : Math.floor(random() * (top + 1));
          }),
        );
        const index = Uint32Array.from(sex.keys()).filter(() => random() < 0.8);
        const block = await withHaploidMales(source(calls), plan(sex, chrX, coding)).read(0, 6, index);
        const g = new Float64Array(index.length);
        calls.forEach((row, v) => {
          const imputed = row.some((dosage, s) => sex[s] === 1 && dosage % 1 !== 0);
          decodeDosages(block, v, Number.NaN, g);
          Array.from(index).forEach((s, at) => {
            const wanted = expected(row[s]!, sex[s]!, imputed, chrX, coding);
            expect(g[at], `seed ${seed} variant ${v} sample ${s}: ${row[s]} sex ${sex[s]}`).toBe(wanted);
            if (!Number.isNaN(wanted)) expect(callAt(block, v, at)).toBe(Math.floor(wanted + 0.5));
          });
          // Bits past the last sample are 0, as backends want them.
          for (let s = index.length; s < 4 * block.stride; s++) expect(callAt(block, v, s)).toBe(0);
        });
      }
    },
  );

  test.each(["0/1", "0/2"] as const)(
    "imputed above what a coding of 0/1 knows are missing, and leave their neighbours alone (%s)",
    async (chrX) => {
      const dosages = [1.4, 2, 0.5, 1, 0, 1];
      const sex = [1, 1, 1, 2, 2, 1];
      const everyone = Uint32Array.from(sex.keys());
      const block = await withHaploidMales(source([dosages]), plan(sex, chrX, "0/1")).read(0, 1, everyone);
      const g = new Float64Array(sex.length);
      decodeDosages(block, 0, Number.NaN, g);
      const copies = chrX === "0/1" ? 1 : 2;
      expect(Array.from(g)).toEqual([Number.NaN, Number.NaN, 0.5 * copies, 1, 0, copies]);
    },
  );

  test("imputed are told by all males of the file, whoever is asked for", async () => {
    const males = withHaploidMales(source([[1, 0.3, 2, 1]]), plan([1, 1, 1, 2], "0/2", "0/2"));
    const g = new Float64Array(2);
    // The second male has a fraction: the first one's 1 is uncertainty, with him or without.
    decodeDosages(await males.read(0, 1, Uint32Array.of(0, 1)), 0, Number.NaN, g);
    expect(Array.from(g)).toEqual([1, 0.3]);
    decodeDosages(await males.read(0, 1, Uint32Array.of(0, 2)), 0, Number.NaN, g);
    expect(Array.from(g)).toEqual([1, 2]);
  });

  test("are as they are in the PARs, on other chromosomes, as given, and where nobody's sex is known", async () => {
    const calls = [[0, 1, 2, 1, 3]];
    const sex = [1, 1, 1, 2, 1];
    const everyone = Uint32Array.of(0, 1, 2, 3, 4);
    const read = async (position: number, changes: Partial<SexChromosomes>) => {
      const one = source(calls, position);
      const block = await withHaploidMales(one, { ...plan(sex, "0/2", "0/2"), ...changes }).read(
        0,
        1,
        everyone,
      );
      return Array.from(calls[0]!, (_, s) => callAt(block, 0, s));
    };
    expect(await read(X, {})).toEqual([0, 3, 2, 1, 3]);
    expect(await read(1_000_000, {})).toEqual(calls[0]);
    expect(await read(1_000_000, { build: "none" })).toEqual([0, 3, 2, 1, 3]);
    expect(await read(X, { chrX: "as-given" })).toEqual(calls[0]);
    expect(await read(X, { sex: undefined })).toEqual(calls[0]);
  });
});

describe("how a file codes males is told from their calls", () => {
  async function codingOf(calls: readonly (readonly number[])[], sex: readonly number[]) {
    return maleCodingOf(await surveyMales(source(calls), Uint8Array.from(sex), "GRCh38"));
  }
  const repeated = (row: readonly number[], times: number) => Array.from({ length: times }, () => row);

  test("0/1 where no male has two copies of anything", async () => {
    expect(await codingOf([[0, 1, 2, 1]], [1, 1, 2, 1])).toBe("0/1");
    expect(await codingOf([[0, 0.98, 2, 0.02]], [1, 1, 2, 1])).toBe("0/1");
  });

  test("0/2 where some have, or none has any", async () => {
    expect(await codingOf([[0, 1, 2, 2]], [1, 1, 2, 1])).toBe("0/2");
    expect(await codingOf([[0, 0, 2, 3]], [1, 1, 2, 1])).toBe("0/2");
    expect(await codingOf([[0, 1.96, 2, 0.02]], [1, 1, 2, 1])).toBe("0/2");
    expect(
      await codingOf(
        [
          [0, 0.4, 2, 0.02],
          [0, 2, 1, 0],
        ],
        [1, 1, 2, 1],
      ),
    ).toBe("0/2");
  });

  test("neither where one copy is commoner than two: a female among the males of a file coded 0/1", async () => {
    expect(await codingOf([...repeated([1, 1, 0, 2], 30), [2, 0, 0, 1]], [1, 1, 1, 2])).toBe("mixed");
    expect(await codingOf([...repeated([2, 0, 0, 2], 30), ...repeated([1, 0, 0, 1], 5)], [1, 1, 1, 2])).toBe(
      "0/2",
    );
  });

  test("counts them by variant and by sample, those in the other build's PAR apart", async () => {
    const calls = [
      [1, 0, 2, 1, 3],
      [1, 1, 2, 1, 2],
    ];
    const inX = await surveyMales(source(calls), Uint8Array.of(1, 1, 1, 2, 1), "GRCh38");
    expect(inX).toMatchObject({
      variants: { x: 2, par: 0 },
      called: 7,
      ones: 3,
      twos: 3,
      variantsWithOnes: 2,
    });
    expect([inX.onesInOtherPar, inX.most]).toEqual([0, 2]);
    expect(Array.from(inX.onesOf)).toEqual([2, 1, 0, 0, 0]);
    expect(Array.from(inX.twosOf)).toEqual([0, 0, 2, 0, 1]);
    const other = await surveyMales(source(calls, 155_000_000), Uint8Array.of(1, 1, 1, 2, 1), "GRCh38");
    expect(other.onesInOtherPar).toBe(3);
  });
});
