import { UsageError } from "../../errors.ts";
import type { ChooseParts, MapPart } from "../mapPart.ts";
import { type PartStore, partName, partOfName, storedParts } from "../parts.ts";
import type { MapRun } from "../tables.ts";

/**
 * Several maps of one cohort, planned alike, as one run whose parts are kept and shared together: part n of map m of `runs.length` is part
 * n * runs.length + m. Throws UsageError where the maps are not planned alike.
 */
export function joinedRun(runs: readonly Pick<MapRun, "parts">[]): Pick<MapRun, "parts"> {
  async function* parts(
    choose: ChooseParts = ({ pairs }) => [...pairs.keys()],
  ): AsyncGenerator<MapPart, void> {
    let plan: { readonly parts: number; readonly wanted: ReadonlySet<number> } | undefined;
    for (const [m, run] of runs.entries()) {
      const own = run.parts(async ({ pairs }) => {
        plan ??= {
          parts: pairs.length,
          wanted: new Set(await choose({ pairs: repeated(pairs, runs.length) })),
        };
        if (plan.parts !== pairs.length) {
          throw new UsageError(
            `parts cannot be kept of contexts that are tested with other genes: ${plan.parts} parts and ${pairs.length}; take them one at a time with --contexts`,
          );
        }
        const { wanted } = plan;
        return [...pairs.keys()].filter((number) => wanted.has(number * runs.length + m));
      });
      for await (const part of own) yield { ...part, number: part.number * runs.length + m };
    }
  }
  return { parts };
}

function repeated(values: Float64Array, times: number): Float64Array {
  return Float64Array.from({ length: values.length * times }, (_, i) => values[Math.floor(i / times)]!);
}

/** The parts of map `m` of `maps` in a store of a {@link joinedRun}, under the names that they have as a map of their own. */
export function partsOfMap(store: PartStore, m: number, maps: number): PartStore {
  const inside = (name: string): string => {
    const own = partOfName(name);
    return own === undefined ? name : partName(own.number * maps + m, own.piece);
  };
  return {
    put: (name, bytes) => store.put(inside(name), bytes),
    get: (name, into) => store.get(inside(name), into),
    delete: (name) => store.delete(inside(name)),
    async list() {
      return (await store.list()).flatMap((name) => {
        const known = partOfName(name);
        if (known === undefined || known.number % maps !== m) return [];
        return [partName(Math.floor(known.number / maps), known.piece)];
      });
    },
  };
}

/** The parts of map `m`, numbered as a map of its own. */
export async function* storedPartsOfMap(store: PartStore, m: number, maps: number): AsyncGenerator<MapPart> {
  for await (const part of storedParts(partsOfMap(store, m, maps))) {
    yield { ...part, number: Math.floor(part.number / maps) };
  }
}
