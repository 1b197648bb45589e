// Serves the page to this machine alone, as `qortex view` does: the server is the program's own, bundled from its source, so that nothing
// need be built before.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/**
 * Serves `folder` below `path`, on `port` or, where that is taken, on a free one. `isolate`: with the headers COOP and COEP.
 * Nobody but this machine reaches it. Returns the port and a way to end it.
 */
export async function serve(
  folder,
  { port = Number(process.env.PORT ?? 8080), path = "/", isolate = true } = {},
) {
  const { filesOf, servePage } = await pageServer();
  return servePage({ find: filesOf(folder), port, path, isolate });
}

async function pageServer() {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("../src/node/pageServer.ts", import.meta.url))],
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    write: false,
    logLevel: "warning",
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}
