/** A plot and where its data lies, so that a page can tell what is under the pointer. Files use `svg` alone. */
export interface Picture {
  /** An SVG file as `svgText` makes them. */
  readonly svg: string;
  /** Of the SVG's view box. */
  readonly width: number;
  readonly height: number;
  /** Places of the data's points in units of the view box, in data order; NaN of those that are not drawn. */
  readonly x: Float64Array;
  readonly y: Float64Array;
}
