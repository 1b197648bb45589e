// The page: `build [FOLDER]` makes a static folder (default dist/page) that any host can serve, `serve` makes and serves it. Of a clone it needs
// what `npm ci` installs; kernels that are not there yet are built.
// `--no-example` leaves the demo's files out, which have a licence of their own: so it is in the npm package.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const args = process.argv.slice(2);
const [what = "build", folder = at("../dist/page")] = args.filter((arg) => !arg.startsWith("--"));
if (what !== "build" && what !== "serve") fail(`'${what}' is neither build nor serve`);
if (!existsSync(at("../node_modules/esbuild")))
  fail("what the page is built with is not installed: run 'npm ci' first");

const GENERATED = ["compute/wasm", "compute/webgpu", "compute/webgl", "targets"];
if (GENERATED.some((room) => !existsSync(at(`../src/${room}/generated.ts`)))) {
  console.log("Building the kernels, once");
  execFileSync(process.execPath, [at("build-kernels.mjs")], { stdio: "inherit" });
}

const { buildPage, sizesText } = await import("./build-page.mjs");
const sizes = sizesText(await buildPage(folder, { example: !args.includes("--no-example") }));
if (what === "serve") {
  const { serve } = await import("./serve-app.mjs");
  const { port } = await serve(folder);
  console.log(`Qortex in the browser: http://127.0.0.1:${port}/  (Ctrl-C ends it)`);
} else console.log(`${sizes}\nThe page is in ${folder}: copy the folder to any web server.`);

function fail(text) {
  console.error(text);
  process.exit(2);
}
