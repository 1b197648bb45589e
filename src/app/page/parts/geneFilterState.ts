import { setSetting, setting } from "../state.ts";
import { type GeneFilter, type GeneSort, sortOf } from "./geneFilter.ts";

/** The gene table's filters and order as the page remembers them: its rows are also what "next gene" goes through. */

export const FILTER_NAMES = ["search", "status", "chr", "q", "slope"] as const;

export function geneFilter(): GeneFilter {
  return {
    search: setting("genes.search"),
    status: setting("genes.status"),
    chromosome: setting("genes.chr"),
    q: numberOf(setting("genes.q")),
    slope: numberOf(setting("genes.slope")),
  };
}

export function isFiltered(): boolean {
  return FILTER_NAMES.some((name) => setting(`genes.${name}`) !== "");
}

export function clearFilters(): void {
  for (const name of FILTER_NAMES) setSetting(`genes.${name}`, "");
}

export function geneSort(): GeneSort {
  return sortOf(setting("genes.sort"));
}

export function keepSort({ by, descending }: GeneSort): void {
  setSetting("genes.sort", `${descending ? "-" : ""}${by}`);
}

/** What is no number bounds nothing. */
function numberOf(text: string): number {
  return text.trim() === "" ? Number.NaN : Number(text);
}
