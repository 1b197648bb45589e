import igv from "igv";
import type { IgvReader } from "./igvTracks.ts";

/** igv.js in the page: loaded on demand, this file alone knows it. It is given a genome and readers in memory, and asks nobody for anything. */

export interface IgvTrack {
  readonly name: string;
  readonly kind: "genes" | "points" | "line";
  readonly reader: IgvReader;
  readonly colour: string;
  readonly height: number;
  /** Whether it may be drawn over the whole genome: few features alone may. */
  readonly whole?: boolean;
}

export interface IgvDrawing {
  show(locus: string): void;
  /** Puts a track below the others, in place of one of the same name. */
  put(track: IgvTrack, before?: string): Promise<void>;
  end(): void;
}

/** The little of igv.js that is used: its own types do not know tracks of custom readers. */
interface Igv {
  createBrowser(box: HTMLElement, options: unknown): Promise<IgvBrowser>;
  removeBrowser(browser: IgvBrowser): void;
}

interface IgvBrowser {
  search(locus: string): Promise<unknown>;
  loadTrack(track: unknown): Promise<unknown>;
  removeTrackByName(name: string): void;
  on(event: string, act: (...given: readonly unknown[]) => unknown): void;
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
  const library = igv as unknown as Igv;
  const browser = await library.createBrowser(box, {
    // Without these igv fetches its list of genomes, and asks its own server for names that it does not know.
    ...{ loadDefaultGenomes: false, search: false },
    // A file and not an address: it is read, not fetched, so no connection is needed.
    reference: {
      name: "This result",
      format: "chromsizes",
      fastaURL: new File([sizes], "chrom.sizes"),
      tracks: [],
    },
    locus,
    ...{ showIdeogram: false, showSVGButton: true, showSampleNames: false, showROITableButton: false },
    tracks: tracks.map(optionsOf),
  });
  browser.on("trackclick", (_track, popup) => {
    if (Array.isArray(popup)) onClick(valuesOf(popup));
    // undefined: igv's own popup comes up too.
    return undefined;
  });
  return {
    show: (next) => void browser.search(next).catch(() => undefined),
    async put(track) {
      browser.removeTrackByName(track.name);
      await browser.loadTrack(optionsOf(track));
    },
    end: () => library.removeBrowser(browser),
  };
}

function optionsOf({ name, kind, reader, colour, height, whole = false }: IgvTrack): unknown {
  const common = { name, reader, height, supportsWholeGenome: whole, visibilityWindow: -1 };
  return kind === "genes"
    ? { ...common, type: "annotation", displayMode: "EXPANDED", color: colour, searchable: true }
    : { ...common, type: "wig", graphType: kind, color: colour, autoscale: true, min: 0 };
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
