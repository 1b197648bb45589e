import type { Command } from "commander";
import { UsageError } from "../errors.ts";
import { addMachineOptions, addOutputOptions, group, type Machine, type MapOptions } from "./options.ts";
import { listed, numberIn, oneOf } from "./values.ts";

/** What every `qortex network` command takes. */
export type EndOptions = Pick<
  MapOptions,
  | "annotation"
  | "out"
  | "format"
  | "overwrite"
  | "quiet"
  | "json"
  | "backend"
  | "device"
  | "threads"
  | "memory"
  | "seed"
>;

/** And those on expression. */
export interface NetworkOptions extends EndOptions, Pick<MapOptions, "keep" | "remove" | "transform"> {
  /** A path a cohort. */
  readonly expression: readonly string[];
  /** As many, or none. */
  readonly covariates?: readonly string[];
  readonly samplesInRows: boolean;
  readonly maxMissing: number;
}

/** `a.bed,b.bed`. */
export function paths(option: string, text: string): string[] {
  const list = text.split(",").map((path) => path.trim());
  if (list.some((path) => path === ""))
    throw new UsageError(`${option} takes paths separated by commas; got "${text}"`);
  return list;
}

/** `cohorts`: whether several may be given. */
export function addExpressionInputs(command: Command, cohorts: boolean): void {
  const add = group(command, "Inputs:");
  const several = cohorts ? "; of several cohorts, their files separated by commas" : "";
  add(
    "--expression <path>",
    `genes x samples, the id in the first column: text (.gz), BED, Parquet or h5ad; missing values may be empty or NA${several} (required)`,
    { parse: paths },
  );
  add("--samples-in-rows", "the matrix has a row a sample and a column a gene, as R's WGCNA keeps it");
  add(
    "--covariates <path>",
    `taken out of the expression first, by least squares${cohorts ? "; a file a cohort, in the same order" : ""}`,
    { parse: paths },
  );
  add("--annotation <path>", "GTF, BED or table: gene symbols for the output");
  add("--keep <path>", "use only these samples: one id a line");
  add("--remove <path>", "leave these samples out: one id a line");
  add("--max-missing <share>", "leave a gene out of whose values more than this share are missing", {
    parse: numberIn({ min: 0, max: 1 }),
    initial: 0.5,
  });
  add(
    "--transform <name>",
    "none, or inverse-normal: ranks over the samples used, ties averaged, to normal quantiles of rank / (n + 1)",
    { parse: oneOf(["none", "inverse-normal"]), initial: "none", initialText: "none" },
  );
}

export function addNetworkEnd(command: Command, machine: Machine): void {
  addOutputOptions(command);
  addMachineOptions(command, machine);
  command.helpOption("-h, --help", "print this");
}

/** The options as parsed, with what was not given. Throws {@link UsageError} where something required is missing. */
export function givenNetwork<Options extends NetworkOptions>(command: Command): Options {
  const off = { overwrite: false, quiet: false, json: false, samplesInRows: false, seed: 1 };
  const options: Options = { ...off, ...command.opts<Options>() };
  const { expression, covariates } = options;
  requireOptions(command, options, ["expression", "out"]);
  if (covariates !== undefined && covariates.length !== expression.length) {
    throw new UsageError(
      `--covariates names ${covariates.length} files for ${expression.length} of --expression; give one each, in the same order`,
    );
  }
  return options;
}

/** Throws {@link UsageError} that names all of `names` which are not given. */
export function requireOptions<Options extends object>(
  command: Command,
  options: Options,
  names: readonly (keyof Options & string)[],
): void {
  const dashed = (name: string): string =>
    `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const missing = names.filter((name) => !options[name]).map(dashed);
  if (missing.length === 0) return;
  const name = `network ${command.name()}`;
  throw new UsageError(`${name} needs ${listed(missing, "and")}; 'qortex ${name} --help' lists the options`);
}
