import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { hardyWeinberg } from "../../../src/statistics/hardyWeinberg.ts";
import { log10TwoSidedT } from "../../../src/statistics/studentT.ts";
import {
  codedOnce,
  writeXCohort,
  type XCohort,
  type XFiles,
  type XVariant,
  xCohort,
} from "../../helpers/chrX.ts";
import { plainModel, plainOls } from "../../helpers/plainOls.ts";
import { readParquetTable, type Table } from "../../helpers/table.ts";
import { qortex } from "./shell.ts";

const scratch = mkdtempSync(join(tmpdir(), "qortex-chrx-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const SHAPE = { samples: 60, variants: 12, genes: 6, missing: 0.03, heterozygous: 0.02 };
const cohort = xCohort(11, SHAPE);
let made = 0;

function files(of: XCohort, inFam = true): XFiles {
  return writeXCohort(join(scratch, `data-${++made}`), of, inFam);
}

async function mapped(command: string, of: XFiles, ...options: string[]) {
  const out = join(scratch, `out-${++made}`);
  const inputs = ["--genotypes", of.genotypes, "--expression", of.expression, "--covariates", of.covariates];
  const { code, err } = await qortex([command, ...inputs, "--out", out, "--maf", "0", ...options]);
  expect(code, err).toBe(0);
  return {
    out,
    err,
    table: (name: string): Promise<Table> => readParquetTable(join(out, `${name}.parquet`)),
  };
}

/** What each sample has by the model: NaN is missing. */
function modelled(v: XVariant, of: XCohort = cohort, copies = 2): number[] {
  const haploid = v.chromosome === "X" && v.position > 2_781_479;
  return v.calls.map((call, s) => {
    if (call === 3) return Number.NaN;
    if (!haploid || of.sex[s] === 2) return call;
    return call === 1 ? Number.NaN : (call / 2) * copies;
  });
}

function filled(g: readonly number[]): number[] {
  const called = g.filter((value) => !Number.isNaN(value));
  const mean = called.reduce((a, b) => a + b, 0) / called.length;
  return g.map((value) => (Number.isNaN(value) ? mean : value));
}

const sexColumn = cohort.sex.map((code) => (code === 1 ? 1 : 0));
const variantOf = (id: string) => cohort.variants.find((v) => v.id === id)!;
const geneOf = (id: string) => cohort.genes.find((g) => g.id === id)!;

function expectOls(pairs: Table, covariates: readonly (readonly number[])[], copies = 2): void {
  expect(pairs.rows).toBeGreaterThan(60);
  for (let i = 0; i < pairs.rows; i++) {
    const variant = variantOf(pairs.strings("variant_id")[i]!);
    const gene = geneOf(pairs.strings("phenotype_id")[i]!);
    const g = filled(modelled(variant, cohort, copies));
    const fit = plainOls(gene.values, g, covariates);
    const what = `${gene.id} ${variant.id}`;
    expect(Math.abs(pairs.numbers("slope")[i]! - fit.slope), what).toBeLessThan(1e-10);
    expect(Math.abs(pairs.numbers("slope_se")[i]! - fit.slopeSe), what).toBeLessThan(1e-10);
    expect(pairs.numbers("log10_p")[i]!, what).toBeCloseTo(log10TwoSidedT(fit.t, fit.degreesOfFreedom), 8);
    expect(pairs.numbers("af")[i]!, what).toBeCloseTo(g.reduce((a, b) => a + b, 0) / (2 * g.length), 12);
  }
}

describe("males on X", () => {
  test("count 0/2 with sex from the .fam, their heterozygous calls missing, PARs as autosomes, Y and MT left out", async () => {
    const { err, table } = await mapped("cis", files(cohort), "--sex-covariate");
    expectOls(await table("cis_pairs"), [cohort.covariate, sexColumn]);
    const hets = cohort.variants
      .slice(24, 36)
      .map(({ calls }) => calls.filter((c, s) => c === 1 && cohort.sex[s] === 1).length);
    const total = hets.reduce((a, b) => a + b, 0);
    expect(total).toBeGreaterThan(2);
    expect(err).toContain(
      "12 variants of X outside the pseudo-autosomal regions of GRCh38: males counted 0/2 (24 males, 36 females; sex from ",
    );
    expect(err).toContain(
      `${total} heterozygous calls of males on ${hets.filter(Boolean).length} variants of X taken as missing`,
    );
    expect(err).toContain("5 variants not tested (3 on Y, 2 on MT: excluded-y, excluded-mt)");
    expect(err).not.toContain("sex is not among the covariates");
    const byVariant = await table("chrx_variants");
    expect(byVariant.strings("variant_id")).toEqual(cohort.variants.slice(24, 36).map(({ id }) => id));
    expect(Array.from(byVariant.numbers("male_set_missing"))).toEqual(hets);
    cohort.variants.slice(24, 36).forEach(({ calls }, i) => {
      const count = (code: number, copies: number) =>
        calls.filter((call, s) => cohort.sex[s] === code && call === copies).length;
      const [zero, one, two] = [0, 1, 2].map((copies) => count(2, copies)) as [number, number, number];
      expect(byVariant.numbers("female_het")[i]).toBe(one);
      expect(byVariant.numbers("male_effect")[i]).toBe(count(1, 2));
      expect(byVariant.numbers("male_missing")[i]).toBe(count(1, 3) + hets[i]!);
      expect(byVariant.numbers("af_female")[i]).toBe((one + 2 * two) / (2 * (zero + one + two)));
      expect(byVariant.numbers("af_male")[i]).toBe(count(1, 2) / (count(1, 0) + count(1, 2)));
      expect(byVariant.numbers("hwe_female")[i]).toBe(hardyWeinberg(zero, one, two));
    });
    const dropped = await table("variants_dropped");
    expect(dropped.strings("status").toSorted()).toEqual([
      ...Array(2).fill("excluded-mt"),
      ...Array(3).fill("excluded-y"),
    ]);
  });

  test("the same from a file of sexes, and from haploid calls of a VCF", async () => {
    const plain = await mapped("cis", files(cohort), "--sex-covariate");
    const given = files(cohort, false);
    const told = await mapped("cis", given, "--sex-covariate", "--sex", given.sex);
    const vcf = { ...given, genotypes: writeVcf(cohort) };
    const haploid = await mapped("cis", vcf, "--sex-covariate");
    expect(haploid.err).toContain("sex from the haploid calls on X of");
    for (const other of [told, haploid]) {
      const [a, b] = [await plain.table("cis_pairs"), await other.table("cis_pairs")];
      for (const name of ["slope", "slope_se", "log10_p"]) expect(b.numbers(name)).toEqual(a.numbers(name));
    }
  });

  test("a file coded 0/1 is told from its calls and doubled", async () => {
    const clean = xCohort(12, { ...SHAPE, heterozygous: 0 });
    const plain = await mapped("cis", files(clean));
    const once = await mapped("cis", files(codedOnce(clean)));
    expect(once.err).toContain(
      "males are coded 0/1 on X (no male has more than one copy of any of these variants): doubled",
    );
    expect(await bytesOf(once.out)).toEqual(await bytesOf(plain.out));
    // Without the covariate, its lack is said.
    expect(once.err).toContain("sex is not among the covariates");
  });

  test("dosages of males from 0 to 1 are doubled, those of 1 among fractions stay", async () => {
    const imputed = (doubled: boolean) => {
      const own = files(cohort, false);
      const path = join(scratch, `ds-${++made}.vcf`);
      const lines = cohort.variants.slice(24, 36).map((v, row) => {
        const cells = v.calls.map((call, s) => {
          // Multiples of 1/8, so that twice the text is twice the number.
          const eighths =
            call === 3 ? 8 : Math.max(0, 8 * (call / 2) - ((s + row) % 4) * (call === 0 ? -1 : 1));
          const scale = cohort.sex[s] === 2 || doubled ? 2 : 1;
          return String((scale * eighths) / 8);
        });
        return [v.chromosome, v.position, v.id, "A", "G", ".", ".", ".", "DS", ...cells].join("\t");
      });
      const columns = [
        "#CHROM",
        "POS",
        "ID",
        "REF",
        "ALT",
        "QUAL",
        "FILTER",
        "INFO",
        "FORMAT",
        ...cohort.samples,
      ];
      const meta = '##FORMAT=<ID=DS,Number=A,Type=Float,Description="Dosage">';
      writeFileSync(path, ["##fileformat=VCFv4.2", meta, columns.join("\t"), ...lines, ""].join("\n"));
      return mapped("cis", { ...own, genotypes: path }, "--sex", own.sex, "--sex-covariate");
    };
    const [once, twice] = [await imputed(false), await imputed(true)];
    expect(once.err).toContain("males are coded 0/1 on X");
    expect(twice.err).not.toContain("males are coded 0/1 on X");
    expect(twice.err).not.toContain("taken as missing");
    expect(await bytesOf(once.out)).toEqual(await bytesOf(twice.out));
    expect((await once.table("cis_pairs")).rows).toBeGreaterThan(10);
  });

  test("count 0/1 with --chrx 0/1", async () => {
    const { table } = await mapped("cis", files(cohort), "--sex-covariate", "--chrx", "0/1");
    expectOls(await table("cis_pairs"), [cohort.covariate, sexColumn], 1);
  });

  test("are not tested where nobody's sex is known, said aloud; as given only when asked", async () => {
    const unknown = files(cohort, false);
    const { err, table } = await mapped("cis", unknown);
    expect(err).toContain("Warning: ");
    expect(err).toContain(
      "12 variants of X outside the pseudo-autosomal regions of GRCh38 not tested (no-sex)",
    );
    const status = (await table("variants_dropped")).strings("status");
    expect(status.filter((s) => s === "no-sex")).toHaveLength(12);
    const given = await mapped("cis", unknown, "--chrx", "as-given", "--include-y-mt");
    expect(given.err).toContain("tested as given (--chrx as-given)");
    expect((await given.table("variants_dropped")).strings("status")).toEqual(Array(5).fill("no-genes"));
    const excluded = await mapped("cis", files(cohort), "--chrx", "exclude");
    expect(
      (await excluded.table("variants_dropped")).strings("status").filter((s) => s === "excluded-x"),
    ).toHaveLength(12);
  });

  test("--build none has no PARs, and GRCh37's PAR2 is elsewhere", async () => {
    const { err } = await mapped("cis", files(cohort), "--build", "none");
    expect(err).toContain("24 variants of X outside the pseudo-autosomal regions: males counted");
    expect(err).toContain("recorded as male but heterozygous on X as a female is");
  });

  test("frequency and equilibrium are the females', and an allele of a male is one", async () => {
    // Variant 24: rare in females, common in males; variant 25: in equilibrium in females alone.
    const variants = cohort.variants.map((v, i) => {
      if (i === 24)
        return { ...v, calls: v.calls.map((_, s) => (cohort.sex[s] === 1 ? (s % 2) * 2 : s === 2 ? 1 : 0)) };
      if (i === 25) return { ...v, calls: v.calls.map((_, s) => (cohort.sex[s] === 1 ? (s % 2) * 2 : 1)) };
      return v;
    });
    const own = files({ ...cohort, variants });
    const statusOf = async (...options: string[]) => {
      const { table } = await mapped("cis", own, ...options);
      const dropped = await table("variants_dropped");
      return new Map(dropped.strings("variant_id").map((id, i) => [id, dropped.strings("status")[i]]));
    };
    expect((await statusOf("--maf", "0.02")).get("v24")).toBe("filtered-maf");
    expect((await statusOf("--maf", "0.01")).get("v24")).toBeUndefined();
    const males = cohort.sex.filter((code, s) => code === 1 && s % 2 === 1).length;
    expect((await statusOf("--mac", String(males + 1))).get("v24")).toBeUndefined();
    expect((await statusOf("--mac", String(males + 2))).get("v24")).toBe("filtered-mac");
    expect((await statusOf("--hwe", "1e-6")).get("v25")).toBe("filtered-hwe");
    expect((await statusOf("--hwe", "1e-6")).get("v24")).toBeUndefined();
  });
});

describe("other maps see the same genotypes", () => {
  test("trans, with permutations within each sex", async () => {
    const options = ["--sex-covariate", "--all-pairs", "--p-value", "1", "--permutations", "2"];
    const { out, table } = await mapped("trans", files(cohort), ...options);
    expectOls(await table("trans_pairs"), [cohort.covariate, sexColumn]);
    expect(readFileSync(join(out, "report.html"), "utf8")).toContain(
      "2 permutations of the donors within each sex",
    );
  });

  test("a list of pairs", async () => {
    const list = join(scratch, "pairs.tsv");
    const all = cohort.variants
      .slice(0, 36)
      .flatMap(({ id }) => cohort.genes.map((gene) => `${id}\t${gene.id}\n`));
    writeFileSync(list, all.join(""));
    const { table } = await mapped("cis", files(cohort), "--sex-covariate", "--pairs", list);
    expectOls(await table("cis_pairs"), [cohort.covariate, sexColumn]);
  });
});

describe("--sex-stratified", () => {
  test("fits females and males apart, and tests the difference; other tables stay as they are", async () => {
    const own = files(cohort);
    const plain = await mapped("cis", own);
    const { out, table } = await mapped("cis", own, "--sex-stratified", "chrx");
    const sexed = await table("cis_sex");
    const onX = (id: string) =>
      ["x"].includes(variantOf(id).position > 2_781_479 && variantOf(id).chromosome === "X" ? "x" : "");
    const pairs = await table("cis_pairs");
    expect(sexed.rows).toBe(pairs.strings("variant_id").filter(onX).length);
    expect(sexed.rows).toBeGreaterThan(20);
    const { "cis_sex.parquet": _, ...others } = await bytesOf(out);
    expect(others).toEqual(await bytesOf(plain.out));
    for (let i = 0; i < sexed.rows; i++) {
      const g = modelled(variantOf(sexed.strings("variant_id")[i]!));
      const { values } = geneOf(sexed.strings("phenotype_id")[i]!);
      const fits = [2, 1].map((code) => {
        const among = [...g.keys()].filter((s) => cohort.sex[s] === code);
        const pick = (all: readonly number[]) => among.map((s) => all[s]!);
        return plainOls(pick(values), filled(pick(g)), [pick(cohort.covariate)]);
      });
      ["female", "male"].forEach((sex, k) => {
        expect(sexed.numbers(`slope_${sex}`)[i]!).toBeCloseTo(fits[k]!.slope, 9);
        expect(sexed.numbers(`slope_se_${sex}`)[i]!).toBeCloseTo(fits[k]!.slopeSe, 9);
        const log10P = log10TwoSidedT(fits[k]!.t, fits[k]!.degreesOfFreedom);
        expect(sexed.numbers(`log10_p_${sex}`)[i]!).toBeCloseTo(log10P, 8);
      });
      const [f, m] = fits as [(typeof fits)[0], (typeof fits)[0]];
      const variance = f.slopeSe ** 2 + m.slopeSe ** 2;
      const df = variance ** 2 / (f.slopeSe ** 4 / f.degreesOfFreedom + m.slopeSe ** 4 / m.degreesOfFreedom);
      const log10P = log10TwoSidedT((f.slope - m.slope) / Math.sqrt(variance), df);
      expect(sexed.numbers("log10_p_difference")[i]!).toBeCloseTo(log10P, 8);
    }
  });

  test("gives the same bytes in shards, resumed, and on every backend", async () => {
    const own = files(cohort);
    const options = ["--sex-stratified", "all", "--sex-covariate", "--window", "200kb"];
    const whole = await mapped("cis", own, ...options);
    expect((await whole.table("cis_sex")).rows).toBe((await whole.table("cis_pairs")).rows);
    const shards: string[] = [];
    for (const shard of ["1/2", "2/2"])
      shards.push((await mapped("cis", own, ...options, "--shard", shard)).out);
    const out = join(scratch, `merged-${++made}`);
    const { code, err } = await qortex(["merge", ...shards, "--out", out]);
    expect(code, err).toBe(0);
    expect(await bytesOf(out)).toEqual(await bytesOf(whole.out));
    const reference = await mapped("cis", own, ...options, "--backend", "reference");
    expect(await bytesOf(reference.out)).toEqual(await bytesOf(whole.out));
  });
});

describe("--interaction-sex", () => {
  test("tests genotype x sex, with frequencies of either sex", async () => {
    const { table } = await mapped(
      "cis",
      files(cohort),
      "--interaction-sex",
      "--maf-interaction",
      "0",
      "--effective-tests",
      "all",
    );
    const pairs = await table("cis_interaction_pairs");
    expect(pairs.rows).toBeGreaterThan(60);
    for (let i = 0; i < pairs.rows; i++) {
      const g = filled(modelled(variantOf(pairs.strings("variant_id")[i]!)));
      const { values } = geneOf(pairs.strings("phenotype_id")[i]!);
      const product = g.map((value, s) => value * sexColumn[s]!);
      const { beta, se } = plainModel(values, [cohort.covariate, sexColumn, g, product]);
      expect(pairs.numbers("b_gi")[i]!).toBeCloseTo(beta[4]!, 8);
      expect(pairs.numbers("b_gi_se")[i]!).toBeCloseTo(se[4]!, 8);
      expect(pairs.numbers("b_g")[i]!).toBeCloseTo(beta[3]!, 8);
      const af = (code: number) => {
        const among = g.filter((_, s) => cohort.sex[s] === code);
        return among.reduce((a, b) => a + b, 0) / (2 * among.length);
      };
      expect(pairs.numbers("maf_lower")[i]!).toBeCloseTo(Math.min(af(2), 1 - af(2)), 10);
      expect(pairs.numbers("maf_upper")[i]!).toBeCloseTo(Math.min(af(1), 1 - af(1)), 10);
    }
  });
});

describe("what cannot be is one line and exit code 2", () => {
  const unknown = files(cohort, false);
  const bad = join(scratch, "bad.tsv");
  writeFileSync(bad, "S000\tX\n");
  const zeroOne = join(scratch, "zero-one.tsv");
  writeFileSync(zeroOne, "S000\t0\nS001\t1\n");
  const others = join(scratch, "others.tsv");
  writeFileSync(others, "T1\tM\nT2\tF\n");
  test.each([
    [["--sex-covariate"], /--sex-covariate needs the samples' sex/],
    [["--interaction-sex"], /--interaction-sex needs the samples' sex/],
    [["--sex-stratified", "chrx"], /need the samples' sex/],
    [["--sex", bad], /bad\.tsv, line 1: sex "X" of sample S000; write 1 or M/],
    [["--sex", zeroOne], /has sexes 0 and 1 only/],
    [["--sex", others], /none of its samples \(T1, T2\)/],
    [["--chrx", "2"], /--chrx takes 0\/2, 0\/1, as-given or exclude/],
    [
      ["--interaction-sex", "--sex-stratified", "all"],
      /--sex-stratified and --interaction do not go together/,
    ],
  ] as const)("%j", async (options, message) => {
    const inputs = ["--genotypes", unknown.genotypes, "--expression", unknown.expression];
    const out = join(scratch, `bad-${++made}`);
    const { code, err } = await qortex(["cis", ...inputs, "--out", out, ...options]);
    expect(err).toMatch(message);
    expect(code).toBe(2);
    expect(readdirSync(scratch)).not.toContain(`bad-${made}`);
  });

  test("a female among the males of a file coded 0/1", async () => {
    const clean = xCohort(13, { ...SHAPE, heterozygous: 0 });
    const once = codedOnce(clean);
    const sex = once.sex.map((code, s) => (s === 2 ? 1 : code));
    const own = files({ ...once, sex });
    const inputs = ["--genotypes", own.genotypes, "--expression", own.expression];
    const { code, err } = await qortex(["cis", ...inputs, "--out", join(scratch, "mixed")]);
    expect(code).toBe(2);
    expect(err).toMatch(
      /chromosome X: males have \d+ calls of 1 copy and \d+ of 2, which fits neither .* most in S002/,
    );
  });
});

/** Tables of a result, by name. */
async function bytesOf(folder: string): Promise<Record<string, string>> {
  const names = readdirSync(folder).filter((name) => /\.(parquet|svg)$/.test(name));
  return Object.fromEntries(
    names.sort().map((name) => [name, readFileSync(join(folder, name)).toString("base64")]),
  );
}

/** A VCF with one allele for males on X outside the PARs (and both for those called heterozygous). */
function writeVcf({ samples, sex, variants }: XCohort): string {
  const path = join(scratch, `g-${++made}.vcf`);
  const lines = variants.map((v) => {
    const haploid = v.chromosome === "X" && v.position > 2_781_479;
    const calls = v.calls.map((call, s) => {
      if (call === 3) return haploid && sex[s] === 1 ? "." : "./.";
      if (haploid && sex[s] === 1 && call !== 1) return String(call / 2);
      return ["0/0", "0/1", "1/1"][call];
    });
    return [v.chromosome, v.position, v.id, "A", "G", ".", ".", ".", "GT", ...calls].join("\t");
  });
  const header = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", ...samples].join(
    "\t",
  );
  writeFileSync(path, ["##fileformat=VCFv4.2", header, ...lines, ""].join("\n"));
  return path;
}
