import { counted } from "../../../formats/wording.ts";
import type { GraphMeasure, GraphWanted, ModuleColumns, NetworkGraph } from "../answers.ts";
import type { Connections, NetworkRule } from "./connections.ts";
import { integersOf, numbersOf, type ResultTables, textsOf } from "./tables.ts";

/** Genes of a module that are drawn: those of largest membership. */
const DRAWN = 80;
/** Neighbours of a gene. */
const NEIGHBOURS = 30;

/** The modules of a network result; undefined where it has none. */
export async function modulesOf(tables: ResultTables): Promise<ModuleColumns | undefined> {
  const [genes, modules] = [await tables.open("genes"), await tables.open("modules")];
  if (genes === undefined || modules === undefined) return undefined;
  const [label, colour, size] = [
    await integersOf(modules, ["module"]),
    await textsOf(modules, ["color"]),
    await integersOf(modules, ["genes"]),
  ];
  const hub = await textsOf(modules, ["hub_gene"]);
  const most = label.reduce((max, one) => Math.max(max, one), 0);
  const places = Array.from({ length: most + 1 }, (_, m) => label.indexOf(m));
  const at = <T>(values: ArrayLike<T>, otherwise: T): T[] =>
    places.map((place) => (place < 0 ? otherwise : values[place]!));
  const module = await integersOf(genes, ["module"]);
  const sizes = Int32Array.from(at(size, 0));
  sizes[0] = module.reduce((sum, own) => sum + (own === 0 ? 1 : 0), 0);
  return {
    gene: await textsOf(genes, ["gene"]),
    module,
    membership: await numbersOf(genes, ["kme"]),
    sizes,
    colours: ["grey", ...at(colour, "grey").slice(1)],
    hubs: at(hub, ""),
  };
}

/** What a graph is made of. */
export interface GraphFacts {
  readonly modules: ModuleColumns | undefined;
  /** Of the cohort that is open. */
  readonly connections: Connections | undefined;
  readonly rule: NetworkRule | undefined;
  readonly samples: number;
}

/**
 * A module's genes of largest membership, or a gene and those nearest to it; with the strongest edges between them. Edges are topological overlaps over all genes
 * of the open cohort, or correlations of expression with the covariates taken out where these are wanted or the network's power is not known.
 * Without a cohort a module is a star around its hub. Nearest by overlap are sought among the genes of strongest correlation, as many as can be
 * computed in a second or so.
 */
export function graphOf(facts: GraphFacts, of: GraphWanted, limit: number): NetworkGraph {
  const { modules, connections, rule, samples } = facts;
  const chosen = "gene" in of ? undefined : membersOf(modules, of.module);
  if (connections === undefined)
    return star(nodesOf(modules, chosen ?? ["gene" in of ? of.gene : ""]), limit);
  const measures: GraphMeasure[] =
    rule === undefined ? ["correlation"] : ["topological overlap", "correlation"];
  const measure = measures.find((one) => one === of.measure) ?? measures[0]!;
  const by = measure === "correlation" ? undefined : rule;
  const { ids, weight, searched } =
    chosen === undefined && "gene" in of
      ? neighbours(connections, of.gene, by)
      : { ids: chosen ?? [], weight: weights(connections, chosen ?? [], by), searched: undefined };
  const edges: { from: number; to: number; weight: number }[] = [];
  for (let a = 0; a < ids.length; a++) {
    for (let b = a + 1; b < ids.length; b++) {
      const value = weight(a, b);
      if (!Number.isNaN(value)) edges.push({ from: a, to: b, weight: value });
    }
  }
  edges.sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight) || a.from - b.from || a.to - b.to);
  return {
    ...{ nodes: nodesOf(modules, ids), ...columns(edges.slice(0, limit)), measure, measures },
    says: sentence(connections, by, samples, searched),
  };
}

function sentence(
  { genes }: Connections,
  rule: NetworkRule | undefined,
  samples: number,
  searched: number | undefined,
): string {
  const of = `in the ${counted(samples, "sample")} that are loaded, covariates taken out`;
  if (rule === undefined) return `Edges are correlations of expression ${of}.`;
  const among =
    searched === undefined || searched + 1 >= genes
      ? ""
      : `; the nearest of the ${counted(searched, "gene")} that correlate most with it`;
  const kind = `${rule.type}, power ${rule.power}${rule.signed ? ", with signs" : ""}`;
  return `Edges are topological overlaps over ${counted(genes, "gene")} (${kind}) ${of}${among}.`;
}

function nodesOf(modules: ModuleColumns | undefined, ids: readonly string[]): NetworkGraph["nodes"] {
  const row = new Map(modules?.gene.map((gene, i) => [gene, i]));
  return ids.map((gene) => ({
    gene,
    module: modules?.module[row.get(gene) ?? -1] ?? 0,
    membership: modules?.membership[row.get(gene) ?? -1] ?? Number.NaN,
  }));
}

/** By place of two genes in `ids`. */
type Weight = (a: number, b: number) => number;

function weights(connections: Connections, ids: readonly string[], rule: NetworkRule | undefined): Weight {
  return rule === undefined
    ? (a, b) => connections.correlation(ids[a]!, ids[b]!)
    : connections.overlaps(ids, rule);
}

function membersOf(modules: ModuleColumns | undefined, module: number): string[] {
  if (modules === undefined) return [];
  const size = (g: number): number => Math.abs(modules.membership[g]!) || 0;
  return [...modules.gene.keys()]
    .filter((g) => modules.module[g] === module)
    .sort((a, b) => size(b) - size(a) || a - b)
    .slice(0, DRAWN)
    .map((g) => modules.gene[g]!);
}

/** The gene first; `searched` is among how many its neighbours were sought. */
function neighbours(
  connections: Connections,
  gene: string,
  rule: NetworkRule | undefined,
): { readonly ids: string[]; readonly weight: Weight; readonly searched?: number | undefined } {
  if (rule === undefined) {
    const ids = [gene, ...connections.strongest(gene, NEIGHBOURS)];
    return { ids, weight: weights(connections, ids, undefined) };
  }
  const sought = [gene, ...connections.strongest(gene, connections.affordable - 1)];
  const overlap = connections.overlaps(sought, rule);
  const near = [...sought.keys()].slice(1).map((at) => ({ at, weight: overlap(0, at) }));
  near.sort((a, b) => b.weight - a.weight || a.at - b.at);
  const kept = [0, ...near.slice(0, NEIGHBOURS).map(({ at }) => at)];
  return {
    ids: kept.map((at) => sought[at]!),
    weight: (a, b) => overlap(kept[a]!, kept[b]!),
    searched: sought.length - 1,
  };
}

function star(nodes: NetworkGraph["nodes"], limit: number): NetworkGraph {
  const edges = nodes
    .slice(1, limit + 1)
    .map(({ membership }, i) => ({ from: 0, to: i + 1, weight: membership }));
  return {
    ...{ nodes, ...columns(edges), measure: "module membership", measures: [] },
    says: "Edges are memberships, to the hub: load the cohort's files to see how its genes are connected with each other.",
  };
}

function columns(edges: readonly { from: number; to: number; weight: number }[]) {
  return {
    from: Uint32Array.from(edges, ({ from }) => from),
    to: Uint32Array.from(edges, ({ to }) => to),
    weight: Float64Array.from(edges, ({ weight }) => weight),
  };
}
