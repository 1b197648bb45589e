import { describe, expect, it } from "vitest";
import { significantLeads } from "../../../../src/association/conditional/ledGenes.ts";
import { windowsAtOnce } from "../../../../src/association/conditional/memory.ts";
import type { GeneSignals } from "../../../../src/association/conditional/signal.ts";
import {
  type IndependentOptions,
  independentSignals,
} from "../../../../src/association/conditional/signals.ts";
import { buildCohort, type Cohort } from "../../../../src/cohort/cohort.ts";
import { createReferenceBackend } from "../../../../src/compute/reference/backend.ts";
import { InputError, LimitError, UsageError } from "../../../../src/errors.ts";
import { readNamedColumns } from "../../../../src/formats/namedColumns.ts";
import { bytesSource } from "../../../../src/formats/source.ts";
import { plainOls } from "../../../helpers/plainOls.ts";
import { memoryGenotypes, testNormal, testRandom } from "../../../helpers/randomCohort.ts";

const N = 150;
/** What gene `two` follows, the stronger first, and gene `one`. */
const STRONG = 12;
const WEAK = 27;
const ONLY = 33;

interface Made {
  readonly cohort: Cohort;
  readonly calls: readonly (readonly number[])[];
  readonly age: readonly number[];
  readonly values: Float64Array;
}

function made(model: "ols" | "qtltools" = "ols"): Made {
  const next = testRandom(5);
  const samples = Array.from({ length: N }, (_, s) => `S${s}`);
  const calls = Array.from({ length: 40 }, () => {
    const frequency = 0.2 + 0.3 * next();
    return samples.map(() => Number(next() < frequency) + Number(next() < frequency));
  });
  calls[3] = [...calls[STRONG]!]; // in perfect linkage: collinear once that is given
  const age = samples.map(() => testNormal(next));
  const values = new Float64Array(3 * N);
  for (let s = 0; s < N; s++) {
    values[s] = 2 * calls[STRONG]![s]! - 1.2 * calls[WEAK]![s]! + 2 * age[s]! + testNormal(next);
    values[N + s] = 1.5 * calls[ONLY]![s]! + testNormal(next);
    values[2 * N + s] = 5;
  }
  const cohort = buildCohort(
    {
      genotypes: memoryGenotypes(
        samples,
        calls.map((own, v) => ({ chromosome: "1", position: 1000 + 10 * v, calls: own })),
      ),
      expression: {
        name: "expression",
        ...{ samples, id: ["two", "one", "constant"], chromosome: ["1", "1", "1"] },
        ...{ start: Int32Array.of(1100, 1110, 1120), end: Int32Array.of(1200, 1210, 1220) },
        ...{ strand: ["+", "+", "+"], values },
      },
      covariates: { name: "covariates", samples, covariates: ["age"], cells: [age.map(String)] },
    },
    { model },
  );
  return { cohort, calls, age, values };
}

const HEADER = "phenotype_id\tvariant_id\tqval\tpval_beta\tpval_nominal\tnum_var\tslope";
const idOf = (v: number): string => `1:${1000 + 10 * v}:A:G`;
const TABLE = [
  HEADER,
  `two\t${idOf(STRONG)}\t0.001\t1e-9\t1e-12\t40\t2`,
  `one\t${idOf(ONLY)}\t0.01\t0.002\t1e-8\t40\t1.25`,
  `constant\t\tNA\tNA\tNA\t0\tNA`,
].join("\n");

function tableOf(text: string) {
  const inflate = () => {
    throw new Error("not compressed");
  };
  return readNamedColumns(bytesSource(new TextEncoder().encode(`${text}\n`), "cis_genes.tsv"), inflate);
}

async function search(
  cohort: Cohort,
  text = TABLE,
  more: Partial<IndependentOptions> = {},
): Promise<GeneSignals[]> {
  const genes = significantLeads(await tableOf(text), cohort, 0.05);
  const found: GeneSignals[] = [];
  const permutations = cohort.tables.permutationIndices ? undefined : { least: 200, most: 200 };
  const options = { backend: createReferenceBackend(), window: 1000, genes, permutations, ...more };
  for await (const one of independentSignals(cohort, options)) found.push(one);
  return found;
}

const idsOf = ({ signals }: GeneSignals): string[] => signals.map(({ row, variants }) => variants.id[row]!);

