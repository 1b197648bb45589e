import { InputError } from "../errors.ts";
import { cytoscapeJson, type GraphAttribute, gexf, graphMl } from "../formats/graphFiles.ts";
import type { NamedColumns } from "../formats/namedColumns.ts";
import { betweenness, type Centralities, centralities } from "../network/centrality.ts";
import { type Graph, graphOf } from "../network/graph.ts";
import { type Communities, leiden } from "../network/leiden.ts";
import { doubles, integers, named, strings, wholeTable } from "../network/tableParts.ts";
import { communitiesReport } from "../report/communitiesReport.ts";
import { modulePage, modulePicture } from "../report/modulePicture.ts";
import { count, counted } from "../report/numbers.ts";
import type { NamedFigure } from "../report/report.ts";
import type { CommunitiesOptions } from "./networkGraphOptions.ts";
import { finish, type NetworkRunning, withInput, writeTable } from "./networkJob.ts";
import { symbolsOf } from "./networkTables.ts";
import { readTable, tablePath } from "./resultTable.ts";
import { type Invocation, version } from "./shell.ts";
import type { SummaryLine } from "./summary.ts";

interface Input {
  readonly path: string;
  readonly ids: readonly string[];
  readonly symbols: readonly string[] | undefined;
  readonly graph: Graph;
  /** The column that edges are weighed by; undefined: none. */
  readonly weight: string | undefined;
  /** Rows left out: negative with `--signed`, or below `--min-weight`. */
  readonly left: number;
}

/** A community as a picture: no smaller than this. */
const LEAST_DRAWN = 3;
const HUBS_NAMED = 3;

/** `qortex network communities`. */
export async function runCommunities(options: CommunitiesOptions, shell: Invocation): Promise<void> {
  await withInput(
    options,
    "f64 throughout",
    shell,
    {
      open: () => open(options),
      facts: ({ graph }) => [counted(graph.nodes, "gene"), counted(graph.edges, "edge")],
    },
    (running, input) => complete(running, input, options),
  );
}

async function open(options: CommunitiesOptions): Promise<Input> {
  const path = await tablePath(options.edges, ["coregulation", "correlations", "edges"]);
  const table = await readTable(path);
  const [first, second] = [endsOf(table, ["gene_a", "gene"]), endsOf(table, ["gene_b", "partner"])];
  const weight = options.weight ?? ["z", "r"].find((name) => table.column([name]) !== undefined);
  const cells = weight === undefined ? undefined : table.column([weight]);
  if (weight !== undefined && cells === undefined) {
    throw new InputError(table.name, `has no column ${weight}`, "name one of its columns with --weight");
  }
  const number = new Map<string, number>();
  const numberOf = (id: string): number => {
    const known = number.get(id) ?? number.size;
    number.set(id, known);
    return known;
  };
  const edges: { a: number; b: number; w: number }[] = [];
  for (let i = 0; i < first.length; i++) {
    const value = cells === undefined ? 1 : Number(cells[i]);
    if (cells !== undefined && (cells[i] === "" || !Number.isFinite(value))) {
      throw new InputError(`${table.name}, ${first[i]} ${second[i]}`, `${weight} is ${cells[i] || "empty"}`);
    }
    const [a, b] = [numberOf(first[i]!), numberOf(second[i]!)];
    if (options.signed && value < 0) continue;
    const w = Math.abs(value);
    if (w > 0 && w >= options.minWeight) edges.push({ a, b, w });
  }
  const ids = [...number.keys()];
  const graph = graphOf(
    ids.length,
    Uint32Array.from(edges, ({ a }) => a),
    Uint32Array.from(edges, ({ b }) => b),
    Float64Array.from(edges, ({ w }) => w),
  );
  if (graph.edges === 0)
    throw new InputError(table.name, "has no edge that passes the limits", "lower --min-weight");
  const symbols = options.annotation === undefined ? undefined : await symbolsOf(options.annotation, ids);
  return { path, ids, symbols, graph, weight, left: first.length - edges.length };
}

function endsOf(table: NamedColumns, names: readonly string[]): readonly string[] {
  const found = table.column(names);
  if (found !== undefined) return found;
  throw new InputError(
    table.name,
    `has no column ${names.join(" or ")}`,
    "give a table of pairs: gene_a, gene_b, and what they weigh",
  );
}

