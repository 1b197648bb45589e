import type { Command } from "commander";
import { CHR_X, type ChrX, MALE_CODING, type MaleCoding } from "../cohort/sexChromosomes.ts";
import { group } from "./options.ts";
import { oneOf } from "./values.ts";

/** How sex and the sex chromosomes are taken. */
export interface SexOptions {
  readonly sex?: string;
  readonly chrx: ChrX;
  readonly maleCoding: MaleCoding | "auto";
  readonly build?: "GRCh37" | "GRCh38" | "none";
  readonly includeYMt?: boolean;
  readonly sexCovariate?: boolean;
}

/** `ofMap`: a map's, which has no `--build` of its own and takes covariates. */
export function addSexOptions(command: Command, ofMap: boolean): void {
  const add = group(command, "Sex chromosomes (docs/chrx.md):");
  add(
    "--sex <path>",
    "sample and sex a line (1 or M, 2 or F), a table with a column SEX such as a .psam, or a .fam (default: the .fam of the genotypes, or who has haploid calls on X in a VCF)",
  );
  add(
    "--chrx <name>",
    "males on X outside the pseudo-autosomal regions: 0/2, a male's allele counts as two copies (as plink2); 0/1, as one; as-given; or exclude. Without anybody's sex these variants are not tested, but as-given",
    { parse: oneOf(CHR_X), initial: "0/2", initialText: "0/2" },
  );
  add(
    "--male-coding <name>",
    "how the file writes a male's allele there: 0/2, 0/1, or auto: 0/1 where no male has more than one copy of any variant. What a male cannot have is missing",
    { parse: oneOf(["auto", ...MALE_CODING]), initial: "auto", initialText: "auto" },
  );
  if (ofMap) {
    add(
      "--build <name>",
      "GRCh38, GRCh37 or none: where the pseudo-autosomal regions lie, in which males are diploid",
      { parse: oneOf(["GRCh38", "GRCh37", "none"]), initial: "GRCh38", initialText: "GRCh38" },
    );
    add("--sex-covariate", "sex is a covariate (male 1, female 0)");
  }
  add("--include-y-mt", "test variants of Y and MT too, as given (default: excluded-y, excluded-mt)");
}
