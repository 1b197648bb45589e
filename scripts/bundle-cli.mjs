// Puts the command line's modules into a few files, in place of tsc's single ones in dist/cli: Node takes a third of a millisecond and more
// for each module it loads, and a map loads some 300 of ours (docs/decisions/bundled-cli.md). What is large and made by a build, and
// dependencies, stay files of their own; commands stay apart from each other.
import { readdirSync, rmSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { build } from "esbuild";

const [dist] = process.argv.slice(2);
const folder = join(dist, "cli");

/** Generated modules (kernels, shaders, workers): the same files that the library loads. */
const generated = {
  name: "generated",
  setup({ onResolve }) {
    onResolve({ filter: /\/generated\.js$/ }, ({ path, resolveDir }) => ({
      path: relative(folder, join(resolveDir, path)).split(sep).join("/"),
      external: true,
    }));
  },
};

const { outputFiles } = await build({
  entryPoints: [join(folder, "main.js")],
  outdir: folder,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
  // Names stay, for stack traces.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: "none",
  plugins: [generated],
  write: false,
});
// Nobody imports the command line, so that it has no declarations either.
rmSync(folder, { recursive: true });
await writeAll(outputFiles);

async function writeAll(files) {
  const { mkdir, writeFile } = await import("node:fs/promises");
  await mkdir(folder, { recursive: true });
  for (const { path, contents } of files) await writeFile(path, contents);
}
