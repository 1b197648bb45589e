import { agreement } from "../association/interaction/output.ts";
import { genesTested } from "../association/tables.ts";
import type { CovarianceKind } from "../cohort/covariance.ts";
import type { Json } from "../node/manifest.ts";
import type { OutputFile } from "../node/output.ts";
import {
  type ContextMap,
  type InteractionFacts,
  significantInteractions,
  strongestInteractions,
} from "../report/interactionFacts.ts";
import { bases, count, counted, degrees, shorten } from "../report/numbers.ts";
import { duration, effect, fileSize, pValue } from "./format.ts";
import { aligned, labelled, type SummaryLine } from "./summary.ts";

/** Genes listed below the check of a context. */
const TOP_SHOWN = 5;

/** The one-page check: facts and strongest genes of each context, and the files. */
export function interactionSummary(
  facts: InteractionFacts,
  out: string,
  files: readonly OutputFile[],
  seconds: number,
): string {
  const { cohort, maps, map } = facts;
  const what = maps.length === 1 ? maps[0]!.context : counted(maps.length, "context");
  const title = `${map.kind} interaction map of ${counted(cohort.genes.id.length, "gene")} with ${what}, in ${duration(seconds)}`;
  const sections = [title];
  for (const one of maps) {
    if (maps.length > 1) sections.push(`Context ${one.context}`);
    sections.push(labelled(interactionLines(facts, one)));
    const top = topRows(facts, one);
    if (top.length > 1) sections.push(`Strongest genes\n${aligned(top, 3).replace(/^/gm, "  ")}`);
  }
  const rows = files.map((file) => [
    `  ${file.name}`,
    file.rows === undefined ? "" : counted(file.rows, "row"),
    fileSize(file.bytes),
  ]);
  sections.push(`Files in ${out}\n${aligned(rows, 1)}`);
  return sections.join("\n\n");
}

/** The check of one context, one fact a line. */
export function interactionLines(facts: InteractionFacts, one: ContextMap): SummaryLine[] {
  const { map, cohort, significantQ } = facts;
  const { result } = one;
  const { counts } = result;
  const kind = cohort.covariance?.kind;
  const tested = counted(genesTested(counts), "gene");
  const reach =
    map.kind === "cis"
      ? `each gene with the variants within ${bases(map.window)} of it`
      : map.allPairs
        ? "all pairs"
        : `pairs more than ${bases(map.distance)} apart or on two chromosomes`;
  const times = facts.eigenMT ? "effective number of tests (eigenMT)" : "number of tests";
  const significant = significantInteractions(one, significantQ);
  const dropped = Object.entries(counts.dropped)
    .filter(([, number]) => number > 0)
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .map(([status, number]) => `${count(number)} ${status}`);
  const by = one.byGenotype.length === 0 ? "" : `, ${one.byGenotype.join(", ")} x genotype`;
  return [
    {
      label: "Model",
      value: `${counted(cohort.report.used, "sample")}, ${counted(one.covariates, "covariate")}, g, ${one.contexts.join(", ")} and g x each${by}, ${degrees(one.degreesOfFreedom)}`,
    },
    {
      label: "Tests",
      value: count(counts.tests),
      note: `${counted(counts.variantsTested, "variant")} x ${tested}, ${reach}`,
    },
    ...(map.kind === "trans" ? [{ label: "Written", value: counted(counts.hits, "pair") }] : []),
    {
      label: "Variants",
      value: [
        `${count(counts.variantsRead)} read`,
        `${count(counts.variantsTested)} tested`,
        ...dropped,
      ].join(", "),
    },
    {
      label: "Significant",
      value: counted(significant, "gene"),
      note: `q <= ${significantQ}, Benjamini-Hochberg over ${tested} of each best p times its ${times}`,
    },
    ...(kind === undefined ? [lambdaLine(one), robustLine(one)] : [whitenedLine(one, kind)]),
    contextLine(one),
  ];
}

function lambdaLine({ result }: ContextMap): SummaryLine {
  const { log10P, lambda } = result.null;
  if (log10P.length === 0) return { label: "Lambda", value: "none", note: "no pair was tested" };
  return {
    label: "Lambda",
    value: `${lambda.toFixed(3)} OLS, ${Number.isNaN(result.lambdaHc3) ? "no" : result.lambdaHc3.toFixed(3)} HC3`,
    note: `median chi-square of ${counted(log10P.length, "sampled pair")} over its expectation; OLS above 1 and HC3 near 1: the variance of expression changes with the context`,
  };
}

/** A lambda above this is spoken of. */
const INFLATED = 1.05;

