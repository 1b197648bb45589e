/** From files to a result as a person goes, with an engine that makes everything up: what is mapped, what is resumed, what is forgotten. */
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { button, COHORT, drop, type FakePage, fakePage, openRun } from "../helpers/page/fakePage.ts";

let built: FakePage;
beforeAll(async () => {
  built = await fakePage();
});
afterAll(async () => {
  await built?.close();
});

/** Another cohort, whose runs take seconds. */
const SLOW = COHORT.map((name) => name.replace(/^a\./, "b.")).concat("slow-notes.txt");
const current = (page: Page) => page.locator("nav.views a[aria-current]").textContent();
const kept = (page: Page) => page.locator("ul.kept > li").allTextContents();
const start = (page: Page) => page.getByRole("button", { name: "Start", exact: true });
const goTo = (page: Page, view: string) =>
  page.locator("nav.views").getByRole("link", { name: view, exact: true }).click();

async function reachEnd(page: Page): Promise<void> {
  await page.waitForFunction(() => document.title.startsWith("Overview"));
}

async function cancel(page: Page): Promise<void> {
  await page.waitForFunction(() => /a second/.test(document.querySelector(".running")?.textContent ?? ""));
  await button(page, "Cancel").click();
  await page.waitForSelector(".stopped");
}

describe("the cohort", () => {
  it("that the form speaks of is the one that is mapped, after a kept result was opened", async () => {
    const page = await built.open();
    await openRun(page);
    await start(page).click();
    await reachEnd(page);
    await goTo(page, "Files");
    for (const name of COHORT.slice(0, 3).filter((file) => file.startsWith("a.")))
      await button(page, `Leave ${name} out`).click();
    await button(page, "Leave a.fam out").click();
    await drop(page, ["b.bed", "b.bim", "b.fam"]);
    await button(page, "Choose what to map").click();
    await page.waitForSelector(".plan dl");
    expect(await page.locator("#cohort-title").textContent()).toBe("b × expression.bed.gz");
    await start(page).click();
    await reachEnd(page);
    // The other one, whose cohort the engine opens beside that of the files.
    await goTo(page, "Files");
    await page
      .locator("ul.kept > li", { hasText: "a × expression.bed.gz" })
      .getByRole("button", { name: "Open", exact: true })
      .click();
    await reachEnd(page);
    await goTo(page, "Run");
    await page.waitForSelector(".plan dl");
    expect(await page.locator("#cohort-title").textContent()).toBe("b × expression.bed.gz");
    expect(await page.locator(".plan").textContent()).toContain("maps b × expression.bed.gz");
    await start(page).click();
    await page.waitForSelector(".running");
    expect(await page.locator("#running-title").textContent()).toContain("b × expression.bed.gz");
    await reachEnd(page);
    await goTo(page, "Files");
    const names = await page.locator("ul.kept strong").allTextContents();
    const [a, b] = ["a × expression.bed.gz", "b × expression.bed.gz"];
    expect(names).toEqual([b, b, a]);
    await page.context().close();
  });

  it("is read again where a filter was changed by the address, before anything starts", async () => {
    const page = await built.open();
    await openRun(page);
    await page.evaluate(() => {
      location.hash = "#view=run&run.maf=0.2";
    });
    await page.waitForFunction(() =>
      /Reading the cohort/.test(document.querySelector(".plan")?.textContent ?? ""),
    );
    expect(await start(page).isEnabled()).toBe(false);
    await expect.poll(() => start(page).isEnabled()).toBe(true);
    await start(page).click();
    await reachEnd(page);
    await goTo(page, "Files");
    expect((await kept(page))[0]).toContain("MAF 0.2");
    await page.context().close();
  });

  it("is the newest: a file that is dropped while another is read is read too, and nothing of the older stays", async () => {
    const page = await built.open();
    await drop(page, [...COHORT, "late.txt"]);
    await button(page, "Choose what to map").click();
    await page.waitForFunction(() => /Reading the cohort/.test(document.body.textContent ?? ""));
    await drop(page, ["gwas.tsv"], "header");
    await page.waitForFunction(() => document.querySelectorAll("main tbody tr").length === 7);
    await expect.poll(() => button(page, "Choose what to map").isEnabled()).toBe(true);
    expect(await current(page)).toBe("Files");
    expect(await page.locator(".banner").count()).toBe(0);
    await button(page, "Leave late.txt out").click();
    await button(page, "Choose what to map").click();
    await page.waitForSelector(".plan dl");
    await page.context().close();
  });
});

