/** Work of a plain sequence of steps, kept step by step: of jobs whose results are no batches of pairs. */

import { throwIfAborted } from "../errors.ts";
import { openContainer } from "../formats/container.ts";
import { packValue, unpackValue } from "../formats/packed.ts";
import { type PartStore, partName } from "./parts.ts";
import { checkPieces, type StoredParts } from "./resume.ts";

/** Checks every step of `store` against its checksum. */
export function checkSteps(store: PartStore, signal?: AbortSignal): Promise<StoredParts> {
  return checkPieces(
    store,
    (bytes, name) => {
      const { meta } = openContainer(bytes, name);
      return { number: Number(meta["step"]), piece: 0, last: true };
    },
    signal,
  );
}

/** How a run of items is cut into steps. */
export interface StepPlan<Item> {
  /** Number of the first step in the store. */
  readonly first: number;
  readonly items: readonly Item[];
  /** Items of a step. */
  readonly size: number;
}

export function stepsOf({ items, size }: Pick<StepPlan<unknown>, "items" | "size">): number {
  return Math.ceil(items.length / size);
}

/** Numbers of the steps that `whole` lacks. */
export function missingSteps(plan: StepPlan<unknown>, whole: ReadonlySet<number>): number[] {
  return Array.from({ length: stepsOf(plan) }, (_, i) => plan.first + i).filter((step) => !whole.has(step));
}

/**
 * Does the steps that are not among `whole`, and gives the results of all items in order, as they were stored. `work` gives one result an
 * item, in order, and must not depend on which other items it is given. A step is kept when its last result is there.
 */
export async function* keptResults<Item, Result>(
  store: PartStore,
  plan: StepPlan<Item>,
  whole: ReadonlySet<number>,
  work: (items: readonly Item[]) => AsyncIterable<Result>,
  signal?: AbortSignal,
): AsyncGenerator<Result, void> {
  const { first, items, size } = plan;
  const itemsOf = (step: number): readonly Item[] =>
    items.slice((step - first) * size, (step - first + 1) * size);
  const missing = missingSteps(plan, whole);
  if (missing.length > 0) {
    const left = missing.slice();
    let held: Result[] = [];
    for await (const result of work(missing.flatMap(itemsOf))) {
      held.push(result);
      if (held.length < itemsOf(left[0]!).length) continue;
      const step = left.shift()!;
      await store.put(partName(step), packValue({ step }, held));
      held = [];
    }
    if (left.length > 0) throw new Error(`step ${left[0]} has not come to its end`);
  }
  for (let step = first; step < first + stepsOf(plan); step++) {
    throwIfAborted(signal);
    const name = partName(step);
    // The type is that of what `work` gave: the store is checked, and of this version and plan.
    yield* unpackValue(openContainer(await store.get(name), name)) as Result[];
  }
}
