import { readFileSync } from "node:fs";
import type { Machine } from "./options.ts";
import type { TextSink } from "./terminal.ts";

/** What a command is given: streams, the clock, the machine. Tests hand in their own. */
export interface Shell {
  readonly out: TextSink;
  readonly err: TextSink;
  readonly signal: AbortSignal;
  readonly machine: Machine;
  readonly env: { readonly QORTEX_DEBUG?: string | undefined };
  /** Milliseconds. */
  readonly now: () => number;
  /** The program's own file: `bench` starts whole commands with it. */
  readonly entry: string;
}

/** A shell with the arguments it was called with. */
export interface Invocation extends Shell {
  readonly args: readonly string[];
}

/** The version in package.json, two folders up from src/cli and from dist/cli alike. */
export function version(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
