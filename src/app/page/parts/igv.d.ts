/** The little of igv.js that the page uses. By the path of its module: the name alone leads bundlers for browsers to a script without exports, and its own types know no tracks of custom readers. */
declare module "igv/dist/igv.esm.js" {
  export interface IgvShownTrack {
    readonly type: string;
    /** What an axis that follows the features in view spans, in place of igv's own. */
    doAutoscale?: (features: readonly { readonly value: number }[]) => { min: number; max: number };
  }
  export interface IgvBrowser {
    search(locus: string): Promise<unknown>;
    loadTrack(track: unknown): Promise<unknown>;
    removeTrackByName(name: string): void;
    findTracks(wanted: (track: IgvShownTrack) => boolean): IgvShownTrack[];
    updateViews(): Promise<void>;
    on(event: string, act: (...given: readonly unknown[]) => unknown): void;
  }
  const igv: {
    createBrowser(box: HTMLElement, options: unknown): Promise<IgvBrowser>;
    removeBrowser(browser: IgvBrowser): void;
  };
  export default igv;
}
