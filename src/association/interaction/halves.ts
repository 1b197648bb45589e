import { decodeDosages, hasRemainder } from "../../cohort/dosages.ts";
import { SexedFilter } from "../../cohort/sexedFilter.ts";
import { type CallCounts, countCalls, countMaskedCalls } from "../../compute/screen/rows.ts";
import { MALE } from "../../formats/sex.ts";
import type { DosageRows } from "../dosageRows.ts";
import type { GramLayout } from "./gramLayout.ts";
import { type InteractionModel, meanOf } from "./model.ts";

/** tensorQTL's slack: a frequency of 0.05 in f32 passes 0.05. */
const MAF_SLACK = 1e-7;

/** Alleles that the samples of each context's halves have, and each sample. */
interface Alleles {
  readonly lower: readonly number[];
  readonly upper: readonly number[];
  readonly of: Uint8Array;
  readonly all: number;
}

/** Copies and carriers (people, not copies) of the minor allele in both halves of the samples by context, of one variant after the other. */
export class Halves {
  readonly #upper: readonly Uint8Array[];
  readonly #masks: readonly Uint8Array[];
  /** Samples in the upper half of each context: of sex, the males. */
  readonly #above: readonly number[];
  readonly #alleles: Alleles;
  /** Where a male has one, and it counts as one copy; undefined where none does. */
  readonly #ofHaploidMales: Alleles | undefined;
  readonly #isSexed: (variant: number) => boolean;
  readonly #layout: GramLayout;
  readonly #maf: number;
  readonly #g: Float64Array;

  /** `maf`: least minor allele frequency in either half. */
  constructor({ upper, cohort }: InteractionModel, layout: GramLayout, maf: number) {
    this.#upper = upper;
    this.#masks = upper.map(maskOf);
    this.#above = upper.map((isUpper) => isUpper.reduce((sum, one) => sum + one, 0));
    const filter = SexedFilter.of(cohort);
    const male = Uint8Array.from(cohort.samples, (_, s) => (filter?.sex[s] === MALE ? 1 : 0));
    this.#alleles = allelesOf(
      upper,
      male.map(() => 2),
    );
    this.#ofHaploidMales =
      filter?.copiesOfAllele === 1
        ? allelesOf(
            upper,
            male.map((one) => 2 - one),
          )
        : undefined;
    this.#isSexed = (variant) => filter?.isSexed(variant) === true;
    this.#layout = layout;
    this.#maf = maf;
    this.#g = new Float64Array(cohort.samples.length);
  }

  /**
   * Writes frequencies and carriers of a row, `variant` of the source, into `out`, its record; false where the minor allele is too rare in
   * one half.
   */
  write(rows: DosageRows, row: number, variant: number, out: Float64Array): boolean {
    const alleles =
      this.#ofHaploidMales !== undefined && this.#isSexed(variant) ? this.#ofHaploidMales : this.#alleles;
    // Whose one allele is one copy cannot be told from calls alone.
    return hasRemainder(rows.remainder, row, row + 1) || alleles !== this.#alleles
      ? this.#ofDosages(rows, row, alleles, out)
      : this.#ofCalls(rows, row, alleles, out);
  }

  #ofCalls(rows: DosageRows, row: number, alleles: Alleles, out: Float64Array): boolean {
    const n = rows.samples;
    const fill = rows.fill[row]!;
    const all = countCalls(rows, row);
    const copies = copiesOf(all, fill);
    const minorIs = minorAllele(copies / n);
    const carriers = minorIs.carriersOf(all, n, fill);
    let pass = true;
    for (let c = 0; c < this.#masks.length; c++) {
      const upper = countMaskedCalls(rows, row, this.#masks[c]!);
      const upperCarriers = minorIs.carriersOf(upper, this.#above[c]!, fill);
      const common = this.#put(c, copies, carriers, copiesOf(upper, fill), upperCarriers, alleles, out);
      pass = pass && common;
    }
    return pass;
  }

  #ofDosages(rows: DosageRows, row: number, alleles: Alleles, out: Float64Array): boolean {
    const g = this.#g;
    const n = g.length;
    decodeDosages(rows, row, rows.fill[row]!, g);
    const minorIs = minorAllele((2 * n * meanOf(g)) / alleles.all);
    let pass = true;
    for (let c = 0; c < this.#upper.length; c++) {
      const isUpper = this.#upper[c]!;
      let copies = 0;
      let carriers = 0;
      let upperCopies = 0;
      let upperCarriers = 0;
      for (let s = 0; s < n; s++) {
        const d = g[s]!;
        const carrier = minorIs.isCarried(d, alleles.of[s]!) ? 1 : 0;
        copies += d;
        carriers += carrier;
        upperCopies += isUpper[s]! * d;
        upperCarriers += isUpper[s]! * carrier;
      }
      const common = this.#put(c, copies, carriers, upperCopies, upperCarriers, alleles, out);
      pass = pass && common;
    }
    return pass;
  }

  /** The numbers of context `c`; whether the minor allele is common enough in both of its halves. */
  #put(
    c: number,
    copies: number,
    carriers: number,
    upperCopies: number,
    upperCarriers: number,
    { lower, upper }: Alleles,
    out: Float64Array,
  ): boolean {
    const { mafLower, mafUpper, carriersLower, carriersUpper } = this.#layout;
    const a = minor((copies - upperCopies) / lower[c]!);
    const b = minor(upperCopies / upper[c]!);
    out[mafLower + c] = a;
    out[mafUpper + c] = b;
    out[carriersLower + c] = carriers - upperCarriers;
    out[carriersUpper + c] = upperCarriers;
    const least = this.#maf - MAF_SLACK;
    return a >= least && b >= least;
  }
}

/** Both bits of each sample that is in the upper half, as calls are packed. */
function maskOf(upper: Uint8Array): Uint8Array {
  const mask = new Uint8Array(Math.ceil(upper.length / 4));
  upper.forEach((isUpper, s) => {
    mask[s >> 2]! |= (3 * isUpper) << (2 * (s & 3));
  });
  return mask;
}

function copiesOf({ ones, twos, missing }: CallCounts, fill: number): number {
  return ones + 2 * twos + missing * fill;
}

/** A carrier of the minor allele, as in ma_samples, has more than half a copy of it among the alleles that he has. `mean`: copies of the effect allele for two alleles. */
function minorAllele(mean: number) {
  return mean <= 1
    ? {
        isCarried: (d: number, _: number) => d > 0.5,
        carriersOf: ({ ones, twos, missing }: CallCounts, _: number, fill: number) =>
          ones + twos + (fill > 0.5 ? missing : 0),
      }
    : {
        isCarried: (d: number, alleles: number) => d < alleles - 0.5,
        carriersOf: ({ twos, missing }: CallCounts, samples: number, fill: number) =>
          samples - twos - (fill < 1.5 ? 0 : missing),
      };
}

/** A missing call of a haploid counts as the mean of all, which may be more than he can have. */
function minor(af: number): number {
  return Math.max(0, Math.min(af, 1 - af));
}

function allelesOf(halves: readonly Uint8Array[], of: Uint8Array): Alleles {
  const sums = (wanted: number): number[] =>
    halves.map((isUpper) =>
      isUpper.reduce((sum, own, sample) => sum + (own === wanted ? of[sample]! : 0), 0),
    );
  return { lower: sums(0), upper: sums(1), of, all: of.reduce((sum, one) => sum + one, 0) };
}
