import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { engine, show } from "../engine.ts";
import { hrefOf } from "../history.ts";
import { geneRange } from "../parts/geneRange.ts";
import type { IgvDrawing, IgvTrack } from "../parts/igvDrawing.ts";
import {
  chromosomeSizes,
  geneFeatures,
  type IgvReader,
  leadChromosomes,
  leadFeatures,
  locusAround,
  locusOf,
  pairFeatures,
  pointReader,
  readerOf,
} from "../parts/igvTracks.ts";
import { geneName, type MapPoints, mapPoints } from "../parts/mapPoints.ts";
import { strongestFirst } from "../parts/RegionalView.tsx";
import { shownKey } from "../parts/resultAnswers.ts";
import { useAnswer } from "../parts/useAnswer.ts";
import { result, select, selection } from "../state.ts";

/** The result in igv.js: genes, leads and pairs as tracks, on a genome made of the chromosomes of the result. */
export default function Browser() {
  const open = result.value;
  const { value: map, error } = useAnswer(mapPoints, [shownKey()]);
  if (open === undefined) return <p class="empty">No result is open.</p>;
  if (error !== undefined) return <p class="empty">{error.message}</p>;
  if (map === undefined) return <p class="loading">Reading the pairs</p>;
  return (
    <>
      <div class="view-head">
        <h1>Genome browser</h1>
        <p class="note">
          igv.js with this result as its tracks. It runs within this page and loads nothing from outside, so
          it shows no sequence and no public annotation; its colours stay light.
        </p>
      </div>
      <InIgv key={`${open.id} ${map.genes.context}`} map={map} significantQ={open.significantQ} />
    </>
  );
}

interface InIgvProps {
  readonly map: MapPoints;
  readonly significantQ: number;
}

/** Bases to either side of a gene that is shown. */
const PAD = 250_000;

function InIgv({ map, significantQ }: InIgvProps) {
  const { genes } = map;
  const box = useRef<HTMLDivElement>(null);
  const [drawing, setDrawing] = useState<IgvDrawing | undefined>(undefined);
  const [failure, setFailure] = useState<string | undefined>(undefined);
  const wanted = genes.id.indexOf(selection.value.gene ?? "");
  const gene = wanted >= 0 ? wanted : (strongestFirst(genes.log10P)[0] ?? -1);
  const locus = useMemo(() => (gene < 0 ? firstLocus(map) : locusAround(map, gene, PAD)), [map, gene]);
  useEffect(() => {
    let over = false;
    let made: IgvDrawing | undefined;
    import("../parts/igvDrawing.ts")
      .then(async ({ drawWithIgv }) => {
        const mapped = await hasRecombination(map, gene);
        if (over || box.current === null) return;
        made = await drawWithIgv(box.current, {
          ...{ sizes: chromosomeSizes(map), locus, tracks: tracksOf(map, significantQ, mapped) },
          onClick: (values) => clicked(map, values),
        });
        if (over) made.end();
        else setDrawing(made);
      })
      .catch((error: unknown) => {
        if (!over) setFailure(error instanceof Error ? error.message : String(error));
      });
    return () => {
      over = true;
      made?.end();
    };
  }, [map]);
  useEffect(() => drawing?.show(locus), [drawing, locus]);
  useEffect(() => {
    if (drawing === undefined || gene < 0) return;
    engine
      .pairs(gene)
      .then((pairs) => {
        const features = pairFeatures(pairs);
        const top = features.reduce((most, { value }) => Math.max(most, Number(value)), 1);
        const points = track("Pairs of the gene, −log₁₀ p", "points", readerOf(features), "#d55e00", 130);
        return drawing.put({ ...points, most: Math.ceil(1.08 * top) });
      })
      .catch(show);
  }, [drawing, gene]);
  return (
    <>
      <p class="chosen paper">
        {gene >= 0 && (
          <span>
            <a href={hrefOf("gene", { gene: genes.id[gene], variant: genes.variant[gene] || undefined })}>
              {geneName(genes, gene)}
            </a>
            {` on ${geneRange(genes, gene)}`}
          </span>
        )}
        <span class="note end">A click on a gene selects it in all views.</span>
      </p>
      {failure !== undefined && <p class="empty">The genome browser could not start: {failure}</p>}
      <section class="igv-box" aria-label="Genome browser, igv.js" ref={box} />
      <p class="note">
        The same is in words in the table of <a href={hrefOf("genes")}>genes</a> and on the page of the{" "}
        <a href={hrefOf("gene")}>gene</a>: igv.js draws on a canvas, which screen readers cannot read.
      </p>
    </>
  );
}

/** Whether a recombination map was given: asked around the first gene that is shown. */
async function hasRecombination({ genes }: MapPoints, gene: number): Promise<boolean> {
  if (gene < 0) return false;
  const [start, end] = [Math.max(1, genes.start[gene]! - PAD), genes.end[gene]! + PAD];
  const tracks = await engine
    .region({ chromosome: genes.chromosome[gene]!, start, end })
    .catch(() => undefined);
  return tracks?.recombination !== undefined;
}

function firstLocus({ layout }: MapPoints): string {
  const span = layout.spans[0];
  return span === undefined ? "all" : locusOf(span.name, span.first, Math.min(span.last, span.first + 2e6));
}

function track(
  name: string,
  kind: IgvTrack["kind"],
  reader: IgvReader,
  colour: string,
  height: number,
): IgvTrack {
  return { name, kind, reader, colour, height };
}

function tracksOf(map: MapPoints, significantQ: number, mapped: boolean): IgvTrack[] {
  const { genes } = map;
  return [
    track(
      "Genes tested (dark: significant)",
      "genes",
      readerOf(geneFeatures(genes, significantQ)),
      "#1f5582",
      90,
    ),
    track("Leads, −log₁₀ p", "points", readerOf(leadFeatures(genes, leadChromosomes(map))), "#7a3e9d", 90),
    track("All pairs, −log₁₀ p", "points", pointReader(map), "#33568c", 130),
    ...(mapped ? [track("Recombination, cM/Mb", "line", recombinationReader(map), "#5b94c4", 60)] : []),
  ];
}

function recombinationReader({ layout }: MapPoints): IgvReader {
  const known = new Set(layout.spans.map(({ name }) => name));
  return {
    async readFeatures(chr, start, end) {
      if (!known.has(chr)) return [];
      const { recombination } = await engine.region({ chromosome: chr, start: Math.max(1, start), end });
      if (recombination === undefined) return [];
      const { position, rate } = recombination;
      return Array.from(position, (at, i) => {
        const to = position[i + 1] ?? at;
        return { chr, start: at - 1, end: to, value: rate[i]! };
      });
    },
  };
}

function clicked({ genes }: MapPoints, values: ReadonlyMap<string, string>): void {
  const text = values.get("id") ?? values.get("gene") ?? values.get("name");
  if (text === undefined) return;
  const row = genes.id.includes(text) ? genes.id.indexOf(text) : genes.symbol.indexOf(text);
  if (row >= 0) select({ gene: genes.id[row], variant: genes.variant[row] || undefined });
}
