import { problem } from "../state.ts";
import { Icon } from "./Icon.tsx";

/** What went wrong, until it is put away. Errors of the engine are one line: what, where, the number, what to do. */
export function ProblemBanner() {
  const text = problem.value;
  return (
    <div role="alert">
      {text !== undefined && (
        <div class="banner">
          <Icon name="warn" />
          <p>{text}</p>
          <button
            type="button"
            class="quiet icon"
            aria-label="Put the message away"
            onClick={() => {
              problem.value = undefined;
            }}
          >
            <Icon name="close" />
          </button>
        </div>
      )}
    </div>
  );
}
