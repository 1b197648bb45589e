import { describe, expect, test } from "vitest";
import { planCis } from "../../../src/association/cisPlan.ts";
import { inRuns } from "../../../src/association/geometry.ts";
import { Leads } from "../../../src/association/leads.ts";
import { planMemory } from "../../../src/association/memory.ts";
import { NULL_PAIRS, NullSampler, PairSampler } from "../../../src/association/nullSample.ts";
import { inOrder } from "../../../src/association/pipeline.ts";
import { Slicer } from "../../../src/association/transScreen.ts";
import { buildCohort } from "../../../src/cohort/cohort.ts";
import { randomTables, testRandom } from "../../helpers/randomCohort.ts";

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe("the plan of a cis map", () => {
  test.each([11, 12, 13, 14])("covers every window and reports every variant once, seed %i", (seed) => {
    const random = testRandom(seed);
    const genes = 1 + Math.floor(random() * 90);
    const cohort = buildCohort(randomTables(seed, { samples: 12, variants: 400, genes, covariates: 1 }));
    const window = Math.floor(random() * 60_000);
    const plan = planCis(cohort, window);
    const { position, chromosomeCode, variantCount } = cohort.tables.genotypes;
    const reported = new Uint8Array(variantCount);
    const met = new Set<string>();
    let before = -1;
    for (const part of plan.parts) {
      for (let v = part.reportFrom; v < part.reportTo; v++) reported[v]!++;
      part.genes.forEach((gene, i) => {
        expect(gene, `seed ${seed}: genes in order`).toBeGreaterThan(before);
        before = gene;
        expect(part.windowStart[i]).toBeGreaterThanOrEqual(part.start);
        expect(part.windowEnd[i]).toBeLessThanOrEqual(part.end);
        for (let v = part.windowStart[i]!; v < part.windowEnd[i]!; v++) met.add(`${gene} ${v}`);
      });
    }
    expect(
      [...reported].every((times) => times === 1),
      `seed ${seed}`,
    ).toBe(true);
    const wanted = new Set<string>();
    cohort.genes.id.forEach((_, gene) => {
      for (let v = 0; v < variantCount; v++) {
        const same = chromosomeCode.at(v) === cohort.geneChromosome[gene];
        const low = cohort.genes.start[gene]! - window;
        const high = cohort.genes.end[gene]! + window;
        if (same && position.at(v)! >= low && position.at(v)! <= high) wanted.add(`${gene} ${v}`);
      }
    });
    expect([...met].sort()).toEqual([...wanted].sort());
    expect(plan.pairs).toBe(wanted.size);
    const inWindows = new Set([...wanted].map((key) => Number(key.split(" ")[1])));
    for (let v = 0; v < variantCount; v++) {
      expect(inRuns(plan.covered, v), `seed ${seed}, variant ${v}`).toBe(inWindows.has(v));
    }
  });
});

describe("parts and memory", () => {
  test("slices are short until few pairs pass, and again when many do", () => {
    const slicer = new Slicer(20_000);
    const found = (pairs: number, passed: number) => ({
      row: new Uint32Array(passed),
      gene: new Uint32Array(passed),
      product: undefined,
      pairs,
      passed,
    });
    const all = 2 ** 18 / 20_000;
    expect(slicer.rows(), "all pairs may pass").toBe(Math.floor(all));
    slicer.learn(found(260_000, 3));
    expect(slicer.rows()).toBe(Math.floor(all * 16));
    slicer.learn(found(4_000_000, 40));
    slicer.learn(found(4_000_000, 40));
    expect(slicer.rows()).toBeGreaterThan(8192 / 2);
    slicer.learn(found(1_000, 1_000));
    expect(slicer.rows()).toBe(Math.floor(all));
    slicer.learn(found(0, 0));
    expect(slicer.rows()).toBe(Math.floor(all * 16));
  });

  test("memory decides how many parts are in flight, and says so when none is", () => {
    const cohort = buildCohort(randomTables(3, { samples: 40, variants: 200, genes: 20, covariates: 2 }));
    const demand = {
      cohort,
      genes: 20,
      kind: "candidates",
      threads: 4,
      takesRemainders: true,
      variants: 8192,
      pairs: 100_000,
    } as const;
    const plenty = planMemory(demand, 2 ** 31);
    expect(plenty.ahead).toBe(5);
    const budget = 240 * 2 ** 20;
    const tight = planMemory(demand, budget);
    expect(tight.ahead).toBeGreaterThanOrEqual(1);
    expect(tight.ahead).toBeLessThan(plenty.ahead);
    expect(tight.bytes).toBeLessThanOrEqual(budget);
    const permuted = planMemory({ ...demand, permutationBytes: 2 ** 24 }, 2 ** 31);
    expect(permuted.bytes - plenty.bytes, "permutations of one part at a time").toBe(2 ** 24);
    expect(() => planMemory({ ...demand, permutationBytes: 2 ** 24 }, 2 ** 26)).toThrow(
      "16 MiB for permutations",
    );
    // 200,000 genes of 40 samples are 77 MiB on the backend, once.
    const [three, four] = [3, 4].map((threads) =>
      planMemory({ ...demand, threads, genes: 200_000 }, 2 ** 33),
    );
    expect((four!.bytes - three!.bytes) / 2 ** 20, "another thread and a part").toBeLessThan(40);
    expect(() => planMemory(demand, 2 ** 26)).toThrowErrorMatchingInlineSnapshot(
      `[LimitError: memory 64 MiB is too little: this map needs 220 MiB (1 MiB for the expression of 20 genes, 1 MiB for its copy that 4 threads work on, 12 MiB for the variants in hand, the rest for the program and its threads); raise --memory or lower --threads]`,
    );
  });
});

