// The page: `build [FOLDER]` makes a static folder (default dist/page) that any host can serve, `serve` makes and serves it.
// `--no-example` leaves the demo's files out, which have a licence of their own: so it is in the npm package.
import { fileURLToPath } from "node:url";
import { buildPage, sizesText } from "./build-page.mjs";
import { serve } from "./serve-app.mjs";

const args = process.argv.slice(2);
const [what = "build", folder = fileURLToPath(new URL("../dist/page", import.meta.url))] = args.filter(
  (arg) => !arg.startsWith("--"),
);

const sizes = sizesText(await buildPage(folder, { example: !args.includes("--no-example") }));
if (what === "serve") {
  const { port } = await serve(folder);
  console.log(`Qortex in the browser: http://127.0.0.1:${port}/  (Ctrl-C ends it)`);
} else console.log(`${sizes}\nThe page is in ${folder}: copy the folder to any web server.`);
