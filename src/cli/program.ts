import { Command, CommanderError } from "commander";
import { CancelledError, QortexError, UsageError } from "../errors.ts";
import { addBenchOptions, BENCH_SWITCHES_OFF, type BenchOptions } from "./benchOptions.ts";
import {
  addExpressionPcOptions,
  addGenotypePcOptions,
  addTransformOption,
  COVARIATES_DESCRIPTION,
  COVARIATES_FIXED,
  type CovariatesOptions,
} from "./covariatesOptions.ts";
import { addEqtsOptions, EQTS_DESCRIPTION, type EqtsOptions } from "./eqtsOptions.ts";
import { addFinemapOptions, FINEMAP_DESCRIPTION, type FinemapOptions } from "./finemapOptions.ts";
import {
  BENCH_DESCRIPTION,
  CIS_DESCRIPTION,
  DOCTOR_DESCRIPTION,
  mainHelp,
  TRANS_DESCRIPTION,
} from "./help.ts";
import {
  addIndependentOptions,
  INDEPENDENT_DESCRIPTION,
  type IndependentOptions,
} from "./independentOptions.ts";
import { addInteractionOptions, type InteractionOptions, interacts } from "./interactionOptions.ts";
import { addMergeOptions, MERGE_DESCRIPTION, MERGE_SWITCHES_OFF, type MergeOptions } from "./mergeOptions.ts";
import { networkCommand } from "./network.ts";
import {
  addCisOptions,
  addInputOptions,
  addMachineOptions,
  addModelOptions,
  addOutputOptions,
  addReportLociOption,
  addSelectionOptions,
  type CisOptions,
  type MapOptions,
  requireInputs,
  SWITCHES_OFF,
} from "./options.ts";
import { addRelativesOptions, checkRelatives, refuseRelatives } from "./relativesOptions.ts";
import {
  addReportOptions,
  addViewOptions,
  REPORT_DESCRIPTION,
  REPORT_SWITCHES_OFF,
  type ReportOptions,
  VIEW_DESCRIPTION,
  type ViewOptions,
} from "./reportOptions.ts";
import { addResumeOption, addResumeOptions } from "./resumeOptions.ts";
import { addSexOptions } from "./sexOptions.ts";
import { type Invocation, type Shell, version } from "./shell.ts";
import { addTransOptions, type TransOptions } from "./transOptions.ts";

/**
 * Runs `qortex` with the arguments after its name and returns the exit code. Never throws and never
 * exits: every failure is one line on standard error.
 */
export async function run(args: readonly string[], shell: Shell): Promise<number> {
  try {
    await program({ ...shell, args }).parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    return report(error, { ...shell, args });
  }
}

function program(shell: Invocation): Command {
  const top = new Command("qortex").version(version(), "-v, --version");
  top.configureHelp({ formatHelp: () => mainHelp(version()) });
  settle(top, shell);
  // The commands themselves are loaded on demand: help and a mistyped option answer at once.
  const cis = mapCommand(
    "cis",
    CIS_DESCRIPTION,
    (command) => {
      addCisOptions(command);
      addInteractionOptions(command, "cis");
    },
    shell,
    { models: ["ols", "qtltools"], addKeeping: addResumeOptions, loci: true },
  );
  cis.action(async () => {
    const options = given<CisOptions & InteractionOptions>(cis);
    const { runCis } = await import("./cis.ts");
    await runCis(options, shell);
  });
  const trans = mapCommand(
    "trans",
    TRANS_DESCRIPTION,
    (command) => {
      addTransOptions(command);
      addInteractionOptions(command, "trans");
    },
    shell,
    { models: ["ols", "qtltools", "anova"], addKeeping: addResumeOptions, loci: true },
  );
  trans.action(async () => {
    const options = given<TransOptions & InteractionOptions>(trans);
    if (options.model === "anova" && !interacts(options)) {
      const { runAnova } = await import("./anova.ts");
      return runAnova(options, shell);
    }
    const { runTrans } = await import("./trans.ts");
    await runTrans(options, shell);
  });
  const eqts = mapCommand("eqts", EQTS_DESCRIPTION, addEqtsOptions, shell);
  eqts.action(async () => {
    const options = given<EqtsOptions>(eqts);
    const { runEqts } = await import("./eqts.ts");
    await runEqts(options, shell);
  });
  const fine = mapCommand("finemap", FINEMAP_DESCRIPTION, addFinemapOptions, shell);
  fine.action(async () => {
    const options = given<FinemapOptions>(fine);
    const { runFinemap } = await import("./finemap.ts");
    await runFinemap(options, shell);
  });
  const independent = mapCommand("independent", INDEPENDENT_DESCRIPTION, addIndependentOptions, shell);
  independent.action(async () => {
    const options = given<IndependentOptions>(independent);
    const { runIndependent } = await import("./independent.ts");
    await runIndependent(options, shell);
  });
  return top
    .addCommand(cis)
    .addCommand(trans)
    .addCommand(eqts)
    .addCommand(mergeCommand(shell))
    .addCommand(independent)
    .addCommand(fine)
    .addCommand(covariatesCommand(shell))
    .addCommand(networkCommand(shell, settle))
    .addCommand(reportCommand(shell))
    .addCommand(viewCommand(shell))
    .addCommand(benchCommand(shell))
    .addCommand(doctorCommand(shell));
}

