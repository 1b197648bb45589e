import type { ExpressionSet } from "../cohort/expressionSet.ts";
import type { GeneComponents } from "../network/components.ts";
import type { GenePairs } from "../network/coregulation.ts";
import { cronbachAlpha } from "../network/cronbach.ts";
import { elbowOf } from "../statistics/elbow.ts";
import { modulePicture } from "./modulePicture.ts";
import { expressionInputs, preparedText } from "./networkInputs.ts";
import { count, counted, degrees, pValue, signed } from "./numbers.ts";
import { asFacts, type CommandPage, eyebrow, idCell, TOP_ROWS } from "./pageParts.ts";
import { references } from "./references.ts";
import type { NamedFigure, ReportTable, SummaryItem } from "./report.ts";
import { scree } from "./scree.ts";
import type { Canvas } from "./svg.ts";

interface Pair {
  readonly a: number;
  readonly b: number;
  readonly r: number;
}

const LISTED = 1000;
const PICTURED = 150;
const SCREE = 60;

/** The strongest pairs of those that pass by, each once, from whichever side it comes; 1,000 of them. */
export class StrongestPairs {
  #held: Pair[] = [];

  add({ first, second, r }: GenePairs): void {
    for (let i = 0; i < r.length; i++) {
      const [a, b] = [Math.min(first[i]!, second[i]!), Math.max(first[i]!, second[i]!)];
      this.#held.push({ a, b, r: r[i]! });
    }
    if (this.#held.length > 8 * LISTED) this.#held = this.pairs();
  }

  /** The strongest first. */
  pairs(): Pair[] {
    const sorted = this.#held.sort((p, q) => Math.abs(q.r) - Math.abs(p.r) || p.a - q.a || p.b - q.b);
    return sorted
      .filter((pair, i) => pair.a !== sorted[i - 1]?.a || pair.b !== sorted[i - 1]?.b)
      .slice(0, LISTED);
  }
}

export interface CoregulationFacts {
  readonly version: string;
  readonly set: ExpressionSet;
  readonly transform: string;
  /** Of the genes used. */
  readonly names: readonly string[];
  readonly components: GeneComponents;
  readonly strongest: StrongestPairs;
  /** Of each gene; undefined where each has the same number. */
  readonly partners: Uint32Array | undefined;
  readonly pairs: number;
  /** `p <= 1e-5`. */
  readonly limit: string;
  readonly log10P: (r: number) => number;
  /** How many components there are was decided by the prediction of gene sets; by alpha; or was asked for. */
  readonly chosenBy: "auc" | "alpha" | "asked";
  readonly alpha: number;
  /** The terminal's. */
  readonly lines: readonly SummaryItem[];
}

/** The page of a co-regulation network. */
export function coregulationReport(facts: CoregulationFacts): CommandPage {
  const { version, set, names, components, pairs, limit, lines } = facts;
  const strongest = facts.strongest.pairs();
  const within = limit.replaceAll("<=", "≤");
  return {
    content: {
      title: "Co-regulation of genes",
      eyebrow: eyebrow(version, set.name),
      lede: `${counted(names.length, "gene")} described by ${counted(components.count, "component")} of their expression in ${counted(set.samples.length, "sample")}; ${counted(pairs, "pair")} of them with profiles alike (${within}).`,
      summary: [
        { label: "Genes", value: count(names.length), note: `of ${count(set.id.length)}` },
        {
          label: "Components",
          value: count(components.count),
          note: `${(100 * shareOf(components)).toFixed(1)}% of the variance`,
        },
        { label: "Pairs", value: count(pairs), note: within },
        { label: "Samples", value: count(set.samples.length) },
        ...asFacts(lines),
      ],
      tables: [
        expressionInputs([set]),
        ...pairTable(facts, strongest),
        ...hubTable(facts),
        componentTable(components),
      ],
      methods: methods(facts),
      references: references("geneNetwork", "gado"),
    },
    figures: (canvas) => figures(canvas, facts, strongest),
  };
}

function shareOf({ eigenvalues, count: kept, genes }: GeneComponents): number {
  return eigenvalues.slice(0, kept).reduce((sum, value) => sum + value, 0) / genes;
}

function figures(canvas: Canvas, facts: CoregulationFacts, strongest: readonly Pair[]): NamedFigure[] {
  const { components, names } = facts;
  const share = Array.from(components.eigenvalues.slice(0, SCREE), (value) => value / components.genes);
  const elbow = elbowOf(
    share.map((_, k) => k),
    share,
  );
  const drawn = strongest.slice(0, PICTURED);
  const genes = [...new Set(drawn.flatMap(({ a, b }) => [a, b]))];
  const place = new Map(genes.map((gene, i) => [gene, i]));
  const degree = new Float64Array(genes.length);
  for (const { a, b } of drawn) for (const gene of [a, b]) degree[place.get(gene)!]!++;
  const picture: NamedFigure[] =
    drawn.length === 0
      ? []
      : [
          {
            name: "strongest-pairs",
            title: "The strongest pairs as a network",
            caption: `${counted(genes.length, "gene")} and the ${counted(drawn.length, "strongest pair")} between them; larger circles have more of these pairs, darker lines are stronger.`,
            svg: modulePicture({
              title: `The ${counted(drawn.length, "strongest pair")}`,
              labels: genes.map((gene) => names[gene]!),
              centrality: degree,
              first: drawn.map(({ a }) => place.get(a)!),
              second: drawn.map(({ b }) => place.get(b)!),
              weight: drawn.map(({ r }) => Math.abs(r)),
            }),
          },
        ];
  return [
    {
      name: "component-scree",
      title: "Components of expression",
      caption: `Share of the variance of each of the first ${share.length} components; those kept are dark.`,
      svg: scree(canvas, {
        share,
        use: (k) => (k < components.count ? "used" : "not used"),
        elbow,
        title: "Share of variance of the components",
      }),
    },
    ...picture,
  ];
}

function pairTable({ names, log10P }: CoregulationFacts, strongest: readonly Pair[]): ReportTable[] {
  if (strongest.length === 0) return [];
  return [
    {
      title: "Strongest pairs",
      note: "r is the correlation of the two genes' profiles over components; all are in coregulation, with z.",
      columns: ["Gene", "Gene", "r", "P"],
      rows: strongest.map(({ a, b, r }) => [
        idCell(names[a]!),
        idCell(names[b]!),
        signed(r),
        pValue(log10P(r)),
      ]),
      shown: TOP_ROWS,
    },
  ];
}

function hubTable({ names, partners, limit }: CoregulationFacts): ReportTable[] {
  if (partners === undefined) return [];
  const hubs = Array.from(partners.keys())
    .filter((gene) => partners[gene]! > 0)
    .sort((a, b) => partners[b]! - partners[a]! || a - b);
  if (hubs.length === 0) return [];
  return [
    {
      title: "Genes with most partners",
      note: `Partners with ${limit.replaceAll("<=", "≤")}.`,
      columns: ["Gene", "Partners"],
      rows: hubs.slice(0, LISTED).map((gene) => [idCell(names[gene]!), count(partners[gene]!)]),
      shown: TOP_ROWS,
    },
  ];
}

function componentTable({ eigenvalues, genes, count: kept }: GeneComponents): ReportTable {
  let sum = 0;
  const rows = Array.from(eigenvalues.slice(0, LISTED), (value, k) => {
    sum += value;
    return [
      String(k + 1),
      value.toPrecision(4),
      `${((100 * value) / genes).toFixed(2)}%`,
      `${((100 * sum) / genes).toFixed(1)}%`,
      cronbachAlpha(value, genes).toFixed(3),
      k < kept ? "kept" : "",
    ];
  });
  return {
    title: "Components",
    place: "quality",
    note: "Cronbach's alpha says how reproducible a component is: near 1 all genes agree on it.",
    columns: ["Component", "Eigenvalue", "Variance", "Sum", "Alpha", "Use"],
    rows,
    shown: 10,
  };
}

function methods({
  version,
  set,
  transform,
  names,
  components,
  limit,
  chosenBy,
  alpha,
}: CoregulationFacts): string[] {
  const chosen = {
    alpha: `those with a Cronbach's alpha of at least ${alpha}`,
    auc: "as many as predicted known gene sets best, members left out",
    asked: "as many as were asked for",
  }[chosenBy];
  const how =
    components.residual === undefined
      ? ""
      : " (found by a randomised Krylov iteration; Musco and Musco 2015)";
  return [
    `A co-regulation network of ${counted(names.length, "gene")} was computed with Qortex ${version} from expression in ${counted(set.samples.length, "sample")}${preparedText([set], transform)}. Of the principal components of the genes' correlation matrix${how}, ${counted(components.count, "component")} ${components.count === 1 ? "was" : "were"} kept: ${chosen}. A gene's profile is its eigenvector coefficients, each component scaled to standard deviation 1; pairs of genes were tested by the correlation of their profiles (${degrees(components.count - 2)}), and those with ${limit.replaceAll("<=", "≤")} kept.`,
  ];
}
