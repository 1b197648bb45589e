import { counted, megabases, pValue } from "../../../report/numbers.ts";
import type { GeneColumns, GwasLocus } from "../../engine/protocol.ts";
import { geneName } from "./mapPoints.ts";

export interface LocusTableProps {
  readonly genes: GeneColumns;
  readonly loci: readonly GwasLocus[];
  readonly chosen: GwasLocus;
  readonly onChoose: (locus: GwasLocus) => void;
}

/** Loci of the GWAS to choose from, strongest first. */
export function LocusTable({ genes, loci, chosen, onChoose }: LocusTableProps) {
  return (
    <div class="panel loci">
      <h3>Loci of the GWAS</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and scrolling needs keys */}
      <section class="table" tabIndex={0} aria-label="Loci, strongest first">
        <table class="tight">
          <thead>
            <tr>
              <th scope="col">Lead variant</th>
              <th scope="col" class="number">
                p
              </th>
              <th scope="col">Genes</th>
            </tr>
          </thead>
          <tbody>
            {loci.map((locus) => (
              <tr key={locus.variant} aria-current={locus === chosen ? "true" : undefined}>
                <th scope="row">
                  <button type="button" class="link" onClick={() => onChoose(locus)}>
                    {locus.variant}
                  </button>
                  <span class="place">{megabases(locus.chromosome, locus.position)} Mb</span>
                </th>
                <td class="number">{pValue(locus.log10P)}</td>
                <td title={[...locus.genes].map((row) => geneName(genes, row)).join(", ")}>
                  {locus.genes.length === 1
                    ? geneName(genes, locus.genes[0]!)
                    : counted(locus.genes.length, "gene")}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </div>
  );
}
