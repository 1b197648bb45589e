import { rowBars } from "./bars.ts";
import { baseName, count, counted, plain, pValue } from "./numbers.ts";
import { asFacts, type CommandPage, eyebrow, idCell, TOP_ROWS } from "./pageParts.ts";
import { references } from "./references.ts";
import type { NamedFigure, ReportTable, SummaryItem } from "./report.ts";
import type { Canvas } from "./svg.ts";

/** A test of a gene set, by the overlap with a list or by a ranking. */
export interface EnrichedSet {
  /** The list; undefined of a ranking. */
  readonly list?: string | undefined;
  readonly set: string;
  readonly setGenes: number;
  readonly log10P: number;
  readonly log10Q: number;
  /** Cells of the table between names and p. */
  readonly numbers: readonly string[];
  /** Genes shared, or that lead. */
  readonly genes: readonly string[];
}

export interface EnrichFacts {
  readonly version: string;
  /** Tables read. */
  readonly path: string;
  readonly geneSets: string;
  readonly genes: number;
  readonly sets: number;
  readonly lists: number;
  readonly kind: "overlaps" | "ranking";
  /** The strongest first. */
  readonly tests: readonly EnrichedSet[];
  readonly significantQ: number;
  readonly minGenes: number;
  readonly maxGenes: number;
  readonly permutations: number;
  readonly seed: number;
  /** The terminal's. */
  readonly lines: readonly SummaryItem[];
}

const LISTED = 1000;
const DRAWN = 20;
const NAMED = 8;

/** The page of an enrichment of gene sets. */
export function enrichReport(facts: EnrichFacts): CommandPage {
  const { version, path, geneSets, genes, tests, significantQ, lines, kind, lists } = facts;
  const limit = Math.log10(significantQ);
  const significant = tests.filter(({ log10Q }) => log10Q <= limit).length;
  const within = kind === "ranking" ? "the ranking" : counted(lists, "list");
  return {
    content: {
      title: "Enrichment of gene sets",
      eyebrow: eyebrow(version, path, geneSets),
      lede: `Of ${counted(tests.length, "test")} of gene sets in ${within}, ${count(significant)} ${significant === 1 ? "is" : "are"} significant (q ≤ ${significantQ}).`,
      summary: [
        {
          label: "Enriched",
          value: count(significant),
          note: `of ${counted(tests.length, "test")}, q ≤ ${significantQ}`,
        },
        { label: "Genes", value: count(genes), note: kind === "ranking" ? "ranked" : "in the background" },
        { label: "Gene sets", value: count(facts.sets) },
        ...(kind === "ranking" ? [] : [{ label: "Lists", value: count(lists) }]),
        ...asFacts(lines),
      ],
      figuresNote: tests.length === 0 ? ["No set could be tested: there is nothing to draw."] : [],
      tables: [
        {
          title: "What was given and what is used",
          place: "inputs" as const,
          columns: ["Input", "File", "Used"],
          rows: [
            [
              kind === "ranking" ? "Ranking" : "Lists",
              idCell(baseName(path), 40),
              kind === "ranking"
                ? counted(genes, "gene")
                : `${counted(lists, "list")}, ${counted(genes, "gene")} in the background`,
            ],
            [
              "Gene sets",
              idCell(baseName(geneSets), 40),
              `${counted(facts.sets, "set")}, those with ${facts.minGenes} to ${count(facts.maxGenes)} genes here tested`,
            ],
          ],
        },
        ...testTable(facts),
      ],
      methods: methods(facts),
      references: references("benjaminiHochberg", kind === "ranking" && "gsea"),
    },
    figures: (canvas) => figures(canvas, facts),
  };
}

function figures(canvas: Canvas, { tests, kind }: EnrichFacts): NamedFigure[] {
  const drawn = tests.slice(0, DRAWN);
  if (drawn.length === 0) return [];
  return [
    {
      name: "strongest-sets",
      title: "The strongest gene sets",
      caption: `−log₁₀ p of the ${counted(drawn.length, "strongest test")}${kind === "overlaps" ? ", each with its list" : ""}.`,
      svg: rowBars(canvas, {
        title: "The strongest gene sets by p",
        text: "−log₁₀ p",
        labels: drawn.map(({ list, set }) => (list === undefined ? set : `${list}: ${set}`)),
        values: drawn.map(({ log10P }) => (log10P === 0 ? 0 : -log10P)),
      }),
    },
  ];
}

function testTable({ tests, kind }: EnrichFacts): ReportTable[] {
  if (tests.length === 0) return [];
  const overlaps = kind === "overlaps";
  return [
    {
      title: "Gene sets",
      note: overlaps
        ? "Genes that list and set share, how many would be shared by chance, and the odds ratio; q is over the sets of a list. All are in overlaps."
        : "AUC: how often a gene of the set ranks above another; NES the normalised enrichment score of GSEA. All are in ranked.",
      columns: [
        ...(overlaps ? ["List"] : []),
        ...["Gene set", "Genes"],
        ...(overlaps ? ["Shared", "Expected", "Odds ratio"] : ["AUC", "NES"]),
        ...["P", "q", overlaps ? "Shared genes" : "Leading genes"],
      ],
      rows: tests.slice(0, LISTED).map(({ list, set, setGenes, numbers, log10P, log10Q, genes }) => {
        const more = genes.length - NAMED;
        const named = genes.slice(0, NAMED).join(", ");
        return [
          ...(overlaps ? [idCell(list ?? "")] : []),
          ...[idCell(set, 44), count(setGenes), ...numbers, pValue(log10P), pValue(log10Q)],
          more > 0 ? `${named} and ${count(more)} more` : named || "–",
        ];
      }),
      shown: TOP_ROWS,
    },
  ];
}

function methods({
  version,
  kind,
  genes,
  geneSets,
  tests,
  lists,
  minGenes,
  maxGenes,
  permutations,
  seed,
}: EnrichFacts): string[] {
  const sets = `gene sets of ${baseName(geneSets)} with ${minGenes} to ${count(maxGenes)} genes`;
  if (kind === "ranking")
    return [
      `Enrichment of ${sets} in a ranking of ${counted(genes, "gene")} was computed with Qortex ${version}: ${counted(tests.length, "set")}, each by the two-sided rank-sum test corrected for ties (q by Benjamini and Hochberg), and by the enrichment score of Subramanian and others (2005; weight 1) with ${counted(permutations, "random set")} of the same size (seed ${seed}).`,
    ];
  return [
    `Enrichment of ${sets} in ${counted(lists, "list")} of genes was computed with Qortex ${version} by the hypergeometric test against a background of ${counted(genes, "gene")}: ${counted(tests.length, "test")}, q by Benjamini and Hochberg over the sets of each list.`,
  ];
}

/** Expected numbers and ratios, as the table has them. */
export function shortNumbers(...values: readonly number[]): string[] {
  return values.map((value) => (value === Number.POSITIVE_INFINITY ? "∞" : plain(value)));
}
