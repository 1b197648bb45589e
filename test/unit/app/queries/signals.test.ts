import { describe, expect, test } from "vitest";
import { ResultQueries } from "../../../../src/app/engine/queries/queries.ts";
import type { OpenResult } from "../../../../src/app/engine/result.ts";
import { independentSignals } from "../../../../src/association/conditional/signals.ts";
import { SignalTables } from "../../../../src/association/conditional/tables.ts";
import type { Cohort } from "../../../../src/cohort/cohort.ts";
import { createReferenceBackend } from "../../../../src/compute/reference/backend.ts";
import { LimitError } from "../../../../src/errors.ts";
import { log10TwoSidedT } from "../../../../src/statistics/studentT.ts";
import { finemap } from "../../../../src/targets/finemap.ts";
import { FinemapTables } from "../../../../src/targets/finemapTables.ts";
import { madeResult } from "../../../helpers/madeResult.ts";
import { memoryTables } from "../../../helpers/memoryTables.ts";
import { plainOls } from "../../../helpers/plainOls.ts";
import { filled, TWO_SIGNALS, twoSignals } from "../../../helpers/twoSignals.ts";

const PERMUTED = {
  within: "permutations",
  permutations: { least: 200, most: 200 },
  discovery: { qvalue: "bh", lambda: 0.85, fdr: 0.05 },
} as const;
const WINDOW = 150;
const backend = async () => createReferenceBackend();
const idOf = (v: number): string => `1:${1000 + 10 * v}:A:G`;

async function resultOf(cohort: Cohort, open = true): Promise<OpenResult> {
  const made = await madeResult("cis", cohort, { window: WINDOW, geneTests: PERMUTED, cohort: open });
  return { ...made.open, manifest: { options: { window: WINDOW, fdr: 0.05 } } };
}

/** SuSiE of a gene with its genotypes held in f64, as the command line fits it. */
async function fitted(cohort: Cohort, gene: number) {
  for await (const one of finemap(cohort, { backend: await backend(), genes: [gene], window: WINDOW }))
    return one;
  throw new Error("no gene");
}

