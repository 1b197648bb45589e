/** From expression and a GWAS made up, of which everything is known, through all commands on gene function. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { uniform } from "../../../src/statistics/random.ts";
import { randomNormal } from "../../../src/statistics/randomNormal.ts";
import { readParquetTable } from "../../helpers/table.ts";
import { qortex } from "./shell.ts";

const scratch = mkdtempSync(join(tmpdir(), "qortex-planted-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const at = (name: string): string => join(scratch, name);

const GROUPS = 5;
const SIZE = 26;
/** Of each group these are in its gene set; the others are to be found. */
const KNOWN = 18;
const NOISE = 70;
const GENES = GROUPS * SIZE + NOISE;
const SAMPLES = 90;
const PEOPLE = 120;
const A_GENE = 4;
/** The trait's group, and its member that no locus of the GWAS is near. */
const TRAIT = 2;
const KEY = TRAIT * SIZE + SIZE - 1;
const SEED = 20261130;

const groupOf = (gene: number): number => (gene < GROUPS * SIZE ? Math.floor(gene / SIZE) : -1);
const normal = (stream: number, i: number): number => randomNormal(SEED, stream, i);
const lines = (rows: readonly (readonly (string | number)[])[]): string =>
  `${rows.map((row) => row.join("\t")).join("\n")}\n`;
const each = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

function writeExpression(): void {
  const header = ["gene", ...each(SAMPLES, (s) => `s${s}`)];
  const rows = each(GENES, (g) => {
    const group = groupOf(g);
    const cell = (s: number): string => {
      const factor = group < 0 ? 0 : 1.3 * normal(1000 + group, s);
      // What all genes share, and is no function: quality.
      return (8 + normal(g, s) + factor + 0.5 * normal(2000, s)).toFixed(5);
    };
    return [`g${g}`, ...each(SAMPLES, cell)];
  });
  writeFileSync(at("expression.tsv"), lines([header, ...rows]));
  const sets = each(GROUPS, (k) => [`set${k}`, "", ...each(KNOWN, (i) => `g${k * SIZE + i}`)]);
  const random = ["random", "", ...each(20, (i) => `g${(i * 97 + 5) % GENES}`)];
  writeFileSync(at("sets.gmt"), lines([...sets, random]));
}

/** Four linked variants a gene. The GWAS stands out at the genes of the trait's group, but for one. */
function writeGenetics(): void {
  const variants = GENES * A_GENE;
  const stride = Math.ceil(PEOPLE / 4);
  const bed = new Uint8Array(3 + variants * stride);
  bed.set([0x6c, 0x1b, 0x01]);
  const codes = [3, 2, 0];
  const z: number[] = [];
  for (let v = 0; v < variants; v++) {
    const gene = Math.floor(v / A_GENE);
    for (let s = 0; s < PEOPLE; s++) {
      const from = uniform(SEED + 1, v, s) < 0.5 ? v - (v % A_GENE) : v;
      const copies = (uniform(SEED + 2, from, s) < 0.4 ? 1 : 0) + (uniform(SEED + 3, from, s) < 0.4 ? 1 : 0);
      bed[3 + v * stride + (s >> 2)]! |= codes[copies]! << (2 * (s & 3));
    }
    z.push(normal(3000, v) + (groupOf(gene) === TRAIT && gene !== KEY ? 1.8 * normal(4000, gene) : 0));
  }
  writeFileSync(at("panel.bed"), bed);
  const place = (v: number): number => 400_000 * Math.floor(v / A_GENE) + 1000 + 100 * (v % A_GENE);
  writeFileSync(at("panel.bim"), lines(each(variants, (v) => [1, `rs${v}`, 0, place(v), "A", "G"])));
  writeFileSync(at("panel.fam"), lines(each(PEOPLE, (s) => [`p${s}`, `p${s}`, 0, 0, 0, -9])));
  writeFileSync(
    at("gwas.tsv"),
    lines([
      ["variant_id", "chromosome", "position", "z"],
      ...z.map((value, v) => [`rs${v}`, 1, place(v), value.toFixed(4)]),
    ]),
  );
  // Neighbours in the genome are of different groups.
  writeFileSync(
    at("genes.bed"),
    lines([
      ["#chr", "start", "end", "id"],
      ...each(GENES, (g) => ["1", 400_000 * g + 500, 400_000 * g + 2000, `g${g}`]),
    ]),
  );
}

const run = async (...args: string[]): Promise<string> => {
  const { code, out, err } = await qortex(["network", ...args]);
  expect(code, err).toBe(0);
  return out;
};

beforeAll(async () => {
  writeExpression();
  writeGenetics();
  await run(
    ...["coregulation", "--expression", at("expression.tsv"), "--out", at("coregulation")],
    ...["--components", "auc", "--gene-sets", at("sets.gmt"), "--p-value", "0.001"],
  );
});

