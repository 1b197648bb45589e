import type { GenotypeSource } from "../formats/genotypes.ts";
import type { Column } from "../formats/table.ts";
import { type GlsFit, NO_FIT } from "../network/generalisedLeastSquares.ts";
import { type NullLaw, nullLaw, nullLog10P } from "../network/nullMoments.ts";
import {
  columnsOf,
  doubles,
  integers,
  probabilities,
  strings,
  type WholeTable,
  wholeTable,
} from "../network/tableParts.ts";
import type { KeyGenesFacts, TraitTerm } from "../report/keyGenesReport.ts";
import { count, counted, degrees } from "../report/numbers.ts";
import { log10 } from "../statistics/elementary.ts";
import { bhLog10 } from "../statistics/multiple.ts";
import { pValue } from "./format.ts";
import type { KeyGenesOptions } from "./networkGraphOptions.ts";
import type { KeyGeneResult } from "./networkKeyGenes.ts";
import { SIGNIFICANT_Q, type SummaryLine } from "./summary.ts";

type Metadata = Readonly<Record<string, string>>;

/** `gene_pvalues`: a row for each gene of the annotation. */
export async function genePTable(
  { annotation, genes, tests, inNetwork }: KeyGeneResult,
  source: GenotypeSource,
  metadata: Metadata,
): Promise<WholeTable> {
  const best: string[] = [];
  for (const variant of tests.best) {
    best.push(variant < 0 ? "" : (await source.labels(variant, variant + 1)).id[0]!);
  }
  const each = columnsOf(annotation.genes);
  const columns = [
    strings("gene", genes.id),
    each.strings("gene_symbol", ({ symbol }) => symbol),
    each.strings("chromosome", ({ chromosome }) => chromosome),
    integers("start", genes.start),
    integers("end", genes.end),
    strings("status", tests.status),
    each.integers("in_network", (_, gene) => (inNetwork[gene]! < 0 ? 0 : 1)),
    each.integers("variants", (_, gene) => tests.to[gene]! - tests.from[gene]!),
    doubles("statistic", tests.statistic),
    doubles("z", tests.z),
    ...probabilities(tests.log10P),
    ...probabilities(logQ(tests.log10P), ["qval", "log10_q"]),
    strings("best_variant", best),
    ...probabilities(tests.bestLog10P, ["best_pval", "best_log10_p"]),
  ];
  return wholeTable("gene_pvalues", columns, metadata);
}

/** `key_genes`: a row for each gene of the network. */
export function keyGeneTable(
  result: KeyGeneResult,
  keyGenes: readonly GlsFit[],
  metadata: Metadata,
): WholeTable {
  const status = keyGenes.map(({ t }) => (Number.isNaN(t) ? "no-spread" : "ok"));
  return networkGeneTable(
    "key_genes",
    result,
    [strings("status", status), ...fitColumns(keyGenes)],
    metadata,
  );
}

/** A table with a row for each gene of the network: what gene it is, `columns`, and its own p. */
export function networkGeneTable(
  name: string,
  result: KeyGeneResult,
  columns: readonly Column[],
  metadata: Metadata,
): WholeTable {
  const { network, annotation, tests } = result;
  const each = columnsOf([...placedOf(result)]);
  const whole = [
    strings("gene", network.ids),
    each.strings("gene_symbol", (gene) => annotation.genes[gene]?.symbol ?? ""),
    each.strings("chromosome", (gene) => annotation.genes[gene]?.chromosome ?? ""),
    ...columns,
    ...each.probabilities((gene) => tests.log10P[gene] ?? Number.NaN, ["gene_pval", "gene_log10_p"]),
  ];
  return wholeTable(name, whole, metadata);
}

