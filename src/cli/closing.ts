import { throwIfAborted } from "../errors.ts";
import type { OutputFolder } from "../node/folder.ts";
import { type Json, type RunRecord, writeManifest } from "../node/manifest.ts";
import type { Stopwatch } from "./cohortJob.ts";
import { duration } from "./format.ts";
import type { Invocation } from "./shell.ts";
import { filesText, labelled, type SummaryLine } from "./summary.ts";
import type { Console } from "./terminal.ts";

/** What a command that ends in labelled lines says of its result. */
export interface Told {
  readonly kind: string;
  /** `ANOVA map of 608 genes`; the time it took is added. */
  readonly title: string;
  readonly lines: readonly SummaryLine[];
  readonly counts: { readonly [name: string]: Json };
  /** What to do with the files. */
  readonly next?: string;
}

interface Closing {
  readonly folder: OutputFolder;
  readonly shell: Invocation;
  readonly terminal: Console;
  readonly clock: Stopwatch;
}

/** Writes the manifest, puts the folder in its place, lets go of what a resumed run kept (`kept`), and prints the summary. */
export async function closeResult(
  { folder, shell, terminal, clock }: Closing,
  out: string,
  record: RunRecord,
  told: Told,
  kept?: { remove(): Promise<void> },
): Promise<void> {
  const { files } = await writeManifest(folder, record);
  throwIfAborted(shell.signal);
  await folder.commit();
  await kept?.remove();
  const { kind, title, lines, counts, next } = told;
  const sections = [`${title}, in ${duration(clock.total())}`, labelled(lines), filesText(out, files)];
  terminal.result([...sections, ...(next === undefined ? [] : [next])].join("\n\n"), {
    ...{ kind, out, seconds: clock.total(), counts },
    files: files.map((file) => ({ ...file })),
    summary: lines.map(({ label, value, note = null }) => ({ label, value, note })),
  });
}
