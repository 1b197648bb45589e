import { useMemo, useState } from "preact/hooks";
import type { ColourName } from "../../../report/svg.ts";
import { go } from "../places.ts";
import { select, selection } from "../state.ts";
import { announce } from "./announce.ts";
import { ManhattanAxes, SignificanceLine } from "./ManhattanAxes.tsx";
import type { MapPoints } from "./mapPoints.ts";
import { type Peak, PeakLabels } from "./PeakLabels.tsx";
import { placeIn, usePlotBox } from "./PlotBox.tsx";
import { aboutPoint, nameOf, pairOf } from "./pairText.tsx";
import { firstAbove, firstAtLeast } from "./raster/detail.ts";
import { peaksIn } from "./raster/peaks.ts";
import { stretchText } from "./raster/ticks.ts";
import type { Range } from "./raster/viewport.ts";
import { Scatter, useGenePoints } from "./Scatter.tsx";
import { useAxis } from "./useAxis.ts";
import { usePlotColours } from "./usePlotColours.ts";

/** By kind: weak and strong on even and odd chromosomes; the last is the gene that is selected. */
const COLOURS: readonly ColourName[] = ["deep", "pale", "deep", "pale", "accent"];
const RADII = [1.5, 1.5, 2.1, 2.1, 2.6];
const MARGIN = { left: 44, right: 14, top: 20, bottom: 46 };
/** Bases that are shown at least. */
const LEAST = 2_000;
const MOST_LABELS = 14;

export interface ManhattanPlotProps {
  readonly map: MapPoints;
  readonly height: number;
  /** Whether the y axis ends at the strongest point in view. */
  readonly fit: boolean;
  /** What the line of significance is. */
  readonly lineText: string;
}

const keepZoom = (zoom: Range | undefined): void => select({ zoom });

export function ManhattanPlot({ map, height, fit, lineText }: ManhattanPlotProps) {
  const { outer, box } = usePlotBox(MARGIN, () => height);
  const colours = usePlotColours(COLOURS);
  const across = useAxis(map.layout.length, LEAST, selection.value.zoom, keepZoom);
  const { range } = across;
  const [hovered, setHovered] = useState(-1);
  const ofGene = useGenePoints(map);
  const variant = selection.value.variant;
  const chosen = useMemo(
    () => ofGene.find((i) => map.columns.variants[map.columns.variant[i]!] === variant) ?? -1,
    [ofGene, variant],
  );
  const highest = fit ? map.bottom + Math.max(1, (map.heightIn(range) - map.bottom) * 1.12) : map.top;
  const heights: Range = [map.bottom, highest];
  const { toX, toY } = placeIn(box, range, heights);
  const place = (i: number) => ({ x: toX(map.dots.x[i]!), y: toY(map.dots.y[i]!) });
  const peaks = useMemo(() => {
    const apart = ((range[1] - range[0]) * 26) / box.width;
    return peaksIn(map.peaks, map.dots.x, range, { limit: MOST_LABELS, apart });
  }, [map, range, box.width]);
  const labels = peaks.map(
    (index): Peak => ({ index, ...place(index), text: nameOf(map, index), about: aboutPoint(map, index) }),
  );
  const choose = (index: number): void => {
    const change = pairOf(map, index);
    if (index === chosen) go("gene", change);
    else select(change);
    announce(`${aboutPoint(map, index)} selected`);
  };
  return (
    <Scatter
      {...{ outer, box, map, dots: map.dots, detail: map.detail, radii: RADII, colours, ofGene }}
      {...{ across, heights, hovered, chosen }}
      drag="pan"
      kind="Manhattan plot"
      says={(shown) => `Associations along ${stretchText(map.layout, shown)}`}
      help="Tab goes through the strongest peaks"
      onHover={setHovered}
      onPick={choose}
      axes={<ManhattanAxes box={box} layout={map.layout} range={range} heights={heights} />}
    >
      {map.line !== undefined && (
        <SignificanceLine box={box} heights={heights} y={map.line} text={lineText} />
      )}
      <PeakLabels
        peaks={labels}
        box={box}
        cloud={cloudOf(map, range, highest).map(place)}
        chosen={chosen}
        onFocus={(index = -1) => setHovered(index)}
        onChoose={choose}
      />
    </Scatter>
  );
}

/** The strongest points in view that stand high enough to be in a name's way. */
function cloudOf(map: MapPoints, [low, high]: Range, highest: number): number[] {
  const [level] = map.detail.levels;
  if (level === undefined) return [];
  const least = map.bottom + 0.16 * (highest - map.bottom);
  const found: number[] = [];
  const to = firstAbove(level.x, high);
  for (let i = firstAtLeast(level.x, low); i < to && found.length < 500; i++)
    if (level.y[i]! > least) found.push(level.index[i]!);
  return found;
}
