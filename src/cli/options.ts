import { type Command, Option } from "commander";
import type { Shard } from "../association/resume.ts";
import type { Stratified } from "../association/sexes/strata.ts";
import { UsageError } from "../errors.ts";
import { parseRegions, type Region } from "../formats/regions.ts";
import { REPORT_LOCI } from "../report/reportLoci.ts";
import { memorySize as memoryText } from "./format.ts";
import { addPermutationOptions, type PermutationOptions } from "./permutationOptions.ts";
import type { SexOptions } from "./sexOptions.ts";
import { basePairs, listed, memorySize, numberIn, oneOf } from "./values.ts";

/** What the machine offers: the defaults of `--threads` and `--memory`. */
export interface Machine {
  readonly threads: number;
  /** Bytes. */
  readonly memory: number;
}

export interface MapOptions extends SexOptions {
  readonly genotypes: string;
  readonly variantPositions?: string;
  readonly alleles?: string;
  readonly region?: readonly Region[];
  readonly dosageField: "auto" | "DS" | "GT";
  readonly multiallelic: "skip" | "split" | "error";
  readonly pass: boolean;
  readonly expression: string;
  readonly genePositions?: string;
  readonly annotation?: string;
  readonly covariates?: string;
  readonly coupling?: string;
  readonly errorCovariance?: string;
  readonly relatedness?: string;
  readonly donors?: string;
  readonly keep?: string;
  readonly remove?: string;
  readonly extract?: string;
  readonly exclude?: string;
  readonly maf: number;
  readonly mac: number;
  readonly callRate: number;
  readonly hwe: number;
  readonly transform: "none" | "inverse-normal";
  readonly model: "ols" | "qtltools" | "anova";
  readonly out: string;
  readonly format: "parquet" | "tsv";
  readonly overwrite: boolean;
  readonly quiet: boolean;
  readonly json: boolean;
  readonly backend: "auto" | "webgpu" | "wasm" | "reference";
  readonly device?: string;
  readonly threads: number;
  readonly memory: number;
  readonly seed: number;
  readonly resume?: boolean;
  readonly shard?: Shard;
  readonly reportLoci?: number;
}

export interface CisOptions extends MapOptions, PermutationOptions {
  readonly pairs?: string;
  readonly window: number;
  readonly windowAnchor: "tss" | "body";
  readonly sexStratified?: Stratified;
}

const share = numberIn({ min: 0, max: 1 });
const anyCount = numberIn({ min: 0, max: Number.MAX_SAFE_INTEGER, integer: true });

type Parse = (option: string, text: string) => unknown;

interface Extra {
  readonly parse?: Parse;
  readonly initial?: unknown;
  /** Not in the help. */
  readonly hidden?: boolean;
  /** How help writes the default where its value does not speak for itself. */
  readonly initialText?: string;
  /** What an option whose value may be left out then has. */
  readonly preset?: string;
}

/** Adds options to a command, all under one heading of its help. */
export function group(
  command: Command,
  heading: string,
): (flags: string, text: string, extra?: Extra) => void {
  return (flags, text, extra = {}) => {
    const option = new Option(flags, text).helpGroup(heading);
    const { parse } = extra;
    if (parse !== undefined) option.argParser((value) => parse(`--${option.name()}`, value));
    if (extra.preset !== undefined) option.preset(extra.preset);
    if (extra.initial !== undefined) option.default(extra.initial, extra.initialText);
    if (extra.hidden === true) option.hideHelp();
    command.addOption(option);
  };
}

