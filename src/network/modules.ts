import type { RunOptions } from "../association/run.ts";
import { DEFAULT_MEMORY } from "../association/run.ts";
import { type ExpressionSet, subset } from "../cohort/expressionSet.ts";
import { InputError, LimitError } from "../errors.ts";
import { counted, thousands } from "../formats/wording.ts";
import { Adjacency, type NetworkType } from "./adjacency.ts";
import { blocksOf } from "./blocks.ts";
import { condensedPair } from "./condensed.ts";
import { type IntramodularConnectivity, intramodular } from "./connectivity.ts";
import { Correlator } from "./correlator.ts";
import { correlationRows } from "./denseMatrix.ts";
import { type Eigengenes, eigengenes, scaledGenes } from "./eigengenes.ts";
import { averageLinkage, type Dendrogram, type PairNumbers } from "./linkage.ts";
import type { Measure } from "./measure.ts";
import { type Memberships, memberships } from "./membership.ts";
import { mergeModules } from "./merging.ts";
import { dropWeakGenes, type ModuleCheck, reassignGenes } from "./moduleCheck.ts";
import { type OverlapOptions, topologicalOverlap } from "./overlap.ts";
import { type OverlapCells, overlapCells } from "./overlapCells.ts";
import { roundedAdjacency } from "./roundedAdjacency.ts";
import { roundedOverlap } from "./roundedOverlap.ts";
import { advisedPower, chosenPower, PowerScan, type ScaleFreeFit } from "./scaleFree.ts";
import { cutTree, type TreeCutOptions } from "./treeCut.ts";

/** The choices of WGCNA's blockwiseModules, with its defaults. */
export interface ModulesOptions extends RunOptions, Omit<TreeCutOptions, "minClusterSize"> {
  readonly measure: Measure;
  /** Default `unsigned`. */
  readonly type?: NetworkType | undefined;
  /** The soft-thresholding power; by default the first of a scan that makes the network scale-free. */
  readonly power?: number | undefined;
  /** With `signed` the adjacencies of an unsigned network carry the signs of their correlations. Default `unsigned`. */
  readonly overlap?: "unsigned" | "signed" | undefined;
  /** Default 20, or half the genes. */
  readonly minModuleSize?: number | undefined;
  /** Modules whose eigengenes are nearer than this are joined. Default 0.15. */
  readonly mergeCutHeight?: number | undefined;
  readonly minCoreKME?: number | undefined;
  readonly minKMEtoStay?: number | undefined;
  readonly reassignThreshold?: number | undefined;
  /**
   * Genes at once; more are split into blocks, and the modules are others then. Default: all. `auto`: as many as memory holds, so that
   * the modules of more genes depend on `memory`; the result says how many that were.
   */
  readonly maxBlockSize?: number | "auto" | undefined;
  /** Overlaps in f64 (WGCNA's to 1e-12) in place of those within a bound, which a GPU can make too: slower, more memory. Default false. */
  readonly exactOverlap?: boolean | undefined;
  /** Told what it does, one line each. */
  readonly onStep?: ((text: string) => void) | undefined;
}

/** A block of genes and the tree it was cut from. */
export interface ModuleBlock {
  /** Numbers of its genes in the set. */
  readonly genes: Uint32Array;
  readonly tree: Dendrogram;
  /** The topological overlap in the order of the tree, as means over cells. */
  readonly overlap: OverlapCells;
}

export interface ModulesResult {
  readonly power: number;
  /** Whether the power was given, found by the scan, or is the one advised for so many samples where none fits. */
  readonly powerBy: "given" | "scan" | "advice";
  /** The scan; empty where the power was given. */
  readonly fits: readonly ScaleFreeFit[];
  readonly blocks: readonly ModuleBlock[];
  /** The most genes at once that was allowed, and the fewest of a module. */
  readonly maxBlockSize: number;
  readonly minModuleSize: number;
  /** Module of each gene, 0 none; as the branches were numbered, and after modules were joined, 1 the largest. */
  readonly unmerged: Int32Array;
  readonly labels: Int32Array;
  readonly eigengenes: Eigengenes;
  readonly memberships: Memberships;
  readonly connectivity: IntramodularConnectivity;
  /** How far from exact the overlaps may be that the trees are made of; 0 with `exactOverlap`. */
  readonly overlapBound: number;
}

