import { decode } from "./text.ts";

/** Finds exact duplicates: variants are sorted, so they share a run of equal positions. */
export class SamePosition {
  /** The allele pair of the line before, as bytes: runs are rare, so strings are made only in them. */
  #pair = new Uint8Array(64);
  #cut = 0;
  #end = 0;
  #line = 0;
  #run: Map<string, number> | undefined;
  readonly #ordered: boolean;

  /** `ordered`: the other allele is the reference, so that A>AT and AT>A are two variants. */
  constructor(ordered: boolean) {
    this.#ordered = ordered;
  }

  /** The line that holds this pair of alleles at this position already, or 0. Remembers the pair. */
  before(bytes: Uint8Array, bounds: Int32Array, sameAsLast: boolean, line: number): number {
    let found = 0;
    if (sameAsLast) {
      this.#run ??= new Map([[this.#key(), this.#line]]);
      this.#remember(bytes, bounds, line);
      const key = this.#key();
      found = this.#run.get(key) ?? 0;
      this.#run.set(key, line);
    } else {
      this.#run = undefined;
      this.#remember(bytes, bounds, line);
    }
    return found;
  }

  #remember(bytes: Uint8Array, bounds: Int32Array, line: number): void {
    const a1 = bounds[8]!;
    const a1End = bounds[9]!;
    const a2 = bounds[10]!;
    const a2End = bounds[11]!;
    const length = a1End - a1 + a2End - a2;
    if (length > this.#pair.length) this.#pair = new Uint8Array(2 * length);
    let at = 0;
    for (let i = a1; i < a1End; i++) this.#pair[at++] = bytes[i]!;
    this.#cut = at;
    for (let i = a2; i < a2End; i++) this.#pair[at++] = bytes[i]!;
    this.#end = at;
    this.#line = line;
  }

  /** The two alleles; unless they are ordered, in an order of their own: A/G and G/A are the same variant. */
  #key(): string {
    const a = decode(this.#pair, 0, this.#cut, "", this.#line);
    const b = decode(this.#pair, this.#cut, this.#end, "", this.#line);
    return this.#ordered || a < b ? `${a}\t${b}` : `${b}\t${a}`;
  }
}
