import type { Command } from "commander";
import { UsageError } from "../errors.ts";
import { group, type MapOptions } from "./options.ts";
import { numberIn } from "./values.ts";

export interface EqtsOptions extends MapOptions {
  readonly weights?: readonly string[];
  readonly gwas?: readonly string[];
  readonly spearman?: boolean;
  readonly permutations: number;
}

export const EQTS_DESCRIPTION = `Polygenic scores against the expression of every gene (eQTS): scores from files of weights, or made from
GWAS summary statistics by clumping with the cohort's own genotypes at five p-values. Alleles are matched and
counted; every pair of a score and a gene is written.`;

const paths = (option: string, text: string): string[] => {
  const list = text.split(",").map((path) => path.trim());
  if (list.some((path) => path === ""))
    throw new UsageError(`${option} takes paths separated by commas; got "${text}"`);
  return list;
};

export function addEqtsOptions(command: Command): void {
  const add = group(command, "Scores:");
  add(
    "--weights <paths>",
    "a score a file, several separated by commas: variant_id or chr and pos, effect_allele, other_allele, weight; or a PGS Catalog scoring file",
    { parse: paths },
  );
  add(
    "--gwas <paths>",
    "five scores a file (p 5e-8, 1e-5, 1e-4, 1e-3, 1e-2): variant_id or chr and pos, effect_allele, other_allele, beta, p; HLA left out, clumped within 250 kb, then 5 Mb, at r2 0.1",
    { parse: paths },
  );
  add("--spearman", "ranks of score and expression, as eQTLGen (without covariates: Spearman's correlation)");
  add("--permutations <n>", "permute the donors n times, for false discovery rates", {
    parse: numberIn({ min: 0, max: 100_000, integer: true }),
    initial: 0,
    initialText: "0, none",
  });
}