/** Detection of WGCNA's default cut, which blockwiseModules gives. */
const CUT_HEIGHT = 0.995;
/** Bytes a pair of genes takes, both ways: adjacency, whole numbers, overlap and its copy for the tree. */
const BYTES_A_PAIR = { rounded: 10, exact: 16 } as const;
/** The share of `--memory` that a block may take. */
const BLOCK_SHARE = 0.75;

/** Throws {@link LimitError} where memory does not hold a block: to split it by what there is would make modules depend on the machine. */
function checkBlock(genes: number, memory: number, bytes: number): void {
  const needed = (bytes * genes * genes) / BLOCK_SHARE;
  if (needed <= memory) return;
  const most = largestBlock(memory, bytes);
  throw new LimitError(
    `modules of ${counted(genes, "gene")} at once need ${mib(needed)} of memory, and there are ${mib(memory)}: raise --memory, give fewer genes, or split them into blocks by --max-block-size ${most} (which makes other modules; auto is that number)`,
  );
}

/** Genes that memory holds at once. */
function largestBlock(memory: number, bytes: number): number {
  return Math.floor(Math.sqrt((BLOCK_SHARE * memory) / bytes));
}

function mib(bytes: number): string {
  return `${thousands(Math.ceil(bytes / 2 ** 20))} MiB`;
}

/**
 * Modules of co-expressed genes (Langfelder and Horvath, BMC Bioinformatics 9 (2008) 559): adjacency, topological overlap,
 * average linkage and the dynamic cut in each block of genes, then checks and joins by eigengenes over all.
 * Overlaps of whole numbers, or in f64 with `exactOverlap`; all else in f64 and in a fixed order: the same bytes on every backend. Throws InputError for fewer than 2 genes, LimitError for more at once than
 * memory holds.
 */
export async function modulesOf(set: ExpressionSet, options: ModulesOptions): Promise<ModulesResult> {
  const { measure, type = "unsigned", overlap = "unsigned", mergeCutHeight = 0.15, signal } = options;
  const { memory = DEFAULT_MEMORY, seed = 1, onStep = () => {} } = options;
  const used = Uint32Array.from(Array.from(set.id.keys()).filter((gene) => set.status[gene] === "ok"));
  if (used.length < 2)
    throw new InputError(
      set.name,
      `${counted(used.length, "gene")} to group (the others are constant or missing); modules need at least 2`,
      "give it more genes",
    );
  const minModuleSize = options.minModuleSize ?? Math.max(2, Math.min(20, Math.floor(used.length / 2)));
  if (minModuleSize > used.length)
    throw new InputError(
      set.name,
      `${counted(used.length, "gene")} to group, so no module of ${minModuleSize} can be`,
      "ask for smaller modules (minModuleSize), or give it more genes",
    );
  const scaled = scaledGenes(set);
  const auto = options.maxBlockSize === "auto";
  const bytes = BYTES_A_PAIR[options.exactOverlap ? "exact" : "rounded"];
  const asked = auto ? Math.max(2, largestBlock(memory, bytes)) : options.maxBlockSize;
  const size = Math.min(asked ?? used.length, used.length);
  checkBlock(size, memory, bytes);
  const { power, powerBy, fits } = await powerOf(set, used, options);
  const parts = blocksOf(scaled, used, size, { type, seed });
  onStep(blocksText(parts, size, auto));
  const check: ModuleCheck = { ...options, type, measure, minModuleSize };
  const blocks: ModuleBlock[] = [];
  let found: Int32Array = new Int32Array(set.id.length);
  let next = 0;
  let total: Float64Array | undefined;
  let overlapBound = 0;
  for (const genes of parts) {
    const { labels, bound, connectivity, ...kept } = await block(subset(set, genes), power, minModuleSize, {
      ...{ ...options, type, overlap },
    });
    overlapBound = Math.max(overlapBound, bound);
    total = parts.length === 1 ? connectivity : undefined;
    blocks.push({ genes, ...kept });
    let most = next;
    genes.forEach((gene, i) => {
      if (labels[i]! > 0) found[gene] = labels[i]! + next;
      most = Math.max(most, found[gene]!);
    });
    next = most;
  }
  onStep(`${new Set(found.filter((label) => label > 0)).size} branches stand out`);
  found = dropWeakGenes(set, scaled, found, check);
  const unmerged = reassignGenes(set, scaled, found, check);
  const labels = await mergeModules(scaled, unmerged, mergeCutHeight);
  const modules = eigengenes(scaled, labels);
  const connectivity = await intramodular(set, labels, used, {
    // Of one block all adjacencies have been added up.
    ...{ backend: options.backend, measure, type, power, signal, total },
  });
  return {
    ...{ power, powerBy, fits, blocks, maxBlockSize: size, minModuleSize, unmerged, labels },
    eigengenes: modules,
    memberships: memberships(set, modules, measure),
    ...{ connectivity, overlapBound },
  };
}

