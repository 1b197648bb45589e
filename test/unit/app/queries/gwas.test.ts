import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import type { GwasColumns, PairColumns } from "../../../../src/app/engine/answers.ts";
import { ResultQueries } from "../../../../src/app/engine/queries/queries.ts";
import type { SideFiles } from "../../../../src/app/engine/result.ts";
import { matchVariants, strongestOf } from "../../../../src/app/page/parts/colocMatch.ts";
import { buildCohort } from "../../../../src/cohort/cohort.ts";
import { InputError } from "../../../../src/errors.ts";
import { bytesSource } from "../../../../src/formats/source.ts";
import { stackedPanels, zScatter } from "../../../../src/report/locusCompare.ts";
import { log10NormalTwoSided } from "../../../../src/statistics/normal.ts";
import { type MadeResult, madeResult } from "../../../helpers/madeResult.ts";
import { randomTables, testNormal, testRandom } from "../../../helpers/randomCohort.ts";

const text = (name: string, lines: readonly string[]) =>
  bytesSource(new TextEncoder().encode(`${lines.join("\n")}\n`), name);

const SIZE = { samples: 60, variants: 400, genes: 60, covariates: 2 };

async function mapOf(window: number): Promise<MadeResult> {
  const made = await madeResult("cis", buildCohort(randomTables(3, SIZE), { maf: 0 }), { window });
  return { ...made, open: { ...made.open, manifest: { options: { window } } } };
}

const asked = ({ open }: MadeResult, sides: SideFiles) => new ResultQueries({ ...open, sides });

/** One row a variant of chromosome 1 of the cohort, `shift` base pairs off, with z from `z`. */
function gwasText(shift: number, z: (i: number) => number, alleles = "G\tA"): string[] {
  const half = SIZE.variants / 2;
  return [
    "chromosome\tposition\teffect_allele\tother_allele\tz",
    ...Array.from({ length: half }, (_, i) => `1\t${1000 + 1000 * i + shift}\t${alleles}\t${z(i)}`),
  ];
}

const strongAt =
  (...at: readonly number[]) =>
  (i: number) =>
    at.includes(i) ? 8 - at.indexOf(i) : 0.5;

describe("loci of a GWAS", () => {
  test("have the genes whose windows, as wide as the map's, hold their leads", async () => {
    for (const window of [15_000, 60_000]) {
      const made = await mapOf(window);
      const queries = asked(made, { gwas: [text("gwas.tsv", gwasText(0, strongAt(40)))] });
      const { loci, says } = await queries.gwasLoci();
      expect(says).toEqual([]);
      expect(loci.map(({ position, variant }) => [position, variant])).toEqual([[41_000, "1:41000"]]);
      expect(loci[0]!.log10P).toBeCloseTo(log10NormalTwoSided(8), 10);
      const genes = await queries.genes();
      const near = [...genes.id.keys()].filter(
        (g) =>
          genes.chromosome[g] === "1" &&
          genes.numVariants[g]! > 0 &&
          Math.max(genes.start[g]! - 41_000, 41_000 - genes.end[g]!, 0) <= window,
      );
      expect(near.length).toBeGreaterThan(0);
      expect([...loci[0]!.genes].sort((a, b) => a - b)).toEqual(near);
      const p = [...loci[0]!.genes].map((g) => genes.log10P[g]!);
      expect(p).toEqual([...p].sort((a, b) => a - b));
    }
  });

  test("half a megabase apart are two; weaker ones stand where none is strong", async () => {
    const made = await mapOf(1_000_000);
    const far = gwasText(0, (i) => (i === 5 ? 5 : 0.5));
    const weak = asked(made, { gwas: [text("gwas.tsv", far)] });
    expect((await weak.gwasLoci()).loci.map(({ position }) => position)).toEqual([6_000]);
    const two = [...gwasText(0, strongAt(5, 9)), "1\t506001\tG\tA\t6"];
    const { loci } = await asked(made, { gwas: [text("gwas.tsv", two)] }).gwasLoci();
    expect(loci.map(({ position }) => position)).toEqual([6_000, 506_001]);
  });

  test("of another genome build are refused, by places and names", async () => {
    const made = await mapOf(20_000);
    const shifted = asked(made, { gwas: [text("gwas.tsv", gwasText(437, strongAt(40)))] });
    await expect(shifted.gwasLoci()).rejects.toThrow(
      /^gwas.tsv: has 0 of \d+ lead variants of the map at their positions with their alleles: it is of another genome build/,
    );
    const genes = await shifted.genes();
    const ids = [...new Set(genes.variant.filter((id) => id.startsWith("chr1")))];
    const named = [
      "snp\tchromosome\tposition\teffect_allele\tother_allele\tz",
      ...["first\t1\t1\tG\tA\t1", "last\t1\t9000000\tG\tA\t1"],
      ...ids.map((id, i) => `${id}\t1\t${300 + Number(id.split(":")[1])}\tG\tA\t${i + 1}`),
    ];
    await expect(asked(made, { gwas: [text("g.tsv", named)] }).gwasLoci()).rejects.toThrow(
      new RegExp(`\\(${ids.length} by name at another position\\)`),
    );
  });

  test("of other alleles are refused too, and few shared ones are said", async () => {
    const made = await mapOf(20_000);
    const letters = asked(made, { gwas: [text("gwas.tsv", gwasText(0, strongAt(40), "T\tA"))] });
    await expect(letters.gwasLoci()).rejects.toThrow(InputError);
    const sparse = gwasText(0, strongAt(40)).filter((_, i) => i === 0 || i === 1 || i % 5 === 1);
    const { says } = await asked(made, { gwas: [text("gwas.tsv", sparse)] }).gwasLoci();
    expect(says.join()).toMatch(/^The GWAS has \d+ of \d+ lead variants of the map .* the same build\?$/);
    const noLetters = gwasText(0, strongAt(40)).map((line) =>
      line
        .split("\t")
        .filter((_, c) => c < 2 || c > 3)
        .join("\t"),
    );
    expect((await asked(made, { gwas: [text("gwas.tsv", noLetters)] }).gwasLoci()).says).toEqual([]);
  });

  test("are those of the GWAS that is named, of several; a name that is not there is the first", async () => {
    const made = await mapOf(1_000_000);
    const one = text("one.tsv", gwasText(0, strongAt(5)));
    const two = text("two.tsv", gwasText(0, strongAt(9)));
    const queries = asked(made, { gwas: [one, two] });
    const lead = async (name?: string) => (await queries.gwasLoci(undefined, name)).loci[0]?.position;
    expect(await Promise.all([lead(), lead("two.tsv"), lead("three.tsv")])).toEqual([6_000, 10_000, 6_000]);
    const at = { chromosome: "1", start: 10_000, end: 10_000 };
    const z = async (name?: string) => [...((await queries.region(at, name)).gwas?.z ?? [])];
    expect(await Promise.all([z("one.tsv"), z("two.tsv")])).toEqual([[0.5], [8]]);
  });

  test("need positions; a result without a GWAS has none", async () => {
    const made = await mapOf(20_000);
    const bare = ["snp\teffect_allele\tother_allele\tz", "rs1\tA\tG\t3"];
    await expect(asked(made, { gwas: [text("gwas.tsv", bare)] }).gwasLoci()).rejects.toThrow(
      /none of its rows has a chromosome and a position/,
    );
    expect(await asked(made, {}).gwasLoci()).toEqual({ loci: [], says: [] });
  });
});

