import { pValue } from "../../../report/numbers.ts";
import { go } from "../places.ts";
import { result, select, selection, setSetting, setting } from "../state.ts";
import { ManhattanPlot } from "./ManhattanPlot.tsx";
import { geneName, type MapPoints } from "./mapPoints.ts";
import { PeakTable } from "./PeakTable.tsx";
import { PlotFrame } from "./PlotFrame.tsx";
import { peaksIn } from "./raster/peaks.ts";
import { clipLayout, placeOn } from "./raster/ticks.ts";
import type { Range } from "./raster/viewport.ts";

/** The Manhattan plot with its switches, what is selected in it, and its peaks as a table. */
export function ManhattanFrame({ map }: { readonly map: MapPoints }) {
  const open = result.value;
  const fit = setting("overview.fit") === "1";
  const zoom = selection.value.zoom;
  const range: Range = zoom ?? [0, map.layout.length];
  const lineText =
    map.line === undefined
      ? ""
      : `weakest lead of a gene with q ≤ ${open?.significantQ}: p = ${pValue(-map.line)}`;
  const trans = open?.kind === "trans";
  return (
    <PlotFrame
      title="Associations along the genome"
      name="manhattan"
      wide
      empty={map.columns.x.length === 0 ? "No pair of this result has a place on the genome." : undefined}
      exportSvg={() => manhattanSvg(map, range, lineText)}
      tools={
        <>
          <label>
            <input
              type="checkbox"
              checked={fit}
              onChange={(event) => setSetting("overview.fit", event.currentTarget.checked ? "1" : "")}
            />
            Fit the height to what is in view
          </label>
          <button
            type="button"
            class="quiet small"
            disabled={zoom === undefined}
            onClick={() => select({ zoom: undefined })}
          >
            Show all
          </button>
        </>
      }
      caption={
        <>
          Each point is {trans ? "a pair of the map" : "a variant tested with a nearby gene"}, at the
          variant's position; the higher, the smaller p. Wheel, pinch or + and − zoom, drag or arrows move,
          Shift and drag picks a stretch; click a point to select it.
        </>
      }
      help={
        <p>
          A real effect is a tower: the variants inherited together with the causal one rise with it, so the
          top is where to look and not proof of which variant acts. Named are the strongest genes in view; the
          selected gene is orange. Where points share a spot the strongest is drawn.
        </p>
      }
    >
      <ManhattanPlot map={map} height={380} fit={fit} lineText={lineText} />
      <ChosenPair map={map} />
      <PeakTable map={map} range={range} />
    </PlotFrame>
  );
}

function ChosenPair({ map }: { readonly map: MapPoints }) {
  const { gene: id, variant } = selection.value;
  const gene = map.genes.id.indexOf(id ?? "");
  if (gene < 0)
    return (
      <div class="chosen">
        <p>Nothing is selected: click a point, or a name.</p>
      </div>
    );
  const lead = map.genes.variant[gene];
  return (
    <div class="chosen">
      <strong>{geneName(map.genes, gene)}</strong>
      <span>
        lead {lead || "–"}, p = {pValue(map.genes.log10P[gene]!)}
      </span>
      {variant !== undefined && variant !== lead && <span>selected {variant}</span>}
      <span class="end buttons">
        <button type="button" class="small" onClick={() => go("gene")}>
          Open the gene
        </button>
        <button
          type="button"
          class="quiet small"
          onClick={() => select({ gene: undefined, variant: undefined })}
        >
          Clear
        </button>
      </span>
    </div>
  );
}

/** What is in view, drawn by the report's plot. */
async function manhattanSvg(map: MapPoints, range: Range, lineText: string): Promise<string> {
  const { manhattan } = await import("../../../report/manhattan.ts");
  const kept = [...map.dots.x.keys()].filter((i) => map.dots.x[i]! >= range[0] && map.dots.x[i]! <= range[1]);
  const peaks = peaksIn(map.peaks, map.dots.x, range, { limit: 12, apart: (range[1] - range[0]) / 60 });
  return manhattan(
    { document },
    {
      layout: clipLayout(map.layout, range),
      points: {
        x: Float64Array.from(kept, (i) => map.dots.x[i]! - range[0]),
        y: Float64Array.from(kept, (i) => map.columns.y[i]!),
        gene: Int32Array.from(kept, (i) => map.columns.gene[i]!),
      },
      labels: peaks.flatMap((i) => {
        const at = placeOn(map.layout, map.columns.x[i]!);
        const text = geneName(map.genes, map.columns.gene[i]!);
        return at === undefined ? [] : [{ ...at, text, log10P: -map.columns.y[i]! }];
      }),
      ...(map.line === undefined ? {} : { line: { log10P: -map.line, text: lineText } }),
      cutoff: map.bottom,
    },
  );
}
