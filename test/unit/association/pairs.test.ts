import { describe, expect, test } from "vitest";
import { mapPairs } from "../../../src/association/pairs.ts";
import type { MapRun } from "../../../src/association/tables.ts";
import { mapTrans } from "../../../src/association/trans.ts";
import { buildCohort } from "../../../src/cohort/cohort.ts";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import { readPairs } from "../../../src/formats/lists.ts";
import type { PairList } from "../../../src/formats/tables.ts";
import { inflateGzip } from "../../../src/node/inflate.ts";
import { messageOf, textSource } from "../../helpers/formats.ts";
import { randomTables, testRandom } from "../../helpers/randomCohort.ts";

const backend = createReferenceBackend();

/** `gene variant` of each pair, in output order, with its numbers. */
async function pairsOf(run: MapRun): Promise<Map<string, readonly number[]>> {
  const found = new Map<string, readonly number[]>();
  let part = 0;
  for await (const batch of run) {
    expect(batch.part).toBe(part++);
    batch.variant.forEach((v, i) => {
      const { variants } = batch;
      found.set(`${run.genes.id[batch.gene[i]!]} ${variants.id[v]}`, [
        ...[batch.slope[i]!, batch.slopeSe[i]!, batch.log10P[i]!],
        ...[variants.af[v]!, variants.maSamples[v]!, variants.maCount[v]!],
      ]);
    });
  }
  return found;
}

function listOf(pairs: readonly (readonly [string, string])[]): PairList {
  const [variant, gene] = [pairs.map(([v]) => v), pairs.map(([, g]) => g)];
  return { name: "pairs.tsv", variant, gene, repeated: 0 };
}

describe("a list of pairs", () => {
  test.each([1, 2, 3])(
    "seed %i: each pair found has the numbers of a map of all pairs, to the bit",
    async (seed) => {
      const random = testRandom(seed);
      const tables = randomTables(seed, { samples: 37, variants: 5000, genes: 21, covariates: 2 });
      const all = await pairsOf(mapTrans(buildCohort(tables), { backend, pValue: 1, allPairs: true }));
      const labels = await tables.genotypes.labels(0, 5000);
      const chosen = Array.from({ length: 300 }, (): [string, string] => [
        labels.id[Math.floor(random() * 5000)]!,
        `G${Math.floor(random() * 21)}`,
      ]);
      const distinct = new Map(chosen.map((pair) => [pair.join(" "), pair]));
      const unknown: [string, string][] = [
        ["nowhere", "G1"],
        [labels.id[3]!, "nobody"],
        ["nowhere", "nobody"],
      ];
      const list = [...unknown, ...distinct.values()].sort(() => random() - 0.5);
      const run = mapPairs(buildCohort({ ...tables, pairs: listOf(list) }), { backend });
      const found = await pairsOf(run);
      const result = run.result();
      const untested = run.untested();
      expect(found.size + untested.length, `seed ${seed}`).toBe(list.length);
      expect(result.counts.tests).toBe(found.size);
      for (const [variant, gene] of distinct.values()) {
        expect(found.get(`${gene} ${variant}`), `seed ${seed}, ${gene} ${variant}`).toEqual(
          all.get(`${gene} ${variant}`),
        );
      }
      const reasons = new Map(untested.map((pair) => [`${pair.variant} ${pair.gene}`, pair.reason]));
      expect(unknown.map((pair) => reasons.get(pair.join(" ")))).toEqual([
        "unknown variant",
        "unknown gene",
        "unknown variant and gene",
      ]);
      for (const { variant, gene, reason } of untested) {
        expect(all.has(`${gene} ${variant}`), reason).toBe(false);
        expect(reason).toMatch(/^unknown|^variant (filtered-maf|constant|collinear)$/);
      }
      // By gene in output order, then by variant in source order.
      const place = (key: string): number => {
        const [gene, variant] = key.split(" ") as [string, string];
        return run.genes.id.indexOf(gene) * 5000 + labels.id.indexOf(variant);
      };
      const places = [...found.keys()].map(place);
      expect(places).toEqual([...places].sort((a, b) => a - b));
      // Every variant of the input is in a pair, or among the dropped.
      const dropped = Object.values(result.counts.dropped).reduce((sum, number) => sum + number, 0);
      expect(result.counts.variantsTested + dropped).toBe(5000);
    },
  );

  test("leads are the strongest listed pair of each gene", async () => {
    const tables = randomTables(9, { samples: 40, variants: 200, genes: 5, covariates: 1 });
    const { id } = await tables.genotypes.labels(0, 200);
    const list = listOf(id.flatMap((v) => [[v, "G0"] as const, [v, "G3"] as const]));
    const run = mapPairs(buildCohort({ ...tables, pairs: list }), { backend });
    const found = await pairsOf(run);
    const { leads } = run.result();
    run.genes.id.forEach((gene, g) => {
      const own = [...found].filter(([key]) => key.startsWith(`${gene} `));
      expect(leads.numVariants[g]).toBe(own.length);
      if (own.length === 0) expect(leads.status[g]).toBe("no-variants");
      else expect(leads.log10P[g]).toBe(Math.min(...own.map(([, numbers]) => numbers[2]!)));
    });
  });
});

describe("a file of pairs", () => {
  const genes = new Set(["g1", "g2"]);
  const read = (text: string) => readPairs(textSource(text, "pairs.tsv"), inflateGzip, genes);

  test.each([
    ["variant and gene", "v1 g1\nv2 g2\n"],
    ["gene and variant", "g1 v1\ng2 v2\n"],
    ["a header", "SNP\tgene\nv1\tg1\nv2\tg2\n"],
    ["a table of results", "phenotype_id\tvariant_id\tslope\ng1\tv1\t3\ng2\tv2\t4\n"],
    ["a comment as header, a line twice", "#variant gene\nv1 g1\nv2 g2\nv1 g1\n"],
  ])("%s", async (_, text) => {
    const { variant, gene, repeated } = await read(text);
    expect([variant, gene]).toEqual([
      ["v1", "v2"],
      ["g1", "g2"],
    ]);
    expect(repeated).toBe(text.includes("#") ? 1 : 0);
  });

  test("refuses a single column", async () => {
    expect(await messageOf(read("v1\nv2\n"))).toMatchInlineSnapshot(
      `"pairs.tsv, line 1: has 1 column and no gene in it; every line needs a variant id and a gene id"`,
    );
  });
});
