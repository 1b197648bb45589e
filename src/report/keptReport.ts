import { encodeContainer, openContainer } from "../formats/container.ts";
import type { Illustrated, NamedFigure, ReportData } from "./report.ts";

/** The file of a result that keeps what its page is made of, beside the tables, the pictures and the manifest. */
export const REPORT_DATA = "report.data";

/** Of a list from the strongest down, rows kept for whoever asks for more than the page shows. */
export const KEPT_ROWS = 1000;

/**
 * What a page is made of as one container: its words, and its tables with as many rows as {@link KEPT_ROWS}. Plots are not in it: they are files
 * of the result, which the page names.
 */
export function encodeReport(page: Illustrated): Uint8Array {
  const figures = page.figures.map(({ svg: _, ...figure }) => figure);
  const tables = page.tables.map((table) => ({ ...table, rows: table.rows.slice(0, KEPT_ROWS) }));
  return encodeContainer({ kind: "report", page: JSON.stringify({ ...page, tables, figures }) }, []);
}

/** A page without its plots. */
export type BarePage = Omit<ReportData, "figures"> & {
  readonly figures: readonly Omit<NamedFigure, "svg">[];
};

/** What {@link encodeReport} wrote. Throws InputError naming `name`. */
export function decodeReport(bytes: Uint8Array, name: string): BarePage {
  return JSON.parse(String(openContainer(bytes, name).meta["page"])) as BarePage;
}

/** The page with the `most` strongest rows in each table that has more of them than it shows. */
export function withRows<Page extends Pick<ReportData, "tables">>(page: Page, most: number): Page {
  const tables = page.tables.map((table) => (table.shown === undefined ? table : { ...table, shown: most }));
  return { ...page, tables };
}
