import type { Command } from "commander";
import type { Build } from "../cohort/longRangeLd.ts";
import { CHR_X, type ChrX, MALE_CODING, type MaleCoding } from "../cohort/sexChromosomes.ts";
import type { EndOptions } from "./networkOptions.ts";
import { group } from "./options.ts";
import { basePairs, numberIn, oneOf } from "./values.ts";

export interface CommunitiesOptions extends EndOptions {
  readonly edges: string;
  readonly weight?: string;
  readonly minWeight: number;
  readonly signed: boolean;
  readonly resolution: number;
  readonly betweenness: boolean;
  readonly export: "none" | "all" | "graphml" | "gexf" | "cytoscape";
  readonly pictures: number;
}

export const COMMUNITIES_DESCRIPTION = `Communities of a network of gene pairs (Leiden), the centrality of each gene, pictures of the
largest communities, and files for igraph, networkx, Cytoscape and Gephi.`;

export function addCommunitiesOptions(command: Command): void {
  const inputs = group(command, "Inputs:");
  inputs(
    "--edges <path>",
    "a table with columns gene_a and gene_b (or gene and partner), or the folder of a result of 'network correlate' or 'network coregulation' (required)",
  );
  inputs("--weight <column>", "weigh edges by this column (default: z, else r; without either all weigh 1)");
  inputs("--annotation <path>", "GTF, BED or table: gene symbols");
  const add = group(command, "Graph:");
  add("--min-weight <w>", "leave out edges that weigh less than this", {
    parse: numberIn({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    initial: 0,
  });
  add("--signed", "leave out negative edges (default: they weigh what their size is)");
  add("--resolution <r>", "above 1: more and smaller communities", {
    parse: numberIn({ min: 0, max: 1e6, aboveMin: true }),
    initial: 1,
  });
  add("--seed <n>", "of the orders in which genes are looked at", {
    parse: numberIn({ min: 0, max: 2 ** 32 - 1, integer: true }),
    initial: 1,
  });
  add(
    "--betweenness",
    "also betweenness: genes times edges steps, minutes for 10,000 genes with 100,000 edges",
  );
  const output = group(command, "Pictures and exports:");
  output("--export <name>", "the graph for other programs: none, graphml, gexf, cytoscape (.cyjs) or all", {
    parse: oneOf(["none", "graphml", "gexf", "cytoscape", "all"]),
    initial: "all",
    initialText: "all",
  });
  output("--pictures <n>", "SVG and HTML pictures of this many of the largest communities", {
    parse: numberIn({ min: 0, max: 1000, integer: true }),
    initial: 5,
  });
}

export interface KeyGenesOptions extends EndOptions {
  readonly coregulation: string;
  readonly gwas: string;
  readonly reference: string;
  readonly genes: string;
  readonly geneSets?: string;
  readonly window: number;
  readonly maf: number;
  readonly pruneR2: number;
  readonly keepHla: boolean;
  readonly ldDistance: number;
  readonly variance: number;
  readonly rankNormal: boolean;
  readonly cisDistance: number;
  readonly minGenes: number;
  readonly pathways: "membership" | "predicted";
  readonly nullGwas: number;
  readonly score: "coregulation" | "components" | "both";
  readonly componentQ: number;
  readonly draws: number;
  readonly sex?: string;
  readonly chrx: ChrX;
  readonly maleCoding: MaleCoding | "auto";
  readonly build: Build;
}

export const KEY_GENES_DESCRIPTION = `From a GWAS to genes: p of each gene from the variants around it (exact tails of sums of chi-
squares), then which genes of a co-regulation network, and which gene sets, go with the trait's
genes: generalised least squares that heeds how genes' p are linked.`;

export function addKeyGenesOptions(command: Command): void {
  const inputs = group(command, "Inputs:");
  inputs("--coregulation <dir>", "a result of 'qortex network coregulation' (required)");
  inputs(
    "--gwas <path>",
    "summary statistics with a header: chromosome and position, or variant_id; effect_allele and other_allele; z, or beta and se, or p_value (required)",
  );
  inputs(
    "--reference <path>",
    "genotypes of the GWAS's ancestry, some hundred samples at least, for linkage: PLINK 1 bed/bim/fam (required)",
  );
  inputs(
    "--genes <path>",
    "where genes lie, in the build of the reference: GTF (whole genes), BED or table (required)",
  );
  inputs("--gene-sets <path>", "GMT: also which of these sets go with the trait");
  const genes = group(command, "Gene p:");
  genes("--window <bp>", "variants from this far before a gene to this far after it", {
    parse: basePairs,
    initial: 50_000,
    initialText: "50kb",
  });
  genes("--maf <share>", "least minor allele frequency in the reference, 0 to 0.5", {
    parse: numberIn({ min: 0, max: 0.5 }),
    initial: 0.05,
  });
  genes("--prune-r2 <r2>", "of two variants more correlated than this the rarer is left out", {
    parse: numberIn({ min: 0, max: 1, aboveMin: true }),
    initial: 0.9,
  });
  genes("--keep-hla", "keep the HLA region (chromosome 6, 20 to 40 Mb), which is left out otherwise");
  const model = group(command, "Key genes:");
  model("--ld-distance <bp>", "variants farther apart than this are taken as unlinked", {
    parse: basePairs,
    initial: 1_000_000,
    initialText: "1Mb",
  });
  model("--variance <share>", "share of the genes' linkage that is kept (of each block's eigenvalues)", {
    parse: numberIn({ min: 0, max: 1, aboveMin: true }),
    initial: 0.9,
  });
  model("--rank-normal", "ranks of the genes' p to normal quantiles, in place of z");
  model("--cis-distance <bp>", "co-regulation of genes this near to each other counts as 0", {
    parse: basePairs,
    initial: 250_000,
    initialText: "250kb",
  });
  model("--min-genes <n>", "of --gene-sets those with at least this many genes", {
    parse: numberIn({ min: 3, max: 1_000_000, integer: true }),
    initial: 10,
  });
  model(
    "--pathways <name>",
    "of --gene-sets: predicted (each gene's predicted score, as 'network predict' makes it) or membership",
    { parse: oneOf(["predicted", "membership"]), initial: "predicted", initialText: "predicted" },
  );
  model(
    "--null-gwas <n>",
    "also p by this many GWAS of random phenotypes on the reference (0, or 100 and more; 1,000 will do): pval_null",
    { parse: nullCount, initial: 0 },
  );
  model("--seed <n>", "of the random phenotypes, and of --draws", {
    parse: numberIn({ min: 0, max: 2 ** 32 - 1, integer: true }),
    initial: 1,
  });
  model(
    "--score <name>",
    "coregulation: each gene by its co-regulation with the trait's genes; components: by the components that go with the trait (Downstreamer's newer score: key_gene_scores, key_components); or both",
    {
      parse: oneOf(["coregulation", "components", "both"]),
      initial: "coregulation",
      initialText: "coregulation",
    },
  );
  model("--component-q <q>", "of --score components: take those with a q of at most this", {
    parse: numberIn({ min: 0, max: 1, aboveMin: true }),
    initial: 0.05,
  });
  model("--draws <n>", "of --score components: random slopes that its p come from, 100 at least", {
    parse: numberIn({ min: 100, max: 10_000_000, integer: true }),
    initial: 10_000,
    initialText: "10,000",
  });
  const sexes = group(command, "Chromosome X of the reference (docs/chrx.md):");
  sexes(
    "--sex <path>",
    "sample and sex a line (1 or M, 2 or F), a .psam or a .fam (default: the .fam of the reference)",
  );
  sexes(
    "--chrx <name>",
    "males on X outside the pseudo-autosomal regions: 0/2, 0/1, as-given or exclude. Without anybody's sex these variants are left out, but as-given",
    { parse: oneOf(CHR_X), initial: "0/2", initialText: "0/2" },
  );
  sexes(
    "--male-coding <name>",
    "how the reference writes a male's allele there: 0/2, 0/1, or auto: told from the males' calls",
    { parse: oneOf(["auto", ...MALE_CODING]), initial: "auto", initialText: "auto" },
  );
  sexes("--build <name>", "GRCh38, GRCh37 or none: where the pseudo-autosomal regions lie", {
    parse: oneOf(["GRCh38", "GRCh37", "none"]),
    initial: "GRCh38",
    initialText: "GRCh38",
  });
}

/** None, or enough for their third and fourth moments. */
function nullCount(option: string, text: string): number {
  if (text === "0") return 0;
  return numberIn({ min: 100, max: 1_000_000, integer: true })(option, text);
}
