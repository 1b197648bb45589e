/** Sizes of a script or style sheet: bytes, and bytes in gzip. */
export interface BundleSize {
  readonly file: string;
  readonly kind: "first" | "engine" | "on demand";
  readonly bytes: number;
  readonly gzip: number;
}
export declare const FIRST_LIMIT: number;
export declare function buildPage(
  folder: string,
  options?: { readonly example?: boolean; readonly engine?: string },
): Promise<readonly BundleSize[]>;
export declare function sizesText(sizes: readonly BundleSize[]): string;
