import * as Plot from "@observablehq/plot";
import { AXIS, remark } from "./marks.ts";
import { shorten } from "./numbers.ts";
import { type Canvas, ink, svgText } from "./svg.ts";

export interface CorrelationMapData {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** `r[row * columns.length + column]`; NaN: none. */
  readonly r: Float64Array;
  readonly title?: string;
}

/** Rows drawn; those with the largest squared correlations, where there are more. */
export const MOST_ROWS = 40;
const CELL = 30;
const SMALLEST_SHOWN = 0.1;

/** r² of rows with columns as cells, darker where it is larger, written where it is 0.1 or more. Returns an SVG file. */
export function correlationMap(canvas: Canvas, data: CorrelationMapData): string {
  const width = data.columns.length;
  const rows = strongestRows(data);
  const cells = rows.flatMap((row, y) =>
    data.columns.map((_, x) => ({ x, y, r2: square(data.r[row * width + x]!) })),
  );
  const left = 24 + 6.4 * Math.max(...rows.map((row) => name(data.rows[row]!).length), 4);
  const bottom = 20 + 5.2 * Math.max(...data.columns.map((text) => name(text).length), 4);
  const plot = Plot.plot({
    document: canvas.document,
    width: Math.max(520, left + CELL * width + 24),
    height: 40 + 24 * rows.length + bottom,
    marginLeft: left,
    marginRight: 24,
    marginTop: 40,
    marginBottom: bottom,
    x: { domain: [-0.5, width - 0.5], axis: null },
    y: { domain: [rows.length - 0.5, -0.5], axis: null },
    marks: [
      Plot.rect(cells, {
        ...{ x1: (c) => c.x - 0.5, x2: (c) => c.x + 0.5, y1: (c) => c.y - 0.5, y2: (c) => c.y + 0.5 },
        ...{ fill: ink.deep, fillOpacity: (c) => Number(c.r2.toFixed(2)), inset: 1, stroke: ink.grid },
      }),
      Plot.text(
        cells.filter(({ r2 }) => r2 >= SMALLEST_SHOWN),
        {
          ...{ x: "x", y: "y", text: (c: { r2: number }) => c.r2.toFixed(2).replace(/^0/, "") },
          ...{ fontSize: 10.5, fill: (c: { r2: number }) => (c.r2 > 0.5 ? ink.paper : ink.ink) },
        },
      ),
      Plot.axisY(
        rows.map((_, y) => y),
        { ...AXIS, tickFormat: (y: number) => name(data.rows[rows[y]!]!) },
      ),
      Plot.axisX(
        data.columns.map((_, x) => x),
        {
          ...{ ...AXIS, tickFormat: (x: number) => name(data.columns[x]!) },
          ...{ tickRotate: -50, textAnchor: "end" },
        },
      ),
      remark(rows.length < data.rows.length ? `the ${rows.length} strongest of ${data.rows.length}` : "r²"),
    ],
  });
  return svgText(plot, data.title ?? "Squared correlations of covariates with components");
}

function name(text: string): string {
  return shorten(text.replace("_", " "), 24);
}

function square(r: number): number {
  return Number.isNaN(r) ? 0 : Math.min(1, r * r);
}

/** Row numbers in order, at most {@link MOST_ROWS}. */
function strongestRows({ rows, columns, r }: CorrelationMapData): number[] {
  const width = columns.length;
  const largest = rows.map((_, i) => Math.max(0, ...columns.map((_column, j) => square(r[i * width + j]!))));
  const order = rows.map((_, i) => i);
  if (rows.length <= MOST_ROWS) return order;
  return order
    .sort((a, b) => largest[b]! - largest[a]! || a - b)
    .slice(0, MOST_ROWS)
    .sort((a, b) => a - b);
}
