import { pValue, signed } from "../../../report/numbers.ts";
import { hrefOf } from "../history.ts";
import { geneName, type MapPoints } from "./mapPoints.ts";
import { pairOf, positionText } from "./pairText.tsx";
import { peaksIn } from "./raster/peaks.ts";
import { stretchText } from "./raster/ticks.ts";
import type { Range } from "./raster/viewport.ts";

export interface PeakTableProps {
  readonly map: MapPoints;
  readonly range: Range;
}

const ROWS = 12;

/** The Manhattan plot in words: its strongest peaks, of what is in view. */
export function PeakTable({ map, range }: PeakTableProps) {
  const apart = (range[1] - range[0]) / 60;
  const peaks = peaksIn(map.peaks, map.dots.x, range, { limit: ROWS, apart });
  return (
    <details class="peaks">
      <summary>The strongest peaks as a table</summary>
      <div class="table">
        <table class="tight">
          <caption class="visually-hidden">Strongest peaks of {stretchText(map.layout, range)}</caption>
          <thead>
            <tr>
              <th scope="col">Gene</th>
              <th scope="col">Lead variant</th>
              <th scope="col" class="number">
                Position (Mb)
              </th>
              <th scope="col" class="number">
                p
              </th>
              <th scope="col" class="number">
                Slope
              </th>
            </tr>
          </thead>
          <tbody>
            {peaks.map((index) => {
              const pair = pairOf(map, index);
              const gene = map.columns.gene[index]!;
              return (
                <tr key={index}>
                  <th scope="row">
                    <a href={hrefOf("gene", pair)}>{geneName(map.genes, gene)}</a>
                  </th>
                  <td class="mono">{pair.variant}</td>
                  <td class="number">{positionText(map, index)}</td>
                  <td class="number">{pValue(-map.columns.y[index]!)}</td>
                  <td class="number">
                    {map.genes.variant[gene] === pair.variant ? signed(map.genes.slope[gene]!) : "–"}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <p class="note">
        Of {stretchText(map.layout, range)}; each gene once, neighbours of a stronger peak left out.
      </p>
    </details>
  );
}
