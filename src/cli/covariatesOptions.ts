import type { Command } from "commander";
import type { ComponentChoice } from "../association/titration.ts";
import type { Build } from "../cohort/longRangeLd.ts";
import { UsageError } from "../errors.ts";
import { group, type MapOptions } from "./options.ts";
import { basePairs, numberIn, oneOf } from "./values.ts";

export interface CovariatesOptions extends MapOptions {
  readonly genotypePcs: number;
  readonly pcaMaf: number;
  readonly pcaCallRate: number;
  readonly ldWindow: number;
  readonly ldStep: number;
  readonly ldR2: number;
  readonly build?: Build;
  readonly expressionPcs: ComponentChoice;
  readonly titrate?: readonly number[];
  readonly chromosome?: string;
  readonly window: number;
  readonly drivenP: number;
  readonly keepDrivenPcs: boolean;
  /** Not an option: cells may be missing, and count as the mean. */
  readonly missingCovariates: "mean";
}

export const COVARIATES_DESCRIPTION = `Makes the covariates of a map: the given ones, principal components of LD-pruned genotypes, and
components of what these leave of expression, as many as find the most eGenes on one chromosome
(titration), without those that a variant drives. Writes a file for 'qortex cis --covariates',
tables, and a page with plots.`;

const whole = (min: number, max: number) => numberIn({ min, max, integer: true });
const MOST_COMPONENTS = 1000;

/** `auto`, `elbow`, `max`, or a number of components. */
function componentChoice(option: string, text: string): ComponentChoice {
  const rule = (["auto", "elbow", "max"] as const).find((name) => name === text);
  if (rule !== undefined) return rule;
  if (/^\d+$/.test(text) && Number(text) <= MOST_COMPONENTS) return Number(text);
  throw new UsageError(
    `${option} takes auto, elbow, max or a whole number from 0 to ${MOST_COMPONENTS}; got "${text}"`,
  );
}

/** `0,5,10`: numbers of components, ascending. */
function numberList(option: string, text: string): readonly number[] {
  const numbers = text.split(",").map((part) => (/^\s*\d+\s*$/.test(part) ? Number(part) : Number.NaN));
  const ascend = numbers.every(
    (number, i) => number <= MOST_COMPONENTS && (i === 0 || number > numbers[i - 1]!),
  );
  if (ascend) return numbers;
  throw new UsageError(
    `${option} takes whole numbers from 0 to ${MOST_COMPONENTS} that ascend, separated by commas (0,5,10,20); got "${text}"`,
  );
}

export function addGenotypePcOptions(command: Command): void {
  const add = group(command, "Genotype components:");
  add("--genotype-pcs <n>", "how many; 0: none", { parse: whole(0, MOST_COMPONENTS), initial: 5 });
  add("--pca-maf <share>", "least minor allele frequency of the variants they are made of", {
    parse: numberIn({ min: 0, max: 0.5 }),
    initial: 0.05,
  });
  add("--pca-call-rate <share>", "least share of samples with a call of these variants", {
    parse: numberIn({ min: 0, max: 1 }),
    initial: 0.95,
  });
  add("--ld-window <n>", "LD pruning: neighbouring variants compared with each other", {
    parse: whole(2, 10_000),
    initial: 50,
  });
  add("--ld-step <n>", "LD pruning: variants by which the window moves on", {
    parse: whole(1, 10_000),
    initial: 5,
  });
  add("--ld-r2 <share>", "LD pruning: of two variants with a larger squared correlation one goes", {
    parse: numberIn({ min: 0, max: 1 }),
    initial: 0.2,
  });
  add(
    "--build <name>",
    "GRCh37, GRCh38 or none: whose regions of long-range LD (HLA, inversions of 8p23 and 17q21) are left out; without it those of both",
    { parse: oneOf(["GRCh37", "GRCh38", "none"]) },
  );
}

export function addExpressionPcOptions(command: Command): void {
  const add = group(command, "Expression components:");
  add(
    "--expression-pcs <n>",
    "how many, or the rule that chooses. max: the number with the most eGenes; auto: the smallest with at least 98% of these; elbow: where the curve bends most before its maximum",
    { parse: componentChoice, initial: "auto", initialText: "auto" },
  );
  add(
    "--titrate <list>",
    "numbers to try: 0,5,10,20 (default: 0, 5, ... 60, as far as a quarter of the samples; none where --expression-pcs is a number)",
    { parse: numberList },
  );
  add("--chromosome <name>", "where eGenes are counted (default: the one with the most genes)");
  add("--window <bp>", "the cis window of these maps", {
    parse: basePairs,
    initial: 1_000_000,
    initialText: "1Mb",
  });
  add("--driven-p <p>", "a component that some variant is associated with below this p is set aside", {
    parse: numberIn({ min: 0, max: 1 }),
    initial: 1e-7,
    initialText: "1e-7",
  });
  add("--keep-driven-pcs", "use components that a variant drives all the same");
}

/** Only the transform: covariates are made for least squares, and nothing is drawn at random. */
export function addTransformOption(command: Command): void {
  group(command, "Model:")(
    "--transform <name>",
    "none, or inverse-normal: expression ranks over the samples used, ties averaged, to normal quantiles of rank / (n + 1); use the same for the map",
    { parse: oneOf(["none", "inverse-normal"]), initial: "none", initialText: "none" },
  );
}

/** What options of a map are for these covariates. */
export const COVARIATES_FIXED = {
  keepDrivenPcs: false,
  missingCovariates: "mean",
  model: "ols",
  seed: 1,
} as const;

/** Throws {@link UsageError} for values that do not go together. */
export function checkCovariatesOptions({ ldWindow, ldStep }: CovariatesOptions): void {
  if (ldStep > ldWindow) {
    throw new UsageError(
      `--ld-step ${ldStep} is larger than --ld-window ${ldWindow}: variants would be skipped`,
    );
  }
}
