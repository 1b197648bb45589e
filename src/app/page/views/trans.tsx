import { useMemo, useState } from "preact/hooks";
import { count, pValue } from "../../../report/numbers.ts";
import { transDots } from "../../../report/transDots.ts";
import type { GeneColumns, PointColumns } from "../../engine/protocol.ts";
import { engine } from "../engine.ts";
import { geneName } from "../parts/map/leads.ts";
import { PointTip } from "../parts/map/ManhattanPlot.tsx";
import { PlotFrame } from "../parts/PlotFrame.tsx";
import { axisLength, genomeTicks } from "../parts/points/axis.ts";
import { fieldOf } from "../parts/points/field.ts";
import { PointPlot } from "../parts/points/PointPlot.tsx";
import type { Ink } from "../parts/points/raster.ts";
import { type Stretch, within } from "../parts/points/stretch.ts";
import { usePalette } from "../parts/points/usePalette.ts";
import { ofResult } from "../parts/resultAnswers.ts";
import { useAnswer } from "../parts/useAnswer.ts";
import { go } from "../places.ts";
import { result, select, selection } from "../state.ts";

const POINTS = 1_000_000;
const HEIGHT = 620;
/** Classes of strength as the report draws them: -log10 p from `least` on. */
const CLASSES = [
  { least: 20, colour: "accent", radius: 2.8 },
  { least: 8, colour: "deep", radius: 2.2 },
  { least: 0, colour: "pale", radius: 1.6 },
] as const;

/** Which variants act on which genes: variant position across, gene position up. */
export default function Trans() {
  const open = result.value;
  const id = open?.id;
  const genes = useAnswer(() => ofResult("genes"), [id]);
  const points = useAnswer(() => engine.points(POINTS), [id]);
  if (open === undefined) return <p class="empty">Open a result, or map a cohort, first.</p>;
  const failure = genes.error ?? points.error;
  return (
    <>
      <h1>Variants and the genes they act on</h1>
      {failure !== undefined && <p class="empty">{failure.message}</p>}
      {genes.value !== undefined && points.value !== undefined && (
        <Dots genes={genes.value} points={points.value} />
      )}
    </>
  );
}

function Dots({ genes, points }: { readonly genes: GeneColumns; readonly points: PointColumns }) {
  const { layout } = result.value!;
  const palette = usePalette();
  const length = axisLength(layout);
  const geneX = points.geneX;
  const [local, setLocal] = useState<Stretch | undefined>(undefined);
  const stretch = within(local ?? [0, length], length);
  const field = useMemo(
    () =>
      fieldOf(
        { x: points.x, y: geneX ?? new Float64Array(points.x.length), strength: points.y },
        length,
        length,
      ),
    [points, geneX, length],
  );
  const inkOf = useMemo(() => {
    const inks = CLASSES.map(({ least, colour, radius }) => ({
      least,
      ink: { colour: palette[colour], radius },
    }));
    return (point: number): Ink => inks.find(({ least }) => points.y[point]! >= least)?.ink ?? inks[2]!.ink;
  }, [palette, points]);
  const markedInk = useMemo<Ink>(() => ({ colour: palette.ink, radius: 3.2 }), [palette]);
  const row = selection.value.gene === undefined ? -1 : genes.id.indexOf(selection.value.gene);
  const marked = useMemo(
    () => Array.from(points.gene.keys()).filter((i) => points.gene[i] === row),
    [points, row],
  );
  const peaks = useMemo(() => strongest(points), [points]);
  if (geneX === undefined || points.x.length === 0)
    return <p class="empty">This result has no pairs to place by gene.</p>;
  return (
    <PlotFrame
      wide
      title="Variant position by gene position"
      name="variant-by-gene"
      exportSvg={() => drawing(points, genes)}
      caption={`${count(points.x.length)} pairs: small and pale, deeper below p = 10⁻⁸, orange below 10⁻²⁰; black those of the selected gene. Click a dot for its gene.`}
      help="A vertical line is a variant that acts on many genes, as one near a transcription factor may (or one that tracks cell composition or a batch). A horizontal line is a gene with many distant variants, often one whose reads map to several places. The diagonal is where variant and gene are neighbours."
    >
      <PointPlot
        field={field}
        spans={layout}
        stretch={stretch}
        onStretch={setLocal}
        inkOf={inkOf}
        marked={marked}
        markedInk={markedInk}
        height={HEIGHT}
        upTicks={(pixels) =>
          genomeTicks(layout, [0, length], pixels, 14).ticks.map(({ at, text }) => ({
            at: pixels - at,
            text,
          }))
        }
        upTitle="Gene position by chromosome"
        label={`Variant position by gene position of ${count(points.x.length)} pairs`}
        tip={(point) => <PointTip point={point} points={points} genes={genes} />}
        peaks={peaks}
        onPick={(point) => {
          select({ gene: genes.id[points.gene[point]!], variant: points.variants[points.variant[point]!] });
          go("gene");
        }}
      />
      <Strongest points={points} genes={genes} peaks={peaks.slice(0, 20)} />
    </PlotFrame>
  );
}

/** In words: what the plot shows, for those who read rather than look. */
function Strongest({
  points,
  genes,
  peaks,
}: {
  readonly points: PointColumns;
  readonly genes: GeneColumns;
  readonly peaks: readonly number[];
}) {
  return (
    <details class="help">
      <summary>The strongest pairs as a table</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">Variant</th>
            <th scope="col">Gene</th>
            <th scope="col" class="number">
              p
            </th>
          </tr>
        </thead>
        <tbody>
          {peaks.map((point) => (
            <tr key={point}>
              <td>{points.variants[points.variant[point]!]}</td>
              <td>{geneName(genes, points.gene[point]!)}</td>
              <td class="number">{pValue(-points.y[point]!)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function strongest({ y }: PointColumns): number[] {
  return Array.from(y.keys())
    .sort((a, b) => y[b]! - y[a]! || a - b)
    .slice(0, 100);
}

function drawing(points: PointColumns, genes: GeneColumns): string {
  const { layout: spans } = result.peek()!;
  const layout = { spans, length: axisLength(spans) };
  const drawn = { x: points.x, y: Float64Array.from(points.y), gene: Int32Array.from(points.gene) };
  const geneTable = { chromosome: genes.chromosome, start: genes.start };
  return transDots({ document }, { variants: layout, genes: layout, points: drawn, geneTable });
}
