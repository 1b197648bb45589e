import { useMemo } from "preact/hooks";
import { count } from "../../../report/numbers.ts";
import { ContextSwitch } from "../parts/ContextSwitch.tsx";
import { type MapPoints, mapPoints } from "../parts/mapPoints.ts";
import { PlotFrame } from "../parts/PlotFrame.tsx";
import { ofResult, shownKey } from "../parts/resultAnswers.ts";
import { TransHubs } from "../parts/TransHubs.tsx";
import { TransPlot } from "../parts/TransPlot.tsx";
import { TransTable } from "../parts/TransTable.tsx";
import { transDotsOf } from "../parts/transDots.ts";
import { useAnswer } from "../parts/useAnswer.ts";
import { result } from "../state.ts";

/** Which variants act on which genes: variant position across, gene position up. */
export default function Trans() {
  const id = result.value?.id;
  const { value: map, error } = useAnswer(mapPoints, [shownKey()]);
  if (id === undefined) return <p class="empty">No result is open.</p>;
  return (
    <>
      <div class="view-head">
        <h1>Variants and the genes they act on</h1>
        <h2 class="visually-hidden">Plot</h2>
      </div>
      {map !== undefined && <ContextSwitch genes={map.genes} />}
      {error !== undefined && <p class="empty">{error.message}</p>}
      {map === undefined && error === undefined && <p class="loading">Reading the pairs</p>}
      {map !== undefined && <Dots map={map} />}
    </>
  );
}

function Dots({ map }: { readonly map: MapPoints }) {
  const trans = useMemo(() => transDotsOf(map), [map]);
  const none = map.columns.geneX === undefined || trans.dots.x.length === 0;
  return (
    <div class="figures">
      <PlotFrame
        wide
        title="Variant position by gene position"
        name="variant-by-gene"
        empty={none ? "This result has no pairs whose gene has a place on the genome." : undefined}
        exportSvg={() => transSvg(map)}
        caption={`${count(map.columns.x.length)} pairs. Drag picks a part to look at, the wheel zooms, Shift and drag moves; click a dot for its gene.`}
        help={
          <p>
            A vertical line is a variant that acts on many genes, as one near a transcription factor may, or
            one that tracks cell composition or a batch. A horizontal line is a gene with many distant
            variants, often one whose reads map to several places. The diagonal is where variant and gene are
            neighbours.
          </p>
        }
      >
        {!none && <TransPlot map={map} trans={trans} />}
        {!none && <TransHubs map={map} />}
        {!none && <TransTable map={map} />}
      </PlotFrame>
    </div>
  );
}

async function transSvg(map: MapPoints): Promise<string> {
  const { transDots } = await import("../../../report/transDots.ts");
  const genes = await ofResult("genes");
  const points = {
    x: map.columns.x,
    y: Float64Array.from(map.columns.y),
    gene: Int32Array.from(map.columns.gene),
  };
  return transDots({ document }, { variants: map.layout, genes: map.layout, points, geneTable: genes });
}
