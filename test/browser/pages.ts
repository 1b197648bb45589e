import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { startChromium } from "../helpers/chromium.ts";
import { type PageServer, servePages } from "../helpers/pageServer.ts";
import type { Answers, Names, Wanted } from "./page/entry.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The demo's cohort; and the variants of it that the maps in pages are made of. */
export const COHORT = join(root, "examples/geuvadis-chr22");
const EVERY = 100;
/** That cohort's files, by their roles and as pages fetch them. */
export const DEMO = {
  genotypes: { bed: "genotypes.bed", bim: "genotypes.bim", fam: "genotypes.fam" },
  others: { expression: "expression.bed.gz", covariates: "covariates.txt", extract: "extract.txt" },
} satisfies Names;

/** Every so many-th variant of the demo, one id a line. */
export function extractList(every = EVERY): string {
  const lines = readFileSync(join(COHORT, "genotypes.bim"), "utf8").trimEnd().split("\n");
  const ids = lines.filter((_, i) => i % every === 0).map((line) => line.split("\t")[1]);
  return `${ids.join("\n")}\n`;
}

/** A browser, a server, and pages that answer. */
export class Pages {
  private readonly browser: Browser;
  private readonly server: PageServer;
  private readonly open = new Map<boolean, Promise<Page>>();
  /** What pages complained of by themselves. */
  readonly complaints: string[] = [];

  private constructor(browser: Browser, server: PageServer) {
    this.browser = browser;
    this.server = server;
  }

  /** `files` are what pages can fetch beside the demo's cohort, by name. */
  static async start(files: ReadonlyMap<string, Uint8Array> = new Map()): Promise<Pages> {
    const all = new Map([...(await served()), ...files]);
    return new Pages(await startChromium(), await servePages(all));
  }

  /** Asks the page, `isolated` or not, one thing. */
  async ask<K extends keyof Answers>(
    isolated: boolean,
    name: K,
    ...rest: Parameters<Answers[K]>
  ): Promise<Awaited<ReturnType<Answers[K]>>> {
    const page = await this.page(isolated);
    const question: [string, unknown[]] = [name, rest];
    return page.evaluate(async ([key, given]) => {
      const { answers } = globalThis as unknown as { answers: Record<string, (...a: unknown[]) => unknown> };
      return answers[key]!(...given);
    }, question) as Promise<Awaited<ReturnType<Answers[K]>>>;
  }

  private page(isolated: boolean): Promise<Page> {
    const known = this.open.get(isolated);
    if (known !== undefined) return known;
    const opened = this.load(isolated ? this.server.isolated : this.server.plain);
    this.open.set(isolated, opened);
    return opened;
  }

  private async load(origin: string): Promise<Page> {
    const page = await this.browser.newPage();
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    await page.goto(origin);
    await page.addScriptTag({ type: "module", url: `${origin}/entry.js` });
    await page.waitForFunction(() => "answers" in globalThis);
    return page;
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.server.close();
  }
}

/** The bundle of ./page/entry.ts in its chunks, and the cohort's files. */
async function served(): Promise<ReadonlyMap<string, Uint8Array>> {
  const { outputFiles } = await build({
    entryPoints: [join(root, "test/browser/page/entry.ts")],
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    outdir: "/",
    write: false,
    logLevel: "warning",
  });
  const files = new Map<string, Uint8Array>(
    outputFiles.map(({ path, contents }) => [basename(path), contents]),
  );
  for (const name of Object.values({ ...DEMO.genotypes, ...DEMO.others })) {
    if (name !== DEMO.others.extract) files.set(name, readFileSync(join(COHORT, name)));
  }
  return files.set("extract.txt", new TextEncoder().encode(extractList()));
}

export type { Names, Wanted };
