import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { filesOf, type PageServer, servePage } from "../../../src/node/pageServer.ts";

/** What the server reads files by. */
const streams = vi.hoisted((): Readable[] => []);
vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  const createReadStream: typeof fs.createReadStream = (path, options) => {
    const stream = fs.createReadStream(path, options);
    streams.push(stream);
    return stream;
  };
  return { ...fs, createReadStream };
});

const scratch = mkdtempSync(join(tmpdir(), "qortex-server-"));
const folder = join(scratch, "page");
const BYTES = Buffer.from(Array.from({ length: 1000 }, (_, i) => i % 251));
let server: PageServer;

beforeAll(async () => {
  mkdirSync(join(folder, "inner"), { recursive: true });
  writeFileSync(join(folder, "index.html"), "<!doctype html><title>page</title>");
  writeFileSync(join(folder, "inner", "index.html"), "inner");
  writeFileSync(join(folder, "data.bin"), BYTES);
  writeFileSync(join(folder, "empty.bin"), "");
  writeFileSync(join(folder, "a b#%.tsv"), "x\n");
  writeFileSync(join(scratch, "secret.txt"), "secret");
  mkdirSync(join(scratch, "page-beside"));
  writeFileSync(join(scratch, "page-beside", "secret.txt"), "secret");
  server = await servePage({ find: filesOf(folder), path: "/token/", policy: "default-src 'self'" });
});
afterAll(async () => {
  await server.close();
  rmSync(scratch, { recursive: true, force: true });
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** A request with a path as it is written: `fetch` and URL would tidy it first. */
function ask(path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Answer> {
  return new Promise((done, fail) => {
    const sent = request(
      { host: "127.0.0.1", port: server.port, path, method, headers, agent: false },
      (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("end", () =>
          done({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }),
        );
      },
    );
    sent.on("error", fail);
    sent.end();
  });
}

describe("the server of the page", () => {
  test("closes a file whose reader goes away in the midst of it", async () => {
    writeFileSync(join(folder, "large.bin"), new Uint8Array(2 ** 25));
    streams.length = 0;
    await new Promise<void>((done) => {
      const sent = request(
        { host: "127.0.0.1", port: server.port, path: "/token/large.bin", agent: false },
        (response) => response.once("data", () => response.destroy()),
      );
      sent.on("close", () => done());
      sent.on("error", () => {});
      sent.end();
    });
    expect(streams).toHaveLength(1);
    await vi.waitFor(() => expect(streams[0]!.destroyed).toBe(true));
    expect((await ask("/token/data.bin")).body.equals(BYTES)).toBe(true);
  });

  test("serves files with their types, and index.html for folders", async () => {
    const page = await ask("/token/");
    expect([page.status, page.headers["content-type"], page.body.toString()]).toEqual([
      200,
      "text/html; charset=utf-8",
      "<!doctype html><title>page</title>",
    ]);
    expect((await ask("/token/inner/")).body.toString()).toBe("inner");
    expect((await ask("/token/a%20b%23%25.tsv")).body.toString()).toBe("x\n");
    const empty = await ask("/token/empty.bin");
    expect([empty.status, empty.headers["content-length"], empty.body.length]).toEqual([200, "0", 0]);
    const head = await ask("/token/data.bin", {}, "HEAD");
    expect([head.status, head.headers["content-length"], head.body.length]).toEqual([200, "1000", 0]);
  });

  test.each([
    ["bytes=0-9", 0, 10],
    ["bytes=990-", 990, 1000],
    ["bytes=-5", 995, 1000],
    ["bytes=900-5000", 900, 1000],
    ["bytes=-5000", 0, 1000],
  ])("answers a range with those bytes: %s", async (range, from, to) => {
    const part = await ask("/token/data.bin", { Range: range });
    expect(part.status).toBe(206);
    expect(part.headers["content-range"]).toBe(`bytes ${from}-${to - 1}/1000`);
    expect(part.body.equals(BYTES.subarray(from, to))).toBe(true);
  });

  test("a range beyond the end is refused, several or none are the whole", async () => {
    for (const range of ["bytes=1000-", "bytes=5-2", "bytes=-0"]) {
      const none = await ask("/token/data.bin", { Range: range });
      expect([none.status, none.headers["content-range"]], range).toEqual([416, "bytes */1000"]);
    }
    for (const range of ["bytes=0-1,5-6", "items=0-1", "bytes=-"])
      expect([range, (await ask("/token/data.bin", { Range: range })).status]).toEqual([range, 200]);
  });

  test("nothing outside of the folder, nor beside the token, is there", async () => {
    for (const path of [
      "/token/../secret.txt",
      "/token/%2e%2e/secret.txt",
      "/token/..%2fsecret.txt",
      "/token/%2e%2e%2fpage-beside/secret.txt",
      "/token/inner/../../../secret.txt",
      `/token/${encodeURIComponent(join(scratch, "secret.txt"))}`,
      "/token//etc/passwd",
      "/token/%00",
      "/token/%zz",
      "/token/none",
      "/token/inner",
      "/token",
      "/",
      "/index.html",
    ]) {
      const answer = await ask(path);
      expect([path, answer.status, answer.body.length]).toEqual([path, 404, 0]);
    }
  });

  test("who asks by a foreign name is refused, as a page elsewhere would that has its name resolve to this machine", async () => {
    const { port } = server;
    for (const host of [
      "evil.example",
      `evil.example:${port}`,
      "127.0.0.1",
      "127.0.0.1:1",
      `localhost.evil:${port}`,
    ]) {
      const { status, body } = await ask("/token/data.bin", { Host: host });
      expect([host, status, body.length]).toEqual([host, 403, 0]);
    }
    for (const host of [`localhost:${server.port}`, `LOCALHOST:${server.port}`, `[::1]:${server.port}`])
      expect((await ask("/token/data.bin", { Host: host })).status, host).toBe(200);
  });

  test("only reads, and lets no page of another origin read", async () => {
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"])
      expect((await ask("/token/data.bin", {}, method)).status, method).toBe(405);
    const { headers } = await ask("/token/", { Origin: "https://evil.example" });
    expect(Object.keys(headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
    expect(headers).toMatchObject({
      "cross-origin-resource-policy": "same-origin",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
      "content-security-policy": "default-src 'self'",
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
    });
  });

  test("takes another port where its own is taken, and none of the headers of isolation where they are not wanted", async () => {
    const second = await servePage({ find: filesOf(folder), port: server.port, isolate: false });
    try {
      expect(second.port).not.toBe(server.port);
      const response = await fetch(second.address);
      expect(response.headers.get("cross-origin-opener-policy")).toBe(null);
      await response.text();
    } finally {
      await second.close();
    }
  });
});
