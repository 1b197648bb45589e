import { count, plain, pValue, signed } from "../../../report/numbers.ts";
import type { GeneColumns, ResultView } from "../../engine/protocol.ts";
import { alleles, qText } from "./GeneGrid.tsx";
import { leadPlace } from "./geneRange.ts";

export interface GeneFactsProps {
  readonly open: ResultView;
  readonly genes: GeneColumns;
  readonly gene: number;
  /** Of the lead variant, where it need not be the gene's; undefined while it is not known. */
  readonly leadChromosome: string | undefined;
}

/** What the table of genes says of one: its lead, its effect, and how sure that is. */
export function GeneFacts({ open, genes, gene, leadChromosome }: GeneFactsProps) {
  const variant = genes.variant[gene]!;
  const tested = variant !== "";
  const effect = genes.effectAllele[gene];
  const significant = genes.q[gene]! <= open.significantQ;
  const { context } = genes;
  const facts: readonly (readonly [string, string])[] = [
    ["Status", genes.status[gene] || "–"],
    ["Variants tested", count(Math.max(0, genes.numVariants[gene]!))],
    ...(tested
      ? ([
          ["Lead variant", `${variant} ${alleles(genes, gene)}`],
          ["At", leadChromosome === undefined ? "–" : leadPlace(genes, gene, leadChromosome)],
          ["Effect allele", effect ? `${effect}, frequency ${plain(genes.af[gene]!, 2)}` : "–"],
          [
            context === undefined ? "Slope" : "Change of slope",
            `${signed(genes.slope[gene]!)} ± ${plain(genes.slopeSe[gene]!, 2)} per copy${context === undefined ? "" : ` and unit of ${context}`}`,
          ],
          ...foldChange(genes, gene),
          ["Nominal p", pValue(genes.log10P[gene]!)],
          ...permuted(genes, gene),
          [
            "q",
            `${qText(genes.q[gene]!)}${significant ? `, significant at ${open.significantQ}` : `, not significant at ${open.significantQ}`}`,
          ],
          ...threshold(genes, gene, significant),
        ] as const)
      : []),
  ];
  const many = genes.contexts?.length ?? 0;
  return (
    <section class="panel">
      <h3>The gene in this map</h3>
      <dl class="facts">
        {facts.map(([title, text]) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      {context !== undefined && (
        <p class="note">
          The interaction of the genotype with {context}
          {many > 1 && `, one of ${many} contexts in this result`}.
        </p>
      )}
    </section>
  );
}

type Fact = readonly [title: string, text: string];

/** Why an effect has no fold change, for people. */
const NO_FOLD_CHANGE: Readonly<Record<string, string>> = {
  transformed: "none: the expression was transformed",
  "negative-expression": "none: expression has negative values",
  "not-positive": "none: the fitted expression of a genotype is not positive",
  "correlated-samples": "none: the samples are not independent",
};

function foldChange({ log2Afc, log2AfcSe, afcStatus }: GeneColumns, gene: number): Fact[] {
  const [value, error] = [log2Afc[gene]!, log2AfcSe[gene]!];
  if (!Number.isNaN(value))
    return [
      [
        "Allelic fold change",
        `log₂ ${signed(value)} ± ${plain(error, 2)}, ${plain(2 ** value, 2)} times from two copies as from none`,
      ],
    ];
  const why = NO_FOLD_CHANGE[afcStatus[gene] ?? ""];
  return why === undefined ? [] : [["Allelic fold change", why]];
}

function permuted({ pPerm, log10PBeta }: GeneColumns, gene: number): Fact[] {
  const [p, beta] = [pPerm[gene]!, log10PBeta[gene]!];
  return [
    ...(Number.isNaN(p) ? [] : [["p by permutations", pValue(Math.log10(p))] as const]),
    ...(Number.isNaN(beta) ? [] : [["p, beta approximation", pValue(beta)] as const]),
  ];
}

function threshold({ log10Threshold }: GeneColumns, gene: number, significant: boolean): Fact[] {
  const limit = log10Threshold[gene]!;
  if (Number.isNaN(limit)) return [];
  const text = `nominal p ≤ ${pValue(limit)}`;
  return [["Its variants count from", significant ? text : `${text}, were the gene significant`]];
}
