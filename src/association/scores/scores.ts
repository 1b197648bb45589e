import { canonicalChromosome } from "../../cohort/chromosomes.ts";
import type { Cohort } from "../../cohort/cohort.ts";
import { decodeDosages } from "../../cohort/dosages.ts";
import { SexedFilter } from "../../cohort/sexedFilter.ts";
import { canonicalDot } from "../../compute/exact.ts";
import { InputError, LimitError, throwIfAborted } from "../../errors.ts";
import type { WeightRow, WeightTable } from "../../formats/weights.ts";
import { counted } from "../../formats/wording.ts";
import { type AlleleMatch, matchAlleles, palindromicCountsEffect } from "./alleles.ts";
import { variantsOfOneAllele } from "./oneAllele.ts";

/** A score to be made: of a file of weights, or of a GWAS at one p-value. */
export interface ScoreSource {
  readonly name: string;
  readonly table: WeightTable;
  /** Thresholds on p: a score each, of clumped variants. None: one score of all weights. */
  readonly thresholds: readonly number[];
}

/** What became of the rows of a file. */
export interface ScoreCounts {
  readonly listed: number;
  readonly unusable: number;
  /** In the HLA region, 6:25-35 Mb, where LD is too long for clumping (GWAS only). */
  readonly hla: number;
  /** p above the largest threshold (GWAS only). */
  readonly aboveThreshold: number;
  readonly notFound: number;
  readonly otherAlleles: number;
  /** Without another allele, and several variants have the one. */
  readonly ambiguous: number;
  readonly palindromic: number;
  readonly constant: number;
  /** Left out for a stronger one in linkage (GWAS only). */
  readonly clumped: number;
  readonly swapped: number;
  readonly flipped: number;
}

export interface Score {
  readonly name: string;
  readonly source: string;
  /** NaN for weights. */
  readonly threshold: number;
  readonly used: number;
  readonly counts: ScoreCounts;
  /** Sum of weight times copies of the effect allele, a sample each; a missing call counts as the variant's mean. */
  readonly values: Float64Array;
}

/** eQTLGen's thresholds (METHODS 3.5). */
export const GWAS_THRESHOLDS = [5e-8, 1e-5, 1e-4, 1e-3, 1e-2] as const;
const HLA = { chromosome: canonicalChromosome("6"), low: 25_000_000, high: 35_000_000 };
/** Two rounds of clumping: base pairs to either side, and the r^2 from which on the weaker variant goes. */
const CLUMPING = [
  { distance: 250_000, r2: 0.1 },
  { distance: 5_000_000, r2: 0.1 },
];

/** A row's variant, ready to be counted: copies of the row's effect allele in each sample. */
interface Matched {
  readonly row: WeightRow;
  readonly chromosome: number;
  readonly position: number;
  readonly copies: Float64Array;
}

/** What became of a row that met a variant. */
type Fate = "otherAlleles" | "ambiguous" | "used" | "palindromic" | "constant" | "hla";

function placeOf(chromosome: string, position: number): string {
  return `${canonicalChromosome(chromosome)}:${position}`;
}

/** Variants read at a time. */
const BLOCK = 4096;

/**
 * The scores of one file, by one pass over the genotypes. Rows find their variant by id, else by chromosome and
 * position and alleles; the first variant that fits is taken, of a row without another allele the only one that fits best.
 * Throws InputError where two weights are of one variant, LimitError where the variants of a GWAS do not fit in `memory` bytes.
 */