describe("planted functions", () => {
  test("the number of components is that from which the sets are predicted best", async () => {
    const trials = await readParquetTable(join(at("coregulation"), "component_trials.parquet"));
    const aucs = trials.numbers("mean_auc");
    const chosen = trials.numbers("chosen").indexOf(1);
    expect(aucs[chosen]).toBe(Math.max(...aucs));
    const components = await readParquetTable(join(at("coregulation"), "components.parquet"));
    const kept = components.numbers("kept").reduce((sum, value) => sum + value, 0);
    expect(kept).toBe(trials.numbers("components")[chosen]);
  });

  test("predict: members that no set names score with those it names", async () => {
    await run(
      ...["predict", "--coregulation", at("coregulation"), "--gene-sets", at("sets.gmt")],
      ...["--out", at("predicted"), "--scores", "26"],
    );
    const sets = await readParquetTable(join(at("predicted"), "gene_sets.parquet"));
    expect([...sets.numbers("predicted")]).toEqual([1, 1, 1, 1, 1, 0]);
    expect(Math.min(...sets.numbers("auc").slice(0, GROUPS))).toBeGreaterThan(0.95);
    const scores = await readParquetTable(join(at("predicted"), "gene_scores.parquet"));
    const [set, gene, member] = [
      scores.strings("gene_set"),
      scores.strings("gene"),
      scores.numbers("member"),
    ];
    for (let k = 0; k < GROUPS; k++) {
      const found = gene.filter((_, i) => set[i] === `set${k}` && member[i] === 0);
      const unnamed = each(SIZE - KNOWN, (i) => `g${k * SIZE + KNOWN + i}`);
      expect(unnamed.filter((one) => found.includes(one)).length, `set ${k}`).toBeGreaterThanOrEqual(7);
    }
  });

  test("modules, enrich: each planted set is the first of a module of its own", async () => {
    await run(
      ...["modules", "--expression", at("expression.tsv"), "--out", at("modules")],
      ...["--power", "6", "--min-module-size", "12"],
    );
    await run(
      ...["enrich", "--modules", at("modules"), "--gene-sets", at("sets.gmt"), "--out", at("enriched")],
    );
    const found = await readParquetTable(join(at("enriched"), "overlaps.parquet"));
    const [list, set, q] = [found.strings("list"), found.strings("gene_set"), found.numbers("qval")];
    const first = new Map<string, string>();
    list.forEach((name, i) => {
      if (!first.has(name) && q[i]! < 1e-6) first.set(name, set[i]!);
    });
    expect([...first.values()].sort()).toEqual(each(GROUPS, (k) => `set${k}`));
    expect(Math.min(...q.filter((_, i) => set[i] === "random"))).toBeGreaterThan(0.05);
  });

  test("key-genes: the trait's group, its member without a locus, and its set stand out by t and by null GWAS", async () => {
    const out = await run(
      ...["key-genes", "--coregulation", at("coregulation"), "--gwas", at("gwas.tsv")],
      ...["--reference", at("panel"), "--genes", at("genes.bed"), "--gene-sets", at("sets.gmt")],
      ...["--window", "0", "--null-gwas", "300", "--out", at("key")],
    );
    expect(out).toContain("By null GWAS");
    const keys = await readParquetTable(join(at("key"), "key_genes.parquet"));
    const [gene, t, q, byNull] = [
      keys.strings("gene"),
      keys.numbers("t"),
      keys.numbers("qval"),
      keys.numbers("qval_null"),
    ];
    const order = [...gene.keys()].sort((a, b) => t[b]! - t[a]!);
    const first = order.slice(0, SIZE).map((i) => groupOf(Number(gene[i]!.slice(1))));
    expect(first.filter((group) => group === TRAIT).length).toBeGreaterThanOrEqual(22);
    const key = gene.indexOf(`g${KEY}`);
    expect(order.indexOf(key)).toBeLessThan(SIZE);
    expect(q[key]).toBeLessThan(0.01);
    expect(byNull[key]).toBeLessThan(0.01);
    // Its own locus says nothing of it.
    expect(keys.numbers("gene_pval")[key]).toBeGreaterThan(0.01);
    // Genes of no group: the level of what should not be found.
    const wrong = gene.filter((id, i) => groupOf(Number(id.slice(1))) < 0 && q[i]! <= 0.05 && t[i]! > 0);
    expect(wrong.length).toBeLessThanOrEqual(3);
    const sets = await readParquetTable(join(at("key"), "key_pathways.parquet"));
    const byT = sets.numbers("t");
    expect(sets.strings("gene_set")[byT.indexOf(Math.max(...byT))]).toBe(`set${TRAIT}`);
    expect(sets.numbers("qval_null")[TRAIT]).toBeLessThan(0.01);
  });
});
