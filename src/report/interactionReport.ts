import {
  type ContextMap,
  type InteractionFacts,
  significantInteractions,
  strongestInteractions,
} from "./interactionFacts.ts";
import { KEPT_ROWS } from "./keptReport.ts";
import { droppedTable } from "./mapTables.ts";
import { covarianceText } from "./methods.ts";
import { bases, count, counted, plain, pValue, signed, threshold } from "./numbers.ts";
import { asFacts, eyebrow, idCell, inputsTable } from "./pageParts.ts";
import { references } from "./references.ts";
import type { Cell, Illustrated, ReportTable, SummaryItem } from "./report.ts";

export interface InteractionFigure {
  /** Of its file, without ending. */
  readonly name: string;
  readonly context: string;
  /** Pairs along the genome, or the QQ plot of a test. */
  readonly shows: "pairs" | "OLS" | "GLS" | "HC3";
  readonly svg: string;
}

/** Rows of the table of strongest genes. */
const TOP_GENES = 25;

/** Of that table, after the gene and its symbol. */
const COLUMNS = ["Variant", "Alleles", "AF", "b ± SE", "SE HC3", "P", "P HC3", "P corrected", "q"];

/** The report of interaction maps, ready for `reportHtml`; `lines` are the terminal's, a list a context. */
export function interactionReport(
  facts: InteractionFacts,
  lines: readonly (readonly SummaryItem[])[],
  figures: readonly InteractionFigure[],
  messages: readonly string[],
  manifest: unknown,
): Illustrated {
  const { map, version, maps } = facts;
  const { covariance } = facts.cohort;
  return {
    title: `${map.kind}-eQTL interaction map`,
    eyebrow: eyebrow(version, facts.cohort.tables.expression.name, facts.cohort.tables.genotypes.name),
    lede: maps
      .map(
        (one) =>
          `The effect of a variant changes with ${one.context} in ${counted(significantInteractions(one, facts.significantQ), "gene")} (q ≤ ${facts.significantQ}).`,
      )
      .join(" "),
    summary: maps.flatMap((one, i) =>
      asFacts(lines[i]!).map((line) => ({
        ...line,
        label: maps.length === 1 ? line.label : `${one.context}: ${line.label}`,
      })),
    ),
    figures: figures.map(({ name, context, shows, svg }) => ({
      name,
      ...(shows === "pairs" ? pairsText(facts, context) : qqText(facts, context, shows)),
      svg,
    })),
    figuresNote:
      map.kind === "trans"
        ? ["There are no regional plots: of each gene only the pairs that pass are kept, too few to draw."]
        : [],
    tables: [
      inputsTable({ cohort: facts.cohort, variantsInFile: maps[0]?.result.counts.variantsRead }),
      ...maps.flatMap((one) => [
        topTable(facts, one),
        droppedTable(one.result.counts, `Variants, g × ${one.context}`),
      ]),
    ],
    methods: methods(facts),
    references: references(
      ...(covariance === undefined ? (["hc3", "bellMcCaffrey"] as const) : []),
      covariance !== undefined && covariance.kind !== "given" && "mixedModel",
      facts.eigenMT && "eigenMt",
      "benjaminiHochberg",
      "lambda",
    ),
    messages,
    manifest,
  };
}

function pairsText({ map, cohort }: InteractionFacts, context: string) {
  const kept = map.kind === "cis" ? "" : ` Pairs with p ≤ ${threshold(map.pValue)} were kept.`;
  return {
    title: `Where the effect changes with ${context}`,
    caption: `The strongest interaction (${cohort.covariance === undefined ? "OLS" : "GLS"}) at each place of the genome, at its variant; names are of the genes with the smallest corrected p. The line is 0.05 over the number of tests.${kept}`,
  };
}

function qqText({ seed }: InteractionFacts, context: string, test: string) {
  return {
    title: `P-values of g × ${context}, ${test}`,
    caption: `Observed against expected p of a random sample of the pairs tested, whatever their p (seed ${seed}). Points above the band at the right are real interactions or a model that does not hold${test === "GLS" ? "" : "; where OLS leaves the band and HC3 does not, the variance of expression changes with the context"}.`,
  };
}