/** Lambda where samples are not independent. */
function whitenedLine({ result, contexts }: ContextMap, kind: CovarianceKind): SummaryLine {
  const { log10P, lambda } = result.null;
  if (log10P.length === 0) return { label: "Lambda", value: "none", note: "no pair was tested" };
  const differ =
    kind === "donors" && lambda > INFLATED
      ? `; above 1, donors may differ in their response to ${contexts[0]}, which the model lacks`
      : "";
  return {
    label: "Lambda",
    value: lambda.toFixed(3),
    note: `median chi-square of ${counted(log10P.length, "sampled pair")} over its expectation, by generalised least squares${differ}; no HC3, which is of each sample's own error: samples correlate`,
  };
}

/** How many leads stand on OLS alone. */
function robustLine({ result, contexts }: ContextMap): SummaryLine {
  const i = contexts.length === 1 ? "" : "1";
  const p = result.leadExtra[`log10_p_gi${i}`]!;
  const robust = result.leadExtra[`log10_p_gi${i}_hc3`]!;
  const flags = Array.from(p, (value, gene) => agreement(value, robust[gene]!));
  const of = (flag: string): number => flags.filter((each) => each === flag).length;
  return {
    label: "OLS and HC3",
    value: `agree on ${count(of("agree"))} leads, OLS smaller on ${count(of("ols-smaller"))}, HC3 smaller on ${count(of("hc3-smaller"))}`,
    note: "tenfold in p, and a fifth of the larger -log10 p",
  };
}

/** Genotypes that follow the context are no instrument for it. */
const FOLLOWS = 1e-3;

function contextLine({ result, contexts }: ContextMap): SummaryLine {
  const p = result.leadExtra[contexts.length === 1 ? "log10_p_context" : "log10_p_context_1"]!;
  const led = p.filter((value) => !Number.isNaN(value));
  const associated = led.filter((value) => value <= Math.log10(FOLLOWS)).length;
  return {
    label: "g on context",
    value: `${count(associated)} of ${count(led.length)} lead variants associated with ${contexts[0]} (p <= ${FOLLOWS})`,
    note: "where they are, g x context may stand for context x context",
  };
}

const TOP_COLUMNS = [
  "gene",
  "variant",
  "allele",
  "af",
  "b_gi",
  "SE",
  "SE HC3",
  "p",
  "p HC3",
  "p corrected",
  "q",
];

function topRows({ cohort }: InteractionFacts, one: ContextMap): string[][] {
  const { leads, leadExtra } = one.result;
  const i = one.contexts.length === 1 ? "" : "1";
  const rows = strongestInteractions(one, TOP_SHOWN).map(({ gene, log10Corrected, q }) => [
    shorten(cohort.genes.id[gene]!, 30),
    shorten(leads.lead.id[gene]!, 30),
    shorten(leads.lead.effectAllele[gene]!, 12),
    leads.lead.af[gene]!.toFixed(3),
    effect(leads.slope[gene]!),
    effect(leads.slopeSe[gene]!),
    effect(leadExtra[`b_gi${i}_se_hc3`]![gene]!),
    pValue(leads.log10P[gene]!),
    pValue(leadExtra[`log10_p_gi${i}_hc3`]![gene]!),
    pValue(log10Corrected),
    q === 0 ? "<1e-300" : pValue(Math.log10(q)),
  ]);
  const robust = cohort.covariance === undefined;
  const shown = (row: readonly string[]): string[] =>
    row.filter((_, column) => robust || !TOP_COLUMNS[column]!.endsWith("HC3"));
  return [TOP_COLUMNS, ...rows].map(shown);
}

/** The same for a program. */
export function interactionRecord(
  facts: InteractionFacts,
  out: string,
  files: readonly OutputFile[],
  seconds: number,
): { readonly [key: string]: Json } {
  const number = (value: number): number | null => (Number.isNaN(value) ? null : value);
  return {
    kind: `${facts.map.kind}-interaction`,
    out,
    seconds,
    samples: facts.cohort.report.used,
    covariates: facts.cohort.report.covariatesUsed.length,
    genes: facts.cohort.genes.id.length,
    contexts: facts.maps.map((one) => ({
      context: one.context,
      degreesOfFreedom: one.degreesOfFreedom,
      significantGenes: significantInteractions(one, facts.significantQ),
      lambda: number(one.result.null.lambda),
      lambdaHc3: number(one.result.lambdaHc3),
      counts: { ...one.result.counts },
      summary: interactionLines(facts, one).map(({ label, value, note }) => ({
        label,
        value,
        note: note ?? null,
      })),
    })),
    files: files.map((file) => ({ ...file })),
  };
}
