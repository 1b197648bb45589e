/** Gene function on a real cross of yeast, by the commands: co-regulation against plain correlation, members left out of both. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { readAnnotation } from "../../src/formats/annotation.ts";
import { fileSource } from "../../src/node/files.ts";
import { inflateGzip } from "../../src/node/inflate.ts";
import { dot, standardise } from "../../src/statistics/linalg.ts";
import { rankSum } from "../../src/statistics/rankSum.ts";
import { describeWithShared, scratchFolder } from "../helpers/extended.ts";
import { sharedFolder } from "../helpers/shared.ts";
import { readParquetTable } from "../helpers/table.ts";
import { qortex } from "../unit/cli/shell.ts";

/** Names of the genes of four functions (SGD). */
const FUNCTIONS: Readonly<Record<string, RegExp>> = {
  cytosolic_ribosome: /^RP[LS]\d+[AB]?$/,
  mitochondrial_ribosome: /^MRP[LS]\d+$/,
  amino_acid_biosynthesis: /^(HIS|ARG|LEU|LYS|TRP)\d+$/,
  proteasome: /^(PRE|RPN|RPT)\d+$/,
};
/** Proteins of the mitochondrial ribosome that go by other names: no members, and among the first of all genes. */
const OTHERWISE_NAMED = /^(RSM\d+|MRP\d+|IMG[12]|MNP1|YML6|NAM9|PET123|SWS2|MHR1|RML2|EHD3)$/;

const GTF = "data/annotation/Saccharomyces_cerevisiae.R64-1-1.81.gtf.gz";

