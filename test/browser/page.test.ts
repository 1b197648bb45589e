/** The page as it is built, with an engine that makes everything up, in headless Chromium: its frame, its policy, its themes, its keys. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AxeResults } from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildPage } from "../../scripts/build-page.mjs";
import { serve } from "../../scripts/serve-app.mjs";
import { COLOURS } from "../../src/report/svg.ts";
import { startChromium } from "../helpers/chromium.ts";

const ENGINE = fileURLToPath(new URL("../helpers/page/fakeEngine.ts", import.meta.url));
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const VIEWED = {
  title: "x",
  result: [{ name: "cis_genes.parquet", url: "result/cis_genes.parquet" }],
  inputs: [],
};

let folders: readonly string[];
let browser: Browser;
/** Nothing loaded, with COOP and COEP; the same below a path and without; and with a result, as `qortex view` serves it. */
let origins: { readonly isolated: string; readonly plain: string; readonly viewed: string };
const closers: (() => Promise<void>)[] = [];
/** Another origin, which lets everybody read it and counts who asks. */
let elsewhere: Server;
let asked = 0;
const strays: string[] = [];
const complaints: string[] = [];

beforeAll(async () => {
  folders = ["qortex-page-", "qortex-viewed-"].map((name) => mkdtempSync(join(tmpdir(), name)));
  const [page, viewed] = folders as [string, string];
  await buildPage(page, { example: true, engine: ENGINE });
  await buildPage(viewed, { example: false, engine: ENGINE });
  writeFileSync(join(viewed, "view.json"), JSON.stringify(VIEWED));
  const at = async (folder: string, path: string, isolate: boolean) => {
    const server = await serve(folder, { port: 0, path, isolate });
    closers.push(() => server.close());
    return `http://127.0.0.1:${server.port}${path}`;
  };
  origins = {
    isolated: await at(page, "/", true),
    plain: await at(page, "/some/where/", false),
    viewed: await at(viewed, "/", true),
  };
  elsewhere = createServer((_, response) => {
    asked++;
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.setHeader("Cross-Origin-Resource-Policy", "cross-origin");
    response.setHeader("Content-Type", "text/javascript");
    response.end("export default 1;");
  });
  await new Promise<void>((done) => {
    elsewhere.listen(0, "127.0.0.1", done);
  });
  browser = await startChromium();
});
afterAll(async () => {
  await browser?.close();
  await Promise.all(closers.map((close) => close()));
  elsewhere?.close();
  for (const folder of folders ?? []) rmSync(folder, { recursive: true, force: true });
});

