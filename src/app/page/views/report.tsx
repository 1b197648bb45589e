import { useEffect, useState } from "preact/hooks";
import { type Cell, type Illustrated, type ReportTable, reportHtml } from "../../../report/report.ts";
import { save } from "../parts/downloads.ts";
import { PlotFrame } from "../parts/PlotFrame.tsx";
import { shownKey } from "../parts/resultAnswers.ts";
import { useAnswer } from "../parts/useAnswer.ts";
import { reportOf } from "../reportPage.ts";
import { result } from "../state.ts";

/** The report as the command line writes it: what was run, how good it is, and what to say of it in a paper. */
export default function Report() {
  const open = result.value;
  const answer = useAnswer(() => open && reportOf(open), [open, shownKey()]);
  if (open === undefined) return <p class="empty">Open a result first.</p>;
  if (answer.error !== undefined) return <p class="empty">{answer.error.message}</p>;
  const report = answer.value;
  if (answer.waiting || report === undefined) return <p class="loading">Drawing the report</p>;
  if ("page" in report) return <Sections page={report.page} />;
  return (
    <>
      <h1>Report</h1>
      <SaveButton file={() => report.html} />
      <Framed html={report.html} />
      <Manifest value={open.manifest} />
    </>
  );
}

/** The command line's own page, in a frame that runs nothing. */
function Framed({ html }: { readonly html: Blob }) {
  const [address, setAddress] = useState<string | undefined>(undefined);
  useEffect(() => {
    const url = URL.createObjectURL(html);
    setAddress(url);
    return () => URL.revokeObjectURL(url);
  }, [html]);
  return <iframe class="report-frame" title="The report of the command line" sandbox="" src={address} />;
}

function Sections({ page }: { readonly page: Illustrated }) {
  return (
    <article class="report">
      <h1>{page.title}</h1>
      {page.lede !== undefined && <p class="lede">{page.lede}</p>}
      <SaveButton file={() => new Blob([reportHtml(page)], { type: "text/html" })} />
      <dl class="facts">
        {page.summary.map(({ label, value, note }) => (
          <>
            <dt>{label}</dt>
            <dd>
              {value} {note !== undefined && <span class="note">{note}</span>}
            </dd>
          </>
        ))}
      </dl>
      {page.figures.length > 0 && <h2>Figures</h2>}
      <div class="figures">
        {page.figures.map(({ name, title, svg, caption }) => (
          <PlotFrame
            key={name}
            title={title}
            name={name}
            svg={svg}
            caption={caption}
            wide={/ width="9\d\d/.test(svg)}
          />
        ))}
      </div>
      <h2>Tables</h2>
      {page.tables.map((table) => (
        <TablePanel key={table.title} table={table} />
      ))}
      {page.methods === undefined ? (
        <p class="note">
          This result came without a report of its own; these are its tables and its manifest. On the command
          line, 'qortex report' writes the whole from the result's folder.
        </p>
      ) : (
        <>
          <h2>Methods, ready to paste</h2>
          <section class="panel">
            {page.methods.map((text) => (
              <p key={text}>{text}</p>
            ))}
            <ol>
              {(page.references ?? []).map((text) => (
                <li key={text}>{text}</li>
              ))}
            </ol>
          </section>
        </>
      )}
      {(page.messages ?? []).length > 0 && (
        <>
          <h2>Warnings</h2>
          <ul class="panel">
            {page.messages?.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </>
      )}
      <Manifest value={page.manifest} />
    </article>
  );
}

function TablePanel({ table }: { readonly table: ReportTable }) {
  return (
    <section class="panel">
      <h3>{table.title}</h3>
      {table.note !== undefined && <p class="note">{table.note}</p>}
      <section
        class="table"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a table that scrolls takes the keys that scroll it.
        tabIndex={0}
        aria-label={table.title}
      >
        <table>
          <thead>
            <tr>
              {table.columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.rows.slice(0, table.shown ?? table.rows.length).map((row, r) => (
              <tr key={`${r} ${cellText(row[0])}`}>
                {row.map((cell, c) => (
                  <td key={table.columns[c]} title={typeof cell === "string" ? undefined : cell.title}>
                    {cellText(cell)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}

function cellText(cell: Cell = ""): string {
  return typeof cell === "string" ? cell : cell.text;
}

function SaveButton({ file }: { readonly file: () => Blob }) {
  return (
    <p class="buttons">
      <button type="button" class="primary" onClick={() => save(file(), "report.html")}>
        Save report.html
      </button>
    </p>
  );
}

function Manifest({ value }: { readonly value: unknown }) {
  return (
    <details class="panel">
      <summary>The manifest: inputs, options, counts and timings</summary>
      <pre class="command">{JSON.stringify(value, null, 2)}</pre>
    </details>
  );
}
