/**
 * Frames of the page's Manhattan plot on a million made-up points, in headless Chromium: panned by dragging and zoomed by the wheel, measured by
 * requestAnimationFrame (how long each frame was on the screen) and by the browser's tracing (what its threads worked for one). Work is processor
 * time, which a busy machine does not add to: what a frame took beyond it, its threads waited for a processor. Before them, when the page first
 * painted, by the clock.
 * Options: --points 1000000 --genes 20000 --ratio 1 --width 1400
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { count } from "../src/report/numbers.ts";
import { startChromium } from "../test/helpers/chromium.ts";
import { buildViews } from "../test/helpers/page/viewsPage.ts";
import { readArguments } from "./arguments.ts";

const { points, genes, ratio, width } = readArguments({
  points: 1_000_000,
  genes: 20_000,
  ratio: 1,
  width: 1400,
});

const STEPS = 180;

/** A thread of a process. */
interface Place {
  readonly pid: number;
  readonly tid: number;
}

interface TraceEvent extends Place {
  readonly name: string;
  readonly ph: string;
  readonly ts: number;
  /** Microseconds by the clock, and of the thread's own processor time. */
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** What one task is called in the trace, on the main thread and on all others. */
const TASKS = new Set(["RunTask", "ThreadControllerImpl::RunTask", "ThreadPool_RunTask"]);

const folder = mkdtempSync(join(tmpdir(), "qortex-page-"));
const script = pathToFileURL(join(process.cwd(), "scripts/serve-app.mjs")).href;
const { serve } = (await import(script)) as {
  serve: (folder: string, options: object) => Promise<{ port: number; close(): Promise<void> }>;
};
const browser = await startChromium();
try {
  await buildViews(folder);
  const server = await serve(folder, { port: 0 });
  const page = await browser.newPage({ viewport: { width, height: 900 }, deviceScaleFactor: ratio });
  await page.goto(`http://127.0.0.1:${server.port}/?open=cis ${genes} ${points}#view=overview`);
  await page.waitForSelector(".scatter-area canvas", { timeout: 120_000 });
  await page.waitForTimeout(3_000);
  const painted = await page.evaluate(
    () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN,
  );
  console.log(`First paint after ${painted.toFixed(0)} ms\n`);
  console.log(
    `${count(points)} points, ${count(genes)} genes, ${width} px wide, ${ratio} device pixels a pixel\n`,
  );
  console.log(
    "| what | frames | median ms | 95% ms | longest ms | frames a second | drawn | the page's work for one: median ms | 95% ms | most ms | longest other task ms | the browser's other threads, ms a frame | longest task: by the clock ms | of it work ms |",
  );
  console.log(`|${"---|".repeat(14)}`);
  await measured(browser, page, "still (the browser alone)", async () => page.waitForTimeout(3_000));
  await measured(browser, page, "zooming in by the wheel", () => wheel(page, -40));
  await measured(browser, page, "panning, zoomed in", () => drag(page));
  await measured(browser, page, "zooming out by the wheel", () => wheel(page, 40));
  await wheel(page, -12, 24);
  await measured(browser, page, "panning, half the genome in view", () => drag(page));
  await server.close();
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}

async function measured(own: Browser, page: Page, what: string, act: () => Promise<void>): Promise<void> {
  await own.startTracing(page, { categories: ["devtools.timeline", "toplevel", "cc"] });
  await page.evaluate(() => {
    const stamps: number[] = [];
    Object.assign(globalThis, { qortexStamps: stamps, qortexOn: true });
    const tick = (time: number): void => {
      stamps.push(time);
      if ((globalThis as unknown as { qortexOn: boolean }).qortexOn) requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  await act();
  const stamps = await page.evaluate(() => {
    Object.assign(globalThis, { qortexOn: false });
    return (globalThis as unknown as { qortexStamps: number[] }).qortexStamps;
  });
  const trace = JSON.parse((await own.stopTracing()).toString("utf8")) as { traceEvents: TraceEvent[] };
  const frames = sorted(stamps.slice(1).map((time, i) => time - stamps[i]!));
  const { work, other, elsewhere, longest } = worked(trace.traceEvents);
  const seconds = (stamps[stamps.length - 1]! - stamps[0]!) / 1000;
  const cells = [
    ...[frames.length, at(frames, 0.5), at(frames, 0.95), at(frames, 1)],
    ...[(frames.length / seconds).toFixed(1), work.length, at(work, 0.5), at(work, 0.95), at(work, 1)],
    ...[other, elsewhere / Math.max(1, work.length), ...longest].map((ms) => ms.toFixed(1)),
  ];
  console.log(`| ${what} | ${cells.join(" | ")} |`);
}

/**
 * Milliseconds of processor time: of each frame that the page drew, on its main thread from the input to the painting; of the longest other task
 * there; of all other threads of the browser together (compositor, raster, GPU). `longest`: the main thread's longest task by the clock, and what of
 * it was work.
 */
function worked(events: readonly TraceEvent[]) {
  const names = new Map(
    events.filter(({ name }) => name === "thread_name").map((event) => [placeOf(event), event.args?.name]),
  );
  const whole = events.filter(({ ph }) => ph === "X");
  const home = whole.find(({ name }) => name === "FireAnimationFrame");
  const isMain = (event: Place): boolean => home !== undefined && placeOf(event) === placeOf(home);
  const cpu = ({ tdur = 0 }: TraceEvent): number => tdur / 1000;
  const frames = whole.filter((event) => event.name === "ProxyMain::BeginMainFrame" && isMain(event));
  const tasks = whole.filter(({ name }) => TASKS.has(name));
  const main = tasks.filter(isMain);
  // Those in which the page drew: the stamps' own take a fraction of this.
  const work = sorted(frames.map(cpu).filter((ms) => ms > 1));
  const other = main.filter((task) => !frames.some((frame) => within(frame, task))).map(cpu);
  const elsewhere = tasks.filter((task) => !isMain(task) && names.get(placeOf(task)) !== "PerfettoTrace");
  const slow = main.reduce<TraceEvent | undefined>(
    (most, task) => ((task.dur ?? 0) > (most?.dur ?? 0) ? task : most),
    undefined,
  );
  return {
    work,
    other: Math.max(0, ...other),
    elsewhere: elsewhere.reduce((sum, task) => sum + cpu(task), 0),
    longest: slow === undefined ? [0, 0] : [(slow.dur ?? 0) / 1000, cpu(slow)],
  };
}

function placeOf({ pid, tid }: Place): string {
  return `${pid} ${tid}`;
}

function within(inner: TraceEvent, outer: TraceEvent): boolean {
  return inner.ts >= outer.ts && inner.ts + (inner.dur ?? 0) <= outer.ts + (outer.dur ?? 0);
}

/** As a hand does: a move for each frame. */
async function drag(page: Page): Promise<void> {
  const box = await page.locator(".scatter-area").first().boundingBox();
  if (box === null) throw new Error("the page shows no plot");
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width * 0.5, y);
  await page.mouse.down();
  for (let step = 1; step <= STEPS; step++)
    await page.mouse.move(box.x + box.width * (0.5 - 0.4 * Math.sin(step / 14)), y);
  await page.mouse.up();
}

async function wheel(page: Page, by: number, steps = 120): Promise<void> {
  const box = await page.locator(".scatter-area").first().boundingBox();
  if (box === null) throw new Error("the page shows no plot");
  await page.mouse.move(box.x + box.width * 0.37, box.y + box.height / 2);
  for (let step = 0; step < steps; step++) await page.mouse.wheel(0, by);
}

function sorted(values: number[]): number[] {
  return values.sort((a, b) => a - b);
}

function at(values: readonly number[], share: number): string {
  return (values[Math.min(values.length - 1, Math.floor(share * values.length))] ?? Number.NaN).toFixed(1);
}