function doctorCommand(shell: Shell): Command {
  const command = new Command("doctor").description(DOCTOR_DESCRIPTION);
  command.option("--json", "print each check as JSON, one object a line");
  command.helpOption("-h, --help", "print this");
  command.action(async ({ json = false }: { json?: boolean }) => {
    const { runDoctor } = await import("./doctor.ts");
    await runDoctor({ json }, shell);
  });
  return settle(command, shell);
}

function benchCommand(shell: Invocation): Command {
  const command = new Command("bench").description(BENCH_DESCRIPTION);
  addBenchOptions(command, shell.machine);
  command.helpOption("-h, --help", "print this");
  command.action(async () => {
    const options: BenchOptions = { ...BENCH_SWITCHES_OFF, ...command.opts<BenchOptions>() };
    const { runBench } = await import("./bench.ts");
    await runBench(options, shell);
  });
  return settle(command, shell);
}

function covariatesCommand(shell: Invocation): Command {
  const command = new Command("covariates").description(COVARIATES_DESCRIPTION);
  command.usage("--genotypes <path> --expression <path> --out <dir> [options]");
  addInputOptions(command);
  addGenotypePcOptions(command);
  addExpressionPcOptions(command);
  addSelectionOptions(command);
  addSexOptions(command, false);
  addTransformOption(command);
  refuseRelatives(command);
  addOutputOptions(command);
  addMachineOptions(command, shell.machine);
  command.helpOption("-h, --help", "print this");
  command.action(async () => {
    const options: CovariatesOptions = { ...COVARIATES_FIXED, ...given<CovariatesOptions>(command) };
    const { runCovariates } = await import("./covariates.ts");
    await runCovariates(options, shell);
  });
  return settle(command, shell);
}

function reportCommand(shell: Invocation): Command {
  const command = new Command("report").description(REPORT_DESCRIPTION);
  command.usage("<dir> [options]");
  command.argument("<dir>", "the folder that a command wrote");
  addReportOptions(command);
  command.helpOption("-h, --help", "print this");
  command.action(async (folder: string) => {
    const { runReport } = await import("./report.ts");
    await runReport(folder, { ...REPORT_SWITCHES_OFF, ...command.opts<ReportOptions>() }, shell);
  });
  return settle(command, shell);
}

function viewCommand(shell: Invocation): Command {
  const command = new Command("view").description(VIEW_DESCRIPTION);
  command.usage("<dir> [options]");
  command.argument("<dir>", "the folder that a command wrote");
  addViewOptions(command);
  command.helpOption("-h, --help", "print this");
  command.action(async (folder: string) => {
    const { runView } = await import("./view.ts");
    await runView(folder, command.opts<ViewOptions>(), shell);
  });
  return settle(command, shell);
}

function mergeCommand(shell: Invocation): Command {
  const command = new Command("merge").description(MERGE_DESCRIPTION);
  command.usage("<shard>... --out <dir> [options]");
  command.argument("<shard...>", "the folders that --shard wrote, all of them, in any order");
  addMergeOptions(command, shell.machine);
  command.helpOption("-h, --help", "print this");
  command.action(async (shards: readonly string[]) => {
    const options: MergeOptions = { ...MERGE_SWITCHES_OFF, ...command.opts<MergeOptions>() };
    if (!options.out) throw new UsageError("merge needs --out; 'qortex merge --help' lists the options");
    const { runMerge } = await import("./merge.ts");
    await runMerge(shards, options, shell);
  });
  return settle(command, shell);
}

interface MapCommand {
  /** What `--model` may be. Default `ols` alone: covariates are taken out of genotypes too. */
  readonly models?: readonly MapOptions["model"][];
  /** How its work is kept. Default: step by step, and not shared. */
  readonly addKeeping?: (command: Command) => void;
  /** Whether its page has regional plots. */
  readonly loci?: boolean;
}

