import { megabases, pValue } from "../../../report/numbers.ts";
import { geneName, type MapPoints } from "./mapPoints.ts";
import { placeOn } from "./raster/ticks.ts";

/** Gene and variant of a point. */
export function pairOf({ columns, genes }: MapPoints, index: number): { gene: string; variant: string } {
  return {
    gene: genes.id[columns.gene[index]!] ?? "",
    variant: columns.variants[columns.variant[index]!] ?? "",
  };
}

export function nameOf({ genes, columns }: MapPoints, index: number): string {
  return geneName(genes, columns.gene[index]!);
}

export function positionText(map: MapPoints, index: number): string {
  const at = placeOn(map.layout, map.columns.x[index]!);
  return at === undefined ? "" : megabases(at.chromosome, at.position);
}

export function aboutPoint(map: MapPoints, index: number): string {
  const { variant } = pairOf(map, index);
  return `${nameOf(map, index)}, ${variant} at ${positionText(map, index)}, p = ${pValue(-map.columns.y[index]!)}`;
}

export function PointFacts({ map, index }: { readonly map: MapPoints; readonly index: number }) {
  const { gene, variant } = pairOf(map, index);
  const name = nameOf(map, index);
  return (
    <>
      <strong>{name}</strong>
      {name !== gene && <span class="id">{gene}</span>}
      <span>{variant}</span>
      <span>
        {positionText(map, index)} · p = {pValue(-map.columns.y[index]!)}
      </span>
    </>
  );
}
