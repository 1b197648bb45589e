import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expressionSet } from "../../src/cohort/expressionSet.ts";
import type { Backend } from "../../src/compute/backend.ts";
import { Adjacency, type NetworkType } from "../../src/network/adjacency.ts";
import { moduleColor } from "../../src/network/colors.ts";
import { condensedPair } from "../../src/network/condensed.ts";
import { Correlator } from "../../src/network/correlator.ts";
import { correlationMatrix } from "../../src/network/denseMatrix.ts";
import { scaledGenes } from "../../src/network/eigengenes.ts";
import { averageLinkage } from "../../src/network/linkage.ts";
import type { Measure } from "../../src/network/measure.ts";
import { mergeModules } from "../../src/network/merging.ts";
import { modulesOf } from "../../src/network/modules.ts";
import { topologicalOverlap } from "../../src/network/overlap.ts";
import { roundedAdjacency } from "../../src/network/roundedAdjacency.ts";
import { roundedOverlap } from "../../src/network/roundedOverlap.ts";
import { chosenPower, DEFAULT_POWERS, PowerScan } from "../../src/network/scaleFree.ts";
import { cutTree } from "../../src/network/treeCut.ts";
import { createBackend } from "../../src/node/backends.ts";
import { describeWithShared } from "../helpers/extended.ts";

// WGCNA 1.72.1, R 4.2; the files have 12 to 14 digits.
interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly string[];
  readonly cells: readonly (readonly string[])[];
}

function readTsv(path: string): Table {
  const bytes = readFileSync(path);
  const text = path.endsWith(".gz") ? gunzipSync(bytes).toString() : bytes.toString();
  const [header, ...lines] = text
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => line.split("\t"));
  return {
    columns: header!.slice(1),
    rows: lines.map(([id]) => id!),
    cells: lines.map((line) => line.slice(1)),
  };
}

function expressionOf({ columns, rows, cells }: Table, name: string) {
  const values = Float64Array.from(cells.flat(), (cell) => (cell === "NA" ? Number.NaN : Number(cell)));
  return expressionSet({ name, samples: columns, id: rows, values });
}

/** The largest difference from the table's numbers. */
function apart({ cells }: Table, value: (i: number, j: number) => number): number {
  let most = 0;
  cells.forEach((row, i) => {
    row.forEach((cell, j) => {
      const difference = Math.abs(Number(cell) - value(i, j));
      // A NaN must not pass.
      if (!(difference <= most)) most = difference;
    });
  });
  return most;
}

const TWELVE_DIGITS = 1e-12;

