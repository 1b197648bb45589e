import { canonicalChromosome } from "../cohort/chromosomes.ts";
import { rowBars } from "./bars.ts";
import { manhattanCollector } from "./collect.ts";
import { geneLayout } from "./layout.ts";
import { manhattan } from "./manhattan.ts";
import { baseName, count, counted, degrees, placeText, pValue, shorten, signed } from "./numbers.ts";
import { asFacts, type CommandPage, eyebrow, idCell, TOP_ROWS } from "./pageParts.ts";
import { references } from "./references.ts";
import type { NamedFigure, ReportTable, SummaryItem } from "./report.ts";
import type { Canvas } from "./svg.ts";

/** A gene, gene set or component that goes with the trait, as the page has it. */
export interface TraitTerm {
  readonly name: string;
  readonly beta: number;
  readonly log10P: number;
  readonly log10Q: number;
}

export interface KeyGenesFacts {
  readonly version: string;
  /** Files read. */
  readonly gwas: string;
  readonly network: string;
  readonly reference: string;
  /** Genes of the annotation, with the p of their own variants (NaN without). */
  readonly genes: {
    readonly id: readonly string[];
    readonly name: readonly string[];
    readonly chromosome: readonly string[];
    readonly start: Int32Array;
    readonly end: Int32Array;
    readonly variants: Uint32Array;
    readonly log10P: Float64Array;
    readonly log10Q: Float64Array;
  };
  /** Those of the network that the model is fitted to. */
  readonly inModel: number;
  readonly degreesOfFreedom: number;
  readonly keyGenes: readonly TraitTerm[] | undefined;
  readonly pathways: readonly TraitTerm[];
  readonly window: number;
  readonly nullGwas: number;
  readonly significantQ: number;
  /** The terminal's. */
  readonly lines: readonly SummaryItem[];
}

const LISTED = 1000;
const NAMED = 12;
const DRAWN = 20;

/** The page of the key genes of a trait. */
export function keyGenesReport(facts: KeyGenesFacts): CommandPage {
  const { version, gwas, network, genes, keyGenes, pathways, lines, significantQ } = facts;
  const limit = Math.log10(significantQ);
  const passing = (log10Q: Iterable<number>): number => [...log10Q].filter((q) => q <= limit).length;
  const own = passing(genes.log10Q);
  const tested = genes.log10P.filter((p) => !Number.isNaN(p)).length;
  const keys = keyGenes && passing(keyGenes.map(({ log10Q }) => log10Q));
  return {
    content: {
      title: "Key genes of a trait",
      eyebrow: eyebrow(version, gwas, network),
      lede: `${count(own)} of ${counted(tested, "gene")} go with the trait by their own variants${keys === undefined ? "" : `; ${count(keys)} of ${counted(keyGenes!.length, "gene")} are co-regulated with such genes`} (q ≤ ${significantQ}).`,
      summary: [
        ...(keys === undefined
          ? []
          : [
              {
                label: "Key genes",
                value: count(keys),
                note: `of ${count(keyGenes!.length)}, q ≤ ${significantQ}`,
              },
            ]),
        {
          label: "Genes of the GWAS",
          value: count(own),
          note: `of ${count(tested)} tested, q ≤ ${significantQ}`,
        },
        { label: "Genes in the model", value: count(facts.inModel), note: degrees(facts.degreesOfFreedom) },
        ...(pathways.length === 0
          ? []
          : [
              {
                label: "Gene sets",
                value: count(passing(pathways.map(({ log10Q }) => log10Q))),
                note: `of ${count(pathways.length)} tried`,
              },
            ]),
        ...asFacts(lines),
      ],
      tables: [
        {
          title: "What was given and what is used",
          place: "inputs" as const,
          columns: ["Input", "File", "Used"],
          rows: [
            ["GWAS", idCell(baseName(gwas), 40), lineOf(lines, "GWAS")],
            ["Reference of linkage", idCell(baseName(facts.reference), 40), lineOf(lines, "Variants")],
            [
              "Network",
              idCell(baseName(network), 40),
              `${counted(facts.inModel, "gene")} with a p of their own`,
            ],
          ],
        },
        ...termTable(
          "Key genes",
          "Gene",
          keyGenes ?? [],
          "A gene's beta says how much stronger the trait is in the genes that it is co-regulated with; its own variants do not count. All are in key_genes.",
        ),
        ...geneTable(facts),
        ...termTable("Gene sets", "Gene set", pathways, "All are in key_pathways."),
      ],
      methods: methods(facts, tested),
      references: references("pascal", "geneNetwork", "benjaminiHochberg"),
    },
    figures: (canvas) => figures(canvas, facts),
  };
}

function lineOf(lines: readonly SummaryItem[], label: string): string {
  return lines.find((line) => line.label === label)?.value ?? "–";
}