async function complete(running: NetworkRunning, input: Input, options: CommunitiesOptions): Promise<void> {
  const { folder, clock, shell } = running;
  const { signal } = shell;
  const { graph, ids, symbols } = input;
  const communities = await leiden(graph, { resolution: options.resolution, seed: options.seed, signal });
  clock.lap("communities");
  const central = centralities(graph, communities.community);
  const between = options.betweenness ? await betweenness(graph, signal) : undefined;
  clock.lap("centralities");
  const metadata = { "qortex.version": version() };
  const columns = [
    strings("gene", ids),
    ...(symbols === undefined ? [] : [strings("gene_symbol", symbols)]),
    integers(
      "community",
      communities.community.map((c) => c + 1),
    ),
    integers("degree", central.degree),
    doubles("strength", central.strength),
    doubles("strength_within", central.strengthWithin),
    doubles("pagerank", central.pageRank),
    doubles("clustering", central.clustering),
    integers("coreness", central.coreness),
    ...(between === undefined ? [] : [doubles("betweenness", between)]),
  ];
  await writeTable(running, wholeTable("communities", columns, metadata), options.format);
  const [first, second, weight] = edgesOf(graph);
  const edgeColumns = [named("gene_a", ids, first), named("gene_b", ids, second), doubles("weight", weight)];
  await writeTable(running, wholeTable("edges", edgeColumns, metadata), options.format);
  const labels = ids.map((id, v) => symbols?.[v] || id);
  const attributes: GraphAttribute[] = [
    { name: "community", type: "integer", values: communities.community.map((c) => c + 1) },
    { name: "degree", type: "integer", values: central.degree },
    { name: "strength", type: "double", values: central.strength },
    { name: "pagerank", type: "double", values: central.pageRank },
  ];
  const table = { name: "qortex", ids, labels, nodeAttributes: attributes, first, second, weight };
  const wanted = (name: string): boolean => options.export === "all" || options.export === name;
  if (wanted("graphml")) await folder.text("network.graphml", graphMl(table));
  if (wanted("gexf")) await folder.text("network.gexf", gexf(table));
  if (wanted("cytoscape")) await folder.text("network.cyjs", cytoscapeJson(table));
  const pictures = await draw(running, input, communities, central, labels, options.pictures);
  clock.lap("pictures");
  const sizes = sizesOf(communities);
  const lines = linesOf(input, communities, central, labels, sizes);
  await finish(running, options, {
    kind: "network-communities",
    title: `Communities of ${counted(graph.nodes, "gene")}`,
    lines,
    page: () =>
      communitiesReport({
        ...{ version: version(), path: input.path, weight: input.weight, left: input.left },
        ...{ labels, graph, communities, central, pictures, lines },
        ...{ resolution: options.resolution, seed: options.seed },
      }),
    counts: {
      ...{ genes: graph.nodes, edges: graph.edges, communities: communities.count },
      pictures: pictures.length,
    },
    model: "modularity",
    degreesOfFreedom: 0,
    inputs: { edges: input.path, annotation: options.annotation },
  });
}

/** Each edge once, the lower gene first. */
function edgesOf({
  nodes,
  edges,
  offset,
  neighbour,
  weight,
}: Graph): [Uint32Array, Uint32Array, Float64Array] {
  const first = new Uint32Array(edges);
  const second = new Uint32Array(edges);
  const weights = new Float64Array(edges);
  let count = 0;
  for (let v = 0; v < nodes; v++) {
    for (let at = offset[v]!; at < offset[v + 1]!; at++) {
      if (neighbour[at]! < v) continue;
      first[count] = v;
      second[count] = neighbour[at]!;
      weights[count++] = weight[at]!;
    }
  }
  return [first, second, weights];
}

function sizesOf({ community, count: communities }: Communities): Uint32Array {
  const sizes = new Uint32Array(communities);
  for (const c of community) sizes[c]!++;
  return sizes;
}

/** Pictures of the largest communities, each with a page of its own. */
async function draw(
  { folder }: NetworkRunning,
  { graph }: Input,
  { community }: Communities,
  { strengthWithin }: Centralities,
  labels: readonly string[],
  most: number,
): Promise<NamedFigure[]> {
  const [first, second, weight] = edgesOf(graph);
  const drawn: NamedFigure[] = [];
  for (let c = 0; c < most; c++) {
    const members = labels.map((_, v) => v).filter((v) => community[v] === c);
    if (members.length < LEAST_DRAWN) break;
    const place = new Map(members.map((v, i) => [v, i]));
    const own = Array.from(first.keys()).filter((e) => place.has(first[e]!) && place.has(second[e]!));
    const title = `Community ${c + 1}: ${counted(members.length, "gene")}`;
    const svg = modulePicture({
      title,
      labels: members.map((v) => labels[v]!),
      centrality: members.map((v) => strengthWithin[v]!),
      first: own.map((e) => place.get(first[e]!)!),
      second: own.map((e) => place.get(second[e]!)!),
      weight: own.map((e) => weight[e]!),
    });
    await folder.text(`community-${c + 1}.html`, modulePage(title, svg));
    drawn.push({
      ...{ name: `community-${c + 1}`, title, svg },
      caption:
        "Larger circles: more weight of edges within the community; nearer and darker lines: heavier edges; hubs in bold.",
    });
  }
  return drawn;
}

function linesOf(
  { graph, weight, left }: Input,
  communities: Communities,
  { strengthWithin }: Centralities,
  labels: readonly string[],
  sizes: Uint32Array,
): SummaryLine[] {
  const hubsOf = (c: number): string =>
    labels
      .map((_, v) => v)
      .filter((v) => communities.community[v] === c)
      .sort((a, b) => strengthWithin[b]! - strengthWithin[a]! || a - b)
      .slice(0, HUBS_NAMED)
      .map((v) => labels[v]!)
      .join(", ");
  const alone = sizes.filter((size) => size === 1).length;
  const largest = Array.from(sizes.slice(0, 3), (size, c) => `${count(size)} (hubs ${hubsOf(c)})`);
  return [
    {
      label: "Graph",
      value: `${counted(graph.nodes, "gene")}, ${counted(graph.edges, "edge")}, weighed by ${weight ?? "1 each"}`,
      ...(left === 0 ? {} : { note: `${counted(left, "row")} left out by --min-weight or --signed` }),
    },
    {
      label: "Communities",
      value: `${count(communities.count - alone)}, and ${counted(alone, "gene")} alone`,
      note: `modularity ${communities.modularity.toFixed(4)}`,
    },
    { label: "Largest", value: largest.join("; ") },
  ];
}
