/**
 * Pictures of the page's views on the demo, light and dark, into docs/img: cis and trans maps and modules are made in headless Chromium as a person would.
 * The GWAS, gene models, recombination map and context that are shown beside the demo are made up of its own numbers, to have something to show.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { startChromium } from "../test/helpers/chromium.ts";

const root = process.cwd();
const load = async (name: string) => import(pathToFileURL(join(root, "scripts", name)).href);
const { buildPage } = await load("build-page.mjs");
const { serve } = await load("serve-app.mjs");
const DEMO = join(root, "examples/geuvadis-chr22");

const folder = mkdtempSync(join(tmpdir(), "qortex-pictures-"));
await buildPage(folder, { example: true });
writeFileSync(join(folder, "example/gwas.tsv"), madeGwas());
writeFileSync(join(folder, "example/cells.txt"), madeContext());
const server = await serve(folder, { port: 0 });
const browser = await startChromium();
try {
  for (const scheme of ["light", "dark"] as const) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 860 }, colorScheme: scheme });
    const picture = async (name: string) => {
      await page.waitForTimeout(1_200);
      await page.screenshot({ path: join(root, `docs/img/page-${name}-${scheme}.png`) });
    };
    await page.goto(`http://127.0.0.1:${server.port}/`);
    await page.getByRole("button", { name: "Try the example" }).waitFor();
    await drop(page, [
      "genotypes.bed",
      "genotypes.bim",
      "genotypes.fam",
      "expression.bed.gz",
      "covariates.txt",
      "gwas.tsv",
      "cells.txt",
    ]);
    await page.getByRole("button", { name: /Choose what to map/ }).waitFor({ timeout: 60_000 });
    await picture("files");
    await page.getByRole("button", { name: /Choose what to map/ }).click();
    await page.getByRole("button", { name: "Start", exact: true }).waitFor({ timeout: 60_000 });
    await page.waitForTimeout(5_000);
    await picture("run");
    await run(page, "trans map");
    await visit(page, "Trans");
    await picture("trans");
    await visit(page, "Run");
    await run(page, "Network");
    await visit(page, "Network");
    await page.waitForTimeout(3_000);
    await picture("network");
    await visit(page, "Run");
    await run(page, "cis map");
    for (const [view, name] of [
      ["Overview", "overview"],
      ["Genes", "genes"],
      ["Gene", "gene"],
      ["Colocalisation", "coloc"],
      ["Genome browser", "browser"],
      ["Report", "report"],
    ] as const) {
      await visit(page, view);
      await page.waitForTimeout(2_500);
      await picture(name);
    }
    await page.close();
  }
} finally {
  await browser.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
}

/** Files of the served example, as a drop. */
async function drop(page: Page, names: readonly string[]): Promise<void> {
  await page
    .locator('input[type="file"][multiple]')
    .first()
    .setInputFiles(
      await Promise.all(
        names.map(async (name) => ({
          name,
          mimeType: "application/octet-stream",
          buffer: readFileSync(join(folder, "example", name)),
        })),
      ),
    );
}

async function visit(page: Page, name: string): Promise<void> {
  await page.getByRole("link", { name, exact: true }).click();
}

async function run(page: Page, kind: string): Promise<void> {
  await page.getByRole("radio", { name: new RegExp(kind) }).check();
  await page.waitForTimeout(2_500);
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await page
    .getByRole("link", { name: "Overview", exact: true, current: "page" } as never)
    .waitFor({ timeout: 180_000 });
  await page.waitForTimeout(1_500);
}

/** z falls off with the distance from a lead of the demo. */
function madeGwas(): string {
  const lead = 41_256_802;
  const lines = readFileSync(join(DEMO, "genotypes.bim"), "utf8").trimEnd().split("\n");
  const rows = lines.flatMap((line, i) => {
    const [chromosome, id, , position, a1, a2] = line.split("\t");
    const noise = Math.sin(i * 12.9898) * 1.2;
    const z = 9 * Math.exp(-(((Number(position) - lead) / 90_000) ** 2)) + noise;
    return i % 2 === 0 ? [`${chromosome}\t${position}\t${id}\t${a1}\t${a2}\t${z.toFixed(3)}`] : [];
  });
  return `chromosome\tposition\tvariant_id\teffect_allele\tother_allele\tz\n${rows.join("\n")}\n`;
}

function madeContext(): string {
  const samples = readFileSync(join(DEMO, "genotypes.fam"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/\s+/)[1]);
  return `${samples.map((sample, i) => `${sample}\t${(0.5 + 0.4 * Math.sin(i)).toFixed(3)}`).join("\n")}\n`;
}
