import { describe, expect, it } from "vitest";
import { GeneFinder } from "../../../src/association/geneIds.ts";
import { buildCohort, type Cohort } from "../../../src/cohort/cohort.ts";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import type { Threads } from "../../../src/compute/threads.ts";
import { CancelledError, InputError, LimitError, UsageError } from "../../../src/errors.ts";
import { readNamedColumns } from "../../../src/formats/namedColumns.ts";
import { bytesSource } from "../../../src/formats/source.ts";
import { spawnThread } from "../../../src/node/threads.ts";
import { type FinemapOptions, finemap, type GeneFinemap, switchedIn } from "../../../src/targets/finemap.ts";
import { summaryStatistics } from "../../../src/targets/summaryStatistics.ts";
import { memoryGenotypes, testNormal, testRandom } from "../../helpers/randomCohort.ts";

const N = 120;
const CAUSAL = 17;

/** One chromosome, 40 variants in short linkage, four genes: 0 follows variant 17, 1 nothing, 2 is constant, 3 is far. */
function madeCohort(model: "ols" | "qtltools" = "ols"): Cohort {
  const next = testRandom(11);
  const samples = Array.from({ length: N }, (_, s) => `S${s}`);
  const calls: number[][] = [];
  for (let v = 0; v < 40; v++) {
    const frequency = 0.2 + 0.3 * next();
    const before = calls[v - 1];
    calls.push(
      samples.map((_, s) => {
        if (before !== undefined && v % 5 > 0 && next() < 0.8) return before[s]!;
        return Number(next() < frequency) + Number(next() < frequency);
      }),
    );
  }
  calls[3] = samples.map(() => 1); // monomorphic: never tested
  const variants = calls.map((own, v) => ({ chromosome: "1", position: 1000 + 10 * v, calls: own }));
  const age = samples.map(() => testNormal(next));
  const values = new Float64Array(4 * N);
  for (let s = 0; s < N; s++) {
    values[s] = 2 * calls[CAUSAL]![s]! + 3 * age[s]! + testNormal(next);
    values[N + s] = testNormal(next);
    values[2 * N + s] = 5;
    values[3 * N + s] = testNormal(next);
  }
  return buildCohort(
    {
      genotypes: memoryGenotypes(samples, variants),
      expression: {
        name: "expression",
        ...{ samples, id: ["followed", "quiet", "constant", "far"], chromosome: ["1", "1", "1", "1"] },
        ...{
          start: Int32Array.of(1100, 1150, 1200, 9_000_000),
          end: Int32Array.of(1200, 1250, 1300, 9_000_100),
        },
        ...{ strand: ["+", "+", "+", "+"], values },
      },
      covariates: { name: "covariates", samples, covariates: ["age"], cells: [age.map(String)] },
    },
    { model },
  );
}

async function all(cohort: Cohort, options: Partial<FinemapOptions> = {}): Promise<GeneFinemap[]> {
  const found: GeneFinemap[] = [];
  const run = finemap(cohort, { backend: createReferenceBackend(), window: 1000, ...options });
  for await (const one of run) found.push(one);
  return found;
}

async function summaryOf(text: string, cohort: Cohort) {
  const source = bytesSource(new TextEncoder().encode(text), "summary.tsv");
  const inflate = () => {
    throw new Error("not compressed");
  };
  return summaryStatistics(await readNamedColumns(source, inflate), cohort);
}

/** The cohort's own tests of a gene as summary statistics. */
function statistics({ variants, slope, slopeSe }: GeneFinemap, swap: (row: number) => boolean): string {
  const rows = variants.id.map((id, i) => {
    const [a, b] = [variants.effectAllele[i]!, variants.otherAllele[i]!];
    const own = swap(i) ? [b, a, -slope[i]!] : [a, b, slope[i]!];
    return ["followed", id, ...own, slopeSe[i]!].join("\t");
  });
  return `phenotype_id\tvariant_id\teffect_allele\tother_allele\tslope\tslope_se\n${rows.join("\n")}\n`;
}

