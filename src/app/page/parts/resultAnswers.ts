import type { EngineClient } from "../../engine/client.ts";
import { engine } from "../engine.ts";
import { result, setting, settings } from "../state.ts";

type Whole = "genes" | "nullSample" | "modules" | "contexts" | "gwasLoci";

const known = new Map<string, { readonly id: string; readonly answer: Promise<unknown> }>();

/** Where the choice of a context is kept, and so in the address. */
export const CONTEXT = "map.context";

/**
 * What of the open result is shown: its id, and of a map of interactions the context that was chosen. Answers of the engine are asked for anew
 * when it changes.
 */
export function shownKey(): string {
  return `${result.value?.id} ${setting(CONTEXT)}`;
}

/** The context that was chosen; the engine takes the first where there is none, or where the result has no such context. */
export function chosenContext(): string | undefined {
  return settings.peek()[CONTEXT];
}

/** What the open result says as a whole, asked once a result and context however many views want it: `await ofResult("genes")`. */
export function ofResult<Name extends Whole>(name: Name): ReturnType<EngineClient[Name]> {
  const context = chosenContext();
  const id = `${result.peek()?.id} ${context}`;
  let found = known.get(name);
  if (found === undefined || found.id !== id) {
    const answer: Promise<unknown> = engine[name as "genes"](context);
    found = { id, answer };
    known.set(name, found);
    answer.catch(() => known.delete(name));
  }
  return found.answer as ReturnType<EngineClient[Name]>;
}
