import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize, sep } from "node:path";
import { pipeline } from "node:stream/promises";

/** What lies at an address: a file, or text made for it. */
export type Found =
  | { readonly file: string; readonly type?: string }
  | { readonly text: string; readonly type: string };

export interface PageServerOptions {
  /** What lies at `name`, an address below `path` (`""`, `main.js`, `result/report.html`), decoded; undefined: nothing. */
  readonly find: (name: string) => Found | undefined;
  /** Default, and where it is taken: a free one. */
  readonly port?: number | undefined;
  /** Begins and ends with a slash. Default `/`. */
  readonly path?: string | undefined;
  /** With the headers COOP and COEP, so that the page's threads may share memory. Default true. */
  readonly isolate?: boolean | undefined;
  /** Content-Security-Policy of pages. */
  readonly policy?: string | undefined;
}

export interface PageServer {
  readonly port: number;
  readonly address: string;
  close(): Promise<void>;
}

const TYPES: Readonly<Record<string, string>> = {
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
 * Serves what `find` names to this machine alone: on loopback, to requests that ask for this server by a loopback name (a foreign one is how a page
 * elsewhere reaches a server here, by having its own name resolve to 127.0.0.1), and with headers that let no page of another origin read it.
 */
export async function servePage(options: PageServerOptions): Promise<PageServer> {
  const { path = "/", port = 0 } = options;
  const server = createServer((request, response) => {
    void answer(request, response, options, path);
  });
  const listen = (at: number) =>
    new Promise<void>((done, fail) => {
      server.once("error", fail);
      server.listen(at, "127.0.0.1", () => {
        server.off("error", fail);
        done();
      });
    });
  await listen(port).catch((error: NodeJS.ErrnoException) => {
    if (port === 0 || (error.code !== "EADDRINUSE" && error.code !== "EACCES")) throw error;
    return listen(0);
  });
  const own = (server.address() as AddressInfo).port;
  return {
    port: own,
    address: `http://127.0.0.1:${own}${path}`,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

/** The files of `folder`, `index.html` for addresses of folders; never one outside of it. */
export function filesOf(folder: string): (name: string) => Found | undefined {
  const inside = normalize(join(folder, sep));
  return (name) => {
    const file = normalize(join(folder, name === "" || name.endsWith("/") ? `${name}index.html` : name));
    return file.startsWith(inside) ? { file } : undefined;
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: PageServerOptions,
  base: string,
): Promise<void> {
  const end = (status: number): void => {
    response.statusCode = status;
    response.end();
  };
  // What follows holds for refusals too.
  for (const [name, value] of Object.entries(headersOf(options))) response.setHeader(name, value);
  if (!isLoopback(request)) return end(403);
  if (request.method !== "GET" && request.method !== "HEAD") return end(405);
  const name = nameOf(request.url ?? "/", base);
  const found = name === undefined ? undefined : options.find(name);
  if (found === undefined) return end(404);
  if ("text" in found) {
    response.setHeader("Content-Type", found.type);
    response.end(request.method === "HEAD" ? "" : found.text);
    return;
  }
  const size = await sizeOf(found.file);
  if (size === undefined) return end(404);
  const type = found.type ?? TYPES[extname(found.file)] ?? "application/octet-stream";
  response.setHeader("Content-Type", type);
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
  if (request.method === "HEAD" || size === 0) {
    response.end();
    return;
  }
  // Closes the file when the client goes away, and ends the answer when the file cannot be read: what is left is nobody's to mend.
  await pipeline(createReadStream(found.file, { start, end: last }), response).catch(() => {});
}

function headersOf({ isolate = true, policy }: PageServerOptions): Record<string, string> {
  return {
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    ...(isolate && {
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cross-Origin-Embedder-Policy": "require-corp",
    }),
    ...(policy !== undefined && { "Content-Security-Policy": policy }),
  };
}

const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** Whether the request names this server as this machine does. */
function isLoopback({ headers, socket }: IncomingMessage): boolean {
  const [, name, port = "80"] = /^(.*?)(?::(\d+))?$/.exec(headers.host ?? "") ?? [];
  return LOOPBACK.has((name ?? "").toLowerCase()) && Number(port) === socket.localPort;
}

/** The address below `base`, decoded; undefined for one that is not below it or cannot be decoded. */
function nameOf(url: string, base: string): string | undefined {
  try {
    const path = decodeURIComponent(new URL(url, "http://localhost").pathname);
    if (!path.startsWith(base) || path.includes("\0")) return undefined;
    return path.slice(base.length);
  } catch {
    return undefined;
  }
}

async function sizeOf(file: string): Promise<number | undefined> {
  const status = await stat(file).catch(() => undefined);
  return status?.isFile() === true ? status.size : undefined;
}

/** First and last byte of a single range; undefined without one (or with several: the whole is sent), `none` beyond the end. */
function rangeOf(header: string | undefined, size: number): readonly [number, number] | "none" | undefined {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (from === undefined || to === undefined || (from === "" && to === "")) return undefined;
  const start = from === "" ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === "" || to === "" ? size - 1 : Math.min(size - 1, Number(to));
  return start > last || start >= size ? "none" : [start, last];
}
