import { describe, expect, test } from "vitest";
import { seededPermutations } from "../../../src/association/permutation/donors.ts";
import { type RunOptions, withSession } from "../../../src/association/run.ts";
import type { MapRun } from "../../../src/association/tables.ts";
import { LocusGatherer } from "../../../src/association/trans/loci.ts";
import { levelFdr } from "../../../src/association/trans/permutationFdr.ts";
import { permutedHits } from "../../../src/association/trans/permuted.ts";
import { nearRuns, VariantRuns } from "../../../src/association/trans/variantRuns.ts";
import { mapTrans } from "../../../src/association/trans.ts";
import { buildCohort, type Cohort } from "../../../src/cohort/cohort.ts";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import { type RandomTables, randomTables, testRandom } from "../../helpers/randomCohort.ts";

const backend = createReferenceBackend();
const DISTANCE = 5_000;
const LOCUS = 3_000;

interface Hit {
  readonly gene: number;
  readonly chromosome: string;
  readonly position: number;
  readonly log10P: number;
}

async function hitsOf(run: MapRun): Promise<Hit[]> {
  const hits: Hit[] = [];
  for await (const { variant, gene, log10P, variants } of run)
    for (let i = 0; i < gene.length; i++)
      hits.push({
        gene: gene[i]!,
        chromosome: variants.chromosome[variant[i]!]!,
        position: variants.position[variant[i]!]!,
        log10P: log10P[i]!,
      });
  return hits;
}

/** The cohort with its samples' expression in another order: sample s has that of sample `order[s]`. */
function permutedCohort({ genotypes, expression, covariates }: RandomTables, order: Uint32Array): Cohort {
  const { samples } = genotypes;
  const n = samples.length;
  const column = new Map(expression.samples.map((id, i) => [id, i]));
  const values = expression.values.map((_, i) => {
    const donor = samples[order[i % n]!]!;
    return expression.values[Math.floor(i / n) * n + column.get(donor)!]!;
  });
  return buildCohort(
    { genotypes, covariates, expression: { ...expression, samples, values } },
    { maf: 0.03 },
  );
}

function bestBy(hits: readonly Hit[], key: (hit: Hit) => string): Map<string, number> {
  const best = new Map<string, number>();
  for (const hit of hits) best.set(key(hit), Math.min(best.get(key(hit)) ?? 0, hit.log10P));
  return best;
}

/** The locus of each hit by name: a plain walk along each gene's sorted hits. */
function lociOf(hits: readonly Hit[]): Map<Hit, string> {
  const names = new Map<Hit, string>();
  const sorted = [...hits].sort(
    (a, b) => a.gene - b.gene || a.chromosome.localeCompare(b.chromosome) || a.position - b.position,
  );
  sorted.forEach((hit, i) => {
    const before = sorted[i - 1];
    const same = before?.gene === hit.gene && before.chromosome === hit.chromosome;
    const near = same && hit.position - before.position <= LOCUS;
    names.set(hit, near ? names.get(before)! : `${hit.gene} ${hit.chromosome} ${hit.position}`);
  });
  return names;
}

function plainFdr(real: readonly number[], permuted: readonly number[], permutations: number): number[] {
  const raw = real.map(
    (p) =>
      permuted.filter((other) => other <= p).length /
      permutations /
      real.filter((other) => other <= p).length,
  );
  return real.map((p) => Math.min(1, ...raw.filter((_, j) => real[j]! >= p)));
}

