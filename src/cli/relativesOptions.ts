import type { Command } from "commander";
import { UsageError } from "../errors.ts";
import { HC3_BELOW } from "./interactionOptions.ts";
import { group } from "./options.ts";

/** What commands on a cohort are told of samples that are not independent. */
export interface RelativesOptions {
  readonly errorCovariance?: string;
  readonly relatedness?: string;
  readonly donors?: string;
}

const FLAGS = [
  [
    "--relatedness <path>",
    "how related samples are: id id relationship a line (1 with itself, 0.5 siblings; pairs not listed are unrelated), KING's table, or GCTA's matrix, sparse (.grm.sp) or not (.grm.bin); heritability is fitted gene by gene",
  ],
  [
    "--donors <path>",
    "of donors with several samples: expression sample and the donor's genotype id, a line a sample; the correlation of a donor's samples is fitted gene by gene",
  ],
  [
    "--error-covariance <path>",
    "covariance of the errors, samples x samples with ids above and before; or numbers alone, in the expression's order, as MatrixEQTL's errorCovariance",
  ],
] as const;

/** The options of maps whose samples are not independent. */
export function addRelativesOptions(command: Command): void {
  const add = group(command, "Relatives and repeated donors (docs/relatives.md):");
  for (const [flags, text] of FLAGS) add(flags, text);
}

/** Makes a command that takes samples as independent say so, in place of an unknown option. */
export function refuseRelatives(command: Command): void {
  const add = group(command, "");
  for (const [flags] of FLAGS) {
    const parse = (option: string): never => {
      throw new UsageError(
        `${option} is for maps: 'qortex ${command.name()}' takes samples as independent; leave relatives and repeated samples out with --remove`,
      );
    };
    add(flags, "", { parse, hidden: true });
  }
}

/** What a map that knows relatives does not go with. */
interface Companions extends RelativesOptions {
  readonly coupling?: string;
  readonly model?: string;
  readonly hwe?: number;
  readonly interaction?: string;
  readonly interactionSex?: boolean;
  readonly hc3Below?: number;
  readonly sexStratified?: string;
  readonly summary?: string;
  readonly spearman?: boolean;
}

/** Throws UsageError for options that do not go together. */
export function checkRelatives(options: Companions): void {
  const { errorCovariance, relatedness, donors } = options;
  const given = errorCovariance
    ? "--error-covariance"
    : relatedness
      ? "--relatedness"
      : donors
        ? "--donors"
        : "";
  if (given === "") return;
  if (errorCovariance !== undefined && relatedness !== undefined) {
    throw new UsageError("--error-covariance and --relatedness are two covariances; leave one out");
  }
  if (relatedness !== undefined && donors !== undefined) {
    throw new UsageError(
      "--donors and --relatedness are two random effects, and one is fitted; leave one out, or give their sum with --error-covariance",
    );
  }
  if (donors !== undefined && options.coupling !== undefined) {
    throw new UsageError("--donors says which genotypes a sample has, as --coupling does; leave one out");
  }
  if (donors !== undefined && (options.hwe ?? 0) > 0) {
    throw new UsageError(
      "--hwe would count a donor's genotype once a sample; filter the genotypes before (plink2 --hwe)",
    );
  }
  if ((options.model ?? "ols") !== "ols") {
    throw new UsageError(`${given} needs --model ols; --model ${options.model} takes samples as independent`);
  }
  const interacts = options.interaction !== undefined || options.interactionSex === true;
  if (interacts && (options.hc3Below ?? HC3_BELOW) !== HC3_BELOW) {
    throw new UsageError(
      `${given} and --hc3-below do not go together: HC3 is of each sample's own error, and samples that correlate have none; leave --hc3-below out`,
    );
  }
  if (options.sexStratified !== undefined) {
    throw new UsageError(
      `${given} and --sex-stratified do not go together yet: its tests take the samples of a sex as independent`,
    );
  }
  if (options.summary !== undefined) {
    throw new UsageError(
      `${given} and --summary do not go together: how LD is whitened depends on each gene's heritability, which statistics do not tell`,
    );
  }
  if (options.spearman === true) {
    throw new UsageError(
      `${given} and --spearman do not go together: ranks have no covariance; leave one out`,
    );
  }
}
