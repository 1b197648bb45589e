import type { Command } from "commander";
import { UsageError } from "../errors.ts";
import type { NetworkType } from "../network/adjacency.ts";
import { addMeasureOptions, checkMeasure, type MeasureOptions } from "./networkCorrelateOptions.ts";
import type { NetworkOptions } from "./networkOptions.ts";
import { group } from "./options.ts";
import { numberIn, oneOf } from "./values.ts";

/** Named here, so that a list of options does not load what computes with them. */
const NETWORK_TYPES: readonly NetworkType[] = ["unsigned", "signed", "signed-hybrid"];

export interface ModulesCommandOptions extends NetworkOptions, MeasureOptions {
  readonly networkType: NetworkType;
  readonly power: number | "auto";
  readonly overlap: "unsigned" | "signed";
  readonly exactOverlap?: boolean;
  readonly minModuleSize?: number;
  readonly deepSplit: number;
  readonly cutHeight: number;
  readonly pam: "tree" | "all" | "none";
  readonly mergeHeight: number;
  readonly minCoreKme: number;
  readonly minKme: number;
  readonly reassign: number;
  readonly maxBlockSize?: number | "auto";
  readonly traits?: string;
  readonly preservation?: string;
  readonly permutations: number;
  readonly pictures: number;
}

export const MODULES_DESCRIPTION = `Modules of genes that are expressed together, as WGCNA's blockwiseModules finds them: soft threshold,
topological overlap, average linkage, dynamic tree cut, eigengenes. Writes the module of each gene, its
membership in every module, eigengenes, the dendrogram, what modules have to do with traits, and a page
(report.html) with the overlap as a map, modules as pictures and their hubs.`;

const share = numberIn({ min: 0, max: 1 });
const whole = (min: number, max: number) => numberIn({ min, max, integer: true });

function blockOrAuto(option: string, text: string): number | "auto" {
  return text === "auto" ? text : whole(2, 1_000_000)(option, text);
}

function powerOrAuto(option: string, text: string): number | "auto" {
  return text === "auto" ? text : numberIn({ min: 1, max: 100 })(option, text);
}

export function addModulesOptions(command: Command): void {
  addMeasureOptions(command);
  const network = group(command, "Network:");
  network(
    "--network-type <name>",
    "adjacency of two genes of correlation r: unsigned |r|^power, signed ((1 + r) / 2)^power, signed-hybrid r^power where r > 0, else 0",
    { parse: oneOf(NETWORK_TYPES), initial: "unsigned", initialText: "unsigned" },
  );
  network(
    "--power <n>",
    "soft-thresholding power, or auto: the first of 1 to 10, 12, ... 20 with a scale-free fit above 0.85",
    { parse: powerOrAuto, initial: "auto", initialText: "auto" },
  );
  network("--overlap <name>", "signed: in an unsigned network neighbours of opposite sign cancel out", {
    ...{ parse: oneOf(["unsigned", "signed"]), initial: "unsigned", initialText: "unsigned" },
  });
  network(
    "--exact-overlap",
    "overlaps in f64, WGCNA's to the last digits: on the CPU alone, slower, more memory (default: of adjacencies in 14 bits, which a GPU multiplies; how far off they may be is said)",
  );
  network(
    "--max-block-size <n>",
    "genes at once; more are split by projective k-means, which makes other modules; auto: as many as --memory holds, so that modules depend on it (default: all; more than --memory holds are an error that names a number)",
    { parse: blockOrAuto },
  );
  const modules = group(command, "Modules:");
  modules("--min-module-size <n>", "fewest genes (default: 20, or half the genes)", {
    parse: whole(2, 1_000_000),
  });
  modules("--deep-split <n>", "0 (few large modules) to 4 (many small ones)", {
    ...{ parse: numberIn({ min: 0, max: 4 }), initial: 2 },
  });
  modules("--cut-height <d>", "branches are looked for below this dissimilarity", {
    parse: share,
    initial: 0.995,
  });
  modules(
    "--pam <name>",
    "genes beside the branches go to the nearest module of their own branch (tree), of all (all), or stay out (none)",
    { parse: oneOf(["tree", "all", "none"]), initial: "tree", initialText: "tree" },
  );
  modules("--merge-height <d>", "modules are joined whose eigengenes are nearer than this (1 - r)", {
    ...{ parse: numberIn({ min: 0, max: 2 }), initial: 0.15 },
  });
  modules("--min-core-kme <r>", "a module has a third of --min-module-size genes of at least this kME", {
    ...{ parse: share, initial: 0.5 },
  });
  modules("--min-kme <r>", "a gene of a smaller kME leaves its module", { parse: share, initial: 0.3 });
  modules("--reassign <ratio>", "a gene moves where its p is smaller by this factor; 0: none moves", {
    ...{ parse: share, initial: 1e-6, initialText: "1e-6" },
  });
  const more = group(command, "What modules mean:");
  more(
    "--traits <path>",
    "samples x traits (numbers, NA where missing), either way round: correlated with the eigengenes",
  );
  more("--preservation <path>", "expression of other samples: are the modules there too? (Zsummary)");
  more("--permutations <n>", "random modules that --preservation compares with", {
    ...{ parse: whole(10, 100_000), initial: 100 },
  });
  more("--pictures <n>", "SVG pictures of this many of the largest modules: their hubs", {
    ...{ parse: whole(0, 1000), initial: 4 },
  });
  more("--seed <n>", "seed of these, and of the blocks' first centres", {
    ...{ parse: whole(0, 2 ** 32 - 1), initial: 1 },
  });
}

/** Throws {@link UsageError} for options that do not go together. */
export function checkModulesOptions(options: ModulesCommandOptions): void {
  checkMeasure(options);
  if (options.expression.length > 1) {
    throw new UsageError(
      "network modules takes the expression of one cohort; compare another one's with --preservation",
    );
  }
  if (options.overlap === "signed" && options.networkType !== "unsigned") {
    throw new UsageError(
      `--overlap signed is for unsigned networks; a ${options.networkType} one has no negative adjacency`,
    );
  }
}