/** A new browser's first page, once it knows its machine. */
async function open(address: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    acceptDownloads: true,
    ...options,
  });
  const page = await context.newPage();
  page.on("request", (request) => {
    const url = request.url();
    if (!Object.values(origins).some((origin) => url.startsWith(origin)) && !/^(blob|data):/.test(url))
      strays.push(url);
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(address);
  await page.waitForSelector(".chip-text");
  return page;
}

async function openViewed(hash = "", options: BrowserContextOptions = {}): Promise<Page> {
  const page = await open(`${origins.viewed}${hash}`, options);
  await page.waitForSelector("nav.views a:nth-child(2)");
  return page;
}

/** Serious faults that axe finds, with where they are. */
async function faults(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations } = (await page.evaluate("axe.run()")) as AxeResults;
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 120)} ${failureSummary ?? ""}`),
    );
}

const views = (page: Page) => page.locator("nav.views a").allTextContents();
const current = (page: Page) => page.locator("nav.views a[aria-current]").textContent();
const ground = (page: Page) =>
  page.evaluate(() => getComputedStyle(document.querySelector("header.top")!).backgroundColor);

function rgb(hex: string): string {
  const [red, green, blue] = [1, 3, 5].map((i) => Number.parseInt(hex.slice(i, i + 2), 16));
  return `rgb(${red}, ${green}, ${blue})`;
}

describe("loading", () => {
  it("asks for the engine only once it has painted", async () => {
    const page = await open(origins.isolated);
    const { painted, engine } = await page.evaluate(() => ({
      painted: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN,
      engine:
        performance.getEntriesByType("resource").find(({ name }) => name.endsWith("/engine.js"))?.startTime ??
        Number.NaN,
    }));
    expect(painted).toBeGreaterThan(0);
    expect(engine).toBeGreaterThanOrEqual(painted);
    await page.context().close();
  });

  it("works below a path, of a host that sends no special headers", async () => {
    const page = await open(origins.plain);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
    expect(await page.locator(".chip-text").textContent()).toContain("WebAssembly");
    await page.context().close();
  });

  it("has threads that share memory where the server says so", async () => {
    const page = await open(origins.isolated);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    await page.context().close();
  });
});

describe("the policy", () => {
  /** Each way out of a page or a worker that scripts have; what it gives is not looked at, but who was asked. */
  const WAYS_OUT = `async (url) => {
    const ways = [
      () => fetch(url),
      () => fetch(url, { mode: "no-cors", method: "POST", body: "NA12878" }),
      () => import(url),
      () => new Promise((done, fail) => { const socket = new WebSocket(url.replace("http", "ws")); socket.onopen = done; socket.onerror = fail; socket.onclose = fail; }),
      () => new Promise((done, fail) => { const source = new EventSource(url); source.onopen = done; source.onerror = fail; }),
      () => new Promise((done, fail) => { const request = new XMLHttpRequest(); request.onload = done; request.onerror = fail; request.open("GET", url); request.send(); }),
    ];
    if ("document" in globalThis) ways.push(
      () => new Promise((done, fail) => { const image = new Image(); image.onload = done; image.onerror = fail; image.src = url; }),
      () => new Promise((done, fail) => { const link = document.createElement("link"); link.rel = "stylesheet"; link.onload = done; link.onerror = fail; link.href = url; document.head.append(link); }),
      () => new Promise((done, fail) => { const script = document.createElement("script"); script.onload = done; script.onerror = fail; script.src = url; document.head.append(script); }),
      () => new Promise((done, fail) => { navigator.sendBeacon(url, "NA12878"); setTimeout(fail, 300); }),
      () => new Promise((done, fail) => { const form = document.createElement("form"); form.action = url; form.method = "post"; form.target = "frame"; const frame = document.createElement("iframe"); frame.name = "frame"; document.body.append(frame, form); form.submit(); setTimeout(fail, 300); }),
    );
    const outcomes = await Promise.allSettled(ways.map(async (way) => way()));
    return outcomes.map(({ status }) => status);
  }`;

  /** The same in a worker that `where` starts, which says what became of each. */
  async function fromWorkerOf(where: Pick<Page, "evaluate">): Promise<string[]> {
    return where.evaluate(
      (code) =>
        new Promise<string[]>((done, fail) => {
          const worker = new Worker(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
          worker.onmessage = ({ data }) => done(data as string[]);
          worker.onerror = ({ message }) => fail(new Error(message));
        }),
      `(${WAYS_OUT})(${JSON.stringify(other())}).then((outcomes) => postMessage(outcomes));`,
    );
  }

  const other = () => `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`;

  it("is tried against a server that would answer", async () => {
    asked = 0;
    await fetch(other());
    expect(asked).toBe(1);
    const page = await browser.newPage();
    await page.goto(other());
    const before = asked;
    const outcomes = (await page.evaluate(`(${WAYS_OUT})("${other()}")`)) as string[];
    expect(outcomes).toContain("fulfilled");
    expect(asked).toBeGreaterThan(before);
    const then = asked;
    expect(await fromWorkerOf(page)).toContain("fulfilled");
    expect(asked).toBeGreaterThan(then);
    await page.close();
  });

  // Without COOP and COEP, which would hold some of it back themselves.
  it("lets nothing out of the page, of its engine, and of workers of either", async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(origins.plain);
    await page.waitForSelector(".chip-text");
    asked = 0;
    const refused = (ways: number) => new Array<string>(ways).fill("rejected");
    expect(await page.evaluate(`(${WAYS_OUT})("${other()}")`)).toEqual(refused(11));
    const [engine] = page.workers();
    expect(engine?.url()).toMatch(/^blob:/);
    expect(await engine!.evaluate(`(${WAYS_OUT})("${other()}")`)).toEqual(refused(6));
    expect(await fromWorkerOf(page)).toEqual(refused(6));
    expect(await fromWorkerOf(engine!)).toEqual(refused(6));
    await page.waitForTimeout(1500);
    expect(asked).toBe(0);
    await context.close();
  });
});

describe("the themes", () => {
  const drawn = `(() => {
    const box = document.createElement("div");
    box.innerHTML = '<svg class="qortex-plot" width="9" height="9"><rect class="f-deep" fill="#1f5582" width="9" height="9"/></svg>';
    document.body.append(box);
    const colour = getComputedStyle(box.querySelector("rect")).fill;
    box.remove();
    return colour;
  })()`;

  it.each(["light", "dark"] as const)(
    "follow the system (%s) until the switch says otherwise, page and plots alike",
    async (system) => {
      const page = await open(origins.isolated, { colorScheme: system });
      const expectScheme = async (scheme: "light" | "dark") => {
        expect(await ground(page)).toBe(rgb(COLOURS.paper[scheme]));
        expect(await page.evaluate(drawn)).toBe(rgb(COLOURS.deep[scheme]));
      };
      await expectScheme(system);
      await page.keyboard.press("t");
      await expectScheme("light");
      await page.keyboard.press("t");
      await expectScheme("dark");
      await page.reload();
      await expectScheme("dark");
      await page.waitForSelector(".chip-text");
      await page.getByRole("button", { name: /^Theme: dark/ }).click();
      await expectScheme(system);
      await page.context().close();
    },
  );
});

describe("the frame", () => {
  it("offers the views that have something to show", async () => {
    const empty = await open(origins.isolated);
    expect(await views(empty)).toEqual(["Files"]);
    await empty.context().close();
    const page = await openViewed();
    expect(await views(page)).toEqual(["Files", "Overview", "Genes", "Gene", "Genome browser", "Report"]);
    expect(await current(page)).toBe("Overview");
    await page.context().close();
  });

  it("keeps the address, and obeys it: load, back, forward", async () => {
    const page = await openViewed("#view=genes&gene=ENSG1&genes.sort=q");
    expect(await current(page)).toBe("Genes");
    await page.getByRole("link", { name: "Gene", exact: true }).click();
    expect(new URL(page.url()).hash).toBe("#view=gene&gene=ENSG1&genes.sort=q");
    await page.goBack();
    expect(await current(page)).toBe("Genes");
    await page.goForward();
    expect(await current(page)).toBe("Gene");
    await page.evaluate(() => {
      location.hash = "#view=report";
    });
    await page.waitForFunction(() => document.title.startsWith("Report"));
    expect(await current(page)).toBe("Report");
    await page.context().close();
  });

  it("takes a hostile address for a start", async () => {
    const page = await open(
      `${origins.isolated}#view=__proto__&gene=%3Cimg src=x onerror=alert(1)%3E&run.window=1e999`,
    );
    expect(await current(page)).toBe("Files");
    await page.context().close();
  });

  it("is worked by the keyboard", async () => {
    const page = await openViewed();
    // The view that opened by itself is there: from now on keys are the person's.
    await page.waitForFunction(() => document.title.startsWith("Overview"));
    await page.keyboard.press("Tab");
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.textContent))
      .toBe("Skip to the content");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe("main");
    await page.keyboard.press("3");
    await expect.poll(() => current(page)).toBe("Genes");
    await page.keyboard.press("?");
    await page.getByRole("dialog").waitFor();
    expect(await page.getByRole("dialog").textContent()).toContain("Genome browser");
    // Keys of the page do not act behind the sheet.
    await page.keyboard.press("2");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    await expect.poll(() => current(page)).toBe("Genes");
    await page.keyboard.press("e");
    const menu = page.getByRole("button", { name: "Export" });
    await expect.poll(() => menu.getAttribute("aria-expanded")).toBe("true");
    await page.keyboard.press("Escape");
    await expect.poll(() => menu.getAttribute("aria-expanded")).toBe("false");
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe("export-menu");
    await page.context().close();
  });

  it("saves tables and the view, and opens the view again", async () => {
    const page = await openViewed("#view=genes&gene=ENSG1");
    await page.keyboard.press("e");
    const table = page.waitForEvent("download");
    await page.getByRole("button", { name: "cis_pairs as Parquet" }).click();
    const file = await table;
    expect(file.suggestedFilename()).toBe("cis_pairs.parquet");
    expect(readFileSync(await file.path(), "utf8")).toBe("cis_pairs as parquet");
    const saving = page.waitForEvent("download");
    await page.getByRole("button", { name: "Saved view" }).click();
    const saved = await (await saving).path();
    await page.keyboard.press("Escape");

    await page.keyboard.press("2");
    expect(await current(page)).toBe("Overview");
    await page.click(".opened button");
    await page.setInputFiles(".choices input", saved);
    await page.waitForFunction(
      () => document.querySelector("nav.views a[aria-current]")?.textContent === "Genes",
    );
    expect(new URL(page.url()).hash).toBe("#view=genes&gene=ENSG1");

    const empty = await open(origins.isolated);
    await empty.click(".opened button");
    await empty.setInputFiles(".choices input", saved);
    expect(await empty.locator(".banner.waiting").textContent()).toContain("Cis eQTL map of 608 genes");
    await empty.context().close();
    await page.context().close();
  });
});

