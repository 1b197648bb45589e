/** Signals of groups of phenotypes against tensorQTL's algorithm (cis.map_independent with group_s) on plain residuals. */
import { describe, expect, test } from "vitest";
import { significantLeads } from "../../../../src/association/conditional/ledGenes.ts";
import type { GeneSignals, LedGene } from "../../../../src/association/conditional/signal.ts";
import { independentSignals } from "../../../../src/association/conditional/signals.ts";
import { seededPermutations } from "../../../../src/association/permutation/donors.ts";
import { groupingOf } from "../../../../src/association/permutation/grouping.ts";
import { buildCohort, type Cohort } from "../../../../src/cohort/cohort.ts";
import { createReferenceBackend } from "../../../../src/compute/reference/backend.ts";
import { readNamedColumns } from "../../../../src/formats/namedColumns.ts";
import { bytesSource } from "../../../../src/formats/source.ts";
import { fitBeta, log10PBeta } from "../../../../src/statistics/betaFit.ts";
import { plainOls, plainResiduals, sumOf } from "../../../helpers/plainOls.ts";
import { memoryGenotypes, testNormal, testRandom } from "../../../helpers/randomCohort.ts";

const N = 90;
const VARIANTS = 24;
const PERMUTATIONS = 60;
const idOf = (v: number): string => `1:${1000 * (v + 1)}:A:G`;

/** Phenotypes 0 to 3; 0 and 1 are one group, 2 a group by itself, 3 (constant) is of the first. Phenotype 1 lies elsewhere. */
function made(seed: number) {
  const next = testRandom(seed);
  const samples = Array.from({ length: N }, (_, s) => `S${s}`);
  const calls = Array.from({ length: VARIANTS }, () => {
    const frequency = 0.2 + 0.3 * next();
    return samples.map(() => Number(next() < frequency) + Number(next() < frequency));
  });
  const age = samples.map(() => testNormal(next));
  const y = Array.from({ length: 4 }, (_, g) =>
    samples.map((_, s) => {
      if (g === 3) return 1;
      const own = [
        1.6 * calls[5]![s]! + 0.9 * calls[20]![s]!,
        0.9 * calls[13]![s]! + 0.5 * calls[5]![s]!,
        1.1 * calls[3]![s]!,
      ][g]!;
      return own + age[s]! + testNormal(next);
    }),
  );
  const id = ["a", "b", "alone", "flat"];
  const cohort = buildCohort(
    {
      genotypes: memoryGenotypes(
        samples,
        calls.map((row, v) => ({ chromosome: "1", position: 1000 * (v + 1), calls: row })),
      ),
      expression: {
        ...{ name: "expression", samples, id, chromosome: id.map(() => "1"), strand: id.map(() => "+") },
        ...{ start: Int32Array.of(9000, 12_000, 5000, 9000), end: Int32Array.of(9001, 12_001, 5001, 9001) },
        values: Float64Array.from(y.flat()),
      },
      covariates: { name: "covariates", samples, covariates: ["age"], cells: [age.map(String)] },
      groups: { name: "groups", phenotype: ["a", "b", "flat"], group: ["g", "g", "g"] },
    },
    { maf: 0 },
  );
  // The cohort has its genes by place.
  const phenotype = (gene: number): number => id.indexOf(cohort.genes.id[gene]!);
  return { cohort, calls, age, y: (gene: number) => y[phenotype(gene)]! };
}

const WINDOW = 10_000;

/** tensorQTL's group: the best phenotype's test, the maxima of all. */
function plainBest(
  data: ReturnType<typeof made>,
  genes: readonly number[],
  given: readonly number[],
  seed: number,
) {
  const { cohort, calls, age, y } = data;
  const columns = [age, ...given.map((v) => calls[v]!)];
  const residual = calls.map((row) => plainResiduals(row, columns));
  const orders = seededPermutations(seed, PERMUTATIONS, N);
  const maxima = new Float64Array(PERMUTATIONS);
  let best = { r: -1, gene: -1, variant: -1, tested: 0 };
  for (const gene of genes) {
    const start = cohort.genes.start[gene]!;
    const inside = [...calls.keys()].filter(
      (v) => Math.abs(1000 * (v + 1) - start) <= WINDOW && !given.includes(v),
    );
    const of = (values: readonly number[]) => {
      const e = plainResiduals(values, columns);
      return inside.map((v) => {
        const g = residual[v]!;
        return Math.abs(sumOf(g, e)) / Math.sqrt(sumOf(g, g) * sumOf(e, e));
      });
    };
    const r = of(y(gene));
    const largest = Math.max(...r);
    if (largest > best.r)
      best = { r: largest, gene, variant: inside[r.indexOf(largest)]!, tested: inside.length };
    for (let p = 0; p < PERMUTATIONS; p++) {
      const permuted = Array.from(orders.of(p), (from) => y(gene)[from]!);
      maxima[p] = Math.max(maxima[p]!, ...of(permuted));
    }
  }
  const df = N - 2 - columns.length;
  const fit = fitBeta(
    maxima.map((r) => r * r),
    genes.length > 1 ? 0.25 * df : df,
  );
  return {
    ...best,
    fit,
    log10PBeta: log10PBeta(fit, best.r * best.r),
    test: plainOls(y(best.gene), calls[best.variant]!, columns),
  };
}

