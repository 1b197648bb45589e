// `npm run demo:network`: from expression to modules, a page and pictures, on the demo cohort in examples/.
// It runs the commands a user would type, shows them, and reads their results back. Another folder may be named: `npm run demo:network -- /tmp/network`.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { prepare, qortex } from "./demo-steps.mjs";

const DATA = "examples/geuvadis-chr22";
const OUT = process.argv[2] === undefined ? "demo-output/network" : resolve(process.argv[2]);
const EXPRESSION = [
  `--expression ${DATA}/expression.bed.gz`,
  `--annotation ${DATA}/genes.tsv`,
  `--covariates ${OUT}/laboratory.tsv`,
  "--transform inverse-normal",
];

const started = Date.now();
prepare();
rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
console.log("The demo cohort: lymphoblastoid cells of 358 Europeans (GEUVADIS), genes of chromosome 22.");
samples();
qortex("network correlate", [
  ...EXPRESSION,
  "--method bicor",
  "--max-p-outliers 0.1",
  "--top 5",
  `--out ${OUT}/correlations`,
]);
qortex("network communities", [
  `--edges ${OUT}/correlations`,
  "--weight r",
  `--annotation ${DATA}/genes.tsv`,
  `--out ${OUT}/communities`,
]);
qortex("network modules", [
  ...EXPRESSION,
  "--network-type signed",
  `--traits ${OUT}/traits.tsv`,
  `--out ${OUT}/modules`,
]);
await summary();

/** Two tables of what is known of the samples: the laboratory, to be taken out, and populations as 0 and 1, to be asked about. */
function samples() {
  const [, ...rows] = readFileSync(`${DATA}/populations.tsv`, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t"));
  const populations = [...new Set(rows.map(([, population]) => population))].sort();
  const table = (name, lines) =>
    writeFileSync(`${OUT}/${name}`, lines.map((cells) => `${cells.join("\t")}\n`).join(""));
  table("laboratory.tsv", [["sample", "laboratory"], ...rows.map(([id, , laboratory]) => [id, laboratory])]);
  table("traits.tsv", [
    ["sample", ...populations],
    ...rows.map(([id, own]) => [id, ...populations.map((population) => Number(population === own))]),
  ]);
  console.log(`${OUT}/laboratory.tsv and traits.tsv made of ${DATA}/populations.tsv`);
}

/** What was found, from the files that were written. */
async function summary() {
  const modules = await rows("modules/modules.parquet");
  const traits = await rows("modules/module_traits.parquet");
  const [strongest] = traits.sort((a, b) => a.log10_p - b.log10_p);
  const communities = new Set((await rows("communities/communities.parquet")).map((row) => row.community));
  const seconds = Math.round((Date.now() - started) / 1000);
  console.log(`
Done in ${seconds} s: ${modules.length} modules, ${communities.size} communities
${modules.map((row) => `  ${row.color.padEnd(12)} ${String(row.genes).padStart(3)} genes, hub ${row.hub_symbol || row.hub_gene} (kME ${row.hub_kme.toFixed(3)})`).join("\n")}
  strongest trait: module ${strongest.module} x ${strongest.trait}, r ${strongest.r.toFixed(3)}, log10 p ${strongest.log10_p.toFixed(1)}
The modules
  ${OUT}/modules/report.html        the overlap as a map, traits, hubs, methods: open it in a browser
  ${OUT}/modules/overlap-map.svg, module-1.svg, ...
  ${OUT}/modules/genes.parquet      the module of each gene
The network
  ${OUT}/correlations/correlations.parquet
  ${OUT}/communities/community-1.svg, network.graphml (igraph, networkx, Cytoscape), network.gexf (Gephi)`);
}

async function rows(name) {
  return parquetReadObjects({ file: await asyncBufferFromFile(`${OUT}/${name}`) });
}
