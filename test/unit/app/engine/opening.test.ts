/** Which cohort and which files the engine shows a result with. */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createEngine, type EngineMethods } from "../../../../src/app/engine/engine.ts";
import type { CisJob, CohortChoice, GivenFile, ResultFile } from "../../../../src/app/engine/protocol.ts";
import { openResultFiles } from "../../../../src/app/engine/result.ts";
import { KeptRuns } from "../../../../src/app/engine/store/keptRuns.ts";
import {
  covariateRows,
  expressionBed,
  plinkTrio,
  sampleIds,
  tableText,
  textFile,
  vcfFile,
} from "../../../helpers/cohortFiles.ts";
import { madeTable } from "../../../helpers/madeResult.ts";

const JOB: CisJob = {
  ...{ kind: "cis", window: 5000, permutations: 0, seed: 1, backend: "reference", threads: 0 },
};
const IDS = sampleIds(20);
const VCF: GivenFile[] = [
  vcfFile("a.vcf", IDS, 12),
  expressionBed("e.bed", IDS, 4),
  textFile("covariates.txt", tableText(covariateRows(IDS, 2))),
];
const choice = (files: readonly GivenFile[], others: Partial<CohortChoice> = {}): CohortChoice => ({
  ...{ maf: 0.01, transform: "none" as const, files },
  ...others,
});

beforeAll(() => {
  // No storage and no GPU.
  vi.stubGlobal("navigator", { hardwareConcurrency: 1, userAgent: "a test" });
});
afterAll(() => {
  vi.unstubAllGlobals();
});

/** The open result as the command line leaves it in a folder. */
async function written(engine: EngineMethods, manifest: unknown, folder: string): Promise<GivenFile[]> {
  const { files } = manifest as { readonly files: readonly { readonly name: string }[] };
  const tables = await Promise.all(
    files.map(async ({ name }) => ({
      name: `${folder}/${name}`,
      file: await engine.exportTable(name.replace(".parquet", ""), "parquet"),
    })),
  );
  return [...tables, textFile(`${folder}/manifest.json`, JSON.stringify(manifest))];
}

/** A map of `files`, and the engine that made it. */
async function mapped(files: readonly GivenFile[]) {
  const engine = createEngine(() => {});
  await engine.open(choice(files));
  const view = await engine.run(JOB);
  return { engine, view, result: await written(engine, view.manifest, "one") };
}

/** LD of the first gene's first variant with itself: 1 where genotypes can be read. */
async function ownLd(engine: EngineMethods): Promise<number | undefined> {
  const { variant } = await engine.pairs(0);
  return (await engine.ld(variant[0]!, [variant[0]!]))?.[0];
}

