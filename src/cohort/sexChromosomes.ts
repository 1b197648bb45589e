import type { GenotypeSource } from "../formats/genotypes.ts";
import { canonicalChromosome } from "./chromosomes.ts";
import type { Build } from "./longRangeLd.ts";

/**
 * How males count on X outside the pseudo-autosomal regions (PARs). `0/2`: a haploid male as a homozygous female (X inactivation
 * makes the dosages of both equal; plink2's --xchr-model 2). `0/1`: as one copy. `as-given`: as the file has it, males as
 * anybody. `exclude`: X is not tested there.
 */
export const CHR_X = ["0/2", "0/1", "as-given", "exclude"] as const;
export type ChrX = (typeof CHR_X)[number];

/** How the file writes the one allele of a male there: as two copies (PLINK, VCF readers), or as one. */
export const MALE_CODING = ["0/2", "0/1"] as const;
export type MaleCoding = (typeof MALE_CODING)[number];

/** How a cohort's sex chromosomes are treated. */
export interface SexChromosomes {
  /** Whose PARs hold. `none`: all of X is outside of them. */
  readonly build: Build;
  readonly chrX: ChrX;
  /** Test variants of Y and MT, as given. */
  readonly otherChromosomes: boolean;
  /** PLINK's code of each sample of the genotype file; undefined where nobody's is known. */
  readonly sex: Uint8Array | undefined;
  /** How the file codes males. */
  readonly maleCoding: MaleCoding;
}

/** How X was treated, for reports: present where the file has variants of X outside the PARs. */
export interface ChrXReport {
  readonly treatment: ChrX | "no-sex";
  readonly build: string;
  /** Variants of X outside the PARs. */
  readonly variants: number;
  /** Samples analysed. */
  readonly males: number;
  readonly females: number;
  readonly unknown: number;
  /** Where the sexes come from; empty where nobody's is known. */
  readonly from: string;
  /** Of the file. */
  readonly maleCoding: MaleCoding;
  /** Heterozygous calls of the file's males, taken as missing. */
  readonly heterozygousMales: number;
}

/** What a variant's place makes of it; `x` is X outside the PARs. */
export type ChromosomeKind = "autosomal" | "par" | "x" | "y" | "mt";

/**
 * Last position of PAR1 and first of PAR2 on X, 1-based. GRCh38: 10,001-2,781,479 and 155,701,383-156,030,895; GRCh37:
 * 60,001-2,699,520 and 154,931,044-155,260,560. What lies before the first and behind the last is no sequence.
 */
const PARS: Readonly<Record<Build, { readonly first: number; readonly second: number }>> = {
  GRCh37: { first: 2_699_520, second: 154_931_044 },
  GRCh38: { first: 2_781_479, second: 155_701_383 },
  none: { first: 0, second: Number.POSITIVE_INFINITY },
};

const NAMED: Readonly<Record<string, ChromosomeKind>> = {
  ...{ X: "x", Y: "y", MT: "mt", XY: "par", PAR: "par", PAR1: "par", PAR2: "par" },
};

/** Whether a position on X lies in a PAR of `build`. */
export function inPar(build: Build, position: number): boolean {
  const { first, second } = PARS[build];
  return position <= first || position >= second;
}

/** The kind of each variant of `source`, by its index. */
export function chromosomeKinds(
  source: Pick<GenotypeSource, "chromosomes" | "chromosomeCode" | "position" | "pseudoAutosomal">,
  build: Build,
): (variant: number) => ChromosomeKind {
  const { chromosomeCode, position, pseudoAutosomal } = source;
  const kinds = source.chromosomes.map((name) => NAMED[canonicalChromosome(name)] ?? "autosomal");
  return (variant) => {
    const kind = kinds[chromosomeCode.at(variant)!]!;
    if (kind !== "x") return kind;
    return pseudoAutosomal?.[variant] === 1 || inPar(build, position.at(variant)!) ? "par" : kind;
  };
}

/** Whether males are told from females on X: what makes its dosages, filters and permutations others than an autosome's. */
export function tellsSexes(
  plan: SexChromosomes | undefined,
): plan is SexChromosomes & { readonly sex: Uint8Array } {
  return plan?.sex !== undefined && (plan.chrX === "0/2" || plan.chrX === "0/1");
}

/** Why variants of a kind are not tested; undefined where they are. */
export function notTested(
  plan: SexChromosomes,
  kind: ChromosomeKind,
): "no-sex" | "excluded-x" | "excluded-y" | "excluded-mt" | undefined {
  if (kind === "y" || kind === "mt") return plan.otherChromosomes ? undefined : `excluded-${kind}`;
  if (kind !== "x") return undefined;
  if (plan.chrX === "exclude") return "excluded-x";
  return plan.chrX === "as-given" || plan.sex !== undefined ? undefined : "no-sex";
}
