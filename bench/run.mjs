// Runs a benchmark written in TypeScript: node bench/run.mjs bench/lab/dot.ts [arguments]
import { mkdtempSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const [file, ...rest] = process.argv.slice(2);
if (file === undefined) {
  console.error("usage: node bench/run.mjs FILE.ts [arguments]");
  process.exit(2);
}
// Inside the repository, so that the bundle finds node_modules.
const folder = mkdtempSync(join(import.meta.dirname, "..", "node_modules", ".qortex-bench-"));
try {
  const outfile = join(folder, "bench.mjs");
  await build({
    entryPoints: [resolve(file)],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    packages: "external",
  });
  process.argv.splice(1, process.argv.length - 1, outfile, ...rest);
  await import(pathToFileURL(outfile).href);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
