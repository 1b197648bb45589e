import type { Cohort } from "../../cohort/cohort.ts";
import { InputError } from "../../errors.ts";
import { counted, listed } from "../../formats/wording.ts";
import type { Grouping } from "./groups.ts";

/** An intron of leafcutter: chromosome, first and last base, cluster and, as GTEx writes it, gene. */
const INTRON = /^([^:]+):\d+:\d+:(clu_[^:]+)(?::([^:]+))?$/;

/**
 * The groups of the cohort's genes: those of its table of groups, or of leafcutter's ids, `chr:start:end:clu_N_strand` (the
 * cluster) and the same with `:gene` behind (the gene). A gene that the table lacks is a group of its own, with a warning.
 * Throws {@link InputError} where no gene is in the table, and for an id that is not leafcutter's.
 */
export function groupingOf(cohort: Cohort, source: "table" | "leafcutter"): Grouping {
  const names =
    source === "table" ? namesOfTable(cohort) : cohort.genes.id.map((id) => nameOfIntron(cohort, id));
  const number = new Map<string, number>();
  const of = Uint32Array.from(names, (name) => {
    const known = number.get(name) ?? number.size;
    number.set(name, known);
    return known;
  });
  return { id: [...number.keys()], of };
}

function namesOfTable({ genes, tables, onMessage }: Cohort): string[] {
  const { groups, expression } = tables;
  const groupOf = new Map(groups?.phenotype.map((id, i) => [id, groups.group[i]!]));
  const unknown = genes.id.filter((id) => !groupOf.has(id));
  const name = groups?.name ?? "the groups";
  if (unknown.length === genes.id.length) {
    throw new InputError(
      name,
      `names none of the phenotypes of ${expression.name} (${listed(new Set(unknown))})`,
      "the first column has their ids",
    );
  }
  if (unknown.length > 0) {
    const text = `${name}: no group for ${counted(unknown.length, "phenotype")} (${listed(new Set(unknown))}); each is a group of its own`;
    onMessage({ level: "warning", text });
  }
  return genes.id.map((id) => groupOf.get(id) ?? id);
}

function nameOfIntron({ tables }: Cohort, id: string): string {
  const [, chromosome, cluster, gene] = INTRON.exec(id) ?? [];
  if (cluster === undefined) {
    throw new InputError(
      `${tables.expression.name}, phenotype ${id}`,
      "is no intron as leafcutter names it (chr1:14829:14970:clu_1_+)",
      "give a file of groups",
    );
  }
  return gene ?? `${chromosome}:${cluster}`;
}
