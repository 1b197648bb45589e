/** At 320 pixels (400% of 1280) nothing needs scrolling sideways but tables and plots in their own boxes; and all is done by keys. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { filesOf, type PageServer, servePage } from "../../src/node/pageServer.ts";
import { button, COHORT, drop, type FakePage, fakePage, openRun } from "../helpers/page/fakePage.ts";
import { buildViews } from "../helpers/page/viewsPage.ts";

let folder: string;
let built: FakePage;
let views: PageServer;
beforeAll(async () => {
  built = await fakePage();
  folder = mkdtempSync(join(tmpdir(), "qortex-reflow-"));
  await buildViews(folder);
  views = await servePage({ find: filesOf(folder) });
});
afterAll(async () => {
  await views?.close();
  await built?.close();
  rmSync(folder, { recursive: true, force: true });
});

const NARROW = { viewport: { width: 320, height: 568 } } as const;

/** What of the page is wider than its window: none where it reflows. */
async function wide(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const inBox = (element: Element): boolean => {
      for (let box = element.parentElement; box !== null && box !== document.body; box = box.parentElement)
        if (getComputedStyle(box).overflowX !== "visible") return true;
      return false;
    };
    return [...document.body.querySelectorAll("*")]
      .filter((element) => element.getBoundingClientRect().right > clientWidth + 0.5 && !inBox(element))
      .map((element) => `${element.tagName}.${element.className} ${element.getBoundingClientRect().right}`)
      .concat(`${scrollWidth} > ${clientWidth}`);
  });
}

const LONG = "a-cohort-of-which-the-name-is-longer-than-any-narrow-window.";

describe("at 320 pixels", () => {
  it("the start, the list of files and the run view reflow", async () => {
    const page = await built.open("", NARROW);
    expect(await wide(page)).toEqual([]);
    const names = COHORT.map((name) => name.replace(/^a\./, LONG)).concat("truncated.vcf.gz");
    await drop(page, names);
    await page.waitForFunction(
      (count) => document.querySelectorAll("main tbody tr").length === count,
      names.length,
    );
    expect(await wide(page)).toEqual([]);
    await button(page, "Leave truncated.vcf.gz out").click();
    await button(page, "Choose what to map").click();
    await page.waitForSelector(".plan dl");
    expect(await wide(page)).toEqual([]);
    await page.getByLabel(/^Window/).fill("wrong");
    expect(await wide(page)).toEqual([]);
    await page.getByLabel(/^Window/).fill("1Mb");
    await page.getByRole("button", { name: "Start", exact: true }).click();
    await page.waitForSelector(".running");
    expect(await wide(page)).toEqual([]);
    await button(page, "Cancel").click();
    await page.waitForSelector(".stopped");
    expect(await wide(page)).toEqual([]);
    await page.context().close();
  });

  it("the table of genes reflows, in its own box", async () => {
    const page = await built.browser.newPage(NARROW);
    await page.goto(`${views.address}?open=cis 200 5000#view=genes`);
    await page.waitForSelector("[role=grid], main table");
    expect(await wide(page)).toEqual([]);
    await page.close();
  });
});

describe("by keys alone", () => {
  /** Goes on with Tab until what has the focus is called so, and sees that each stop shows it. */
  async function tabTo(page: Page, name: RegExp): Promise<void> {
    for (let stops = 0; stops < 60; stops++) {
      await page.keyboard.press("Tab");
      const { text, seen } = await page.evaluate(() => {
        const element = document.activeElement;
        if (element === null || element === document.body) return { text: "", seen: true };
        const label = element instanceof HTMLInputElement ? (element.labels?.[0]?.textContent ?? "") : "";
        const style = getComputedStyle(element);
        return {
          text: element.getAttribute("aria-label") ?? `${label} ${element.textContent}`.trim(),
          seen: style.outlineStyle !== "none" && Number.parseFloat(style.outlineWidth) >= 2,
        };
      });
      if (text !== "") expect(seen, text).toBe(true);
      if (name.test(text)) return;
    }
    throw new Error(`no stop is called ${name}`);
  }

  it("one goes from files to a result and its export, and Escape closes what is open", async () => {
    const page = await built.open();
    await drop(page, COHORT);
    await button(page, "Choose what to map").waitFor();
    await tabTo(page, /^Choose what to map/);
    await page.keyboard.press("Enter");
    await page.waitForSelector(".plan dl");
    // The view has the focus now: the next stop is its first.
    await tabTo(page, /^Window/);
    await page.keyboard.press("ControlOrMeta+A");
    await page.keyboard.type("500kb");
    await tabTo(page, /^Start$/);
    await expect.poll(() => page.locator(".plan dl.stale").count()).toBe(0);
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.title.startsWith("Overview"));
    await page.keyboard.press("e");
    await page.waitForSelector(".export");
    await tabTo(page, /^cis_genes as TSV$/);
    await page.keyboard.press("Escape");
    expect(await page.locator(".export").count()).toBe(0);
    await page.context().close();
  });

  it("one goes from the table of genes to a gene, out of everything again, and exports", async () => {
    const page = await built.browser.newPage();
    await page.goto(`${views.address}?open=cis 200 5000#view=genes`);
    await page.waitForSelector("[role=grid], main table");
    await tabTo(page, /Skip to the content/);
    await page.keyboard.press("Enter");
    const trail: string[] = [];
    for (let stops = 0; stops < 40 && (await page.title()).startsWith("Genes"); stops++) {
      await page.keyboard.press("Tab");
      const inGrid = await page.evaluate(() => {
        const grid = document.activeElement?.closest("[role=grid], table");
        return (
          grid !== null &&
          grid !== undefined &&
          document.activeElement?.closest("thead,[role=columnheader]") === null
        );
      });
      trail.push(await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 80) ?? ""));
      if (inGrid) await page.keyboard.press("Enter");
    }
    expect(await page.title(), trail.join("\n")).toMatch(/^Gene ·/);
    // All stops of the page are gone round: nothing keeps the focus.
    const starts = new Set<string>();
    for (let stops = 0; stops < 150; stops++) {
      await page.keyboard.press("Tab");
      starts.add(
        await page.evaluate(() =>
          document.activeElement === document.body ? "end" : (document.activeElement?.textContent ?? ""),
        ),
      );
    }
    expect([...starts].some((text) => text === "end" || text === "Skip to the content")).toBe(true);
    await page.keyboard.press("e");
    await page.waitForSelector(".export");
    await tabTo(page, /^SVG of /);
    await page.keyboard.press("Escape");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("export-menu");
    await page.close();
  });
});

it("who wants less motion has none", async () => {
  const page = await built.open("", { reducedMotion: "reduce" });
  await openRun(page);
  const moving = await page.evaluate(() =>
    [...document.querySelectorAll("*")]
      .filter((element) => {
        const { animationDuration, animationName, transitionDuration } = getComputedStyle(element);
        const lasts = (text: string) => text.split(",").some((each) => Number.parseFloat(each) > 0.01);
        return (animationName !== "none" && lasts(animationDuration)) || lasts(transitionDuration);
      })
      .map(({ outerHTML }) => outerHTML.slice(0, 80)),
  );
  expect(moving).toEqual([]);
  await page.context().close();
});

it("complains of nothing", () => {
  expect(built.complaints).toEqual([]);
});
