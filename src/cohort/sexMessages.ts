/** What is said of a cohort's sex chromosomes: how they are treated, and what is odd about them. */
import { FEMALE, MALE, UNKNOWN_SEX } from "../formats/sex.ts";
import { counted, listed, thousands } from "../formats/wording.ts";
import { residualise } from "../statistics/linalg.ts";
import type { Cohort, Message } from "./cohort.ts";
import type { MaleCalls } from "./maleCoding.ts";
import type { KnownSexes } from "./openSexes.ts";
import { type ChrXReport, type MaleCoding, type SexChromosomes, tellsSexes } from "./sexChromosomes.ts";

export function chrXReport(
  { report: { genotypeIndex } }: Cohort,
  plan: SexChromosomes,
  calls: MaleCalls,
  sexes: KnownSexes | undefined,
): ChrXReport | undefined {
  if (calls.variants.x === 0) return undefined;
  const { sex, chrX, build, maleCoding } = plan;
  const number = (code: number) =>
    genotypeIndex.reduce((sum, s) => sum + ((sex?.[s] ?? UNKNOWN_SEX) === code ? 1 : 0), 0);
  const recoded = tellsSexes(plan);
  return {
    treatment: sex === undefined && (chrX === "0/2" || chrX === "0/1") ? "no-sex" : chrX,
    ...{ build, variants: calls.variants.x, maleCoding },
    ...{ males: number(MALE), females: number(FEMALE), unknown: number(UNKNOWN_SEX) },
    from: sex === undefined ? "" : (sexes?.from ?? ""),
    heterozygousMales: recoded ? invalid(calls, maleCoding) : 0,
  };
}

/** Calls that no haploid can have, in the file's coding. */
function invalid({ ones, twos }: MaleCalls, coding: MaleCoding): number {
  return coding === "0/1" ? twos : ones;
}

/** Share of the samples' calls of alleles from which on a male is rather none. */
const HETEROZYGOUS = 0.2;
const ENOUGH_CALLS = 20;
/** Share of sex that covariates must leave unexplained for its lack to be said. */
const SPANNED = 1e-3;

export function sexMessages(
  cohort: Cohort,
  plan: SexChromosomes,
  calls: MaleCalls,
  sexes: KnownSexes | undefined,
): Message[] {
  const said: Message[] = [];
  const warn = (text: string): void => void said.push({ level: "warning", text });
  const { name } = cohort.tables.genotypes;
  const { y, mt } = calls.variants;
  const moved = cohort.tables.genotypes.pseudoAutosomal?.reduce((sum, one) => sum + one, 0) ?? 0;
  if (moved > 0) {
    const text = `${name}: ${counted(moved, "variant")} under names of pseudo-autosomal regions (XY, PAR1, PAR2) come under X`;
    said.push({ level: "info", text });
  }
  if (sexes !== undefined && sexes.contradicted.length > 0) {
    warn(
      `${sexes.from} and ${cohort.tables.genotypes.sex?.from} differ in the sex of ${counted(sexes.contradicted.length, "sample")} (${listed(sexes.contradicted)}); the former is taken`,
    );
  }
  const report = chrXReport(cohort, plan, calls, sexes);
  if (report !== undefined) {
    said.push(treatmentMessage(name, report, calls));
    if (tellsSexes(plan)) said.push(...oddities(cohort, plan, calls, report));
  }
  if (y + mt > 0 && !plan.otherChromosomes) {
    const parts = [y > 0 ? `${thousands(y)} on Y` : "", mt > 0 ? `${thousands(mt)} on MT` : ""];
    const statuses = [y > 0 ? "excluded-y" : "", mt > 0 ? "excluded-mt" : ""];
    const text = `${name}: ${counted(y + mt, "variant")} not tested (${parts.filter(Boolean).join(", ")}: ${statuses.filter(Boolean).join(", ")}); --include-y-mt tests them as given`;
    said.push({ level: "info", text });
  }
  return said;
}

