import { run } from "../../../src/cli/program.ts";
import type { Shell } from "../../../src/cli/shell.ts";

/** Text written to a stream, kept. */
export class Captured {
  text = "";
  readonly isTTY: boolean;
  readonly columns: number | undefined;

  constructor(isTTY = false, columns?: number) {
    this.isTTY = isTTY;
    this.columns = columns;
  }

  write(text: string): void {
    this.text += text;
  }
}

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line in this process, with captured streams and a machine of 2 threads and 1 GiB. */
export async function qortex(args: readonly string[], changes: Partial<Shell> = {}): Promise<Outcome> {
  const out = new Captured();
  const err = new Captured();
  const code = await run(args, {
    out,
    err,
    signal: new AbortController().signal,
    machine: { threads: 2, memory: 2 ** 30 },
    env: {},
    now: () => performance.now(),
    entry: "dist/cli/main.js",
    ...changes,
  });
  return { code, out: out.text, err: err.text };
}
