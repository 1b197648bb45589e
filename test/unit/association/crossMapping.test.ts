import { describe, expect, test } from "vitest";
import { geneNumbers } from "../../../src/association/trans/crossMapping.ts";
import { mapTrans } from "../../../src/association/trans.ts";
import { buildCohort } from "../../../src/cohort/cohort.ts";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import { readCrossMapping } from "../../../src/formats/crossMapping.ts";
import { inflateGzip } from "../../../src/node/inflate.ts";
import { collect } from "../../helpers/collect.ts";
import { messageOf, textSource } from "../../helpers/formats.ts";
import { randomTables, testRandom } from "../../helpers/randomCohort.ts";

const DISTANCE = 4_000;
const NEAR = 6_000;

describe("trans pairs that cross-map", () => {
  test.each([1, 2, 3])("are left out of the map, the counts and the permutations: seed %i", async (seed) => {
    const random = testRandom(seed + 100);
    const tables = randomTables(seed, { samples: 30, variants: 120, genes: 10, covariates: 2 });
    const cohort = buildCohort(tables, { maf: 0 });
    const { id, start, end, chromosome } = cohort.genes;
    const gene = (): number => Math.floor(random() * id.length);
    const scores = Array.from({ length: 12 }, () => [gene(), gene(), random() < 0.3 ? 0 : 2] as const);
    const listed = Array.from(
      { length: 40 },
      () => [Math.floor(random() * 120), gene(), random() * 0.1] as const,
    );
    const regions = Array.from({ length: 8 }, () => {
      const from = Math.floor(random() * 50_000);
      return ["1", from, from + 1 + Math.floor(random() * 9_000), gene(), random() * 0.1] as const;
    });
    const named = (v: number): string => {
      const { chromosomes, chromosomeCode, position } = tables.genotypes;
      return `${chromosomes[chromosomeCode.at(v)!]}:${position.at(v)}:A:G`;
    };
    const inReach = (v: number, g: number, reach: number): boolean => {
      const { chromosomes, chromosomeCode, position } = tables.genotypes;
      const same = chromosomes[chromosomeCode.at(v)!] === `chr${chromosome[g]}`;
      return same && position.at(v)! >= start[g]! - reach && position.at(v)! <= end[g]! + reach;
    };
    const forms: Record<string, { text: string; hit: (v: number, g: number) => boolean }> = {
      genes: {
        text: scores.map(([a, b, score]) => `${id[a]}\t${id[b]}\t${score}\n`).join(""),
        hit: (v, g) =>
          scores.some(
            ([a, b, score]) =>
              a !== b && score > 0 && ((a === g && inReach(v, b, NEAR)) || (b === g && inReach(v, a, NEAR))),
          ),
      },
      variants: {
        text: `variant_id gene fraction\n${listed.map(([v, g, f]) => `${named(v)} ${id[g]} ${f}\n`).join("")}`,
        hit: (v, g) => listed.some(([w, h, f]) => v === w && g === h && f >= 0.05),
      },
      regions: {
        text: `#chr start end gene fraction\n${regions.map(([c, s, e, g, f]) => `${c} ${s} ${e} ${id[g]} ${f}\n`).join("")}`,
        hit: (v, g) =>
          regions.some(([, s, e, h, f]) => {
            const { chromosomeCode, position } = tables.genotypes;
            const inside = chromosomeCode.at(v) === 0 && position.at(v)! > s && position.at(v)! <= e;
            return inside && g === h && f >= 0.05;
          }),
      },
    };
    const backend = createReferenceBackend();
    const options = { backend, pValue: 1, distance: DISTANCE };
    const whole = await collect(mapTrans(cohort, options));
    for (const [form, { text, hit }] of Object.entries(forms)) {
      const crossMapping = await readCrossMapping(textSource(text, form), inflateGzip, geneNumbers(id));
      expect(crossMapping.kind).toBe(form);
      const run = mapTrans(cohort, { ...options, crossMapping, crossMappingDistance: NEAR, permutations: 1 });
      const kept = await collect(run);
      const number = new Map(Array.from({ length: 120 }, (_, v) => [named(v), v]));
      const out = whole.variant.map((name, i) => hit(number.get(name)!, id.indexOf(whole.gene[i]!)));
      const left = [...whole.row.keys()].filter((_, i) => !out[i]);
      expect(
        out.some((one) => one),
        `${form}, seed ${seed}`,
      ).toBe(true);
      expect([...kept.row.keys()], `${form}, seed ${seed}`).toEqual(left);
      const { counts, crossMapped, permutations } = run.result();
      expect([counts.tests, crossMapped!.tests]).toEqual([left.length, out.length - left.length]);
      expect(crossMapped!.gene.length).toBe(out.length - left.length);
      expect(permutations!.pair.permuted).toBe(left.length);
    }
  });

  test("gene versions are no difference, and other forms are refused", async () => {
    const numberOf = geneNumbers(["ENSG00000000001.7", "plain.1"]);
    expect(["ENSG00000000001.2", "ENSG00000000001", "plain.1", "plain"].map(numberOf)).toEqual([0, 0, 1, -1]);
    const read = (text: string) => readCrossMapping(textSource(text, "cross.txt"), inflateGzip, numberOf);
    const messages = [
      "a b\n",
      "A plain.1 x\n",
      "A B 3\n",
      "variant_id gene fraction\nv1 plain.1\n",
      "chr start end gene fraction\n1 9 9 plain.1 1\n",
      "",
    ];
    expect(await Promise.all(messages.map((text) => messageOf(read(text))))).toMatchInlineSnapshot(`
      [
        "cross.txt, line 1: 2 columns (a, b) that are none of the three forms; give gene1 gene2 score, or a header chromosome start end gene fraction, or variant_id gene fraction",
        "cross.txt, line 1: 3 columns (A, plain.1, x) that are none of the three forms; give gene1 gene2 score, or a header chromosome start end gene fraction, or variant_id gene fraction",
        "cross.txt: none of its genes (A, B) is in the expression; use the ids of the expression file",
        "cross.txt, line 2: has 2 columns; every line needs the same columns",
        "cross.txt, line 2: the region "9 9" is none; start and end are whole numbers, as in a BED",
        "cross.txt: is empty (0 bytes)",
      ]
    `);
  });
});
