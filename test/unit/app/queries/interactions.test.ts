import { describe, expect, test } from "vitest";
import { Comparisons } from "../../../../src/app/engine/queries/comparing.ts";
import { SampleContexts } from "../../../../src/app/engine/queries/contexts.ts";
import { ResultQueries } from "../../../../src/app/engine/queries/queries.ts";
import { viewOfResult } from "../../../../src/app/engine/resultView.ts";
import { mapCisInteraction } from "../../../../src/association/interaction/cis.ts";
import { InteractionTables } from "../../../../src/association/interaction/finish.ts";
import type { InteractionResult } from "../../../../src/association/interaction/tables.ts";
import { mapTransInteraction } from "../../../../src/association/interaction/trans.ts";
import { encodePart, memoryParts, partName } from "../../../../src/association/parts.ts";
import type { PairBatch } from "../../../../src/association/tables.ts";
import { buildCohort, type Cohort } from "../../../../src/cohort/cohort.ts";
import { createReferenceBackend } from "../../../../src/compute/reference/backend.ts";
import { bytesSource } from "../../../../src/formats/source.ts";
import { log10TwoSidedT } from "../../../../src/statistics/studentT.ts";
import { openOf } from "../../../helpers/madeResult.ts";
import { memoryTables } from "../../../helpers/memoryTables.ts";
import { plainModel } from "../../../helpers/plainOls.ts";
import { type RandomTables, randomTables, testNormal, testRandom } from "../../../helpers/randomCohort.ts";
import { filled } from "../../../helpers/twoSignals.ts";

const SIZE = { samples: 47, variants: 60, genes: 8, covariates: 1 };
const WINDOW = 20_000;

interface Scene {
  readonly tables: RandomTables;
  readonly cohort: Cohort;
  /** By context: its value in each sample of the genotypes. */
  readonly values: ReadonlyMap<string, readonly number[]>;
  readonly cohorts: ReadonlyMap<string, Cohort>;
}

function scene(): Scene {
  const tables = randomTables(4, SIZE);
  const random = testRandom(9);
  const { samples } = tables.genotypes;
  const values = new Map(["age", "share"].map((name) => [name, samples.map(() => testNormal(random))]));
  const cohorts = new Map(
    [...values].map(([name, own]) => {
      const contexts = { name: "c", samples, covariates: [name], cells: [own.map(String)] };
      return [name, buildCohort({ ...tables, contexts }, { maf: 0 })];
    }),
  );
  return { tables, values, cohorts, cohort: cohorts.get("age")! };
}

/** The tables of maps of one context after the other, as `qortex cis --interaction` or `trans --interaction` writes them. */
async function written(kind: "cis" | "trans", { cohorts }: Scene) {
  const backend = createReferenceBackend();
  const made = memoryTables();
  const results = new Map<string, InteractionResult>();
  const batches: PairBatch[] = [];
  let tables: InteractionTables | undefined;
  for (const [name, cohort] of cohorts) {
    const run =
      kind === "cis"
        ? mapCisInteraction(cohort, { backend, window: WINDOW, mafInteraction: 0.1 })
        : mapTransInteraction(cohort, { backend, pValue: 0.2, distance: 1000, mafInteraction: 0.1 });
    tables ??= await InteractionTables.open({
      ...{ kind, anchor: "tss", genes: run.genes, contexts: 1, metadata: {}, table: made.table, pairs: true },
    });
    if (kind === "cis") {
      for await (const batch of run) {
        if (name === "age") batches.push(batch);
        await tables.write(batch, name);
      }
    } else {
      const parts = memoryParts();
      for await (const part of run.parts()) {
        if (name === "age") batches.push(part.batch);
        await parts.put(partName(part.number, part.piece), encodePart(part));
      }
      const space = { memory: 2 ** 28, scratch: memoryParts() };
      await tables.merge(parts, name, run.result().counts.tests, space);
    }
    results.set(name, run.result());
    await tables.endContext(run.result(), name);
  }
  await tables!.close();
  return { sources: made.sources(), results, batches };
}

