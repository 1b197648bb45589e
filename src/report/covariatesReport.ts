import { type Covariates, expressionName, OUTLIER_SD } from "../association/covariates.ts";
import { DRIVEN_P } from "../association/drivenComponents.ts";
import { EGENE_Q } from "../association/titration.ts";
import { canonicalChromosome } from "../cohort/chromosomes.ts";
import type { Cohort } from "../cohort/cohort.ts";
import { LD_PRUNING, PCA_CALL_RATE, PCA_MAF } from "../cohort/pruning.ts";
import { baseName, bases, count, counted, placeText, pValue, threshold } from "./numbers.ts";
import { inputsTable } from "./pageParts.ts";
import { references } from "./references.ts";
import type { Illustrated, NamedFigure, ReportTable, SummaryItem } from "./report.ts";

/** What the page says that the result does not hold. */
export interface CovariatesFacts {
  readonly version: string;
  readonly cohort: Cohort;
  readonly result: Covariates;
  readonly window: number;
  readonly drivenP?: number | undefined;
  readonly pruning?: {
    readonly maf?: number | undefined;
    readonly callRate?: number | undefined;
    readonly r2?: number | undefined;
    readonly window?: number | undefined;
    readonly step?: number | undefined;
  };
  readonly messages: readonly string[];
}

/** A page on a set of covariates, ready for `reportHtml`. */
export function covariatesReport(
  facts: CovariatesFacts,
  figures: readonly NamedFigure[],
  manifest: unknown,
): Illustrated {
  const { version, cohort, result } = facts;
  const names = [cohort.tables.expression.name, cohort.tables.genotypes.name].map(baseName);
  return {
    title: "Covariates",
    eyebrow: `Qortex ${version} · ${names.join(" · ")}`,
    lede: ledeText(facts),
    summary: [...cards(facts), ...inputs(cohort)],
    figures,
    tables: [
      inputsTable({ cohort, variantsInFile: cohort.tables.genotypes.variantCount }),
      ...titrationTable(result),
      ...driverTable(result),
      ...droppedTable(result),
    ],
    methods: methods(facts),
    references: references("plink", "benjaminiHochberg"),
    messages: facts.messages,
    manifest,
  };
}

/** How many of the covariates are given ones, genotype and expression components. */
export function covariateKinds({ columns }: Covariates): {
  readonly given: number;
  readonly genotype: number;
  readonly expression: number;
} {
  const starting = (start: string) => columns.names.filter((name) => name.startsWith(start)).length;
  const [genotype, expression] = [starting("genotype_PC"), starting("expression_PC")];
  return { given: columns.names.length - genotype - expression, genotype, expression };
}

function ledeText({ result }: CovariatesFacts): string {
  const { given, genotype, expression } = covariateKinds(result);
  const { titration } = result;
  const none = egenesAt(result, 0);
  const without = Number.isNaN(none) ? "" : `, without any ${count(none)}`;
  const curve =
    titration === undefined
      ? ""
      : ` With ${counted(result.chosen, "expression component")} a map of chromosome ${canonicalChromosome(titration.chromosome)} finds ${counted(egenesAt(result, result.chosen), "eGene")}${without}.`;
  return `${counted(result.columns.names.length, "covariate")} for ${counted(result.samples.length, "sample")}: ${count(given)} given, ${counted(genotype, "genotype component")} and ${counted(expression, "expression component")}.${curve}`;
}

function egenesAt({ titration }: Covariates, components: number): number {
  return titration?.points.find((point) => point.components === components)?.egenes ?? Number.NaN;
}

function cards({ result }: CovariatesFacts): SummaryItem[] {
  const { genotype, titration, drivers } = result;
  const items: SummaryItem[] = [
    {
      label: "Covariates",
      value: count(result.columns.names.length),
      note: `${counted(result.dropped.length, "other")} dropped`,
    },
    { label: "Samples", value: count(result.samples.length) },
  ];
  if (genotype !== undefined) {
    const { kept, read } = genotype.pruned.counts;
    items.push({ label: "Pruned variants", value: count(kept), note: `of ${count(read)}` });
  }
  if (titration !== undefined) {
    const most = egenesAt(result, titration.maximum);
    items.push({
      label: "Expression components",
      value: count(result.chosen),
      note: `elbow ${titration.elbow}, maximum ${titration.maximum} (${count(most)} eGenes)`,
    });
  }
  items.push({ label: "Driven by a variant", value: count(drivers.length), note: "expression components" });
  return items;
}

