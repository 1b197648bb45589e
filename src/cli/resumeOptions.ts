import type { Command } from "commander";
import type { Shard } from "../association/resume.ts";
import { UsageError } from "../errors.ts";
import { group } from "./options.ts";

/** How a map's work is kept and shared. */
export interface ResumeOptions {
  readonly resume?: boolean;
  readonly shard?: Shard;
}

/** Shards at most: more are no use, and a mistyped number should not make as many files. */
const MOST_SHARDS = 100_000;

const RESUME =
  "keep what is done in <out>.parts until the result is complete; after a stop, a crash or a kill, the same command does only what is missing";

/** Of a command whose work is kept and not shared. */
export function addResumeOption(command: Command): void {
  group(command, "Stopping and resuming (changes no result):")("--resume", RESUME);
}

export function addResumeOptions(command: Command): void {
  const add = group(command, "Stopping, resuming, sharing (none of these changes a result):");
  add("--resume", RESUME);
  add(
    "--shard <i/n>",
    "do part i of n of the map and leave it in --out, for 'qortex merge'; together the n shards give the bytes of one run",
    { parse: shardOf },
  );
}

/** `3/10`: the third of ten. */
function shardOf(option: string, text: string): Shard {
  const match = /^(\d+)\/(\d+)$/.exec(text.trim());
  const [index, count] = [Number(match?.[1]), Number(match?.[2])];
  if (!(index >= 1 && index <= count && count <= MOST_SHARDS)) {
    throw new UsageError(`${option} takes i/n, from 1/n to n/n (3/10: the third of ten); got "${text}"`);
  }
  return { index, count };
}
