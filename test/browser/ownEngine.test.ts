/** The page with its own engine: what `qortex view` serves, and a run that a reload broke off. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildPage } from "../../scripts/build-page.mjs";
import { type BuiltCommand, buildCommand } from "../helpers/command.ts";
import { type BuiltPage, builtPage } from "../helpers/page/builtPage.ts";
import { COHORT, smallDemo } from "../helpers/page/smallDemo.ts";
import { repository } from "../helpers/shared.ts";
import { cohortArguments, writeCohort } from "../unit/cli/cohortFiles.ts";
import { qortex } from "../unit/cli/shell.ts";

let folder: string;
let built: BuiltPage;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "qortex-own-"));
  built = await builtPage();
});
afterAll(async () => {
  await built?.close();
  rmSync(folder, { recursive: true, force: true });
});

const goTo = (page: Page, view: string) =>
  page.locator("nav.views").getByRole("link", { name: view, exact: true }).click();

describe("qortex view", () => {
  /** Beside the bundled command, where it looks for its page. */
  const beside = join(repository, ".cache/page");
  let command: BuiltCommand;
  let server: ChildProcess;
  let address: string;
  beforeAll(async () => {
    const files = writeCohort(join(folder, "data"));
    const out = join(folder, "out");
    const { code, err } = await qortex(["cis", ...cohortArguments(files, out), "--permutations", "20"]);
    expect(code, err).toBe(0);
    command = await buildCommand();
    await buildPage(beside, { example: false });
    server = spawn(process.execPath, [command.main, "view", out], { stdio: ["ignore", "pipe", "inherit"] });
    address = await new Promise<string>((done, fail) => {
      let said = "";
      server.stdout?.on("data", (text: Buffer) => {
        said += text.toString();
        const found = /http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}\//.exec(said);
        if (found !== null) done(found[0]);
      });
      server.on("exit", () => fail(new Error(`it ended: ${said}`)));
    });
  });
  afterAll(() => {
    server?.kill();
    command?.remove();
    rmSync(beside, { recursive: true, force: true });
  });

  it("opens the result with its inputs: a gene's samples are drawn, and nothing is asked of anybody else", async () => {
    const page = await (await built.browser.newContext()).newPage();
    const asked: string[] = [];
    const complaints: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    // The gene is looked at before its samples are there.
    let go: () => void = () => {};
    const held = new Promise<void>((done) => {
      go = done;
    });
    await page.route("**/inputs/**", async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(`${address}#view=gene&gene=gene0`);
    const plot = page.locator("figure", { hasText: "Expression by genotype" });
    await plot.getByText("Load the cohort's files to see expression by genotype").waitFor();
    go();
    await plot.locator(".plot-svg svg").waitFor();
    // Of the 60 samples one has no call at the lead.
    const counts = [...(await plot.innerHTML()).matchAll(/>n = (\d+)</g)].map(([, n]) => Number(n));
    expect(counts.reduce((sum, n) => sum + n, 0)).toBe(59);
    expect(await plot.textContent()).toContain("the slope is per copy of");
    await goTo(page, "Run");
    await page.waitForSelector(".plan dl");
    expect(await page.locator("#cohort-title").textContent()).toBe("cohort × expression.bed");
    expect(await page.locator("#cohort-title + p").textContent()).toContain("60 samples, 30 genes");
    expect(asked.filter((url) => !url.startsWith(address) && !/^(blob|data):/.test(url))).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it("refuses what is below no address of its own, from within the page too", async () => {
    const page = await (await built.browser.newContext()).newPage();
    await page.goto(address);
    const statuses = await page.evaluate(async () => {
      const paths = [
        "/",
        "/view.json",
        "../view.json",
        "inputs/0/other",
        "inputs/99/cohort.bed",
        "result/nothing",
      ];
      const ways = [...paths, "result/..%2f..%2fdata%2fcohort.bed", "inputs/0/..%2f..%2fcohort.fam"];
      return Promise.all(ways.map(async (path) => (await fetch(new URL(path, document.baseURI))).status));
    });
    expect(new Set(statuses)).toEqual(new Set([404]));
    await page.context().close();
  });
});

describe("a run that a reload broke off", () => {
  it("is offered where one was, with its name and options, and ends with a result", async () => {
    smallDemo(folder, 60);
    const page = await built.open(built.isolated);
    await page.waitForSelector(".chip-text");
    await page
      .getByLabel("Files of a cohort")
      .setInputFiles([
        ...["small.bed", "small.bim", "small.fam"].map((name) => join(folder, name)),
        ...["expression.bed.gz", "covariates.txt"].map((name) => join(COHORT, name)),
      ]);
    await page.getByRole("button", { name: "Choose what to map" }).click();
    await page.getByLabel(/^Window/).fill("20kb");
    await page.getByLabel(/^Permutations/).fill("800");
    await page.keyboard.press("Tab");
    await page.waitForSelector(".plan dl");
    await page.getByRole("button", { name: "Start", exact: true }).click();
    await page.waitForFunction(() => {
      const [, done = "0"] =
        /([\d,]+) of [\d,]+ pairs/.exec(document.querySelector(".running")?.textContent ?? "") ?? [];
      return Number(done.replaceAll(",", "")) > 0;
    });
    await page.reload();
    await page.waitForSelector("ul.kept");
    expect(await page.locator("nav.views a[aria-current]").textContent()).toBe("Run");
    expect(await page.locator("main").textContent()).toContain("No cohort is open");
    const row = page.locator("ul.kept > li");
    expect(await row.count()).toBe(1);
    expect(await row.textContent()).toMatch(
      /^small × expression\.bed\.gzcis map, window 20kb, 800 permutations.*, \d+% done/,
    );
    await row.getByRole("button", { name: "Resume" }).click();
    expect(await page.locator("#running-title").textContent()).toContain("small × expression.bed.gz");
    await page.waitForFunction(() => document.title.startsWith("Overview"), undefined, { timeout: 100_000 });
    await page.reload();
    await page.waitForFunction(() => document.querySelector("nav.views")?.textContent?.includes("Run"));
    await goTo(page, "Run");
    await page.locator("ul.kept").getByRole("button", { name: "Open", exact: true }).click();
    await page.waitForFunction(() => document.title.startsWith("Overview"));
    // The files are the kept run's alone: there is nothing that Start would map.
    await goTo(page, "Run");
    expect(await page.getByRole("button", { name: "Start", exact: true }).count()).toBe(0);
    await page.context().close();
  });
});

it("complains of nothing", () => {
  expect(built.complaints).toEqual([]);
  expect(built.strays).toEqual([]);
});
