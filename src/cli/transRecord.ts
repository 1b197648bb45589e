import type { Json } from "../node/manifest.ts";
import type { MapFacts } from "../report/mapFacts.ts";
import { crossMappingText } from "../report/transFacts.ts";

/** For the manifest: what a trans map says of cross-mapping and permutations. */
export function transRecord({ map, result }: MapFacts): { crossMapping?: string; permutations?: Json } {
  if (map.kind === "cis") return {};
  const crossMapping = crossMappingText({ map, result });
  const { permutations: found } = result;
  if (found === undefined) return { crossMapping };
  const { permutations, pair, gene, locus } = found;
  const levels = Object.entries({ pair, gene, locus }).map(([name, { steps: _, ...level }]) => [name, level]);
  return { crossMapping, permutations: { permutations, ...Object.fromEntries(levels) } };
}
