/**
 * The demo cohort mapped by the page in headless Chromium, as a person would: the seconds that the page said before it started beside those it took,
 * and the most memory that the tab's process and the browser's GPU process held (VmHWM of /proc, so on Linux alone). A browser of its own for each run.
 * Options: --runs 1 --software 0 (1: the trans map on a GPU made of software too)
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import type { WorkPlan } from "../src/app/engine/protocol.ts";
import { startChromium } from "../test/helpers/chromium.ts";
import { readArguments } from "./arguments.ts";
import { peakOf } from "./processes.ts";
import { machine } from "./scene.ts";

const { runs, software } = readArguments({ runs: 1, software: 0 });

interface MappedJob {
  readonly title: string;
  readonly kind: string;
  readonly permutations?: number;
  readonly backend?: string;
}

const JOBS: readonly MappedJob[] = [
  { title: "cis, 1,000 permutations", kind: "cis map", permutations: 1000 },
  { title: "cis", kind: "cis map" },
  { title: "trans", kind: "trans map" },
  ...(software === 1 ? [{ title: "trans", kind: "trans map", backend: "webgpu" }] : []),
];

const load = async (name: string) => import(pathToFileURL(join(process.cwd(), "scripts", name)).href);
const { buildPage } = await load("build-page.mjs");
const { serve } = await load("serve-app.mjs");
const folder = mkdtempSync(join(tmpdir(), "qortex-page-run-"));
try {
  await buildPage(folder, { example: true });
  console.log(`${machine()}\n`);
  const columns = ["job", "by", "planned s", "took s", "took ÷ planned", "planned MiB"];
  console.log(`| ${[...columns, "tab at most MiB", "of it before", "GPU process MiB"].join(" | ")} |`);
  console.log(`|${"---|".repeat(9)}`);
  for (const job of JOBS) for (let run = 0; run < runs; run++) console.log(await measured(job));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measured({ title, kind, permutations, backend }: MappedJob): Promise<string> {
  const server = await serve(folder, { port: 0 });
  const browser = await startChromium();
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
    await page.addInitScript(keepPlans);
    await page.goto(`http://127.0.0.1:${server.port}/`);
    await page.getByRole("button", { name: "Try the example" }).click();
    await page.getByRole("button", { name: /Choose what to map/ }).click({ timeout: 60_000 });
    await page.getByRole("radio", { name: new RegExp(kind) }).check();
    if (permutations !== undefined) {
      await page.locator("#option-permutations").fill(String(permutations));
      await page.locator("#option-permutations").blur();
    }
    if (backend !== undefined) await page.locator("#option-computed-by").selectOption(backend);
    const plan = await settledPlan(page);
    const before = peakOf("renderer");
    const started = performance.now();
    await page.getByRole("button", { name: "Start", exact: true }).click();
    await page.waitForSelector('nav.views a[aria-current]:has-text("Overview")', { timeout: 900_000 });
    const seconds = (performance.now() - started) / 1000;
    // What is drawn then is the tab's memory too.
    await page.waitForTimeout(3_000);
    const cells = [
      ...[title, plan.using.replace(/^Using /, ""), plan.seconds.toFixed(1), seconds.toFixed(1)],
      ...[(seconds / plan.seconds).toFixed(2), (plan.bytes / 2 ** 20).toFixed(0)],
      ...[peakOf("renderer"), before, peakOf("gpu-process")].map((kib) => (kib / 1024).toFixed(0)),
    ];
    return `| ${cells.join(" | ")} |`;
  } finally {
    await browser.close();
    await server.close();
  }
}

/** In the page: what the engine answers to `plan` is kept where it can be read with all its digits. */
function keepPlans(): void {
  const Own = globalThis.Worker;
  globalThis.Worker = class extends Own {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      this.addEventListener("message", ({ data }) => {
        if (data?.answer?.permutedPairs !== undefined) Object.assign(globalThis, { qortexPlan: data.answer });
      });
    }
  };
}

/** The plan that the page shows once nothing changes any more. */
async function settledPlan(page: Page): Promise<WorkPlan> {
  const read = () =>
    page.evaluate(() => (globalThis as unknown as { qortexPlan?: WorkPlan }).qortexPlan?.seconds);
  let last: number | undefined;
  for (;;) {
    await page.waitForTimeout(10_000);
    const now = await read();
    if (now !== undefined && now === last) break;
    last = now;
  }
  return page.evaluate(() => (globalThis as unknown as { qortexPlan: WorkPlan }).qortexPlan);
}
