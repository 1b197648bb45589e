import type { Region } from "./regions.ts";

/** How a VCF is read. */
export interface VcfOptions {
  /** `DS`, `GT`, or `auto`: DS where the header declares it. What a sample lacks in DS its GT says. */
  readonly dosageField?: "auto" | "DS" | "GT" | undefined;
  /** What becomes of sites with several ALT alleles. Default `skip`. */
  readonly multiallelic?: "skip" | "split" | "error" | undefined;
  /** Leave variants out whose FILTER is neither PASS nor missing. */
  readonly pass?: boolean | undefined;
  /** Only variants whose position lies in one of these. */
  readonly regions?: readonly Region[] | undefined;
  /** Stops the reading of all files, by CancelledError. */
  readonly signal?: AbortSignal | undefined;
}
