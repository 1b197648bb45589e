import { kept, progress, result, running, understanding } from "../state.ts";
import { openKept, openSavedView } from "../waitingView.ts";
import { Menu } from "./Menu.tsx";
import { bytesText } from "./words.ts";

/** What is open, and what else could be: results that this browser keeps, a saved view. */
export function OpenMenu() {
  const open = result.value;
  const read = understanding.value?.files.length ?? 0;
  const now = progress.value;
  const share = now === undefined || now.total === 0 ? "" : ` ${Math.floor((100 * now.done) / now.total)}%`;
  const state = running.value
    ? `Running${share}`
    : read === 0
      ? "Nothing open"
      : `${read === 1 ? "1 file" : `${read} files`}, no result yet`;
  const label = running.value ? state : (open?.title ?? state);
  return (
    <div class="opened">
      <Menu side="left" name={`Open: ${label}`} label={<span class="name">{label}</span>}>
        {(close) => <Choices close={close} />}
      </Menu>
    </div>
  );
}

function Choices({ close }: { readonly close: () => void }) {
  const done = kept.value.filter(({ state, id }) => state === "done" && id !== result.value?.id);
  return (
    <div class="choices">
      <h2>Results kept in this browser</h2>
      {done.length === 0 && <p class="note">None but what is open.</p>}
      {done.length > 0 && (
        <ul>
          {done.map(({ id, title, started, bytes, job }) => (
            <li key={id}>
              <button
                type="button"
                class="quiet"
                onClick={() => {
                  close();
                  void openKept(id);
                }}
              >
                <span>{title}</span>
                <small>
                  {job === undefined ? "" : `${job.kind}, `}
                  {new Date(started).toLocaleDateString()}, {bytesText(bytes)}
                </small>
              </button>
            </li>
          ))}
        </ul>
      )}
      <h2>A saved view</h2>
      <label class="file-button">
        Choose the .view.json
        <input
          type="file"
          accept=".json,application/json"
          onChange={({ currentTarget }) => {
            const [file] = currentTarget.files ?? [];
            close();
            if (file !== undefined) void openSavedView(file.name, file);
          }}
        />
      </label>
    </div>
  );
}
