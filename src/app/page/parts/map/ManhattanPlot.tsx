import { useMemo, useState } from "preact/hooks";
import { manhattan } from "../../../../report/manhattan.ts";
import { count, pValue, shorten } from "../../../../report/numbers.ts";
import type { GeneColumns, PointColumns } from "../../../engine/protocol.ts";
import { go } from "../../places.ts";
import { result, select, selection } from "../../state.ts";
import { PlotFrame } from "../PlotFrame.tsx";
import { axisLength, placeOf } from "../points/axis.ts";
import { type Field, fieldOf } from "../points/field.ts";
import { PointPlot } from "../points/PointPlot.tsx";
import type { Ink } from "../points/raster.ts";
import { type Stretch, within } from "../points/stretch.ts";
import { usePalette } from "../points/usePalette.ts";
import { geneName, strongestGenes } from "./leads.ts";

const NAMED = 14;
const HEIGHT = 400;

export interface ManhattanProps {
  readonly points: PointColumns;
  readonly genes: GeneColumns;
}

/** The whole map along the genome; the selected gene's pairs stand out. */
export function ManhattanPlot({ points, genes }: ManhattanProps) {
  const open = result.value!;
  const palette = usePalette();
  const length = axisLength(open.layout);
  const tests = open.counts?.tests ?? points.x.length;
  const lineAt = Math.log10(Math.max(1, tests) / 0.05);
  const field = useMemo(() => fieldOfPoints(points, length, lineAt), [points, length, lineAt]);
  const chosen = selection.value;
  const [local, setLocal] = useState<Stretch | undefined>(undefined);
  const stretch = within(local ?? chosen.zoom ?? [0, length], length);
  const onStretch = (next: Stretch): void => {
    setLocal(next);
    settle(() => {
      select({
        zoom: next[0] <= 0 && next[1] >= length ? undefined : [Math.round(next[0]), Math.round(next[1])],
      });
      setLocal(undefined);
    });
  };
  const tones = useMemo(() => toneOf(open.layout, points), [open.layout, points]);
  const inks = useMemo(() => {
    const even: Ink = { colour: palette.deep, radius: 1.7 };
    const odd: Ink = { colour: palette.pale, radius: 1.7 };
    return (point: number): Ink => (tones[point] === 0 ? even : odd);
  }, [palette, tones]);
  const markedInk = useMemo<Ink>(() => ({ colour: palette.accent, radius: 2.6 }), [palette]);
  const row = chosen.gene === undefined ? -1 : genes.id.indexOf(chosen.gene);
  const marked = useMemo(() => pointsOf(points, row), [points, row]);
  const peaks = useMemo(() => leadPoints(points, genes), [points, genes]);
  const names = useMemo(
    () =>
      peaks
        .slice(0, NAMED)
        .map((point) => ({ point, text: shorten(geneName(genes, points.gene[point]!), 22) })),
    [peaks, genes],
  );
  const tip = (point: number) => <PointTip point={point} points={points} genes={genes} />;
  return (
    <PlotFrame
      wide
      title="Associations along the genome"
      name="manhattan"
      exportSvg={() => drawing(points, genes, tests)}
      caption={`${count(points.x.length)} pairs of ${count(tests)} tested${points.x.length < tests ? ", the strongest of each spot" : ""}. Click a point for its gene.`}
      help={
        <>
          <p>
            Each point is a variant tested with a gene, at the variant's position; the higher, the smaller the
            p-value. A real effect is a tower: variants inherited together with the causal one rise with it.
          </p>
          <p>
            Drag to pan, double-click or use + and − to zoom; once the plot is clicked, the wheel zooms too.
            Orange points belong to the selected gene, names to the strongest ones.
          </p>
        </>
      }
    >
      <PointPlot
        field={field}
        spans={open.layout}
        stretch={stretch}
        onStretch={onStretch}
        inkOf={inks}
        marked={marked}
        markedInk={markedInk}
        names={names}
        height={HEIGHT}
        upTitle="−log₁₀ p"
        line={{ y: lineAt, text: `0.05 / ${count(tests)} tests` }}
        label={`Manhattan plot of ${count(points.x.length)} pairs`}
        tip={tip}
        peaks={peaks.slice(0, 100)}
        onPick={(point) => {
          select({ gene: genes.id[points.gene[point]!], variant: points.variants[points.variant[point]!] });
          go("gene");
        }}
      />
    </PlotFrame>
  );
}

export function PointTip({ point, points, genes }: ManhattanProps & { readonly point: number }) {
  const g = points.gene[point]!;
  const { chromosome, position } = placeOf(result.value?.layout ?? [], points.x[point]!);
  return (
    <>
      <strong>{geneName(genes, g)}</strong>
      {points.variants[points.variant[point]!]} · {chromosome}:{count(position)}
      <br />p = {pValue(-points.y[point]!)}
    </>
  );
}

/** Room above the strongest point and the line of significance. */
function fieldOfPoints(points: PointColumns, length: number, line: number): Field {
  let top = line;
  for (const y of points.y) if (y > top && y < Number.POSITIVE_INFINITY) top = y;
  return fieldOf({ x: points.x, y: points.y, strength: points.y }, length, Math.max(1, top * 1.06));
}

/** 0 or 1 by the chromosome a point lies on. */
function toneOf(spans: readonly { readonly offset: number }[], { x }: PointColumns): Uint8Array {
  const tones = new Uint8Array(x.length);
  let span = 0;
  for (let i = 0; i < x.length; i++) {
    while (span + 1 < spans.length && spans[span + 1]!.offset <= x[i]!) span++;
    tones[i] = span % 2;
  }
  return tones;
}

function pointsOf({ gene }: PointColumns, row: number): number[] {
  if (row < 0) return [];
  return Array.from(gene.keys()).filter((i) => gene[i] === row);
}

/** The strongest point of each gene, strongest gene first. */
function leadPoints(points: PointColumns, genes: GeneColumns): number[] {
  const best = new Int32Array(genes.id.length).fill(-1);
  for (let i = 0; i < points.x.length; i++) {
    const held = best[points.gene[i]!]!;
    if (held < 0 || points.y[i]! > points.y[held]!) best[points.gene[i]!] = i;
  }
  return Array.from(strongestGenes(genes), (g) => best[g]!).filter((i) => i >= 0);
}

/** The report's own drawing of the same pairs. */
function drawing(points: PointColumns, genes: GeneColumns, tests: number): string {
  const { layout: spans } = result.peek()!;
  const layout = { spans, length: axisLength(spans) };
  const labels = Array.from(strongestGenes(genes).slice(0, NAMED), (g) => {
    const at = points.variants.indexOf(genes.variant[g]!);
    const point = points.variant.indexOf(at);
    const { chromosome } = placeOf(spans, point < 0 ? 0 : points.x[point]!);
    return {
      text: shorten(geneName(genes, g), 24),
      chromosome,
      position: genes.position[g]!,
      log10P: genes.log10P[g]!,
    };
  });
  return manhattan(
    { document },
    {
      layout,
      points: { x: points.x, y: Float64Array.from(points.y), gene: Int32Array.from(points.gene) },
      labels,
      line: { log10P: Math.log10(0.05 / tests), text: `0.05 / ${count(tests)} tests` },
    },
  );
}

let waiting: ReturnType<typeof setTimeout> | undefined;

/** The address follows once the plot stands still. */
function settle(act: () => void): void {
  clearTimeout(waiting);
  waiting = setTimeout(act, 250);
}
