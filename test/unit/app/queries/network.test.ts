import { describe, expect, test } from "vitest";
import { networkRule } from "../../../../src/app/engine/queries/connections.ts";
import { ResultQueries } from "../../../../src/app/engine/queries/queries.ts";
import { buildCohort, type Cohort } from "../../../../src/cohort/cohort.ts";
import { createReferenceBackend } from "../../../../src/compute/reference/backend.ts";
import { Adjacency, type NetworkType } from "../../../../src/network/adjacency.ts";
import { condensedPair } from "../../../../src/network/condensed.ts";
import { topologicalOverlap } from "../../../../src/network/overlap.ts";
import { madeTable, openOf } from "../../../helpers/madeResult.ts";
import { plainResiduals, sumOf } from "../../../helpers/plainOls.ts";
import { memoryGenotypes, testNormal, testRandom } from "../../../helpers/randomCohort.ts";

const N = 50;
const GENES = 60;

/** Three modules of genes that follow a factor each, some of them the other way; beside a covariate. The last gene is constant. */
function made(): { cohort: Cohort; correlation: (a: number, b: number) => number } {
  const next = testRandom(8);
  const samples = Array.from({ length: N }, (_, s) => `S${s}`);
  const age = samples.map(() => testNormal(next));
  const factors = [0, 1, 2].map(() => samples.map(() => testNormal(next)));
  const rows = Array.from({ length: GENES }, (_, g) => {
    if (g === GENES - 1) return samples.map(() => 3);
    const sign = g % 7 === 0 ? -1 : 1;
    return samples.map((_, s) => sign * factors[g % 3]![s]! + 0.8 * testNormal(next) + age[s]!);
  });
  const values = Float64Array.from(rows.flat());
  const cohort = buildCohort({
    genotypes: memoryGenotypes(samples, [
      { chromosome: "1", position: 10, calls: samples.map((_, s) => s % 3) },
    ]),
    expression: {
      ...{ name: "expression", samples, id: rows.map((_, g) => `G${g}`), chromosome: rows.map(() => "1") },
      ...{
        start: Int32Array.from(rows, (_, g) => 100 * g),
        end: Int32Array.from(rows, (_, g) => 100 * g + 9),
      },
      ...{ strand: rows.map(() => "+"), values },
    },
    covariates: { name: "c", samples, covariates: ["age"], cells: [age.map(String)] },
  });
  const left = rows.map((row) => plainResiduals(row, [age]));
  return {
    cohort,
    correlation: (a, b) =>
      sumOf(left[a]!, left[b]!) / Math.sqrt(sumOf(left[a]!, left[a]!) * sumOf(left[b]!, left[b]!)),
  };
}

const { cohort, correlation } = made();

/** As `qortex network modules` writes them, as far as the page reads. */
async function queriesOf(options: object, counts: object, open: Cohort | undefined) {
  const gene = cohort.genes.id;
  const module = Int32Array.from(gene, (_, g) => (g === GENES - 1 ? 0 : 1 + (g % 3)));
  const tables = new Map([
    [
      "genes",
      await madeTable("genes", [
        { name: "gene", type: "string", values: gene },
        { name: "module", type: "int32", values: module },
        { name: "kme", type: "double", values: Float64Array.from(gene, (_, g) => 1 - g / 100) },
      ]),
    ],
    [
      "modules",
      await madeTable("modules", [
        { name: "module", type: "int32", values: Int32Array.of(1, 2, 3) },
        { name: "color", type: "string", values: ["turquoise", "blue", "brown"] },
        { name: "genes", type: "int32", values: Int32Array.of(20, 20, 19) },
        { name: "hub_gene", type: "string", values: ["G0", "G1", "G2"] },
      ]),
    ],
  ]);
  return new ResultQueries({
    ...openOf("network", tables, open),
    manifest: { options: { ...options }, counts: { ...counts } },
  });
}

/** Of all genes that can be correlated, by the network's own functions. */
async function overlapOf(
  type: NetworkType,
  power: number,
  keepSign = false,
): Promise<(a: number, b: number) => number> {
  const count = GENES - 1;
  const adjacency = new Adjacency(count, type, power, keepSign);
  const rows = Float64Array.from({ length: count * count }, (_, i) =>
    correlation(Math.floor(i / count), i % count),
  );
  adjacency.addRows(0, count, rows);
  const tom = await topologicalOverlap(adjacency, createReferenceBackend());
  return (a, b) => tom[condensedPair(Math.min(a, b), Math.max(a, b), count)]!;
}

const number = (id: string): number => Number(id.slice(1));