/** Drops files of these names and contents, as a person would. */
async function drop(page: Page, names: readonly string[]): Promise<void> {
  const transfer = await page.evaluateHandle((all) => {
    const data = new DataTransfer();
    for (const name of all) data.items.add(new File([`what ${name} holds`], name));
    return data;
  }, names);
  await page.dispatchEvent(".drop", "drop", { dataTransfer: transfer });
  await page.waitForFunction(
    (count) => document.querySelectorAll("main tbody tr").length >= count,
    names.length,
  );
}

const COHORT = ["a.bim", "expression.bed.gz", "a.bed", "covariates.txt", "a.fam"];
const button = (page: Page, name: string | RegExp) => page.getByRole("button", { name });

async function openRun(page: Page, names: readonly string[] = COHORT): Promise<void> {
  await drop(page, names);
  await button(page, "Choose what to map").click();
  await page.waitForSelector(".plan dl");
}

describe("from files to a result", () => {
  it("takes dropped files in any order, plans, runs and shows what was found", async () => {
    const page = await open(origins.isolated);
    await openRun(page);
    expect(await page.locator(".plan").textContent()).toContain("1.57 million");
    await page.getByLabel(/^Window/).fill("500 kb");
    await page.getByLabel(/^Permutations/).fill("1,000");
    await page.keyboard.press("Tab");
    expect(await page.locator("pre.command").textContent()).toContain(
      "--window 500000 --permutations 1000 --out",
    );
    await page.waitForFunction(() => document.querySelector(".plan")?.textContent?.includes("1.57 billion"));
    expect(new URL(page.url()).hash).toContain("run.window=500000");
    await button(page, "Start").click();
    await page.waitForFunction(() => document.title.startsWith("Overview"));
    expect(await page.locator("h1").first().textContent()).toContain("Cis eQTL map");
    await page.context().close();
  });

  it("explains files that cannot be used, beside each, and what is missing", async () => {
    const page = await open(origins.isolated);
    await drop(page, ["truncated.vcf.gz", "notes.docx", "a.bed"]);
    const said = await page.locator("main").textContent();
    expect(said).toContain("the file ends within a block at byte 48,213: it was cut; copy it again");
    expect(said).toContain("neither its name nor its first lines say what it is: choose, or remove it");
    expect(said).toContain("The .bim and .fam that belong to the .bed");
    expect(await button(page, "Choose what to map").count()).toBe(0);
    await page.getByLabel("What notes.docx is").selectOption("expression");
    await button(page, "Leave truncated.vcf.gz out").click();
    await page.waitForFunction(() => document.querySelectorAll("main tbody tr").length === 2);
    expect(await page.locator("main").textContent()).not.toContain("neither its name");
    await page.context().close();
  });

  it("says in the banner what does not fit, and stays where it was", async () => {
    const page = await open(origins.isolated);
    await drop(page, [...COHORT, "huge.vcf"]);
    await button(page, "Choose what to map").click();
    await page.waitForSelector(".banner");
    expect(await page.getByRole("alert").textContent()).toContain(
      "take one chromosome at a time, or the command line",
    );
    expect(await current(page)).toBe("Files");
    await button(page, "Put the message away").click();
    expect(await page.locator(".banner").count()).toBe(0);
    await page.context().close();
  });

  it("cancels, says how far it was, and goes on", async () => {
    const page = await open(origins.isolated);
    await openRun(page, [...COHORT, "slow-covariates.txt"]);
    await button(page, "Start").click();
    await page.waitForFunction(() => /a second/.test(document.querySelector(".running")?.textContent ?? ""));
    expect(await page.locator(".opened").textContent()).toMatch(/^Running \d+%/);
    await button(page, "Cancel").click();
    await page.waitForSelector(".stopped");
    expect(await page.locator(".stopped").textContent()).toMatch(
      /The run was cancelled: a × expression\.bed\.gz, cis map\. \d+% of it is done/,
    );
    expect(await page.locator(".banner").count()).toBe(0);
    // Another job is chosen meanwhile: what is taken up again is the one that was begun.
    await page.getByRole("radio", { name: /trans map/ }).check();
    await page.keyboard.press("1");
    await button(page, "Resume").click();
    await page.waitForSelector(".running");
    expect(await page.locator("#running-title").textContent()).toContain("a × expression.bed.gz");
    expect(await page.locator("#running-title + p").textContent()).toBe("cis map");
    expect(await page.locator(".running").textContent()).not.toContain("Planned");
    await button(page, "Cancel").click();
    await page.waitForSelector(".stopped");
    // The cohort of the files is open as before.
    await page.waitForSelector("#cohort-title + p");
    await page.context().close();
  });

  it("opens a finished result of the command line", async () => {
    const page = await open(origins.isolated);
    await drop(page, ["cis_genes.parquet", "cis_pairs.parquet", "manifest.json"]);
    await button(page, "Open the finished result").click();
    await page.waitForFunction(() => document.title.startsWith("Overview"));
    await page.context().close();
  });

  it("opens a saved view that is dropped", async () => {
    const page = await open(origins.isolated);
    const text = JSON.stringify({
      format: "qortex-view",
      version: 1,
      link: "#view=genes",
      files: [{ name: "b.vcf", bytes: 1 }],
      result: { id: "x", kind: "cis", title: "A map", tables: [] },
    });
    const transfer = await page.evaluateHandle((content) => {
      const data = new DataTransfer();
      data.items.add(new File([content], "map.view.json"));
      return data;
    }, text);
    await page.dispatchEvent(".drop", "drop", { dataTransfer: transfer });
    await page.waitForSelector(".banner.waiting");
    expect(await page.locator(".banner.waiting").textContent()).toContain("Drop b.vcf.");
    await page.context().close();
  });
});

