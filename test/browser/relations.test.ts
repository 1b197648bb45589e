import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serve } from "../../scripts/serve-app.mjs";
import { startChromium } from "../helpers/chromium.ts";
import { buildViews } from "../helpers/page/viewsPage.ts";

/** The views that relate a map to others, in Chromium: colocalisation, network, contexts and cohorts, igv.js. */

const folder = mkdtempSync(join(tmpdir(), "qortex-relations-"));
let browser: Browser;
let server: Awaited<ReturnType<typeof serve>>;
const strays: string[] = [];
const complaints: string[] = [];

beforeAll(async () => {
  await buildViews(folder, "test/helpers/page/relationsEngine.ts", "test/helpers/page/relationsMain.ts");
  server = await serve(folder, { port: 0 });
  browser = await startChromium();
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
  expect(strays).toEqual([]);
  expect(complaints).toEqual([]);
});

async function open(what: string, title: string, script?: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1360, height: 900 } });
  const own = `http://127.0.0.1:${server.port}/`;
  page.on("request", (request) => {
    if (!request.url().startsWith(own) && !/^(blob|data):/.test(request.url())) strays.push(request.url());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  // What the policy refuses is an error of the console alone.
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  if (script !== undefined) await page.addInitScript(script);
  await page.goto(`${own}?open=${encodeURIComponent(what)}`);
  await page.locator("nav.views a", { hasText: title }).last().click();
  return page;
}

async function complaintsOf(page: Page, without = ""): Promise<string[]> {
  // Evaluated and not inserted: the page's policy refuses scripts that are not its own.
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async (excluded) => {
    const run = (globalThis as unknown as { axe: typeof axe }).axe;
    const context = excluded === "" ? document : { exclude: [excluded] };
    return (await run.run(context, { resultTypes: ["violations"] })).violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`,
    );
  }, without);
  return violations;
}

test("colocalisation: a locus, the other trait's lead, a variant", { timeout: 60_000 }, async () => {
  const page = await open("cis 400 5000", "Colocalisation");
  const panels = page.locator("figure", { hasText: "Both traits along the chromosome" });
  await panels.locator("svg path[fill='#7a3e9d']").first().waitFor();
  const before = await panels.locator(".plot-svg").innerHTML();
  await page.locator(".loci tbody button").nth(2).click();
  await expect.poll(() => panels.locator(".plot-svg").innerHTML()).not.toBe(before);
  const ofGene = await panels.locator(".plot-svg").innerHTML();
  await panels.getByRole("button", { name: "of the GWAS" }).click();
  expect(await panels.getByRole("button", { name: "of the GWAS" }).getAttribute("aria-pressed")).toBe("true");
  expect(ofGene).toContain("lead of the gene among variants of both");
  await expect
    .poll(() => panels.locator(".plot-svg").innerHTML())
    .toContain("lead of the GWAS among variants of both");
  await page.getByRole("combobox", { name: "GWAS" }).selectOption("height.tsv.gz");
  await expect.poll(() => panels.locator(".plot-svg").innerHTML()).toContain("GWAS: height.tsv.gz");
  expect(ofGene).toContain("GWAS: bmi.tsv.gz");
  expect(page.url()).toContain("coloc.gwas=height.tsv.gz");
  const scatter = page.locator("figure", { hasText: "Variant by variant" });
  await scatter.locator(".over-plot").focus();
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => scatter.locator(".tooltip").textContent()).toMatch(/z .+ of the GWAS/);
  await page.keyboard.press("Enter");
  expect(await panels.getByRole("button", { name: "selected variant" }).isEnabled()).toBe(true);
  expect(await complaintsOf(page)).toEqual([]);
  await page.close();
});

test("network: modules, a gene's neighbours by search and by keys", { timeout: 60_000 }, async () => {
  const page = await open("network 400 0", "Network");
  await page.locator(".network-box canvas").first().waitFor({ state: "attached" });
  await page.locator(".modules tbody button").first().click();
  await expect.poll(() => page.locator("h1").textContent()).toBe("Module 1 turquoise");
  const box = page.locator(".network-box");
  await page.locator(".network-box canvas").first().waitFor({ state: "attached" });
  await box.focus();
  await page.keyboard.press("ArrowRight");
  const note = (await page.locator(".network-note").textContent()) ?? "";
  expect(note).toMatch(/^\S+: turquoise, membership 0\.\d+, \d+ partners? shown/);
  await page.keyboard.press("+");
  await page.keyboard.press("Enter");
  await expect
    .poll(() => page.locator("h1").textContent())
    .toBe(`Neighbours of ${note.slice(0, note.indexOf(":"))}`);
  const gene = (await page.locator(".network-view th button").last().textContent()) ?? "";
  await page.getByPlaceholder("Find a gene").fill(gene.toLowerCase());
  await page.getByRole("button", { name: "Neighbours", exact: true }).click();
  await expect.poll(() => page.locator("h1").textContent()).toBe(`Neighbours of ${gene}`);
  expect(await complaintsOf(page)).toEqual([]);
  await page.close();
});

test("network without WebGL: the picture, with the same genes under the keys", {
  timeout: 60_000,
}, async () => {
  const page = await open(
    "network 400 0",
    "Network",
    `const get = HTMLCanvasElement.prototype.getContext;
     HTMLCanvasElement.prototype.getContext = function (kind, ...rest) { return /webgl/.test(kind) ? null : get.call(this, kind, ...rest); };`,
  );
  const picture = page.locator("figure.plot .over-plot");
  await picture.focus();
  await page.keyboard.press("Home");
  await expect.poll(() => page.locator(".tooltip").textContent()).toMatch(/membership/);
  expect(await page.locator(".network-box").count()).toBe(0);
  await page.close();
});

test("the page of a gene: its contexts and other cohorts", { timeout: 60_000 }, async () => {
  const page = await open("cis 400 5000", "Gene");
  await page.locator("nav.views a", { hasText: /^Gene$/ }).click();
  const forest = page.locator("figure", { hasText: "Effect by cohort" });
  await forest.locator("svg").first().waitFor();
  expect(await forest.locator(".plot-svg").textContent()).not.toContain("Together");
  await forest.getByLabel("Together, with I²").check();
  await expect.poll(() => forest.locator(".plot-svg").textContent()).toMatch(/Together \(fixed\), I² \d+%/);
  const scatter = page.locator("figure", { hasText: "Expression by context and genotype" });
  await scatter.locator("select").selectOption("age");
  await expect.poll(() => scatter.locator(".plot-svg").textContent()).toContain("age");
  await page.close();
});

test("the genome browser draws the result and asks nobody for anything", { timeout: 90_000 }, async () => {
  const page = await open("cis 400 5000", "Genome browser");
  await page.locator(".igv-box canvas").nth(4).waitFor({ state: "attached", timeout: 30_000 });
  await page.waitForTimeout(1_500);
  // igv.js draws within a shadow root, which locators look into: names of tracks are there, and a locus typed by hand.
  const box = page.locator(".igv-box");
  await expect.poll(() => box.getByText("Pairs of the gene").count()).toBeGreaterThan(0);
  const locus = box.locator("input[type=text]").first();
  await locus.fill("not a gene");
  await locus.press("Enter");
  await page.waitForTimeout(1_000);
  expect(strays).toEqual([]);
  // Inside igv.js nothing is ours to mend; the view says where the same is in words.
  expect(await complaintsOf(page, ".igv-box")).toEqual([]);
  await page.close();
});
