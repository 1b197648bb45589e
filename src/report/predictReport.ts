import { bars, histogram } from "./bars.ts";
import { baseName, count, counted, pValue } from "./numbers.ts";
import { asFacts, type CommandPage, eyebrow, idCell, TOP_ROWS } from "./pageParts.ts";
import { references } from "./references.ts";
import type { NamedFigure, SummaryItem } from "./report.ts";
import type { Canvas } from "./svg.ts";

/** A gene set as the page has it. */
export interface PredictedSet {
  readonly name: string;
  readonly status: string;
  readonly members: number;
  /** NaN without a prediction. */
  readonly auc: number;
  readonly log10P: number;
  readonly log10Q: number;
  readonly predicted: boolean;
  /** Genes with the highest scores that are no members. */
  readonly candidates: readonly string[];
}

export interface PredictFacts {
  readonly version: string;
  /** Tables read. */
  readonly network: string;
  readonly geneSets: string;
  readonly genes: number;
  readonly components: number;
  readonly sets: readonly PredictedSet[];
  readonly fdr: number;
  readonly minGenes: number;
  /** The terminal's. */
  readonly lines: readonly SummaryItem[];
}

const LISTED = 1000;

/** The page of a prediction of gene functions. */
export function predictReport(facts: PredictFacts): CommandPage {
  const { version, network, geneSets, genes, components, sets, fdr, lines } = facts;
  const tried = sets.filter(({ auc }) => !Number.isNaN(auc));
  const predicted = sets.filter((set) => set.predicted).length;
  const order = [...tried].sort((a, b) => a.log10P - b.log10P || b.auc - a.auc).slice(0, LISTED);
  return {
    content: {
      title: "Prediction of gene functions",
      eyebrow: eyebrow(version, network, geneSets),
      lede: `Of ${counted(tried.length, "gene set")} tried, the network predicts ${count(predicted)} from genes that are alike (q ≤ ${fdr}, AUC above 0.5).`,
      summary: [
        {
          label: "Predicted sets",
          value: count(predicted),
          note: `of ${count(tried.length)} tried, q ≤ ${fdr}`,
        },
        { label: "Genes", value: count(genes) },
        { label: "Components", value: count(components) },
        ...asFacts(lines),
      ],
      figuresNote: tried.length === 0 ? ["No set could be tried: there is nothing to draw."] : [],
      tables: [
        {
          title: "What was given and what is used",
          place: "inputs" as const,
          columns: ["Input", "File", "Used", "Not used, and why"],
          rows: [
            [
              "Network",
              idCell(baseName(network), 40),
              `${counted(genes, "gene")}, ${counted(components, "component")}`,
              "–",
            ],
            [
              "Gene sets",
              idCell(baseName(geneSets), 40),
              `${count(tried.length)} of ${counted(sets.length, "set")}`,
              tried.length === sets.length
                ? "–"
                : `${count(sets.length - tried.length)} with fewer than ${facts.minGenes} genes in the network (or all of them)`,
            ],
          ],
        },
        {
          title: "Gene sets",
          note: "AUC: how often a member scores above another gene, members left out of their own prediction. Candidates are the genes with the highest scores that are no members; gene_scores has more.",
          columns: ["Gene set", "Genes", "AUC", "P", "q", "Candidates"],
          rows: order.map((set) => [
            idCell(set.name, 44),
            count(set.members),
            set.auc.toFixed(3),
            pValue(set.log10P),
            pValue(set.log10Q),
            set.candidates.join(", ") || "–",
          ]),
          shown: TOP_ROWS,
        },
      ].filter(({ rows }) => rows.length > 0),
      methods: [
        `The functions of ${counted(genes, "gene")} were predicted with Qortex ${version} from ${counted(components, "component")} of a co-regulation network (Fehrmann and others 2015; Deelen and others 2019). For each of ${counted(tried.length, "gene set")} of ${baseName(geneSets)} with at least ${facts.minGenes} genes in the network, the components whose coefficients differ between members and other genes (Welch's t, as z) were correlated with each gene's profile; a member was scored by components tested without it. A set is called predicted where members score above other genes (AUC above 0.5, two-sided Mann-Whitney p, Benjamini-Hochberg q ≤ ${fdr} over sets).`,
      ],
      references: references("geneNetwork", "gado", "benjaminiHochberg"),
    },
    figures: (canvas) => figures(canvas, tried),
  };
}

function figures(canvas: Canvas, tried: readonly PredictedSet[]): NamedFigure[] {
  if (tried.length === 0) return [];
  const classes = histogram(
    tried.map(({ auc }) => auc),
    0,
    1,
    20,
  );
  return [
    {
      name: "auc",
      title: "How well gene sets are predicted",
      caption:
        "Gene sets by AUC, classes of 0.05 named by their lower end. By chance sets lie around 0.5; a network that knows biology moves most to the right.",
      svg: bars(canvas, {
        title: "Gene sets by AUC of their prediction",
        ...{ classes: "AUC", text: "Gene sets" },
        labels: classes.labels.map((label, i) => (i % 2 === 0 ? label : "")),
        values: classes.values,
      }),
    },
  ];
}
