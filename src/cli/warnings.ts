import type { MapResult } from "../association/tables.ts";
import type { Cohort, Message } from "../cohort/cohort.ts";
import { dominantText } from "../cohort/dominant.ts";
import { count, counted } from "../report/numbers.ts";

/** What a run warns of by itself; readers and the cohort have warnings of their own. */

/** Names shown of a list. */
const SHOWN = 5;

/** A mistyped list should not pass in silence. */
export function unknownIds(cohort: Cohort): Message[] {
  const { unknown } = cohort.report;
  if (unknown.length === 0) return [];
  const some = unknown.slice(0, 3).join(", ");
  const text = `${counted(unknown.length, "id")} of --keep, --remove, --coupling or --donors in none of the files: ${some}${unknown.length > 3 ? ", ..." : ""}`;
  return [{ level: "warning", text }];
}

/** What is said of the genes that a command has chosen (numbers) of a cohort opened with `genesLater`. */
export function dominatedGenes({ genes }: Cohort, chosen: Iterable<number>): Message[] {
  const text = dominantText(genes.id, genes.dominantSample ?? [], chosen);
  return text === undefined ? [] : [{ level: "warning", text }];
}

/** What {@link nothingTested} says of either side; a `Cohort` has it. */
export interface TestedSides {
  readonly tables: { readonly genotypes: { readonly chromosomes: readonly string[] } };
  readonly genes: { readonly chromosome: readonly string[] };
}

/** An empty map is a valid answer, but hardly the one that was asked for: says what became of either side. */
export function nothingTested(cohort: TestedSides, { counts }: MapResult): Message[] {
  if (counts.tests > 0) return [];
  const { genotypes } = cohort.tables;
  const sides = [
    `genes: ${byStatus(counts.genes)}`,
    `variants: ${byStatus({ tested: counts.variantsTested, ...counts.dropped })}`,
    `the genotypes have ${chromosomes(genotypes.chromosomes)}`,
    `the expression has ${chromosomes(cohort.genes.chromosome)}`,
  ];
  return [{ level: "warning", text: `nothing was tested: ${sides.join("; ")}` }];
}

/** Something that went wrong beside the map, which is complete. */
export function besideTheMap(what: string, error: unknown): Message {
  const why = error instanceof Error ? error.message : String(error);
  return { level: "warning", text: `${what}: ${why.replace(/\s*\n\s*/g, " ")}` };
}

function byStatus(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts)
    .filter(([, number]) => number > 0)
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .map(([status, number]) => `${count(number)} ${status}`);
  return parts.length === 0 ? "none" : parts.join(", ");
}

function chromosomes(names: readonly string[]): string {
  const distinct = [...new Set(names)];
  if (distinct.length === 0) return "no chromosome";
  const more = distinct.length - SHOWN;
  const shown = distinct.slice(0, SHOWN).join(", ");
  return `${distinct.length === 1 ? "chromosome" : "chromosomes"} ${shown}${more > 0 ? ` and ${count(more)} more` : ""}`;
}