export async function scoresOf(
  cohort: Cohort,
  source: ScoreSource,
  memory: number,
  signal?: AbortSignal,
): Promise<Score[]> {
  const { table, thresholds } = source;
  const gwas = thresholds.length > 0;
  const largest = Math.max(...thresholds);
  const n = cohort.samples.length;
  const tally = {
    hla: 0,
    aboveThreshold: 0,
    notFound: 0,
    otherAlleles: 0,
    ambiguous: 0,
    palindromic: 0,
    constant: 0,
    clumped: 0,
    swapped: 0,
    flipped: 0,
  };
  const wanted: WeightRow[] = [];
  for (const row of table.rows) {
    const inHla =
      canonicalChromosome(row.chromosome) === HLA.chromosome &&
      row.position >= HLA.low &&
      row.position <= HLA.high;
    if (gwas && row.p > largest) tally.aboveThreshold++;
    else if (gwas && inHla) tally.hla++;
    else wanted.push(row);
  }
  const found = new Map<WeightRow, Fate>();
  const rowOf = new Map<number, WeightRow>();
  const kept: Matched[] = [];
  const plain = new Float64Array(n);
  let used = 0;
  for await (const { row, match, matched, variant } of matches(cohort, wanted, found, signal)) {
    if (gwas && row.chromosome === "" && inRegion(cohort, matched)) {
      tally.hla++;
      found.set(row, "hla");
      continue;
    }
    const before = rowOf.get(variant);
    // Of a GWAS the weaker of two rows goes in clumping.
    if (!gwas && before !== undefined) {
      const named = row.id !== "" ? row.id : `${row.chromosome}:${row.position}`;
      throw new InputError(
        table.name,
        `two rows are of one variant of the genotypes, ${named} (weights ${before.weight} and ${row.weight} of allele ${before.effect} and ${row.effect})`,
        "leave one of them: plink2 --score refuses such a file too",
      );
    }
    rowOf.set(variant, row);
    if (match.includes("swapped")) tally.swapped++;
    if (match.startsWith("flipped")) tally.flipped++;
    used++;
    if (gwas) {
      kept.push({ ...matched, copies: matched.copies.slice() });
      if (8 * n * kept.length > memory / 2) {
        throw new LimitError(
          `${table.name}: ${counted(kept.length, "variant")} with p <= ${largest} are more than half of --memory holds; raise it`,
        );
      }
    } else for (let s = 0; s < n; s++) plain[s]! += row.weight * matched.copies[s]!;
  }
  for (const row of wanted) {
    const what = found.get(row);
    if (what === undefined) tally.notFound++;
    else if (what !== "used" && what !== "hla") tally[what]++;
  }
  const clumps = gwas ? clump(kept) : [];
  tally.clumped = kept.length - clumps.length;
  const counts: ScoreCounts = {
    listed: table.rows.length + table.unusable,
    unusable: table.unusable,
    ...tally,
  };
  if (!gwas)
    return [{ name: source.name, source: table.name, threshold: Number.NaN, used, counts, values: plain }];
  return thresholds.map((threshold) => {
    const own = clumps.filter(({ row }) => row.p <= threshold);
    const values = new Float64Array(n);
    for (const { row, copies } of own) for (let s = 0; s < n; s++) values[s]! += row.weight * copies[s]!;
    return {
      name: `${source.name}:p${threshold}`,
      source: table.name,
      threshold,
      used: own.length,
      counts,
      values,
    };
  });
}

function inRegion({ tables: { genotypes } }: Cohort, { chromosome, position }: Matched): boolean {
  const name = canonicalChromosome(genotypes.chromosomes[chromosome]!);
  return name === HLA.chromosome && position >= HLA.low && position <= HLA.high;
}

