/** plink2 --score on the generated cohort: sums of weights times copies, missing calls at the mean. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { scoresOf } from "../../src/association/scores/scores.ts";
import { readWeights } from "../../src/formats/weights.ts";
import { fileSource } from "../../src/node/files.ts";
import { inflateGzip } from "../../src/node/inflate.ts";
import { expectAllWithin } from "../helpers/compare.ts";
import { describeWithShared, scratchFolder, withCohort } from "../helpers/extended.ts";
import { testRandom } from "../helpers/randomCohort.ts";

describeWithShared("plink2 --score", ["expected"], (path) => {
  const folder = scratchFolder();

  test("a score of 400 variants, half of them by their other allele, some with missing calls", async () => {
    const random = testRandom(1);
    const lines = readFileSync(path("input", "geno.bim"), "utf8")
      .trim()
      .split("\n")
      .filter((_, i) => i % 5 === 0);
    const weights = join(folder, "weights.tsv");
    const complement: Readonly<Record<string, string>> = { A: "T", C: "G", G: "C", T: "A" };
    const rows = lines
      .map((line) => line.split(/\s+/))
      .filter(([, , , , a, b]) => complement[a!] !== b)
      .map(([, id, , , a, b]) => {
        const turned = random() < 0.5;
        return `${id}\t${turned ? b : a}\t${turned ? a : b}\t${(random() - 0.5).toFixed(4)}\n`;
      });
    writeFileSync(weights, `variant_id\teffect_allele\tother_allele\tweight\n${rows.join("")}`);
    const out = join(folder, "score");
    const input = ["--bfile", path("input", "geno"), "--allow-extra-chr", "--threads", "1"];
    const score = ["--score", weights, "1", "2", "4", "header", "cols=+scoresums"];
    execFileSync("plink2", [...input, ...score, "--out", out], { stdio: "ignore" });
    const [header, ...body] = readFileSync(`${out}.sscore`, "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split(/\s+/));
    const sums = new Map(
      body.map((cells) => [
        cells[header!.findIndex((name) => /IID$/.test(name))]!,
        Number(cells[header!.indexOf("SCORE1_SUM")]),
      ]),
    );
    const files = { genotypes: path("input", "geno"), expression: path("input", "expr.bed.gz") };
    const [ours, samples] = await withCohort(files, { maf: 0 }, async (cohort) => {
      const source = await fileSource(weights);
      const table = await readWeights(source, inflateGzip, false).finally(() => source.close());
      return [
        (await scoresOf(cohort, { name: "s", table, thresholds: [] }, 2 ** 28))[0]!,
        cohort.samples,
      ] as const;
    });
    expect(ours.used).toBe(rows.length);
    expect(ours.counts.swapped).toBeGreaterThan(100);
    // Six digits printed.
    expectAllWithin(
      "score",
      samples.length,
      2e-5,
      (i) => Math.abs(ours.values[i]! - sums.get(samples[i]!)!),
      (i) => samples[i]!,
    );
  });
});
