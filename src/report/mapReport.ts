import { alleleName } from "./alleles.ts";
import { type FigureName, figureText } from "./captions.ts";
import { significantGenes, strongestLeads } from "./leads.ts";
import type { MapFacts } from "./mapFacts.ts";
import { mapTables } from "./mapTables.ts";
import { methodsText } from "./methods.ts";
import { bases, count, counted, pValue, signed, threshold } from "./numbers.ts";
import type { ReportData, SummaryItem } from "./report.ts";

export interface DrawnFigure {
  readonly name: FigureName;
  readonly svg: string;
}

/** Rows of the table of strongest genes. */
const TOP_GENES = 25;

/** A map's report, ready for `reportHtml`: words and tables from the facts, plots as drawn. */
export function mapReport(facts: MapFacts, figures: readonly DrawnFigure[], manifest: unknown): ReportData {
  const { map, version, cohort } = facts;
  const what = map.kind === "cis" ? "cis-eQTL map" : map.allPairs ? "eQTL map, all pairs" : "trans-eQTL map";
  return {
    title: what,
    eyebrow: `Qortex ${version} · ${baseName(cohort.tables.expression.name)} · ${baseName(cohort.tables.genotypes.name)}`,
    lede: ledeText(facts),
    summary: [...cards(facts), ...inputs(facts)],
    figures: figures.map(({ name, svg }) => ({ ...figureText(name, facts), svg })),
    tables: mapTables(facts, TOP_GENES),
    methods: methodsText(facts),
    messages: facts.messages ?? [],
    manifest,
  };
}

function ledeText({ map, cohort, result, significantQ }: MapFacts): string {
  const significant = significantGenes(result.leads, significantQ);
  const tested = result.counts.genes.ok ?? 0;
  const where =
    map.kind === "cis"
      ? `a variant within ${bases(map.window)}`
      : map.allPairs
        ? "a variant anywhere"
        : `a variant more than ${bases(map.distance)} away or on another chromosome`;
  const verb = significant === 1 ? "is" : "are";
  return `Of ${counted(tested, "gene")} tested in ${counted(cohort.report.used, "sample")}, ${count(significant)} ${verb} associated with ${where} (q ≤ ${significantQ}).`;
}

function cards({ map, cohort, result, significantQ }: MapFacts): SummaryItem[] {
  const { counts } = result;
  const significant = significantGenes(result.leads, significantQ);
  const [strongest] = strongestLeads(cohort.genes, result.leads, 1);
  const k = cohort.report.covariatesUsed.length;
  return [
    {
      label: "Significant genes",
      value: count(significant),
      note: `of ${count(counts.genes.ok ?? 0)} tested, q ≤ ${significantQ}`,
    },
    {
      label: "Pairs tested",
      value: count(counts.tests),
      note:
        map.kind === "cis"
          ? `${counted(counts.variantsTested, "variant")}, all pairs written`
          : `${count(counts.hits)} with p ≤ ${threshold(map.pValue)}`,
    },
    {
      label: "Samples",
      value: count(cohort.report.used),
      note: `${counted(k, "covariate")}, ${count(cohort.degreesOfFreedom)} degrees of freedom`,
    },
    {
      label: "Inflation λ",
      value: Number.isNaN(result.null.lambda) ? "–" : result.null.lambda.toFixed(3),
      note: `of ${counted(result.null.log10P.length, "sampled pair")}`,
    },
    ...(strongest === undefined
      ? []
      : [
          {
            label: "Smallest p",
            value: pValue(strongest.log10P),
            note: `${strongest.gene} × ${strongest.variant}, slope ${signed(strongest.slope)} per ${alleleName(strongest.effectAllele)}`,
          },
        ]),
  ];
}

function inputs({ command, cohort }: MapFacts): SummaryItem[] {
  const { genotypes, expression, covariates } = cohort.tables;
  return [
    { label: "Genotypes", value: genotypes.name },
    { label: "Expression", value: expression.name },
    { label: "Covariates", value: covariates?.name ?? "none" },
    ...(command === undefined ? [] : [{ label: "Command", value: command, code: true }]),
  ].map((item) => ({ ...item, inline: true }));
}

function baseName(path: string): string {
  return path.split(/[\\/]/).pop() ?? path;
}
