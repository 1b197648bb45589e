import { batch, signal } from "@preact/signals";
import type { GivenFile } from "../engine/protocol.ts";
import { cohortGone } from "./cohortOpen.ts";
import { engine, show } from "./engine.ts";
import { fetchedFile } from "./fetchedFile.ts";
import { filesOfResult } from "./filesOfResult.ts";
import { announce } from "./parts/announce.ts";
import { go } from "./places.ts";
import { files, looked, plan, result, understanding, whileBusy } from "./state.ts";
import { openSavedView } from "./waitingView.ts";

/** The demo, beside the page: the GEUVADIS cohort, chromosome 22. */
const EXAMPLE = [
  "genotypes.bed",
  "genotypes.bim",
  "genotypes.fam",
  "expression.bed.gz",
  "covariates.txt",
  "genes.tsv",
] as const;

/** What became of files that were given beside their being listed, a sentence each. */
export const givenNotes = signal<readonly string[]>([]);

/** Adds files to those that are there; one of the same name takes the other's place. A saved view is opened. */
export async function giveFiles(dropped: readonly GivenFile[]): Promise<void> {
  const saved = dropped.find(({ name }) => name.endsWith(".view.json"));
  if (saved !== undefined) await openSavedView(saved.name, saved.file);
  const given = dropped.filter(({ name }) => !name.endsWith(".view.json"));
  if (given.length === 0) return;
  const { files: all, notes } = withGiven(files.peek(), given);
  givenNotes.value = notes;
  for (const note of notes) announce(note);
  if (all.length > files.peek().length || all.some((file, i) => file !== files.peek()[i]))
    await setFiles(all);
}

/** The files with those given, and what to say of names that are there twice. The same file once more changes nothing. */
export function withGiven(
  before: readonly GivenFile[],
  given: readonly GivenFile[],
): { readonly files: readonly GivenFile[]; readonly notes: readonly string[] } {
  const all = new Map(before.map((file) => [file.name, file]));
  const known = new Set(all.keys());
  const notes: string[] = [];
  for (const file of given) {
    const { name } = file;
    const there = all.get(name);
    if (there !== undefined && isSame(there.file, file.file)) {
      if (known.has(name)) notes.push(`${name} is there already.`);
      continue;
    }
    if (known.has(name)) notes.push(`${name} took the place of the file of that name.`);
    else if (there !== undefined)
      notes.push(`${name} was given more than once: the last is taken; rename one to have both.`);
    all.set(name, file);
  }
  return { files: [...all.values()], notes };
}

/** As far as a page can tell without reading them. */
function isSame(a: Blob, b: Blob): boolean {
  const changed = (file: Blob): unknown => (file instanceof File ? file.lastModified : file);
  return a === b || (a.size === b.size && changed(a) === changed(b));
}

export async function removeFile(name: string): Promise<void> {
  givenNotes.value = [];
  await setFiles(files.peek().filter((file) => file.name !== name));
}

export async function setRole(name: string, role: NonNullable<GivenFile["role"]>): Promise<void> {
  await setFiles(files.peek().map((file) => (file.name === name ? { ...file, role } : file)));
}

/** Asks the engine what they are. A cohort that was open is of other files then; of several questions the last counts. */
async function setFiles(given: readonly GivenFile[]): Promise<void> {
  files.value = given;
  cohortGone();
  plan.value = undefined;
  await whileBusy("Looking at the files", async () => {
    try {
      const found = given.length === 0 ? undefined : await engine.understand(given);
      if (files.peek() !== given) return;
      batch(() => {
        understanding.value = found;
        looked.value = given;
      });
    } catch (error) {
      if (files.peek() === given) show(error);
    }
  });
}

/** Whether this folder was built with the example. */
export function exampleThere(): boolean {
  return document.querySelector('meta[name="qortex-example"]') !== null;
}

export async function giveExample(): Promise<void> {
  try {
    const fetched = await whileBusy("Fetching the example", () =>
      Promise.all(
        EXAMPLE.map((name) =>
          fetchedFile(
            name,
            `example/${name}`,
            "it may have been left out of this folder: drop files of your own",
          ),
        ),
      ),
    );
    await giveFiles(fetched);
  } catch (error) {
    show(error);
  }
}

/** Opens the finished result whose tables are among the files. */
export async function openDroppedResult(): Promise<void> {
  try {
    result.value = await whileBusy("Opening the result", () => engine.openResult(filesOfResult()));
    go("overview");
  } catch (error) {
    show(error);
  }
}

/** All files of a drop, those inside folders too. */
export async function droppedFiles(transfer: DataTransfer): Promise<GivenFile[]> {
  // Entries are gone once the event is over: all of them are taken at once.
  const entries = [...transfer.items].flatMap((item) => {
    const entry = item.kind === "file" ? item.webkitGetAsEntry() : null;
    return entry === null ? [] : [entry];
  });
  if (entries.length === 0) return [...transfer.files].map((file) => ({ name: file.name, file }));
  return (await Promise.all(entries.map((entry) => filesOf(entry)))).flat();
}

async function filesOf(entry: FileSystemEntry): Promise<GivenFile[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((done, fail) =>
      (entry as FileSystemFileEntry).file(done, fail),
    ).catch((error: Error) => {
      throw new Error(`${entry.name} cannot be read (${error.message}); nothing of this drop was taken`);
    });
    return file.name.startsWith(".") ? [] : [{ name: file.name, file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: GivenFile[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((done, fail) => reader.readEntries(done, fail));
    if (some.length === 0) return found;
    found.push(...(await Promise.all(some.map((each) => filesOf(each)))).flat());
  }
}
