/** The engine of the built page without the page, as test/browser/page/engineEntry.ts has it, and what is asked of it. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import type { EngineClient } from "../../../src/app/engine/client.ts";
import type { EngineEvent, Job, ResultView } from "../../../src/app/engine/protocol.ts";
import type { BuiltPage } from "./builtPage.ts";

/** What engineEntry.ts puts into a page. */
export interface Bare {
  readonly engine: EngineClient;
  readonly events: EngineEvent[];
  files(names: readonly string[]): Promise<{ name: string; file: Blob }[]>;
  digest(blob: Blob): Promise<string>;
}

export const CHOICE = { maf: 0.01, transform: "none" } as const;

/** A new page with the engine, which begins with `prelude`. */
export async function bareEngine(built: BuiltPage, isolated = true, prelude = ""): Promise<Page> {
  const page = await built.open(isolated ? built.isolated : built.plain, "bare.html", prelude);
  await page.waitForFunction(() => "engine" in globalThis);
  return page;
}

/** Opens the cohort of these files of `example/`, as dropped files, in a wrong order. */
export async function openCohort(page: Page, names: readonly string[]): Promise<void> {
  await page.evaluate(
    async ([paths, choice]) => {
      const { engine, files } = globalThis as unknown as Bare;
      const given = await files(paths);
      const { ready, missing, files: known } = await engine.understand(given);
      if (!ready) throw new Error(missing.join("; "));
      await engine.open({ files: given.map((file, i) => ({ ...file, role: known[i]!.role })), ...choice });
    },
    [names.map((name) => `example/${name}`).toReversed(), CHOICE] as const,
  );
}

/** Runs a job, and hashes the tables that it exports. */
export async function runJob(
  page: Page,
  job: Job,
): Promise<{ view: ResultView; hashes: Record<string, string> }> {
  return page.evaluate(async (wanted) => {
    const { engine, digest } = globalThis as unknown as Bare;
    const view = await engine.run(wanted);
    const hashes: Record<string, string> = {};
    for (const { name } of view.tables)
      hashes[name] = await digest(await engine.exportTable(name, "parquet"));
    return { view, hashes };
  }, job);
}

/** SHA-256 of each table in a folder that the command line wrote, by its name. */
export function tableHashes(folder: string): Record<string, string> {
  const tables = readdirSync(folder).filter((file) => file.endsWith(".parquet"));
  const hash = (file: string) =>
    createHash("sha256")
      .update(readFileSync(join(folder, file)))
      .digest("hex");
  return Object.fromEntries(tables.map((file) => [file.slice(0, -".parquet".length), hash(file)]));
}