describe("independent signals", () => {
  it("finds two planted signals in one gene and one in another", async () => {
    const [two, one] = await search(made().cohort);
    expect([two!.status, one!.status]).toEqual(["ok", "ok"]);
    expect(two!.forward).toBe(2);
    expect(two!.signals.map(({ rank }) => rank)).toEqual([1, 2]);
    // Of two variants in perfect linkage the nearer to the gene's first base leads.
    expect(idsOf(two!)).toEqual([idOf(STRONG), idOf(WEAK)]);
    expect(idsOf(one!)).toEqual([idOf(ONLY)]);
    // One signal: the cis map's numbers, as they are.
    expect(one!.signals[0]).toMatchObject({ rank: 1, test: { pBeta: 0.002, slope: 1.25, p: 1e-8 } });
  });

  it("gives each variant's plain least squares, the other signals among the covariates", async () => {
    const { cohort, calls, age, values } = made();
    const [two, one] = await search(cohort);
    const y = (gene: number): number[] => [...values.subarray(gene * N, (gene + 1) * N)];
    const cases = [
      { signal: two!.signals[0]!, y: y(0), given: [WEAK] },
      { signal: two!.signals[1]!, y: y(0), given: [STRONG] },
      { signal: one!.signals[0]!, y: y(1), given: [] },
    ];
    for (const { signal, y, given } of cases) {
      const covariates = [age, ...given.map((v) => calls[v]!)];
      const { slope, slopeSe, log10P } = signal.conditional;
      expect(slope.length).toBe(40);
      calls.forEach((g, v) => {
        if (given.some((other) => calls[other]!.every((call, s) => call === g[s]))) {
          expect([slope[v], slopeSe[v], log10P[v]], `variant ${v}`).toEqual([NaN, NaN, NaN]);
          return;
        }
        const plain = plainOls(y, g, covariates);
        expect(Math.abs(slope[v]! - plain.slope), `variant ${v}`).toBeLessThan(1e-10);
        expect(Math.abs(slopeSe[v]! / plain.slopeSe - 1), `variant ${v}`).toBeLessThan(1e-10);
      });
    }
    // The signal's own test is that of the conditional table: with two signals all others are the other one.
    for (const { row, test, conditional } of two!.signals)
      expect([test.slope, test.log10P]).toEqual([conditional.slope[row], conditional.log10P[row]]);
  });

  it("gives a status to genes it cannot search", async () => {
    const rows = `${TABLE}\n`.replace(idOf(ONLY), "elsewhere").replace("constant\t\tNA", "constant\tx\t0.01");
    const found = await search(made().cohort, rows.trimEnd());
    expect(found.map(({ status }) => status)).toEqual(["ok", "lead-not-tested", "constant"]);
    expect(found[1]!.signals).toEqual([]);
  });

  it("says not-converged where the permutations have no spread, and keeps what was found", async () => {
    const { cohort } = made();
    const rows = Array.from({ length: 20 }, () => Uint32Array.from({ length: N }, (_, s) => N - 1 - s));
    const permutationIndices = { name: "one permutation", rows };
    const found = await search({ ...cohort, tables: { ...cohort.tables, permutationIndices } });
    expect(found.map(({ status, forward }) => [status, forward])).toEqual([
      ["not-converged", 1],
      ["not-converged", 1],
    ]);
    expect(found.map(idsOf)).toEqual([[idOf(STRONG)], [idOf(ONLY)]]);
    expect(found[1]!.signals[0]!.test).toMatchObject({ pBeta: 0.002, slope: 1.25 });
  });

  it("keeps the last signal of the forward selection, or another signal that took it", async () => {
    // Tight limits and loose ones: however many signals there are, none of the genes ends without one.
    for (const limit of ["0.9", "1e-3", "1e-6"]) {
      const found = await search(made().cohort, TABLE.replaceAll("1e-9", limit).replace("0.002", limit));
      for (const { status, signals, forward } of found) {
        expect([status, signals.length > 0], limit).toEqual(["ok", true]);
        expect(forward, limit).toBeGreaterThanOrEqual(signals.length);
        expect(new Set(signals.map(({ row, variants }) => variants.id[row])).size).toBe(signals.length);
      }
    }
  });

  it("fits p at the model's own degrees of freedom where the cis map did", async () => {
    const [two] = await search(made().cohort, TABLE, { degreesOfFreedom: "full" });
    const [learnt] = await search(made().cohort);
    expect(two!.signals.map(({ test }) => test.trueDf)).toEqual([N - 2 - 1 - 1, N - 2 - 1 - 1]);
    expect(learnt!.signals[0]!.test.trueDf).not.toBe(N - 4);
    expect(two!.signals.map(({ test }) => test.slope)).toEqual(learnt!.signals.map(({ test }) => test.slope));
  });

  it("holds as many windows as memory counts, and finds the same", async () => {
    const { cohort } = made();
    const reaches = [
      { start: 0, end: 40 },
      { start: 5, end: 30 },
    ];
    expect(windowsAtOnce(cohort, reaches, 8, undefined)).toBe(8);
    expect(windowsAtOnce(cohort, reaches, 8, 2 ** 30)).toBe(8);
    expect(windowsAtOnce(cohort, reaches, 8, 40 * 2 ** 20)).toBe(2);
    expect(() => windowsAtOnce(cohort, reaches, 8, 2 ** 24)).toThrow(LimitError);
    await expect(search(cohort, TABLE, { memory: 2 ** 24 })).rejects.toThrow(
      /a window of 40 variants and 150 samples needs 17 MiB, --memory is 16 MiB/,
    );
    expect(await search(cohort, TABLE, { memory: 2 ** 25 })).toEqual(await search(cohort));
  });

  it("refuses what it cannot do", async () => {
    await expect(search(made("qtltools").cohort)).rejects.toThrow(UsageError);
    const { cohort } = made();
    await expect(search(cohort, "phenotype_id\tvariant_id\tqval\na\tb\t0")).rejects.toThrow(
      /has no column pval_beta/,
    );
    await expect(search(cohort, TABLE.replaceAll("0.001", "0.5").replace("0.01", "0.5"))).rejects.toThrow(
      /no gene has q <= 0.05/,
    );
    await expect(search(cohort, TABLE.replace("two", "nobody"))).rejects.toThrow(InputError);
    await expect(search(cohort, TABLE.replace("num_var", "group_id"))).rejects.toThrow(/in groups/);
  });
});