function plainSearch(
  data: ReturnType<typeof made>,
  genes: readonly number[],
  lead: number,
  threshold: number,
  seed: number,
) {
  const forward = [lead];
  for (;;) {
    const next = plainBest(data, genes, forward, seed);
    if (!(next.log10PBeta <= threshold)) break;
    forward.push(next.variant);
  }
  const kept: (ReturnType<typeof plainBest> & { rank: number })[] = [];
  for (const [i, own] of forward.entries()) {
    const best = plainBest(
      data,
      genes,
      forward.filter((v) => v !== own),
      seed,
    );
    if (best.log10PBeta <= threshold && !kept.some(({ variant }) => variant === best.variant))
      kept.push({ ...best, rank: i + 1 });
  }
  return { forward, kept };
}

async function search(cohort: Cohort, genes: readonly LedGene[], seed: number): Promise<GeneSignals[]> {
  const found: GeneSignals[] = [];
  const permutations = { least: PERMUTATIONS, most: PERMUTATIONS };
  const options = { backend: createReferenceBackend(), window: WINDOW, genes, permutations, seed };
  for await (const one of independentSignals(cohort, { ...options, grouping: groupingOf(cohort, "table") }))
    found.push(one);
  return found;
}

describe.each([1, 2, 3, 4])("seed %i", (seed) => {
  const data = made(seed);
  const { cohort, calls, age, y } = data;
  const gene = (id: string): number => cohort.genes.id.indexOf(id);
  const log10Limit = -1.3;
  const test0 = { ...EMPTY, log10PBeta: log10Limit };
  const genes = ["a", "alone"]
    .map((id) => ({ gene: gene(id), leadId: idOf(id === "a" ? 5 : 3), test: test0 }))
    .sort((a, b) => a.gene - b.gene);

  test("the signals are those of the group, each of the phenotype that has it", async () => {
    const found = await search(cohort, genes, seed);
    for (const one of found) {
      const members =
        cohort.genes.id[one.gene] === "a" ? [gene("a"), gene("b")].sort((a, b) => a - b) : [gene("alone")];
      const lead = cohort.genes.id[one.gene] === "a" ? 5 : 3;
      const plain = plainSearch(data, members, lead, log10Limit, seed);
      expect(one.status).toBe("ok");
      expect(one.forward).toBe(plain.forward.length);
      if (one.forward === 1) continue;
      expect(one.signals.map(({ rank, gene, row, variants }) => [rank, gene, variants.id[row]])).toEqual(
        plain.kept.map(({ rank, gene, variant }) => [rank, gene, idOf(variant)]),
      );
      one.signals.forEach(({ test, variants, conditional, gene: own, row }, i) => {
        const wanted = plain.kept[i]!;
        expect(test.slope / wanted.test.slope).toBeCloseTo(1, 9);
        expect(test.slopeSe / wanted.test.slopeSe).toBeCloseTo(1, 9);
        expect(test.log10PBeta).toBeCloseTo(wanted.log10PBeta, 6);
        expect(test.shape2 / wanted.fit.shape2).toBeCloseTo(1, 6);
        expect([test.numVar, test.numPerm]).toEqual([wanted.tested, PERMUTATIONS]);
        const others = plain.kept.filter((other) => other !== wanted).map(({ variant }) => calls[variant]!);
        variants.position.forEach((position, v) => {
          const g = calls[position / 1000 - 1]!;
          if (others.includes(g)) return;
          const plainTest = plainOls(y(own), g, [age, ...others]);
          expect(conditional.slope[v]! / plainTest.slope).toBeCloseTo(1, 8);
        });
        expect(variants.id[row]).toBe(idOf(wanted.variant));
      });
    }
    const grouped = found.find((one) => one.gene === gene("a"))!;
    expect(grouped.signals.length).toBeGreaterThan(1);
    expect(new Set(grouped.signals.map((signal) => signal.gene)).size).toBeGreaterThan(1);
  });
});

const HEADER = "phenotype_id\tvariant_id\tqval\tpval_beta\tgroup_id";

test("a table of other groups, or of none, is refused", async () => {
  const { cohort } = made(1);
  const grouping = groupingOf(cohort, "table");
  const leads = async (text: string, own: typeof grouping | undefined = grouping) => {
    const source = bytesSource(new TextEncoder().encode(text), "cis_genes.tsv");
    const inflate = () => {
      throw new Error("not compressed");
    };
    return significantLeads(await readNamedColumns(source, inflate), cohort, 0.05, own);
  };
  const row = `a\t${idOf(5)}\t0.01\t0.001`;
  expect(await leads(`${HEADER}\n${row}\tg\n`)).toHaveLength(1);
  await expect(leads(`${HEADER}\n${row}\tother\n`)).rejects.toThrow(
    /a was tested in group other, and is in g now/,
  );
  await expect(leads(`${HEADER.replace("\tgroup_id", "")}\n${row}\n`)).rejects.toThrow(/tested one by one/);
  const source = bytesSource(new TextEncoder().encode(`${HEADER}\n${row}\tg\n`), "cis_genes.tsv");
  const table = await readNamedColumns(source, () => {
    throw new Error("not compressed");
  });
  expect(() => significantLeads(table, cohort, 0.05)).toThrow(/in groups; give the same --groups/);
});

const EMPTY = {
  ...{
    numVar: 1,
    numPerm: 1,
    shape1: 1,
    shape2: 1,
    trueDf: 1,
    pTrueDf: 1,
    slope: 1,
    slopeSe: Number.NaN,
    p: 1,
  },
  ...{ log10P: 0, pPerm: 1, pBeta: 1, log10PBeta: 0 },
};
