import { useMemo } from "preact/hooks";
import { stackedPanels } from "../../../report/locusCompare.ts";
import { pValue } from "../../../report/numbers.ts";
import type { GeneColumns, GwasColumns, PairColumns, RegionTracks } from "../../engine/protocol.ts";
import { select, selection, setSetting } from "../state.ts";
import { type MatchedVariants, strongerAlone } from "./colocMatch.ts";
import { PictureView } from "./PictureView.tsx";
import { strongestFirst } from "./RegionalView.tsx";

/** Whose lead the diamond is. */
export type LeadOf = "gene" | "gwas" | "selected";

const LEADS: Readonly<Record<LeadOf, { readonly legend: string; readonly caption: string }>> = {
  gene: {
    legend: "lead of the gene among variants of both",
    caption: "the strongest of the gene among the variants that both have",
  },
  gwas: {
    legend: "lead of the GWAS among variants of both",
    caption: "the strongest of the GWAS among the variants that both have",
  },
  selected: { legend: "selected variant", caption: "the variant that is selected" },
};

/** A gene and a GWAS at a locus. */
export interface ComparedProps {
  readonly genes: GeneColumns;
  readonly gene: number;
  readonly name: string;
  /** Name of the GWAS's file. */
  readonly trait: string;
  readonly pairs: PairColumns;
  readonly tracks: RegionTracks;
  readonly chromosome: string;
  readonly start: number;
  readonly end: number;
}

export interface DrawnProps extends ComparedProps {
  readonly gwas: GwasColumns;
  readonly matched: MatchedVariants;
  /** Of the matched variants; -1 is none. */
  readonly lead: number;
  readonly whose: LeadOf;
  /** With the lead, by row of the pairs. */
  readonly r2: Float64Array | undefined;
}

/** Both traits along the chromosome. */
export function ColocPanels(props: DrawnProps) {
  const { genes, gene, name, trait, pairs, tracks, gwas, matched, lead, whose, r2 } = props;
  const { chromosome, start, end } = props;
  const picture = useMemo(() => {
    const ofGwas = new Map([...matched.gwas].map((row, i) => [row, matched.pair[i]!] as const));
    const gwasR2 =
      r2 && Float64Array.from(gwas.position, (_, row) => r2[ofGwas.get(row) ?? -1] ?? Number.NaN);
    return stackedPanels(
      { document },
      {
        ...{
          chromosome,
          start,
          end,
          genes: tracks.genes,
          focus: genes.id[gene],
          title: `${name} and the GWAS`,
          leadText: LEADS[whose].legend,
        },
        upper: {
          ...{
            id: pairs.variant,
            position: pairs.position,
            log10P: pairs.log10P,
            r2,
            lead: matched.pair[lead] ?? -1,
          },
          ...{ recombination: tracks.recombination, text: `expression of ${name}` },
        },
        lower: {
          ...{
            id: gwas.variant,
            position: gwas.position,
            log10P: gwas.log10P,
            r2: gwasR2,
            lead: matched.gwas[lead] ?? -1,
          },
          ...{
            recombination: tracks.recombination,
            text: `GWAS: ${trait}`,
            threshold: { log10P: Math.log10(5e-8), text: "5 × 10⁻⁸" },
          },
        },
      },
    );
  }, [genes, gene, name, trait, pairs, tracks, gwas, matched, lead, whose, r2, chromosome, start, end]);
  const n = pairs.variant.length;
  const order = useMemo(
    () => [...strongestFirst(pairs.log10P), ...strongestFirst(gwas.log10P).map((row) => row + n)],
    [pairs, gwas, n],
  );
  const text = (i: number): readonly [string, string, number] =>
    i < n ? [pairs.variant[i]!, name, pairs.log10P[i]!] : [gwas.variant[i - n]!, "GWAS", gwas.log10P[i - n]!];
  return (
    <PictureView
      wide
      title="Both traits along the chromosome"
      name={`${genes.id[gene]}-gwas-panels`}
      picture={picture}
      what="variants of both traits"
      order={order}
      about={(i) => `${text(i)[0]}, ${text(i)[1]}, p = ${pValue(text(i)[2])}`}
      tip={(i) => (
        <>
          <strong>{text(i)[0]}</strong>
          <span>
            {text(i)[1]}: p = {pValue(text(i)[2])}
          </span>
        </>
      )}
      onChoose={(i) => select({ variant: text(i)[0] })}
      tools={<LeadSwitch whose={whose} selected={matched.id.includes(selection.value.variant ?? "")} />}
      caption={
        r2 === undefined
          ? "Load the cohort's files to colour variants by their linkage (r²) with the lead."
          : `Both panels are coloured by linkage (r²) with the diamond: ${LEADS[whose].caption}.${aloneText(props)}`
      }
      help={
        <p>
          One shared cause: the same variants lead in both panels, in the same colours. When the other trait's
          lead is taken and the warm colours leave the tower, the two traits have different causes in linkage.
        </p>
      }
    />
  );
}

/** Names what stands above the diamond and cannot be it, since the other trait lacks it. */
function aloneText({ whose, pairs, gwas, matched, start, end }: DrawnProps): string {
  if (whose === "selected") return "";
  const [own, rows] = whose === "gene" ? [pairs, matched.pair] : [gwas, matched.gwas];
  const stronger = strongerAlone(own, rows, [start, end]);
  if (stronger === undefined) return "";
  const lacking = whose === "gene" ? "the GWAS has not" : "was not tested with the gene";
  return ` ${stronger} is stronger, and ${lacking} with the same alleles.`;
}

function LeadSwitch({ whose, selected }: { readonly whose: LeadOf; readonly selected: boolean }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out in a row of tools
    <span class="group" role="group" aria-label="Whose lead the linkage is with">
      {(
        [
          ["Lead of the gene", "gene"],
          ["of the GWAS", "gwas"],
          ["selected variant", "selected"],
        ] as const
      ).map(([text, value]) => (
        <button
          key={value}
          type="button"
          class="small"
          aria-pressed={whose === value}
          disabled={value === "selected" && !selected}
          onClick={() => setSetting("coloc.lead", value === "gene" ? "" : value)}
        >
          {text}
        </button>
      ))}
    </span>
  );
}
