/**
 * Writes expression made up, as `expression.tsv` in --out: genes in groups that share a factor, the factors' strengths falling (a few strong, many weak), and noise. With
 * `sets.gmt`, a set for each group. Seeded: the same arguments give the same files.
 *
 * node bench/run.mjs bench/expression.ts --genes 20000 --samples 1000 --groups 200 --out DIR
 */

import { once } from "node:events";
import { createWriteStream, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { randomNormal } from "../src/statistics/randomNormal.ts";
import { readArguments } from "./arguments.ts";

const defaults = { genes: 20_000, samples: 1000, groups: 200, seed: 1, out: ".cache/bench/expression" };
const { genes, samples, groups, seed, out } = readArguments(defaults);
mkdirSync(out, { recursive: true });
const factors = Array.from({ length: groups }, (_, k) =>
  Float64Array.from({ length: samples }, (_, s) => randomNormal(seed, k, s)),
);
const groupOf = (gene: number): number => (gene * 7919) % (2 * groups);
const file = createWriteStream(join(out, "expression.tsv"));
file.write(`gene\t${Array.from({ length: samples }, (_, s) => `s${s}`).join("\t")}\n`);
for (let g = 0; g < genes; g++) {
  const factor = factors[groupOf(g)];
  const strength = factor === undefined ? 0 : 2 / Math.sqrt(1 + groupOf(g) / 10);
  const row = Array.from({ length: samples }, (_, s) => {
    // All genes share a little of the first ten, as of cell types.
    const shared = (factors[g % 10]?.[s] ?? 0) * 0.3;
    return (8 + randomNormal(seed, 100_000 + g, s) + strength * (factor?.[s] ?? 0) + shared).toFixed(3);
  });
  if (!file.write(`g${g}\t${row.join("\t")}\n`)) await once(file, "drain");
}
file.end();
await once(file, "finish");
const members: string[][] = Array.from({ length: groups }, () => []);
for (let g = 0; g < genes; g++) members[groupOf(g)]?.push(`g${g}`);
writeFileSync(
  join(out, "sets.gmt"),
  `${members.map((own, k) => [`group${k}`, "", ...own].join("\t")).join("\n")}\n`,
);