describe("axe", () => {
  it.each(["light", "dark"] as const)("finds nothing serious: %s", async (scheme) => {
    const page = await openViewed("", { colorScheme: scheme });
    const found: string[] = [];
    const look = async (where: string) => {
      await page.waitForTimeout(150);
      found.push(...(await faults(page)).map((fault) => `${where}: ${fault}`));
    };
    await page.keyboard.press("1");
    await look("files");
    await page.click(".chip");
    await look("machine");
    await page.keyboard.press("Escape");
    await page.click(".opened button");
    await look("what is open");
    await page.keyboard.press("Escape");
    await page.keyboard.press("e");
    await look("export");
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await look("keys");
    await page.context().close();

    const other = await open(origins.isolated, { colorScheme: scheme });
    const lookAt = async (where: string) => {
      await other.waitForTimeout(150);
      found.push(...(await faults(other)).map((fault) => `${where}: ${fault}`));
    };
    await lookAt("start");
    await drop(other, ["broken.vcf.gz", "notes.docx"]);
    await lookAt("wrong files");
    await button(other, "Leave broken.vcf.gz out").click();
    await button(other, "Leave notes.docx out").click();
    await openRun(other, [...COHORT, "slow-covariates.txt"]);
    await lookAt("run");
    await button(other, "Start").click();
    await other.waitForSelector(".running progress");
    await lookAt("running");
    await button(other, "Cancel").click();
    await other.waitForSelector(".stopped");
    await lookAt("cancelled");
    expect(found).toEqual([]);
    await other.context().close();
  });
});

it("asks nothing of anybody else, and complains of nothing", () => {
  expect(strays).toEqual([]);
  expect(complaints).toEqual([]);
});
