/** What people have beside PLINK, opened from Blobs in a page: the same maps as from the files in Node, byte for byte. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parquetWriter } from "../../src/formats/parquet.ts";
import { memorySink } from "../../src/formats/table.ts";
import {
  type CohortFiles,
  createBackend,
  type OpenOptions,
  openCohort,
  parseRegions,
} from "../../src/node/index.ts";
import { mapFiles } from "../helpers/mapFiles.ts";
import { testNormal, testRandom } from "../helpers/randomCohort.ts";
import { bgzf, randomVcf, tabix } from "../helpers/vcf.ts";
import { type Names, Pages } from "./pages.ts";

const SAMPLES = 60;
const VARIANTS = 400;
const GENES = 24;
const TRANS = { pValue: 0.01, distance: 20_000 };

const files = new Map<string, Uint8Array>();
const put = (name: string, content: string | Uint8Array): void => {
  files.set(name, typeof content === "string" ? new TextEncoder().encode(content) : content);
};

interface Input {
  readonly title: string;
  readonly names: Names;
  readonly options?: OpenOptions;
  /** The same for Node, by the names of the command line. */
  readonly node: Partial<CohortFiles>;
}

const expression = { expression: "expression.bed.gz", covariates: "covariates.tsv" };
const text = {
  expression: "GE.txt",
  genePositions: "geneloc.txt",
  covariates: "covariates.tsv",
};
const INPUTS: readonly Input[] = [
  {
    title: "VCF with dosages",
    names: { genotypes: { vcf: "a.vcf" }, others: expression },
    node: { genotypes: "a.vcf", ...expression },
  },
  {
    title: "VCF in gzip of one member, its calls",
    names: { genotypes: { vcf: "b.vcf.gz" }, others: expression },
    options: { dosageField: "GT" },
    node: { genotypes: "b.vcf.gz", ...expression },
  },
  {
    title: "BGZF VCF, a region by its .tbi",
    names: { genotypes: { vcf: "c.vcf.gz", index: "c.vcf.gz.tbi" }, others: expression },
    options: { regions: parseRegions("regions", "chr1:5000-30000,2") },
    node: { genotypes: "c.vcf.gz", ...expression },
  },
  {
    title: "MatrixEQTL's text with alleles",
    names: {
      genotypes: { matrix: "SNP.txt", positions: "snpsloc.txt", alleles: "alleles.txt" },
      others: text,
    },
    node: {
      ...text,
      genotypes: "SNP.txt",
      variantPositions: "snpsloc.txt",
      alleles: "alleles.txt",
    },
  },
  {
    title: "text without alleles, in gzip; expression in Parquet",
    names: {
      genotypes: { matrix: "SNP.txt.gz", positions: "snpsloc.txt" },
      others: { ...text, expression: "GE.parquet" },
    },
    node: { ...text, expression: "GE.parquet", genotypes: "SNP.txt.gz", variantPositions: "snpsloc.txt" },
  },
];

