import { describe, expect, test } from "vitest";
import { matchAlleles, palindromicCountsEffect } from "../../../src/association/scores/alleles.ts";
import { mapEqts } from "../../../src/association/scores/map.ts";
import { scoresOf } from "../../../src/association/scores/scores.ts";
import { buildCohort } from "../../../src/cohort/cohort.ts";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import { readWeights } from "../../../src/formats/weights.ts";
import { inflateGzip } from "../../../src/node/inflate.ts";
import { log10TwoSidedT } from "../../../src/statistics/studentT.ts";
import { messageOf, textSource } from "../../helpers/formats.ts";
import { plainOls } from "../../helpers/plainOls.ts";
import { memoryGenotypes, randomTables, testRandom } from "../../helpers/randomCohort.ts";

const read = (text: string, gwas: boolean) => readWeights(textSource(text, "scores.txt"), inflateGzip, gwas);

describe("polygenic scores", () => {
  test.each([1, 2, 3])("are plain sums, and their tests plain least squares: seed %i", async (seed) => {
    const random = testRandom(seed + 9);
    const tables = randomTables(seed, { samples: 36, variants: 60, genes: 6, covariates: 2 });
    const cohort = buildCohort(tables, { maf: 0 });
    const { samples, chromosomes, chromosomeCode, position } = tables.genotypes;
    const n = samples.length;
    const plain = new Array<number>(n).fill(0);
    const lines: string[] = [];
    const counts = { swapped: 0, flipped: 0, otherAlleles: 0, used: 0, constant: 0 };
    tables.calls.forEach((calls, v) => {
      const called = calls.filter((call) => call !== 3);
      const mean = called.reduce((a, b) => a + b, 0) / called.length;
      const weight = Math.round(1000 * (random() - 0.5)) / 1000;
      // The memory's variants count G against A.
      const [effect, other] = ["GA", "AG", "CT", "TC", "GC"][Math.floor(5 * random())]!;
      const named = random() < 0.5;
      const place = `${chromosomes[chromosomeCode.at(v)!]!.slice(3)}\t${position.at(v)}`;
      const id = `${chromosomes[chromosomeCode.at(v)!]}:${position.at(v)}:A:G`;
      lines.push(`${named ? id : ""}\t${named ? "NA\tNA" : place}\t${effect}\t${other}\t${weight}`);
      const swapped = effect === "A" || effect === "T";
      if (other === "C" && effect === "G") {
        counts.otherAlleles++;
        return;
      }
      if (new Set(called).size < 2) {
        counts.constant++;
        return;
      }
      counts.used++;
      if (swapped) counts.swapped++;
      if (effect === "C" || effect === "T") counts.flipped++;
      calls.forEach((call, s) => {
        const copies = call === 3 ? mean : call;
        plain[s]! += weight * (swapped ? 2 - copies : copies);
      });
    });
    const text = `###PGS CATALOG SCORING FILE\n#pgs_id=PGS1\nrsID\tchr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\n${lines.join("\n")}\nnowhere\tNA\tNA\tA\tG\t1\n`;
    const source = { name: "one", table: await read(text, false), thresholds: [] };
    const scores = await scoresOf(cohort, source, 2 ** 28);
    const [score] = scores;
    expect({ ...score!.counts, used: score!.used }).toMatchObject({ ...counts, listed: 61, notFound: 1 });
    score!.values.forEach((value, s) => {
      expect(value, `seed ${seed}, sample ${s}`).toBeCloseTo(plain[s]!, 10);
    });
    const backend = createReferenceBackend();
    const options = { backend, memory: 2 ** 28, seed: 1, permutations: 3 };
    const result = await mapEqts(cohort, scores, { ...options, spearman: false });
    const mean = plain.reduce((a, b) => a + b, 0) / n;
    const deviation = Math.sqrt(plain.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1));
    expect(result.gene.length).toBe(cohort.genes.id.length);
    expect(result.fdr!.level.permuted).toBe(3 * result.gene.length);
    result.gene.forEach((gene, i) => {
      const row = tables.expression.id.indexOf(cohort.genes.id[gene]!);
      const y = samples.map(
        (name) => tables.expression.values[row * n + tables.expression.samples.indexOf(name)]!,
      );
      const fit = plainOls(
        y,
        plain,
        tables.covariates.cells.map((cells) => cells.map(Number)),
      );
      expect(result.slope[i]! / (fit.slope * deviation), `seed ${seed}, gene ${gene}`).toBeCloseTo(1, 8);
      expect(result.slopeSe[i]! / (fit.slopeSe * deviation)).toBeCloseTo(1, 8);
      expect(result.log10P[i]!).toBeCloseTo(log10TwoSidedT(fit.t, fit.degreesOfFreedom), 8);
    });
  });

  describe("rows that could count wrongly", () => {
    const tables = randomTables(8, { samples: 30, variants: 4, genes: 2, covariates: 0 });
    const random = testRandom(12);
    const calls = (): number[] => Array.from({ length: 30 }, () => Math.floor(3 * random()));
    const variants = [100, 200, 200, 300].map((position) => ({ chromosome: "1", position, calls: calls() }));
    const genotypes = memoryGenotypes(tables.genotypes.samples, variants);
    // At 200 two variants: G against A, then C against A. Of a weight of C the first fits on the other strand.
    const second = {
      ...genotypes,
      labels: async (start: number, end: number) => {
        const labels = await genotypes.labels(start, end);
        const swap = (values: readonly string[], value: string): string[] =>
          values.map((own, i) => (start + i === 2 ? value : own));
        return { ...labels, id: swap(labels.id, "1:200:A:C"), effectAllele: swap(labels.effectAllele, "C") };
      },
    };
    const cohort = buildCohort({ ...tables, genotypes: second, covariates: undefined }, { maf: 0 });
    const scored = async (header: string, rows: readonly string[], gwas = false) => {
      const table = await read(`${header}\n${rows.join("\n")}\n`, gwas);
      return scoresOf(cohort, { name: "one", table, thresholds: gwas ? [1] : [] }, 2 ** 28);
    };

    test("one variant twice is refused in weights, and counts once of a GWAS", async () => {
      const header = "variant_id effect_allele other_allele weight";
      const twice = ["1:100:A:G G A 0.5", "1:300:A:G G A 1", "1:100:A:G A G 0.25"];
      await expect(scored(header, twice)).rejects.toThrowErrorMatchingInlineSnapshot(
        `[InputError: scores.txt: two rows are of one variant of the genotypes, 1:100:A:G (weights 0.5 and 0.25 of allele G and A); leave one of them: plink2 --score refuses such a file too]`,
      );
      const gwas = twice.map((row, i) => `${row} ${[1e-3, 1e-3, 1e-9][i]}`);
      const [score] = await scored("variant_id effect_allele other_allele beta p", gwas, true);
      expect([score!.used, score!.counts.clumped]).toEqual([2, 1]);
      variants[0]!.calls.forEach((call, s) => {
        expect(score!.values[s]).toBeCloseTo(0.25 * (2 - call) + variants[3]!.calls[s]!, 12);
      });
    });

    test("a single allele takes the variant that has it, not one on the other strand; ambiguous ones are left out", async () => {
      const header = "chr pos effect_allele weight";
      const of = async (rows: readonly string[]) => (await scored(header, rows))[0]!;
      const own = (v: number): number[] => variants[v]!.calls;
      expect([...(await of(["1 200 C 1"])).values]).toEqual(own(2));
      expect([...(await of(["1 200 G 1"])).values]).toEqual(own(1));
      // On the other strand alone: where one variant has it.
      const flipped = await of(["1 300 C 1"]);
      expect([flipped.counts.flipped, ...flipped.values]).toEqual([1, ...own(3)]);
      // A is the other allele of both at 200, and T that on the other strand.
      for (const allele of ["A", "T"]) {
        const both = await of([`1 200 ${allele} 1`, "1 100 G 1"]);
        expect([both.used, both.counts.ambiguous], allele).toEqual([1, 1]);
      }
      const [named] = await scored("variant_id chr pos effect_allele weight", ["1:200:A:C 1 200 A 1"]);
      expect([...named!.values]).toEqual(own(2).map((call) => 2 - call));
    });
  });

  test("spearman is the correlation of ranks", async () => {
    const tables = randomTables(4, { samples: 30, variants: 20, genes: 3, covariates: 0 });
    const cohort = buildCohort({ ...tables, covariates: undefined }, { maf: 0 });
    const text = `variant_id effect_allele weight\nchr1:1000:A:G G 1\nchr1:3000:A:G G 0.37\nchr2:2000:A:G G -0.7\n`;
    const scores = await scoresOf(
      cohort,
      { name: "s", table: await read(text, false), thresholds: [] },
      2 ** 28,
    );
    const options = {
      backend: createReferenceBackend(),
      memory: 2 ** 28,
      seed: 1,
      permutations: 0,
      spearman: true,
    };
    const result = await mapEqts(cohort, scores, options);
    const ranks = (values: readonly number[]): number[] =>
      values.map((x) => values.filter((y) => y < x).length + (values.filter((y) => y === x).length + 1) / 2);
    const { samples } = tables.genotypes;
    const score = ranks([...scores[0]!.values]);
    result.gene.forEach((gene, i) => {
      const row = tables.expression.id.indexOf(cohort.genes.id[gene]!);
      const y = samples.map(
        (name) => tables.expression.values[row * 30 + tables.expression.samples.indexOf(name)]!,
      );
      const fit = plainOls(ranks(y), score, []);
      expect(result.log10P[i]!).toBeCloseTo(log10TwoSidedT(fit.t, 28), 9);
    });
  });

  test("GWAS: HLA out, weaker linked variants out in both rounds, cumulative thresholds", async () => {
    const tables = randomTables(6, { samples: 60, variants: 12, genes: 2, covariates: 0 });
    const random = testRandom(3);
    // Two in the HLA region, and four clear of it: the second copies the first nearby, the third 1 Mb on, the fourth 9 Mb on.
    const positions = [26e6, 34e6, 40e6, 40.1e6, 41e6, 49e6, 7e6, 8e6];
    const drawn = (): number[] => Array.from({ length: 60 }, () => Math.floor(3 * random()));
    const copied = drawn();
    const variants = positions.map((position, v) => ({
      ...{ chromosome: v < 6 ? "6" : "12", position },
      calls: v >= 2 && v < 6 ? copied : drawn(),
    }));
    const genotypes = memoryGenotypes(tables.genotypes.samples, variants);
    const cohort = buildCohort({ ...tables, genotypes, covariates: undefined }, { maf: 0 });
    const p = [1e-20, 1e-20, 1e-9, 1e-12, 1e-6, 1e-6, 5e-4, 0.5];
    const rows = p.map((value, v) => `${variants[v]!.chromosome} ${positions[v]} G A 1 ${value}`);
    const table = await read(`chr pos effect_allele other_allele beta p\n${rows.join("\n")}\n`, true);
    const scores = await scoresOf(cohort, { name: "g", table, thresholds: [5e-8, 1e-5, 1e-2] }, 2 ** 28);
    // The second leads the first (within 250 kb) and the third (within 5 Mb); the fourth lies farther off.
    expect(scores.map(({ used }) => used)).toEqual([1, 2, 3]);
    expect(scores[0]!.counts).toMatchObject({ hla: 2, aboveThreshold: 1, clumped: 2, listed: 8 });
  });

  test("alleles", () => {
    const ag = { effect: "G", other: "A" };
    const match = (effect: string, other?: string) => matchAlleles(effect, other, ag);
    expect([
      match("G", "A"),
      match("A", "G"),
      match("C", "T"),
      match("T", "C"),
      match("G", "C"),
      match("G"),
      match("T"),
    ]).toEqual([
      ...["same", "swapped", "flipped", "flipped-swapped", "other-alleles", "same", "flipped-swapped"],
    ]);
    expect(matchAlleles("A", "T", { effect: "T", other: "A" })).toBe("palindromic");
    expect(matchAlleles("AT", "A", { effect: "AT", other: "A" })).toBe("same");
    expect(matchAlleles("TA", "T", { effect: "AT", other: "A" })).toBe("other-alleles");
    const told = [
      [0.2, 0.25],
      [0.2, 0.75],
      [0.45, 0.2],
      [undefined, 0.2],
      [0.05, 0.4],
      // Less than 0.2 apart either way: the allele on the same side of one half.
      [0.59, 0.41],
      [0.41, 0.59],
      [0.41, 0.4],
      [0.59, 0.585],
    ] as const;
    expect(told.map(([frequency, af]) => palindromicCountsEffect(frequency, af))).toEqual([
      ...[true, false, undefined, undefined, undefined],
      ...[false, false, true, true],
    ]);
  });

  test("files that are no scores say what they lack", async () => {
    const texts = [
      "variant_id weight\nv 1\n",
      "effect_allele weight\nA 1\n",
      "variant_id effect_allele weight\n",
      "",
    ];
    expect(await Promise.all(texts.map((text) => messageOf(read(text, false))))).toMatchInlineSnapshot(`
      [
        "scores.txt, line 1: no column effect_allele among variant_id, weight; name the columns in a header",
        "scores.txt, line 1: no column variant_id (or chromosome and position) among effect_allele, weight; name the columns in a header",
        "scores.txt: holds no weight; give it a row a variant",
        "scores.txt: is empty (0 bytes)",
      ]
    `);
  });
});

test("of REF, ALT and A1 it is A1 that is counted, whichever of the two it is", async () => {
  const { rows } = await read(
    "#CHROM\tPOS\tID\tREF\tALT\tA1\tBETA\n1\t5\tv1\tA\tG\tG\t0.5\n1\t6\tv2\tA\tG\tA\t0.5\n",
    false,
  );
  expect(rows.map(({ effect, other }) => [effect, other])).toEqual([
    ["G", "A"],
    ["A", undefined],
  ]);
});
