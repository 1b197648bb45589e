import { genesTested } from "../association/tables.ts";
import { alleleName } from "./alleles.ts";
import { absentText, type FigureName, figureText } from "./captions.ts";
import { leadPlace, significantLeads, strongestLeads } from "./leads.ts";
import type { MapFacts } from "./mapFacts.ts";
import { mapTables } from "./mapTables.ts";
import { mapReferences, methodsText } from "./methods.ts";
import { baseName, bases, count, counted, degrees, pValue, shorten, signed, threshold } from "./numbers.ts";
import { asFacts } from "./pageParts.ts";
import type { Illustrated, NamedFigure, SummaryItem } from "./report.ts";
import { cisSignalsText, crossMappingText, fdrLines } from "./transFacts.ts";

export interface DrawnFigure {
  readonly name: FigureName;
  readonly svg: string;
}

/** Rows of the table of strongest genes. */
const TOP_GENES = 25;

/** A map's report, ready for `reportHtml`: words and tables from the facts, plots as drawn. */
export function mapReport(
  facts: MapFacts,
  figures: readonly DrawnFigure[],
  manifest: unknown,
  more: readonly NamedFigure[] = [],
): Illustrated {
  const { map, version, cohort } = facts;
  const what = map.kind === "cis" ? "cis-eQTL map" : map.allPairs ? "eQTL map, all pairs" : "trans-eQTL map";
  return {
    title: what,
    eyebrow: `Qortex ${version} · ${baseName(cohort.tables.expression.name)} · ${baseName(cohort.tables.genotypes.name)}`,
    lede: ledeText(facts),
    summary: [...cards(facts), ...inputs(facts), ...transItems(facts)],
    figuresNote: absentText(facts),
    figures: [...figures.map(({ name, svg }) => ({ name, ...figureText(name, facts), svg })), ...more],
    tables: mapTables(facts, TOP_GENES),
    methods: methodsText(facts),
    references: mapReferences(facts),
    messages: facts.messages ?? [],
    manifest,
  };
}

function ledeText(facts: MapFacts): string {
  const { map, cohort, result, significantQ } = facts;
  const significant = significantLeads(facts).length;
  const tested = genesTested(result.counts);
  const where =
    map.kind === "cis"
      ? map.pairs === undefined
        ? `a variant within ${bases(map.window)}`
        : "a variant listed with them"
      : map.allPairs
        ? "a variant anywhere"
        : `a variant more than ${bases(map.distance)} away or on another chromosome`;
  const verb = significant === 1 ? "is" : "are";
  return `Of ${counted(tested, "gene")} tested in ${counted(cohort.report.used, "sample")}, ${count(significant)} ${verb} associated with ${where} (q ≤ ${significantQ}).`;
}

function cards(facts: MapFacts): SummaryItem[] {
  const { map, cohort, result, significantQ } = facts;
  const { counts } = result;
  const significant = significantLeads(facts).length;
  const [strongest] = strongestLeads(facts, 1);
  const k = cohort.report.covariatesUsed.length;
  const sampled = result.null.log10P.length;
  return [
    {
      label: "Significant genes",
      value: count(significant),
      note: `of ${count(genesTested(counts))} tested, q ≤ ${significantQ}`,
    },
    {
      label: "Pairs tested",
      value: count(counts.tests),
      note:
        map.kind === "cis"
          ? `${counted(counts.variantsTested, "variant")}${pairsWritten(facts) ? ", all pairs written" : ""}`
          : `${count(counts.hits)} with p ≤ ${threshold(map.pValue)}`,
    },
    {
      label: "Samples",
      value: count(cohort.report.used),
      note: `${counted(k, "covariate")}, ${degrees(cohort.degreesOfFreedom)}`,
    },
    {
      label: "Inflation λ",
      value: Number.isNaN(result.null.lambda) ? "–" : result.null.lambda.toFixed(3),
      note: sampled === 0 ? "no pairs" : `of ${counted(sampled, "sampled pair")}`,
    },
    ...(strongest === undefined
      ? []
      : [
          {
            label: "P of the strongest gene",
            value: pValue(strongest.log10P),
            note: `${shorten(strongest.gene, 30)} × ${shorten(strongest.variant, 30)}, slope ${signed(strongest.slope, 4)} per copy of ${shorten(alleleName(strongest.effectAllele), 17)}, ${leadPlace(strongest, map).replace("-", "−")}`,
          },
        ]),
  ];
}

/** Whether a cis map has the table of all its pairs. */
function pairsWritten({ files }: MapFacts): boolean {
  return files === undefined || files.some(({ name }) => name.startsWith("cis_pairs"));
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

/** What permutations and cross-mapping have to say. */
function transItems(facts: MapFacts): SummaryItem[] {
  const { map, result } = facts;
  if (map.kind === "cis") return [];
  const lines = fdrLines(facts).map(({ label, value, note }) => ({ label, value: `${value} (${note})` }));
  const crossMapping = { label: "Cross-mapping", value: crossMappingText({ map, result }) };
  const signals = cisSignalsText(facts);
  const cisSignals = signals === undefined ? [] : [{ label: "Cis signals", value: signals }];
  return asFacts([...lines, ...cisSignals, crossMapping]);
}
