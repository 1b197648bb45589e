import type { Cohort } from "../../cohort/cohort.ts";
import { refuseOtherCohort } from "../../cohort/marks.ts";
import { InputError } from "../../errors.ts";
import type { NamedColumns } from "../../formats/namedColumns.ts";
import { counted } from "../../formats/wording.ts";
import { log10 } from "../../statistics/elementary.ts";
import type { Grouping } from "../permutation/groups.ts";
import type { LedGene } from "./signal.ts";

/** Columns that the search cannot do without. */
const NEEDED = ["phenotype_id", "variant_id", "pval_beta", "qval"] as const;

/**
 * The genes of `table` (`cis_genes` of `qortex cis --permutations`, or tensorQTL's output of `--mode cis`) with q of at most `fdr`, in the
 * cohort's order; with `grouping` those that lead groups. Throws InputError where a column or a gene is not there, the table's phenotypes were grouped
 * and these are not (or otherwise), its samples were relatives and these are not (or otherwise), it says that it was made of another cohort, or no gene is significant.
 */
export function significantLeads(
  table: NamedColumns,
  cohort: Cohort,
  fdr: number,
  grouping?: Grouping,
): LedGene[] {
  const missing = NEEDED.filter((name) => table.column([name]) === undefined);
  if (missing.length > 0) {
    throw new InputError(
      table.name,
      `has no column ${missing.join(", ")}`,
      "give a result of 'qortex cis --permutations'",
    );
  }
  refuseOtherRelatives(table, cohort);
  refuseOtherCohort(table.name, table.metadata, cohort);
  const groupIds = table.column(["group_id"]);
  if ((groupIds === undefined) !== (grouping === undefined)) {
    throw new InputError(
      table.name,
      groupIds === undefined
        ? "its phenotypes were tested one by one"
        : "its phenotypes were tested in groups",
      groupIds === undefined
        ? "leave --groups out, or give a result of 'qortex cis --permutations --groups'"
        : "give the same --groups or --leafcutter-groups",
    );
  }
  const column = (name: string) => table.column([name]);
  const numbers = new Map(cohort.genes.id.map((id, gene) => [id, gene]));
  const unknown: string[] = [];
  const led: LedGene[] = [];
  for (let i = 0; i < table.rows; i++) {
    const value = (name: string): number => numberOf(column(name)?.[i]);
    const [id, leadId] = [column("phenotype_id")![i]!, column("variant_id")![i]!];
    if (!(value("qval") <= fdr)) continue;
    const gene = numbers.get(id);
    if (gene === undefined) unknown.push(id);
    else {
      const own = grouping?.id[grouping.of[gene]!];
      if (own !== groupIds?.[i]) {
        throw new InputError(
          table.name,
          `${id} was tested in group ${groupIds?.[i]}, and is in ${own} now`,
          "give the same groups",
        );
      }
      led.push({ gene, leadId, test: testOf(value) });
    }
  }
  if (unknown.length > 0) {
    const which = unknown.slice(0, 3).join(", ") + (unknown.length > 3 ? ", ..." : "");
    throw new InputError(table.name, `${counted(unknown.length, "gene")} not in the expression (${which})`);
  }
  if (led.length === 0) throw new InputError(table.name, `no gene has q <= ${fdr}`, "raise --fdr");
  return led.sort((a, b) => a.gene - b.gene);
}

/** A gene with one signal keeps the map's numbers, so that what its samples share must be in both models, or in none. */
function refuseOtherRelatives(table: NamedColumns, cohort: Cohort): void {
  const options = { h2: "--relatedness", donor_icc: "--donors" } as const;
  const before = (["h2", "donor_icc"] as const).find((name) => table.column([name]) !== undefined);
  const now = cohort.genes.sharedVariance?.name;
  if (before === now) return;
  throw new InputError(
    table.name,
    before === undefined
      ? `was made without ${options[now!]} (it has no column ${now})`
      : `was made with ${options[before]} (column ${before})`,
    before === undefined
      ? `leave ${options[now!]} out, or give a result of 'qortex cis --permutations ${options[now!]}'`
      : `give the same ${options[before]}`,
  );
}

function testOf(value: (name: string) => number): LedGene["test"] {
  const logged = (name: string, p: string): number => {
    const known = value(name);
    return Number.isNaN(known) ? log10(value(p)) : known;
  };
  return {
    ...{ numVar: value("num_var"), numPerm: value("num_perm"), shape1: value("beta_shape1") },
    ...{ shape2: value("beta_shape2"), trueDf: value("true_df"), pTrueDf: value("pval_true_df") },
    ...{ slope: value("slope"), slopeSe: value("slope_se"), p: value("pval_nominal") },
    ...{ log10P: logged("log10_p", "pval_nominal"), pPerm: value("pval_perm") },
    ...{ pBeta: value("pval_beta"), log10PBeta: logged("log10_p_beta", "pval_beta") },
  };
}

/** An empty or missing cell is NaN. */
function numberOf(cell: string | undefined): number {
  return cell === undefined || cell === "" || cell === "NA" ? Number.NaN : Number(cell);
}