export function addInputOptions(command: Command): void {
  const add = group(command, "Inputs:");
  add(
    "--genotypes <path>",
    "PLINK 1 bed/bim/fam: the prefix they share, or the .bed; VCF, .vcf or .vcf.gz; or with --variant-positions a text matrix, variants x samples, dosages 0 to 2 or NA, as MatrixEQTL has it (required)",
  );
  add("--variant-positions <path>", "of a text matrix: id, chromosome, position (1-based)");
  add("--alleles <path>", "of a text matrix: a table with the header id effect_allele other_allele");
  add(
    "--region <list>",
    "of a VCF, only variants placed here: chr22:17000000-18000000, or several separated by commas; with a .tbi beside the VCF only these parts are read",
    { parse: parseRegions },
  );
  add(
    "--dosage-field <name>",
    "of a VCF: DS (dosage; where a sample has none, its GT), GT, or auto: DS where the header declares it",
    { parse: oneOf(["auto", "DS", "GT"]), initial: "auto", initialText: "auto" },
  );
  add(
    "--multiallelic <name>",
    "sites of a VCF with several ALT alleles: skip, split (one variant an ALT, named ID_ALT) or error",
    { parse: oneOf(["skip", "split", "error"]), initial: "skip", initialText: "skip" },
  );
  add("--pass", "of a VCF, only variants whose FILTER is PASS or missing");
  add(
    "--expression <path>",
    "genes x samples: a BED, as tensorQTL, FastQTL and QTLtools have it, or Parquet with its columns; or with --gene-positions or --annotation a matrix (text, Parquet, h5ad), the id in the first column (required)",
  );
  add("--gene-positions <path>", "of an expression matrix: id, chromosome, first and last base (1-based)");
  add(
    "--annotation <path>",
    "GTF, BED or table (id, chr, start, end, strand, symbol, biotype): symbols and biotypes for the output, and places for an expression matrix (of a GTF: the transcription start site)",
  );
  add(
    "--covariates <path>",
    "tabs or spaces, covariates x samples or samples x covariates; a column of words becomes indicators",
  );
  add(
    "--coupling <path>",
    "where ids differ: genotype id, expression id and, if a donor has several samples, donor; one pair a line",
  );
}

export function addSelectionOptions(command: Command): void {
  const add = group(command, "Samples and variants:");
  add("--keep <path>", "use only these samples: one id a line");
  add("--remove <path>", "leave these samples out: one id a line");
  add("--extract <path>", "test only these variants: one id a line");
  add("--exclude <path>", "leave these variants out: one id a line");
  add("--maf <share>", "least minor allele frequency, 0 to 0.5", {
    parse: numberIn({ min: 0, max: 0.5 }),
    initial: 0.01,
  });
  add("--mac <copies>", "least minor allele count", { parse: anyCount, initial: 0 });
  add(
    "--call-rate <share>",
    "least share of samples with a call; missing calls count as the variant's mean",
    {
      parse: share,
      initial: 0,
    },
  );
  add("--hwe <p>", "least p of the exact test of Hardy-Weinberg equilibrium", {
    parse: share,
    initial: 0,
    initialText: "0, off",
  });
}

const MODELS: Readonly<Record<MapOptions["model"], string>> = {
  ols: "ols: the k covariates taken out of genotypes and expression, n - 2 - k degrees of freedom (as tensorQTL, FastQTL, MatrixEQTL)",
  qtltools: "qtltools: out of expression only, n - 2",
  anova: "anova: the three genotype classes, F with 2 and n - 3 - k (as MatrixEQTL's modelANOVA)",
};

/** `models`: those that the command has. */
export function addModelOptions(command: Command, models: readonly MapOptions["model"][]): void {
  const add = group(command, "Model:");
  add(
    "--transform <name>",
    "none, or inverse-normal: expression ranks over the samples used, ties averaged, to normal quantiles of rank / (n + 1)",
    { parse: oneOf(["none", "inverse-normal"]), initial: "none", initialText: "none" },
  );
  add("--model <name>", models.map((model) => MODELS[model]).join("; "), {
    parse: oneOf(models),
    initial: "ols",
    initialText: "ols",
  });
  add(
    "--seed <n>",
    "seed of the permutations, and of the random sample of pairs that lambda and the QQ plot are made of",
    {
      parse: numberIn({ min: 0, max: 2 ** 32 - 1, integer: true }),
      initial: 1,
    },
  );
}

