/** Gene function on a real cross of yeast: co-regulation against plain correlation, members left out of both. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { readAnnotation } from "../../src/formats/annotation.ts";
import { geneComponents } from "../../src/network/components.ts";
import { geneProfiles } from "../../src/network/coregulation.ts";
import { predictFunctions } from "../../src/network/functionPrediction.ts";
import { fileSource } from "../../src/node/files.ts";
import { createBackend } from "../../src/node/index.ts";
import { inflateGzip } from "../../src/node/inflate.ts";
import { dot, standardise } from "../../src/statistics/linalg.ts";
import { rankSum } from "../../src/statistics/rankSum.ts";
import { describeWithShared } from "../helpers/extended.ts";
import { sharedFolder } from "../helpers/shared.ts";

/** Names of the genes of four functions (SGD). */
const FUNCTIONS: Readonly<Record<string, RegExp>> = {
  "cytosolic ribosome": /^RP[LS]\d+[AB]?$/,
  "mitochondrial ribosome": /^MRP[LS]\d+$/,
  "amino acid biosynthesis": /^(HIS|ARG|LEU|LYS|TRP)\d+$/,
  proteasome: /^(PRE|RPN|RPT)\d+$/,
};

describeWithShared("gene function in yeast", ["data", "yeast-cross"], (path) => {
  test("co-regulation ranks held-out members above plain correlation", async () => {
    const text = gunzipSync(readFileSync(path("trigger_yeast.expression.tsv.gz"))).toString();
    const [header, ...lines] = text.trim().split("\n");
    const samples = header!.split("\t").length - 4;
    const gtf = await fileSource(
      join(sharedFolder, "data/annotation/Saccharomyces_cerevisiae.R64-1-1.81.gtf.gz"),
    );
    const known = await readAnnotation(gtf, inflateGzip).finally(() => gtf.close());
    const names: string[] = [];
    const values = new Float64Array(lines.length * samples);
    for (const line of lines) {
      const cells = line.split("\t");
      const row = values.subarray(names.length * samples, (names.length + 1) * samples);
      row.set(cells.slice(4).map(Number));
      if (!standardise(row)) continue;
      names.push(known.genes[known.row.get(cells[0]!) ?? -1]?.symbol || cells[0]!);
    }
    const genes = names.length;
    const sets = Object.values(FUNCTIONS).map((name) =>
      Uint32Array.from(names.flatMap((gene, g) => (name.test(gene) ? [g] : []))),
    );
    expect(sets.map(({ length }) => length)).toEqual([132, 43, 36, 30]);
    const backend = await createBackend("wasm");
    try {
      const rows = values.subarray(0, genes * samples);
      const components = await geneComponents(rows, genes, samples, backend);
      // With so few samples every component is reliable: the least has alpha 0.87.
      expect(components.count).toBe(111);
      const network: number[] = [];
      for await (const one of predictFunctions(geneProfiles(components), sets, backend))
        network.push(one.auc);
      const plain = sets.map((set) => rankSum(meanCorrelation(rows, genes, samples, set), set).auc);
      console.table(
        Object.keys(FUNCTIONS).map((name, i) => ({ name, coregulation: network[i], correlation: plain[i] })),
      );
      const mean = (list: readonly number[]): number => list.reduce((sum, auc) => sum + auc, 0) / list.length;
      expect(Math.min(...network)).toBeGreaterThan(0.89);
      expect(mean(network)).toBeGreaterThan(mean(plain) + 0.005);
    } finally {
      await backend.dispose();
    }
  });
});

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
