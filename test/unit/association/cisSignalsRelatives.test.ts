/** Lead cis signals projected out where samples are not independent, against textbook generalised least squares. */
import { afterAll, describe, expect, test } from "vitest";
import { seededPermutations } from "../../../src/association/permutation/donors.ts";
import { projectCisSignals } from "../../../src/association/trans/cisSignals.ts";
import { mapTrans } from "../../../src/association/trans.ts";
import { buildCohort, type Cohort, type CohortTables } from "../../../src/cohort/cohort.ts";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import { createWasmBackend } from "../../../src/compute/wasm/backend.ts";
import { log10TwoSidedT } from "../../../src/statistics/studentT.ts";
import { collect } from "../../helpers/collect.ts";
import { plainGls } from "../../helpers/plainGls.ts";
import { plainResiduals, sumOf } from "../../helpers/plainOls.ts";
import { type RandomTables, testRandom } from "../../helpers/randomCohort.ts";
import { cisFamilies, plainSpectrum, randomCovariance, sampleMatrix } from "../../helpers/relatives.ts";

const wasm = await createWasmBackend();
const reference = createReferenceBackend();
afterAll(() => wasm.dispose());

const idOf = (v: number): string => `1:${1000 * (v + 1)}:A:G`;

/** Families with variants in strong linkage, some signals of each gene but the last, and the cohort of them. */
function made(seed: number, kind: "given" | "relatedness") {
  const tables = cisFamilies(seed, {
    ...{ families: 12, children: 2, variants: 40, genes: 6, covariates: 2, h2: 0.5 },
  });
  const random = testRandom(seed + 70);
  const calls = tables.calls as number[][];
  // A screen of expression alone would underrate those that signals explain.
  for (let v = 0; v < 20; v++) {
    calls[v]!.forEach((call, s) => {
      calls[v + 20]![s] = random() < 0.1 ? Math.floor(3 * random()) : call;
    });
  }
  const ids = tables.expression.samples;
  const matrix = kind === "given" ? randomCovariance(ids.length, seed) : tables.relatedness;
  const covariance: CohortTables["covariance"] = { kind, matrix: sampleMatrix(ids, matrix) };
  const cohort = buildCohort({ ...tables, covariance }, { maf: 0 });
  const signals = tables.expression.id.map((_, g) => {
    const own = [(3 + 5 * g) % 20, (11 + 7 * g) % 20, 2 * g].slice(0, g === 5 ? 0 : 1 + (g % 3));
    return [...new Set(own)];
  });
  const list = { name: "signals", variant: [] as string[], gene: [] as string[] };
  signals.forEach((own, g) => {
    for (const v of own) {
      list.variant.push(idOf(v));
      list.gene.push(tables.expression.id[g]!);
    }
  });
  // Once more: adds nothing.
  list.variant.push(idOf(signals[1]![0]!));
  list.gene.push(tables.expression.id[1]!);
  return { tables, calls, cohort, signals, list, sigma: sigmaOf(cohort, matrix) };
}

/** Errors of each gene, its share of the variance being that of the model without variants. */
function sigmaOf({ covariance }: Cohort, matrix: readonly (readonly number[])[]) {
  return (gene: number): number[][] => {
    const share = covariance!.share[covariance!.group[gene]!]!;
    if (Number.isNaN(share)) return matrix.map((row) => [...row]);
    return matrix.map((row, i) => row.map((value, j) => share * value + (i === j ? 1 - share : 0)));
  };
}

const rowOf = ({ expression }: RandomTables, gene: number): number[] => {
  const n = expression.samples.length;
  return [...expression.values.subarray(gene * n, (gene + 1) * n)];
};

const left = (g: readonly number[], beside: readonly (readonly number[])[]): number =>
  plainResiduals(g, beside).reduce((sum, x) => sum + x * x, 0);