describe("a result of interactions with two contexts", () => {
  test.each([
    { wanted: undefined, name: "age", other: "share" },
    { wanted: "share", name: "share", other: "age" },
    { wanted: "not there", name: "age", other: "share" },
  ])(
    "cis, $wanted: genes, pairs, points and null sample of $name, by textbook least squares",
    async ({ wanted, name, other }) => {
      const made = scene();
      const { sources, results } = await written("cis", made);
      const queries = new ResultQueries(openOf("cis", sources, made.cohort));
      // The other context asked for before: nothing of it may be left.
      await queries.pairs(0, other);
      const genes = await queries.genes(wanted);
      const result = results.get(name)!;
      expect([genes.context, genes.contexts]).toEqual([name, ["age", "share"]]);
      expect(genes.id).toEqual(made.cohort.genes.id);
      expect(genes.log10P).toEqual(result.leads.log10P);
      expect(genes.slope).toEqual(result.leads.slope);
      expect(genes.q).toEqual(result.qCorrected);
      expect(genes.log10P).not.toEqual(results.get(other)!.leads.log10P);
      const { tables, values } = made;
      const n = SIZE.samples;
      const covariates = tables.covariates.cells.map((cells) => cells.map(Number));
      const context = values.get(name)!;
      let compared = 0;
      const heights: number[] = [];
      for (const [gene, id] of genes.id.entries()) {
        const pairs = await queries.pairs(gene, wanted);
        expect(pairs.variant).toHaveLength(genes.numVariants[gene]!);
        const y = Array.from(
          { length: n },
          (_, s) => tables.expression.values[Number(id.slice(1)) * n + (n - 1 - s)]!,
        );
        for (const [row, variant] of pairs.variant.entries()) {
          const [chromosome, position] = variant.split(":");
          const v = tables.calls.findIndex(
            (_, at) =>
              tables.genotypes.position.at(at) === Number(position) &&
              tables.genotypes.chromosomeCode.at(at) === (chromosome === "chr1" ? 0 : 1),
          );
          const g = filled(tables.calls[v]!);
          const fit = plainModel(y, [...covariates, context, g, g.map((copies, s) => copies * context[s]!)]);
          const at = covariates.length + 3;
          expect(pairs.slope[row]! / fit.beta[at]!, `${id} ${variant}`).toBeCloseTo(1, 6);
          expect(pairs.slopeSe[row]! / fit.se[at]!).toBeCloseTo(1, 6);
          expect(pairs.log10P[row]).toBeCloseTo(
            log10TwoSidedT(fit.beta[at]! / fit.se[at]!, fit.degreesOfFreedom),
            6,
          );
          compared++;
        }
        heights.push(...pairs.log10P.map((p) => -p));
      }
      expect(compared).toBe(result.counts.tests);
      const { y } = await queries.points(1e6, wanted);
      expect(y.toSorted()).toEqual(Float32Array.from(heights).sort());
      const sample = await queries.nullSample(wanted);
      expect(sample.log10P).toEqual(result.null.log10P);
      expect(sample.lambda).toBe(result.null.lambda);
      const closed = new ResultQueries(openOf("cis", sources));
      expect((await closed.layout()).map(({ name }) => name)).toEqual(["1", "2"]);
      const { says, independent } = (await queries.signals(0, async () => createReferenceBackend(), wanted))!;
      expect(independent).toEqual([]);
      expect(says.join()).toMatch(/not of its interaction with a context/);
    },
  );

  test("says what was found with either context, and is compared by the one that is shown", async () => {
    const made = scene();
    const { sources, results } = await written("cis", made);
    const own = openOf("cis", sources);
    const queries = new ResultQueries(own);
    const view = await viewOfResult(own, queries, []);
    const found = (name: string) => results.get(name)!.qCorrected.filter((q) => q <= 0.05).length;
    const tested = (name: string) => results.get(name)!.leads.numVariants.filter((n) => n > 0).length;
    const sentence = (name: string) =>
      `Of ${tested(name)} genes tested, the effect of a variant within 1 Mb changes with ${name} in ${found(name)} (q ≤ 0.05).`;
    expect(view.lede).toBe(`${sentence("age")} ${sentence("share")}`);
    expect(view.counts).toBeUndefined();
    const compared = new Comparisons(own, queries);
    expect(await compared.add({ ...own, name: "other" })).toEqual([
      { name: "made", samples: 0, genes: SIZE.genes },
      { name: "other", samples: 0, genes: SIZE.genes },
    ]);
    for (const name of ["age", "share"]) {
      const { leads } = results.get(name)!;
      const gene = leads.leadVariant.findIndex((variant) => variant >= 0);
      const pair = { gene: made.cohort.genes.id[gene]!, variant: leads.lead.id[gene]! };
      const effects = await compared.effects(pair, name);
      expect(effects.map(({ slope }) => slope)).toEqual([leads.slope[gene], leads.slope[gene]]);
    }
  });

  test("trans: pairs by variant, those of the first context", async () => {
    const made = scene();
    const { sources, batches } = await written("trans", made);
    const queries = new ResultQueries(openOf("trans", sources, made.cohort));
    const genes = await queries.genes();
    expect(genes.id).toEqual(made.cohort.genes.id);
    let found = 0;
    for (const gene of genes.id.keys()) {
      const { variant, log10P } = await queries.pairs(gene);
      const own = batches.flatMap((batch) =>
        [...batch.gene.keys()]
          .filter((i) => batch.gene[i] === gene)
          .map((i) => ({ id: batch.variants.id[batch.variant[i]!]!, log10P: batch.log10P[i]! })),
      );
      expect(variant).toEqual(own.map(({ id }) => id));
      expect([...log10P]).toEqual(own.map((one) => one.log10P));
      found += variant.length;
    }
    expect(found).toBeGreaterThan(10);
  });
});