describe("results from elsewhere", () => {
  test("have ids of their own, so that no answer of one is shown for another", async () => {
    const { engine, result } = await mapped(VCF);
    const ids = [await engine.openResult(result), await engine.openResult(result)].map(({ id }) => id);
    expect(new Set(ids).size).toBe(2);
    expect(ids).not.toContain("");
  });

  test("are shown with the cohort they are of, and with no other", async () => {
    const { engine, result } = await mapped(VCF);
    await engine.open(choice(VCF));
    expect(await engine.openResult(result)).toMatchObject({ cohort: true, messages: [] });
    expect(await ownLd(engine)).toBeCloseTo(1, 12);
    const others: [why: string, choice: CohortChoice][] = [
      ["it has 19 samples, the result 20", choice([vcfFile("a.vcf", IDS.slice(1), 12), ...VCF.slice(1)])],
      ["its degrees of freedom: 18, the result's: 16", choice(VCF.slice(0, 2))],
      ["its maf: 0.05, the result's: 0.01", choice(VCF, { maf: 0.05 })],
      ["its transform: inverse-normal, the result's: none", choice(VCF, { transform: "inverse-normal" })],
      ["genotypes vcf", choice([vcfFile("a.vcf", IDS, 13), ...VCF.slice(1)])],
      ["it has no genotypes vcf, the result has", choice([...plinkTrio("a", IDS, 12), ...VCF.slice(1)])],
    ];
    for (const [why, other] of others) {
      await engine.open(other);
      const view = await engine.openResult(result);
      expect(view.cohort, why).toBe(false);
      expect(view.messages.map(({ text }) => text).join(), why).toContain(why);
      expect(await ownLd(engine), why).toBeUndefined();
    }
  });

  test("bring the files beside them, cohort or none", async () => {
    const { engine: maker, result } = await mapped(VCF);
    const engine = createEngine(() => {});
    const rows = [["rsid", "chromosome", "position", "effect_allele", "other_allele", "beta", "se", "p"]];
    rows.push(["v1", "1", "1000", "G", "A", "0.5", "0.05", "1e-20"]);
    const genes = [["chr", "start", "end", "gene"]];
    genes.push(["1", "100", "900", "beside"]);
    const beside: GivenFile[] = [
      textFile("trait.txt", tableText(rows)),
      { ...textFile("models.bed", tableText(genes)), role: "annotation" },
    ];
    expect((await engine.openResult([...result, ...beside])).cohort).toBe(false);
    const region = { chromosome: "1", start: 1, end: 5000 };
    const alone = await engine.region(region);
    expect([alone.gwas?.variant, alone.genes.map(({ id }) => id)]).toEqual([["v1"], ["beside"]]);
    expect((await engine.gwasLoci()).loci.map(({ variant }) => variant)).toEqual(["v1"]);
    await maker.openResult([...result, ...beside]);
    expect((await maker.region(region)).gwas?.variant).toEqual(["v1"]);
    expect(await ownLd(maker)).toBeCloseTo(1, 12);
  });

  test("name every GWAS that they are shown with, of the cohort, beside them or dropped for a kept run", async () => {
    const trait = (name: string, z: number): GivenFile => {
      const header = ["chromosome", "position", "effect_allele", "other_allele", "z"];
      return textFile(name, tableText([header, ["1", "1000", "G", "A", String(z)]]));
    };
    const ofCohort = [trait("gwas-bmi.tsv", 7), trait("gwas-height.tsv", 8)];
    const { engine, view, result } = await mapped([...VCF, ...ofCohort]);
    expect(view.gwas).toEqual(["gwas-bmi.tsv", "gwas-height.tsv"]);
    const z = async (name?: string) =>
      (await engine.region({ chromosome: "1", start: 1, end: 5000 }, name)).gwas?.z[0];
    expect([await z(), await z("gwas-height.tsv")]).toEqual([7, 8]);
    const open = await engine.openResult([...result, trait("gwas-lipids.tsv", 9)]);
    expect(open.gwas).toEqual(["gwas-lipids.tsv", "gwas-bmi.tsv", "gwas-height.tsv"]);
    // Without storage nothing of a cohort is kept with a run.
    expect((await engine.reopen(view.id)).gwas).toEqual([]);
    expect((await engine.reopen(view.id, [trait("gwas-lipids.tsv", 9)])).gwas).toEqual(["gwas-lipids.tsv"]);
  });

  test("have those of the cohort that is open, but for what comes beside them", async () => {
    const { engine, result } = await mapped(VCF);
    const genes = (id: string): GivenFile => ({
      ...textFile(
        `${id}.bed`,
        tableText([
          ["chr", "start", "end", "gene"],
          ["1", "100", "900", id],
        ]),
      ),
      role: "annotation",
    });
    const region = { chromosome: "1", start: 1, end: 5000 };
    const shown = async () => (await engine.region(region)).genes.map(({ id }) => id);
    await engine.open(choice([...VCF, genes("own")]));
    expect((await engine.openResult(result)).cohort).toBe(true);
    expect(await shown()).toEqual(["own"]);
    await engine.openResult([...result, genes("beside")]);
    expect(await shown()).toEqual(["beside"]);
  });

  test("are of other people where the files have the same sizes", async () => {
    const { engine, result } = await mapped(VCF);
    const others = sampleIds(20, "T");
    await engine.open(
      choice([
        vcfFile("a.vcf", others, 12),
        expressionBed("e.bed", others, 4),
        textFile("covariates.txt", tableText(covariateRows(others, 2))),
      ]),
    );
    const view = await engine.openResult(result);
    expect(view.cohort).toBe(false);
    expect(view.messages.map(({ text }) => text).join()).toMatch(/its samples: 20 \(/);
  });
});

describe("the cohort behind a result", () => {
  test("is read as long as the result is open, whatever is opened meanwhile", async () => {
    const { engine } = await mapped(VCF);
    const other = sampleIds(15, "T");
    await engine.open(choice([vcfFile("b.vcf", other, 6), expressionBed("e2.bed", other, 3)]));
    expect(await ownLd(engine)).toBeCloseTo(1, 12);
    await expect(async () => engine.open(choice(VCF.slice(1)))).rejects.toThrow(/Genotypes are missing/);
    expect(await ownLd(engine)).toBeCloseTo(1, 12);
  });

  test("of a kept run leaves the cohort open that the person chose", async () => {
    // Kept runs without storage have no inputs: `reopen` then shows the result alone.
    const { engine, view } = await mapped(VCF);
    const other = sampleIds(15, "T");
    const files = [vcfFile("b.vcf", other, 6), expressionBed("e2.bed", other, 3)];
    await engine.open(choice(files));
    expect(await engine.reopen(view.id)).toMatchObject({ id: view.id, cohort: false });
    const next = await engine.run(JOB);
    expect(next).toMatchObject({ samples: 15, title: "cis-eQTL map · b.vcf × e2.bed" });
  });
});

describe("a kept run", () => {
  test("whose cohort cannot be read is opened with its tables, and the file is named", async () => {
    const { engine, view } = await mapped(VCF);
    const broken = [textFile("a.vcf", "##fileformat=VCFv4.2\n"), ...VCF.slice(1)];
    const inputs = vi.spyOn(KeptRuns.prototype, "inputs").mockResolvedValue(broken);
    const open = await engine.reopen(view.id);
    expect(open).toMatchObject({ id: view.id, cohort: false, tables: view.tables });
    const [message] = open.messages.filter(({ level }) => level === "warning");
    expect(message?.text).toMatch(/^The cohort that was kept with this run cannot be read \(.*a\.vcf/);
    expect(message?.text).toContain("Forget the run");
    inputs.mockRestore();
  });
});

describe("a cohort that was asked for", () => {
  test("is the one that is answered, and the one that a run takes", async () => {
    const { engine } = await mapped(VCF);
    const other = sampleIds(15, "T");
    const asked = choice([vcfFile("b.vcf", other, 6), expressionBed("e2.bed", other, 3)]);
    expect(await engine.open(asked)).toMatchObject({ samples: 15, variants: 6, genes: 3 });
    await expect(async () => engine.open(choice(VCF.slice(1)))).rejects.toThrow(/Genotypes are missing/);
    // Nothing is open then, rather than what was asked for before.
    await expect(async () => engine.run(JOB)).rejects.toThrow(/no cohort is open/);
  });
});

describe("maps of interactions", () => {
  test.each(["cis", "trans"] as const)("are opened as %s maps", async (kind) => {
    const ids = { name: "phenotype_id", type: "string", values: ["g1"] } as const;
    const genes = await madeTable(`${kind}_interaction_genes`, [ids]);
    const file = new Blob([new Uint8Array(await genes.read(0, genes.size))]);
    const sources = { id: "opened-1", sides: {} };
    const open = await openResultFiles([{ name: `x/${kind}_interaction_genes.parquet`, file }], sources);
    expect(open).toMatchObject({ kind, name: "x", manifest: {} });
    expect([...open.tables.keys()]).toEqual([`${kind}_interaction_genes`]);
  });
});

describe("tables that are no result here", () => {
  const some = (names: readonly string[]): ResultFile[] =>
    names.map((name) => textFile(name, "PAR1....PAR1"));
  test.each([
    [["x/finemap_sets.parquet", "x/finemap_genes.parquet"], /credible sets \(qortex finemap\)/],
    [
      ["x/cis_independent.parquet", "x/cis_conditional.parquet"],
      /independent signals \(qortex independent\)/,
    ],
    [["x/eqts_pairs.parquet"], /qortex eqts/],
    [["x/expression.parquet"], /no tables of a result/],
    [["x/cis_genes.tsv.gz", "x/cis_pairs.tsv.gz"], /x?cis_genes.tsv.gz: is text, .*--format parquet/],
    [["x/cis_interaction_pairs.parquet"], /cis_interaction_genes.parquet is missing/],
    [["x/trans_pairs.parquet"], /trans_genes.parquet is missing/],
    [["x/modules.parquet"], /genes.parquet is missing/],
  ])("are refused by name: %s", async (names, said) => {
    await expect(async () => createEngine(() => {}).openResult(some(names))).rejects.toThrow(said);
  });

  test("nor is a manifest of another folder", async () => {
    const { engine, result } = await mapped(VCF);
    const manifest = result.find(({ name }) => name.endsWith("manifest.json"))!;
    const facts = JSON.parse(await manifest.file.text());
    const others = result.filter((file) => file !== manifest);
    const foreign = { ...facts, files: [{ name: "cis_independent.parquet", bytes: 1 }] };
    const longer = { ...facts, files: [{ name: "cis_genes.parquet", bytes: 1 }] };
    for (const [other, why] of [
      [foreign, /is of another result: it does not list cis_genes.parquet/],
      [longer, /cis_genes.parquet: has [\d,]+ bytes, and manifest.json says 1/],
    ] as const) {
      const file = textFile("one/manifest.json", JSON.stringify(other));
      await expect(async () => engine.openResult([...others, file])).rejects.toThrow(why);
    }
  });
});
