import { useEffect, useMemo } from "preact/hooks";
import { canonicalChromosome } from "../../../cohort/chromosomes.ts";
import { genomePlacer } from "../../../report/layout.ts";
import { count } from "../../../report/numbers.ts";
import type { GeneColumns, ResultView } from "../../engine/protocol.ts";
import { announce } from "../parts/announce.ts";
import { fileName, save } from "../parts/downloads.ts";
import { GeneGrid, hasMoreColumns } from "../parts/GeneGrid.tsx";
import { regionOf } from "../parts/geneFilter.ts";
import { clearFilters, geneFilter, geneSort, isFiltered, keepSort } from "../parts/geneFilterState.ts";
import { geneTable } from "../parts/geneRows.ts";
import { geneName } from "../parts/mapPoints.ts";
import { layoutOf } from "../parts/raster/ticks.ts";
import { within } from "../parts/raster/viewport.ts";
import { ofResult, shownKey } from "../parts/resultAnswers.ts";
import { useAnswer } from "../parts/useAnswer.ts";
import { go } from "../places.ts";
import { result, select, selection, setSetting, setting } from "../state.ts";

/** The table of genes. */
export default function Genes() {
  const open = result.value;
  const { value: genes, error } = useAnswer(() => ofResult("genes"), [shownKey()]);
  if (open === undefined) return <p class="empty">No result is open.</p>;
  if (error !== undefined) return <p class="empty">{error.message}</p>;
  return genes === undefined ? <p class="loading">Reading the genes</p> : <Table open={open} genes={genes} />;
}

function Table({ open, genes }: { readonly open: ResultView; readonly genes: GeneColumns }) {
  const { value: table, error } = useAnswer(() => geneTable(genes), [genes]);
  const [filter, sort] = [geneFilter(), geneSort()];
  const key = JSON.stringify([filter, sort]);
  const rows = useMemo(() => table?.rows(filter, sort), [table, key]);
  const shown = rows?.length;
  useEffect(() => {
    if (shown !== undefined) announce(`${count(shown)} of ${count(genes.id.length)} genes`);
  }, [shown]);
  const filtered = isFiltered();
  return (
    <>
      <div class="view-head row">
        <h1>Genes</h1>
        <p class="note">
          {shown === undefined
            ? ""
            : `${filtered ? `${count(shown)} of ` : ""}${count(genes.id.length)} genes`}
          {rows !== undefined &&
            `, ${count(significant(genes, rows, open.significantQ))} with q ≤ ${open.significantQ}`}
        </p>
        <button
          type="button"
          class="small end"
          disabled={table === undefined || shown === 0}
          onClick={() =>
            table &&
            save(
              new Blob([table.tsv(filter, sort)], { type: "text/tab-separated-values" }),
              `${fileName(open.title)}-genes.tsv`,
            )
          }
        >
          Save these rows as TSV
        </button>
      </div>
      <Filters open={open} genes={genes} />
      {error !== undefined && <p class="empty">{error.message}</p>}
      {rows !== undefined && rows.length > 0 && (
        <GeneGrid
          genes={genes}
          rows={rows}
          sort={sort}
          onSort={keepSort}
          more={setting("genes.more") !== ""}
        />
      )}
      {shown === 0 && (
        <div class="empty">
          <p>No gene passes these filters.</p>
          <button type="button" onClick={clearFilters}>
            Clear the filters
          </button>
        </div>
      )}
      <ChosenGene open={open} genes={genes} />
    </>
  );
}

function significant({ q }: GeneColumns, rows: Uint32Array, limit: number): number {
  let found = 0;
  for (const row of rows) if (q[row]! <= limit) found++;
  return found;
}

