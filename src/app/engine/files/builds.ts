/** Lengths of human chromosomes: GRCh37 (hg19) and GRCh38 (hg38), from their NCBI assembly reports. */
const LENGTHS: Readonly<Record<string, readonly [grch37: number, grch38: number]>> = {
  "1": [249_250_621, 248_956_422],
  "2": [243_199_373, 242_193_529],
  "3": [198_022_430, 198_295_559],
  "4": [191_154_276, 190_214_555],
  "5": [180_915_260, 181_538_259],
  "6": [171_115_067, 170_805_979],
  "7": [159_138_663, 159_345_973],
  "8": [146_364_022, 145_138_636],
  "9": [141_213_431, 138_394_717],
  "10": [135_534_747, 133_797_422],
  "11": [135_006_516, 135_086_622],
  "12": [133_851_895, 133_275_309],
  "13": [115_169_878, 114_364_328],
  "14": [107_349_540, 107_043_718],
  "15": [102_531_392, 101_991_189],
  "16": [90_354_753, 90_338_345],
  "17": [81_195_210, 83_257_441],
  "18": [78_077_248, 80_373_285],
  "19": [59_128_983, 58_617_616],
  "20": [63_025_520, 64_444_167],
  "21": [48_129_895, 46_709_983],
  "22": [51_304_566, 50_818_468],
  X: [155_270_560, 156_040_895],
  Y: [59_373_566, 57_227_415],
};
const BUILDS = ["GRCh37", "GRCh38"] as const;

/** The build that has a chromosome of that length. */
export function buildOfLength(chromosome: string, length: number): string | undefined {
  const known = LENGTHS[chromosome];
  return known === undefined ? undefined : BUILDS[known.indexOf(length)];
}

/** The one build whose chromosomes reach as far as the positions met; undefined where both do, or neither. */
export function buildOfReach(reach: ReadonlyMap<string, number>): string | undefined {
  const possible = BUILDS.filter((_, build) =>
    [...reach].every(([name, position]) => position <= (LENGTHS[name]?.[build] ?? Number.POSITIVE_INFINITY)),
  );
  return possible.length === 1 ? possible[0] : undefined;
}

/** The build that a header line names. */
export function assemblyOf(line: string): string | undefined {
  if (/GRCh38|hg38|b38\b/i.test(line)) return "GRCh38";
  return /GRCh37|hg19|b37\b|hs37d5/i.test(line) ? "GRCh37" : undefined;
}

/** `, on GRCh38`, to end what is said of a file. */
export const on = (build: string | undefined): string => (build === undefined ? "" : `, on ${build}`);