describe("files", () => {
  it("are taken wherever they are dropped, and shown where they are listed", async () => {
    const page = await built.open();
    await openRun(page);
    const transfer = await page.evaluateHandle(() => {
      const data = new DataTransfer();
      data.items.add(new File(["x"], "gwas.tsv"));
      return data;
    });
    await page.dispatchEvent("body", "dragenter", { dataTransfer: transfer });
    await page.waitForSelector(".drop-cover");
    await page.dispatchEvent("#cohort-title", "drop", { dataTransfer: transfer });
    expect(await page.locator(".drop-cover").count()).toBe(0);
    await page.waitForFunction(() => document.querySelectorAll("main tbody tr").length === 6);
    expect(await current(page)).toBe("Files");
    await page.context().close();
  });

  it("of 200 names, twice, are 200; another of one name takes its place, which is said", async () => {
    const page = await built.open();
    const many = Array.from({ length: 200 }, (_, i) => `notes-${i}.txt`);
    await drop(page, many, "body");
    await page.waitForFunction(() => document.querySelectorAll("main tbody tr").length === 200);
    await drop(page, many.slice(0, 1), "body");
    await page.getByText("notes-0.txt is there already.").first().waitFor();
    await drop(page, many.slice(0, 1), "body", " no more");
    await page.getByText("notes-0.txt took the place of the file of that name.").first().waitFor();
    expect(await page.locator("main tbody tr").count()).toBe(200);
    await page.context().close();
  });

  it("that are dropped while a run goes wait for its end, and say so", async () => {
    const page = await built.open();
    await openRun(page, SLOW);
    await start(page).click();
    await page.waitForSelector(".running");
    await drop(page, ["gwas.tsv"], "body");
    await page.getByText(/A run goes: 7 files will be looked at once it has ended/).waitFor();
    await goTo(page, "Run");
    await button(page, "Cancel").click();
    await page.waitForSelector(".stopped");
    await goTo(page, "Files");
    await page.waitForFunction(() => document.querySelectorAll("main tbody tr").length === 7);
    await page.context().close();
  });

  it("in a folder are taken, with those in its folders", async () => {
    const page = await built.open();
    const names = await page.evaluate(async () => {
      const file = (name: string) => ({
        isFile: true,
        isDirectory: false,
        name,
        file: (done: (file: File) => void) => done(new File([name], name)),
      });
      const folder = (name: string, inside: readonly unknown[]) => ({
        isFile: false,
        isDirectory: true,
        name,
        createReader: () => {
          const left = [...inside];
          // A browser hands out 100 at a time.
          return { readEntries: (done: (some: unknown[]) => void) => done(left.splice(0, 100)) };
        },
      });
      const many = Array.from({ length: 150 }, (_, i) => file(`part-${i}.txt`));
      const tree = folder("top", [file("a.bed"), file(".hidden"), folder("below", many)]);
      const event = new DragEvent("drop", { bubbles: true, cancelable: true });
      const item = { kind: "file", webkitGetAsEntry: () => tree };
      Object.defineProperty(event, "dataTransfer", { value: { types: ["Files"], items: [item], files: [] } });
      document.body.dispatchEvent(event);
      while (document.querySelectorAll("main tbody tr").length < 151)
        await new Promise((done) => setTimeout(done, 20));
      return [...document.querySelectorAll("main tbody th")].map(({ textContent }) => textContent);
    });
    expect(names).toHaveLength(151);
    expect(names).not.toContain(".hidden");
    await page.context().close();
  });
});

describe("runs that stopped", () => {
  it("are resumed by name: the one that was cancelled, not the oldest", async () => {
    const page = await built.open();
    await openRun(page, SLOW);
    await start(page).click();
    await cancel(page);
    await page.getByLabel(/^Window/).fill("500kb");
    await page.keyboard.press("Tab");
    await start(page).click();
    await cancel(page);
    expect(await page.locator(".stopped").textContent()).toMatch(
      /The run was cancelled: b × expression\.bed\.gz, cis map, window 500kb\. \d+% of it is done/,
    );
    await button(page, "Resume it").click();
    await page.waitForSelector(".running");
    expect(await page.locator(".running").textContent()).toContain("window 500kb");
    await cancel(page);
    const rows = await kept(page);
    expect(rows).toHaveLength(2);
    expect(rows[0]).toContain("window 500kb");
    expect(rows[1]).not.toContain("window");
    await page.context().close();
  });

  it("are offered by the run view where no files are open, with their options", async () => {
    const page = await built.open();
    await openRun(page, SLOW);
    await start(page).click();
    await cancel(page);
    await goTo(page, "Files");
    for (const name of SLOW) await button(page, `Leave ${name} out`).click();
    await goTo(page, "Run");
    expect(await page.locator("main").textContent()).toContain("No cohort is open");
    expect((await kept(page))[0]).toMatch(/b × expression\.bed\.gz.*cis map/);
    await page.locator("ul.kept").getByRole("button", { name: "Resume" }).click();
    await page.waitForSelector(".running");
    await button(page, "Cancel").click();
    await page.context().close();
  });

  it("are forgotten after one question, however often it is clicked, and never while a run goes", async () => {
    const page = await built.open();
    await openRun(page, SLOW);
    await start(page).click();
    await cancel(page);
    const forget = button(page, /^Forget b/);
    await forget.dblclick();
    expect(await kept(page)).toHaveLength(1);
    expect(await button(page, "Keep it").count()).toBe(1);
    await button(page, "Keep it").click();
    await forget.click();
    await start(page).click();
    await page.waitForSelector(".running");
    await goTo(page, "Files");
    expect(await page.locator("ul.kept button:enabled").count()).toBe(0);
    await goTo(page, "Run");
    await cancel(page);
    await page
      .locator("ul.kept li:last-child")
      .getByRole("button", { name: /^Forget/ })
      .click();
    await button(page, "Forget it for good").evaluate((element: HTMLButtonElement) => {
      element.click();
      element.click();
    });
    await expect.poll(async () => (await kept(page)).length).toBe(1);
    expect(await page.locator(".banner").count()).toBe(0);
    await page.context().close();
  });
});