/** The rows that have a variant, in the order of the genotypes; `found` says of each row that met one what became of it. `copies` is used again. */
async function* matches(
  cohort: Cohort,
  rows: readonly WeightRow[],
  found: Map<WeightRow, Fate>,
  signal: AbortSignal | undefined,
): AsyncGenerator<{ row: WeightRow; match: AlleleMatch; matched: Matched; variant: number }> {
  const { genotypes } = cohort.tables;
  const sexes = SexedFilter.of(cohort);
  const byId = new Map<string, WeightRow[]>();
  const byPlace = new Map<string, WeightRow[]>();
  const put = (map: Map<string, WeightRow[]>, key: string, row: WeightRow): void => {
    const known = map.get(key);
    if (known === undefined) map.set(key, [row]);
    else known.push(row);
  };
  for (const row of rows) {
    if (row.id !== "") put(byId, row.id, row);
    if (row.position > 0) put(byPlace, placeOf(row.chromosome, row.position), row);
  }
  const placed = (id: string, place: string): WeightRow[] => [
    ...new Set([...(byId.get(id) ?? []), ...(byPlace.get(place) ?? [])]),
  ];
  const meant = await variantsOfOneAllele(genotypes, rows, placed, placeOf, signal);
  for (const [row, variant] of meant) if (variant < 0) found.set(row, "ambiguous");
  const copies = new Float64Array(cohort.samples.length);
  for (let start = 0; start < genotypes.variantCount; start += BLOCK) {
    throwIfAborted(signal);
    const end = Math.min(genotypes.variantCount, start + BLOCK);
    const labels = await genotypes.labels(start, end);
    const met = labels.id.map((id, i) => {
      if (sexes?.notTested(start + i) !== undefined) return [];
      const rows = placed(id, placeOf(labels.chromosome[i]!, labels.position[i]!));
      return rows.filter((row) => (meant.get(row) ?? start + i) === start + i);
    });
    if (met.every((list) => list.length === 0)) continue;
    const block = await genotypes.read(start, end, cohort.report.genotypeIndex);
    for (const [i, list] of met.entries()) {
      const variant = {
        effect: labels.effectAllele[i]!.toUpperCase(),
        other: labels.otherAllele[i]!.toUpperCase(),
      };
      for (const row of list) {
        if (found.get(row) === "used") continue;
        const match = matchAlleles(row.effect, row.other, variant);
        if (match === "other-alleles") {
          if (!found.has(row)) found.set(row, "otherAlleles");
          continue;
        }
        decodeDosages(block, i, Number.NaN, copies);
        const mean = fillMissing(copies);
        let countsEffect: boolean | undefined = match === "same" || match === "flipped";
        if (match === "palindromic") countsEffect = palindromicCountsEffect(row.frequency, mean / 2);
        if (countsEffect === undefined || copies.every((value) => value === copies[0])) {
          found.set(row, countsEffect === undefined ? "palindromic" : "constant");
          continue;
        }
        if (!countsEffect) for (let s = 0; s < copies.length; s++) copies[s] = 2 - copies[s]!;
        found.set(row, "used");
        const place = { chromosome: genotypes.chromosomeCode.at(start + i)!, position: labels.position[i]! };
        yield { row, match, matched: { row, ...place, copies }, variant: start + i };
      }
    }
  }
}

/** Puts the mean of the called dosages in place of NaN; returns it. */
function fillMissing(dosages: Float64Array): number {
  let called = 0;
  let sum = 0;
  for (const dosage of dosages) {
    if (Number.isNaN(dosage)) continue;
    called++;
    sum += dosage;
  }
  const mean = called === 0 ? 0 : sum / called;
  for (let s = 0; s < dosages.length; s++) if (Number.isNaN(dosages[s]!)) dosages[s] = mean;
  return mean;
}

/** The variants that two rounds of clumping leave: the smallest p first (of equal ones the first in the genotypes), LD of the cohort's own genotypes. */
function clump(variants: readonly Matched[]): Matched[] {
  return CLUMPING.reduce((left, { distance, r2 }) => clumpOnce(left, distance, r2), variants.slice());
}

function clumpOnce(variants: readonly Matched[], distance: number, r2: number): Matched[] {
  const standard = variants.map(({ copies }) => standardised(copies));
  const gone = new Uint8Array(variants.length);
  const order = Array.from(variants.keys()).sort((a, b) => variants[a]!.row.p - variants[b]!.row.p || a - b);
  const kept: number[] = [];
  for (const index of order) {
    if (gone[index] === 1) continue;
    kept.push(index);
    const lead = variants[index]!;
    // Variants come in the order of the genotypes: neighbours lie next to each other.
    for (const step of [-1, 1]) {
      for (let i = index + step; i >= 0 && i < variants.length; i += step) {
        const { chromosome, position } = variants[i]!;
        if (chromosome !== lead.chromosome || Math.abs(position - lead.position) > distance) break;
        const r = canonicalDot(standard[index]!, 0, standard[i]!, 0, lead.copies.length);
        if (r * r >= r2) gone[i] = 1;
      }
    }
  }
  return kept.sort((a, b) => a - b).map((index) => variants[index]!);
}

function standardised(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const centred = values.map((value) => value - mean);
  const norm = Math.sqrt(canonicalDot(centred, 0, centred, 0, centred.length));
  return centred.map((value) => value / norm);
}
