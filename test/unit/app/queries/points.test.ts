import { describe, expect, test } from "vitest";
import { ResultQueries } from "../../../../src/app/engine/queries/queries.ts";
import { StrongestPoints } from "../../../../src/app/engine/queries/strongest.ts";
import { buildCohort } from "../../../../src/cohort/cohort.ts";
import { variantLayout } from "../../../../src/report/layout.ts";
import { madeResult, openOf } from "../../../helpers/madeResult.ts";
import { randomTables, testRandom } from "../../../helpers/randomCohort.ts";

const cohortOf = (seed: number) =>
  buildCohort(randomTables(seed, { samples: 40, variants: 90, genes: 12, covariates: 1 }), { maf: 0 });

describe("points of a Manhattan plot", () => {
  test.each(["cis", "trans"] as const)("all pairs of a %s map where they are few", async (kind) => {
    const cohort = cohortOf(1);
    const { open, batches } = await madeResult(kind, cohort, { groupRows: 40 });
    const queries = new ResultQueries(open);
    const points = await queries.points(1_000_000);
    const spans = await queries.layout();
    const span = (chromosome: string) => spans.find(({ name }) => name === chromosome.replace("chr", ""))!;
    const expected = batches.flatMap(({ variants, variant, gene, log10P }) =>
      Array.from(variant, (v, i) => {
        const { offset, first } = span(variants.chromosome[v]!);
        const own = { x: offset + variants.position[v]! - first, y: Math.fround(-log10P[i]!) };
        const g = gene[i]!;
        const geneSpan = span(cohort.genes.chromosome[g]!);
        const geneX = geneSpan.offset + cohort.genes.start[g]! - geneSpan.first;
        return { ...own, gene: g, id: variants.id[v]!, ...(kind === "trans" && { geneX }) };
      }),
    );
    const found = Array.from(points.x, (x, i) => ({
      ...{ x, y: points.y[i]!, gene: points.gene[i]!, id: points.variants[points.variant[i]!]! },
      ...(kind === "trans" && { geneX: points.geneX![i]! }),
    }));
    const byAll = (a: (typeof found)[number], b: (typeof found)[number]) =>
      a.x - b.x || a.y - b.y || a.gene - b.gene;
    expect(found).toEqual(expected.sort(byAll));
    expect(found).toEqual([...found].sort((a, b) => a.x - b.x));
  });

  test("the layout is the cohort's, and without it that of the tables", async () => {
    const cohort = cohortOf(2);
    const { open } = await madeResult("cis", cohort, { groupRows: 33 });
    const own = await new ResultQueries(open).layout();
    const { spans } = variantLayout(cohort.tables.genotypes);
    expect(own.map(({ name }) => name)).toEqual(spans.map(({ name }) => name));
    for (const [i, { first, last }] of spans.entries()) {
      expect(own[i]!.first).toBeLessThanOrEqual(first);
      expect(own[i]!.last).toBeGreaterThanOrEqual(last);
    }
    expect(await new ResultQueries(openOf("cis", open.tables)).layout()).toEqual(own);
  });

  test("of significant pairs alone, with the lead of every gene, none twice", async () => {
    const geneTests = {
      within: "permutations",
      permutations: { least: 60, most: 60 },
      discovery: { qvalue: "bh", lambda: 0.85, fdr: 0.95 },
    } as const;
    const size = { samples: 150, variants: 90, genes: 12, covariates: 1 };
    const cohort = buildCohort(randomTables(3, size), { maf: 0 });
    const { open, map, batches } = await madeResult("cis", cohort, { geneTests, writePairs: "significant" });
    const queries = new ResultQueries(open);
    const points = await queries.points(1000);
    const genes = await queries.genes();
    const keys = Array.from(points.x, (_, i) => `${points.gene[i]} ${points.variants[points.variant[i]!]}`);
    expect(new Set(keys).size).toBe(keys.length);
    const led = genes.variant.flatMap((variant, g) => (variant === "" ? [] : [`${g} ${variant}`]));
    expect(led.length).toBeGreaterThan(0);
    expect(keys).toEqual(expect.arrayContaining(led));
    expect(keys.length).toBeGreaterThan(led.length);
    const { eGene, log10Corrected } = map.geneLevel!;
    const significant = batches.flatMap(({ variants, variant, gene, log10P }) =>
      Array.from(variant.keys())
        .filter((i) => eGene[gene[i]!] === 1 && log10P[i]! <= log10Corrected[gene[i]!]!)
        .map((i) => `${gene[i]} ${variants.id[variant[i]!]}`),
    );
    expect(new Set(keys)).toEqual(new Set([...significant, ...led]));
  });
});

/** Points of a grid's cell at each level of coarseness, straight from its definition. */
function plainly(points: readonly (readonly [number, number])[], length: number, limit: number): number[] {
  for (let coarse = 0; ; coarse++) {
    const cells = new Map<string, number>();
    for (const [i, [x, y]] of points.entries()) {
      const column = Math.min(32_767, Math.floor((x / length) * 32_768));
      const row = y < 10 ? Math.floor(y / 0.05) : Math.min(1023, 200 + Math.floor(100 * Math.log(y / 10)));
      const wide = 2 ** Math.min(15, Math.ceil(coarse / 2));
      const high = 2 ** Math.max(Math.floor(coarse / 2), coarse - 15);
      const cell = `${Math.floor(column / wide)} ${Math.floor(row / high)}`;
      const held = cells.get(cell);
      if (held === undefined || y > points[held]![1]) cells.set(cell, i);
    }
    if (cells.size <= limit) return [...cells.values()].sort((a, b) => points[a]![0] - points[b]![0]);
  }
}

test.each([1, 2, 3, 4])(
  "seed %i: the strongest of each cell of the finest grid that is not too fine",
  (seed) => {
    const random = testRandom(seed);
    const length = 1e8 * random();
    const points = Array.from(
      { length: 3000 },
      () => [length * random(), random() < 0.05 ? 500 * random() : 12 * random() ** 3] as const,
    );
    for (const limit of [1, 2, 17, 400, 2990]) {
      const strongest = new StrongestPoints(length, limit);
      for (const [i, [x, y]] of points.entries()) strongest.offer(x, y, i, `v${i % 7}`);
      const { gene, y, variant, variants } = strongest.result();
      expect(Array.from(gene), `limit ${limit} of seed ${seed}`).toEqual(plainly(points, length, limit));
      expect(gene.length).toBeLessThanOrEqual(limit);
      expect(Math.max(...y)).toBe(Math.fround(Math.max(...points.map((point) => point[1]))));
      expect(Array.from(variant, (v) => variants[v])).toEqual(Array.from(gene, (g) => `v${g % 7}`));
    }
  },
);