describe("numbers", () => {
  it.each([
    ["Window", ["-1", "", "1e99", "abc", "0.5", "1,5"], "250kb", "whole bases from 0 to 2,147,483,647"],
    ["Permutations", ["0.5", "-1", "5", "1e99", ""], "1,000", "0 for none, or a whole number from 10"],
    ["MAF", ["0.6", "-0.1", "0,05", "x"], "0.1", "a number from 0 to 0.5"],
    ["Seed", ["-1", "1.5", "4294967296", ""], "7", "a whole number from 0 to 4,294,967,295"],
  ] as const)(
    "%s: a wrong one says what is allowed, stays, and holds Start",
    async (label, wrongs, right, says) => {
      const page = await built.open();
      await openRun(page);
      const field = page.getByLabel(new RegExp(`^${label}`));
      for (const wrong of wrongs) {
        await field.fill(wrong);
        // Held before the field is left too.
        expect(await start(page).isEnabled(), wrong).toBe(false);
        await page.keyboard.press("Tab");
        expect(await start(page).isEnabled(), wrong).toBe(false);
        expect(await field.inputValue()).toBe(wrong);
        expect(await field.getAttribute("aria-invalid")).toBe("true");
        expect(await page.locator(".field.wrong .note").textContent()).toContain(`Allowed: ${says}`);
        expect(await page.locator("pre.command").count()).toBe(0);
      }
      await field.fill(right);
      await page.keyboard.press("Tab");
      expect(await page.locator(".field.wrong").count()).toBe(0);
      await expect.poll(() => start(page).isEnabled()).toBe(true);
      expect(await page.locator("pre.command").textContent()).toContain(`--${label.toLowerCase()} `);
      await page.context().close();
    },
  );

  it("that are wrong go with the job that had them", async () => {
    const page = await built.open();
    await openRun(page);
    await page.getByLabel(/^Window/).fill("wide");
    await page.getByLabel(/^trans map/).check();
    await expect.poll(() => start(page).isEnabled()).toBe(true);
    await page.getByLabel(/^p-value/).fill("1.5");
    expect(await start(page).isEnabled()).toBe(false);
    expect(await page.locator(".field.wrong .note").textContent()).toContain("above 0 and at most 1");
    await page.context().close();
  });
});

describe("the report", () => {
  it("of a result that came without one says what the result says", async () => {
    const page = await built.open("", { acceptDownloads: true });
    await openRun(page);
    await page.getByLabel(/^Network/).check();
    await start(page).click();
    await reachEnd(page);
    await goTo(page, "Report");
    await page.waitForSelector("article.report");
    expect(await page.locator("article.report").textContent()).toMatch(
      /^Modules of 608 genes.*Samples358.*network_genes608.*came without a report of its own/s,
    );
    const saving = page.waitForEvent("download");
    await button(page, "Save report.html").click();
    const text = readFileSync(await (await saving).path(), "utf8");
    expect(text).toContain("<h1>Modules of 608 genes</h1>");
    expect(text).toContain("network_genes");
    await page.context().close();
  });

  it("of the command line is shown as it is, and runs nothing", async () => {
    const page = await built.open();
    await drop(page, ["cis_genes.parquet", "cis_pairs.parquet", "manifest.json", "report.html"]);
    await button(page, "Open the finished result").click();
    await reachEnd(page);
    await goTo(page, "Report");
    const frame = page.frameLocator("iframe.report-frame");
    expect(await frame.locator("h1").textContent()).toBe("Cis eQTL map");
    expect(await page.locator("iframe.report-frame").getAttribute("sandbox")).toBe("");
    await page.context().close();
  });
});

it("complains of nothing", () => {
  expect(built.complaints).toEqual([]);
});
