// Serves the page to this machine alone, with the headers that let its threads share memory.
import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize, sep } from "node:path";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".md": "text/plain; charset=utf-8",
  ".tsv": "text/tab-separated-values; charset=utf-8",
};

/**
 * Serves `folder` below `path`, on `port` or, where that is taken, on a free one. `isolate`: with the headers COOP and COEP.
 * Nobody but this machine reaches it. Returns the port and a way to end it.
 */
export async function serve(
  folder,
  { port = Number(process.env.PORT ?? 8080), path = "/", isolate = true } = {},
) {
  const server = createServer((request, response) => {
    if (isolate) {
      response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
      response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    }
    response.setHeader("Cache-Control", "no-cache");
    answer(request, response, folder, path);
  });
  const listen = (at) =>
    new Promise((done, fail) => {
      server.once("error", fail);
      server.listen(at, "127.0.0.1", done);
    });
  await listen(port).catch((error) => {
    if (error.code !== "EADDRINUSE" && error.code !== "EACCES") throw error;
    return listen(0);
  });
  return {
    port: server.address().port,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

function answer(request, response, folder, base) {
  const end = (status) => {
    response.statusCode = status;
    response.end();
  };
  if (request.method !== "GET" && request.method !== "HEAD") return end(405);
  const file = fileOf(request.url, folder, base);
  const size = file === undefined ? undefined : sizeOf(file);
  if (size === undefined) return end(404);
  response.setHeader("Content-Type", TYPES[extname(file)] ?? "application/octet-stream");
  response.setHeader("Accept-Ranges", "bytes");
  const range = rangeOf(request.headers.range, size);
  if (range === "none") {
    response.setHeader("Content-Range", `bytes */${size}`);
    return end(416);
  }
  const [start, last] = range ?? [0, size - 1];
  response.setHeader("Content-Length", last - start + 1);
  if (range !== undefined) {
    response.statusCode = 206;
    response.setHeader("Content-Range", `bytes ${start}-${last}/${size}`);
  }
  if (request.method === "HEAD" || size === 0) return response.end();
  createReadStream(file, { start, end: last })
    .on("error", () => response.destroy())
    .pipe(response);
}

/** The file of an address, never one outside of `folder`. */
function fileOf(url, folder, base) {
  let path;
  try {
    path = decodeURIComponent(new URL(url ?? "/", "http://localhost").pathname);
  } catch {
    return undefined;
  }
  if (!path.startsWith(base) || path.includes("\0")) return undefined;
  const inside = path.slice(base.length);
  const file = normalize(
    join(folder, inside === "" || inside.endsWith("/") ? `${inside}index.html` : inside),
  );
  return file.startsWith(normalize(join(folder, sep))) ? file : undefined;
}

function sizeOf(file) {
  try {
    const status = statSync(file);
    return status.isFile() ? status.size : undefined;
  } catch {
    return undefined;
  }
}

/** First and last byte of a single range; undefined without one (or with several: the whole is sent), `none` beyond the end. */
function rangeOf(header, size) {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (from === undefined || (from === "" && to === "")) return undefined;
  const start = from === "" ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === "" || to === "" ? size - 1 : Math.min(size - 1, Number(to));
  return start > last || start >= size ? "none" : [start, last];
}