describeWithShared("WGCNA", ["expected", "wgcna"], (path) => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await createBackend("wasm", { threads: 2 });
  });
  afterAll(() => backend.dispose());

  const matrixOf = async (file: string, measure: Measure) => {
    const correlator = new Correlator([expressionOf(readTsv(path(...file.split("/"))), file)], measure);
    return { count: correlator.count, r: await correlationMatrix(correlator, backend) };
  };
  const adjacencyOf = (r: Float64Array, count: number, type: NetworkType, power: number, sign = false) => {
    const adjacency = new Adjacency(count, type, power, sign);
    adjacency.addRows(0, count, r);
    return adjacency;
  };

  test.each<[string, Measure]>([
    ["cor.tsv", { method: "pearson" }],
    ["spearman.tsv", { method: "spearman" }],
    ["bicor.tsv", { method: "bicor" }],
    ["bicor_mp0.1.tsv", { method: "bicor", maxPOutliers: 0.1 }],
  ])("%s", async (file, measure) => {
    const { count, r } = await matrixOf("expr200.tsv.gz", measure);
    expect(apart(readTsv(path(file)), (i, j) => r[i * count + j]!)).toBeLessThan(TWELVE_DIGITS);
  });

  test.each<[string, Measure]>([
    ["cor_pairwise_NA.tsv", { method: "pearson" }],
    ["bicor_NA.tsv", { method: "bicor" }],
  ])("modules/%s: each pair over the samples that have both", async (file, measure) => {
    const { count, r } = await matrixOf("modules/expr_with_NA.tsv.gz", measure);
    expect(apart(readTsv(path("modules", file)), (i, j) => r[i * count + j]!)).toBeLessThan(TWELVE_DIGITS);
  });

  test.each<[string, NetworkType, number]>([
    ["unsigned_p6", "unsigned", 6],
    ["signed_p12", "signed", 12],
    ["signed_hybrid_p6", "signed-hybrid", 6],
  ])("adjacency and overlap, %s", async (name, type, power) => {
    const { count, r } = await matrixOf("expr200.tsv.gz", { method: "pearson" });
    const adjacency = adjacencyOf(r, count, type, power);
    const value = (i: number, j: number) => (i === j ? 1 : adjacency.at(i, j));
    expect(apart(readTsv(path(`adj_${name}.tsv`)), value)).toBeLessThan(TWELVE_DIGITS);
    const d = await topologicalOverlap(adjacency, backend);
    const overlap = (i: number, j: number) => (i === j ? 1 : d[condensedPair(i, j, count)]!);
    const kinds = name === "unsigned_p6" ? ["unsigned"] : ["unsigned", "signed"];
    for (const kind of kinds) {
      expect(apart(readTsv(path(`tom_${kind}_adj_${name}.tsv`)), overlap)).toBeLessThan(TWELVE_DIGITS);
    }
  });

  // What modules are made of unless f64 is asked for: right to the bound it states.
  test.each<[string, NetworkType, number, boolean, string]>([
    ["expr200.tsv.gz", "unsigned", 6, false, "tom_unsigned_adj_unsigned_p6.tsv"],
    ["expr200.tsv.gz", "signed", 12, false, "tom_unsigned_adj_signed_p12.tsv"],
    ["expr200.tsv.gz", "signed", 12, false, "tom_signed_adj_signed_p12.tsv"],
    ["expr200.tsv.gz", "signed-hybrid", 6, false, "tom_unsigned_adj_signed_hybrid_p6.tsv"],
    ["expr200.tsv.gz", "signed-hybrid", 6, false, "tom_signed_adj_signed_hybrid_p6.tsv"],
    ["modules/expr_imputed.tsv.gz", "unsigned", 6, false, "modules/tom_unsigned.tsv.gz"],
    ["modules/expr_imputed.tsv.gz", "signed", 12, false, "modules/tom_signed.tsv.gz"],
  ])("rounded overlap of %s, %s, power %d", async (expression, type, power, keepSign, file) => {
    const set = expressionOf(readTsv(path(...expression.split("/"))), expression);
    const correlator = new Correlator([set], { method: "pearson" });
    const adjacency = await roundedAdjacency(correlator, backend, { type, power, keepSign });
    const { values, bound } = await roundedOverlap(adjacency, backend);
    const overlap = (i: number, j: number) => (i === j ? 1 : values[condensedPair(i, j, set.id.length)]!);
    const difference = apart(readTsv(path(...file.split("/"))), overlap);
    console.log(`${file}: ${difference.toExponential(1)} from WGCNA, bound ${bound.toExponential(1)}`);
    expect(difference).toBeLessThan(bound + TWELVE_DIGITS);
    expect(bound).toBeLessThan(1e-4);
  });

  test.each([
    ["expr200.tsv.gz", "softthreshold.tsv"],
    ["modules/expr_imputed.tsv.gz", "modules/softthreshold.tsv"],
  ])("soft threshold of %s", async (expression, file) => {
    const { count, r } = await matrixOf(expression, { method: "pearson" });
    const expected = readTsv(path(...file.split("/")));
    const powers = expected.rows.map(Number);
    const scan = new PowerScan(count, "unsigned", powers);
    scan.add({ from: 0, to: count, values: r });
    const fits = scan.fits();
    const found = fits.map((fit) => [
      fit.rSquared,
      fit.slope,
      fit.truncatedRSquared,
      fit.meanK,
      fit.medianK,
      fit.maxK,
    ]);
    expect(apart(expected, (i, j) => found[i]![j]!)).toBeLessThan(1e-9);
    expect(chosenPower(fits)).toBe(powers.find((_, i) => found[i]![0]! > 0.85 && found[i]![1]! < 0));
    expect(DEFAULT_POWERS).toContain(powers[0]);
  });

  test.each<["unsigned" | "signed", number]>([
    ["unsigned", 6],
    ["signed", 12],
  ])("modules, %s", async (type, power) => {
    const { count, r } = await matrixOf("modules/expr_imputed.tsv.gz", { method: "pearson" });
    const adjacency = adjacencyOf(r, count, type, power);
    const d = await topologicalOverlap(adjacency, backend);
    const overlap = (i: number, j: number) => (i === j ? 1 : d[condensedPair(i, j, count)]!);
    expect(apart(readTsv(path("modules", `tom_${type}.tsv.gz`)), overlap)).toBeLessThan(TWELVE_DIGITS);

    const tree = averageLinkage(d, count, "overlap");
    const merges = readFileSync(path("modules", `hclust_merge_${type}.tsv`), "utf8")
      .trim()
      .split("\n");
    const order = readFileSync(path("modules", `hclust_order_${type}.tsv`), "utf8")
      .trim()
      .split("\n")
      .map(Number);
    merges.forEach((line, m) => {
      const [a, b, height] = line.split("\t").map(Number);
      expect([tree.merge[2 * m], tree.merge[2 * m + 1]], `merge ${m + 1}`).toEqual([a, b]);
      expect(Math.abs(tree.height[m]! - height!)).toBeLessThan(TWELVE_DIGITS);
    });
    expect(Array.from(tree.order, (item) => item + 1)).toEqual(order);

    const distance = (a: number, b: number) => 1 - d[condensedPair(a, b, count)]!;
    const cut = (pamStage: boolean) =>
      Array.from(cutTree(tree, distance, { pamStage, pamRespectsDendro: false, minClusterSize: 20 }));
    const expected = readTsv(path("modules", `modules_${type}.tsv`));
    const column = (name: string) => expected.cells.map((row) => Number(row[expected.columns.indexOf(name)]));
    expect(cut(true)).toEqual(column("cutree"));
    expect(cut(false)).toEqual(column("cutree_nopam"));
  });

  test.each<["unsigned" | "signed", number, boolean]>([
    ["unsigned", 6, false],
    ["signed", 12, false],
    ["unsigned", 6, true],
    ["signed", 12, true],
  ])("blockwiseModules, %s, power %d, exact overlap %s", async (type, power, exactOverlap) => {
    const set = expressionOf(readTsv(path("modules", "expr_imputed.tsv.gz")), "expr_imputed");
    const result = await modulesOf(set, {
      backend,
      measure: { method: "pearson" },
      type,
      power,
      exactOverlap,
      overlap: type,
    });
    const expected = readTsv(path("modules", `modules_${type}.tsv`));
    const column = (name: string) => expected.cells.map((row) => Number(row[expected.columns.indexOf(name)]));
    expect(Array.from(result.unmerged)).toEqual(column("unmerged"));
    expect(Array.from(result.labels)).toEqual(column("blockwise"));

    const { modules, vectors } = result.eigengenes;
    const eigen = readTsv(path("modules", `MEs_${type}.tsv`));
    const kME = readTsv(path("modules", `kME_${type}.tsv`));
    expect(eigen.columns.filter((name) => name !== "ME0")).toHaveLength(modules.length);
    modules.forEach((label, m) => {
      const at = eigen.columns.indexOf(`ME${label}`);
      const only = (table: Table) => ({ ...table, cells: table.cells.map((row) => [row[at]!]) });
      expect(apart(only(eigen), (i) => vectors[m]![i]!)).toBeLessThan(1e-11);
      const width = modules.length;
      expect(apart(only(kME), (i) => result.memberships.kME[i * width + m]!)).toBeLessThan(1e-11);
    });
    const { total, within } = result.connectivity;
    const value = (i: number) => [total[i]!, within[i]!, total[i]! - within[i]!, 2 * within[i]! - total[i]!];
    const connectivity = readTsv(path("modules", `intramodular_${type}.tsv`));
    // WGCNA says nothing within module 0.
    const inModule = connectivity.cells.filter((_, i) => result.labels[i] !== 0);
    const genes = Array.from(result.labels.keys()).filter((i) => result.labels[i] !== 0);
    expect(apart({ ...connectivity, cells: inModule }, (i, j) => value(genes[i]!)[j]!)).toBeLessThan(1e-11);
  });
});

