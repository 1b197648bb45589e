import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { InputError } from "../errors.ts";
import { writeError } from "../node/fileErrors.ts";
import { type Manifest, readManifest } from "../node/manifest.ts";
import { withRows } from "../report/keptReport.ts";
import { counted } from "../report/numbers.ts";
import { type Illustrated, reportHtml } from "../report/report.ts";
import { fileSize } from "./format.ts";
import { geneFigures } from "./geneRegions.ts";
import { readReport, withPlots } from "./keptPage.ts";
import { oldReport } from "./oldReport.ts";
import { REPORT_PAGE } from "./reportFiles.ts";
import { checkReportOptions, type ReportOptions } from "./reportOptions.ts";
import type { Invocation } from "./shell.ts";

/** `qortex report`: the page of a finished result again. */
export async function runReport(folder: string, options: ReportOptions, shell: Invocation): Promise<void> {
  checkReportOptions(options);
  const manifest = await readManifest(folder);
  if (manifest === undefined)
    throw new InputError(folder, "holds no finished result", "give the folder that a command wrote");
  if (manifest.files.some(({ name }) => name === "shard.json"))
    throw new InputError(folder, "is one shard of a map", "join all of them with 'qortex merge'");
  refuseWithoutTables(folder, manifest);
  const warn = (text: string): void => {
    shell.err.write(`Warning: ${text}\n`);
  };
  const page = await pageOf(folder, manifest, options, warn);
  const html = reportHtml(page);
  const own = join(folder, REPORT_PAGE);
  const out = options.out ?? own;
  await replaceFile(out, html);
  if (resolve(out) === resolve(own)) await listInManifest(folder, html);
  if (!options.quiet) {
    const what = [counted(page.figures.length, "figure"), counted(page.tables.length, "table")].join(", ");
    shell.out.write(`${out}: ${what}, ${fileSize(Buffer.byteLength(html))}\n`);
  }
}

/** A page of a result that lacks a table would speak of rows that nobody can look up. */
function refuseWithoutTables(folder: string, { files }: Manifest): void {
  const gone = files.filter(({ name, rows }) => rows !== undefined && !existsSync(join(folder, name)));
  if (gone.length === 0) return;
  throw new InputError(
    folder,
    `lacks ${gone.map(({ name }) => name).join(", ")}, which manifest.json lists`,
    "put it back, or run the command again",
  );
}

async function pageOf(
  folder: string,
  manifest: Manifest,
  { gene, top }: ReportOptions,
  warn: (text: string) => void,
): Promise<Illustrated> {
  const kept = await readReport(folder);
  if (kept === undefined)
    warn(
      `${folder} keeps no report.data, being of an older version or made without: the page shows what tables, pictures and manifest say`,
    );
  const { page, missing } =
    kept === undefined
      ? { page: await oldReport(folder, manifest), missing: [] }
      : await withPlots(folder, kept);
  if (missing.length > 0) warn(`${folder}: ${missing.join(", ")} not there any more; left out`);
  const more = gene.length === 0 ? [] : await geneFigures(folder, gene);
  const whole = { ...page, figures: [...page.figures, ...more] };
  return top === undefined ? whole : withRows(whole, top);
}

/** Written beside and renamed: a page is there whole or not at all. */
async function replaceFile(path: string, text: string): Promise<void> {
  const beside = `${path}.${process.pid}.part`;
  try {
    await writeFile(beside, text);
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw writeError(error, path);
  }
}

/** The manifest lists the page with its size and hash: these alone are changed in it, and nothing where they are right. */
async function listInManifest(folder: string, html: string): Promise<void> {
  const path = join(folder, "manifest.json");
  const manifest = JSON.parse(await readFile(path, "utf8")) as Manifest;
  const entry = {
    name: REPORT_PAGE,
    bytes: Buffer.byteLength(html),
    sha256: createHash("sha256").update(html).digest("hex"),
  };
  const at = manifest.files.findIndex(({ name }) => name === REPORT_PAGE);
  const before = manifest.files[at];
  if (before?.sha256 === entry.sha256 && before.bytes === entry.bytes) return;
  const files = at < 0 ? [...manifest.files, entry] : manifest.files.with(at, entry);
  await replaceFile(path, `${JSON.stringify({ ...manifest, files }, null, 2)}\n`);
}
