/** `npm run demo:network`, and its page and pictures in Chromium: by day, at night, and on a narrow screen. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startChromium } from "../helpers/chromium.ts";
import { builtCommand, scratchFolder } from "../helpers/extended.ts";
import { repository } from "../helpers/shared.ts";

const out = join(scratchFolder(), "network");
let said = "";
let browser: Browser;
beforeAll(async () => {
  builtCommand();
  said = execFileSync(process.execPath, ["scripts/demo-network.mjs", out], {
    cwd: repository,
    encoding: "utf8",
  });
  browser = await startChromium();
}, 300_000);
afterAll(() => browser?.close());

/** Opens a file, and closes it after `look`; what the console says is a failure. */
async function opened<T>(
  name: string,
  { width = 1200, dark = false },
  look: (page: Page) => Promise<T>,
): Promise<T> {
  const page = await browser.newPage({
    viewport: { width, height: 900 },
    colorScheme: dark ? "dark" : "light",
  });
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("requestfailed", (request) => complaints.push(request.url()));
  try {
    await page.goto(pathToFileURL(join(out, name)).href);
    const found = await look(page);
    expect(complaints).toEqual([]);
    return found;
  } finally {
    await page.close();
  }
}

describe("npm run demo:network", () => {
  test("ends with modules, and says where they, the page and the pictures are", () => {
    expect(said).toMatch(/Done in \d+ s: 6 modules, \d+ communities/);
    const named = said.slice(said.indexOf("Done in")).match(/\S+\.(html|svg|parquet|graphml|gexf)\b/g)!;
    expect(named.length).toBeGreaterThan(6);
    for (const path of named.filter((name) => name.startsWith(out)))
      expect(existsSync(path), path).toBe(true);
    // Immunoglobulin light chains are on chromosome 22, and these cells make them: a module of their own.
    expect(said).toMatch(/green +40 genes, hub IGLV1-47/);
    expect(said).toMatch(/strongest trait: module 5 x CEU, r -0\.69/);
  });

  test.each([
    { width: 1200, dark: false },
    { width: 1200, dark: true },
    { width: 390, dark: false },
  ])("the page is whole and does not scroll sideways: $width px, dark $dark", async (screen) => {
    const found = await opened("modules/report.html", screen, (page) =>
      page.evaluate(() => ({
        sideways: document.documentElement.scrollWidth - innerWidth,
        sections: Array.from(document.querySelectorAll("h2"), (one) => one.textContent),
        figures: Array.from(document.querySelectorAll("figure"), (one) => ({
          title: one.querySelector("h3")!.textContent,
          width: one.querySelector("svg")!.getBoundingClientRect().width,
        })),
      })),
    );
    expect(found.sideways).toBeLessThanOrEqual(0);
    expect(found.sections).toEqual(["Inputs", "Figures", "Tables", "Methods", "Manifest"]);
    expect(found.figures.map(({ title }) => title)).toEqual([
      ...["Topological overlap", "Modules and traits", "Scale-free fit", "Mean connectivity"],
      ...["Module 1 turquoise", "Module 2 blue", "Module 3 brown", "Module 4 yellow"],
    ]);
    for (const { title, width } of found.figures) expect(width, title!).toBeGreaterThan(250);
  });

  test("no text of a picture is cut off or unreadable against its ground", async () => {
    const names = ["modules", "communities"].flatMap((folder) =>
      readdirSync(join(out, folder))
        .filter((name) => name.endsWith(".svg"))
        .map((name) => `${folder}/${name}`),
    );
    expect(names.length).toBe(14);
    for (const name of names) {
      expect(readFileSync(join(out, name), "utf8")).not.toMatch(/NaN|Infinity|undefined/);
      for (const dark of [false, true]) {
        const faults = await opened(name, { dark }, (page) => page.evaluate(faultyTexts));
        expect(faults, `${name}, dark ${dark}`).toEqual([]);
      }
    }
  });
});

/** Texts that reach beyond the picture, or whose halo is nearer to their own colour than to the paper's. Runs in the page. */
function faultyTexts(): string[] {
  const svg = document.querySelector("svg")!;
  const box = svg.getBoundingClientRect();
  const light = (colour: string): number =>
    (colour.match(/[\d.]+/g) ?? []).slice(0, 3).reduce((sum, value) => sum + Number(value), 0) / 765;
  return Array.from(svg.querySelectorAll("text")).flatMap((text) => {
    const own = text.getBoundingClientRect();
    const inside =
      own.left >= box.left - 1 &&
      own.right <= box.right + 1 &&
      own.top >= box.top - 1 &&
      own.bottom <= box.bottom + 1;
    const { fill, stroke } = getComputedStyle(text);
    const readable = stroke === "none" || Math.abs(light(fill) - light(stroke)) > 0.4;
    return [
      ...(inside ? [] : [`beyond the picture: ${text.textContent}`]),
      ...(readable ? [] : [`halo of its own colour: ${text.textContent}`]),
    ];
  });
}
