import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { count, megabases, plain, pValue, signed } from "../../../report/numbers.ts";
import type { GeneColumns } from "../../engine/protocol.ts";
import { hrefOf } from "../history.ts";
import { go } from "../places.ts";
import { select, selection } from "../state.ts";
import type { GeneSort, SortName } from "./geneFilter.ts";
import { geneName } from "./mapPoints.ts";

const ROW = 36;
const SPARE = 8;

interface Column {
  readonly name: SortName;
  readonly title: string;
  readonly number: boolean;
  readonly hint?: string;
  /** Of a column that not all results have: its numbers, and one of them as text. */
  readonly optional?: {
    readonly values: (genes: GeneColumns) => Float64Array;
    readonly text: (value: number) => string;
  };
}

const LEAST_COLUMNS = 9;

const asP = (log10P: number): string => (Number.isNaN(log10P) ? "–" : pValue(log10P));

const COLUMNS: readonly Column[] = [
  { name: "gene", title: "Gene", number: false },
  { name: "position", title: "Position (Mb)", number: true, hint: "chromosome and first base" },
  { name: "variant", title: "Lead variant", number: false },
  { name: "af", title: "AF", number: true, hint: "frequency of the effect allele" },
  { name: "slope", title: "Slope", number: true, hint: "per copy of the effect allele; sorts by size" },
  {
    ...{ name: "afc", title: "log₂ aFC", number: true },
    hint: "allelic fold change of the effect allele, log2; sorts by size",
    optional: { values: ({ log2Afc }) => log2Afc, text: signed },
  },
  { name: "p", title: "p", number: true, hint: "nominal p of the lead variant" },
  {
    ...{ name: "perm", title: "p, perm.", number: true },
    hint: "share of permutations whose best variant does as well",
    optional: { values: ({ pPerm }) => pPerm, text: (p) => asP(Math.log10(p)) },
  },
  {
    ...{ name: "beta", title: "p, beta", number: true },
    hint: "by the beta distribution of the permutations",
    optional: { values: ({ log10PBeta }) => log10PBeta, text: asP },
  },
  { name: "q", title: "q", number: true },
  {
    ...{ name: "limit", title: "Threshold", number: true },
    hint: "nominal p at and below which variants of a significant gene are significant",
    optional: { values: ({ log10Threshold }) => log10Threshold, text: asP },
  },
  { name: "tested", title: "Variants", number: true, hint: "variants tested" },
  { name: "status", title: "Status", number: false },
];

/** The optional ones where they are wanted and the result has numbers for them. */
function columnsOf(genes: GeneColumns, more: boolean): readonly Column[] {
  return COLUMNS.filter(({ optional }) => optional === undefined || (more && has(genes, optional)));
}

function has(genes: GeneColumns, { values }: NonNullable<Column["optional"]>): boolean {
  return values(genes).some((value) => !Number.isNaN(value));
}

/** Whether the result has any of the optional columns. */
export function hasMoreColumns(genes: GeneColumns): boolean {
  return COLUMNS.some(({ optional }) => optional !== undefined && has(genes, optional));
}

export interface GeneGridProps {
  readonly genes: GeneColumns;
  readonly rows: Uint32Array;
  readonly sort: GeneSort;
  readonly onSort: (sort: GeneSort) => void;
  /** With the columns that not all results have. */
  readonly more: boolean;
}

