import igv from "igv/dist/igv.esm.js";
import type { IgvReader } from "./igvTracks.ts";

/** igv.js in the page: loaded on demand, this file alone knows it. It is given a genome and readers in memory, and asks nobody for anything. */

export interface IgvTrack {
  readonly name: string;
  readonly kind: "genes" | "points" | "line";
  readonly reader: IgvReader;
  readonly colour: string;
  readonly height: number;
  /** Top of the axis, where it does not follow what is in view. */
  readonly most?: number | undefined;
}

export interface IgvDrawing {
  show(locus: string): void;
  /** Puts a track below the genes, in place of one of the same name. */
  put(track: IgvTrack): Promise<void>;
  end(): void;
}

export interface IgvOptions {
  /** As {@link chromosomeSizes} writes them. */
  readonly sizes: string;
  readonly locus: string;
  readonly tracks: readonly IgvTrack[];
  /** A click on something that has these names and values. */
  readonly onClick: (values: ReadonlyMap<string, string>) => void;
}

export async function drawWithIgv(
  box: HTMLElement,
  { sizes, locus, tracks, onClick }: IgvOptions,
): Promise<IgvDrawing> {
  const browser = await igv.createBrowser(box, {
    // Without these igv fetches its list of genomes, and asks its own server for names that it does not know.
    ...{ loadDefaultGenomes: false, search: false },
    // A file and not an address: it is read, not fetched, so no connection is needed.
    reference: {
      name: "This result",
      format: "chromsizes",
      fastaURL: new File([sizes], "This result"),
      tracks: [],
    },
    locus,
    ...{ showIdeogram: false, showSVGButton: true, showSampleNames: false, showROITableButton: false },
    tracks: tracks.map((track, i) => optionsOf(track, 2 * i)),
  });
  // igv's own axis ends at the strongest point, of which it then draws half.
  for (const track of browser.findTracks(({ type }) => type === "wig")) track.doAutoscale = withRoom;
  await browser.updateViews();
  browser.on("trackclick", (_track, popup) => {
    if (Array.isArray(popup)) onClick(valuesOf(popup));
    // undefined: igv's own popup comes up too.
    return undefined;
  });
  return {
    show: (next) => void browser.search(next).catch(() => undefined),
    async put(track) {
      browser.removeTrackByName(track.name);
      await browser.loadTrack(optionsOf(track, 1));
    },
    end: () => igv.removeBrowser(browser),
  };
}

/** From 0 to a little above the largest. */
function withRoom(features: readonly { readonly value: number }[]): { min: number; max: number } {
  const top = features.reduce((most, { value }) => Math.max(most, value), 0);
  return { min: 0, max: top > 0 ? Math.ceil(1.08 * top) : 1 };
}

function optionsOf({ name, kind, reader, colour, height, most }: IgvTrack, order: number): unknown {
  const common = { name, reader, height, order, supportsWholeGenome: false, visibilityWindow: -1 };
  return kind === "genes"
    ? // Without a colour of the track: it would take the place of the genes' own.
      { ...common, type: "annotation", displayMode: "EXPANDED", searchable: true }
    : {
        ...common,
        type: "wig",
        graphType: kind,
        color: colour,
        autoscale: most === undefined,
        min: 0,
        max: most,
      };
}

function valuesOf(popup: readonly unknown[]): Map<string, string> {
  return new Map(
    popup.flatMap((item) => {
      const { name, value } = (item ?? {}) as { readonly name?: unknown; readonly value?: unknown };
      return name === undefined
        ? []
        : [[String(name).toLowerCase().replace(/:$/, ""), String(value)] as const];
    }),
  );
}
