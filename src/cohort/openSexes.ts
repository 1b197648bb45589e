/** From what is known of the samples' sex to genotypes that heed it, and to what is said of it. */
import { InputError, UsageError } from "../errors.ts";
import type { GenotypeSource } from "../formats/genotypes.ts";
import { FEMALE, MALE, type SexTable, UNKNOWN_SEX } from "../formats/sex.ts";
import type { Coupling, CovariateTable } from "../formats/tables.ts";
import { counted, listed, thousands } from "../formats/wording.ts";
import { canonicalChromosome } from "./chromosomes.ts";
import { withHaploidMales } from "./haploidMales.ts";
import type { Build } from "./longRangeLd.ts";
import { isPlainlyTwo, type MaleCalls, maleCodingOf, surveyMales } from "./maleCoding.ts";
import { type ChrX, type MaleCoding, type SexChromosomes, tellsSexes } from "./sexChromosomes.ts";

/** How sex and sex chromosomes are taken. */
export interface SexOptions {
  /** Whose pseudo-autosomal regions hold. Default GRCh38. */
  readonly build?: Build | undefined;
  /** How males count on X outside of them. Default `0/2`. */
  readonly chrx?: ChrX | undefined;
  /** How the file codes males there. Default `auto`: told from their calls. */
  readonly maleCoding?: MaleCoding | "auto" | undefined;
  /** Test variants of Y and MT too, as given. */
  readonly includeYMt?: boolean | undefined;
  /** Sex is one of the covariates. */
  readonly sexCovariate?: boolean | undefined;
  /** Sex is the context of an interaction map. */
  readonly interactionSex?: boolean | undefined;
}

/** Sexes by sample of the genotype file. */
export interface KnownSexes {
  readonly of: Uint8Array;
  /** Where they come from, for messages. */
  readonly from: string;
  /** Samples for which the table and the genotype file say two things. */
  readonly contradicted: readonly string[];
}

/** The sex of each sample of the genotype file: of the table, by genotype or expression id, else of the genotype file. */
export function sexesOf(
  genotypes: GenotypeSource,
  table: SexTable | undefined,
  coupling: Coupling | undefined,
): KnownSexes | undefined {
  const own = genotypes.sex;
  if (table === undefined) return own && { ...own, contradicted: [] };
  const partner =
    coupling && new Map(coupling.genotypeSample.map((id, i) => [id, coupling.expressionSample[i]!]));
  const contradicted: string[] = [];
  let fromFile = false;
  const of = Uint8Array.from(genotypes.samples, (id, s) => {
    const said = table.sex.get(id) ?? table.sex.get(partner?.get(id) ?? id) ?? UNKNOWN_SEX;
    const known = own?.of[s] ?? UNKNOWN_SEX;
    if (said !== UNKNOWN_SEX && known !== UNKNOWN_SEX && said !== known) contradicted.push(id);
    if (said === UNKNOWN_SEX && known !== UNKNOWN_SEX) fromFile = true;
    return said === UNKNOWN_SEX ? known : said;
  });
  return { of, from: fromFile ? `${table.name}, else ${own?.from}` : table.name, contradicted };
}

const SPECIAL = new Set(["X", "Y", "XY", "MT", "PAR", "PAR1", "PAR2"]);

/** A cohort's genotypes with males as `options` want them; `plan` and `calls` where the file has a sex chromosome or MT, or sexes are known. */
export interface SexedGenotypes {
  readonly genotypes: GenotypeSource;
  readonly plan?: SexChromosomes;
  readonly calls?: MaleCalls;
}

/** Throws InputError for a file of which some males are coded 0/1 and some 0/2, or that is said to be coded 0/1 and is not. */
export async function openSexes(
  genotypes: GenotypeSource,
  sexes: KnownSexes | undefined,
  options: SexOptions & { readonly signal?: AbortSignal | undefined },
): Promise<SexedGenotypes> {
  const { build = "GRCh38", chrx: chrX = "0/2", maleCoding = "auto", includeYMt = false, signal } = options;
  const special = genotypes.chromosomes.some((name) => SPECIAL.has(canonicalChromosome(name)));
  if (!special && sexes === undefined) return { genotypes };
  const sex = sexes?.of.some((code) => code !== UNKNOWN_SEX) ? sexes.of : undefined;
  const common = { build, chrX, otherChromosomes: includeYMt, sex };
  const recoded = tellsSexes({ ...common, maleCoding: "0/2" });
  const calls = await surveyMales(genotypes, recoded ? sex : undefined, build, signal);
  const coding = maleCoding === "auto" ? maleCodingOf(calls) : maleCoding;
  if (coding === "mixed") throw mixed(genotypes, calls);
  if (maleCoding === "0/1" && isPlainlyTwo(calls)) throw notOne(genotypes, calls);
  const plan: SexChromosomes = { ...common, maleCoding: coding };
  return { genotypes: withHaploidMales(genotypes, plan), plan, calls };
}

