/** What people have beside PLINK, opened from Blobs in a page: the same maps as from the files in Node, byte for byte. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type CohortFiles,
  createBackend,
  type OpenOptions,
  openCohort,
  parseRegions,
} from "../../src/node/index.ts";
import { manyFormats } from "../helpers/manyFormats.ts";
import { mapFiles } from "../helpers/mapFiles.ts";
import { type Names, Pages } from "./pages.ts";

const TRANS = { pValue: 0.01, distance: 20_000 };

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
  const files = await manyFormats();
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