/** One line on how X is taken. */
function treatmentMessage(name: string, report: ChrXReport, { variants }: MaleCalls): Message {
  const { treatment, build, males, females, unknown, from } = report;
  const where = `${counted(report.variants, "variant")} of X outside the pseudo-autosomal regions${build === "none" ? "" : ` of ${build}`}`;
  switch (treatment) {
    case "no-sex":
      return {
        level: "warning",
        text: `${name}: ${where} not tested (no-sex): nothing says who is male; give --sex FILE, or a .fam with 1 (male) and 2 (female) in its fifth column, or take males as they are with --chrx as-given`,
      };
    case "exclude":
      return { level: "info", text: `${name}: ${where} not tested (excluded-x)` };
    case "as-given":
      return {
        level: "warning",
        text: `${name}: ${where} tested as given (--chrx as-given): males are not told from females`,
      };
    default: {
      const sexes = [
        counted(males, "male"),
        counted(females, "female"),
        ...(unknown > 0 ? [`${thousands(unknown)} of unknown sex`] : []),
      ];
      const par = variants.par > 0 ? `; ${thousands(variants.par)} inside are as autosomes` : "";
      return {
        level: "info",
        text: `${name}: ${where}: males counted ${treatment} (${sexes.join(", ")}; sex from ${from})${par}`,
      };
    }
  }
}

function oddities(cohort: Cohort, plan: SexChromosomes, calls: MaleCalls, report: ChrXReport): Message[] {
  const said: Message[] = [];
  const warn = (text: string): void => void said.push({ level: "warning", text });
  const { name, samples } = cohort.tables.genotypes;
  if (report.maleCoding === "0/1") {
    const doubled = plan.chrX === "0/2" ? "doubled" : "taken as they are";
    const why =
      calls.most <= 1 ? "no male has more than one copy of any of these variants" : "as --male-coding says";
    warn(`${name}: males are coded 0/1 on X (${why}): ${doubled}`);
  }
  if (report.unknown > 0) {
    warn(`${counted(report.unknown, "sample")} of unknown sex: their calls on X are taken as missing`);
  }
  const { heterozygousMales: number } = report;
  if (number > 0) {
    const share = (100 * number) / Math.max(1, calls.called);
    const what = report.maleCoding === "0/1" ? "calls of two copies" : "heterozygous calls";
    const on = report.maleCoding === "0/1" ? "" : ` on ${counted(calls.variantsWithOnes, "variant")}`;
    const build =
      2 * calls.onesInOtherPar > number && report.maleCoding === "0/2"
        ? `; most lie in what is pseudo-autosomal in the other build: is --build ${report.build} right?`
        : "";
    warn(
      `${name}: ${thousands(number)} ${what} of males${on} of X taken as missing (${share.toPrecision(2)}% of the males' calls in the file)${build}`,
    );
  }
  const doubtful = report.maleCoding === "0/1" ? [] : heterozygousMales(cohort, calls);
  if (doubtful.length > 0) {
    const fix =
      2 * doubtful.length >= report.males
        ? "that is most of them: are male and female the other way round, or is the build another?"
        : "check their sex, or leave them out with --remove";
    warn(
      `${counted(doubtful.length, "sample")} recorded as male but heterozygous on X as a female is (${listed(doubtful.map((s) => samples[s]!))}): ${fix}`,
    );
  }
  const sexless = withoutSex(cohort, plan);
  if (sexless > SPANNED) {
    const share = sexless > 0.995 ? "" : ` (they explain ${Math.round(100 * (1 - sexless))}% of it)`;
    warn(
      `sex is not among the covariates${share}, and males differ from females on X in genotype and often in expression; --sex-covariate adds it`,
    );
  }
  return said;
}

/** Samples analysed that are recorded as male and have many heterozygous calls among those of the allele. */
function heterozygousMales({ report }: Cohort, { onesOf, twosOf }: MaleCalls): number[] {
  return Array.from(report.genotypeIndex).filter((s) => {
    const carried = onesOf[s]! + twosOf[s]!;
    return carried >= ENOUGH_CALLS && onesOf[s]! > HETEROZYGOUS * carried;
  });
}

/** Share of the variance of sex that the covariates do not explain; 0 where all samples are of one sex, or sex is an interaction's context. */
function withoutSex({ report, samples, expressionBasis, contexts }: Cohort, { sex }: SexChromosomes): number {
  if (contexts?.names.includes("sex")) return 0;
  const n = samples.length;
  const values = Float64Array.from(report.genotypeIndex, (s) => (sex![s] === MALE ? 1 : 0));
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const total = n * mean * (1 - mean);
  if (total === 0) return 0;
  for (let s = 0; s < n; s++) values[s]! -= mean;
  residualise(values, 0, n, expressionBasis);
  return values.reduce((sum, value) => sum + value * value, 0) / total;
}
