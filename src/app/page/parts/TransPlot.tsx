import { useState } from "preact/hooks";
import type { ColourName } from "../../../report/svg.ts";
import { go } from "../places.ts";
import { setSetting, setting } from "../state.ts";
import { announce } from "./announce.ts";
import type { MapPoints } from "./mapPoints.ts";
import { usePlotBox } from "./PlotBox.tsx";
import { aboutPoint, pairOf } from "./pairText.tsx";
import { stretchText } from "./raster/ticks.ts";
import type { Range } from "./raster/viewport.ts";
import { inside, Scatter, useGenePoints } from "./Scatter.tsx";
import { TransAxes } from "./TransAxes.tsx";
import { TRANS_CLASSES, type TransDots } from "./transDots.ts";
import { useAxis } from "./useAxis.ts";
import { usePlotColours } from "./usePlotColours.ts";

/** The classes, and the gene that is selected. */
const COLOURS: readonly ColourName[] = [...TRANS_CLASSES.map(({ colour }) => colour), "ink"];
const RADII = [...TRANS_CLASSES.map(({ radius }) => radius), 3.4];
const MARGIN = { left: 56, right: 16, top: 30, bottom: 46 };
const LEAST = 100_000;
const TALLEST = 760;

export interface TransPlotProps {
  readonly map: MapPoints;
  readonly trans: TransDots;
}

/** Variant position by gene position on a canvas: hover, brush, zoom along both axes. */
export function TransPlot({ map, trans }: TransPlotProps) {
  const { dots, detail } = trans;
  const { outer, box } = usePlotBox(MARGIN, (width) => Math.min(TALLEST, Math.max(320, width)));
  const colours = usePlotColours(COLOURS);
  const across = useAxis(map.layout.length, LEAST, keptRange("trans.x"), keepX);
  const up = useAxis(map.layout.length, LEAST, keptRange("trans.y"), keepY);
  const [hovered, setHovered] = useState(-1);
  const ofGene = useGenePoints(map);
  const open = (index: number): void => go("gene", pairOf(map, index));
  const step = (by: number): void => {
    const at = map.peaks.indexOf(hovered);
    const index = map.peaks[Math.min(map.peaks.length - 1, Math.max(0, at + by))];
    if (index === undefined) return;
    setHovered(index);
    announce(aboutPoint(map, index));
    if (inside(dots.x[index]!, across.range) && inside(dots.y[index]!, up.range)) return;
    across.all();
    up.all();
  };
  return (
    <Scatter
      {...{ outer, box, map, dots, detail, radii: RADII, colours, ofGene }}
      {...{ across, up, heights: up.range, hovered }}
      drag="brush"
      kind="trans plot"
      says={(x, y) => `Variants of ${stretchText(map.layout, x)} by genes of ${stretchText(map.layout, y)}`}
      help="Page Down goes through the strongest genes, Enter opens one"
      onHover={setHovered}
      onPick={open}
      keys={{
        PageDown: () => step(1),
        PageUp: () => step(-1),
        Enter: () => hovered >= 0 && open(hovered),
      }}
      axes={<TransAxes box={box} layout={map.layout} across={across.range} up={up.range} />}
    />
  );
}

function keptRange(name: string): Range | undefined {
  const [low, high] = setting(name).split("~").map(Number);
  return low !== undefined && high !== undefined && low < high ? [low, high] : undefined;
}

const keep = (name: string) => (range: Range | undefined) =>
  setSetting(name, range === undefined ? "" : range.map(Math.round).join("~"));
const keepX = keep("trans.x");
const keepY = keep("trans.y");