describe("a region", () => {
  const GTF = [
    '1\tx\tgene\t2000\t6000\t.\t-\t.\tgene_id "G0"; gene_name "ABC";',
    '1\tx\texon\t2000\t2500\t.\t-\t.\tgene_id "G0"; gene_name "ABC";',
    '1\tx\texon\t5500\t6000\t.\t-\t.\tgene_id "G0"; gene_name "ABC";',
    '1\tx\tgene\t90000\t95000\t.\t+\t.\tgene_id "G1"; gene_name "DEF";',
    '2\tx\tgene\t3000\t4000\t.\t+\t.\tgene_id "G2"; gene_name "GHI";',
  ];
  const RATES = [
    "Chromosome\tPosition(bp)\tRate(cM/Mb)\tMap(cM)",
    ...["chr1\t1000\t2\t0", "chr1\t4000\t8\t0.006", "chr1\t9000\t1\t0.046", "chr2\t1000\t5\t0"],
  ];

  test("has the gene models that reach into it, the rates from before it on, and the GWAS within", async () => {
    const made = await mapOf(20_000);
    const queries = asked(made, {
      annotation: text("genes.gtf", GTF),
      recombination: text("rates.txt", RATES),
      gwas: [
        text(
          "gwas.tsv",
          gwasText(0, (i) => i / 10),
        ),
      ],
    });
    const { genes, recombination, gwas } = await queries.region({
      ...{ chromosome: "chr1", start: 5_000, end: 8_000 },
    });
    expect(genes).toEqual([
      {
        ...{ id: "G0", symbol: "ABC", strand: "-", start: 2000, end: 6000 },
        exons: Int32Array.of(2000, 2500, 5500, 6000),
      },
    ]);
    expect([...recombination!.position]).toEqual([4000]);
    expect([...recombination!.rate]).toEqual([8]);
    expect([...gwas!.position]).toEqual([5000, 6000, 7000, 8000]);
    expect([...gwas!.z]).toEqual([0.4, 0.5, 0.6, 0.7]);
    expect(gwas!.frequency.every(Number.isNaN)).toBe(true);
  });

  test("without an annotation has the bodies of the genes tested", async () => {
    const made = await mapOf(20_000);
    const queries = asked(made, {});
    const genes = await queries.genes();
    const { genes: models, ...rest } = await queries.region({ chromosome: "1", start: 1, end: 9e6 });
    expect(models.map(({ id }) => id)).toEqual(genes.id.filter((_, g) => genes.chromosome[g] === "1"));
    expect(rest).toEqual({});
  });
});