describe("permutation FDR of a trans map", () => {
  test.each([1, 2, 3])("equals maps of permuted cohorts, counted plainly: seed %i", async (seed) => {
    const tables = randomTables(seed, { samples: 40, variants: 160, genes: 14, covariates: 3 });
    const options = { backend, seed, pValue: 0.04, distance: DISTANCE };
    const permutations = 4;
    const run = mapTrans(buildCohort(tables, { maf: 0.03 }), {
      ...options,
      permutations,
      locusDistance: LOCUS,
    });
    const real = await hitsOf(run);
    const { permutations: found, counts, leads } = run.result();
    const orders = seededPermutations(seed, permutations, 40);
    const others: Hit[][] = [];
    for (let p = 0; p < permutations; p++)
      others.push(await hitsOf(mapTrans(permutedCohort(tables, orders.of(p)), options)));
    expect(others.flat().length, `seed ${seed}`).toBeGreaterThan(100);
    expect(real.length).toBe(counts.hits);
    expect([found!.pair.observed, found!.pair.permuted]).toEqual([real.length, others.flat().length]);

    const { fdr } = found!.loci;
    const genes = bestBy(real, ({ gene }) => String(gene));
    const plainGenes = plainFdr(
      [...genes.values()],
      others.flatMap((hits) => [...bestBy(hits, ({ gene }) => String(gene)).values()]),
      permutations,
    );
    [...genes.keys()].forEach((gene, i) => {
      expect(found!.fdrGene[Number(gene)], `seed ${seed}, gene ${gene}`).toBeCloseTo(plainGenes[i]!, 12);
    });
    expect(found!.fdrGene.filter((value) => !Number.isNaN(value)).length).toBe(genes.size);
    expect(leads.log10P.filter((value) => !Number.isNaN(value)).length).toBe(genes.size);

    const locus = lociOf(real);
    const loci = bestBy(real, (hit) => locus.get(hit)!);
    const plainLoci = plainFdr(
      [...loci.values()],
      others.flatMap((hits) => {
        const names = lociOf(hits);
        return [...bestBy(hits, (hit) => names.get(hit)!).values()];
      }),
      permutations,
    );
    expect(found!.loci.gene.length).toBe(loci.size);
    const row = new Map(
      Array.from(found!.loci.gene, (gene, i) => [
        `${gene} ${found!.loci.variant.chromosome[i]} ${found!.loci.start[i]}`,
        i,
      ]),
    );
    [...loci.keys()].forEach((name, i) => {
      expect(fdr[row.get(name)!], `seed ${seed}, locus ${name}`).toBeCloseTo(plainLoci[i]!, 12);
      expect(found!.loci.hits[row.get(name)!]).toBe(
        [...locus.values()].filter((other) => other === name).length,
      );
    });
    expect(found!.loci.hits.reduce((a, b) => a + b, 0)).toBe(real.length);
  });

  test("is the same however many permutations go through the genotypes together", async () => {
    const tables = randomTables(9, { samples: 30, variants: 90, genes: 8, covariates: 2 });
    const cohort = buildCohort(tables, { maf: 0.03 });
    const near = nearRuns(cohort, DISTANCE);
    const job = {
      cohort,
      pValue: 0.03,
      log10Threshold: Math.log10(0.03),
      leftOut: near,
      near,
      seed: 5,
      signal: undefined,
    };
    const okGenes = Uint32Array.from(cohort.genes.id.keys());
    const all: unknown[] = [];
    const run: RunOptions = { backend };
    for (const together of [1, 2, 5]) {
      const plan = { permutations: 5, together, locusDistance: LOCUS, mostHits: 1e6, ahead: 2 };
      const body = withSession(cohort, run, async function* (session) {
        yield await permutedHits(job, session, okGenes, plan, () => {});
      });
      for await (const { pairs, genes, loci } of body)
        all.push([pairs, genes, loci].map((values) => Array.from(values).sort((a, b) => a - b)));
    }
    expect(all[1]).toEqual(all[0]);
    expect(all[2]).toEqual(all[0]);
    const body = withSession(cohort, run, async function* (session) {
      const plan = { permutations: 5, together: 2, locusDistance: LOCUS, mostHits: 10, ahead: 2 };
      yield await permutedHits(job, session, okGenes, plan, () => {});
    });
    await expect(body.next()).rejects.toThrow("5 permutations at p 0.03 give more than 10 pairs");
  });

  test("hits stronger than any permuted one have FDR 0 and are counted", () => {
    const level = levelFdr(Float64Array.of(-3, -9, -5, -8), Float64Array.of(-2, -5, -4), 10);
    expect({ ...level, steps: undefined }).toEqual({
      ...{ observed: 4, permuted: 3, steps: undefined },
      ...{ significant: 4, unmatched: 2 },
    });
  });

  test("a locus ends where a chromosome or the distance does", () => {
    const loci = new LocusGatherer(2, 10);
    const hits: [gene: number, chromosome: number, position: number, opens: boolean][] = [
      [0, 0, 5, true],
      [1, 0, 9, true],
      [0, 0, 15, false],
      [0, 0, 26, true],
      [0, 1, 27, true],
      [1, 1, 12, true],
    ];
    for (const [gene, chromosome, position, opens] of hits)
      expect(loci.opens(gene, chromosome, position), `${gene} ${position}`).toBe(opens);
  });

  test.each([1, 2, 3, 4])("runs of variants hold and count what their spans cover: seed %i", (seed) => {
    const random = testRandom(seed);
    const spans = Array.from({ length: 6 }, () => {
      const from = Math.floor(random() * 40);
      return [from, from + Math.floor(random() * 8)] as [number, number];
    });
    const covered = (v: number): boolean => spans.some(([from, to]) => v >= from && v < to);
    const halves = [new VariantRuns([spans.slice(0, 3)]), new VariantRuns([spans.slice(3)])] as const;
    const index = Uint32Array.from({ length: 48 }, (_, v) => v).filter(() => random() < 0.7);
    for (const runs of [new VariantRuns([spans]), halves[0].with(halves[1])]) {
      for (let v = 0; v < 50; v++) expect(runs.has(0, v), `seed ${seed}, variant ${v}`).toBe(covered(v));
      expect(runs.count(0, index), `seed ${seed}`).toBe(index.filter(covered).length);
    }
  });
});
