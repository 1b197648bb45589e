import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openPlink } from "../../../src/formats/plink.ts";
import { openPlinkFiles } from "../../../src/node/files.ts";
import { inflateGzip } from "../../../src/node/inflate.ts";
import { callAt } from "../../helpers/formats.ts";
import { readParquetTable } from "../../helpers/table.ts";
import { bgzf, tabix, vcfText } from "../../helpers/vcf.ts";
import { type CohortFiles, cohortArguments, writeCohort } from "./cohortFiles.ts";
import { qortex } from "./shell.ts";

const scratch = mkdtempSync(join(tmpdir(), "qortex-vcf-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
let files: CohortFiles;
let text: string;
beforeAll(async () => {
  files = writeCohort(join(scratch, "data"));
  text = await vcfOf(files.genotypes);
});

/** The PLINK data set as a VCF. */
async function vcfOf(prefix: string): Promise<string> {
  const plink = await openPlinkFiles(prefix);
  try {
    const source = await openPlink(plink, inflateGzip);
    const block = await source.read(
      0,
      source.variantCount,
      Uint32Array.from(source.samples, (_, i) => i),
    );
    const labels = await source.labels(0, source.variantCount);
    const records = labels.id.map((id, v) =>
      [
        ...[labels.chromosome[v], labels.position[v], id, labels.otherAllele[v], labels.effectAllele[v]],
        ". . . GT",
        ...source.samples.map((_, s) => ["0/0", "0|1", "1/1", "./."][callAt(block, v, s)]),
      ].join(" "),
    );
    return vcfText(source.samples, records);
  } finally {
    await plink.close();
  }
}

function put(name: string, content: string | Uint8Array): string {
  const path = join(scratch, "data", name);
  writeFileSync(path, content);
  return path;
}

let runs = 0;

async function run(command: string, genotypes: string, ...options: string[]) {
  const out = join(scratch, `out-${++runs}`);
  const outcome = await qortex([command, ...cohortArguments({ ...files, genotypes }, out), ...options]);
  return { ...outcome, out };
}

async function tablesOf(command: string, genotypes: string, ...options: string[]) {
  const { out, code, err } = await run(command, genotypes, ...options);
  expect(code, err).toBe(0);
  const names = readdirSync(out).filter((name) => name.endsWith(".parquet"));
  expect(names.length).toBeGreaterThan(1);
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(out, name)).toString("base64")]));
}

describe.each([
  ["cis", []],
  ["trans", ["--p-value", "0.01", "--distance", "1Mb"]],
] as const)("%s", (command, options) => {
  test("of a VCF writes the bytes of its PLINK files, whatever it is called and however it is packed", async () => {
    const wanted = await tablesOf(command, files.genotypes, ...options);
    for (const path of [
      put("a.vcf", text),
      put("a.vcf.gz", bgzf(text, 3000).bytes),
      put("b", bgzf(text, 999).bytes),
    ]) {
      const found = await tablesOf(command, path, ...options);
      expect(Object.keys(found)).toEqual(Object.keys(wanted));
      for (const name of Object.keys(wanted))
        expect(found[name] === wanted[name], `${path}, ${name}`).toBe(true);
    }
  });
});

test("--region takes the variants placed there, with an index and without", async () => {
  const packed = bgzf(text, 3000);
  const plain = put("r.vcf", text);
  const indexed = put("r.vcf.gz", packed.bytes);
  put("r.vcf.gz.tbi", tabix(text, packed));
  const region = ["--region", "1:500000-900000,chr2:3000000-", "--maf", "0"];
  const { out, err } = await run("cis", plain, ...region);
  expect(err).toContain("no .tbi beside it");
  const other = await run("cis", indexed, ...region);
  expect(other.err).not.toContain(".tbi");
  const pairs = "cis_pairs.parquet";
  expect(readFileSync(join(out, pairs)).equals(readFileSync(join(other.out, pairs)))).toBe(true);
  const table = await readParquetTable(join(out, pairs));
  const positions = table.strings("variant_id").map((id) => Number(id.slice(1)));
  // 11 variants of chromosome 1 (500,000 is v10) and those from 3,000,000 on of chromosome 2 (v222.5).
  expect(new Set(positions)).toEqual(
    new Set([
      ...Array.from({ length: 11 }, (_, i) => 10 + i),
      ...Array.from({ length: 77 }, (_, i) => 223 + i),
    ]),
  );
  const manifest = JSON.parse(readFileSync(join(out, "manifest.json"), "utf8")) as {
    options: { region: string };
    inputs: { role: string; path: string }[];
  };
  expect(manifest.options.region).toBe("1:500000-900000,chr2:3000000-");
  expect(manifest.inputs[0]).toMatchObject({ role: "genotypes vcf", path: plain });
});

test("what is for a VCF alone says so, and leaves nothing behind", async () => {
  const messages: string[] = [];
  for (const options of [
    ["--region", "chr1"],
    ["--pass"],
    ["--dosage-field", "DS"],
    ["--multiallelic", "split"],
  ]) {
    const { out, code, err } = await run("cis", files.genotypes, ...options);
    expect(code).toBe(2);
    expect(() => readdirSync(out)).toThrow();
    messages.push(err);
  }
  expect(messages).toEqual(
    ["--region", "--pass", "--dosage-field", "--multiallelic"].map(
      (option) => `qortex: ${option} is for genotypes in VCF; leave it out\n`,
    ),
  );
  const broken = put("broken.vcf", text.replace("0|1", "0|7"));
  const { code, err } = await run("cis", broken);
  expect(code).toBe(2);
  expect(err).toMatch(/^qortex: .*broken\.vcf, line \d+, sample \w+: GT "0\|7" names an allele above 1/);
  const absent = await run("cis", join(scratch, "none.vcf.gz"));
  expect(absent.err).toMatch(/^qortex: .*none\.vcf\.gz: no such file; check the path\n$/);
});

test("what is not read is told by its first bytes, whatever it is called", async () => {
  const bcf = bgzf(Buffer.from("BCF\x02\x02..."), 100).bytes;
  const bgen = Buffer.concat([Buffer.alloc(16), Buffer.from("bgen")]);
  for (const [path, wanted] of [
    [put("renamed.vcf.gz", bcf), "is BCF"],
    [put("no-ending", bcf), "is BCF"],
    [put("imputed", bgen), "is BGEN"],
    [put("plink2", Uint8Array.of(0x6c, 0x1b, 0x10, 0)), "is PLINK 2"],
  ] as const) {
    const { code, err } = await run("cis", path);
    expect(code).toBe(2);
    expect(err).toContain(
      `${path}: ${wanted}; genotypes are read from PLINK 1 bed/bim/fam or VCF; convert it: plink2`,
    );
  }
  put("prefix.vcf.gz", bgzf(text, 3000).bytes);
  expect((await run("cis", join(scratch, "data", "prefix"))).err).toMatch(
    /there is a VCF: .*prefix\.vcf\.gz\n$/,
  );
  put("two.pgen", "");
  expect((await run("cis", join(scratch, "data", "two"))).err).toContain("two.pgen: is PLINK 2");
});
