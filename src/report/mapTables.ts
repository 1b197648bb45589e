import { type GeneStatus, genesTested, type VariantStatus } from "../association/tables.ts";
import { correctedText, discoveryText, unitsText } from "./geneLevelText.ts";
import { KEPT_ROWS } from "./keptReport.ts";
import { anchorOf, strongestLeads } from "./leads.ts";
import type { MapFacts } from "./mapFacts.ts";
import { bases, count, megabases, plain, pValue, signed } from "./numbers.ts";
import { idCell, inputsTable, listed, qText } from "./pageParts.ts";
import type { ReportTable } from "./report.ts";
import { hubsTable } from "./transHubs.ts";

/** The tables of a map's report. */

const GENE_MEANING: Readonly<Record<GeneStatus, string>> = {
  ok: "Tested",
  "no-hit": "Tested, but no pair has a p that is written",
  "not-converged": "Tested, but no beta distribution fits its permutations, so it has no corrected p",
  "no-variants": "No variant that passed the filters lies where this map looks",
  constant: "The same expression in every sample analysed",
  collinear: "The covariates explain the expression entirely",
};

const VARIANT_MEANING: Readonly<Record<VariantStatus, string>> = {
  ok: "Tested",
  excluded: "Left out by --extract or --exclude",
  "filtered-call-rate": "Too few samples with a call (--call-rate)",
  "filtered-maf": "Minor allele too rare (--maf)",
  "filtered-mac": "Too few copies of the minor allele (--mac)",
  "filtered-hwe": "Far from Hardy-Weinberg proportions (--hwe)",
  "no-calls": "No sample analysed has a call",
  constant: "The same genotype in every sample analysed",
  collinear: "The covariates explain the genotypes entirely",
  "no-genes": "No gene to be tested with where this map looks",
  "filtered-maf-interaction": "Minor allele too rare in a half of the samples by context (--maf-interaction)",
  "collinear-interaction": "The rest of the model explains its product with the context entirely",
  "no-sex": "On X outside the pseudo-autosomal regions, and nothing says who is male (--sex)",
  "excluded-x": "On X outside the pseudo-autosomal regions (--chrx exclude)",
  "excluded-y": "On Y (--include-y-mt)",
  "excluded-mt": "On MT (--include-y-mt)",
};

export function mapTables(facts: MapFacts, topGenes: number): ReportTable[] {
  return [
    topTable(facts, topGenes),
    hubsTable(facts, topGenes),
    genesTable(facts),
    variantsTable(facts),
    samplesTable(facts),
    covariatesTable(facts),
    notesTable(facts),
    filesTable(facts),
    mapInputs(facts),
  ].filter((table) => table.rows.length > 0);
}

function mapInputs({ cohort, result }: MapFacts): ReportTable {
  const { variantsRead: read, variantsTested: tested, dropped, genes } = result.counts;
  const used = genesTested(result.counts);
  const left = { ...genes, "no-hit": 0, "not-converged": 0 };
  return inputsTable({ cohort, variants: { read, tested, dropped }, genes: left, genesUsed: used });
}

function topTable(facts: MapFacts, limit: number): ReportTable {
  const { map, significantQ } = facts;
  const leads = strongestLeads(facts, KEPT_ROWS);
  const cis = map.kind === "cis";
  const { symbol: symbols } = facts.cohort.genes;
  const place = cis ? ["Chr", "Lead variant"] : ["Gene at (Mb)", "Lead variant", "Variant at (Mb)"];
  return {
    title: leads.length < limit ? "Genes by strength" : "The strongest genes",
    shown: limit,
    note: `The lead variant of each gene, the smallest q first. Alleles are effect / other; AF is the frequency of the effect allele and the slope the change in expression per copy of it. q is ${qNote(facts)}; q ≤ ${significantQ} is called significant.${cis ? DISTANCE_NOTE[anchorOf(map)] : ""}`,
    columns: [
      "Gene",
      ...(symbols === undefined ? [] : ["Symbol"]),
      ...place,
      "Alleles",
      "AF",
      ...(cis ? ["Distance"] : []),
      "Slope ± SE",
      "P",
      "q",
    ],
    rows: leads.map((lead) => [
      idCell(lead.gene),
      ...(symbols === undefined ? [] : [idCell(symbols[lead.index] || "–", 20)]),
      ...(cis
        ? [lead.geneChromosome, idCell(lead.variant)]
        : [
            megabases(lead.geneChromosome, lead.geneStart),
            idCell(lead.variant),
            megabases(lead.chromosome, lead.position),
          ]),
      lead.effectAllele === "" ? "–" : `${short(lead.effectAllele)} / ${short(lead.otherAllele)}`,
      lead.af.toFixed(3),
      ...(cis ? [Number.isNaN(lead.distance) ? "–" : bases(lead.distance).replace("-", "−")] : []),
      `${signed(lead.slope)} ± ${plain(lead.slopeSe, 2)}`,
      pValue(lead.log10P),
      qText(lead.q),
    ]),
  };
}

