/** A gene on its chromosome, as an annotation (GTF, BED) has it: positions are 1-based and inclusive. */
export interface GeneModel {
  readonly id: string;
  readonly symbol: string;
  readonly strand: "+" | "-" | ".";
  readonly start: number;
  readonly end: number;
  /** Starts and ends, in pairs; empty where only the body is known. */
  readonly exons: Int32Array;
}
