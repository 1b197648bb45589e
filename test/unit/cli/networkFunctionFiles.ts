import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect } from "vitest";
import { normalQuantile } from "../../../src/statistics/normal.ts";
import { uniform } from "../../../src/statistics/random.ts";
import { qortex } from "./shell.ts";

/** Inputs of the commands on gene function, made up, in a folder that goes when the tests of the file are done. */
export const scratch = mkdtempSync(join(tmpdir(), "qortex-network-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
export const path = (name: string): string => join(scratch, name);
export const GENES = 90;
const SAMPLES = 40;
export const VARIANTS = 360;

const normal = (stream: number, i: number): number => normalQuantile(uniform(9, stream, i) || 0.5);

/** Three groups of 20 genes that share a factor, 28 without; one constant gene and one with a missing value. */
function writeExpression(): void {
  const lines = [["gene", ...Array.from({ length: SAMPLES }, (_, s) => `s${s}`)].join("\t")];
  for (let g = 0; g < GENES; g++) {
    const group = Math.floor(g / 20);
    const cells = Array.from({ length: SAMPLES }, (_, s) => {
      if (g === 88) return "1";
      if (g === 89 && s === 3) return "NA";
      return (normal(g, s) + (group < 3 ? 1.2 * normal(1000 + group, s) : 0)).toFixed(6);
    });
    lines.push([`g${g}`, ...cells].join("\t"));
  }
  writeFileSync(path("expression.tsv"), `${lines.join("\n")}\n`);
}

function writeSets(): void {
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `g${from + i}`);
  const sets = [
    ["alpha", "first group", ...range(0, 20)],
    ["beta", "second group", ...range(20, 40)],
    ["mixed", "across", ...range(0, 5), ...range(22, 27), ...range(62, 70)],
    ["tiny", "", "g1", "g2"],
  ];
  writeFileSync(path("sets.gmt"), sets.map((set) => set.join("\t")).join("\n"));
}

/** PLINK 1 files of independent variants, four a gene, and a GWAS that the genes of the first group stand out in. */
function writeGenetics(): void {
  const people = 60;
  const stride = people / 4;
  const bed = new Uint8Array(3 + VARIANTS * stride);
  bed.set([0x6c, 0x1b, 0x01]);
  // Codes of a .bed: 00 two copies of A1, 10 one, 11 none.
  const codes = [3, 2, 0];
  for (let v = 0; v < VARIANTS; v++) {
    for (let s = 0; s < people; s++) {
      const copies = uniform(5, v, s) < 0.35 ? 0 : uniform(6, v, s) < 0.7 ? 1 : 2;
      bed[3 + v * stride + (s >> 2)]! |= codes[copies]! << (2 * (s & 3));
    }
  }
  writeFileSync(path("panel.bed"), bed);
  const position = (v: number): number => 100_000 * Math.floor(v / 4) + 1000 + 100 * (v % 4);
  const lines = (make: (i: number) => string, count: number) =>
    Array.from({ length: count }, (_, i) => make(i)).join("\n");
  writeFileSync(path("panel.bim"), `${lines((v) => `1\trs${v}\t0\t${position(v)}\tA\tG`, VARIANTS)}\n`);
  writeFileSync(path("panel.fam"), `${lines((s) => `p${s} p${s} 0 0 0 -9`, people)}\n`);
  const gwas = lines((v) => {
    const z = normal(3000, v) * (v < 80 ? 2.2 : 1);
    return `rs${v}\t1\t${position(v)}\tG\tA\t${z.toFixed(5)}`;
  }, VARIANTS);
  writeFileSync(
    path("gwas.tsv"),
    `variant_id\tchromosome\tposition\teffect_allele\tother_allele\tz\n${gwas}\n`,
  );
  const genes = lines((g) => `1\t${100_000 * g + 500}\t${100_000 * g + 1800 + 10 * g}\tg${g}`, GENES + 1);
  writeFileSync(path("genes.bed"), `#chr\tstart\tend\tid\n${genes}\n`);
}

/** The inputs, and a co-regulation network of 12 components in `net`. */
export async function makeNetwork(): Promise<void> {
  writeExpression();
  writeSets();
  writeGenetics();
  await ok(
    ...["coregulation", "--expression", path("expression.tsv"), "--out", path("net")],
    ...["--components", "12", "--p-value", "0.05"],
  );
}

/** Runs `qortex network ...`, which must succeed; what it printed. */
export const ok = async (...args: string[]): Promise<string> => {
  const { code, out, err } = await qortex(["network", ...args]);
  expect(code, err).toBe(0);
  return out;
};
