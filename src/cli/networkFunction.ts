import { Command } from "commander";
import {
  addCoregulationOptions,
  addEnrichOptions,
  addPredictOptions,
  COREGULATION_DESCRIPTION,
  type CoregulationOptions,
  checkCoregulationOptions,
  ENRICH_DESCRIPTION,
  type EnrichOptions,
  PREDICT_DESCRIPTION,
  type PredictOptions,
} from "./networkFunctionOptions.ts";
import {
  addCommunitiesOptions,
  addKeyGenesOptions,
  COMMUNITIES_DESCRIPTION,
  type CommunitiesOptions,
  KEY_GENES_DESCRIPTION,
  type KeyGenesOptions,
} from "./networkGraphOptions.ts";
import {
  addExpressionInputs,
  addNetworkEnd,
  type EndOptions,
  givenNetwork,
  requireOptions,
} from "./networkOptions.ts";
import type { Invocation } from "./shell.ts";

/** The commands that ask what genes do: co-regulation, function, enrichment, key genes, communities. */
export function functionCommands(shell: Invocation): Command[] {
  return [
    coregulationCommand(shell),
    predictCommand(shell),
    enrichCommand(shell),
    keyGenesCommand(shell),
    communitiesCommand(shell),
  ];
}

function coregulationCommand(shell: Invocation): Command {
  const command = new Command("coregulation")
    .summary("co-regulation of genes over their components")
    .description(COREGULATION_DESCRIPTION);
  command.usage("--expression <path> --out <dir> [options]");
  addExpressionInputs(command, false);
  addCoregulationOptions(command);
  addNetworkEnd(command, shell.machine);
  return command.action(async () => {
    const options = givenNetwork<CoregulationOptions>(command);
    checkCoregulationOptions(options);
    const { runCoregulation } = await import("./networkCoregulation.ts");
    await runCoregulation(options, shell);
  });
}

function predictCommand(shell: Invocation): Command {
  const command = new Command("predict")
    .summary("functions of genes, from gene sets and co-regulation")
    .description(PREDICT_DESCRIPTION);
  command.usage("--coregulation <dir> --gene-sets <path> --out <dir> [options]");
  addPredictOptions(command);
  addNetworkEnd(command, shell.machine);
  return command.action(async () => {
    const options = given<PredictOptions>(command, ["coregulation", "geneSets", "out"]);
    const { runPredict } = await import("./networkPredict.ts");
    await runPredict(options, shell);
  });
}

function enrichCommand(shell: Invocation): Command {
  const command = new Command("enrich")
    .summary("gene sets over-represented in modules, lists or rankings")
    .description(ENRICH_DESCRIPTION);
  command.usage("--gene-sets <path> --modules <path> --out <dir> [options]");
  addEnrichOptions(command);
  addNetworkEnd(command, shell.machine);
  return command.action(async () => {
    const options = given<EnrichOptions>(command, ["geneSets", "out"]);
    const { runEnrich } = await import("./networkEnrich.ts");
    await runEnrich(options, shell);
  });
}

function keyGenesCommand(shell: Invocation): Command {
  const command = new Command("key-genes")
    .summary("genes and gene sets behind a trait, from a GWAS")
    .description(KEY_GENES_DESCRIPTION);
  command.usage("--gwas <path> --coregulation <dir> --out <dir> [options]");
  addKeyGenesOptions(command);
  addNetworkEnd(command, shell.machine);
  return command.action(async () => {
    const needed = ["coregulation", "gwas", "reference", "genes", "out"] as const;
    const options = given<KeyGenesOptions>(command, needed);
    const { runKeyGenes } = await import("./networkKeyGenes.ts");
    await runKeyGenes(
      { ...options, keepHla: options.keepHla ?? false, rankNormal: options.rankNormal ?? false },
      shell,
    );
  });
}

function communitiesCommand(shell: Invocation): Command {
  const command = new Command("communities")
    .summary("communities and centralities of a network, and files for other programs")
    .description(COMMUNITIES_DESCRIPTION);
  command.usage("--edges <path> --out <dir> [options]");
  addCommunitiesOptions(command);
  addNetworkEnd(command, shell.machine);
  return command.action(async () => {
    const options = given<CommunitiesOptions>(command, ["edges", "out"]);
    const { runCommunities } = await import("./networkCommunities.ts");
    await runCommunities(
      { ...options, signed: options.signed ?? false, betweenness: options.betweenness ?? false },
      shell,
    );
  });
}

/** The options as parsed, with what was not given. Throws UsageError where something required is missing. */
function given<Options extends EndOptions>(
  command: Command,
  needed: readonly (keyof Options & string)[],
): Options {
  const off = { overwrite: false, quiet: false, json: false, seed: 1 };
  const options: Options = { ...off, ...command.opts<Options>() };
  requireOptions(command, options, needed);
  return options;
}
