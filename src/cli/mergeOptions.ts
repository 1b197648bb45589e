import type { Command } from "commander";
import { memorySize as memoryText } from "./format.ts";
import { group, type Machine } from "./options.ts";
import { memorySize } from "./values.ts";

export interface MergeOptions {
  readonly out: string;
  readonly overwrite: boolean;
  readonly quiet: boolean;
  readonly json: boolean;
  /** Bytes. */
  readonly memory: number;
}

export const MERGE_SWITCHES_OFF = { overwrite: false, quiet: false, json: false } as const;

export const MERGE_DESCRIPTION = `Joins the folders that 'qortex cis' or 'qortex trans' wrote with --shard into one result: the bytes that
one run would have written, with q over the whole map. All shards must be there, of the same files, options
and version; the cohort's own files are not needed.`;

export function addMergeOptions(command: Command, machine: Machine): void {
  const add = group(command, "Output:");
  add("--out <dir>", "folder to make; it appears when the merge is complete (required)");
  add("--overwrite", "replace the files of an earlier result in --out; other files are never touched");
  add("--quiet", "print nothing but warnings and errors");
  add("--json", "print status, messages and the summary as JSON, one object a line, on standard output");
  add("--memory <size>", "working memory, such as 512M or 2G, at least 256M", {
    parse: memorySize,
    initial: machine.memory,
    initialText: `a quarter of RAM, ${memoryText(machine.memory)} here`,
  });
}
