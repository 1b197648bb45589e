import { describe, expect, test } from "vitest";
import type { GeneColumns, PairColumns } from "../../../../src/app/engine/answers.ts";
import { turnOf } from "../../../../src/app/engine/queries/alleles.ts";
import { type Comparable, effectsOf } from "../../../../src/app/engine/queries/comparing.ts";
import { testRandom } from "../../../helpers/randomCohort.ts";

const counted = (effect: string, other: string, frequency = Number.NaN) => ({ effect, other, frequency });
const own = counted("A", "G", 0.3);

describe("the turn of a statistic", () => {
  test.each([
    ["A", "G", 1],
    ["G", "A", -1],
    ["T", "C", 1],
    ["C", "T", -1],
    ["a", "g", 1],
    ["A", "C", "other"],
    ["AT", "G", "other"],
    ["", "", "other"],
  ])("%s/%s against A/G: %s", (effect, other, turn) => {
    expect(turnOf(own, counted(effect, other))).toBe(turn);
  });

  test("indels are on one strand, and told by their letters", () => {
    expect(turnOf(counted("AT", "A"), counted("A", "AT"))).toBe(-1);
    expect(turnOf(counted("AT", "A"), counted("TA", "T"))).toBe("other");
  });

  test.each([
    ["T", 0.28, 1],
    ["T", 0.72, -1],
    ["A", 0.28, 1],
    ["A", 0.72, -1],
    ["T", 0.5, "palindromic"],
    ["T", Number.NaN, "palindromic"],
  ])("of A/T by frequency, whatever the letters: %s at %s is %s", (effect, frequency, turn) => {
    const other = effect === "T" ? "A" : "T";
    expect(turnOf(counted("A", "T", 0.3), counted(effect, other, frequency))).toBe(turn);
  });

  test("near one half neither is taken", () => {
    for (const frequency of [0.2, 0.41, 0.45, 0.55, 0.59])
      expect(turnOf(counted("C", "G", 0.45), counted("G", "C", frequency))).toBe("palindromic");
  });

  test("is never of the wrong sign, seed by seed", () => {
    const random = testRandom(3);
    const complement: Readonly<Record<string, string>> = { A: "T", T: "A", C: "G", G: "C" };
    for (let i = 0; i < 500; i++) {
      const [a, b] = [..."ACGT"].sort(() => random() - 0.5) as [string, string];
      const frequency = 0.01 + 0.98 * random();
      const [flip, swap] = [random() < 0.5, random() < 0.5];
      const letter = (one: string) => (flip ? complement[one]! : one);
      const [effect, other] = swap ? [letter(b), letter(a)] : [letter(a), letter(b)];
      const drift = Math.min(0.99, Math.max(0.01, frequency + 0.1 * (random() - 0.5)));
      const theirs = counted(effect, other, swap ? 1 - drift : drift);
      const turn = turnOf(counted(a, b, frequency), theirs);
      if (turn === "palindromic") expect(complement[a]).toBe(b);
      else expect(turn, `${a}/${b} at ${frequency} and ${effect}/${other}`).toBe(swap ? -1 : 1);
    }
  });
});

interface Row {
  readonly id: string;
  readonly at: number;
  readonly effect: string;
  readonly other: string;
  readonly af: number;
}

/** A result of one gene, whose variants have the slope 0.5 and the error 0.1. */
function resultOf(name: string, gene: string, rows: readonly Row[]): Comparable {
  const pairs: PairColumns = {
    variant: rows.map(({ id }) => id),
    chromosome: rows.map(() => (name === "first" ? "chr1" : "1")),
    position: Int32Array.from(rows, ({ at }) => at),
    effectAllele: rows.map(({ effect }) => effect),
    otherAllele: rows.map(({ other }) => other),
    af: Float64Array.from(rows, ({ af }) => af),
    slope: new Float64Array(rows.length).fill(0.5),
    slopeSe: new Float64Array(rows.length).fill(0.1),
    log10P: new Float64Array(rows.length).fill(-6),
  };
  return {
    ...{ name, samples: 90 },
    genes: async () => ({ id: [gene] }) as unknown as GeneColumns,
    pairs: async () => pairs,
  };
}

const row = (effect: string, other: string, af: number, id = "rs1", at = 100): Row => ({
  ...{ id, at, effect, other, af },
});

