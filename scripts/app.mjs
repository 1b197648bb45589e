// The page: `build [FOLDER]` makes a static folder (default dist/page) that any host can serve, `serve` makes and serves it.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const [what = "build", given] = process.argv.slice(2);
const folder = given ?? `${root}dist/page`;

await make(folder);
if (what === "serve") {
  const { serve } = await import("./serve-app.mjs");
  console.log(`Qortex in the browser: ${(await serve(folder)).address}  (Ctrl-C ends it)`);
} else console.log(`The page is in ${folder}: copy the folder to any web server.`);

/** Everything on one origin, by relative addresses, so that the folder works under any path. */
async function make(folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const common = {
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    minify: true,
    legalComments: "none",
    define: { "process.env.NODE_ENV": '"production"' },
    logLevel: "warning",
    outdir: folder,
    jsx: "automatic",
    jsxImportSource: "preact",
  };
  await build({
    ...common,
    entryPoints: [`${root}src/app/page/main.tsx`, `${root}src/app/page/main.css`],
    splitting: true,
    chunkNames: "part-[name]-[hash]",
  });
  // One file: the page makes a worker of its text.
  await build({ ...common, entryPoints: { engine: `${root}src/app/engine/worker.ts` } });
  writeFileSync(`${folder}/index.html`, readFileSync(`${root}src/app/page/index.html`));
  cpSync(`${root}examples/geuvadis-chr22`, `${folder}/example`, { recursive: true });
}