test("a file's variants take what its reader says, 20 bytes each where it says nothing", () => {
  const tables = randomTables(3, { samples: 40, variants: 200, genes: 20, covariates: 2 });
  const plan = (variantBytes: number | undefined): number => {
    const cohort = buildCohort({ ...tables, genotypes: { ...tables.genotypes, variantBytes } });
    const demand = { cohort, genes: 20, kind: "candidates", threads: 1, variants: 8192, pairs: 0 } as const;
    return planMemory({ ...demand, takesRemainders: true }, 2 ** 33).bytes;
  };
  expect(plan(60) - plan(0)).toBe(60 * 200);
  expect(plan(undefined)).toBe(plan(20));
});

test("dosages are written out for backends that take no remainders only", () => {
  const tables = randomTables(3, { samples: 40, variants: 200, genes: 20, covariates: 2 });
  const plan = (remainders: number, takesRemainders: boolean) => {
    const cohort = buildCohort({ ...tables, genotypes: { ...tables.genotypes, remainders } });
    const demand = { cohort, genes: 20, kind: "candidates", threads: 1, variants: 8192, pairs: 0 } as const;
    const { ahead, bytes } = planMemory({ ...demand, takesRemainders }, 2 ** 33);
    expect(ahead).toBe(2);
    return bytes;
  };
  const calls = plan(0, true);
  expect(plan(0, false)).toBe(calls);
  // A tenth of the dosages has something beside its call: 12 bytes each, four times, at twice the mean; two parts.
  const entries = 2 * 4 * 12 * 0.2 * 8192 * 40;
  expect(plan(800, true) - calls).toBeCloseTo(entries, 0);
  expect(plan(800, false) - calls).toBeCloseTo(entries + 2 * 2 * 8 * 8192 * 40, 0);
});

describe("inOrder", () => {
  test("keeps the order, whatever finishes first, with so many in flight and no more", async () => {
    let flying = 0;
    let most = 0;
    const work = async (item: number): Promise<number> => {
      most = Math.max(most, ++flying);
      await wait((item * 7) % 5);
      flying--;
      return item * item;
    };
    const seen: number[] = [];
    for await (const value of inOrder([1, 2, 3, 4, 5, 6, 7], 3, work)) seen.push(value);
    expect(seen).toEqual([1, 4, 9, 16, 25, 36, 49]);
    expect(most).toBe(3);
  });

  test("fails with the first failure in order, after the others in flight have ended", async () => {
    const ended: number[] = [];
    const work = async (item: number): Promise<number> => {
      await wait(item === 2 ? 1 : 10);
      ended.push(item);
      if (item === 2) throw new Error("two failed");
      return item;
    };
    await expect(async () => {
      for await (const _ of inOrder([1, 2, 3], 3, work));
    }).rejects.toThrow("two failed");
    expect(ended.sort()).toEqual([1, 2, 3]);
  });
});

