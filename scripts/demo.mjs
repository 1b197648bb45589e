// `npm run demo`: the cis and trans maps of the demo cohort, from the files in examples/ to a report.
// It runs the commands a user would type, shows them, and reads their results back.
import { rmSync } from "node:fs";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { prepare, qortex } from "./demo-steps.mjs";

const DATA = "examples/geuvadis-chr22";
const OUT = "demo-output";
const COHORT = [
  `--genotypes ${DATA}/genotypes`,
  `--expression ${DATA}/expression.bed.gz`,
  `--covariates ${DATA}/covariates.txt`,
];
const SHOWN = 5;

const started = Date.now();
prepare();
rmSync(OUT, { recursive: true, force: true });
console.log("The demo cohort: 358 Europeans (GEUVADIS, 1000 Genomes), genes of chromosome 22.");
qortex("cis", [...COHORT, `--out ${OUT}/cis`]);
qortex("trans", [...COHORT, `--out ${OUT}/trans`]);
await summary();

/** What was found, from the files that were written. */
async function summary() {
  const genes = await rows("cis/cis_genes.parquet");
  const tested = genes.filter((gene) => gene.status === "ok" || gene.status === "no-hit");
  const significant = tested.filter(isSignificant);
  const top = significant
    .sort((a, b) => a.log10_p_bonferroni - b.log10_p_bonferroni || a.log10_p - b.log10_p)
    .slice(0, SHOWN);
  const far = (await rows("trans/trans_genes.parquet")).filter(isSignificant);
  const seconds = Math.round((Date.now() - started) / 1000);
  console.log(`
Done in ${seconds} s: two maps of ${genes.length} genes
  cis     ${tested.length} genes tested, ${significant.length} significant (q <= 0.05)
  trans   ${far.length} genes significant (q <= 0.05)
Top hits (cis)
${top.map((gene) => `  ${gene.phenotype_id.padEnd(18)} ${gene.variant_id.padEnd(14)} slope ${gene.slope.toFixed(4)} per ${gene.effect_allele}, log10 p ${gene.log10_p.toFixed(1)}`).join("\n")}
The maps
  ${OUT}/cis/report.html     Manhattan, QQ, expression by genotype: open it in a browser
  ${OUT}/trans/report.html
  ${OUT}/cis/cis_pairs.parquet, cis_genes.parquet and ${OUT}/trans/trans_pairs.parquet, trans_genes.parquet
  ${OUT}/cis/manifest.json   inputs, options, counts`);
}

/** Genes without a lead have null. */
function isSignificant(gene) {
  return gene.qval_bonferroni !== null && gene.qval_bonferroni <= 0.05;
}

async function rows(name) {
  return parquetReadObjects({ file: await asyncBufferFromFile(`${OUT}/${name}`) });
}
