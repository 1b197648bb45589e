// Makes the demo data under examples/geuvadis-chr22 from the GEUVADIS chr22 cohort that QTLtools ships:
//
//   node scripts/demo-data.mjs ../shared/data/geuvadis-eur-chr22 [output folder]
//
// Needs plink2 on the PATH (VCF -> PLINK, with ALT as A1). Run once; its output is committed.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";

const BED_MAGIC = [0x6c, 0x1b, 0x01];

/** Each byte of four calls with 0 and 2 copies exchanged: 00 <-> 11, while 10 (one copy) and 01 (missing) stay. */
const MIRRORED = Uint8Array.from({ length: 256 }, (_, byte) => {
  let mirrored = 0;
  for (let shift = 0; shift < 8; shift += 2) {
    const call = (byte >> shift) & 3;
    mirrored |= (call === 0 ? 3 : call === 3 ? 0 : call) << shift;
  }
  return mirrored;
});

const [source, output = "examples/geuvadis-chr22"] = process.argv.slice(2);
if (source === undefined) {
  console.error("usage: node scripts/demo-data.mjs <folder with genotypes.chr22.vcf.gz> [output folder]");
  process.exit(2);
}
mkdirSync(output, { recursive: true });
writeGenotypes(readPlink(join(source, "genotypes.chr22.vcf.gz")));
writeExpression(join(source, "genes.50percent.chr22.bed.gz"));
writeCovariates(join(source, "genes.covariates.pc50.txt.gz"));
write("populations.tsv", readFileSync(join(source, "populations.tsv")));
writeGenes(join(source, "gencode.v19.annotation.chr22.gtf.gz"), join(source, "genes.50percent.chr22.bed.gz"));

/** The VCF as PLINK 1 files: plink2 writes ALT as A1 (the fifth .bim column), whatever its frequency, and FID 0. */
function readPlink(vcf) {
  const folder = mkdtempSync(join(tmpdir(), "demo-data-"));
  try {
    const prefix = join(folder, "genotypes");
    execFileSync("plink2", ["--vcf", vcf, "--make-bed", "--threads", "1", "--out", prefix], {
      stdio: "ignore",
    });
    return {
      bed: readFileSync(`${prefix}.bed`),
      bim: lines(readFileSync(`${prefix}.bim`, "utf8")),
      fam: readFileSync(`${prefix}.fam`, "utf8"),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Writes the variants that are neither the same as an earlier one in every sample nor its mirror image (2 - g). */
function writeGenotypes({ bed, bim, fam }) {
  const samples = lines(fam).length;
  const stride = Math.ceil(samples / 4);
  if (bed.length !== BED_MAGIC.length + bim.length * stride)
    throw new Error("plink2's .bed has the wrong size");

  const seen = new Map(); // calls -> index of the variant that keeps them
  const kept = [];
  const duplicates = [];
  bim.forEach((_, variant) => {
    const start = BED_MAGIC.length + variant * stride;
    const calls = bed.subarray(start, start + stride);
    const same = seen.get(key(calls));
    const mirrored = seen.get(key(mirror(calls, samples)));
    if (same !== undefined) duplicates.push({ variant, representative: same, relation: "same" });
    else if (mirrored !== undefined)
      duplicates.push({ variant, representative: mirrored, relation: "mirrored" });
    else {
      seen.set(key(calls), variant);
      kept.push({ variant, calls });
    }
  });

  const id = (variant) => bim[variant].split("\t")[1];
  const rows = duplicates.map((d) => `${id(d.variant)}\t${id(d.representative)}\t${d.relation}\n`);
  write("genotypes.bed", Buffer.concat([Buffer.from(BED_MAGIC), ...kept.map(({ calls }) => calls)]));
  write("genotypes.bim", kept.map(({ variant }) => `${bim[variant]}\n`).join(""));
  write("genotypes.fam", fam);
  write("duplicates.tsv.gz", gzip(`variant\tkept\trelation\n${rows.join("")}`));
  console.log(
    `${bim.length} variants, ${kept.length} kept, ${duplicates.length} duplicates, ${samples} samples`,
  );
}

function key(calls) {
  return Buffer.from(calls).toString("latin1");
}

function mirror(calls, samples) {
  const mirrored = calls.map((byte) => MIRRORED[byte]);
  const inLastByte = samples % 4;
  if (inLastByte > 0) mirrored[mirrored.length - 1] &= (1 << (2 * inLastByte)) - 1; // padding stays 0
  return mirrored;
}

/** The expression table as it is: only compressed anew. */
function writeExpression(path) {
  write("expression.bed.gz", gzip(gunzipSync(readFileSync(path))));
}

/** Covariates x samples, tab-separated; `/long/path/genes_1_1_svd_PC1` becomes `expression_PC1`. */
function writeCovariates(path) {
  const rows = lines(gunzipSync(readFileSync(path)).toString("utf8")).map((line) => line.trim().split(/\s+/));
  const [header, ...covariates] = rows;
  const table = [
    ["id", ...header.slice(1)],
    ...covariates.map(([name, ...values]) => {
      const match = /\/(genotypes|genes)_1_1_svd_(PC\d+)$/.exec(name);
      if (match === null) throw new Error(`covariate ${name} has an unexpected name`);
      return [`${match[1] === "genes" ? "expression" : "genotype"}_${match[2]}`, ...values];
    }),
  ];
  write("covariates.txt", table.map((row) => `${row.join("\t")}\n`).join(""));
}

/** Place, symbol and biotype of those genes of the expression table that GENCODE 19 has, in its order, 1-based. */
function writeGenes(gtf, expression) {
  const known = new Map();
  for (const line of lines(gunzipSync(readFileSync(gtf)).toString("utf8"))) {
    const [chr, , feature, start, end, , strand, , attributes] = line.split("\t");
    if (feature !== "gene") continue;
    const [id, symbol, biotype] = ["gene_id", "gene_name", "gene_type"].map(
      (name) => new RegExp(`${name} "([^"]*)"`).exec(attributes)?.[1] ?? "",
    );
    known.set(id, [id, chr, start, end, strand, symbol, biotype]);
  }
  const [, ...genes] = lines(gunzipSync(readFileSync(expression)).toString("utf8"));
  const header = ["id", "chr", "start", "end", "strand", "symbol", "biotype"];
  const rows = genes.flatMap((line) => [known.get(line.split("\t")[3])].filter(Boolean));
  write("genes.tsv", [header, ...rows].map((row) => `${row.join("\t")}\n`).join(""));
}

function lines(text) {
  return text.split("\n").filter((line) => line !== "");
}

function gzip(content) {
  return gzipSync(content, { level: 9 }); // Node writes no time stamp and no name
}

function write(name, content) {
  writeFileSync(join(output, name), content);
}