function inputs({ tables }: Cohort): SummaryItem[] {
  const { genotypes, expression, covariates } = tables;
  return [
    { label: "Genotypes", value: genotypes.name, inline: true },
    { label: "Expression", value: expression.name, inline: true },
    { label: "Given covariates", value: covariates?.name ?? "none", inline: true },
  ];
}

function titrationTable({ titration, chosen }: Covariates): ReportTable[] {
  if (titration === undefined) return [];
  const { points, elbow, maximum } = titration;
  const mark = (components: number): string =>
    [components === elbow && "elbow", components === maximum && "maximum", components === chosen && "chosen"]
      .filter((word) => word !== false)
      .join(", ");
  return [
    {
      title: "Titration",
      note: `eGenes of chromosome ${canonicalChromosome(titration.chromosome)}: q ≤ ${EGENE_Q}, Benjamini-Hochberg over its genes of each best p times its variants.`,
      columns: ["Expression components", "Covariates in all", "Genes tested", "eGenes", "Mark"],
      rows: points.map((point) => [
        ...[point.components, point.covariates, point.genesTested, point.egenes].map(count),
        mark(point.components),
      ]),
    },
  ];
}

function driverTable({ drivers }: Covariates): ReportTable[] {
  if (drivers.length === 0) return [];
  return [
    {
      title: "Expression components that a variant drives",
      columns: ["Component", "Strongest variant", "Position", "p"],
      rows: drivers.map(({ component, id, chromosome, position, log10P }) => [
        ...[expressionName(component), id, placeText(chromosome, position), pValue(log10P)],
      ]),
    },
  ];
}

function droppedTable({ dropped }: Covariates): ReportTable[] {
  if (dropped.length === 0) return [];
  const rows = dropped.map(({ name, why }) => [name, why]);
  return [{ title: "Covariates left out", columns: ["Covariate", "Why"], rows }];
}

function methods(facts: CovariatesFacts): string[] {
  const { version, result, cohort, window, pruning = {}, drivenP = DRIVEN_P } = facts;
  const { genotype, expression, titration, chosen } = result;
  const genotypeText =
    genotype === undefined
      ? ""
      : ` Autosomal variants with a minor allele frequency of at least ${pruning.maf ?? PCA_MAF} and a call rate of at least ${pruning.callRate ?? PCA_CALL_RATE}, outside regions of long-range linkage disequilibrium, were pruned in windows of ${pruning.window ?? LD_PRUNING.window} variants, step ${pruning.step ?? LD_PRUNING.step}, to pairwise r² ≤ ${pruning.r2 ?? LD_PRUNING.r2}; the first ${counted(genotype.components.count, "principal component")} of the ${counted(genotype.pruned.counts.kept, "variant")} left, standardised by their frequency, were taken. Samples beyond ${OUTLIER_SD} standard deviations on one of them were reported, not removed.`;
  const transform =
    cohort.transform === "inverse-normal" ? ", transformed gene by gene to normal quantiles," : "";
  const first = `Covariates were made with Qortex ${version} from ${counted(result.samples.length, "sample")}.${genotypeText} Constant covariates, the later of two with |r| > 0.9999, and, as long as there were any, the last of which the others explained more than 0.999 of the variance were left out.`;
  const tested = ` Components associated with a variant (p < ${threshold(drivenP)}, every variant tested) ${result.usable.length < expression.count ? "were set aside" : "were looked for"}.`;
  const choice =
    titration === undefined
      ? ` The first ${count(chosen)} were used.`
      : ` Numbers of components were compared by the eGenes of chromosome ${canonicalChromosome(titration.chromosome)} (cis windows of ${bases(window)}, q ≤ ${EGENE_Q}, Benjamini-Hochberg over genes of each best p times its variants); the first ${count(chosen)} were used.`;
  const second = `Expression${transform} was centred, the covariates above were projected out of it, each gene was scaled to unit variance, and principal components of ${counted(expression.features, "gene")} were taken.${tested}${choice}`;
  return [first, second];
}
