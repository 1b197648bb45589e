import type { Cohort } from "../cohort/cohort.ts";
import { chromosomeRuns, joinedRuns, lowerBound, reachOf } from "./geometry.ts";

/**
 * A part of a cis map: neighbouring genes and the run of variants that their windows span. It reports
 * the untested variants from `reportFrom` to `reportTo`, so that over all parts each variant is reported once.
 */
export interface CisPart {
  readonly genes: Uint32Array;
  /** Run of the source (end exclusive) that covers all windows of the part; empty for a part that only reports. */
  readonly start: number;
  readonly end: number;
  /** Window of each gene of the part: a run of the source, end exclusive. */
  readonly windowStart: Uint32Array;
  readonly windowEnd: Uint32Array;
  readonly reportFrom: number;
  readonly reportTo: number;
}

export interface CisPlan {
  readonly parts: readonly CisPart[];
  /** Pairs (variant, gene) in all windows, before any filter. */
  readonly pairs: number;
  /** The variants inside some gene's window: runs as `joinedRuns` has them. */
  readonly covered: Uint32Array;
  /** The most of each that any part has: what the memory of a part is planned from. */
  readonly largest: { readonly genes: number; readonly variants: number; readonly pairs: number };
}

/** Genes a part at most. */
const GENES_PER_PART = 32;
/** Pairs a part at most, unless one gene alone has more: what a part holds in memory. */
const PAIRS_PER_PART = 2 ** 18;
/** A part whose windows span more variants than this is closed early. */
const SPAN_PER_PART = 65_536;
/** Variants outside all windows are reported in runs of at most this many. */
const REPORT_RUN = 8192;

/**
 * Cuts a cis map into parts, from positions alone: the same for every machine and memory.
 * Genes without expression to test (constant, collinear) have no window.
 */
export function planCis(cohort: Cohort, window: number): CisPlan {
  const source = cohort.tables.genotypes;
  const runs = chromosomeRuns(source);
  const windows: [from: number, to: number][] = [];
  const parts: CisPart[] = [];
  let open: { gene: number; start: number; end: number }[] = [];
  let reported = 0;
  let pairs = 0;

  const reportUntil = (to: number): void => {
    for (; reported < to; reported = Math.min(to, reported + REPORT_RUN)) {
      const end = Math.min(to, reported + REPORT_RUN);
      const none = new Uint32Array(0);
      const run = { start: end, end, reportFrom: reported, reportTo: end };
      parts.push({ genes: none, windowStart: none, windowEnd: none, ...run });
    }
  };
  const close = (): void => {
    if (open.length === 0) return;
    const start = Math.min(...open.map((w) => w.start));
    const end = Math.max(...open.map((w) => w.end));
    reportUntil(Math.max(reported, start));
    parts.push({
      genes: Uint32Array.from(open, (w) => w.gene),
      start,
      end,
      windowStart: Uint32Array.from(open, (w) => w.start),
      windowEnd: Uint32Array.from(open, (w) => w.end),
      reportFrom: reported,
      reportTo: Math.max(reported, end),
    });
    reported = Math.max(reported, end);
    open = [];
  };

  for (let gene = 0; gene < cohort.genes.id.length; gene++) {
    const run = runs[cohort.geneChromosome[gene]!];
    if (cohort.geneStatus[gene] !== "ok" || run === undefined || run.start === run.end) continue;
    const { low, high } = reachOf(cohort, gene, window);
    const start = lowerBound(source.position, low, run.start, run.end);
    const end = lowerBound(source.position, high + 1, start, run.end);
    if (start === end) continue;
    const first = open[0];
    const held = open.reduce((sum, w) => sum + w.end - w.start, end - start);
    const other = first && cohort.geneChromosome[first.gene] !== cohort.geneChromosome[gene];
    if (
      other ||
      open.length === GENES_PER_PART ||
      held > PAIRS_PER_PART ||
      (first && end - first.start > SPAN_PER_PART)
    )
      close();
    open.push({ gene, start, end });
    windows.push([start, end]);
    pairs += end - start;
  }
  close();
  reportUntil(source.variantCount);
  return { parts, pairs, covered: joinedRuns(windows), largest: largestOf(parts) };
}

function largestOf(parts: readonly CisPart[]): CisPlan["largest"] {
  const largest = { genes: 0, variants: 0, pairs: 0 };
  for (const part of parts) {
    const { genes, start, end, reportFrom, reportTo } = part;
    largest.genes = Math.max(largest.genes, genes.length);
    largest.variants = Math.max(largest.variants, end - start, reportTo - reportFrom);
    largest.pairs = Math.max(largest.pairs, pairsIn(part));
  }
  return largest;
}

/** Pairs in the windows of a part. */
export function pairsIn({ windowStart, windowEnd }: CisPart): number {
  return windowEnd.reduce((sum, to, i) => sum + to - windowStart[i]!, 0);
}