/** `key_pathways`: a row for each gene set. */
export function pathwayTable({ pathways }: KeyGeneResult, metadata: Metadata): WholeTable {
  const each = columnsOf(pathways);
  const columns = [
    each.strings("gene_set", ({ set }) => set.set.name),
    each.strings("description", ({ set }) => set.set.description),
    each.strings("status", ({ fit }) =>
      fit === undefined ? "too-few-genes" : Number.isNaN(fit.t) ? "no-spread" : "ok",
    ),
    each.integers("genes_in_network", ({ set }) => set.members.length),
    ...fitColumns(pathways.map(({ fit }) => fit ?? NO_FIT)),
  ];
  return wholeTable("key_pathways", columns, metadata);
}

/** beta of a regressor of standard deviation 1, and its test; with random phenotypes also by these. */
export function fitColumns(fits: readonly GlsFit[]): Column[] {
  const each = columnsOf(fits);
  const log10P = Float64Array.from(fits, (fit) => fit.log10P);
  const columns = [
    each.doubles("beta", (fit) => fit.slope),
    each.doubles("beta_se", (fit) => fit.se),
    each.doubles("t", (fit) => fit.t),
    ...probabilities(log10P),
    ...probabilities(logQ(log10P), ["qval", "log10_q"]),
  ];
  const byNull = nullLog10Ps(fits);
  if (byNull === undefined) return columns;
  return [
    ...columns,
    each.doubles("null_mean", (fit) => fit.null?.mean ?? Number.NaN),
    each.doubles("null_sd", (fit) => fit.null?.deviation ?? Number.NaN),
    ...probabilities(byNull.log10P, ["pval_null", "log10_p_null"]),
    ...probabilities(logQ(byNull.log10P), ["qval_null", "log10_q_null"]),
  ];
}

/** log10 p by random phenotypes, and their law; undefined where there were none. */
function nullLog10Ps(fits: readonly GlsFit[]): (NullLaw & { readonly log10P: Float64Array }) | undefined {
  const nulls = fits.flatMap((fit) => fit.null ?? []);
  if (nulls.length === 0) return undefined;
  const law = nullLaw(nulls);
  return { ...law, log10P: Float64Array.from(fits, (fit) => nullLog10P(fit.t, fit.null, law)) };
}

/** Benjamini and Hochberg over those that were tested. */
export function logQ(log10P: Float64Array): Float64Array {
  return bhLog10(log10P, log10P.filter((value) => !Number.isNaN(value)).length);
}

/** The annotated gene of each gene of the network, or -1. */
function placedOf({ network, inNetwork }: KeyGeneResult): Int32Array {
  const placed = new Int32Array(network.ids.length).fill(-1);
  inNetwork.forEach((number, gene) => {
    if (number >= 0) placed[number] = gene;
  });
  return placed;
}

/** What the page is made of. */
export function keyGeneFacts(
  result: KeyGeneResult,
  { gwas, reference, window, nullGwas }: Pick<KeyGenesOptions, "gwas" | "reference" | "window" | "nullGwas">,
): Omit<KeyGenesFacts, "version" | "lines"> {
  const { annotation, genes, tests, trait, degreesOfFreedom, pathways } = result;
  return {
    ...{ gwas, reference, network: result.network.path, window, nullGwas, degreesOfFreedom },
    ...{ inModel: trait.z.length, significantQ: SIGNIFICANT_Q },
    genes: {
      ...{ id: genes.id, start: genes.start, end: genes.end },
      name: annotation.genes.map(({ id, symbol }) => symbol || id),
      chromosome: annotation.genes.map(({ chromosome }) => chromosome),
      variants: tests.to.map((to, gene) => to - tests.from[gene]!),
      ...{ log10P: tests.log10P, log10Q: logQ(tests.log10P) },
    },
    keyGenes: result.keyGenes && termsOf(result.keyGenes, (i) => geneName(result, i)),
    pathways: termsOf(
      pathways.map(({ fit }) => fit ?? NO_FIT),
      (i) => pathways[i]!.set.set.name,
    ).filter((_, i) => pathways[i]!.fit !== undefined),
  };
}

function termsOf(fits: readonly GlsFit[], name: (i: number) => string): TraitTerm[] {
  const log10Q = logQ(Float64Array.from(fits, ({ log10P }) => log10P));
  return fits.map(({ slope, log10P }, i) => ({ name: name(i), beta: slope, log10P, log10Q: log10Q[i]! }));
}