describe.each([
  [1, "given"],
  [2, "given"],
  [3, "relatedness"],
  [4, "relatedness"],
] as const)("seed %i, %s", (seed, kind) => {
  const { tables, calls, cohort, signals, list, sigma } = made(seed, kind);
  const covariates = tables.covariates.cells.map((cells) => cells.map(Number));
  const beside = (g: number): number[][] => [...covariates, ...signals[g]!.map((v) => calls[v]!)];
  const plain = new Map<string, { slope: number; slopeSe: number; log10P: number }>();
  tables.expression.id.forEach((id, g) => {
    calls.forEach((dosage, v) => {
      if (!(left(dosage, beside(g)) > 1e-6)) return;
      const fit = plainGls(rowOf(tables, g), dosage, beside(g), sigma(g));
      plain.set(`${idOf(v)}\t${id}`, { ...fit, log10P: log10TwoSidedT(fit.t, fit.degreesOfFreedom) });
    });
  });

  test.each([1, 0.05, 0.01])("the pairs with p <= %f are those of further covariates", async (pValue) => {
    const projected = await projectCisSignals(cohort, list);
    const wanted = [...plain].filter(([, { log10P }]) => log10P <= Math.log10(pValue));
    expect(wanted.length).toBeGreaterThan(0);
    for (const backend of [reference, wasm]) {
      const found = await collect(
        mapTrans(projected.cohort, { backend, pValue, allPairs: true, signals: projected }),
      );
      expect([...found.row.keys()].sort()).toEqual(wanted.map(([key]) => key).sort());
      expect(found.result.counts.tests).toBe(plain.size);
      for (const [key, fit] of wanted) {
        const row = found.row.get(key)!;
        expect(Math.abs(found.slope[row]! - fit.slope) / fit.slopeSe, key).toBeLessThan(1e-7);
        expect(found.slopeSe[row]! / fit.slopeSe, key).toBeCloseTo(1, 8);
        expect(found.log10P[row]!, key).toBeCloseTo(fit.log10P, 7);
      }
    }
  });

  test("permutations: whitened expression is permuted, and signals are taken out again", async () => {
    const projected = await projectCisSignals(cohort, list);
    const n = cohort.samples.length;
    const count = 2;
    const orders = seededPermutations(1, count, n);
    const expected: number[] = [];
    tables.expression.id.forEach((_, g) => {
      const spectrum = plainSpectrum(covariates, sigma(g));
      const root = (values: readonly number[]): number[] => {
        const out = new Array<number>(n).fill(0);
        for (const { value, vector } of spectrum) {
          const along = Math.sqrt(value) * sumOf(vector, values);
          vector.forEach((x, s) => {
            out[s]! += along * x;
          });
        }
        return out;
      };
      const x = root(rowOf(tables, g));
      const given = orthonormal(signals[g]!.map((v) => root(calls[v]!)));
      for (let p = 0; p < count; p++) {
        const moved = Array.from(orders.of(p), (s) => x[s]!);
        const within = new Array<number>(n).fill(0);
        for (const { vector } of spectrum) {
          const along = sumOf(vector, moved);
          vector.forEach((value, s) => {
            within[s]! += along * value;
          });
        }
        const y = without(within, given);
        calls.forEach((dosage) => {
          if (!(left(dosage, beside(g)) > 1e-6)) return;
          const own = without(root(dosage), given);
          const r = sumOf(own, y) / Math.sqrt(sumOf(own, own) * sumOf(y, y));
          const df = cohort.degreesOfFreedom - given.length;
          expected.push(log10TwoSidedT(r * Math.sqrt(df / (1 - r * r)), df));
        });
      }
    });
    const hits: number[] = [];
    const options = { allPairs: true, signals: projected, permutations: count };
    for await (const part of mapTrans(projected.cohort, {
      backend: reference,
      pValue: 1,
      ...options,
    }).parts()) {
      hits.push(...((part.tables["permutedHits"]?.["log10P"] as Float64Array | undefined) ?? []));
    }
    expect(hits).toHaveLength(expected.length);
    const sorted = (values: number[]): number[] => values.toSorted((a, b) => a - b);
    const others = sorted(expected);
    sorted(hits).forEach((value, i) => {
      expect(Math.abs(value - others[i]!)).toBeLessThan(1e-6);
    });
  });
});

function without(values: readonly number[], given: readonly (readonly number[])[]): number[] {
  return given.reduce<number[]>(
    (rest, vector) => {
      const along = sumOf(rest, vector);
      return rest.map((value, s) => value - along * vector[s]!);
    },
    [...values],
  );
}

function orthonormal(vectors: readonly (readonly number[])[]): number[][] {
  const kept: number[][] = [];
  for (const vector of vectors) {
    const rest = without(without(vector, kept), kept);
    const length = Math.sqrt(sumOf(rest, rest));
    kept.push(rest.map((value) => value / length));
  }
  return kept;
}
