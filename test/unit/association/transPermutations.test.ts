import { describe, expect, test } from "vitest";
import { appendTables } from "../../../src/association/mapPart.ts";
import { seededPermutations } from "../../../src/association/permutation/donors.ts";
import type { MapRun } from "../../../src/association/tables.ts";
import { joinLoci, type Locus, PartLoci } from "../../../src/association/trans/loci.ts";
import { PassedVariants } from "../../../src/association/trans/passedVariants.ts";
import { levelFdr } from "../../../src/association/trans/permutationFdr.ts";
import { VariantRuns } from "../../../src/association/trans/variantRuns.ts";
import { mapTrans } from "../../../src/association/trans.ts";
import { buildCohort, type Cohort } from "../../../src/cohort/cohort.ts";
import { STATUS_CODE } from "../../../src/cohort/variants.ts";
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
    expect(found!.loci.length).toBe(loci.size);
    const row = new Map(
      found!.loci.map(({ gene, start }, i) => [`${gene} ${found!.lead.chromosome[i]} ${start}`, i]),
    );
    [...loci].forEach(([name, best], i) => {
      const one = found!.loci[row.get(name)!]!;
      expect(found!.fdrLocus[row.get(name)!], `seed ${seed}, locus ${name}`).toBeCloseTo(plainLoci[i]!, 12);
      expect(one.hits).toBe([...locus.values()].filter((other) => other === name).length);
      const lead = real.find(
        (hit) => hit.log10P === best && hit.gene === one.gene && locus.get(hit) === name,
      );
      expect([one.log10P, found!.lead.position[row.get(name)!]]).toEqual([best, lead!.position]);
    });
    expect(found!.loci.reduce((sum, { hits }) => sum + hits, 0)).toBe(real.length);
  });

  test("memory that chance alone would fill is told before the work", async () => {
    const cohort = buildCohort(randomTables(9, { samples: 30, variants: 90, genes: 8, covariates: 2 }));
    const options = { backend, pValue: 1, permutations: 1e6, memory: 2 ** 28 };
    await expect(hitsOf(mapTrans(cohort, options))).rejects.toThrow(
      "1,000,000 permutations at p 1 give more",
    );
  });

  test("more genes in all permutations than a locus can number are told before the work", async () => {
    const cohort = buildCohort(randomTables(9, { samples: 30, variants: 90, genes: 8, covariates: 2 }));
    const options = { backend, pValue: 1e-9, permutations: 2 ** 29 + 1 };
    await expect(hitsOf(mapTrans(cohort, options))).rejects.toThrow(
      "536,870,913 permutations of 8 genes: 536,870,912 is the most that so many genes can have; lower --permutations",
    );
  });

  test.each([1, 2, 3])("loci are the same wherever parts end: seed %i", (seed) => {
    const random = testRandom(seed);
    const variants = 200;
    const source = {
      chromosomeCode: Uint16Array.from({ length: variants }, (_, v) => (v < 120 ? 0 : 1)),
      position: Int32Array.from({ length: variants }, (_, v) => 10 * (v % 120) + Math.floor(random() * 9)),
    };
    const hits = Array.from({ length: variants }, (_, variant) => ({
      variant,
      gene: Math.floor(random() * 4),
      test: { r: 0, slope: random(), slopeSe: 1, log10P: -Math.floor(8 * random()) },
    }));
    const inParts = (...ends: number[]): Locus[] => {
      const tables = [...ends, variants].map((end, i) => {
        const part = new PartLoci(60, source);
        for (const { gene, variant, test: one } of hits.slice(ends[i - 1] ?? 0, end))
          part.add(gene, variant, one);
        return part.table();
      });
      return joinLoci(appendTables(tables), 60).map((locus) => ({ ...locus, lead: 0 }));
    };
    const whole = inParts();
    expect(whole.length).toBeGreaterThan(10);
    for (let cut = 0; cut < 5; cut++) {
      const ends = [random(), random()].map((share) => Math.floor(share * variants)).sort((a, b) => a - b);
      expect(inParts(...ends), `seed ${seed}, parts end at ${ends}`).toEqual(whole);
    }
  });

  test("hits stronger than any permuted one have FDR 0 and are counted", () => {
    const level = levelFdr(Float64Array.of(-3, -9, -5, -8), Float64Array.of(-2, -5, -4), 10);
    expect({ ...level, steps: undefined }).toEqual({
      ...{ observed: 4, permuted: 3, steps: undefined },
      ...{ significant: 4, unmatched: 2 },
    });
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
      const status = new Uint8Array(50).fill(STATUS_CODE["filtered-maf"]);
      for (const v of index) status[v] = STATUS_CODE.ok;
      expect(runs.countPassed(0, new PassedVariants(status)), `seed ${seed}`).toBe(
        index.filter(covered).length,
      );
    }
  });

  test.each([0, 1, 255, 256, 257, 1000])(
    "variants that pass the filters are counted in any run of %i",
    (count) => {
      const random = testRandom(count);
      const status = Uint8Array.from({ length: count }, () =>
        random() < 0.6 ? STATUS_CODE.ok : STATUS_CODE.constant,
      );
      const passed = new PassedVariants(status);
      const plain = (from: number, to: number): number =>
        status.subarray(from, to).filter((code) => code === STATUS_CODE.ok).length;
      expect(passed.total).toBe(plain(0, count));
      for (let i = 0; i < 200; i++) {
        const from = Math.floor(random() * (count + 1));
        const to = Math.floor(random() * (count + 1));
        expect(passed.between(from, to), `${from} to ${to} of ${count}`).toBe(plain(from, to));
      }
    },
  );
});
