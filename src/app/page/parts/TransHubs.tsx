import { useMemo } from "preact/hooks";
import { bases, count, counted, pValue } from "../../../report/numbers.ts";
import { HUB_DISTANCE, type Hub, rankHubs } from "../../../report/transHubs.ts";
import { hrefOf } from "../history.ts";
import { geneName, type MapPoints } from "./mapPoints.ts";
import { positionText } from "./pairText.tsx";
import { placeOn } from "./raster/ticks.ts";

const ROWS = 20;

/** A variant with its strongest point. */
interface FoundHub extends Hub {
  readonly point: number;
}

/** Variants that act on several genes, those with most first. */
export function TransHubs({ map }: { readonly map: MapPoints }) {
  const hubs = useMemo(() => hubsOf(map, ROWS), [map]);
  if (hubs.length === 0) return null;
  return (
    <details class="peaks">
      <summary>Variants by number of genes</summary>
      <div class="table">
        <table class="tight">
          <caption>
            {counted(hubs.length, "variant")} with the most genes among the pairs shown; of those within{" "}
            {bases(HUB_DISTANCE)} of each other the first
          </caption>
          <thead>
            <tr>
              <th scope="col">Variant</th>
              <th scope="col" class="number">
                Position (Mb)
              </th>
              <th scope="col" class="number">
                Genes
              </th>
              <th scope="col">Strongest gene</th>
              <th scope="col" class="number">
                p
              </th>
            </tr>
          </thead>
          <tbody>
            {hubs.map(({ variant, genes, strongest, log10P, point }) => (
              <tr key={variant}>
                <th scope="row" class="mono">
                  {variant}
                </th>
                <td class="number">{positionText(map, point)}</td>
                <td class="number">{count(genes)}</td>
                <td>
                  <a href={hrefOf("gene", { gene: map.genes.id[strongest], variant })}>
                    {geneName(map.genes, strongest)}
                  </a>
                </td>
                <td class="number">{pValue(log10P)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

/** The first `limit` of a map, of its points. */
export function hubsOf(
  { columns, layout }: Pick<MapPoints, "columns" | "layout">,
  limit: number,
): FoundHub[] {
  const genes = new Uint32Array(columns.variants.length);
  const best = new Int32Array(columns.variants.length).fill(-1);
  columns.variant.forEach((variant, point) => {
    genes[variant]!++;
    if (best[variant]! < 0 || columns.y[point]! > columns.y[best[variant]!]!) best[variant] = point;
  });
  const found = columns.variants.flatMap((variant, row): FoundHub[] => {
    const point = best[row]!;
    const at = genes[row]! < 2 ? undefined : placeOn(layout, columns.x[point]!);
    if (at === undefined) return [];
    const strongest = columns.gene[point]!;
    return [{ ...at, ...{ variant, genes: genes[row]!, strongest, log10P: -columns.y[point]!, point } }];
  });
  return rankHubs(found, limit);
}
