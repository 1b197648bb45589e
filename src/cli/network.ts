import { Command } from "commander";
import {
  addCorrelateOptions,
  CORRELATE_DESCRIPTION,
  type CorrelateOptions,
  checkMeasure,
} from "./networkCorrelateOptions.ts";
import { functionCommands } from "./networkFunction.ts";
import {
  addModulesOptions,
  checkModulesOptions,
  MODULES_DESCRIPTION,
  type ModulesCommandOptions,
} from "./networkModulesOptions.ts";
import { addExpressionInputs, addNetworkEnd, givenNetwork } from "./networkOptions.ts";
import type { Invocation } from "./shell.ts";

const NETWORK_DESCRIPTION =
  "Gene networks: which genes are expressed together, and what they do. Each command writes to --out.";

/** `qortex network` and its commands; `settle` is what every command of the program is given. */
export function networkCommand(
  shell: Invocation,
  settle: (command: Command, shell: Invocation) => Command,
): Command {
  const command = new Command("network").description(NETWORK_DESCRIPTION);
  command.usage("<command> [options]").helpOption("-h, --help", "print this");
  command.addCommand(settle(correlateCommand(shell), shell));
  command.addCommand(settle(modulesCommand(shell), shell));
  for (const one of functionCommands(shell)) command.addCommand(settle(one, shell));
  return settle(command, shell);
}

function correlateCommand(shell: Invocation): Command {
  const command = new Command("correlate")
    .summary("correlations between all pairs of genes")
    .description(CORRELATE_DESCRIPTION);
  command.usage("--expression <path> --out <dir> [options]");
  addExpressionInputs(command, true);
  addCorrelateOptions(command);
  addNetworkEnd(command, shell.machine);
  return command.action(async () => {
    const options = givenNetwork<CorrelateOptions>(command);
    checkMeasure(options);
    const { runCorrelate } = await import("./networkCorrelate.ts");
    await runCorrelate(options, shell);
  });
}

function modulesCommand(shell: Invocation): Command {
  const command = new Command("modules")
    .summary("modules of genes that are expressed together (WGCNA)")
    .description(MODULES_DESCRIPTION);
  command.usage("--expression <path> --out <dir> [options]");
  addExpressionInputs(command, false);
  addModulesOptions(command);
  addNetworkEnd(command, shell.machine);
  return command.action(async () => {
    const options = givenNetwork<ModulesCommandOptions>(command);
    checkModulesOptions(options);
    const { runModules } = await import("./networkModules.ts");
    await runModules(options, shell);
  });
}