/** The table of genes: only the rows in view are in the page. Arrow keys go through rows, Enter opens a gene. */
export function GeneGrid({ genes, rows, sort, onSort, more }: GeneGridProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const columns = useMemo(() => columnsOf(genes, more), [genes, more]);
  const [view, setView] = useState({ top: 0, height: 600 });
  const [active, setActive] = useState(0);
  const focusing = useRef(false);
  const chosen = selection.value.gene;
  useLayoutEffect(() => {
    const box = scroller.current;
    if (box === null) return;
    const look = (): void => setView({ top: box.scrollTop, height: box.clientHeight });
    look();
    const observer = new ResizeObserver(look);
    observer.observe(box);
    box.addEventListener("scroll", look, { passive: true });
    return () => {
      observer.disconnect();
      box.removeEventListener("scroll", look);
    };
  }, []);
  // The gene that is selected stays the active row, wherever sorting puts it.
  useEffect(() => {
    const at = chosen === undefined ? -1 : rows.findIndex((row) => genes.id[row] === chosen);
    setActive(Math.max(0, at));
    if (at < 0 || !focusing.current) scroller.current?.scrollTo({ top: Math.max(0, at * ROW - 3 * ROW) });
  }, [rows]);
  const from = Math.max(0, Math.floor(view.top / ROW) - SPARE);
  const to = Math.min(rows.length, Math.ceil((view.top + view.height) / ROW) + SPARE);
  useLayoutEffect(() => {
    if (!focusing.current) return;
    scroller.current?.querySelector<HTMLElement>(`[data-at="${active}"]`)?.focus({ preventScroll: true });
  }, [active, from, to]);

  const choose = (at: number): void => {
    const row = rows[at];
    if (row !== undefined) select({ gene: genes.id[row], variant: genes.variant[row] || undefined });
  };
  const moveTo = (at: number): void => {
    const box = scroller.current;
    const next = Math.min(rows.length - 1, Math.max(0, at));
    if (box === null || next < 0) return;
    focusing.current = true;
    setActive(next);
    // The header covers the first row's height.
    if (next * ROW < box.scrollTop) box.scrollTop = next * ROW;
    else if ((next + 2) * ROW > box.scrollTop + box.clientHeight)
      box.scrollTop = (next + 2) * ROW - box.clientHeight;
  };
  const press = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof HTMLElement)) return;
    if (event.target.dataset["at"] === undefined) return;
    const page = Math.max(1, Math.floor(view.height / ROW) - 2);
    const to: Readonly<Record<string, number>> = {
      ...{ ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + page, PageUp: active - page },
      ...{ Home: 0, End: rows.length - 1 },
    };
    const next = to[event.key];
    if (next !== undefined) moveTo(next);
    else if (event.key === " ") choose(active);
    else if (event.key === "Enter") {
      choose(active);
      go("gene");
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="grid-box" ref={scroller}>
      <table
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: its rows are gone through by keys, as a grid's
        role="grid"
        class={columns.length > LEAST_COLUMNS ? "genes many" : "genes"}
        aria-label={`Genes, ${count(rows.length)} rows. Arrow keys go through them, Space selects, Enter opens.`}
        aria-rowcount={rows.length + 1}
        aria-colcount={columns.length}
        onKeyDown={press}
        onFocusIn={() => {
          focusing.current = true;
        }}
        onFocusOut={(event) => {
          if (event.relatedTarget !== null) focusing.current = false;
        }}
      >
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((column) => (
              <Head key={column.name} column={column} sort={sort} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          <Spacer rows={from} columns={columns.length} />
          {Array.from(rows.subarray(from, to), (row, i) => (
            <Row
              key={row}
              genes={genes}
              columns={columns}
              row={row}
              at={from + i}
              chosen={genes.id[row] === chosen}
              reachable={from + i === active || (i === 0 && (active < from || active >= to))}
              onChoose={() => {
                setActive(from + i);
                choose(from + i);
              }}
            />
          ))}
          <Spacer rows={rows.length - to} columns={columns.length} />
        </tbody>
      </table>
    </div>
  );
}

function Spacer({ rows, columns }: { readonly rows: number; readonly columns: number }) {
  return rows <= 0 ? null : (
    <tr class="spacer">
      <td colSpan={columns} style={{ height: `${rows * ROW}px` }} />
    </tr>
  );
}

interface HeadProps {
  readonly column: Column;
  readonly sort: GeneSort;
  readonly onSort: (sort: GeneSort) => void;
}

function Head({ column: { name, title, number, hint }, sort, onSort }: HeadProps) {
  const sorted = sort.by === name;
  const direction = sorted ? (sort.descending ? "descending" : "ascending") : "none";
  // Large effects and well-tested genes are what one looks for first.
  const first = name === "slope" || name === "afc" || name === "tested";
  return (
    <th scope="col" class={number ? "number" : ""} aria-sort={direction} title={hint}>
      <button
        type="button"
        class="sort"
        onClick={() => onSort({ by: name, descending: sorted ? !sort.descending : first })}
      >
        {title}
        <span aria-hidden="true">{sorted ? (sort.descending ? "▾" : "▴") : ""}</span>
      </button>
    </th>
  );
}

interface RowProps {
  readonly columns: readonly Column[];
  readonly genes: GeneColumns;
  readonly row: number;
  readonly at: number;
  readonly chosen: boolean;
  readonly reachable: boolean;
  readonly onChoose: () => void;
}

function Row({ genes, columns, row, at, chosen, reachable, onChoose }: RowProps) {
  const name = geneName(genes, row);
  const id = genes.id[row]!;
  const variant = genes.variant[row]!;
  return (
    <tr
      data-at={at}
      aria-rowindex={at + 2}
      aria-selected={chosen}
      tabIndex={reachable ? 0 : -1}
      onClick={onChoose}
      onDblClick={() => go("gene")}
    >
      <th scope="row">
        <a href={hrefOf("gene", { gene: id, variant: variant || undefined })} tabIndex={-1}>
          {name}
        </a>
        {name !== id && <span class="id">{id}</span>}
      </th>
      {columns.slice(1).map((column) => (
        <td key={column.name} class={column.number ? "number" : ""}>
          {cellOf(genes, row, column)}
        </td>
      ))}
    </tr>
  );
}

function cellOf(genes: GeneColumns, row: number, { name, optional }: Column) {
  if (optional !== undefined) {
    const value = optional.values(genes)[row]!;
    return Number.isNaN(value) ? "–" : optional.text(value);
  }
  const variant = genes.variant[row]!;
  switch (name) {
    case "position":
      return genes.start[row]! > 0 ? megabases(genes.chromosome[row]!, genes.start[row]!) : "–";
    case "variant":
      return variant === "" ? (
        "–"
      ) : (
        <>
          {variant} <span class="id">{alleles(genes, row)}</span>
        </>
      );
    case "af":
      return plain(genes.af[row]!, 2);
    case "slope":
      return signed(genes.slope[row]!);
    case "p":
      return pValue(genes.log10P[row]!);
    case "q":
      return qText(genes.q[row]!);
    case "tested":
      return count(Math.max(0, genes.numVariants[row]!));
    default:
      return genes.status[row];
  }
}

/** `C>T`: the other allele, then the effect allele. */
export function alleles({ otherAllele, effectAllele }: GeneColumns, row: number): string {
  const [other, effect] = [otherAllele[row] ?? "", effectAllele[row] ?? ""];
  const short = (allele: string) => (allele.length > 6 ? `${allele.slice(0, 5)}…` : allele);
  return effect === "" ? "" : `${short(other)}>${short(effect)}`;
}

export function qText(q: number): string {
  return Number.isNaN(q) ? "–" : pValue(Math.log10(q));
}
