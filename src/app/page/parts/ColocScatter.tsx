import { useMemo } from "preact/hooks";
import { zScatter } from "../../../report/locusCompare.ts";
import { count, counted, plain } from "../../../report/numbers.ts";
import { select } from "../state.ts";
import type { DrawnProps } from "./ColocPanels.tsx";
import { leadsWithoutZ, type MatchedVariants } from "./colocMatch.ts";
import { PictureView } from "./PictureView.tsx";
import { strongestFirst } from "./RegionalView.tsx";

/** z of both traits, variant by variant. */
export function ColocScatter({
  genes,
  gene,
  name,
  trait,
  pairs,
  gwas,
  matched,
  lead,
  r2,
  start,
  end,
}: DrawnProps) {
  const picture = useMemo(
    () =>
      zScatter(
        { document },
        {
          ...{
            id: matched.id,
            x: matched.gwasZ,
            y: matched.mapZ,
            lead,
            xText: `GWAS: ${trait}`,
            yText: `expression of ${name}`,
          },
          r2: r2 && Float64Array.from(matched.pair, (row) => r2[row]!),
          title: `${name} and the GWAS`,
        },
      ),
    [matched, lead, r2, name, trait],
  );
  const order = useMemo(() => {
    const p = Float64Array.from(matched.pair, (row) => pairs.log10P[row]!);
    return strongestFirst(p);
  }, [matched, pairs]);
  const line = (i: number) =>
    `z ${plain(matched.mapZ[i]!, 3)} of ${name}, ${plain(matched.gwasZ[i]!, 3)} of the GWAS`;
  // The GWAS is read for the locus; the gene's window reaches farther.
  const here = pairs.position.reduce((sum, at) => sum + Number(at >= start && at <= end), 0);
  const left = gwas.variant.length === 0 ? "The GWAS has nothing here." : undefined;
  return (
    <PictureView
      title="Variant by variant"
      name={`${genes.id[gene]}-gwas-z`}
      picture={picture}
      empty={left}
      what="variants in both"
      order={order}
      about={(i) => `${matched.id[i]}, ${line(i)}`}
      tip={(i) => (
        <>
          <strong>{matched.id[i]}</strong>
          <span>{line(i)}</span>
        </>
      )}
      onChoose={(i) => select({ variant: matched.id[i] })}
      caption={`z of both traits for the allele that the map counts: ${count(matched.id.length)} of the gene's ${counted(here, "variant")} of this stretch are in the GWAS${leftOutOf(matched, leadsWithoutZ(matched, pairs, gwas))}.`}
      help={
        <p>
          A straight band through the middle speaks for one cause: up to the right, the allele that raises
          expression raises the trait; down to the right, it lowers it. Two arms along the axes speak for two
          causes.
        </p>
      }
    />
  );
}

function leftOutOf({ otherAlleles, palindromic }: MatchedVariants, leads: readonly string[]): string {
  const among = leads.length > 0 ? `, the strongest (${leads.join(", ")}) among them` : "";
  const strand =
    palindromic > 0
      ? `; ${counted(palindromic, "A/T or C/G variant")} whose strand frequencies do not tell left out here${among}`
      : "";
  return `${otherAlleles > 0 ? `, ${count(otherAlleles)} more with other alleles (left out)` : ""}${strand}`;
}
