import { plainChromosome, type Region } from "../formats/regions.ts";

/** The assembly that positions are on, where regions of it are left out; `none`: another species, or no regions. */
export type Build = "GRCh37" | "GRCh38" | "none";

/**
 * Where linkage disequilibrium reaches over megabases, so that one haplotype would make a component of its own: HLA, and the
 * inversions of 8p23 and 17q21 (METHODS 1.7; on GRCh38 as lifted over, rounded outward to 0.1 Mb).
 */
const REGIONS: Readonly<Record<Build, readonly Region[]>> = {
  GRCh37: [
    { chromosome: "6", start: 25_000_000, end: 35_000_000 },
    { chromosome: "8", start: 7_000_000, end: 13_000_000 },
    { chromosome: "17", start: 40_000_000, end: 45_000_000 },
  ],
  GRCh38: [
    { chromosome: "6", start: 24_900_000, end: 35_100_000 },
    { chromosome: "8", start: 7_100_000, end: 13_200_000 },
    { chromosome: "17", start: 41_800_000, end: 47_000_000 },
  ],
  none: [],
};

/** The regions of one build; without one those of both, which overlap. */
export function longRangeLd(build: Build | undefined): readonly Region[] {
  return build === undefined ? [...REGIONS.GRCh37, ...REGIONS.GRCh38] : REGIONS[build];
}

/** Whether a region is on the chromosome of that name (`6`, `chr6`). */
export function inChromosome(region: Region, chromosome: string): boolean {
  return plainChromosome(region.chromosome) === plainChromosome(chromosome);
}