describe("signals of a gene, searched", () => {
  const { cohort, calls, age, values } = twoSignals();
  const n = TWO_SIGNALS.samples;

  test("are the two that were planted, each with all variants given the other", async () => {
    const queries = new ResultQueries(await resultOf(cohort));
    const pairs = await queries.pairs(0);
    const { independent, says } = (await queries.signals(0, backend))!;
    expect(independent.map(({ variant }) => variant)).toEqual([
      idOf(TWO_SIGNALS.strong),
      idOf(TWO_SIGNALS.weak),
    ]);
    expect(says).toEqual([
      "Signals were searched in the samples that are loaded, as qortex independent does.",
      "Credible sets are SuSiE's, of the samples that are loaded.",
    ]);
    const y = [...values.subarray(0, n)];
    const other = [TWO_SIGNALS.weak, TWO_SIGNALS.strong];
    let compared = 0;
    for (const [s, { variant, log10P, given }] of independent.entries()) {
      expect(log10P).toBe(given![pairs.variant.indexOf(variant)]);
      for (const [row, id] of pairs.variant.entries()) {
        const v = calls.findIndex((_, at) => idOf(at) === id);
        if (v === other[s]) {
          expect(given![row], "given itself").toBeNaN();
          continue;
        }
        const fit = plainOls(y, filled(calls[v]!), [[...age], filled(calls[other[s]!]!)]);
        expect(given![row]).toBeCloseTo(log10TwoSidedT(fit.t, fit.degreesOfFreedom), 7);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(40);
  });

  test("have SuSiE's credible sets, though calls stay packed", async () => {
    const queries = new ResultQueries(await resultOf(cohort));
    for (const gene of [0, 1]) {
      const pairs = await queries.pairs(gene);
      const { credibleSets, pip } = (await queries.signals(gene, backend))!;
      const { fit, sets, variants } = await fitted(cohort, gene);
      expect(credibleSets.length).toBe(gene === 0 ? 2 : 1);
      expect(credibleSets.map((set) => set.variants)).toEqual(
        sets.map((set) => Array.from(set.variants, (v) => variants.id[v])),
      );
      variants.id.forEach((id, v) => {
        expect(pip[pairs.variant.indexOf(id)]).toBeCloseTo(fit!.pip[v]!, 9);
      });
    }
  });

  test("are not searched in a gene that is not significant", async () => {
    const queries = new ResultQueries(await resultOf(cohort));
    expect((await queries.genes()).q[2]).toBeGreaterThan(0.05);
    const asked = (await queries.signals(2, async () => {
      throw new Error("something was computed");
    }))!;
    expect(asked.independent).toEqual([]);
    expect(asked.credibleSets).toEqual([]);
    expect(asked.pip.every(Number.isNaN)).toBe(true);
    expect(asked.says.join()).toMatch(
      /^The gene is not significant \(its q is 0\.\d+, above 0\.05\): .* not fine-mapped/,
    );
  });

  test("need the cohort, and a cis map", async () => {
    const closed = new ResultQueries(await resultOf(cohort, false));
    const { says } = (await closed.signals(0, backend))!;
    expect(says).toEqual(["Load the cohort's files to search the gene for signals and to fine-map it."]);
    const trans = new ResultQueries((await madeResult("trans", cohort)).open);
    expect(await trans.signals(0, backend)).toBeUndefined();
  });

  test("without permutations there are credible sets alone", async () => {
    const made = await madeResult("cis", cohort, { window: WINDOW });
    const queries = new ResultQueries({ ...made.open, manifest: { options: { window: WINDOW } } });
    const { independent, credibleSets, says } = (await queries.signals(0, backend))!;
    expect(independent).toEqual([]);
    expect(credibleSets).toHaveLength(2);
    expect(says[0]).toBe("Conditional signals are searched where the map has permutations.");
  });
});

test("signals and sets that the result has are read, without a cohort", async () => {
  const { cohort } = twoSignals();
  const open = await resultOf(cohort);
  const own = new ResultQueries(open);
  const searched = (await own.signals(0, backend))!;
  const leads = await own.genes();
  const written = memoryTables();
  const signals = await SignalTables.open(cohort.genes, written.table, {});
  const effect = { slope: leads.slope[0]!, slopeSe: leads.slopeSe[0]! };
  const nothing = { ...effect, p: 0, log10P: 0, pPerm: 0, pBeta: 0, log10PBeta: -9, numVar: 1 };
  const test0 = { ...nothing, numPerm: 1, shape1: 1, shape2: 1, trueDf: 1, pTrueDf: 1 };
  const led = { gene: 0, leadId: idOf(TWO_SIGNALS.strong), test: test0 };
  const threshold = Math.log10(0.001);
  const options = { backend: await backend(), window: WINDOW, genes: [led], threshold };
  for await (const one of independentSignals(cohort, options)) await signals.write(one);
  await signals.close();
  const maps = await FinemapTables.open(cohort, {
    ...{ table: written.table, effects: 10, summary: false, metadata: {} },
  });
  for (const gene of [0, 1]) await maps.write(await fitted(cohort, gene));
  await maps.close();
  const tables = new Map([...open.tables, ...written.sources()]);
  const queries = new ResultQueries({ ...open, tables, cohort: undefined });
  const read = (await queries.signals(0, backend))!;
  expect(read.independent.map(({ rank, variant }) => [rank, variant])).toEqual(
    searched.independent.map(({ rank, variant }) => [rank, variant]),
  );
  read.independent.forEach(({ log10P, given }, s) => {
    expect(given).toEqual(searched.independent[s]!.given);
    // The result keeps p of its table; two signals were written as they were searched.
    expect(log10P).toBe(searched.independent[s]!.log10P);
  });
  expect(read.credibleSets.map(({ variants }) => variants)).toEqual(
    searched.credibleSets.map(({ variants }) => variants),
  );
  read.pip.forEach((value, row) => {
    expect(value).toBeCloseTo(searched.pip[row]!, 9);
  });
  expect(read.says).toEqual([
    "Signals are those of cis_independent, in this result.",
    "Credible sets are those of qortex finemap, in this result.",
  ]);
  const second = (await queries.signals(1, backend))!;
  expect(second.independent, "not searched by the command").toEqual([]);
  expect(second.credibleSets).toHaveLength(1);
});

test("packed calls fit where genotypes in f64 do not", async () => {
  const { cohort } = twoSignals();
  const held = 8 * (cohort.residuals.length + cohort.tables.expression.values.length);
  const memory = held + 8 * TWO_SIGNALS.variants * 120;
  const options = { backend: await backend(), genes: [0], window: WINDOW, memory };
  await expect(finemap(cohort, options).next()).rejects.toThrow(LimitError);
  const { value } = await finemap(cohort, { ...options, packed: true }).next();
  expect(value!.sets).toHaveLength(2);
});
