import type { EngineClient } from "../../engine/client.ts";
import { engine } from "../engine.ts";
import { result } from "../state.ts";

type Whole = "genes" | "nullSample" | "modules" | "contexts" | "gwasLoci";

const known = new Map<string, { readonly id: string; readonly answer: Promise<unknown> }>();

/** What the open result says as a whole, asked once a result however many views want it: `await ofResult("genes")`. */
export function ofResult<Name extends Whole>(name: Name): ReturnType<EngineClient[Name]> {
  const id = result.peek()?.id ?? "";
  let found = known.get(name);
  if (found === undefined || found.id !== id) {
    const answer: Promise<unknown> = engine[name as "genes"]();
    found = { id, answer };
    known.set(name, found);
    answer.catch(() => known.delete(name));
  }
  return found.answer as ReturnType<EngineClient[Name]>;
}
