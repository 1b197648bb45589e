import { waiting } from "../waitingView.ts";
import { Icon } from "./Icon.tsx";

/** What a saved view waits for. */
export function WaitingBar() {
  const now = waiting.value;
  if (now === undefined) return null;
  const { missing, saved } = now;
  const others = missing.filter(({ other }) => other).map(({ name }) => name);
  const absent = missing.filter(({ other }) => !other).map(({ name }) => name);
  return (
    <section class="banner waiting" aria-label="Saved view">
      <Icon name="eye" />
      <p>
        <strong>The saved view opens once its data is here.</strong>{" "}
        {absent.length > 0 && `Drop ${absent.join(", ")}. `}
        {others.length > 0 && `Not the same as when it was saved: ${others.join(", ")}. `}
        {missing.length === 0 &&
          saved.result !== undefined &&
          "Its files are here and its options are set: run it. "}
        {saved.result !== undefined && `A finished result does too: ${saved.result.title}.`}
      </p>
      <button
        type="button"
        class="quiet icon"
        aria-label="Leave the saved view"
        onClick={() => {
          waiting.value = undefined;
        }}
      >
        <Icon name="close" />
      </button>
    </section>
  );
}
