import { result, running, understanding } from "../state.ts";

/** What is open, in a line. */
export function OpenMenu() {
  const open = result.value;
  if (open === undefined) {
    const read = understanding.value?.files.length ?? 0;
    return (
      <p class="opened">{running.value ? "Running" : read > 0 ? `${read} files, nothing run yet` : ""}</p>
    );
  }
  return <p class="opened">{open.title}</p>;
}
