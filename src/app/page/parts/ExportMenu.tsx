import { count } from "../../../report/numbers.ts";
import { engine, show } from "../engine.ts";
import { result } from "../state.ts";
import { saveView } from "../waitingView.ts";
import { CopyButton } from "./CopyButton.tsx";
import { fileName, save } from "./downloads.ts";
import { Menu, openMenu } from "./Menu.tsx";
import { plotsShown, savePlot } from "./PlotFrame.tsx";
import { type Shortcut, useShortcuts } from "./shortcuts.ts";
import { bytesText } from "./words.ts";

const KEYS: readonly Shortcut[] = [
  { key: "e", does: "Export", group: "Page", act: () => openMenu("export-menu") },
];

/** All that leaves the page, by the person's own hand. */
export function ExportMenu() {
  useShortcuts(KEYS);
  const open = result.value;
  if (open === undefined) return null;
  return (
    <Menu label="Export" id="export-menu">
      <div class="export">
        <h2>Tables</h2>
        <table class="tight">
          <thead>
            <tr>
              <th scope="col">Table</th>
              <th scope="col" class="number">
                Rows
              </th>
              <th scope="col" class="number">
                Size
              </th>
              <th scope="col">Save as</th>
            </tr>
          </thead>
          <tbody>
            {open.tables.map(({ name, rows, bytes }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td class="number">{count(rows)}</td>
                <td class="number">{bytesText(bytes)}</td>
                <td class="buttons">
                  <TableButton table={name} format="parquet" />
                  <TableButton table={name} format="tsv" />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        <p class="note">Parquet is, byte for byte, what the command line writes.</p>
        <h2>Report</h2>
        <p class="buttons">
          <button type="button" class="small" onClick={() => void saveReport()}>
            report.html
          </button>
          <span class="note">self-contained; opens from disk</span>
        </p>
        <h2>This view</h2>
        <p class="buttons">
          <button type="button" class="small" onClick={() => saveView().catch(show)}>
            Saved view
          </button>
          <CopyButton text={() => location.href} label="Copy link" />
        </p>
        <p class="note">
          Both hold where you are and what is selected, and no data: they open for those who have the same
          files or the same result.
        </p>
        {plotsShown.value.length > 0 && (
          <>
            <h2>Plots of this view</h2>
            <ul class="plots">
              {plotsShown.value.map((plot) => (
                <li key={plot.name}>
                  <span>{plot.title}</span>
                  <span class="buttons">
                    <button
                      type="button"
                      class="small"
                      aria-label={`SVG of ${plot.title}`}
                      onClick={() => void savePlot(plot, "svg")}
                    >
                      SVG
                    </button>
                    <button
                      type="button"
                      class="small"
                      aria-label={`PNG of ${plot.title}`}
                      onClick={() => void savePlot(plot, "png")}
                    >
                      PNG
                    </button>
                  </span>
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </Menu>
  );
}

function TableButton({ table, format }: { readonly table: string; readonly format: "parquet" | "tsv" }) {
  const name = format === "tsv" ? "TSV" : "Parquet";
  return (
    <button
      type="button"
      class="small"
      aria-label={`${table} as ${name}`}
      onClick={() => void saveTable(table, format)}
    >
      {name}
    </button>
  );
}

async function saveTable(table: string, format: "parquet" | "tsv"): Promise<void> {
  try {
    const blob = await engine.exportTable(table, format);
    save(blob, `${table}.${format === "tsv" && blob.type.includes("gzip") ? "tsv.gz" : format}`);
  } catch (error) {
    show(error);
  }
}

async function saveReport(): Promise<void> {
  try {
    const open = result.peek();
    if (open === undefined) return;
    const { reportFile } = await import("../reportPage.ts");
    save(await reportFile(open), `${fileName(open.title)}-report.html`);
  } catch (error) {
    show(error);
  }
}
