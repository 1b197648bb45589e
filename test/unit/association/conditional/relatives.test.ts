/** Conditional tests of relatives against generalised least squares of whole matrices, and their permutations against their definition. */
import { describe, expect, test } from "vitest";
import { significantLeads } from "../../../../src/association/conditional/ledGenes.ts";
import { dosagesOf, permutedMaxima, scanWindow } from "../../../../src/association/conditional/scan.ts";
import { independentSignals } from "../../../../src/association/conditional/signals.ts";
import { seededPermutations } from "../../../../src/association/permutation/donors.ts";
import { withSession } from "../../../../src/association/run.ts";
import { buildCohort } from "../../../../src/cohort/cohort.ts";
import { createReferenceBackend } from "../../../../src/compute/reference/backend.ts";
import { readNamedColumns } from "../../../../src/formats/namedColumns.ts";
import { bytesSource } from "../../../../src/formats/source.ts";
import { plainGls } from "../../../helpers/plainGls.ts";
import { sumOf } from "../../../helpers/plainOls.ts";
import { memoryGenotypes } from "../../../helpers/randomCohort.ts";
import { cisFamilies, plainSpectrum, plainWhitening, sampleMatrix } from "../../../helpers/relatives.ts";

const backend = createReferenceBackend();
const PERMUTATIONS = 12;

/** Whitened vectors beside others: what is left of `x` beside `given`. */
function beside(x: readonly number[], given: readonly (readonly number[])[]): number[] {
  const basis: number[][] = [];
  const left = (values: readonly number[]): number[] =>
    [...basis, ...basis].reduce<number[]>(
      (rest, q) => {
        const product = sumOf(rest, q);
        return rest.map((value, i) => value - product * q[i]!);
      },
      [...values],
    );
  for (const one of given) {
    const rest = left(one);
    const norm = Math.sqrt(sumOf(rest, rest));
    basis.push(rest.map((value) => value / norm));
  }
  return left(x);
}

const correlation = (a: readonly number[], b: readonly number[]): number =>
  sumOf(a, b) / Math.sqrt(sumOf(a, a) * sumOf(b, b));