function mapCommand(
  name: string,
  description: string,
  addPairs: (c: Command) => void,
  shell: Shell,
  { models = ["ols"], addKeeping = addResumeOption, loci = false }: MapCommand = {},
): Command {
  const command = new Command(name).description(description);
  command.usage("--genotypes <path> --expression <path> --out <dir> [options]");
  addInputOptions(command);
  addRelativesOptions(command);
  addPairs(command);
  addSelectionOptions(command);
  addSexOptions(command, true);
  addModelOptions(command, models);
  addOutputOptions(command);
  if (loci) addReportLociOption(command);
  addKeeping(command);
  addMachineOptions(command, shell.machine);
  command.helpOption("-h, --help", "print this");
  return settle(command, shell);
}

/** The options as parsed: their parsers and {@link requireInputs} vouch for the type. */
function given<Options extends MapOptions>(command: Command): Options {
  const options: Options = { ...SWITCHES_OFF, ...command.opts<Options>() };
  requireInputs(options, command.name());
  checkRelatives(options);
  return options;
}

/** Errors are thrown, not printed by commander; help goes to the shell's streams, and breaks its own lines. */
function settle(command: Command, shell: Shell): Command {
  command.description(command.description().replace(/([^\n])\n(?=\S)/g, "$1 "));
  return command.exitOverride().configureOutput({
    writeOut: (text) => shell.out.write(text),
    writeErr: (text) => shell.err.write(text),
    outputError: () => {},
    getOutHelpWidth: () => Math.min(shell.out.columns ?? 100, 100),
    getErrHelpWidth: () => Math.min(shell.err.columns ?? 100, 100),
  });
}

/** Prints one line for what went wrong and returns the exit code. */
function report(error: unknown, shell: Invocation): number {
  const say = (text: string) => shell.err.write(`qortex: ${text}\n`);
  if (shell.env.QORTEX_DEBUG === "1" && error instanceof Error && !(error instanceof CommanderError)) {
    shell.err.write(`${withCauses(error)}\n`);
  }
  if (error instanceof CommanderError) {
    // Help and version end here too: they were printed, and all is well.
    if (error.exitCode === 0) return 0;
    if (error.code !== "commander.help") say(`${commanderText(error)}; see ${helpFor(error, shell.args)}`);
    return 2;
  }
  if (error instanceof CancelledError || shell.signal.aborted) {
    say(
      error instanceof CancelledError && error.message !== "cancelled"
        ? error.message
        : "stopped: nothing was written",
    );
    return 130;
  }
  if (error instanceof QortexError) {
    say(oneLine(error.message));
    return error.exitCode;
  }
  const system = systemErrorText(error);
  if (system !== undefined) {
    say(system);
    return 2;
  }
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  say(`unexpected error: ${oneLine(text)}; please report it (QORTEX_DEBUG=1 shows where it arose)`);
  return 1;
}

/** The help that has the options of the command that was typed. */
function helpFor({ code }: CommanderError, [command = ""]: readonly string[]): string {
  const known = code !== "commander.unknownCommand" && /^[a-z]+$/.test(command);
  return known ? `'qortex ${command} --help'` : "'qortex --help'";
}

/** `error: unknown option '--mav'\n(Did you mean --maf?)` in this house's style. */
function commanderText(error: CommanderError): string {
  return oneLine(
    error.message
      .replace(/^error: /, "")
      .replace("(Did you", "(did you")
      .replace(/\.$/, ""),
  );
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ").trim();
}

const SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  ENOSPC: "no space left on the disk; free some, or choose another --out",
  EDQUOT: "the disk quota is used up; free some, or choose another --out",
  EACCES: "permission denied",
  EPERM: "not permitted",
  EROFS: "the file system is read-only; choose another --out",
  ENOENT: "no such file or folder",
  EMFILE: "too many open files; raise the limit (ulimit -n)",
  EIO: "the disk or network drive failed to read or write",
};

/** The operating system's refusals that no reader or writer has put in its own words. */
function systemErrorText(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return undefined;
  const text = SYSTEM_ERRORS[error.code];
  if (text === undefined) return undefined;
  const path = "path" in error && typeof error.path === "string" ? `${error.path}: ` : "";
  return `${path}${text}`;
}

function withCauses(error: Error): string {
  const stack = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause instanceof Error ? `${stack}\ncaused by ${withCauses(error.cause)}` : stack;
}
