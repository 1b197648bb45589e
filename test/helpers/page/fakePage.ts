import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { buildPage } from "../../../scripts/build-page.mjs";
import { filesOf, servePage } from "../../../src/node/pageServer.ts";
import { startChromium } from "../chromium.ts";

const ENGINE = fileURLToPath(new URL("./fakeEngine.ts", import.meta.url));

/** The page with an engine that makes everything up, in a browser. */
export interface FakePage {
  readonly browser: Browser;
  readonly address: string;
  /** A new browser's first page, once it knows its machine. Errors of pages are collected in `complaints`. */
  open(hash?: string, options?: BrowserContextOptions): Promise<Page>;
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

export async function fakePage(): Promise<FakePage> {
  const folder = mkdtempSync(join(tmpdir(), "qortex-fake-"));
  await buildPage(folder, { example: false, engine: ENGINE });
  const server = await servePage({ find: filesOf(folder) });
  const browser = await startChromium();
  const complaints: string[] = [];
  return {
    browser,
    address: server.address,
    complaints,
    async open(hash = "", options = {}) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
      const page = await context.newPage();
      page.on("pageerror", (error) => complaints.push(String(error)));
      await page.goto(`${server.address}${hash}`);
      await page.waitForSelector(".chip-text", { state: "attached" });
      return page;
    },
    async close() {
      await browser.close();
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The files of a small cohort, in a wrong order. */
export const COHORT: readonly string[] = ["a.bim", "expression.bed.gz", "a.bed", "covariates.txt", "a.fam"];

/** Drops files of these names at `where`, as a person would; their contents are their names, and `mark`. */
export async function drop(page: Page, names: readonly string[], where = ".drop", mark = ""): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([all, more]) => {
      const data = new DataTransfer();
      for (const name of all)
        data.items.add(new File([`what ${name} holds${more}`], name, { lastModified: 1 }));
      return data;
    },
    [names, mark] as const,
  );
  await page.dispatchEvent(where, "drop", { dataTransfer: transfer });
}

export const button = (page: Page, name: string | RegExp) => page.getByRole("button", { name });

/** Drops a cohort and goes to the run view, where its plan is shown. */
export async function openRun(page: Page, names: readonly string[] = COHORT): Promise<void> {
  await drop(page, names);
  await button(page, "Choose what to map").click();
  await page.waitForSelector(".plan dl");
}