describe.each([1, 2, 3])("families, seed %i", (seed) => {
  const shape = { families: 12, children: 3, variants: 14, genes: 3, covariates: 2, h2: 0.6 };
  const made = cisFamilies(seed, shape);
  // Variant 9 is in perfect linkage with 4: where that is given nothing is left of it.
  const calls = made.calls.map((row, v) => (v === 9 ? made.calls[4]! : row));
  const variants = calls.map((row, v) => ({ chromosome: "1", position: 1000 * (v + 1), calls: row }));
  const tables = { ...made, calls, genotypes: memoryGenotypes(made.genotypes.samples, variants) };
  const matrix = sampleMatrix(tables.genotypes.samples, tables.relatedness);
  const cohort = buildCohort({ ...tables, covariance: { kind: "relatedness", matrix } }, { maf: 0 });
  const n = cohort.samples.length;
  const covariates = tables.covariates.cells.map((row) => row.map(Number));
  const expression = (gene: number): number[] =>
    Array.from(tables.expression.values.subarray(cohort.geneRow[gene]! * n, (cohort.geneRow[gene]! + 1) * n));
  const sigmaOf = (gene: number): number[][] => {
    const h2 = cohort.genes.sharedVariance!.share[gene]!;
    return tables.relatedness.map((row, i) => row.map((k, j) => h2 * k + (i === j ? 1 - h2 : 0)));
  };

  test("a table of a map without the relatives, or with donors, is refused", async () => {
    const leads = async (name: string) => {
      const text = `phenotype_id\tvariant_id\tqval\tpval_beta\t${name}\n${cohort.genes.id[0]}\tv\t0.01\t0.001\t0.5\n`;
      const source = bytesSource(new TextEncoder().encode(text), "cis_genes.tsv");
      const table = await readNamedColumns(source, () => {
        throw new Error("not compressed");
      });
      return significantLeads(table, cohort, 0.05);
    };
    expect(await leads("h2")).toHaveLength(1);
    await expect(leads("slope")).rejects.toThrow(/was made without --relatedness \(it has no column h2\)/);
    await expect(leads("donor_icc")).rejects.toThrow(/was made with --donors \(column donor_icc\)/);
  });

  test.each([[[]], [[4]], [[4, 11]], [[2, 6, 12]]])("given variants %j", async (given) => {
    const run = withSession(cohort, { backend }, async function* (session) {
      for (let gene = 0; gene < 3; gene++) {
        const window = { session, gene, start: 0, end: 14 };
        const { found } = await scanWindow(window, []);
        const columns = given.map((v) => dosagesOf(found, found.index.indexOf(v)));
        // The first twice: the second adds nothing, and costs no degree of freedom.
        const scan = await scanWindow(window, [...columns, ...columns.slice(0, 1)]);
        const permutations = seededPermutations(seed, PERMUTATIONS, n);
        const rule = {
          permutations,
          least: PERMUTATIONS,
          most: PERMUTATIONS,
          degreesOfFreedom: "learnt",
        } as const;
        yield { gene, scan, maxima: await permutedMaxima(window, scan, rule) };
      }
    });
    for await (const { gene, scan, maxima } of run) {
      const sigma = sigmaOf(gene);
      const y = expression(gene);
      const conditions = given.map((v) => tables.calls[v]!);
      const plain = (v: number) => plainGls(y, tables.calls[v]!, [...covariates, ...conditions], sigma);
      const { slope, slopeSe } = scan.tests;
      const leftOut = (v: number): boolean => given.some((one) => one === v || (one === 4 && v === 9));
      const whiten = plainWhitening(covariates, sigma);
      const whitened = tables.calls.map((row) => beside(whiten(row), conditions.map(whiten)));
      scan.found.index.forEach((v, row) => {
        const where = `gene ${gene}, variant ${v}`;
        if (leftOut(v)) {
          expect(slope[row], where).toBeNaN();
          return;
        }
        expect(slope[row]! / plain(v).slope - 1, where).toBeCloseTo(0, 8);
        expect(slopeSe[row]! / plain(v).slopeSe - 1, where).toBeCloseTo(0, 8);
        expect(scan.degreesOfFreedom).toBe(plain(v).degreesOfFreedom);
      });
      // R y permuted, R of it, and what is left beside the given variants.
      const spectrum = plainSpectrum(covariates, sigma);
      const root = (values: readonly number[]): number[] =>
        Array.from({ length: n }, (_, s) =>
          spectrum.reduce(
            (sum, one) => sum + Math.sqrt(one.value) * sumOf(one.vector, values) * one.vector[s]!,
            0,
          ),
        );
      const x = root(y);
      const orders = seededPermutations(seed, PERMUTATIONS, n);
      maxima.forEach((value, p) => {
        const permuted = Array.from(orders.of(p), (from) => x[from]!);
        // Whitened coordinates of y*, whose P y* = R x*: those of x* itself.
        const own = spectrum.map(({ vector }) => sumOf(vector, permuted));
        const left = beside(own, conditions.map(whiten));
        const tested = whitened.filter((_, v) => !leftOut(v));
        const best = Math.max(...tested.map((g) => Math.abs(correlation(g, left))));
        expect(value / best - 1, `gene ${gene}, permutation ${p}`).toBeCloseTo(0, 8);
      });
    }
  });

  test("the search finds what a gene follows", async () => {
    const genes = [0].map((gene) => {
      const [strong] = [(3 + 5 * gene) % 14];
      const test = { ...NOTHING, log10PBeta: -1.5 };
      return { gene, leadId: `1:${1000 * (strong + 1)}:A:G`, test };
    });
    for await (const one of independentSignals(cohort, {
      backend,
      genes,
      permutations: { least: 100, most: 100 },
    })) {
      expect(one.status).toBe("ok");
      expect(one.signals.map(({ variants, row }) => variants.id[row])).toContain(genes[0]!.leadId);
    }
  });
});

const NOTHING = {
  ...{
    numVar: 14,
    numPerm: 100,
    shape1: 1,
    shape2: 1,
    trueDf: 50,
    pTrueDf: 1,
    slope: 1,
    slopeSe: Number.NaN,
    p: 1,
  },
  ...{ log10P: 0, pPerm: 1, pBeta: 1, log10PBeta: 0 },
};
