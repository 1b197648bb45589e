import { GeneFinder } from "../association/geneIds.ts";
import type { Cohort } from "../cohort/cohort.ts";
import { InputError } from "../errors.ts";
import type { NamedColumns } from "../formats/namedColumns.ts";

/** Associations of genes and variants from elsewhere. */
export interface SummaryStatistics {
  /** Numbers in the cohort of the genes that have any, ascending. */
  readonly genes: readonly number[];
  /** Genes that the cohort does not have. */
  readonly unknownGenes: number;
  /**
   * The z score (or t) of a pair, per copy of `effect`; undefined where there is none, or where its alleles are
   * others. Alleles that the table does not give are taken as the cohort's.
   */
  z(gene: number, variant: string, effect: string, other: string): number | undefined;
  /** People behind a pair, where the table says so. */
  n(gene: number, variant: string): number | undefined;
  /** Ids that the cohort has with another version, or without one. */
  readonly otherVersion: readonly string[];
  /** Pairs asked for whose alleles were swapped (the sign was changed), or others (left out). */
  readonly counts: { swapped: number; otherAlleles: number };
}

interface Score {
  readonly z: number;
  readonly effect: string;
  readonly other: string;
  readonly n: number | undefined;
}

/** The columns that are read, as other tools call them too. */
const SUMMARY_COLUMNS = {
  gene: ["phenotype_id", "gene_id", "gene", "molecular_trait_id"],
  variant: ["variant_id", "variant", "snp", "rsid"],
  z: ["z", "zscore", "z_score", "t_stat", "t-stat"],
  slope: ["slope", "beta", "b"],
  se: ["slope_se", "se", "standard_error", "beta_se"],
  n: ["n", "num_obs", "sample_size", "n_samples", "obs_ct"],
  // plink2 writes REF, ALT and A1, which is the one that is counted and may be either.
  effect: ["effect_allele", "a1", "ea", "alt"],
  other: ["other_allele", "ref", "a2", "nea"],
} as const;

const MISSING = /^(NA|NaN|)$/i;

/** Makes {@link SummaryStatistics} of a table with a header. Throws {@link InputError} for columns that lack and values that are no number. */
export function summaryStatistics(table: NamedColumns, cohort: Cohort): SummaryStatistics {
  const { name } = table;
  const column = (role: keyof typeof SUMMARY_COLUMNS): readonly string[] | undefined =>
    table.column(SUMMARY_COLUMNS[role]);
  const needed = (role: "gene" | "variant"): readonly string[] => {
    const found = column(role);
    if (found !== undefined) return found;
    throw new InputError(name, `has no column for the ${role} (${SUMMARY_COLUMNS[role].join(", ")})`);
  };
  const [gene, variant] = [needed("gene"), needed("variant")];
  const [z, slope, se] = [column("z"), column("slope"), column("se")];
  if (z === undefined && (slope === undefined || se === undefined)) {
    throw new InputError(name, "has neither a column z nor slope and slope_se", "give one or the other");
  }
  const [effect, other] = [column("effect"), column("other")];
  const sizes = column("n");
  const finder = new GeneFinder(cohort.genes.id);
  const scores = new Map<number, Map<string, Score>>();
  const unknown = new Set<string>();
  for (let i = 0; i < gene.length; i++) {
    const number = finder.find(gene[i]!);
    if (number === undefined) {
      unknown.add(gene[i]!);
      continue;
    }
    const cells = z !== undefined ? [z[i]!] : [slope![i]!, se![i]!];
    if (cells.some((cell) => MISSING.test(cell))) continue;
    const score = cells.length === 1 ? Number(cells[0]) : Number(cells[0]) / Number(cells[1]);
    if (!Number.isFinite(score)) {
      const where = `${name}, ${gene[i]} ${variant[i]}`;
      throw new InputError(where, `z is ${cells.join(" / ")}`, "leave the pair out, or write NA");
    }
    const own = scores.get(number) ?? new Map<string, Score>();
    scores.set(number, own);
    if (own.has(variant[i]!)) throw new InputError(`${name}, ${gene[i]} ${variant[i]}`, "occurs twice");
    const [counted, beside] = [effect?.[i] ?? "", other?.[i] ?? ""];
    own.set(variant[i]!, {
      ...{ z: score, effect: counted, other: beside === counted ? "" : beside },
      n: sizes === undefined ? undefined : sizeOf(sizes[i]!, `${name}, ${gene[i]} ${variant[i]}`),
    });
  }
  if (scores.size === 0)
    throw new InputError(
      name,
      `has none of the cohort's genes (${[...unknown].slice(0, 3).join(", ")}, ...)`,
    );
  const counts = { swapped: 0, otherAlleles: 0 };
  return {
    genes: [...scores.keys()].sort((a, b) => a - b),
    unknownGenes: unknown.size,
    otherVersion: finder.otherVersion,
    counts,
    n: (geneNumber, id) => scores.get(geneNumber)?.get(id)?.n,
    z(geneNumber, id, effectAllele, otherAllele) {
      const score = scores.get(geneNumber)?.get(id);
      if (score === undefined) return undefined;
      const same = matches(score.effect, effectAllele) && matches(score.other, otherAllele);
      if (same) return score.z;
      if (matches(score.effect, otherAllele) && matches(score.other, effectAllele)) {
        counts.swapped++;
        return -score.z;
      }
      counts.otherAlleles++;
      return undefined;
    },
  };
}

/** Fewer people than this have no z. */
const FEWEST = 4;

function sizeOf(cell: string, where: string): number {
  const n = Number(cell);
  if (MISSING.test(cell) || !(n >= FEWEST && n < Infinity))
    throw new InputError(where, `n is ${cell || "empty"}`, `give the number of people, at least ${FEWEST}`);
  return n;
}

function matches(stated: string, own: string): boolean {
  return stated === "" || stated.toUpperCase() === own.toUpperCase();
}
