import type { Json } from "../node/manifest.ts";
import type { MapFacts } from "../report/mapFacts.ts";
import { crossMappingText } from "../report/transFacts.ts";

/** For the manifest: what a trans map says of cross-mapping, cis signals and permutations. */
export function transRecord({ map, result }: MapFacts): {
  crossMapping?: string;
  permutations?: Json;
  cisSignals?: Json;
} {
  if (map.kind === "cis") return {};
  const { permutations: found, cisSignals } = result;
  const common = {
    crossMapping: crossMappingText({ map, result }),
    ...(cisSignals && { cisSignals: { ...cisSignals } }),
  };
  if (found === undefined) return common;
  const { permutations, pair, gene, locus } = found;
  const levels = Object.entries({ pair, gene, locus }).map(([name, { steps: _, ...level }]) => [name, level]);
  return { ...common, permutations: { permutations, ...Object.fromEntries(levels) } };
}