function blocksText(parts: readonly Uint32Array[], size: number, auto: boolean): string {
  if (parts.length === 1) return `One block of ${parts[0]!.length} genes`;
  const most = `at most ${size} at once${auto ? ", what memory holds" : ""}`;
  return `${parts.length} blocks of ${parts.map(({ length }) => length).join(", ")} genes (${most}), split by projective k-means`;
}

/** The power given, or the first of a scan over all genes. */
async function powerOf(
  set: ExpressionSet,
  used: Uint32Array,
  { power, measure, type = "unsigned", backend, signal, onStep }: ModulesOptions,
): Promise<Pick<ModulesResult, "power" | "powerBy" | "fits">> {
  if (power !== undefined) return { power, powerBy: "given", fits: [] };
  onStep?.("Scanning powers for a scale-free network");
  const correlator = new Correlator([subset(set, used)], measure);
  const scan = new PowerScan(used.length, type);
  for await (const rows of correlationRows(correlator, backend, { upper: true, signal })) scan.add(rows);
  const fits = scan.fits();
  const chosen = chosenPower(fits);
  if (chosen !== undefined) return { power: chosen, powerBy: "scan", fits };
  return { power: advisedPower(set.samples.length, type), powerBy: "advice", fits };
}

/** One block: its tree and the branches cut from it. */
async function block(
  set: ExpressionSet,
  power: number,
  minClusterSize: number,
  options: ModulesOptions & { readonly type: NetworkType },
): Promise<Omit<ModuleBlock, "genes"> & { labels: Int32Array; bound: number; connectivity: Float64Array }> {
  const { signal } = options;
  const count = set.id.length;
  const { values, bound, connectivity } = await overlaps(set, power, options);
  const tree = await averageLinkage(values, count, { kind: "overlap", signal });
  const distance = (a: number, b: number) => 1 - values[condensedPair(a, b, count)]!;
  const { deepSplit, cutHeight = CUT_HEIGHT, pamStage, pamRespectsDendro } = options;
  const cells = await overlapCells(tree.order, (a, b) => values[condensedPair(a, b, count)]!, { signal });
  const labels = await cutTree(tree, distance, {
    minClusterSize,
    deepSplit,
    cutHeight,
    pamStage,
    pamRespectsDendro,
    signal,
  });
  return { tree, labels, bound, connectivity, overlap: cells };
}

/** The topological overlap of all pairs, condensed. */
async function overlaps(
  set: ExpressionSet,
  power: number,
  {
    backend,
    signal,
    measure,
    type,
    overlap,
    exactOverlap = false,
    onProgress,
  }: ModulesOptions & { readonly type: NetworkType },
): Promise<{ values: PairNumbers; bound: number; connectivity: Float64Array }> {
  const correlator = new Correlator([set], measure);
  const keepSign = overlap === "signed" && type === "unsigned";
  const progress: OverlapOptions = {
    signal,
    onProgress: (done, total) => onProgress?.({ done: done * done, total: total * total, phase: "testing" }),
  };
  if (!exactOverlap) {
    const adjacency = await roundedAdjacency(correlator, backend, { type, power, keepSign, signal });
    return { ...(await roundedOverlap(adjacency, backend, progress)), connectivity: adjacency.connectivity };
  }
  const adjacency = new Adjacency(set.id.length, type, power, keepSign);
  for await (const { from, to, values } of correlationRows(correlator, backend, { upper: true, signal })) {
    adjacency.addRows(from, to, values);
  }
  const values = await topologicalOverlap(adjacency, backend, progress);
  return { values, bound: 0, connectivity: adjacency.connectivity() };
}