describe("fine-mapping a cohort", () => {
  it("finds what a gene follows, and accounts for every gene", async () => {
    const cohort = madeCohort();
    const [followed, quiet, constant, far] = await all(cohort);
    expect([followed, quiet, constant, far].map((one) => one!.status)).toEqual([
      ...["ok", "ok", "constant", "no-variants"],
    ]);
    expect(followed!.variants.id).toHaveLength(39);
    const [set] = followed!.sets;
    expect(Array.from(set!.variants, (v) => followed!.variants.id[v])).toContain(
      `1:${1000 + 10 * CAUSAL}:A:G`,
    );
    expect(quiet!.sets).toEqual([]);
    // The effect of the set in expression per allele: near the 2 it was made with.
    const { fit, scale } = followed!;
    const first = set!.effect * fit!.variants;
    const effect = Array.from(scale, (unit, v) => fit!.alpha[first + v]! * fit!.mu[first + v]! * unit);
    expect(Math.abs(effect.reduce((sum, value) => sum + value, 0) - 2)).toBeLessThan(0.3);
  });

  it("gives the same from the cohort's own statistics, whichever allele they count", async () => {
    const cohort = madeCohort();
    const [own] = await all(cohort, { estimateResidualVariance: false });
    for (const swap of [() => false, (row: number) => row % 3 === 0]) {
      const summary = await summaryOf(statistics(own!, swap), cohort);
      const [from] = await all(cohort, { summary, estimateResidualVariance: false });
      const apart = from!.fit!.pip.map((pip, v) => Math.abs(pip - own!.fit!.pip[v]!));
      expect(Math.max(...apart)).toBeLessThan(1e-6);
      expect(summary.counts.swapped).toBe(swap(0) ? 13 : 0);
    }
  });

  it("takes A1 for the counted allele where a table has REF and ALT too, as plink2's", async () => {
    const header = "phenotype_id\tvariant_id\tREF\tALT\tA1\tZ\n";
    const summary = await summaryOf(
      `${header}followed\tx\tA\tG\tG\t2\nfollowed\ty\tA\tG\tA\t2\n`,
      madeCohort(),
    );
    expect([summary.z(0, "x", "G", "A"), summary.z(0, "y", "G", "A")]).toEqual([2, -2]);
  });

  it("counts the people that statistics come from: a number, a column, or the cohort's", async () => {
    const cohort = madeCohort();
    const [own] = await all(cohort, { estimateResidualVariance: false });
    const text = statistics(own!, () => false);
    const people = own!.observations;
    expect(people).toBe(N - 1);
    const sized = (n: (row: number) => number): string =>
      text
        .split("\n")
        .map((line, i) => (line === "" ? "" : `${line}\t${i === 0 ? "n" : n(i - 1)}`))
        .join("\n");
    const fitted = async (table: string, n?: number) =>
      (
        await all(cohort, { summary: await summaryOf(table, cohort), n, estimateResidualVariance: false })
      )[0]!;
    const plain = await fitted(text);
    for (const same of [
      await fitted(text, people),
      await fitted(sized(() => people)),
      await fitted(
        sized(() => 9),
        people,
      ),
    ]) {
      expect(same.fit).toEqual(plain.fit);
      expect([...same.log10P]).toEqual([...plain.log10P]);
    }
    // The same z of ten times the people is a smaller share of the variance, and no smaller a p.
    const large = await fitted(text, 1190);
    const uneven = await fitted(sized((row) => (row % 2 === 0 ? 1190 : 500)));
    expect([large.observations, uneven.observations]).toEqual([1190, 1190]);
    plain.slope.forEach((slope, v) => {
      const z = slope / plain.slopeSe[v]!;
      const r = z / Math.sqrt(z * z + 1188);
      expect(large.slope[v]! / large.slopeSe[v]!, `variant ${v}`).toBeCloseTo(z, 9);
      expect(large.slope[v]! / large.scale[v]!, `variant ${v}`).toBeCloseTo(r, 12);
      const apart = uneven.slope[v]! / uneven.slopeSe[v]!;
      expect(apart, `variant ${v}`).toBeCloseTo(z, 9);
      expect(large.log10P[v]!).toBeLessThanOrEqual(plain.log10P[v]!);
    });
    await expect(
      summaryOf(
        sized((row) => (row === 3 ? 0 : 100)),
        cohort,
      ),
    ).rejects.toThrow(/n is 0/);
  });

  it("says which statistics do not fit the LD, and how many sets were lost to the purity rule", async () => {
    const cohort = madeCohort();
    const [own] = await all(cohort);
    const at = own!.variants.id.indexOf(`1:${1000 + 10 * (CAUSAL + 1)}:A:G`);
    const rows = statistics(own!, () => false).split("\n");
    const cells = rows[at + 1]!.split("\t");
    rows[at + 1] = [...cells.slice(0, 4), String(-Number(cells[4])), cells[5]].join("\t");
    const [good] = await all(cohort, {
      summary: await summaryOf(
        statistics(own!, () => false),
        cohort,
      ),
    });
    const [bad] = await all(cohort, { summary: await summaryOf(rows.join("\n"), cohort) });
    expect([own!.check, switchedIn(good!.check!)]).toEqual([undefined, []]);
    expect(good!.check!.lambda).toBeLessThan(0.05);
    // In so small a window one wrong sign makes the whole LD look wrong.
    expect(bad!.check!.lambda).toBeGreaterThan(0.5);
    const strict = (await all(cohort, { minCorrelation: 1 }))[0]!;
    expect(strict.impure + strict.sets.length).toBeGreaterThan(0);
    expect(strict.impure - own!.impure).toBe(own!.sets.filter((one) => one.minCorrelation < 1).length);
    expect(strict.sets.length + strict.impure).toBe(own!.sets.length + own!.impure);
  });

  it("gives the same bits on any number of threads, and with little memory", async () => {
    const cohort = madeCohort();
    const [own] = await all(cohort);
    const summary = await summaryOf(
      statistics(own!, () => false),
      cohort,
    );
    for (const given of [{}, { summary }]) {
      const plain = await all(cohort, given);
      for (const count of [0, 1, 2, 3]) {
        const threads = { count, spawn: spawnThread };
        expect(await all(cohort, { ...given, threads }), `${count} threads`).toEqual(plain);
        expect(await all(cohort, { ...given, threads, memory: 100_000 })).toEqual(plain);
      }
    }
  });

  it("says what a thread fails with, and stops when it is told to", async () => {
    const cohort = madeCohort();
    const refusing =
      "globalThis.onmessage = () => postMessage({ type: 'failed', tag: 'usage', message: 'refused' })";
    const refused: Threads = { count: 2, spawn: (_, events) => spawnThread(refusing, events) };
    await expect(all(cohort, { threads: refused })).rejects.toThrow(new UsageError("refused"));
    const broken: Threads = { count: 2, spawn: (_, events) => spawnThread("throw new Error('no')", events) };
    await expect(all(cohort, { threads: broken })).rejects.toThrow(/a worker thread failed: no/);
    const silent: Threads = {
      count: 2,
      spawn: (_, events) => spawnThread("globalThis.onmessage = () => {}", events),
    };
    await expect(all(cohort, { threads: silent, signal: AbortSignal.timeout(200) })).rejects.toThrow(
      CancelledError,
    );
  });

  it("finds a gene by its Ensembl id whatever the version, where no other gene has that", async () => {
    const ids = ["ENSG00000000001.5", "ENSG00000000002.1", "ENSG00000000002.2", "ENSG00000000003"];
    const finder = new GeneFinder(ids);
    const asked = ["ENSG00000000001.5", "ENSG00000000001", "ENSG00000000001.9", "ENSG00000000002"];
    const others = ["ENSG00000000002.2", "ENSG00000000003.7", "ENSG00000000004.5", "gene.5"];
    expect([...asked, ...others].map((id) => finder.find(id))).toEqual([
      ...[0, 0, 0, undefined],
      ...[2, 3, undefined, undefined],
    ]);
    expect(finder.otherVersion).toEqual(["ENSG00000000001", "ENSG00000000001.9", "ENSG00000000003.7"]);
  });

  it("refuses what it cannot do", async () => {
    await expect(all(madeCohort("qtltools"))).rejects.toThrow(UsageError);
    await expect(all(madeCohort(), { memory: 50_000 })).rejects.toThrow(LimitError);
    await expect(all(madeCohort(), { memory: 50_000 })).rejects.toThrow(
      /gene followed: fine-mapping 40 variants/,
    );
    const cohort = madeCohort();
    const header = "phenotype_id\tvariant_id\tz\n";
    await expect(summaryOf("gene\tvariant\tp\nfollowed\tx\t1\n", cohort)).rejects.toThrow(
      /neither a column z/,
    );
    await expect(summaryOf(`${header}followed\tx\tbig\n`, cohort)).rejects.toThrow(/followed x: z is big/);
    await expect(summaryOf(`${header}followed\tx\t1\nfollowed\tx\t2\n`, cohort)).rejects.toThrow(
      /occurs twice/,
    );
    await expect(summaryOf(`${header}other\tx\t1\n`, cohort)).rejects.toThrow(InputError);
    const [none] = await all(cohort, {
      summary: await summaryOf(`${header}followed\tx\t1\nquiet\ty\tNA\n`, cohort),
    });
    expect(none!.status).toBe("no-statistics");
  });
});
