import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readParquetTable } from "../../helpers/table.ts";
import { type CohortFiles, cohortArguments, GENES, writeCohort } from "./cohortFiles.ts";
import { qortex } from "./shell.ts";

const scratch = mkdtempSync(join(tmpdir(), "qortex-inputs-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
let files: CohortFiles;
beforeAll(() => {
  files = writeCohort(join(scratch, "data"));
});

let runs = 0;

async function succeed(
  command: string,
  args: readonly string[],
): Promise<{ out: string; printed: string; err: string }> {
  const out = join(scratch, `out-${++runs}`);
  const { code, err, out: printed } = await qortex([command, ...args, "--out", out]);
  expect(code, err).toBe(0);
  return { out, printed, err };
}

function inputs(): string[] {
  return cohortArguments(files, "").slice(0, -2);
}

function write(name: string, text: string): string {
  writeFileSync(join(scratch, name), text);
  return join(scratch, name);
}

/** Expression as a matrix, with its geneloc (1-based). */
function expressionText(): { matrix: string; places: string } {
  const rows = readFileSync(files.expression, "utf8")
    .trim()
    .split("\n")
    .map((line) => line.split("\t"));
  const genes = rows.slice(1);
  return {
    matrix: write(
      "GE.txt",
      [["id", ...rows[0]!.slice(6)], ...genes.map((row) => [row[3], ...row.slice(6)])]
        .map((row) => `${row.join("\t")}\n`)
        .join(""),
    ),
    places: write(
      "geneloc.txt",
      genes
        .map(([chromosome, start, end, id]) => `${id} ${chromosome} ${Number(start) + 1} ${end}\n`)
        .join(""),
    ),
  };
}

test("an expression matrix with a geneloc gives the pairs of the BED", async () => {
  const { matrix, places } = expressionText();
  const bed = await succeed("cis", inputs());
  const args = inputs();
  args[args.indexOf("--expression") + 1] = matrix;
  const text = await succeed("cis", [...args, "--gene-positions", places]);
  const pairs = (out: string) => readFileSync(join(out, "cis_pairs.parquet"));
  expect(pairs(text.out).equals(pairs(bed.out))).toBe(true);
  const alone = await qortex(["cis", ...args, "--out", join(scratch, "none")]);
  expect(alone.code).toBe(2);
  expect(alone.err).toContain("give --gene-positions or --annotation");
});

test("genotypes in text without alleles: null in the tables, and no gaps in the sentences", async () => {
  const samples = Array.from({ length: 60 }, (_, s) => `S${String(s).padStart(2, "0")}`);
  const dosages = (v: number) => samples.map((_, s) => [0, 1, 2, 0.5][(s * 7 + v * 3 + ((s * v) % 5)) % 4]);
  const variants = Array.from({ length: 40 }, (_, v) => [`v${v}`, ...dosages(v)].join("\t"));
  const args = inputs();
  args[args.indexOf("--genotypes") + 1] = write(
    "SNP.txt",
    `${[["id", ...samples].join("\t"), ...variants].join("\n")}\n`,
  );
  const positions = variants.map((_, v) => `v${v}\t1\t${450_000 + 1000 * (v >> 1)}\n`);
  const { out, printed } = await succeed("cis", [
    ...args,
    "--variant-positions",
    write("snpsloc.txt", positions.join("")),
  ]);
  expect(printed).toContain("per copy of the effect allele, af");
  const pairs = await readParquetTable(join(out, "cis_pairs.parquet"));
  expect(pairs.rows).toBeGreaterThan(40);
  expect(new Set([...pairs.strings("effect_allele"), ...pairs.strings("other_allele")])).toEqual(
    new Set([""]),
  );
  const svg = readFileSync(join(out, "expression-by-genotype.svg"), "utf8");
  expect(svg).toContain("Copies of the effect allele");
  expect(svg).not.toContain(">/<");
});

test("an annotation's symbols and biotypes go with the genes; without it they are null", async () => {
  const gtf = write(
    "genes.gtf",
    `1\tx\tgene\t450001\t460000\t.\t+\t.\tgene_id "gene0"; gene_name "AAA"; gene_biotype "lncRNA";\n`,
  );
  const plain = await succeed("trans", [...inputs(), "--all-pairs", "--p-value", "0.001"]);
  const named = await succeed("trans", [
    ...[...inputs(), "--all-pairs", "--p-value", "0.001"],
    ...["--annotation", gtf],
  ]);
  expect(named.err).toContain("29 genes not in");
  for (const [table, rows] of [
    ["trans_pairs", 1],
    ["trans_genes", GENES],
  ] as const) {
    const without = await readParquetTable(join(plain.out, `${table}.parquet`));
    expect(new Set(without.strings("gene_symbol"))).toEqual(new Set([""]));
    const own = await readParquetTable(join(named.out, `${table}.parquet`));
    expect(own.rows).toBeGreaterThanOrEqual(rows);
    own.strings("phenotype_id").forEach((gene, i) => {
      expect(own.strings("gene_symbol")[i]).toBe(gene === "gene0" ? "AAA" : "");
      expect(own.strings("gene_biotype")[i]).toBe(gene === "gene0" ? "lncRNA" : "");
    });
    expect(own.strings("phenotype_id")).toContain("gene0");
  }
});

test("a gene that one sample dominates is flagged", async () => {
  const rows = readFileSync(files.expression, "utf8").split("\n");
  const samples = rows[0]!.split("\t").slice(6);
  const cells = rows[8]!.split("\t");
  cells[6 + samples.indexOf("S07")] = "1000";
  rows[8] = cells.join("\t");
  const args = inputs();
  args[args.indexOf("--expression") + 1] = write("outlier.bed", rows.join("\n"));
  const { out, err } = await succeed("cis", args);
  expect(err).toContain(
    `1 gene in which one sample makes up more than half of the residual's sum of squares (${cells[3]} by S07)`,
  );
  const genes = await readParquetTable(join(out, "cis_genes.parquet"));
  genes.strings("phenotype_id").forEach((gene, i) => {
    expect(genes.strings("dominant_sample")[i]).toBe(gene === cells[3] ? "S07" : "");
  });
});

test("--pairs tests what is listed, near or far, and lists what it could not", async () => {
  const list = write(
    "pairs.tsv",
    "variant_id\tphenotype_id\nv40\tgene20\nv10\tgene0\nv10\tgene5\nvx\tgene0\nv10\tgene0\n",
  );
  const { out, err } = await succeed("cis", [...inputs(), "--pairs", list]);
  const pairs = await readParquetTable(join(out, "cis_pairs.parquet"));
  expect(pairs.strings("phenotype_id")).toEqual(["gene0", "gene20"]);
  expect(pairs.strings("variant_id")).toEqual(["v10", "v40"]);
  // gene20 lies on chromosome 2, v40 on 1.
  expect(pairs.strings("start_distance")).toEqual([String(500_000 - 450_001), ""]);
  expect(err).toContain("pairs.tsv: 1 line that repeats a pair");
  expect(err).toContain("2 listed pairs not tested (1 gene constant, 1 unknown variant)");
  expect(readFileSync(join(out, "pairs_untested.tsv"), "utf8")).toBe(
    "variant_id\tphenotype_id\treason\nv10\tgene5\tgene constant\nvx\tgene0\tunknown variant\n",
  );
});

test("--pairs of which the cohort knows none is an error, not an empty table", async () => {
  const list = write("strange.tsv", "rs10\tENSG10\nrs20\tENSG20\n");
  const out = join(scratch, "never");
  const { code, err } = await qortex(["cis", ...inputs(), "--pairs", list, "--out", out]);
  expect(code).toBe(2);
  expect(err).toContain("strange.tsv: none of its 2 pairs has a variant of");
  expect(err).toContain("the first is rs10 with ENSG10, where genes are called gene");
  expect(existsSync(out)).toBe(false);
});

test("--json speaks in lines of JSON", async () => {
  const { printed, err, out } = await succeed("cis", [...inputs(), "--json"]);
  expect(err).toBe("");
  const lines = printed
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string; [key: string]: unknown });
  expect(new Set(lines.map(({ type }) => type))).toEqual(
    new Set(["status", "message", "progress", "result"]),
  );
  const result = lines.at(-1)!;
  expect(result).toMatchObject({ type: "result", kind: "cis", out, samples: 60, genes: GENES });
  const pairs = await readParquetTable(join(out, "cis_pairs.parquet"));
  expect(result["counts"]).toMatchObject({ tests: pairs.rows });
  const testing = lines.filter(({ phase }) => phase === "testing");
  expect(testing.at(-1)!["done"]).toBe(testing.at(-1)!["total"]);
  const quiet = await succeed("cis", [...inputs(), "--json", "--quiet"]);
  const kinds = quiet.printed
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { type: string }).type);
  expect(kinds.at(-1)).toBe("result");
  expect(kinds).not.toContain("status");
});

test("where ids differ, the likely mapping is in the message", async () => {
  const fam = readFileSync(`${files.genotypes}.fam`, "utf8");
  for (const ending of ["bed", "bim"]) {
    writeFileSync(join(scratch, `joined.${ending}`), readFileSync(`${files.genotypes}.${ending}`));
  }
  write("joined.fam", fam.replace(/^0 (\S+)/gm, "0 $1_$1"));
  const args = inputs();
  args[args.indexOf("--genotypes") + 1] = join(scratch, "joined");
  const { code, err } = await qortex(["cis", ...args, "--out", join(scratch, "none")]);
  expect(code).toBe(2);
  expect(err.replaceAll(scratch, "")).toMatchInlineSnapshot(`
    "qortex: /data/expression.bed: no samples in common with /joined.bed (S59 here, S00_S00 there); 60 of 61 would match but for the id twice (FID_IID): "S00_S00" in the genotypes is "S00" in the expression; give --coupling FILE with the lines S00_S00<TAB>S00, S01_S01<TAB>S01, ...
    "
  `);
});