describe("a network's graph", () => {
  test.each([
    ["unsigned", 3, false],
    ["unsigned", 4, true],
    ["signed", 6, false],
    ["signed-hybrid", 2, false],
  ] as const)(
    "%s, power %i, signs kept: %s: edges are topological overlaps over all genes",
    async (type, power, signs) => {
      const overlap = signs ? { overlap: "signed" } : {};
      const queries = await queriesOf({ networkType: type, ...overlap }, { power }, cohort);
      const tom = await overlapOf(type, power, signs);
      const graph = await queries.graph({ module: 2 }, 10_000);
      expect(graph.measure).toBe("topological overlap");
      expect(graph.measures).toEqual(["topological overlap", "correlation"]);
      expect(graph.nodes.map(({ gene }) => gene)).toEqual(
        cohort.genes.id.filter((_, g) => g % 3 === 1 && g < GENES - 1),
      );
      const n = graph.nodes.length;
      expect(graph.weight).toHaveLength((n * (n - 1)) / 2);
      graph.weight.forEach((weight, e) => {
        const [a, b] = [graph.from[e]!, graph.to[e]!].map((node) => number(graph.nodes[node]!.gene));
        expect(weight).toBeCloseTo(tom(a!, b!), 10);
        if (e > 0) expect(weight).toBeLessThanOrEqual(graph.weight[e - 1]!);
      });
      const near = await queries.graph({ gene: "G4" }, 10_000);
      const others = Array.from({ length: GENES - 1 }, (_, g) => g).filter((g) => g !== 4);
      others.sort((a, b) => tom(4, b) - tom(4, a) || a - b);
      expect(near.nodes.map(({ gene }) => gene)).toEqual(["G4", ...others.slice(0, 30).map((g) => `G${g}`)]);
      expect(near.says).toBe(
        `Edges are topological overlaps over 59 genes (${type}, power ${power}${signs ? ", with signs" : ""}) in the 50 samples that are loaded, covariates taken out.`,
      );
    },
  );

  test("edges are correlations where that is asked, or the power is not known", async () => {
    const known = await queriesOf({ type: "signed" }, { power: 6 }, cohort);
    const unknown = await queriesOf({}, {}, cohort);
    const asked = await known.graph({ gene: "G7", measure: "correlation" }, 10_000);
    expect(await unknown.graph({ gene: "G7" }, 10_000)).toEqual({ ...asked, measures: ["correlation"] });
    expect(asked.measure).toBe("correlation");
    asked.weight.forEach((weight, e) => {
      const [a, b] = [asked.from[e]!, asked.to[e]!].map((node) => number(asked.nodes[node]!.gene));
      expect(weight).toBeCloseTo(correlation(a!, b!), 10);
    });
    const strength = (g: number): number => Math.abs(correlation(7, g));
    const best = Array.from({ length: GENES - 1 }, (_, g) => g).filter((g) => g !== 7);
    best.sort((a, b) => strength(b) - strength(a));
    expect(asked.nodes.slice(1).map(({ gene }) => gene)).toEqual(best.slice(0, 30).map((g) => `G${g}`));
    expect(asked.weight.some((weight) => weight < 0)).toBe(true);
    expect((await known.graph({ gene: "G7", measure: "correlation" }, 5)).weight).toEqual(
      asked.weight.slice(0, 5),
    );
  });

  test("a gene that cannot be correlated stands alone; without a cohort a module is a star", async () => {
    const queries = await queriesOf({ type: "unsigned" }, { power: 3 }, cohort);
    const alone = await queries.graph({ gene: `G${GENES - 1}` }, 100);
    expect(alone.nodes).toHaveLength(1);
    expect(alone.weight).toHaveLength(0);
    const closed = await queriesOf({ type: "unsigned" }, { power: 3 }, undefined);
    const star = await closed.graph({ module: 1 }, 100);
    expect(star.measure).toBe("module membership");
    expect(star.measures).toEqual([]);
    expect([...star.from]).toEqual(new Array(19).fill(0));
    expect([...star.weight]).toEqual(star.nodes.slice(1).map(({ membership }) => membership));
  });

  test("modules are those of the tables", async () => {
    const modules = (await (await queriesOf({}, {}, undefined)).modules())!;
    expect(modules.colours).toEqual(["grey", "turquoise", "blue", "brown"]);
    expect([...modules.sizes]).toEqual([1, 20, 20, 19]);
    expect(modules.hubs).toEqual(["", "G0", "G1", "G2"]);
  });
});

test("how a network was made is read of either manifest", () => {
  expect(networkRule({ options: { networkType: "signed" }, counts: { power: 12 } })).toEqual({
    ...{ type: "signed", power: 12, signed: false },
  });
  expect(networkRule({ options: { type: "unsigned", power: 5 } })).toMatchObject({ power: 5 });
  expect(
    networkRule({ options: { networkType: "signed", method: "bicor" }, counts: { power: 12 } }),
  ).toBeUndefined();
  expect(networkRule({})).toBeUndefined();
});