function qNote(facts: MapFacts): string {
  if (facts.result.geneLevel === undefined)
    return "the Benjamini-Hochberg value over all genes of p times the variants tested with the gene";
  return `that over ${unitsText(facts)} of ${correctedText(facts)}, by ${discoveryText(facts)}`;
}

const DISTANCE_NOTE = {
  tss: " The distance is start_distance: position less first base of the gene, whatever its strand.",
  body: " The distance is body_distance: 0 within the gene, else to its nearest end, positive downstream.",
} as const;

function short(allele: string): string {
  return allele.length <= 10 ? allele : `${allele.slice(0, 9)}…`;
}

function genesTable({ result }: MapFacts): ReportTable {
  return {
    title: "Genes, by what became of them",
    place: "quality",
    columns: ["Status", "Genes", "Meaning"],
    rows: statusRows(result.counts.genes, GENE_MEANING),
  };
}

function variantsTable({ result }: MapFacts): ReportTable {
  return droppedTable(result.counts, "Variants, by what became of them");
}

/** The variants of a map by status. */
export function droppedTable(
  {
    dropped,
    variantsTested,
    variantsRead,
  }: Pick<MapFacts["result"]["counts"], "dropped" | "variantsTested" | "variantsRead">,
  title: string,
): ReportTable {
  return {
    title,
    place: "quality",
    note: `${count(variantsRead)} read. Those not tested are in variants_dropped, each with its status.`,
    columns: ["Status", "Variants", "Meaning"],
    rows: statusRows({ ok: variantsTested, ...dropped }, VARIANT_MEANING),
  };
}

/** `ok` first, then the commonest. */
function statusRows<Status extends string>(
  counts: Readonly<Partial<Record<Status, number>>>,
  meaning: Readonly<Record<Status, string>>,
): string[][] {
  return (Object.entries(counts) as [Status, number][])
    .filter(([status, number]) => number > 0 || status === "ok")
    .sort(([a, m], [b, n]) => Number(b === "ok") - Number(a === "ok") || n - m || (a < b ? -1 : 1))
    .map(([status, number]) => [status, count(number), meaning[status]]);
}

function samplesTable({ cohort }: MapFacts): ReportTable {
  const { report, tables } = cohort;
  const unmatched: readonly (readonly [string, readonly string[]])[] = [
    [`Only in ${tables.genotypes.name}`, report.genotypesOnly],
    [`Only in ${tables.expression.name}`, report.expressionOnly],
    [`Only in ${tables.covariates?.name ?? "covariates"}`, report.covariatesOnly],
    [`Not in ${tables.covariates?.name ?? "covariates"}`, report.withoutCovariates],
    ["In the lists given, but in no file", report.unknown],
  ];
  return {
    title: "Samples",
    place: "quality",
    columns: ["", "Samples", "Which"],
    rows: [
      ["Analysed", count(report.used), ""],
      ...(report.removed > 0 ? [["Left out by --keep or --remove", count(report.removed), ""]] : []),
      ...unmatched
        .filter(([, ids]) => ids.length > 0)
        .map(([label, ids]) => [label, count(ids.length), listed(ids)]),
    ],
  };
}

function covariatesTable({ cohort }: MapFacts): ReportTable {
  return {
    title: "Covariates dropped",
    place: "quality",
    columns: ["Covariate", "Why"],
    rows: cohort.report.covariatesDropped.map(({ name, why }) => [name, why]),
  };
}

function notesTable({ notes = [] }: MapFacts): ReportTable {
  return {
    title: "Notes on the files",
    place: "quality",
    columns: ["Note"],
    rows: notes.map((note) => [note]),
  };
}

function filesTable({ files }: MapFacts): ReportTable {
  return {
    title: "Files written",
    place: "quality",
    columns: ["File", "Rows", "Bytes"],
    rows: (files ?? []).map((file) => [file.name, count(file.rows), count(file.bytes)]),
  };
}
