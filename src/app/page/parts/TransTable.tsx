import { canonicalChromosome } from "../../../cohort/chromosomes.ts";
import { pValue } from "../../../report/numbers.ts";
import { hrefOf } from "../history.ts";
import { geneName, type MapPoints } from "./mapPoints.ts";
import { pairOf, positionText } from "./pairText.tsx";

const ROWS = 20;

/** The trans plot in words: each gene's strongest pair, strongest first. */
export function TransTable({ map }: { readonly map: MapPoints }) {
  return (
    <details class="peaks">
      <summary>The strongest pairs as a table</summary>
      <div class="table">
        <table class="tight">
          <caption class="visually-hidden">Strongest trans pairs, one a gene</caption>
          <thead>
            <tr>
              <th scope="col">Gene</th>
              <th scope="col">Gene's chromosome</th>
              <th scope="col">Variant</th>
              <th scope="col" class="number">
                Position (Mb)
              </th>
              <th scope="col" class="number">
                p
              </th>
            </tr>
          </thead>
          <tbody>
            {Array.from(map.peaks.subarray(0, ROWS), (index) => {
              const pair = pairOf(map, index);
              const gene = map.columns.gene[index]!;
              return (
                <tr key={index}>
                  <th scope="row">
                    <a href={hrefOf("gene", pair)}>{geneName(map.genes, gene)}</a>
                  </th>
                  <td>{canonicalChromosome(map.genes.chromosome[gene]!)}</td>
                  <td class="mono">{pair.variant}</td>
                  <td class="number">{positionText(map, index)}</td>
                  <td class="number">{pValue(-map.columns.y[index]!)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </details>
  );
}