describe("the null sample", () => {
  test("draws 100,000 pairs or a little more, the same for the same seed", () => {
    const genes = 500;
    const variants = 4_000;
    const sampler = new NullSampler(7, genes, genes * variants);
    const again = new NullSampler(7, genes, genes * variants);
    const other = new NullSampler(8, genes, genes * variants);
    let draws = 0;
    let differs = false;
    const perGene = new Uint32Array(genes);
    for (let v = 0; v < variants; v++) {
      const [a, b, c]: [number[], number[], number[]] = [[], [], []];
      const count = sampler.genesOf(v, a);
      expect(again.genesOf(v, b)).toBe(count);
      expect(b).toEqual(a);
      differs ||= other.genesOf(v, c) !== count || c[0] !== a[0];
      draws += count;
      for (let d = 0; d < count; d++) perGene[a[d]!]!++;
    }
    expect(differs).toBe(true);
    expect(draws).toBeGreaterThanOrEqual(NULL_PAIRS);
    expect(draws).toBeLessThan(NULL_PAIRS * 1.1);
    // Uniform over genes: chi-square on 499 degrees of freedom, mean 499, SD 31.6.
    const mean = draws / genes;
    const chi = perGene.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
    expect(chi).toBeGreaterThan(499 - 5 * 31.6);
    expect(chi).toBeLessThan(499 + 5 * 31.6);
  });

  test("takes all pairs where there are no more", () => {
    const sampler = new NullSampler(1, 30, 3_000);
    const out: number[] = [];
    expect(sampler.genesOf(5, out)).toBe(30);
    expect(out).toEqual(Array.from({ length: 30 }, (_, gene) => gene));
    const all = new PairSampler(1, 50_000);
    expect(all.draws(3, 4)).toBe(true);
    const some = new PairSampler(1, 1_000_000);
    let drawn = 0;
    for (let v = 0; v < 10_000; v++) if (some.draws(v, 2)) drawn++;
    expect(drawn).toBeGreaterThan(900);
    expect(drawn).toBeLessThan(1_200);
  });

  test("a pair of a cis map is drawn or not whatever was asked before, each as often as any other", () => {
    const expected = 0.105;
    const forward = new PairSampler(9, 1_000_000);
    const backward = new PairSampler(9, 1_000_000);
    const variants = 5000;
    const genes = 40;
    const drawn = new Set<number>();
    const byPlace = new Float64Array(8);
    for (let gene = 0; gene < genes; gene++) {
      for (let v = 0; v < variants; v++) {
        if (!forward.draws(v, gene)) continue;
        drawn.add(gene * variants + v);
        byPlace[Math.floor((8 * (v % 1024)) / 1024)]!++;
      }
    }
    for (let v = variants - 1; v >= 0; v--) {
      for (let gene = 0; gene < genes; gene++) {
        if (backward.draws(v, gene) !== drawn.has(gene * variants + v)) {
          throw new Error(`variant ${v}, gene ${gene}: drawn in one order only`);
        }
      }
    }
    for (let v = variants - 1; v >= 0; v--) {
      if (backward.draws(v, 3) !== drawn.has(3 * variants + v))
        throw new Error(`variant ${v}: drawn forwards only`);
    }
    const deviation = Math.sqrt(genes * variants * expected * (1 - expected));
    expect(Math.abs(drawn.size - genes * variants * expected)).toBeLessThan(5 * deviation);
    // No part of a block is drawn from less: 128 places in each of 4 whole blocks and the start of a fifth.
    for (let place = 0; place < 7; place++) {
      const pairs = genes * (4 * 128 + Math.max(0, Math.min(128, 904 - 128 * place)));
      const spread = Math.sqrt(pairs * expected * (1 - expected));
      expect(Math.abs(byPlace[place]! - pairs * expected), `eighth ${place}`).toBeLessThan(5 * spread);
    }
  });
});

describe("leads", () => {
  test("the strongest leads; of tied ones the nearest, then the first", () => {
    const leads = new Leads(1);
    const variant = { index: 0, af: 0.1, maSamples: 1, maCount: 1, distance: 50 };
    const offer = (index: number, r: number, distance: number): void => {
      if (!leads.leads(0, r, distance)) return;
      leads.set(0, { r, slope: r, slopeSe: 1, log10P: -Math.abs(r) }, { ...variant, index, distance });
    };
    const lead = (): number => leads.table(["ok"], 5).leadVariant[0]!;
    offer(1, 0.3, 50);
    expect(lead()).toBe(1);
    offer(2, -0.5, 900);
    expect(lead()).toBe(2);
    offer(3, 0.5 * (1 + 1e-14), 900);
    expect(lead(), "a tie at the same distance").toBe(2);
    offer(4, 0.5 * (1 - 1e-14), 10);
    expect(lead(), "a tie nearer by").toBe(4);
    offer(5, 0.49, 0);
    expect(lead()).toBe(4);
  });
});
