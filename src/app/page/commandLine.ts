import type { CohortChoice, Job, NamedFiles } from "../engine/protocol.ts";
import { DEFAULT_FILTERS, defaultJob } from "./jobOptions.ts";

/** The `qortex` command that writes the tables of this job; what is as by default is left out. */
export function commandLine(job: Job, filters: Omit<CohortChoice, "files">, files: NamedFiles): string {
  const options: string[] = [];
  const add = (name: string, value: string | number | undefined): void => {
    if (value !== undefined) options.push(`--${name} ${quoted(String(value))}`);
  };
  const unless = <T extends string | number>(value: T, usual: unknown): T | undefined =>
    value === usual ? undefined : value;
  if (job.kind !== "network") {
    const matrix = files.variantPositions !== undefined;
    add("genotypes", matrix ? files.genotypes : files.genotypes?.replace(/\.bed$/, ""));
    add("variant-positions", files.variantPositions);
    add("alleles", files.alleles);
  }
  add("expression", files.expression);
  if (job.kind !== "network") add("gene-positions", files.genePositions);
  add("annotation", files.annotation);
  add("covariates", files.covariates);
  if (job.kind !== "network") add("sex", files.sex);
  if (job.kind !== "network") add("maf", unless(filters.maf, DEFAULT_FILTERS.maf));
  add("transform", unless(filters.transform, DEFAULT_FILTERS.transform));
  const usual = defaultJob(job.kind);
  if (job.kind === "cis" && usual.kind === "cis") {
    add("window", unless(job.window, usual.window));
    add("permutations", unless(job.permutations, 0));
  } else if (job.kind === "trans" && usual.kind === "trans") {
    add("p-value", unless(job.pValue, usual.pValue));
    add("distance", unless(job.distance, usual.distance));
  } else if (job.kind === "network" && usual.kind === "network") {
    add("network-type", unless(job.type, usual.type));
    add("power", job.power);
    add("min-module-size", job.minModuleSize);
  }
  add("seed", unless(job.seed, 1));
  const command = job.kind === "network" ? "network modules" : job.kind;
  return [`qortex ${command}`, ...options, `--out ${job.kind}-result`].join(" ");
}

/** As a shell takes it. */
function quoted(text: string): string {
  // A name that begins with a dash would be an option.
  const plain = text.startsWith("-") ? `./${text}` : text;
  return /^[\w@%+=:,./-]+$/.test(plain) ? plain : `'${plain.replaceAll("'", `'\\''`)}'`;
}

/** Files that the command finds by their names alone, and that have others here: which to rename, and into what. */
export function toRename({ beside = [] }: NamedFiles): readonly string[] {
  return beside.flatMap(({ wanted, name }) => (wanted === name ? [] : [`${name} to ${wanted}`]));
}