describeWithShared("gene function in yeast", ["data", "yeast-cross"], (path) => {
  const scratch = scratchFolder();
  const at = (name: string): string => join(scratch, name);
  const run = async (...args: string[]): Promise<string> => {
    const { code, out, err } = await qortex(["network", ...args]);
    expect(code, err).toBe(0);
    return out + err;
  };

  test("co-regulation ranks held-out members above plain correlation", async () => {
    const text = gunzipSync(readFileSync(path("trigger_yeast.expression.tsv.gz"))).toString();
    const [header, ...lines] = text.trim().split("\n");
    const samples = header!.split("\t").length - 4;
    const gtf = await fileSource(join(sharedFolder, GTF));
    const known = await readAnnotation(gtf, inflateGzip).finally(() => gtf.close());
    const ids: string[] = [];
    const values = new Float64Array(lines.length * samples);
    const table = [["gene", ...header!.split("\t").slice(4)].join("\t")];
    for (const line of lines) {
      const cells = line.split("\t");
      table.push([cells[0], ...cells.slice(4)].join("\t"));
      const row = values.subarray(ids.length * samples, (ids.length + 1) * samples);
      row.set(cells.slice(4).map(Number));
      if (standardise(row)) ids.push(cells[0]!);
    }
    const names = ids.map((id) => known.genes[known.row.get(id) ?? -1]?.symbol || id);
    const membersOf = (name: RegExp) =>
      Uint32Array.from(names.flatMap((gene, g) => (name.test(gene) ? [g] : [])));
    const sets = Object.values(FUNCTIONS).map(membersOf);
    expect(sets.map(({ length }) => length)).toEqual([132, 43, 36, 30]);
    writeFileSync(at("yeast.tsv"), `${table.join("\n")}\n`);
    const gmt = Object.keys(FUNCTIONS).map((name, i) =>
      [name, "", ...Array.from(sets[i]!, (g) => ids[g])].join("\t"),
    );
    writeFileSync(at("yeast.gmt"), `${gmt.join("\n")}\n`);

    // With so few samples every component is reliable: the least has alpha 0.87.
    const inputs = ["--expression", at("yeast.tsv"), "--annotation", join(sharedFolder, GTF)];
    expect(await run("coregulation", ...inputs, "--out", at("all"))).toContain("111 of 111 kept");
    const scores = await predicted("all");
    const plain = sets.map((set) => meanCorrelation(values, ids.length, samples, set));
    const rows = Object.keys(FUNCTIONS).map((set, i) => {
      const own = places(scores.get(set)!, sets[i]!);
      const other = places(plain[i]!, sets[i]!);
      const apart = own.map((place, k) => place - other[k]!);
      const [difference, se] = meanAndError(apart);
      return { set, genes: own.length, coregulation: mean(own), correlation: mean(other), difference, se };
    });
    console.table(rows);
    // The program's AUC is the mean place of its own scores.
    const written = await readParquetTable(join(at("all-predicted"), "gene_sets.parquet"));
    rows.forEach(({ coregulation }, i) => {
      expect(written.numbers("auc")[i]).toBeCloseTo(coregulation, 12);
    });
    const [cytosolic, mitochondrial, aminoAcids, proteasome] = rows;
    expect(cytosolic!.difference).toBeGreaterThan(2 * cytosolic!.se);
    expect(proteasome!.difference).toBeGreaterThan(2 * proteasome!.se);
    expect(aminoAcids!.difference).toBeGreaterThan(0);
    // Nearly all of it is said by one factor: plain correlation is at its ceiling, and co-regulation within two errors of it.
    expect(mitochondrial!.correlation).toBeGreaterThan(0.99);
    expect(mitochondrial!.coregulation).toBeGreaterThan(0.99);
    expect(Math.abs(mitochondrial!.difference)).toBeLessThan(2 * mitochondrial!.se);
    expect(Math.min(...rows.map(({ coregulation }) => coregulation))).toBeGreaterThan(0.89);
    expect(mean(rows.map(({ difference }) => difference))).toBeGreaterThan(0.005);

    // Whom it ranks above members are for a good part members under other names.
    const more = membersOf(OTHERWISE_NAMED);
    const mito = scores.get("mitochondrial_ribosome")!;
    const isMember = new Set(sets[1]!);
    const first = [...ids.keys()].filter((g) => !isMember.has(g)).sort((a, b) => mito[b]! - mito[a]!);
    const otherwise = first.slice(0, 20).filter((g) => more.includes(g)).length;
    expect(otherwise).toBeGreaterThanOrEqual(10);

    // Chosen by AUC: nearly all again; no number of components does better by more than 0.001.
    const chosen = await run(
      ...["coregulation", ...inputs, "--components", "auc", "--gene-sets", at("yeast.gmt")],
      ...["--out", at("chosen")],
    );
    expect(chosen).toContain("--components auc: 100, of which 4 gene sets have the highest mean AUC");
    expect(chosen).toMatch(/Hubs +MRPL\d+ \d+, /);
    const trials = await readParquetTable(join(at("chosen"), "component_trials.parquet"));
    expect([...trials.numbers("components")]).toEqual([10, 15, 20, 30, 50, 70, 100, 111]);
    const aucs = trials.numbers("mean_auc");
    expect(Math.max(...aucs) - aucs.at(-1)!).toBeLessThan(0.001);
    expect(aucs.at(-1)).toBeCloseTo(mean([...written.numbers("auc")]), 12);

    /** Scores of all genes for each set. */
    async function predicted(network: string): Promise<Map<string, Float64Array>> {
      const out = at(`${network}-predicted`);
      await run(
        ...["predict", "--coregulation", at(network), "--gene-sets", at("yeast.gmt"), "--out", out],
        ...["--scores", "10000", "--fdr", "1"],
      );
      const found = await readParquetTable(join(out, "gene_scores.parquet"));
      const number = new Map(ids.map((id, g) => [id, g]));
      const all = new Map(Object.keys(FUNCTIONS).map((name) => [name, new Float64Array(ids.length)]));
      const [set, gene, z] = [found.strings("gene_set"), found.strings("gene"), found.numbers("z")];
      z.forEach((value, i) => {
        all.get(set[i]!)![number.get(gene[i]!)!] = value;
      });
      return all;
    }
  });
});

/** The share of other genes below each member (ties by half): their mean is the AUC. */
function places(score: Float64Array, members: Uint32Array): number[] {
  const isMember = new Set(members);
  const others = score.filter((_, g) => !isMember.has(g)).sort();
  const places = Array.from(members, (g) => {
    const below = others.findIndex((value) => value >= score[g]!);
    const above = others.findIndex((value) => value > score[g]!);
    const [low, high] = [below, above].map((place) => (place < 0 ? others.length : place));
    return (low! + high!) / 2 / others.length;
  });
  expect(mean(places)).toBeCloseTo(rankSum(score, members).auc, 12);
  return places;
}

function mean(list: readonly number[]): number {
  return list.reduce((sum, value) => sum + value, 0) / list.length;
}

function meanAndError(list: readonly number[]): [number, number] {
  const centre = mean(list);
  const square = list.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return [centre, Math.sqrt(square / (list.length - 1) / list.length)];
}

/** Mean correlation of each gene with the members, a member's with the others. */
function meanCorrelation(rows: Float64Array, genes: number, n: number, set: Uint32Array): Float64Array {
  const sum = new Float64Array(n);
  for (const g of set) for (let s = 0; s < n; s++) sum[s]! += rows[g * n + s]!;
  const isMember = new Set(set);
  return Float64Array.from({ length: genes }, (_, g) => {
    const all = dot(rows, g * n, sum, 0, n);
    return isMember.has(g) ? (all - 1) / (set.length - 1) : all / set.length;
  });
}
