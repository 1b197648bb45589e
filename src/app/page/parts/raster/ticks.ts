import { spaced } from "../../../../report/genomeAxis.ts";
import type { GenomeLayout, GenomeSpan } from "../../../../report/layout.ts";
import type { ChromosomeSpan } from "../../../engine/answers.ts";
import type { Range } from "./viewport.ts";

export interface Tick {
  /** On the axis. */
  readonly at: number;
  readonly text: string;
}

export interface AxisTicks {
  /** Positions in Mb, of chromosomes that are long enough on the screen. */
  readonly positions: readonly Tick[];
  /** Chromosomes, in the middle of what is seen of them. */
  readonly names: readonly Tick[];
  /** Middles of the gaps between chromosomes. */
  readonly edges: readonly number[];
}

export function layoutOf(spans: readonly ChromosomeSpan[]): GenomeLayout {
  const last = spans.at(-1);
  return { spans, length: last === undefined ? 1 : Math.max(1, last.offset + last.last - last.first) };
}

/** What of a layout lies in a stretch of its axis, as a layout of its own that starts at 0: for a picture of what is seen. */
export function clipLayout(layout: GenomeLayout, [low, high]: Range): GenomeLayout {
  const spans = layout.spans.flatMap((span): GenomeSpan[] => {
    const from = Math.max(span.offset, low);
    const to = Math.min(span.offset + span.last - span.first, high);
    if (from > to) return [];
    return [
      {
        name: span.name,
        first: Math.floor(span.first + from - span.offset),
        last: Math.ceil(span.first + to - span.offset),
        offset: from - low,
      },
    ];
  });
  return { spans, length: Math.max(1, high - low) };
}

/** Room that a tick in Mb takes, in pixels. */
const TICK = 72;

export function axisTicks(layout: GenomeLayout, range: Range, pixels: number): AxisTicks {
  const seen = clipLayout(layout, range);
  const scale = pixels / (range[1] - range[0]);
  const positions = seen.spans.flatMap((span) => {
    const room = (span.last - span.first) * scale;
    return room < 2 * TICK ? [] : megabaseTicks(span, room / TICK, range[0]);
  });
  const names = spaced(seen, (span) => (6.8 * span.name.length + 4) / scale);
  return {
    positions,
    names: names.map((span) => ({
      at: range[0] + span.offset + (span.last - span.first) / 2,
      text: seen.spans.length <= 3 ? `Chromosome ${span.name}` : span.name,
    })),
    edges: layout.spans.slice(1).flatMap((span, i) => {
      const before = layout.spans[i]!;
      const at = (before.offset + before.last - before.first + span.offset) / 2;
      return at > range[0] && at < range[1] ? [at] : [];
    }),
  };
}

function megabaseTicks(span: GenomeSpan, most: number, from: number): Tick[] {
  const step = roundStep((span.last - span.first) / most);
  const decimals = Math.max(0, Math.ceil(6 - Math.log10(step)));
  const ticks: Tick[] = [];
  for (let at = Math.ceil(span.first / step) * step; at <= span.last; at += step)
    ticks.push({
      at: from + span.offset + at - span.first,
      text: (at / 1e6).toFixed(step >= 1e6 ? 0 : decimals),
    });
  return ticks;
}

/** About `most` round values from `low` to `high`. */
export function valueTicks(low: number, high: number, most: number): number[] {
  const step = roundStep((high - low) / most);
  const ticks: number[] = [];
  for (let i = Math.ceil(low / step); i * step <= high * (1 + 1e-9); i++)
    ticks.push(Number((i * step).toPrecision(12)));
  return ticks;
}

/** The next of 1, 2, 5, 10, 20, ... that is no smaller. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5].find((factor) => factor * power >= least * (1 - 1e-9)) ?? 10);
}

/** Chromosome and position at a place of the axis, or undefined in a gap. */
export function placeOn(
  layout: GenomeLayout,
  x: number,
): { chromosome: string; position: number } | undefined {
  const span = layout.spans.find(({ offset, first, last }) => x >= offset && x <= offset + last - first);
  return span && { chromosome: span.name, position: Math.round(span.first + x - span.offset) };
}

/** `whole genome`, `chromosome 4`, `chromosome 4: 103.05 to 104.20 Mb`: what a stretch is called. */
export function stretchText(layout: GenomeLayout, range: Range): string {
  if (range[0] <= 0 && range[1] >= layout.length)
    return layout.spans.length === 1 ? `all of chromosome ${layout.spans[0]?.name}` : "the whole genome";
  const spans = clipLayout(layout, range).spans;
  const [first, last] = [spans[0], spans.at(-1)];
  if (first === undefined || last === undefined) return "no chromosome";
  if (first !== last) return `chromosomes ${first.name} to ${last.name}`;
  const decimals = last.last - last.first > 2e5 ? 2 : 4;
  const [from, to] = [first.first, last.last].map((at) => (at / 1e6).toFixed(decimals));
  return `chromosome ${first.name}: ${from} to ${to} Mb`;
}