export function addOutputOptions(command: Command): void {
  const add = group(command, "Output:");
  add("--out <dir>", "folder to make; it appears when the run is complete, never half-written (required)");
  add("--format <name>", "parquet, or tsv (gzipped)", {
    parse: oneOf(["parquet", "tsv"]),
    initial: "parquet",
    initialText: "parquet",
  });
  add("--overwrite", "replace the files of an earlier result in --out; other files are never touched");
  add("--quiet", "print nothing but warnings and errors");
  add(
    "--json",
    "print status, progress, messages and the summary as JSON, one object a line, on standard output",
  );
}

/** Of maps: what their page shows. */
export function addReportLociOption(command: Command): void {
  group(command, "Output:")(
    "--report-loci <n>",
    "regional plots of this many of the strongest genes in report.html, 0 to 50",
    {
      parse: numberIn({ min: 0, max: 50, integer: true }),
      initial: REPORT_LOCI,
    },
  );
}

const parseBackend = oneOf(["auto", "webgpu", "wasm", "reference"]);

function backendName(option: string, text: string) {
  // Known, but not here.
  if (text === "webgl") {
    throw new UsageError(
      `${option} webgl is for browsers only, Node has no WebGL; take auto, webgpu or wasm`,
    );
  }
  return parseBackend(option, text);
}

export function addMachineOptions(command: Command, machine: Machine): void {
  const add = group(command, "Machine (none of these changes a result):");
  add(
    "--backend <name>",
    "auto (a hardware GPU if there is one, else wasm), webgpu, wasm (SIMD and threads) or reference (plain f64, slow, one thread)",
    {
      parse: backendName,
      initial: "auto",
      initialText: "auto",
    },
  );
  add("--device <name>", "the GPU to use, by part of its name; 'qortex doctor' lists them");
  add("--threads <n>", "worker threads", {
    parse: numberIn({ min: 1, max: 1024, integer: true }),
    initial: machine.threads,
    initialText: `one a core, ${machine.threads} here`,
  });
  add(
    "--memory <size>",
    "working memory, such as 512M or 2G, at least 256M; a run that needs more says how much",
    {
      parse: memorySize,
      initial: machine.memory,
      initialText: `a quarter of RAM, ${memoryText(machine.memory)} here`,
    },
  );
}

export function addCisOptions(command: Command): void {
  const add = group(command, "Pairs:");
  add(
    "--pairs <path>",
    "test only these pairs, at any distance: variant id and gene id, one pair a line; --window is then not used",
  );
  add(
    "--window <bp>",
    "test variants from this far before the gene's first base to this far after its last, both included",
    {
      parse: basePairs,
      initial: 1_000_000,
      initialText: "1Mb",
    },
  );
  add(
    "--window-anchor <name>",
    "what distances are measured from. tss: start_distance = position - start, as tensorQTL; body: body_distance = 0 inside the gene, else to its nearest end, positive downstream, as QTLtools",
    { parse: oneOf(["tss", "body"]), initial: "tss", initialText: "tss" },
  );
  add(
    "--sex-stratified <name>",
    "test in females and in males too, and the difference of their slopes, in a table cis_sex: chrx (variants of X outside the pseudo-autosomal regions) or all",
    { parse: oneOf(["chrx", "all"]) },
  );
  addPermutationOptions(group(command, "Genes:"));
}

/** Switches that were not given are off. */
export const SWITCHES_OFF = {
  overwrite: false,
  quiet: false,
  json: false,
  allPairs: false,
  leafcutterGroups: false,
  pass: false,
  includeYMt: false,
  sexCovariate: false,
} as const;

/** The options without which no map can be made; all that are missing are named at once. */
export function requireInputs(options: Partial<MapOptions>, command: string): void {
  const missing = (["genotypes", "expression", "out"] as const).filter((name) => !options[name]);
  if (missing.length === 0) return;
  const names = missing.map((name) => `--${name}`);
  throw new UsageError(
    `${command} needs ${listed(names, "and")}; 'qortex ${command} --help' lists the options, 'qortex --help' has examples`,
  );
}