function ordered(terms: readonly TraitTerm[]): TraitTerm[] {
  return terms.filter(({ log10P }) => !Number.isNaN(log10P)).sort((a, b) => a.log10P - b.log10P);
}

function termTable(title: string, what: string, terms: readonly TraitTerm[], note: string): ReportTable[] {
  const rows = ordered(terms)
    .slice(0, LISTED)
    .map(({ name, beta, log10P, log10Q }) => [
      idCell(name, 44),
      signed(beta),
      pValue(log10P),
      pValue(log10Q),
    ]);
  return rows.length === 0 ? [] : [{ title, note, columns: [what, "Beta", "P", "q"], rows, shown: TOP_ROWS }];
}

function strongestGenes({ genes: { log10P } }: KeyGenesFacts): number[] {
  return Array.from(log10P.keys())
    .filter((g) => !Number.isNaN(log10P[g]!))
    .sort((a, b) => log10P[a]! - log10P[b]! || a - b);
}

function geneTable(facts: KeyGenesFacts): ReportTable[] {
  const { genes } = facts;
  const rows = strongestGenes(facts)
    .slice(0, LISTED)
    .map((g) => [
      idCell(genes.name[g]!),
      placeText(genes.chromosome[g]!, genes.start[g]!),
      count(genes.variants[g]!),
      pValue(genes.log10P[g]!),
      pValue(genes.log10Q[g]!),
    ]);
  if (rows.length === 0) return [];
  const note = "p of the variants in and near a gene, linkage taken into account. All are in gene_pvalues.";
  return [
    {
      title: "Genes of the GWAS",
      note,
      columns: ["Gene", "Place", "Variants", "P", "q"],
      rows,
      shown: TOP_ROWS,
    },
  ];
}

function figures(canvas: Canvas, facts: KeyGenesFacts): NamedFigure[] {
  const { genes, keyGenes } = facts;
  const order = strongestGenes(facts);
  if (order.length === 0) return [];
  const layout = geneLayout({ ...genes, strand: [] });
  const points = manhattanCollector(layout);
  const all = Uint32Array.from(order);
  points.add({
    ...{ variant: all, gene: all, log10P: Float64Array.from(order, (g) => genes.log10P[g]!) },
    variants: { chromosome: genes.chromosome, position: genes.start },
  });
  const strongest = ordered(keyGenes ?? []).slice(0, DRAWN);
  return [
    {
      name: "gene-manhattan",
      title: "Genes of the GWAS along the genome",
      caption: `p of each of ${counted(order.length, "gene")} from the GWAS's variants in and near it, at the gene; the line is 0.05 over the number of genes.`,
      svg: manhattan(canvas, {
        layout,
        points: points.result(),
        labels: order.slice(0, NAMED).map((g) => ({
          text: shorten(genes.name[g]!, 24),
          chromosome: canonicalChromosome(genes.chromosome[g]!),
          position: genes.start[g]!,
          log10P: genes.log10P[g]!,
        })),
        line: { log10P: Math.log10(0.05 / order.length), text: `0.05 / ${counted(order.length, "gene")}` },
        title: "p of genes by position",
      }),
    },
    ...(strongest.length === 0
      ? []
      : [
          {
            name: "key-genes",
            title: "The strongest key genes",
            caption: "−log₁₀ p of the genes whose co-regulated genes go with the trait most.",
            svg: rowBars(canvas, {
              ...{ title: "The strongest key genes by p", text: "−log₁₀ p" },
              labels: strongest.map(({ name }) => name),
              values: strongest.map(({ log10P }) => (log10P === 0 ? 0 : -log10P)),
            }),
          },
        ]),
  ];
}

function methods(
  { version, gwas, reference, window, inModel, degreesOfFreedom, nullGwas, pathways }: KeyGenesFacts,
  tested: number,
): string[] {
  const nulls =
    nullGwas === 0
      ? ""
      : ` p was also taken against ${counted(nullGwas, "random phenotype")} simulated on the genotypes of the reference.`;
  const sets = pathways.length === 0 ? "" : " Gene sets were tested by the same regression.";
  return [
    `Genes were given a p from the GWAS in ${baseName(gwas)} with Qortex ${version}: the sum of squared z over the variants within ${count(window)} base pairs of a gene, against the weighted sum of chi-squares that their correlations in ${baseName(reference)} imply (as PASCAL; Lamparter and others 2016), for ${counted(tested, "gene")}.`,
    `The z of ${counted(inModel, "gene")} in the network was regressed on each gene's co-regulation with them by generalised least squares, the correlation between neighbouring genes being that of their variants (${degrees(degreesOfFreedom)}); genes near the tested one were left out.${nulls}${sets} q is by Benjamini and Hochberg.`,
  ];
}
