import type { FileRole, GivenFile } from "../engine/protocol.ts";
import { engine, show } from "./engine.ts";
import { fetchedFile } from "./fetchedFile.ts";
import { busy, cohort, files, filters, plan, result, understanding, view } from "./state.ts";
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

/** Adds files to those that are there; one of the same name takes the other's place. A saved view is opened. */
export async function giveFiles(dropped: readonly GivenFile[]): Promise<void> {
  const saved = dropped.find(({ name }) => name.endsWith(".view.json"));
  if (saved !== undefined) await openSavedView(saved.name, saved.file);
  const given = dropped.filter(({ name }) => !name.endsWith(".view.json"));
  if (given.length === 0) return;
  const names = new Set(given.map(({ name }) => name));
  await setFiles([...files.peek().filter(({ name }) => !names.has(name)), ...given]);
}

export async function removeFile(name: string): Promise<void> {
  await setFiles(files.peek().filter((file) => file.name !== name));
}

export async function setRole(name: string, role: NonNullable<GivenFile["role"]>): Promise<void> {
  await setFiles(files.peek().map((file) => (file.name === name ? { ...file, role } : file)));
}

/** Asks the engine what they are. A cohort that was open is of other files then. */
async function setFiles(given: readonly GivenFile[]): Promise<void> {
  files.value = given;
  cohort.value = undefined;
  plan.value = undefined;
  busy.value = "Looking at the files";
  try {
    const found = given.length === 0 ? undefined : await engine.understand(given);
    if (files.peek() === given) understanding.value = found;
  } catch (error) {
    show(error);
  } finally {
    busy.value = undefined;
  }
}

/** Whether this folder was built with the example. */
export function exampleThere(): boolean {
  return document.querySelector('meta[name="qortex-example"]') !== null;
}

export async function giveExample(): Promise<void> {
  busy.value = "Fetching the example";
  try {
    const fetched = await Promise.all(
      EXAMPLE.map((name) =>
        fetchedFile(
          name,
          `example/${name}`,
          "it may have been left out of this folder: drop files of your own",
        ),
      ),
    );
    await giveFiles(fetched);
  } catch (error) {
    show(error);
  } finally {
    busy.value = undefined;
  }
}

/** Opens the cohort of the files, as the filters want it. False where it cannot be. */
export async function openCohort(): Promise<boolean> {
  busy.value = "Reading the cohort";
  const known = understanding.peek()?.files ?? [];
  const roles = new Map(known.map(({ name, role }) => [name, role]));
  const given = files.peek().map((file) => ({ ...file, role: file.role ?? roles.get(file.name) }));
  try {
    cohort.value = await engine.open({ files: given, ...filters.peek() });
    return true;
  } catch (error) {
    cohort.value = undefined;
    show(error);
    return false;
  } finally {
    busy.value = undefined;
  }
}

/** Tables of a result, and what its views read beside them. */
const OF_RESULT: readonly FileRole[] = ["result", "annotation", "recombination", "gwas", "context"];

/** The files that a result is shown with, each as what it is understood as. */
export function filesOfResult(): GivenFile[] {
  const roles = new Map((understanding.peek()?.files ?? []).map(({ name, role }) => [name, role]));
  return files.peek().flatMap((file): GivenFile[] => {
    const role = file.role ?? roles.get(file.name);
    return role !== undefined && OF_RESULT.includes(role) ? [{ ...file, role }] : [];
  });
}

/** Opens the finished result whose tables are among the files. */
export async function openDroppedResult(): Promise<void> {
  busy.value = "Opening the result";
  try {
    result.value = await engine.openResult(filesOfResult());
    view.value = "overview";
  } catch (error) {
    show(error);
  } finally {
    busy.value = undefined;
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
    const file = await new Promise<File>((done, fail) => (entry as FileSystemFileEntry).file(done, fail));
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
