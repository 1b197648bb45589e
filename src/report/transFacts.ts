import { type LevelFdr, SIGNIFICANT_FDR } from "../association/trans/permutationFdr.ts";
import type { MapFacts, TransMap } from "./mapFacts.ts";
import { bases, count, counted, threshold } from "./numbers.ts";

/** What summary and report say of a trans map alone. */

/** Whether pairs that cross-map were left out, and how many. */
export function crossMappingText({ map, result }: { map: TransMap; result: MapFacts["result"] }): string {
  const { crossMapped } = result;
  if (crossMapped === undefined) return "NOT filtered for cross-mapping";
  return `${counted(crossMapped.tests, "pair")} not tested, ${count(crossMapped.gene.length)} of them with p ≤ ${threshold(map.pValue)} (${map.crossMapping})`;
}

/** How many cis signals were projected out, and of how many genes; undefined without any asked for. */
export function cisSignalsText({ map, result }: MapFacts): string | undefined {
  if (map.kind === "cis" || map.regressCis === undefined) return undefined;
  const { cisSignals } = result;
  const which =
    cisSignals === undefined
      ? ""
      : `${counted(cisSignals.signals, "lead")} of ${counted(cisSignals.genes, "gene")} `;
  return `${which}projected out, 1 degree of freedom less for each (${map.regressCis})`;
}

/** What to go by where {@link fdrLines} and q by Benjamini and Hochberg disagree. */
export const FDR_OVER_Q = "the FDR lines rest on permutations: go by them where the two differ";

/**
 * A line for each level at which permutations give a false discovery rate, and one on genes that one sample dominates: a rare variant of that sample
 * hits them in every permutation, and the null is one for all genes.
 */
export function fdrLines({ result, cohort }: MapFacts): { label: string; value: string; note: string }[] {
  const found = result.permutations;
  if (found === undefined) return [];
  const { permutations, locusDistance } = found;
  const line = (label: string, noun: string, plural: string, level: LevelFdr, what: string) => ({
    label,
    value: `${counted(level.significant, noun, plural)} at FDR <= ${SIGNIFICANT_FDR}`,
    note: `of ${count(level.observed)} found; ${expected(level.permuted / permutations)} expected by chance; ${zero(level, permutations)}; ${what}`,
  });
  const locus = `a gene's hits within ${bases(locusDistance)} of each other, by the best`;
  return [
    line("FDR of pairs", "pair", "pairs", found.pair, "linked variants count each"),
    line("FDR of genes", "gene", "genes", found.gene, "each by its best pair"),
    line("FDR of loci", "locus", "loci", found.locus, locus),
    ...outlyingLine(cohort.genes.dominantSample),
  ];
}

function outlyingLine(dominant: readonly string[] = []): { label: string; value: string; note: string }[] {
  const number = dominant.filter((sample) => sample !== "").length;
  if (number === 0) return [];
  const value = `${counted(number, "gene")} that one sample dominates ${number === 1 ? "is" : "are"} in the null of all`;
  const note = "their chance hits count against every gene; --transform inverse-normal takes them away";
  return [{ label: "FDR's null", value, note }];
}

function expected(number: number): string {
  return number >= 100 ? count(Math.round(number)) : String(Number(number.toPrecision(3)));
}

/** An FDR of 0 is a limit of the permutations, and is said as one. */
function zero({ unmatched }: LevelFdr, permutations: number): string {
  return `${count(unmatched)} stronger than any in ${counted(permutations, "permutation")} (FDR 0: < ${Number((1 / permutations).toPrecision(3))} expected)`;
}
