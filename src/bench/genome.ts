/** Lengths of the human autosomes in Mb. */
const MEGABASES = [
  249, 242, 198, 190, 181, 170, 159, 145, 138, 133, 135, 133, 114, 107, 102, 90, 83, 80, 58, 64, 46, 50,
];

/** Of chromosomes 1 to `chromosomes`, in Mb. */
export function genomeLength(chromosomes: number): number {
  return MEGABASES.slice(0, chromosomes).reduce((sum, length) => sum + length, 0);
}

/** `count` things spread evenly over chromosomes 1 to `chromosomes`, each `scale` times as long as a human's. */
export class Places {
  /** First index of each chromosome, and the count at the end. */
  readonly #first: number[] = [0];
  readonly #lengths: readonly number[];

  constructor(count: number, chromosomes: number, scale: number) {
    this.#lengths = MEGABASES.slice(0, chromosomes).map((length) => length * 1e6 * scale);
    const total = genomeLength(chromosomes) * 1e6 * scale;
    let length = 0;
    for (const one of this.#lengths) {
      length += one;
      this.#first.push(Math.round((count * length) / total));
    }
  }

  /** 0-based. */
  chromosome(index: number): number {
    for (let c = 0; c < this.#lengths.length; c++) if (index < this.#first[c + 1]!) return c;
    throw new RangeError(`no chromosome holds number ${index}`);
  }

  /** 1-based, the same for the same index. */
  position(chromosome: number, index: number): number {
    const count = this.#first[chromosome + 1]! - this.#first[chromosome]!;
    return 1 + Math.floor(((index - this.#first[chromosome]! + 0.5) * this.#lengths[chromosome]!) / count);
  }

  /** The index nearest to a position. */
  at(chromosome: number, position: number): number {
    const first = this.#first[chromosome]!;
    const count = this.#first[chromosome + 1]! - first;
    const index = Math.round((position * count) / this.#lengths[chromosome]! - 0.5);
    return first + Math.max(0, Math.min(count - 1, index));
  }
}
