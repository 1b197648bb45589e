import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serve } from "../../../../scripts/serve-app.mjs";
import { repository } from "../../../helpers/shared.ts";

const BYTES = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
let folder: string;
let server: Awaited<ReturnType<typeof serve>>;
let plain: Awaited<ReturnType<typeof serve>>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "qortex-serve-"));
  mkdirSync(join(folder, "site/part"), { recursive: true });
  writeFileSync(join(folder, "secret.txt"), "secret");
  writeFileSync(join(folder, "site/index.html"), "<!doctype html>");
  writeFileSync(join(folder, "site/part/data.bin"), BYTES);
  writeFileSync(join(folder, "site/empty.js"), "");
  server = await serve(join(folder, "site"), { port: 0 });
  plain = await serve(join(folder, "site"), { port: 0, path: "/some/where/", isolate: false });
});
afterAll(async () => {
  await Promise.all([server?.close(), plain?.close()]);
  rmSync(folder, { recursive: true, force: true });
});

/** As it is written: `fetch` would mend the path. */
function ask(
  path: string,
  { method = "GET", range, port = server.port }: { method?: string; range?: string; port?: number } = {},
) {
  return new Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }>((done, fail) => {
    const headers = range === undefined ? {} : { range };
    request({ host: "127.0.0.1", port, path, method, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () =>
        done({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }),
      );
    })
      .on("error", fail)
      .end();
  });
}

describe("the page's server", () => {
  it("lets threads share memory, and only where it should", async () => {
    const isolated = {
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
    };
    expect((await ask("/")).headers).toMatchObject({
      ...isolated,
      "content-type": "text/html; charset=utf-8",
    });
    const { status, headers } = await ask("/some/where/", { port: plain.port });
    expect(status).toBe(200);
    for (const name of Object.keys(isolated)) expect(headers[name]).toBeUndefined();
    expect((await ask("/", { port: plain.port })).status).toBe(404);
  });

  it.each([
    ["bytes=0-0", 0, 0],
    ["bytes=10-99", 10, 99],
    ["bytes=990-", 990, 999],
    ["bytes=-5", 995, 999],
    ["bytes=-5000", 0, 999],
    ["bytes=500-5000", 500, 999],
  ])("sends the range %s", async (range, first, last) => {
    const { status, headers, body } = await ask("/part/data.bin", { range });
    expect(status).toBe(206);
    expect(headers["content-range"]).toBe(`bytes ${first}-${last}/1000`);
    expect([...body]).toEqual([...BYTES.slice(first, last + 1)]);
  });

  it("sends all of a file for what is no single range, and nothing beyond its end", async () => {
    for (const range of ["bytes=-", "bytes=0-1,5-6", "lines=0-1"])
      expect((await ask("/part/data.bin", { range })).body.length).toBe(1000);
    for (const range of ["bytes=1000-", "bytes=5-4"])
      expect(await ask("/part/data.bin", { range })).toMatchObject({
        status: 416,
        headers: { "content-range": "bytes */1000" },
      });
  });

  it("answers HEAD with the size alone, and an empty file", async () => {
    const { headers, body } = await ask("/part/data.bin", { method: "HEAD" });
    expect([headers["content-length"], body.length]).toEqual(["1000", 0]);
    expect(await ask("/empty.js")).toMatchObject({ status: 200, headers: { "content-length": "0" } });
  });

  it("gives nothing from outside its folder, and takes nothing", async () => {
    const paths = [
      "/../secret.txt",
      "/%2e%2e/secret.txt",
      "/part/..%2f..%2fsecret.txt",
      "/..%5csecret.txt",
      "//etc/passwd",
      "/%00",
      "/%zz",
      "/part",
      "/none",
    ];
    for (const path of paths) expect((await ask(path)).status, path).toBe(404);
    expect((await ask("/", { method: "POST" })).status).toBe(405);
  });

  it("is the program's own, and needs nothing built", async () => {
    const clone = join(folder, "clone");
    for (const path of ["scripts/serve-app.mjs", "src/node/pageServer.ts"])
      cpSync(join(repository, path), join(clone, path), { recursive: true });
    symlinkSync(join(repository, "node_modules"), join(clone, "node_modules"), "dir");
    const code = `const { serve } = await import("./scripts/serve-app.mjs");
      const { port, close } = await serve(${JSON.stringify(join(folder, "site"))}, { port: 0 });
      console.log((await fetch("http://127.0.0.1:" + port + "/")).status);
      await close();`;
    const node = [
      process.execPath,
      ["--input-type=module", "-e", code],
      { cwd: clone, encoding: "utf8" },
    ] as const;
    expect(execFileSync(...node)).toBe("200\n");
  });

  it("takes a free port where its own is taken", async () => {
    const second = await serve(join(folder, "site"), { port: server.port });
    expect(second.port).not.toBe(server.port);
    expect((await ask("/", { port: second.port })).status).toBe(200);
    await second.close();
  });
});