describe("contexts of samples", () => {
  const text = ["sample\tage\tbatch", "S2\t40\tx", "S0\t20\ty", "S1\tNA\tx"].join("\n");
  const source = bytesSource(new TextEncoder().encode(`${text}\n`), "contexts.tsv");

  test("are matched by sample, whatever the order; what is no number is missing", async () => {
    const contexts = new SampleContexts(source);
    const samples = ["S0", "S1", "S2", "S3"];
    expect(await contexts.names(samples)).toEqual(["age", "batch"]);
    const values = {
      ...{ samples, genotype: Float64Array.of(0, 1, 2, 1), expression: new Float64Array(4) },
      ...{ residual: new Float64Array(4), effectAllele: "G", otherAllele: "A" },
    };
    const found = await contexts.of(values, "age");
    expect([...found!.context]).toEqual([20, Number.NaN, 40, Number.NaN]);
    expect([...found!.genotype]).toEqual([0, 1, 2, 1]);
    expect(await contexts.of(values, "height")).toBeUndefined();
    expect(await new SampleContexts(undefined).names(samples)).toEqual([]);
  });

  test("come with the pair's samples", async () => {
    const { cohort } = scene();
    const rows = cohort.samples.map((id, s) => `${id}\t${s / 7}`);
    const file = bytesSource(new TextEncoder().encode(`sample\tage\n${rows.join("\n")}\n`), "c.tsv");
    const queries = new ResultQueries({
      ...openOf("cis", new Map(), cohort),
      sides: { contexts: file },
    });
    const [gene] = cohort.genes.id;
    const { id } = await cohort.tables.genotypes.labels(3, 4);
    const pair = { gene: gene!, variant: id[0]! };
    const { context, ...rest } = (await queries.interaction(pair, "age"))!;
    expect(rest).toEqual(await queries.values(pair));
    context.forEach((value, s) => {
      expect(value).toBeCloseTo(s / 7, 12);
    });
    expect(await queries.contexts()).toEqual(["age"]);
  });
});
