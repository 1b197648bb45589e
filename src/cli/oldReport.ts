import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Manifest } from "../node/manifest.ts";
import { openResult } from "../node/result.ts";
import { KEPT_ROWS } from "../report/keptReport.ts";
import { count, counted, plain, pValue } from "../report/numbers.ts";
import { eyebrow, idCell, TOP_ROWS } from "../report/pageParts.ts";
import type { Cell, Illustrated, NamedFigure, ReportTable } from "../report/report.ts";
import { resultOptions } from "./reportFiles.ts";

/** Columns that say how strong a row is, the first that a table has. */
const STRENGTH = ["log10_p_beta", "log10_p", "log10_q", "pval_beta", "pval_nominal", "pval", "qval"] as const;
/** Columns that a page has room for, those that every command names alike. */
const SHOWN = [
  ...["context", "list", "gene_set", "phenotype_id", "gene", "gene_symbol", "gene_a", "gene_b", "partner"],
  ...["set_id", "rank", "variant_id", "start_distance", "body_distance", "effect_allele", "af", "community"],
  ...["pip", "auc", "r", "slope", "slope_se", "beta", "log10_p", "log10_p_beta", "qval", "status"],
] as const;
/** Tables that say more of a run than of what it found, or are as large as what was tested. */
const LEFT = new Set([
  "null_sample",
  "variants_dropped",
  "cis_pairs",
  "trans_pairs",
  "coefficients",
  "edges",
]);
/** A table larger than this is not read for a page. */
const LARGEST = 64 * 2 ** 20;

/** The page of a result whose command kept nothing for it: what manifest, tables and pictures say. */
export async function oldReport(folder: string, manifest: Manifest): Promise<Illustrated> {
  const { version, command, options, inputs, model, degreesOfFreedom, messages = [], lambda } = manifest;
  const name = command.slice(1).find((word) => !word.startsWith("-")) ?? "result";
  const figures = await Promise.all(
    manifest.files
      .filter(({ name: file }) => file.endsWith(".svg"))
      .map(async ({ name: file }): Promise<NamedFigure[]> => {
        try {
          const svg = await readFile(join(folder, file), "utf8");
          return [
            {
              name: file.slice(0, -4),
              title: titleOf(file.slice(0, -4)),
              caption: `${file} of the result.`,
              svg,
            },
          ];
        } catch {
          return [];
        }
      }),
  );
  return {
    title: `qortex ${name}`,
    eyebrow: eyebrow(version, folder),
    lede: "This page was made from the result's tables, pictures and manifest: the command kept nothing for it.",
    summary: [
      { label: "Model", value: model, inline: true },
      { label: "Degrees of freedom", value: count(degreesOfFreedom), inline: true },
      ...(typeof lambda === "number"
        ? [{ label: "Inflation λ", value: lambda.toFixed(3), inline: true }]
        : []),
      { label: "Command", value: command.join(" "), code: true, inline: true },
    ],
    figures: figures.flat(),
    tables: [inputsTable(inputs), ...(await tablesOf(folder, manifest)), filesTable(manifest)],
    messages: messages.filter(({ level }) => level === "warning").map(({ text }) => text),
    manifest: { version, command: name, options: resultOptions(options as object), inputs },
  };
}

function inputsTable(inputs: Manifest["inputs"]): ReportTable {
  return {
    title: "What was given",
    place: "inputs",
    columns: ["Input", "File", "Bytes"],
    rows: inputs.map(({ role, path, bytes }) => [role, idCell(path, 60), count(bytes)]),
  };
}

function filesTable({ files }: Manifest): ReportTable {
  return {
    title: "Files written",
    place: "quality",
    columns: ["File", "Rows", "Bytes"],
    rows: files.map(({ name, rows, bytes }) => [name, rows === undefined ? "" : count(rows), count(bytes)]),
  };
}

/** The strongest rows of each table that says what was found. */
async function tablesOf(folder: string, manifest: Manifest): Promise<ReportTable[]> {
  const result = await openResult(folder);
  const tables: ReportTable[] = [];
  for (const { name: file, bytes } of manifest.files) {
    const name = file.replace(/\.(parquet|tsv\.gz)$/, "");
    if (name === file || LEFT.has(name) || bytes > LARGEST) continue;
    const table = await result.table(name);
    const titles = table.columnNames();
    const columns = SHOWN.filter((column) => titles.includes(column));
    if (table.numRows() === 0 || columns.length === 0) continue;
    const by = STRENGTH.find((column) => titles.includes(column));
    const strength = by === undefined ? undefined : table.array(by);
    const order = Array.from({ length: table.numRows() }, (_, row) => row);
    if (strength !== undefined) order.sort((a, b) => rankOf(strength[a]) - rankOf(strength[b]) || a - b);
    const values = columns.map((column) => table.array(column));
    tables.push({
      title: titleOf(name),
      note: `The ${by === undefined ? "first" : `smallest ${by}`} of ${counted(table.numRows(), "row")} of ${file}.`,
      columns,
      rows: order
        .slice(0, KEPT_ROWS)
        .map((row) => columns.map((column, c) => cellOf(column, values[c]![row]))),
      shown: TOP_ROWS,
    });
  }
  return tables;
}

function rankOf(value: unknown): number {
  return typeof value === "number" && !Number.isNaN(value) ? value : Number.POSITIVE_INFINITY;
}

function cellOf(column: string, value: unknown): Cell {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "number") return idCell(String(value), 40);
  if (column.startsWith("log10_")) return pValue(value);
  if (column === "qval") return value === 0 ? "< 10⁻³⁰⁰" : pValue(Math.log10(value));
  return Number.isInteger(value) ? String(value).replace("-", "−") : plain(value).replace("-", "−");
}

/** `cis_genes` as a heading. */
function titleOf(name: string): string {
  const words = name.replaceAll(/[_-]/g, " ");
  return `${words[0]!.toUpperCase()}${words.slice(1)}`;
}
