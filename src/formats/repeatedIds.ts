const DOT = 46;
const SEED = 0;
const OTHER_SEED = 0x5bd1e995;

/**
 * Finds the ids that occur more than once among millions, in 8 bytes an id: ids are hashed to 53 bits and
 * the hashes sorted. Two different ids share a hash with probability 2^-53 a pair (about 1 in 2,000 that
 * any of 3 million do), so suspects are hashed again, otherwise, in a second pass over the file: an id
 * counts as repeated only where both hashes do. Were both to collide, a variant would be called
 * chr:pos:ref:alt in place of its id: harmless.
 *
 * Use: `add` every id, `sort`, `confirm` every id again where `sort` said so, `finish`.
 */
export class RepeatedIds {
  /** Variants whose id is ".": the caller counts them, and adds the names that they get. */
  missing = 0;
  /** After `finish`: variants whose id another variant has too, and how many such ids there are. */
  repeated = 0;
  distinct = 0;
  /** Hashes of the first kind of all ids, until they are sorted. */
  #all: PartitionedHashes | undefined;
  /** Those that occur more than once, sorted. */
  #first: Float64Array = new Float64Array(0);
  /** The same of the second kind, of the suspects. */
  #second: Float64Array = new Float64Array(0);
  #count = 0;

  /** `capacity`: how many ids to expect; there may be more. */
  constructor(capacity: number) {
    this.#all = new PartitionedHashes(capacity);
  }

  add(bytes: Uint8Array, start: number, end: number): void {
    this.#all?.add(hash53(bytes, start, end, SEED));
  }

  /** How many ids share their hash with another: where it is not 0, `confirm` has to see all ids again. */
  sort(): number {
    const { values, members } = this.#all?.repeats() ?? { values: new Float64Array(0), members: 0 };
    this.#all = undefined;
    this.#first = values;
    this.#second = new Float64Array(members);
    return members;
  }

  confirm(bytes: Uint8Array, start: number, end: number): void {
    if (!contains(this.#first, hash53(bytes, start, end, SEED))) return;
    if (this.#count < this.#second.length) {
      this.#second[this.#count++] = hash53(bytes, start, end, OTHER_SEED);
    }
  }

  finish(): void {
    const { values, members } = repeatsOf(this.#second.subarray(0, this.#count));
    this.#second = values;
    this.repeated = members;
    this.distinct = values.length;
  }

  /** Whether the id is "." or not unique. */
  isRepeated(bytes: Uint8Array, start: number, end: number): boolean {
    if (isDot(bytes, start, end)) return true;
    return (
      this.#second.length > 0 &&
      contains(this.#first, hash53(bytes, start, end, SEED)) &&
      contains(this.#second, hash53(bytes, start, end, OTHER_SEED))
    );
  }
}

export function isDot(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === 1 && bytes[start] === DOT;
}

/** Hashes a partition is made for, about: 256 KiB. */
const PARTITION = 32_768;
const MOST_PARTITIONS = 4096;
const HASHES = 2 ** 53;

/**
 * Hashes by their first bits, so that each range of them is sorted by itself. Small pieces of memory on purpose: they
 * are needed for a moment, and C's allocator, once it has freed a large piece, keeps what is freed later for itself.
 */
class PartitionedHashes {
  readonly #partitions: Float64Array[];
  readonly #counts: Uint32Array;
  readonly #width: number;

  constructor(capacity: number) {
    let count = 1;
    while (count * PARTITION < capacity && count < MOST_PARTITIONS) count *= 2;
    const expected = capacity / count;
    const room = Math.ceil(expected + 4 * Math.sqrt(expected)) + 16;
    this.#partitions = Array.from({ length: count }, () => new Float64Array(room));
    this.#counts = new Uint32Array(count);
    this.#width = HASHES / count;
  }

  add(hash: number): void {
    const number = Math.floor(hash / this.#width);
    let hashes = this.#partitions[number]!;
    const at = this.#counts[number]!++;
    if (at === hashes.length) {
      const larger = new Float64Array(2 * hashes.length);
      larger.set(hashes);
      hashes = larger;
      this.#partitions[number] = larger;
    }
    hashes[at] = hash;
  }

  /** The hashes that occur more than once, sorted, and how often all of these do. Sorts in place. */
  repeats(): Repeats {
    const all = this.#partitions.map((hashes, number) =>
      repeatsOf(hashes.subarray(0, this.#counts[number]!)),
    );
    const values = new Float64Array(all.reduce((sum, { values }) => sum + values.length, 0));
    let at = 0;
    for (const own of all) {
      values.set(own.values, at);
      at += own.values.length;
    }
    return { values, members: all.reduce((sum, { members }) => sum + members, 0) };
  }
}

interface Repeats {
  readonly values: Float64Array;
  readonly members: number;
}

/** Sorts `hashes` and returns the values that occur more than once, and how often all of these do. */
function repeatsOf(hashes: Float64Array): Repeats {
  hashes.sort();
  const { distinct, members } = gatherRepeats(hashes);
  return { values: hashes.slice(0, distinct), members };
}

/** Moves the repeated ones of `sorted` to its front, once each. Ends with its loop: what follows would be unknown to code made while it runs. */
function gatherRepeats(sorted: Float64Array): { distinct: number; members: number } {
  const { length } = sorted;
  let distinct = 0;
  let members = 0;
  for (let from = 0; from < length; ) {
    let to = from + 1;
    while (to < length && sorted[to] === sorted[from]) to++;
    if (to - from > 1) {
      sorted[distinct++] = sorted[from]!;
      members += to - from;
    }
    from = to;
  }
  return { distinct, members };
}

function contains(sorted: Float64Array, value: number): boolean {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low < sorted.length && sorted[low] === value;
}

/** Two 32-bit multiply-xorshift hashes, mixed as MurmurHash3 ends, cut to the 53 bits of a double. */
function hash53(bytes: Uint8Array, start: number, end: number, seed: number): number {
  let a = 0xdeadbeef ^ seed;
  let b = 0x41c6ce57 ^ seed;
  for (let at = start; at < end; at++) {
    a = Math.imul(a ^ bytes[at]!, 0x9e3779b1);
    a ^= a >>> 15;
    b = Math.imul(b ^ bytes[at]!, 0x5f356495);
    b ^= b >>> 13;
  }
  a = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35);
  b = Math.imul(b ^ (b >>> 16), 0x85ebca6b) ^ Math.imul(a ^ (a >>> 13), 0xc2b2ae35);
  return (b & 0x1fffff) * 4_294_967_296 + (a >>> 0);
}