function notOne({ name }: GenotypeSource, { ones, twos, most }: MaleCalls): InputError {
  const found =
    twos > 0
      ? `${counted(twos, "call")} of 2 copies and ${thousands(ones)} of 1`
      : `dosages up to ${most.toPrecision(3)}`;
  return new InputError(
    `${name}, chromosome X`,
    `males have ${found}: the file is coded 0/2, and as 0/1 the alleles that they carry would be missing`,
    "leave --male-coding out, or correct the samples' sex (1 is male)",
  );
}

function mixed({ name, samples }: GenotypeSource, { ones, twos, twosOf }: MaleCalls): InputError {
  const most = [...twosOf.keys()].sort((a, b) => twosOf[b]! - twosOf[a]! || a - b);
  const some = most.filter((s) => twosOf[s]! > 0).map((s) => `${samples[s]} (${twosOf[s]})`);
  return new InputError(
    `${name}, chromosome X`,
    `males have ${counted(ones, "call")} of 1 copy and ${thousands(twos)} of 2, which fits neither the coding 0/1 nor 0/2; of 2 copies most in ${listed(some)}`,
    "correct the samples' sex (1 is male) or --build, or say --male-coding 0/1 or 0/2 (then a call that a male cannot have is missing)",
  );
}

/** 1 for male, 0 for female, NA for unknown. */
function sexCell(code: number): string {
  return code === MALE ? "1" : code === FEMALE ? "0" : "NA";
}

/** The covariates with sex among them: male 1, female 0. Throws UsageError where there is a covariate `sex` already, or sex is unknown. */
export function withSexCovariate(
  covariates: CovariateTable | undefined,
  genotypes: GenotypeSource,
  sexes: KnownSexes | undefined,
  coupling: Coupling | undefined,
): CovariateTable {
  if (sexes === undefined) throw unknownSex("--sex-covariate");
  if (covariates === undefined) return knownOnly(sexTable(genotypes, sexes));
  if (covariates.covariates.includes("sex")) {
    throw new UsageError(`${covariates.name} has a covariate sex: leave --sex-covariate out`);
  }
  const codeOf = new Map(genotypes.samples.map((id, s) => [id, sexes.of[s]!]));
  coupling?.genotypeSample.forEach((id, i) => {
    const code = codeOf.get(id);
    if (code !== undefined) codeOf.set(coupling.expressionSample[i]!, code);
  });
  const cells = covariates.samples.map((id) => sexCell(codeOf.get(id) ?? UNKNOWN_SEX));
  return knownOnly({
    ...covariates,
    covariates: [...covariates.covariates, "sex"],
    cells: [...covariates.cells, cells],
  });
}

/** A table whose last row is sex, without those whose sex is unknown: they have no covariates, and are counted so. */
function knownOnly(table: CovariateTable): CovariateTable {
  const sex = table.cells[table.cells.length - 1]!;
  const known = [...table.samples.keys()].filter((s) => sex[s] !== sexCell(UNKNOWN_SEX));
  const { samples, cells } = table;
  return {
    ...table,
    samples: known.map((s) => samples[s]!),
    cells: cells.map((row) => known.map((s) => row[s]!)),
  };
}

/** Sex as the context of an interaction map, of those whose sex is known. Throws UsageError where nobody's is. */
export function sexContext(genotypes: GenotypeSource, sexes: KnownSexes | undefined): CovariateTable {
  if (sexes === undefined) throw unknownSex("--interaction-sex");
  return knownOnly(sexTable(genotypes, sexes));
}

function sexTable({ samples }: GenotypeSource, { of, from }: KnownSexes): CovariateTable {
  return { name: from, samples, covariates: ["sex"], cells: [Array.from(of, sexCell)] };
}

function unknownSex(option: string): UsageError {
  return new UsageError(
    `${option} needs the samples' sex, and nothing says it: give --sex FILE, or a .fam with 1 (male) and 2 (female) in its fifth column`,
  );
}
