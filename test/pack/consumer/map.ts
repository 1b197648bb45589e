// A consumer's program in Node: node map.js GENOTYPES EXPRESSION. Type-checked against the declarations shipped.
import { createBackend, InputError, mapCis, mapTrans, openCohort, type PairBatch } from "qortex";

declare const process: { readonly argv: readonly string[] };
const [genotypes = "", expression = ""] = process.argv.slice(2);

const backend = await createBackend("auto", { threads: 2 });
const cohort = await openCohort({ genotypes, expression });

const cis = mapCis(cohort, { backend, window: 10_000 });
const batches: PairBatch[] = [];
for await (const batch of cis) batches.push(batch);
const { leads, counts } = cis.result();

const trans = mapTrans(cohort, { backend, pValue: 1e-4, allPairs: true });
const hits: string[] = [];
for await (const { variants, variant, gene } of trans)
  gene.forEach((g, row) => {
    hits.push(`${variants.id[variant[row] ?? -1]} ${trans.genes.id[g]}`);
  });
await backend.dispose();
await cohort.close();

const message = await openCohort({ genotypes: "nowhere", expression }).then(
  () => "none",
  (error: unknown) => (error instanceof InputError ? error.message : `not an InputError: ${error}`),
);

console.log(
  JSON.stringify({
    samples: cohort.samples.length,
    tests: counts.tests,
    rows: batches.reduce((sum, batch) => sum + batch.gene.length, 0),
    leads: cis.genes.id.map((gene, i) => ({
      gene,
      status: leads.status[i],
      variant: leads.lead.id[i],
      slope: leads.slope[i],
    })),
    hits,
    message,
  }),
);