export function keyGeneLines(result: KeyGeneResult): SummaryLine[] {
  const { gwas, variants, tests, trait, degreesOfFreedom, keyGenes, pathways, sets } = result;
  const { rows, used, notInReference, otherAlleles, unusable } = gwas.counts;
  const lacking = [
    [notInReference, "not in the reference"],
    [otherAlleles, "with other alleles"],
    [unusable, "without a number"],
  ] as const;
  const left = lacking.filter(([number]) => number > 0).map(([number, what]) => `${count(number)} ${what}`);
  const tested = tests.status.filter((status) => status === "ok").length;
  const own = logQ(tests.log10P).filter((q) => q <= log10(SIGNIFICANT_Q)).length;
  const lines: SummaryLine[] = [
    {
      label: "GWAS",
      value: `${counted(rows, "variant")}, ${count(used)} used${left.length > 0 ? `; ${left.join(", ")}` : ""}`,
    },
    {
      label: "Variants",
      value: `${count(variants.kept)} tested; ${count(variants.pruned)} pruned, ${count(variants.rare)} rare, ${count(variants.leftOut)} in the HLA region`,
    },
    {
      label: "Gene p",
      value: `${count(own)} of ${count(tested)} genes with q <= ${SIGNIFICANT_Q}; ${count(tests.status.length - tested)} without variants`,
    },
    {
      label: "Model",
      value: `${count(trait.z.length)} genes in the network, ${degrees(degreesOfFreedom)}`,
    },
  ];
  if (keyGenes !== undefined) lines.push(...coregulationLines(result, keyGenes));
  if (sets !== undefined) {
    const fits = pathways.map(({ fit }) => fit);
    const log10P = Float64Array.from(fits, (fit) => fit?.log10P ?? Number.NaN);
    lines.push({
      label: "Gene sets",
      value: count(logQ(log10P).filter((value) => value <= log10(SIGNIFICANT_Q)).length),
      note: `of ${count(fits.filter((fit) => fit !== undefined).length)} tried${strongestText(fits, (i) => pathways[i]!.set.set.name)}`,
    });
  }
  return lines;
}

function coregulationLines(result: KeyGeneResult, keyGenes: readonly GlsFit[]): SummaryLine[] {
  const q = logQ(Float64Array.from(keyGenes, ({ log10P }) => log10P));
  const lines: SummaryLine[] = [
    {
      label: "Key genes",
      value: count(q.filter((value) => value <= log10(SIGNIFICANT_Q)).length),
      note: `q <= ${SIGNIFICANT_Q}, Benjamini-Hochberg${strongestText(keyGenes, (i) => geneName(result, i))}`,
    },
  ];
  const byNull = nullLog10Ps(keyGenes);
  if (byNull !== undefined) {
    const significant = logQ(byNull.log10P).filter((value) => value <= log10(SIGNIFICANT_Q)).length;
    const law = byNull.law === undefined ? "normal" : "Johnson SU";
    lines.push({
      label: "By null GWAS",
      value: count(significant),
      note: `q <= ${SIGNIFICANT_Q}; t of random phenotypes: ${law}, skewness ${byNull.skewness.toFixed(2)}, kurtosis ${byNull.kurtosis.toFixed(2)}`,
    });
  }
  return lines;
}

/** Symbol, or else id, of a gene of the network. */
export const geneName = ({ network }: Pick<KeyGeneResult, "network">, gene: number): string =>
  network.symbols?.[gene] || network.ids[gene]!;

export function strongestText(
  fits: readonly (Pick<GlsFit, "log10P"> | undefined)[],
  name: (i: number) => string,
): string {
  let best = -1;
  fits.forEach((fit, i) => {
    if (fit === undefined || Number.isNaN(fit.log10P)) return;
    if (best < 0 || fit.log10P < fits[best]!.log10P) best = i;
  });
  return best < 0 ? "" : `; strongest ${name(best)}, p ${pValue(fits[best]!.log10P)}`;
}
