import type { GeneColumns } from "../../engine/protocol.ts";
import { setSetting } from "../state.ts";
import { CONTEXT } from "./resultAnswers.ts";

/** Which context's interactions are shown; nothing where the result has no more than one. */
export function ContextSwitch({ genes }: { readonly genes: GeneColumns }) {
  const { context = "", contexts = [] } = genes;
  if (contexts.length < 2) return null;
  const choose = (next: string): void => {
    setSetting(CONTEXT, next === contexts[0] ? "" : next);
    // Plots of samples follow the map until another context is chosen for them.
    setSetting("gene.context", "");
  };
  return (
    <label>
      Interactions with{" "}
      <select value={context} onChange={({ currentTarget }) => choose(currentTarget.value)}>
        {contexts.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
    </label>
  );
}