let folder: string;
let pages: Pages;
beforeAll(async () => {
  await writeFiles();
  folder = mkdtempSync(join(tmpdir(), "qortex-inputs-"));
  for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
  // The demo's cohort has files of the same names: these come first.
  pages = await Pages.start(files);
});
afterAll(async () => {
  await pages?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe.each(INPUTS)("$title, from Blobs", ({ names, options = {}, node }) => {
  it.each(["cis", "trans"] as const)("has the bytes that Node writes from the files: %s", async (kind) => {
    const paths = Object.fromEntries(Object.entries(node).map(([role, name]) => [role, join(folder, name!)]));
    const cohort = await openCohort(paths as unknown as CohortFiles, options);
    const backend = await createBackend("wasm", { threads: 1 });
    const expected = await mapFiles(kind, cohort, backend, TRANS);
    await backend.dispose();
    await cohort.close();
    expect(expected.rows).toBeGreaterThan(20);
    const wanted = { backend: "wasm", threads: 0 } as const;
    expect(await pages.ask(false, "map", wanted, kind, names, options, TRANS)).toEqual(expected);
  });
});

it("what a page cannot read it says in one line", async () => {
  const names = { genotypes: { vcf: "cut.vcf.gz" }, others: expression };
  const wanted = { backend: "wasm", threads: 0 } as const;
  await expect(pages.ask(false, "map", wanted, "cis", names, {})).rejects.toThrow(
    /cut\.vcf\.gz: (cannot be decompressed|truncated gzip)/,
  );
  expect(pages.complaints).toEqual([]);
});

/** A cohort of dosages and calls, some missing, whose expression follows variants; in every format. */
async function writeFiles(): Promise<void> {
  const random = testRandom(11);
  const vcf = randomVcf(random, SAMPLES, VARIANTS);
  const packed = bgzf(vcf.text, 5000);
  put("a.vcf", vcf.text);
  put("b.vcf.gz", gzipSync(vcf.text));
  put("c.vcf.gz", packed.bytes);
  put("c.vcf.gz.tbi", tabix(vcf.text, packed));
  put("cut.vcf.gz", packed.bytes.subarray(0, packed.bytes.length >> 1));

  const { samples, chromosome, position, dosages } = vcf;
  const line = (...cells: readonly (string | number)[]): string => `${cells.join("\t")}\n`;
  const id = (v: number): string => `v${v}`;
  const matrix =
    line("id", ...samples) +
    dosages.map((row, v) => line(id(v), ...row.map((d) => (Number.isNaN(d) ? "NA" : d)))).join("");
  put("SNP.txt", matrix);
  put("SNP.txt.gz", gzipSync(matrix));
  put(
    "snpsloc.txt",
    line("snp", "chr", "pos") + dosages.map((_, v) => line(id(v), chromosome[v]!, position[v]!)).join(""),
  );
  put(
    "alleles.txt",
    line("id", "effect_allele", "other_allele") + dosages.map((_, v) => line(id(v), "G", "A")).join(""),
  );

  const genes = Array.from({ length: GENES }, (_, g) => {
    const cause = Math.floor(random() * VARIANTS);
    const values = dosages[cause]!.map((d) => (Number.isNaN(d) ? 1 : d) * (g % 3) + testNormal(random));
    const start = Math.floor(random() * 40_000);
    return { id: `G${g}`, chromosome: `${1 + (g % 2)}`, start, values: values.map((v) => v.toFixed(5)) };
  });
  const bed =
    line("#chr", "start", "end", "gene_id", ...samples) +
    [...genes]
      .sort((a, b) => Number(a.chromosome) - Number(b.chromosome) || a.start - b.start)
      .map((gene) => line(gene.chromosome, gene.start, gene.start + 100, gene.id, ...gene.values))
      .join("");
  put("expression.bed.gz", gzipSync(bed));
  put("GE.txt", line("id", ...samples) + genes.map((gene) => line(gene.id, ...gene.values)).join(""));
  put(
    "geneloc.txt",
    line("geneid", "chr", "s1", "s2") +
      genes.map((gene) => line(gene.id, gene.chromosome, gene.start + 1, gene.start + 100)).join(""),
  );
  put(
    "covariates.tsv",
    line("id", ...samples) + line("age", ...samples.map(() => testNormal(random).toFixed(4))),
  );
  const sink = memorySink();
  const columns = samples.map((name) => ({ name, type: "double" as const }));
  const writer = parquetWriter(sink, {
    columns: [{ name: "gene_id", type: "string" }, ...columns],
    metadata: {},
  });
  await writer.write([
    { name: "gene_id", type: "string", values: genes.map((gene) => gene.id) },
    ...columns.map((column, s) => ({
      ...column,
      values: Float64Array.from(genes, (gene) => Number(gene.values[s])),
    })),
  ]);
  await writer.close();
  put("GE.parquet", sink.bytes());
}
