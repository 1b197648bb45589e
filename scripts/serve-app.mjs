// Serves the page to this machine alone, as `qortex view` does: the server is the program's own, so `npm run build` comes first.

/**
 * Serves `folder` below `path`, on `port` or, where that is taken, on a free one. `isolate`: with the headers COOP and COEP.
 * Nobody but this machine reaches it. Returns the port and a way to end it.
 */
export async function serve(
  folder,
  { port = Number(process.env.PORT ?? 8080), path = "/", isolate = true } = {},
) {
  const { filesOf, servePage } = await import("../dist/node/pageServer.js");
  return servePage({ find: filesOf(folder), port, path, isolate });
}