function Filters({ open, genes }: { readonly open: ResultView; readonly genes: GeneColumns }) {
  const statuses = useMemo(() => counts(genes.status), [genes]);
  const chromosomes = useMemo(() => [...new Set(genes.chromosome)].filter((name) => name !== ""), [genes]);
  const search = setting("genes.search");
  const region = regionOf(search);
  return (
    <form class="filters" aria-label="Filter the genes" onSubmit={(event) => event.preventDefault()}>
      <label class="wide">
        <span>Search</span>
        <input
          type="search"
          value={search}
          placeholder="Gene, symbol, variant, or a region such as 4:1mb-2mb"
          onInput={(event) => setSetting("genes.search", event.currentTarget.value.slice(0, 200))}
          aria-describedby="search-says"
        />
        <small id="search-says">
          {region === undefined
            ? ""
            : `Genes that overlap chromosome ${region.chromosome}, ${count(region.start)} to ${count(region.end)}`}
        </small>
      </label>
      <Choice
        name="genes.status"
        title="Status"
        any="any"
        options={[...statuses].map(([name, n]) => [name, `${name} (${count(n)})`])}
      />
      <Choice
        name="genes.chr"
        title="Chromosome"
        any="all"
        options={chromosomes.map((name) => [name, name])}
      />
      <Bound name="genes.q" title="q at most" example={String(open.significantQ)} />
      <Bound name="genes.slope" title="|slope| at least" example="0.2" />
      <button type="button" class="quiet small" onClick={clearFilters}>
        Clear
      </button>
      {hasMoreColumns(genes) && (
        <label class="check" title="Permuted p, the gene's threshold, and the allelic fold change">
          <input
            type="checkbox"
            checked={setting("genes.more") !== ""}
            onChange={(event) => setSetting("genes.more", event.currentTarget.checked ? "yes" : "")}
          />
          <span>More columns</span>
        </label>
      )}
    </form>
  );
}

function counts(values: readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const value of values) found.set(value, (found.get(value) ?? 0) + 1);
  return found;
}

interface ChoiceProps {
  readonly name: string;
  readonly title: string;
  readonly any: string;
  readonly options: readonly (readonly [string, string])[];
}

function Choice({ name, title, any, options }: ChoiceProps) {
  return (
    <label>
      <span>{title}</span>
      <select value={setting(name)} onChange={(event) => setSetting(name, event.currentTarget.value)}>
        <option value="">{any}</option>
        {options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

interface BoundProps {
  readonly name: string;
  readonly title: string;
  readonly example: string;
}

function Bound({ name, title, example }: BoundProps) {
  const value = setting(name);
  const wrong = value !== "" && !(Number(value) >= 0);
  return (
    <label>
      <span>{title}</span>
      <input
        type="text"
        inputMode="decimal"
        class="bound"
        value={value}
        placeholder={example}
        aria-invalid={wrong}
        onInput={(event) => setSetting(name, event.currentTarget.value.trim().slice(0, 30))}
      />
      {wrong && <small role="alert">a number is wanted</small>}
    </label>
  );
}

function ChosenGene({ open, genes }: { readonly open: ResultView; readonly genes: GeneColumns }) {
  const row = genes.id.indexOf(selection.value.gene ?? "");
  return (
    <div class="chosen paper">
      {row < 0 ? (
        <p>Click a row to select its gene; double-click, or Enter, opens it.</p>
      ) : (
        <>
          <strong>{geneName(genes, row)}</strong>
          <span>{genes.id[row]}</span>
          <span class="end buttons">
            <button type="button" class="small" onClick={() => go("gene")}>
              Open the gene
            </button>
            <button type="button" class="quiet small" onClick={() => showOnGenome(open, genes, row)}>
              Show along the genome
            </button>
          </span>
        </>
      )}
    </div>
  );
}

/** The Manhattan plot, 3 Mb to either side of the gene. */
function showOnGenome(open: ResultView, genes: GeneColumns, row: number): void {
  const layout = layoutOf(open.layout);
  const span = layout.spans.find(({ name }) => name === canonicalChromosome(genes.chromosome[row]!));
  const middle = genomePlacer(layout)(
    genes.chromosome[row]!,
    Math.min(span?.last ?? 0, Math.max(span?.first ?? 0, genes.start[row]!)),
  );
  if (!Number.isNaN(middle)) select({ zoom: within([middle - 3e6, middle + 3e6], [0, layout.length]) });
  go("overview");
}
