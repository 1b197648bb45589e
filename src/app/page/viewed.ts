import { engine, show } from "./engine.ts";
import { busy, result, view } from "./state.ts";

interface Viewed {
  readonly result: readonly { readonly name: string; readonly url: string }[];
}

/** Opens the result that the page's own server was started for (`qortex view DIR`); a host of the bare folder has none. */
export async function openViewed(): Promise<void> {
  try {
    const answer = await fetch(new URL("view.json", document.baseURI));
    const given = answer.ok ? asViewed(await answer.json()) : undefined;
    if (given === undefined || given.result.length === 0 || result.peek() !== undefined) return;
    busy.value = "Opening the result";
    const files = given.result.map(({ name, url }) => ({ name, url: new URL(url, document.baseURI).href }));
    result.value = await engine.openResult(files);
    if (view.peek() === "start") view.value = "overview";
  } catch (error) {
    show(error);
  } finally {
    busy.value = undefined;
  }
}

function asViewed(value: unknown): Viewed | undefined {
  if (typeof value !== "object" || value === null || !("result" in value) || !Array.isArray(value.result))
    return undefined;
  const files: unknown[] = value.result;
  const named = files.filter(
    (file): file is Viewed["result"][number] =>
      typeof file === "object" &&
      file !== null &&
      "name" in file &&
      "url" in file &&
      typeof file.name === "string" &&
      typeof file.url === "string",
  );
  return { result: named };
}
