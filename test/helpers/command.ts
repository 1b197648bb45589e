/** The command as a program of its own: what only signals, pipes and exit codes can show. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { repository } from "./shared.ts";

export interface BuiltCommand {
  /** Run it with Node. */
  readonly main: string;
  remove(): void;
}

let built = 0;

/** Bundles `src/cli/main.ts` two folders below package.json, as dist/cli is, and within reach of node_modules. */
export async function buildCommand(): Promise<BuiltCommand> {
  const folder = join(repository, ".cache", `cli-${process.pid}-${++built}`);
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: [join(repository, "src/cli/main.ts")],
    outdir: folder,
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    packages: "external",
    logLevel: "error",
  });
  return { main: join(folder, "main.js"), remove: () => rmSync(folder, { recursive: true, force: true }) };
}
