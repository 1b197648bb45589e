import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { buildPage } from "../../../scripts/build-page.mjs";
import { filesOf, servePage } from "../../../src/node/pageServer.ts";
import { startChromium } from "../chromium.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** The page as it is built, in a browser: served with cross-origin isolation, or plainly and below a path. */
export interface BuiltPage {
  readonly browser: Browser;
  readonly isolated: string;
  readonly plain: string;
  /** Addresses that pages asked for beyond these servers. */
  readonly strays: readonly string[];
  /**
   * A new page at `path` of one of the servers; its errors fail the test that looks at `complaints`. `prelude`: script that bare.html's engine begins
   * with, as a browser that behaves otherwise would.
   */
  open(origin: string, path?: string, prelude?: string): Promise<Page>;
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/** Builds the page with the demo's files and `extra` ones in `example/`. */
export async function builtPage(
  extra: ReadonlyMap<string, Uint8Array | string> = new Map(),
): Promise<BuiltPage> {
  const folder = mkdtempSync(join(tmpdir(), "qortex-page-"));
  await buildPage(folder, { example: true });
  await build({
    entryPoints: [join(root, "test/browser/page/engineEntry.ts")],
    bundle: true,
    format: "esm",
    target: "es2022",
    outfile: join(folder, "engineEntry.js"),
    logLevel: "warning",
  });
  writeFileSync(join(folder, "bare.html"), bare(readFileSync(join(folder, "index.html"), "utf8")));
  for (const [name, content] of extra) writeFileSync(join(folder, "example", name), content);
  const servers = [
    await servePage({ find: filesOf(folder) }),
    await servePage({ find: filesOf(folder), path: "/some/where/", isolate: false }),
  ] as const;
  const isolated = `http://127.0.0.1:${servers[0].port}/`;
  const plain = `http://127.0.0.1:${servers[1].port}/some/where/`;
  const browser = await startChromium();
  const strays: string[] = [];
  const complaints: string[] = [];
  return {
    browser,
    isolated,
    plain,
    strays,
    complaints,
    async open(origin, path = "", prelude = "") {
      const page = await (await browser.newContext()).newPage();
      await page.addInitScript((script) => Object.assign(globalThis, { enginePrelude: script }), prelude);
      page.on("request", (request) => {
        const url = request.url();
        if (!url.startsWith(isolated) && !url.startsWith(plain) && !/^(blob|data):/.test(url))
          strays.push(url);
      });
      page.on("pageerror", (error) => complaints.push(String(error)));
      await page.goto(`${origin}${path}`);
      return page;
    },
    async close() {
      await browser.close();
      await Promise.all(servers.map((server) => server.close()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A page with the same policy and the engine alone. */
function bare(html: string): string {
  const policy = /<meta http-equiv="Content-Security-Policy"[^>]*>/.exec(html)?.[0];
  if (policy === undefined) throw new Error("the page has no Content-Security-Policy");
  return `<!doctype html><html lang="en"><head><meta charset="utf-8">${policy}<title>Engine</title></head><body><script type="module" src="engineEntry.js"></script></body></html>`;
}