/** A gene's pairs and a GWAS of the same variants, a shared cause at 25; a fifth of the variants are A/T or C/G. */
function locus(seed: number): { pairs: PairColumns; gwas: GwasColumns } {
  const random = testRandom(seed);
  const rows = Array.from({ length: 80 }, (_, i) => i);
  const letters = rows.map((i) => (i % 5 === 0 ? ["A", "T"] : i % 2 === 0 ? ["C", "T"] : ["G", "A"]));
  const near = rows.map((i) => Math.exp(-Math.abs(i - 25) / 6));
  const mapZ = Float64Array.from(rows, (i) => 9 * near[i]! + 0.6 * testNormal(random));
  const z = Float64Array.from(rows, (i) => 7 * near[i]! + 0.6 * testNormal(random));
  const position = Int32Array.from(rows, (i) => 10_000 + 500 * i);
  const frequency = Float64Array.from(rows, () => 0.1 + 0.25 * random());
  const common = {
    ...{ variant: rows.map((i) => `rs${i}`), position },
    effectAllele: letters.map(([effect]) => effect!),
    otherAllele: letters.map(([, other]) => other!),
  };
  return {
    pairs: {
      ...common,
      chromosome: rows.map(() => "1"),
      ...{ af: frequency, slope: mapZ, slopeSe: new Float64Array(80).fill(1) },
      log10P: mapZ.map((value) => log10NormalTwoSided(Math.abs(value))),
    },
    gwas: { ...common, frequency, z, log10P: z.map((value) => log10NormalTwoSided(Math.abs(value))) },
  };
}

/** Half of the rows count the other allele, and half are of the other strand. */
function turned(gwas: GwasColumns, seed: number): GwasColumns {
  const random = testRandom(seed);
  const complement: Readonly<Record<string, string>> = { A: "T", T: "A", C: "G", G: "C" };
  const swap = gwas.variant.map(() => random() < 0.5);
  const flip = gwas.variant.map(() => random() < 0.5);
  const letter = (one: string, i: number) => (flip[i] ? complement[one]! : one);
  const pick = (a: readonly string[], b: readonly string[]) =>
    gwas.variant.map((_, i) => letter((swap[i] ? b : a)[i]!, i));
  return {
    ...gwas,
    effectAllele: pick(gwas.effectAllele, gwas.otherAllele),
    otherAllele: pick(gwas.otherAllele, gwas.effectAllele),
    frequency: gwas.frequency.map((value, i) => (swap[i] ? 1 - value : value)),
    z: gwas.z.map((value, i) => (swap[i] ? -value : value)),
  };
}

/** Both pictures of the colocalisation view, r2 falling off from the lead. */
function pictures({ pairs, gwas }: ReturnType<typeof locus>): string[] {
  const { document } = parseHTML("<html></html>");
  const matched = matchVariants(pairs, gwas);
  const lead = strongestOf(pairs.log10P, matched.pair);
  const at = matched.pair[lead]!;
  const r2 = Float64Array.from(pairs.position, (_, i) => Math.exp(-Math.abs(i - at) / 8));
  const ofGwas = new Map([...matched.gwas].map((row, i) => [row, r2[matched.pair[i]!]!] as const));
  const scatter = zScatter(
    { document },
    {
      ...{ id: matched.id, x: matched.gwasZ, y: matched.mapZ, lead, xText: "GWAS", yText: "gene" },
      r2: Float64Array.from(matched.pair, (row) => r2[row]!),
    },
  );
  const panel = ({ variant, position, log10P }: Pick<GwasColumns, "variant" | "position" | "log10P">) => ({
    ...{ id: variant, position, log10P },
  });
  const panels = stackedPanels(
    { document },
    {
      ...{ chromosome: "1", start: 9_000, end: 55_000 },
      upper: { ...panel(pairs), r2, lead: at, text: "gene" },
      lower: {
        ...panel(gwas),
        r2: Float64Array.from(gwas.position, (_, row) => ofGwas.get(row) ?? Number.NaN),
        ...{ lead: matched.gwas[lead]!, text: "GWAS" },
      },
    },
  );
  return [scatter.svg, panels.svg];
}

describe("the pictures of colocalisation", () => {
  test.each([1, 2, 3])("are the same whichever allele and strand the GWAS has, seed %i", (seed) => {
    const { pairs, gwas } = locus(seed);
    const plain = pictures({ pairs, gwas });
    expect(plain[0]).toContain("80 in both");
    const other = turned(gwas, seed + 10);
    expect(other.effectAllele).not.toEqual(gwas.effectAllele);
    expect(pictures({ pairs, gwas: other })).toEqual(plain);
    // A sign that is not turned is seen.
    expect(pictures({ pairs, gwas: { ...other, z: gwas.z } })[0]).not.toEqual(plain[0]);
  });

  test("without frequencies leave A/T out of the scatter, and say so", () => {
    const { pairs, gwas } = locus(4);
    const frequency = new Float64Array(80).fill(Number.NaN);
    const matched = matchVariants(pairs, turned({ ...gwas, frequency }, 5));
    expect(matched.palindromic).toBe(16);
    expect(matched.id).toHaveLength(80);
    matched.gwasZ.forEach((z, i) => {
      if (i % 5 === 0) expect(z).toBeNaN();
      else expect(z).toBe(gwas.z[i]);
    });
  });
});
