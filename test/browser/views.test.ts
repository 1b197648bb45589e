/** The views of a result in the page as it is built, on maps that are made up and on a small real one. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AxeResults } from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildCohort } from "../../src/cohort/cohort.ts";
import { startChromium } from "../helpers/chromium.ts";
import { madeResult } from "../helpers/madeResult.ts";
import { madeGenes } from "../helpers/page/madeMap.ts";
import { buildViews } from "../helpers/page/viewsPage.ts";
import { randomTables } from "../helpers/randomCohort.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "qortex-views-"));
const [made, real] = [join(folder, "made"), join(folder, "real")];
const servers: { readonly port: number; close(): Promise<void> }[] = [];
let browser: Browser;
let files: readonly string[];

beforeAll(async () => {
  await buildViews(made);
  await buildViews(real, "src/app/engine/worker.ts");
  const cohort = buildCohort(randomTables(1, { samples: 40, variants: 90, genes: 12, covariates: 1 }), {
    maf: 0,
  });
  const { open } = await madeResult("cis", cohort, { groupRows: 40 });
  files = await Promise.all(
    [...open.tables].map(async ([name, source]) => {
      writeFileSync(join(real, `${name}.parquet`), await source.read(0, source.size));
      return `${name}.parquet`;
    }),
  );
  const script: string = "../../scripts/serve-app.mjs";
  const { serve } = (await import(script)) as {
    serve: (folder: string, options: object) => Promise<(typeof servers)[number]>;
  };
  for (const each of [made, real]) servers.push(await serve(each, { port: 0 }));
  browser = await startChromium();
});

afterAll(async () => {
  await browser?.close();
  for (const server of servers) await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A page of the made-up engine (0) or the real one (1); what goes wrong in it, and every request that leaves it, is an error of the test. */
async function visit(server: number, address: string, act: (page: Page) => Promise<void>): Promise<void> {
  const origin = `http://127.0.0.1:${servers[server]!.port}`;
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" });
  const faults: string[] = [];
  page.on("pageerror", ({ message }) => faults.push(message));
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  page.on("request", (request) => {
    if (!request.url().startsWith(origin) && !/^(blob|data):/.test(request.url())) faults.push(request.url());
  });
  await page.goto(`${origin}/${address}`);
  await act(page);
  expect(faults).toEqual([]);
  await page.close();
}

const hash = (page: Page) => page.evaluate(() => location.hash);

/** Non-empty pixels of the plot's canvas. */
const drawn = (page: Page) =>
  page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>(".scatter-area canvas")!;
    const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
    return data.filter((value, i) => i % 4 === 3 && value > 0).length;
  });

describe("the Manhattan plot", () => {
  it("draws, zooms and pans by keys and wheel, and remembers where it is", () =>
    visit(0, "?open=cis 300 20000#view=overview", async (page) => {
      const plot = page.getByRole("application", { name: /Associations along the whole genome/ });
      await plot.waitFor();
      await expect.poll(() => drawn(page)).toBeGreaterThan(5_000);
      await plot.focus();
      await page.keyboard.press("+");
      await page.keyboard.press("+");
      await expect.poll(() => hash(page)).toMatch(/zoom=[\d.]+%7E[\d.]+/);
      const zoomed = await hash(page);
      await page.keyboard.press("ArrowRight");
      await expect.poll(() => hash(page)).not.toBe(zoomed);
      await page.keyboard.press("Home");
      await expect.poll(() => hash(page)).not.toContain("zoom=");
      const box = (await plot.boundingBox())!;
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      await page.mouse.wheel(0, -400);
      await expect.poll(() => hash(page)).toContain("zoom=");
    }));

  it("tells what is under the pointer, and selects it by a click; Tab reaches the peaks", () =>
    visit(0, "?open=cis 300 20000#view=overview", async (page) => {
      const peak = page.locator("button.peak").first();
      await peak.waitFor();
      const name = (await peak.textContent())!;
      const dot = page.locator(".scatter svg circle.f-accent").first();
      const box = (await dot.boundingBox())!;
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
      await page.mouse.move(x, y);
      await page.locator(".tooltip").waitFor();
      expect(await page.locator(".tooltip").textContent()).toMatch(/p = /);
      await page.mouse.click(x, y);
      await expect.poll(() => hash(page)).toMatch(/gene=ENSG/);
      expect(await page.locator(".chosen").textContent()).toMatch(/lead \d+_\d+, p = /);
      await page.getByRole("application").focus();
      await page.keyboard.press("Tab");
      const focused = await page.evaluate(() => document.activeElement?.textContent);
      expect(await page.locator("button.peak").allTextContents()).toContain(focused);
      expect(name.length).toBeGreaterThan(0);
    }));
});