function topTable({ cohort, eigenMT }: InteractionFacts, one: ContextMap): ReportTable {
  const { leads, leadExtra } = one.result;
  const i = one.contexts.length === 1 ? "" : "1";
  const times = eigenMT ? "effective number of tests (eigenMT)" : "number of tests";
  const { id, symbol: symbols } = cohort.genes;
  const columns = ["Gene", ...(symbols === undefined ? [] : ["Symbol"]), ...COLUMNS];
  const shown = <Shown>(row: readonly Shown[]): Shown[] =>
    row.filter((_, c) => cohort.covariance === undefined || !columns[c]!.endsWith("HC3"));
  return {
    title: `Strongest genes, g × ${one.context}`,
    note: `The lead variant of each gene. b is the change of the effect of the first allele per unit of ${one.contexts[0]}; corrected p is p times the gene's ${times}, q the Benjamini-Hochberg value of that over all genes tested.`,
    columns: shown(columns),
    shown: TOP_GENES,
    rows: strongestInteractions(one, KEPT_ROWS).map(({ gene, log10Corrected, q }) =>
      shown<Cell>([
        idCell(id[gene]!),
        ...(symbols === undefined ? [] : [idCell(symbols[gene] || "–", 20)]),
        idCell(leads.lead.id[gene]!),
        `${leads.lead.effectAllele[gene]} / ${leads.lead.otherAllele[gene]}`,
        leads.lead.af[gene]!.toFixed(3),
        `${signed(leads.slope[gene]!)} ± ${plain(leads.slopeSe[gene]!, 2)}`,
        robust(leadExtra[`b_gi${i}_se_hc3`]![gene]!, (se) => plain(se, 2)),
        pValue(leads.log10P[gene]!),
        robust(leadExtra[`log10_p_gi${i}_hc3`]![gene]!, pValue),
        pValue(log10Corrected),
        q === 0 ? "< 10⁻³⁰⁰" : pValue(Math.log10(q)),
      ]),
    ),
  };
}

function robust(value: number, show: (value: number) => string): string {
  return Number.isNaN(value) ? "–" : show(value);
}

function methods(facts: InteractionFacts): string[] {
  const { map, version, cohort, maps, seed } = facts;
  const k = maps[0]?.covariates ?? 0;
  const pairs =
    map.kind === "cis"
      ? `Every variant within ${bases(map.window)} of a gene was tested with it in double precision.`
      : `Pairs ${map.allPairs ? "of all variants and genes" : `more than ${bases(map.distance)} apart or on two chromosomes`} were tested; those with p ≤ ${threshold(map.pValue)} were kept, and none that reaches it was missed.`;
  const terms = [
    ...maps.flatMap(({ byGenotype }) => byGenotype.map((name) => `${name} × genotype`)),
    ...facts.covariateByContext.map((name) => `${name} × context`),
  ];
  const more = terms.length === 0 ? "" : ` The model also had ${[...new Set(terms)].join(", ")}.`;
  const within = facts.eigenMT
    ? "The best p of a gene was multiplied by its effective number of tests (eigenMT with Ledoit-Wolf shrinkage, windows of 200 variants, 99% of the variance)"
    : "The best p of a gene was multiplied by its number of tests";
  const { covariance } = cohort;
  const squares = covariance === undefined ? "ordinary least squares" : "generalised least squares";
  const errors = covariance === undefined ? "" : ` ${covarianceText(covariance)}`;
  const df = [...new Set(maps.map(({ degreesOfFreedom }) => count(degreesOfFreedom)))].join(", ");
  const robustly =
    covariance === undefined
      ? `Heteroscedasticity-robust standard errors (HC3) were computed for pairs with p ≤ ${threshold(facts.hc3Below)}, for lead variants and for a random sample of the pairs tested (seed ${seed}); their p-values are from t distributions with the scale and degrees of freedom that the error of each variant has under equal variance or, where a gene's residuals say that their variance follows the context (likelihood ratio, p ≤ 0.001), under a variance exp(γz), z the standardised context (Satterthwaite; Bell and McCaffrey 2002).`
      : "Robust standard errors (HC3) were not computed: they are of each sample's own error, and samples correlate. The association of genotypes with the context was tested with samples taken as independent.";
  return [
    `An interaction map was computed with Qortex ${version} from ${counted(cohort.report.used, "sample")}. For each pair, expression was regressed on ${counted(k, "covariate")}, genotype, context and their product by ${squares}, ${maps.map(({ context }) => context).join("; ")}.${errors}${more} Variants needed a minor allele frequency of at least ${facts.mafInteraction} ${cohort.tables.contextIsSex === true ? "in either sex" : "in the lower and in the upper half of the samples by context"}. ${pairs}`,
    `P-values are two-sided; those of ${squares} are from the t distribution with ${df} degrees of freedom, computed as logarithms. ${robustly} ${within}, and adjusted over genes by Benjamini and Hochberg.`,
  ];
}
