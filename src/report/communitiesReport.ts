import type { Centralities } from "../network/centrality.ts";
import type { Graph } from "../network/graph.ts";
import type { Communities } from "../network/leiden.ts";
import { bars } from "./bars.ts";
import { baseName, count, counted, plain } from "./numbers.ts";
import { asFacts, type CommandPage, eyebrow, idCell, TOP_ROWS } from "./pageParts.ts";
import { references } from "./references.ts";
import type { NamedFigure, ReportTable, SummaryItem } from "./report.ts";
import type { Canvas } from "./svg.ts";

export interface CommunitiesFacts {
  readonly version: string;
  /** The table of edges. */
  readonly path: string;
  readonly labels: readonly string[];
  readonly graph: Graph;
  /** The column that edges are weighed by. */
  readonly weight: string | undefined;
  /** Rows of the table left out. */
  readonly left: number;
  readonly communities: Communities;
  readonly central: Centralities;
  /** Pictures of the largest ones. */
  readonly pictures: readonly NamedFigure[];
  readonly resolution: number;
  readonly seed: number;
  /** The terminal's. */
  readonly lines: readonly SummaryItem[];
}

const HUBS = 6;
const LISTED = 1000;
/** Sizes of communities: the last of each class. */
const SIZES = [1, 2, 5, 10, 25, 50, 100] as const;

/** The page of the communities of a graph. */
export function communitiesReport(facts: CommunitiesFacts): CommandPage {
  const { version, path, graph, communities, weight, left, lines } = facts;
  const sizes = sizesOf(communities);
  const alone = sizes.filter((size) => size === 1).length;
  const together = communities.count - alone;
  return {
    content: {
      title: "Communities of genes",
      eyebrow: eyebrow(version, path),
      lede: `${counted(together, "community", "communities")} of two genes and more in a graph of ${counted(graph.nodes, "gene")} and ${counted(graph.edges, "edge")}; the largest has ${counted(sizes[0] ?? 0, "gene")}.`,
      summary: [
        { label: "Communities", value: count(together), note: `and ${counted(alone, "gene")} alone` },
        { label: "Genes", value: count(graph.nodes) },
        {
          label: "Edges",
          value: count(graph.edges),
          note: weight === undefined ? "1 each" : `weighed by ${weight}`,
        },
        { label: "Modularity", value: communities.modularity.toFixed(3) },
        ...asFacts(lines),
      ],
      tables: [
        {
          title: "What was given and what is used",
          place: "inputs",
          columns: ["Table of edges", "Weight", "Rows used", "Rows left out"],
          rows: [[idCell(baseName(path), 40), weight ?? "1 each", count(graph.edges), count(left)]],
        },
        communityTable(facts, sizes),
        geneTable(facts),
      ],
      methods: [
        `Communities in the graph of ${baseName(path)} (${counted(graph.nodes, "gene")}, ${counted(graph.edges, "edge")}${weight === undefined ? "" : ` weighed by |${weight}|`}) were found with Qortex ${version} by the Leiden algorithm (Traag and others 2019) at resolution ${facts.resolution} (seed ${facts.seed}; the partition of largest modularity, ${communities.modularity.toFixed(4)}, of five orders of the nodes). Centralities are the number and the weight of a gene's edges, PageRank (damping 0.85), clustering coefficient and coreness.`,
      ],
      references: references("leiden", "pageRank"),
    },
    figures: (canvas) => [sizeFigure(canvas, sizes), ...facts.pictures],
  };
}

function sizesOf({ community, count: number }: Communities): number[] {
  const sizes = new Array<number>(number).fill(0);
  for (const c of community) sizes[c]!++;
  return sizes;
}

function sizeFigure(canvas: Canvas, sizes: readonly number[]): NamedFigure {
  const classes = [...SIZES.keys(), SIZES.length];
  const low = (i: number): number => (i === 0 ? 1 : SIZES[i - 1]! + 1);
  return {
    name: "community-sizes",
    title: "How large the communities are",
    caption: "Communities by their number of genes. A higher --resolution makes more and smaller ones.",
    svg: bars(canvas, {
      title: "Communities by number of genes",
      ...{ classes: "Genes in the community", text: "Communities" },
      labels: classes.map((i) => {
        const last = SIZES[i];
        return last === undefined ? `> ${low(i) - 1}` : low(i) === last ? String(last) : `${low(i)}–${last}`;
      }),
      values: classes.map(
        (i) =>
          sizes.filter((size) => size >= low(i) && size <= (SIZES[i] ?? Number.POSITIVE_INFINITY)).length,
      ),
    }),
  };
}

function communityTable(
  { communities: { community }, central, labels }: CommunitiesFacts,
  sizes: readonly number[],
): ReportTable {
  const members = sizes.map((): number[] => []);
  community.forEach((c, v) => {
    members[c]!.push(v);
  });
  const rows = members.slice(0, LISTED).map((own, c) => {
    const hubs = own
      .sort((a, b) => central.strengthWithin[b]! - central.strengthWithin[a]! || a - b)
      .slice(0, HUBS);
    const [strength, within] = own.reduce(
      ([all, inside], v) => [all + central.strength[v]!, inside + central.strengthWithin[v]!],
      [0, 0],
    );
    return [
      String(c + 1),
      count(sizes[c]!),
      strength === 0 ? "–" : `${Math.round((100 * within) / strength)}%`,
      hubs.map((v) => labels[v]!).join(", "),
    ];
  });
  return {
    title: "Communities",
    note: "The share of the genes' edges, by weight, that stay within the community, and its hubs: the genes with the most weight within it. The members are in communities.",
    columns: ["Community", "Genes", "Within", "Hubs"],
    rows,
    shown: TOP_ROWS,
  };
}

function geneTable({ communities: { community }, central, labels }: CommunitiesFacts): ReportTable {
  const order = Array.from(labels.keys())
    .sort((a, b) => central.pageRank[b]! - central.pageRank[a]! || a - b)
    .slice(0, LISTED);
  return {
    title: "Central genes",
    note: "By PageRank: the share of steps that a random walk along the edges spends at the gene.",
    columns: ["Gene", "Community", "PageRank", "Edges", "Weight", "Clustering", "Coreness"],
    rows: order.map((v) => [
      idCell(labels[v]!),
      String(community[v]! + 1),
      plain(central.pageRank[v]!),
      count(central.degree[v]!),
      plain(central.strength[v]!),
      central.clustering[v]!.toFixed(2),
      count(central.coreness[v]!),
    ]),
    shown: TOP_ROWS,
  };
}
