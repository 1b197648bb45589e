import { type NetworkPictureData, networkPicture } from "../../../report/networkPicture.ts";
import type { Picture } from "../../../report/picture.ts";
import type { GeneColumns, NetworkGraph } from "../../engine/protocol.ts";

/** A network as it is drawn: by sigma, or as the picture that has the same places. */
export interface DrawnNetwork {
  readonly graph: NetworkGraph;
  /** As people call the genes. */
  readonly labels: readonly string[];
  readonly colours: readonly string[];
  /** Index of a node, or -1. */
  readonly focus: number;
  readonly picture: Picture;
  /** Nodes that have a place, the most central first. */
  readonly order: readonly number[];
  /** Edges of each node, the strongest (in size) first. */
  readonly neighbours: readonly (readonly Neighbour[])[];
}

export interface Neighbour {
  readonly node: number;
  readonly weight: number;
}

export function drawnNetwork(
  graph: NetworkGraph,
  symbols: ReadonlyMap<string, string>,
  {
    colours,
    focus,
    title,
  }: Pick<NetworkPictureData, "colours" | "title"> & { readonly focus: string | undefined },
): DrawnNetwork {
  const { nodes, from, to, weight, measure } = graph;
  const labels = nodes.map(({ gene }) => symbols.get(gene) || gene);
  const index = nodes.findIndex(({ gene }) => gene === focus);
  const picture = networkPicture({
    nodes: nodes.map(({ module, membership }, i) => ({ module, membership, label: labels[i]! })),
    // Genes that go opposite ways are joined too.
    ...{ from, to, weight: weight.map(Math.abs), measure, colours, title },
    focus: index < 0 ? undefined : index,
  });
  const size = nodes.map(({ membership }) => (Number.isFinite(membership) ? Math.abs(membership) : 0));
  const neighbours: Neighbour[][] = nodes.map(() => []);
  weight.forEach((value, e) => {
    neighbours[from[e]!]?.push({ node: to[e]!, weight: value });
    neighbours[to[e]!]?.push({ node: from[e]!, weight: value });
  });
  for (const list of neighbours)
    list.sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight) || a.node - b.node);
  return {
    ...{ graph, labels, colours, picture, neighbours, focus: index },
    order: [...nodes.keys()]
      .filter((node) => Number.isFinite(picture.x[node]))
      .sort((a, b) => size[b]! - size[a]! || a - b),
  };
}

/** Symbols of genes by id, where the open result has them. */
export function symbolsOf(genes: GeneColumns | undefined): ReadonlyMap<string, string> {
  return new Map((genes?.id ?? []).map((id, row) => [id, genes?.symbol[row] ?? ""] as const));
}
