import type { Message } from "../cohort/cohort.ts";
import type { InputFile } from "../node/manifest.ts";
import type { OutputFolder } from "../node/output.ts";
import { count, counted } from "../report/numbers.ts";
import { reportHtml } from "../report/report.ts";
import type { MapOptions } from "./options.ts";
import type { Figure } from "./plots.ts";
import { version } from "./shell.ts";
import {
  genesTested,
  type MapFacts,
  SIGNIFICANT_Q,
  significantLeads,
  summaryLines,
  TOP_COLUMNS,
  topLeads,
  topRows,
} from "./summary.ts";

/** Genes in the table of the page. */
const TOP_REPORTED = 50;

/** What the page is made of besides the facts. */
export interface PageParts {
  readonly options: MapOptions;
  readonly figures: readonly Figure[];
  readonly inputs: readonly InputFile[];
  readonly messages: readonly Message[];
}

/** The page and its plots. Nothing in them depends on backend, threads, memory or the clock. */
export async function writeReport(folder: OutputFolder, facts: MapFacts, parts: PageParts): Promise<void> {
  const { figures, inputs, messages } = parts;
  for (const { name, svg } of figures) await folder.text(`${name}.svg`, svg);
  const {
    backend: _b,
    device: _d,
    threads: _t,
    memory: _m,
    out: _o,
    overwrite: _w,
    quiet: _q,
    ...options
  } = parts.options;
  const html = reportHtml({
    eyebrow: `Qortex ${version()}`,
    title: `${facts.kind}-eQTL map`,
    lede: `${count(significantLeads(facts).numRows())} of ${counted(genesTested(facts), "gene")} tested have a ${facts.kind}-eQTL at q <= ${SIGNIFICANT_Q}.`,
    summary: summaryLines(facts).filter((line) => line.label !== ""),
    figures: figures.map(({ title, caption, svg }) => ({ title, caption, svg })),
    tables: [
      { title: "Strongest genes", columns: TOP_COLUMNS, rows: topRows(topLeads(facts, TOP_REPORTED)) },
    ],
    methods: methods(facts, parts.options),
    messages: messages.filter(({ level }) => level === "warning").map(({ text }) => text),
    manifest: { version: version(), command: facts.kind, options, inputs },
  });
  await folder.text("report.html", html);
}

/** What was done, in words for a paper. */
function methods(facts: MapFacts, options: MapOptions): string[] {
  const { counts } = facts.result;
  const transformed =
    options.transform === "none"
      ? "Expression was used as given."
      : "Expression of each gene was mapped to normal quantiles of rank / (n + 1) over the samples used, ties averaged.";
  const covariates = counted(facts.covariates, "covariate");
  const adjusted =
    facts.covariates === 0
      ? "No covariates were used."
      : options.model === "ols"
        ? `${covariates} and an intercept were projected out of expression and genotypes.`
        : `${covariates} and an intercept were projected out of expression, not of genotypes.`;
  const filters = [
    `minor allele frequency of at least ${options.maf}`,
    ...(options.mac > 0 ? [`minor allele count of at least ${options.mac}`] : []),
    ...(options.callRate > 0 ? [`call rate of at least ${options.callRate}`] : []),
    ...(options.hwe > 0 ? [`exact Hardy-Weinberg p of at least ${options.hwe}`] : []),
  ];
  return [
    `Qortex ${version()} tested ${counted(counts.tests, "pair")} of a variant and a gene (${facts.reach}) by ordinary least squares in ${counted(facts.samples, "sample")}, with ${facts.degreesOfFreedom} degrees of freedom. ${transformed} ${adjusted} Variants had a ${filters.join(", a ")}; missing calls were set to the variant's mean.`,
    "Slopes are changes of expression per copy of the effect allele. The best p-value of each gene was multiplied by the number of variants tested with it (Bonferroni), and these values were corrected over genes (Benjamini-Hochberg) to give q.",
  ];
}
