import { gzipSync } from "node:zlib";
import { parquetWriter } from "../../src/formats/parquet.ts";
import { memorySink } from "../../src/formats/table.ts";
import { testNormal, testRandom } from "./randomCohort.ts";
import { bgzf, randomVcf, tabix } from "./vcf.ts";

const SAMPLES = 60;
const VARIANTS = 400;
const GENES = 24;

/** A cohort of dosages and calls, some missing, whose expression follows variants; in every format. */
export async function manyFormats(): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const put = (name: string, content: string | Uint8Array): void => {
    files.set(name, typeof content === "string" ? new TextEncoder().encode(content) : content);
  };
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
  return files;
}