describe("the table of genes", () => {
  it("keeps few of 20,000 rows in the page and says how many there are", () =>
    visit(0, "?open=cis 20000 100#view=genes", async (page) => {
      const grid = page.getByRole("grid");
      await grid.waitFor();
      expect(await grid.getAttribute("aria-rowcount")).toBe("20001");
      expect(await page.locator("tr[data-at]").count()).toBeLessThan(60);
      await page.locator("tr[data-at]").first().focus();
      await page.keyboard.press("End");
      await expect
        .poll(() => page.evaluate(() => document.activeElement?.getAttribute("aria-rowindex")))
        .toBe("20001");
      expect(await page.locator("tr[data-at]").count()).toBeLessThan(60);
    }));

  it("sorts, filters, saves what is shown and opens a gene", () =>
    visit(0, "?open=cis 800 100#view=genes", async (page) => {
      const genes = madeGenes(800);
      await page.getByRole("grid").waitFor();
      await page.getByRole("button", { name: /^Slope/ }).click();
      const steepest = [...genes.id.keys()]
        .filter((g) => !Number.isNaN(genes.slope[g]))
        .sort((a, b) => Math.abs(genes.slope[b]!) - Math.abs(genes.slope[a]!))[0]!;
      await expect.poll(() => page.locator('tr[data-at="0"] th').textContent()).toContain(genes.id[steepest]);
      expect(await page.locator("th", { hasText: "Slope" }).getAttribute("aria-sort")).toBe("descending");
      await page.getByLabel("q at most").fill("1e-6");
      const passing = genes.q.filter((q) => q <= 1e-6).length;
      await expect.poll(() => page.getByRole("grid").getAttribute("aria-rowcount")).toBe(String(passing + 1));
      const saving = page.waitForEvent("download");
      await page.getByRole("button", { name: "Save these rows as TSV" }).click();
      const text = readFileSync(await (await saving).path(), "utf8");
      expect(text.trimEnd().split("\n")).toHaveLength(passing + 1);
      await page.getByLabel("Search").fill("no such gene");
      await page.getByText("No gene passes these filters").waitFor();
      await page.getByRole("button", { name: "Clear the filters" }).click();
      await page.locator('tr[data-at="0"]').focus();
      await page.keyboard.press("Enter");
      await page
        .getByRole("heading", { level: 1, name: genes.symbol[steepest] || genes.id[steepest]! })
        .waitFor();
    }));
});

describe("the page of a gene", () => {
  it("goes through variants by keys and hover, and chooses one for the other plots", () =>
    visit(0, "?open=cis 300 100#view=gene", async (page) => {
      const region = page.getByRole("application", { name: /Association in the region/ });
      await region.waitFor();
      await region.focus();
      await page.keyboard.press("ArrowRight");
      const strongest = await page.locator(".tooltip strong").textContent();
      await page.keyboard.press("ArrowRight");
      const second = (await page.locator(".tooltip strong").textContent())!;
      expect(second).not.toBe(strongest);
      await expect
        .poll(() => page.locator("[role=status]").allTextContents())
        .toContainEqual(expect.stringContaining(second));
      await page.keyboard.press("Enter");
      await expect.poll(() => hash(page)).toContain(`variant=${second}`);
      await page.getByText(`At ${second}; the slope is per copy of`).waitFor();
      await page.getByRole("button", { name: "As it is" }).click();
      await expect.poll(() => hash(page)).toContain("gene.values=raw");
      const before = await page.locator("h1").textContent();
      await page.keyboard.press("n");
      await expect.poll(() => page.locator("h1").textContent()).not.toBe(before);
    }));
});

describe("the trans plot", () => {
  it("zooms to what is brushed, hovers, and opens a gene by a click", () =>
    visit(0, "?open=trans 300 8000#view=trans", async (page) => {
      const plot = page.getByRole("application", { name: /Variants of the whole genome/ });
      await plot.waitFor();
      await expect.poll(() => drawn(page)).toBeGreaterThan(5_000);
      const box = (await plot.boundingBox())!;
      const at = (x: number, y: number) => [box.x + x * box.width, box.y + y * box.height] as const;
      await page.mouse.move(...at(0.2, 0.5));
      await page.mouse.down();
      await page.mouse.move(...at(0.5, 0.8), { steps: 4 });
      await page.mouse.up();
      await expect.poll(() => hash(page)).toMatch(/trans\.x=\d+%7E\d+&trans\.y=\d+%7E\d+/);
      await page.getByRole("application").focus();
      await page.keyboard.press("Home");
      await expect.poll(() => hash(page)).not.toContain("trans.x");
      await page.keyboard.press("PageDown");
      await page.locator(".tooltip").waitFor();
      await page.keyboard.press("Enter");
      await expect.poll(() => hash(page)).toContain("view=gene");
    }));
});

describe("axe", () => {
  it.each([
    ["overview", "?open=cis 200 3000#view=overview"],
    ["genes", "?open=cis 200 3000#view=genes"],
    ["gene", "?open=cis 200 3000#view=gene"],
    ["trans", "?open=trans 200 3000#view=trans"],
  ])("finds nothing in %s, by day and by night", async (_, address) => {
    for (const scheme of ["light", "dark"] as const)
      await visit(0, address, async (page) => {
        await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
        await page.locator("[role=application],[role=grid]").first().waitFor();
        await page.waitForTimeout(600);
        await page.evaluate(AXE);
        const { violations } = (await page.evaluate("axe.run()")) as AxeResults;
        const found = violations.map(
          ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join("; ")}`,
        );
        expect(found, scheme).toEqual([]);
      });
  });
});

describe("a real result", () => {
  it("shows its genes, points and pairs", () =>
    visit(1, `?files=${files.join(",")}#view=overview`, async (page) => {
      await page.getByRole("application").first().waitFor();
      await expect.poll(() => drawn(page)).toBeGreaterThan(100);
      await page.getByRole("link", { name: "Genes", exact: true }).click();
      await expect.poll(() => page.getByRole("grid").getAttribute("aria-rowcount")).toBe("13");
      // A p that is cut off would lose its exponent. No result here has one of three digits: it is put there.
      const cut = await page.locator("table.genes td.number").evaluateAll((cells) => {
        for (const cell of cells) if (cell.textContent?.includes("10")) cell.textContent = "1.2 × 10⁻¹⁰⁰";
        return cells.filter((cell) => cell.scrollWidth > cell.clientWidth).map((cell) => cell.textContent);
      });
      expect(cut).toEqual([]);
      await page.locator('tr[data-at="0"]').focus();
      await page.keyboard.press("Enter");
      await page.getByRole("application", { name: /Association in the region/ }).waitFor();
      await page.getByText("Load the cohort's files to see expression by genotype").waitFor();
    }));
});
