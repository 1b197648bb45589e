import { count } from "../../../report/numbers.ts";

/** Below a long list: how much of it is shown, and more of it; nothing where all is. */
export function ShowMore({
  shown,
  of,
  more,
}: {
  readonly shown: number;
  readonly of: number;
  readonly more: () => void;
}) {
  if (shown >= of) return null;
  return (
    <p class="buttons">
      <button type="button" class="small" onClick={more}>
        Show more
      </button>
      <span class="note">
        {count(shown)} of {count(of)}
      </span>
    </p>
  );
}
