import * as Plot from "@observablehq/plot";
import { bandAt } from "./band.ts";
import { AXIS, dots, GRID, remark, xTitle, yTitle } from "./marks.ts";
import { counted } from "./numbers.ts";
import { type Canvas, ink, svgText } from "./svg.ts";

export interface QqData {
  /** log10 p of a random sample of the pairs tested, in any order. */
  readonly log10P: Float64Array;
  /** Genomic inflation of the same sample. */
  readonly lambda: number;
  readonly title?: string;
}

/** Ranks drawn: all of the smallest p-values, then evenly on the log scale. */
const EXACT_RANKS = 400;
const LOG_RANKS = 1_200;
const BAND_RANKS = 80;
const MARGIN = { left: 50, right: 20, top: 40, bottom: 48 };

/**
 * Expected against observed -log10 p. The band holds 95% of what each rank would be, were all p-values
 * independent and uniform: the i-th smallest of n is Beta(i, n - i + 1). Returns an SVG file.
 */
export function qq(canvas: Canvas, data: QqData): string {
  const observed = data.log10P.filter((value) => !Number.isNaN(value)).sort();
  const n = observed.length;
  const ranks = spreadRanks(n, EXACT_RANKS, LOG_RANKS);
  const expected = ranks.map((rank) => -Math.log10(rank / (n + 1)));
  const right = Math.max(1, Math.log10(n + 1)) * 1.03;
  const finite = observed.find((value) => value > Number.NEGATIVE_INFINITY) ?? 0;
  const top = Math.max(right, -finite * 1.05);
  const inFrame = (y: number) => Math.min(top, y);
  const band = spreadRanks(n, 12, BAND_RANKS)
    .map((rank) => bandAt(rank, n))
    .map(({ expected: at, low, high }) => ({ expected: at, low: inFrame(low), high: inFrame(high) }));
  const lambda = data.lambda.toFixed(3);
  const plot = Plot.plot({
    document: canvas.document,
    width: 520,
    height: 420,
    marginLeft: MARGIN.left,
    marginRight: MARGIN.right,
    marginTop: MARGIN.top,
    marginBottom: MARGIN.bottom,
    x: { domain: [0, right], axis: null },
    y: { domain: [0, top], axis: null },
    marks: [
      Plot.gridY({ ...GRID, ticks: 6 }),
      Plot.areaY(band, { x: "expected", y1: "low", y2: "high", fill: ink.band }),
      Plot.line([0, right], {
        x: (d: number) => d,
        y: (d: number) => d,
        stroke: ink.muted,
        strokeDasharray: "4 3",
      }),
      dots(
        expected,
        ranks.map((rank) => inFrame(-observed[rank - 1]!)),
        { colour: ink.deep, radius: 2 },
      ),
      Plot.axisY({ ...AXIS, ticks: 6 }),
      yTitle("Observed −log₁₀ p", MARGIN.left),
      Plot.axisX({ ...AXIS, ticks: 6 }),
      xTitle("Expected −log₁₀ p"),
      remark(n === 0 ? "no pairs" : `λ = ${lambda} · ${counted(n, "pair")}`),
    ],
  });
  const title = n === 0 ? "QQ plot of no pairs" : `QQ plot of ${counted(n, "pair")}, lambda ${lambda}`;
  return svgText(plot, data.title ?? title);
}

/** Ranks 1 to `exact`, then at most `more` spread evenly on the log scale up to n. */
function spreadRanks(n: number, exact: number, more: number): number[] {
  const ranks = Array.from({ length: Math.min(n, exact) }, (_, i) => i + 1);
  for (let i = 1; i <= more && n > exact; i++) {
    const rank = Math.round(exact * (n / exact) ** (i / more));
    if (rank > ranks[ranks.length - 1]!) ranks.push(rank);
  }
  return ranks;
}