// The tutorial's own data and modules (R, an older WGCNA): parameters in PROVENANCE.txt.
describeWithShared("WGCNA's tutorial", ["data", "liver-network"], (path) => {
  test("the automatic modules of female mouse livers", async () => {
    const backend = await createBackend("wasm", { threads: 2 });
    try {
      const set = expressionOf(readTsv(path("female_liver.expression.tsv.gz")), "female_liver");
      const result = await modulesOf(set, {
        ...{ backend, measure: { method: "pearson" }, power: 6, minModuleSize: 30 },
        ...{ reassignThreshold: 0, mergeCutHeight: 0.25, pamRespectsDendro: false },
      });
      const files = ["auto", "stepByStep"].map((kind) =>
        readTsv(path(`FemaleLiver-02-networkConstruction-${kind}.modules.tsv.gz`)),
      );
      const [auto, steps] = files.map(({ rows, cells }) => {
        expect(rows).toEqual(set.id);
        return cells.map(([color]) => color!);
      });
      const ours = Array.from(result.labels, moduleColor);
      const same = ours.filter((color, i) => color === auto![i]).length;
      console.log(
        `${result.eigengenes.modules.length} modules; ${same} of ${ours.length} genes in the module of the same colour; adjusted Rand index ${randIndex(ours, auto!).toFixed(4)} with the automatic, ${randIndex(ours, steps!).toFixed(4)} with the step-by-step modules`,
      );
      expect(randIndex(ours, auto!)).toBeGreaterThan(0.95);
    } finally {
      await backend.dispose();
    }
  });

  test("the modules made step by step", async () => {
    const backend = await createBackend("wasm", { threads: 2 });
    try {
      const set = expressionOf(readTsv(path("female_liver.expression.tsv.gz")), "female_liver");
      const correlator = new Correlator([set], { method: "pearson" });
      const adjacency = new Adjacency(set.id.length, "unsigned", 6);
      adjacency.addRows(0, set.id.length, await correlationMatrix(correlator, backend));
      const d = await topologicalOverlap(adjacency, backend);
      const tree = averageLinkage(d, set.id.length, "overlap");
      const distance = (a: number, b: number) => 1 - d[condensedPair(a, b, set.id.length)]!;
      const cut = cutTree(tree, distance, { minClusterSize: 30, pamRespectsDendro: false });
      const labels = mergeModules(scaledGenes(set), cut, 0.25);
      const { cells } = readTsv(path("FemaleLiver-02-networkConstruction-stepByStep.modules.tsv.gz"));
      const index = randIndex(
        Array.from(labels, moduleColor),
        cells.map(([color]) => color!),
      );
      console.log(`step by step: adjusted Rand index ${index.toFixed(4)}`);
      expect(index).toBeGreaterThan(0.95);
    } finally {
      await backend.dispose();
    }
  });
});

/** Hubert and Arabie (1985). */
function randIndex(a: readonly string[], b: readonly string[]): number {
  const tally = (keys: readonly string[]) => {
    const counts = new Map<string, number>();
    for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
    return [...counts.values()].reduce((sum, n) => sum + (n * (n - 1)) / 2, 0);
  };
  const both = tally(a.map((label, i) => `${label} ${b[i]}`));
  const [one, other] = [tally(a), tally(b)];
  const expected = (one * other) / ((a.length * (a.length - 1)) / 2);
  return (both - expected) / ((one + other) / 2 - expected);
}