describe("effects across results", () => {
  const first = resultOf("first", "ENSG00000000001.4", [row("A", "G", 0.3), row("C", "G", 0.2, "rs2", 200)]);

  test("are per copy of the first one's effect allele, or say why there is none", async () => {
    const others = [
      resultOf("same", "ENSG00000000001.4", [row("A", "G", 0.31)]),
      resultOf("swapped", "ENSG00000000001", [row("G", "A", 0.7)]),
      resultOf("other strand", "ENSG00000000001.9", [row("T", "C", 0.3)]),
      resultOf("by place", "ENSG00000000001.4", [row("G", "A", 0.7, "1:100:A:G")]),
      resultOf("other alleles", "ENSG00000000001.4", [row("A", "C", 0.3)]),
      resultOf("elsewhere", "ENSG00000000001.4", [row("A", "G", 0.3, "rs9", 900)]),
      resultOf("no gene", "G2", [row("A", "G", 0.3)]),
    ];
    const effects = await effectsOf([first, ...others], { gene: "ENSG00000000001.4", variant: "rs1" });
    expect(effects.map(({ cohort, slope, leftOut }) => [cohort, slope, leftOut])).toEqual([
      ["first", 0.5, undefined],
      ["same", 0.5, undefined],
      ["swapped", -0.5, undefined],
      ["other strand", 0.5, undefined],
      ["by place", -0.5, undefined],
      ["other alleles", Number.NaN, "its alleles are A/C, not A/G"],
      ["elsewhere", Number.NaN, "it has no pair of the gene with the variant"],
      ["no gene", Number.NaN, "it does not have the gene"],
    ]);
    expect(effects[2]).toMatchObject({ samples: 90, slopeSe: 0.1, log10P: -6 });
  });

  test("of C/G go by the frequencies, or are left out", async () => {
    const others = [
      resultOf("near", "ENSG00000000001.4", [row("G", "C", 0.22, "rs2", 200)]),
      resultOf("turned", "ENSG00000000001.4", [row("G", "C", 0.79, "rs2", 200)]),
      resultOf("middle", "ENSG00000000001.4", [row("C", "G", 0.5, "rs2", 200)]),
    ];
    const effects = await effectsOf([first, ...others], { gene: "ENSG00000000001.4", variant: "rs2" });
    expect(effects.map(({ slope, leftOut }) => [slope, leftOut])).toEqual([
      [0.5, undefined],
      [0.5, undefined],
      [-0.5, undefined],
      [Number.NaN, "the strand of C/G is not told by the frequencies, 0.50 and 0.20"],
    ]);
  });

  test("of interactions are of the context that is shown, found by its name", async () => {
    const slopes: Readonly<Record<string, number>> = { age: 0.5, share: 2, sex: 3 };
    const interactions = (name: string, contexts: readonly string[]): Comparable => {
      const plain = resultOf(name, "G1", [row("A", "G", 0.3)]);
      return {
        ...plain,
        genes: async (wanted) => ({
          ...(await plain.genes()),
          ...{ contexts, context: contexts.find((one) => one === wanted) ?? contexts[0] },
        }),
        pairs: async (gene, context) => ({
          ...(await plain.pairs(gene)),
          slope: Float64Array.of(slopes[context ?? "none"] ?? Number.NaN),
        }),
      };
    };
    const all = [
      interactions("own", ["age", "share"]),
      interactions("turned round", ["share", "age"]),
      interactions("one", ["sex"]),
      resultOf("plain", "G1", [row("A", "G", 0.3)]),
    ];
    const said = async (results: readonly Comparable[], context?: string) =>
      (await effectsOf(results, { gene: "G1", variant: "rs1" }, context)).map(
        ({ slope, leftOut }) => leftOut ?? slope,
      );
    const without = (context: string) => [
      `its interactions are with sex, not with ${context}`,
      `its effects are not interactions with ${context}`,
    ];
    expect(await said(all, "share")).toEqual([2, 2, ...without("share")]);
    expect(await said(all)).toEqual([0.5, 0.5, ...without("age")]);
    expect(await said(all, "not there")).toEqual([0.5, 0.5, ...without("age")]);
    expect(await said(all.toReversed())).toEqual([
      ...[0.5, "its effects are interactions with sex"],
      "its effects are interactions with share, age",
      "its effects are interactions with age, share",
    ]);
  });

  test("are counted from the first result that has the pair", async () => {
    const without = resultOf("first", "ENSG00000000001.4", [row("A", "G", 0.3, "rs8", 800)]);
    const effects = await effectsOf(
      [
        without,
        resultOf("b", "ENSG00000000001.4", [row("G", "A", 0.7)]),
        resultOf("c", "ENSG00000000001.4", [row("A", "G", 0.3)]),
      ],
      { gene: "ENSG00000000001.4", variant: "rs1" },
    );
    expect(effects.map(({ slope }) => slope)).toEqual([Number.NaN, 0.5, -0.5]);
  });
});
