import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface PageServer {
  /** An origin whose pages may share memory (COOP and COEP). */
  readonly isolated: string;
  /** An origin whose pages may not. */
  readonly plain: string;
  close(): Promise<void>;
}

/** Serves `files` (name to bytes; `/` is an empty page) from this machine, with and without isolation. */
export async function servePages(files: ReadonlyMap<string, Uint8Array>): Promise<PageServer> {
  const [isolated, plain] = [await serve(files, true), await serve(files, false)];
  return {
    isolated: isolated.origin,
    plain: plain.origin,
    close: async () => {
      await Promise.all([isolated.close(), plain.close()]);
    },
  };
}

async function serve(files: ReadonlyMap<string, Uint8Array>, isolate: boolean) {
  const server = createServer((request, response) => {
    const name = (request.url ?? "/").slice(1);
    const bytes =
      name === "" ? new TextEncoder().encode("<!doctype html><title>Qortex</title>") : files.get(name);
    if (isolate) {
      response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
      response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    }
    response.setHeader(
      "Content-Type",
      name.endsWith(".js") ? "text/javascript" : name === "" ? "text/html" : "application/octet-stream",
    );
    response.statusCode = bytes === undefined ? 404 : 200;
    response.end(bytes);
  });
  await new Promise<void>((done) => {
    server.listen(0, "127.0.0.1", done);
  });
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}
