import { InputError } from "../../errors.ts";
import type { GivenFile, ResultView } from "../engine/protocol.ts";
import { hashOf, type PageState, parseHash } from "./permalink.ts";

/**
 * A view in a file: where one was, and by which files one knows that the same data is there again. No data: names, sizes and fingerprints.
 * `link` is a permalink's hash, so that both are read, and checked, by one function.
 */
export interface SavedView {
  readonly format: "qortex-view";
  readonly version: 1;
  readonly link: string;
  readonly files: readonly SavedFile[];
  readonly result?: SavedResult | undefined;
}

export interface SavedFile {
  readonly name: string;
  readonly bytes: number;
  /** See {@link fingerprint}; none where the browser has no SHA-256 (a page that is not served securely). */
  readonly sha256?: string | undefined;
}

export interface SavedResult {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly tables: readonly { readonly name: string; readonly rows: number; readonly bytes: number }[];
}

/** Bytes at either end of a file that its fingerprint is of. */
const END = 65_536;
/** Larger than any saved view, and smaller than what it would be mistaken for. */
const LARGEST = 1_000_000;

export async function savedView(
  state: PageState,
  files: readonly GivenFile[],
  result: ResultView | undefined,
): Promise<SavedView> {
  const listed = files.map(async ({ name, file }) => ({
    name,
    bytes: file.size,
    sha256: await fingerprint(file),
  }));
  return {
    format: "qortex-view",
    version: 1,
    link: hashOf(state),
    files: await Promise.all(listed),
    result: result && { id: result.id, kind: result.kind, title: result.title, tables: result.tables },
  };
}

export function savedViewText(saved: SavedView): string {
  return `${JSON.stringify(saved, null, 2)}\n`;
}

/** SHA-256, in hexadecimal, of a file's size, its first and its last 64 KiB: enough to know it again without reading all of it. */
export async function fingerprint(file: Blob): Promise<string | undefined> {
  if (globalThis.crypto?.subtle === undefined) return undefined;
  const parts = [`${file.size}\n`, file.slice(0, END), file.slice(Math.max(END, file.size - END))];
  const digest = await crypto.subtle.digest("SHA-256", await new Blob(parts).arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Reads a saved view. Throws InputError where it is none. */
export async function readSavedView(name: string, file: Blob): Promise<SavedView> {
  if (file.size > LARGEST)
    throw new InputError(name, "is too large for a saved view", "choose the .json that Export saved");
  let value: unknown;
  try {
    value = JSON.parse(await file.text());
  } catch {
    throw new InputError(name, "is no JSON", "choose the .json that Export saved");
  }
  const object = asObject(value);
  if (object?.["format"] !== "qortex-view")
    throw new InputError(name, "is no saved view of Qortex", "choose the .json that Export saved");
  if (object["version"] !== 1)
    throw new InputError(
      name,
      `is of version ${String(object["version"])}, and this page reads version 1`,
      "open it with a newer Qortex",
    );
  const link = typeof object["link"] === "string" ? object["link"] : "";
  return {
    format: "qortex-view",
    version: 1,
    link,
    files: listOf(object["files"], asFile),
    result: asResult(object["result"]),
  };
}

/** The state that a saved view holds, checked as an address is. */
export function stateOf(saved: SavedView): Partial<PageState> {
  return parseHash(saved.link);
}

/** The saved view's result is the open one: a table's rows and bytes are those of its content alone. */
export function isResultOf(saved: SavedView, open: Pick<ResultView, "kind" | "tables"> | undefined): boolean {
  if (saved.result === undefined) return open === undefined;
  if (open === undefined || open.kind !== saved.result.kind) return false;
  const key = (tables: SavedResult["tables"]) =>
    JSON.stringify(tables.map(({ name, rows, bytes }) => [name, rows, bytes]).sort());
  return key(open.tables) === key(saved.result.tables);
}

/** Files of the saved view that are not among `given`, or are others of that name. */
export async function filesMissing(
  saved: SavedView,
  given: readonly GivenFile[],
): Promise<readonly { readonly name: string; readonly other: boolean }[]> {
  const looked = saved.files.map(async ({ name, bytes, sha256 }) => {
    const found = given.find((file) => file.name === name);
    if (found === undefined) return { name, other: false };
    const print =
      sha256 === undefined || found.file.size !== bytes ? undefined : await fingerprint(found.file);
    const same = found.file.size === bytes && (print === undefined || print === sha256);
    return same ? [] : { name, other: true };
  });
  return (await Promise.all(looked)).flat();
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function listOf<T>(value: unknown, as: (item: unknown) => T | undefined): T[] {
  return Array.isArray(value) ? value.slice(0, 1000).flatMap((item) => as(item) ?? []) : [];
}

function asFile(value: unknown): SavedFile | undefined {
  const object = asObject(value);
  const [name, bytes, sha256] = [object?.["name"], object?.["bytes"], object?.["sha256"]];
  if (typeof name !== "string" || typeof bytes !== "number") return undefined;
  return { name, bytes, ...(typeof sha256 === "string" ? { sha256 } : {}) };
}

function asResult(value: unknown): SavedResult | undefined {
  const object = asObject(value);
  const [id, kind, title] = [object?.["id"], object?.["kind"], object?.["title"]];
  if (typeof id !== "string" || typeof kind !== "string" || typeof title !== "string") return undefined;
  const tables = listOf(object?.["tables"], (item) => {
    const table = asObject(item);
    const [name, rows, bytes] = [table?.["name"], table?.["rows"], table?.["bytes"]];
    return typeof name === "string" && typeof rows === "number" && typeof bytes === "number"
      ? { name, rows, bytes }
      : undefined;
  });
  return { id, kind, title, tables };
}
