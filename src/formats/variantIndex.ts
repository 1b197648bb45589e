import { InputError } from "../errors.ts";
import type { NumberByVariant, Positions, VariantLabels } from "./genotypes.ts";
import { GrowingBytes } from "./growingBytes.ts";
import { parseCountBytes } from "./numbers.ts";
import { SamePosition } from "./plinkDuplicates.ts";
import { BLOCK, LabelBlocks, type Rename } from "./plinkLabels.ts";
import { isDot, RepeatedIds } from "./repeatedIds.ts";
import type { ByteSource } from "./source.ts";
import { decode } from "./text.ts";
import { ChromosomeStarts, PackedPositions } from "./variantPlaces.ts";
import { atLine, counted, shown, thousands } from "./wording.ts";

const MOST_CHROMOSOMES = 65_535;
const LAST_POSITION = 2_147_483_647;
const COLON = 58;

/** What is kept of a file's variants: their order, and where their labels are. */
export interface LabelIndex {
  readonly count: number;
  readonly messages: readonly string[];
  readonly chromosomes: readonly string[];
  readonly chromosomeCode: NumberByVariant;
  readonly position: Positions;
  labels(start: number, end: number, wanted?: Uint32Array): Promise<VariantLabels>;
}

/** How a format speaks of its variants. */
export interface VariantWording {
  readonly name: string;
  /** Which cell of a line is the position: `the fourth column`. */
  readonly positionColumn: string;
  /** What puts variants in order, and what takes out duplicates. */
  readonly sort: string;
  readonly removeDuplicates: string;
  /** Whether the other allele is the reference; else alleles may have been swapped. */
  readonly ordered: boolean;
  /** How `chr:pos:ref:alt` is to be read, or "". */
  readonly alleles: string;
}

/**
 * Takes the variants of a file as they are met and checks their order: chromosomes in one piece, positions
 * that do not go down, no variant twice. Ids that will not do (missing, repeated) are told by `ids`.
 */
export class VariantIndex {
  count = 0;
  readonly ids: RepeatedIds;
  readonly #wording: VariantWording;
  readonly #chromosomes: string[] = [];
  readonly #known = new Set<string>();
  readonly #here: SamePosition;
  readonly #chromosomeCode = new ChromosomeStarts();
  readonly #position: PackedPositions;
  #blockOffset: Float64Array;
  #chromosomeBytes: Uint8Array = new Uint8Array(0);
  #lastPosition = 0;
  readonly #scratch = new GrowingBytes(256);
  #unplaced = 0;
  #firstUnplaced = 0;

  /** `capacity`: how many variants to expect; it grows. */
  constructor(wording: VariantWording, capacity: number) {
    this.#wording = wording;
    this.#here = new SamePosition(wording.ordered);
    this.#position = new PackedPositions(capacity);
    this.#blockOffset = new Float64Array(Math.ceil(capacity / BLOCK));
    this.ids = new RepeatedIds(capacity);
  }

  /**
   * Enters the next variant. `bounds` are those of a .bim's cells (chromosome, id, cM, position, effect
   * allele, other allele); `line` is where the file has it, `offset` where its labels start in the text that
   * `finish` is given.
   */
  enter(bytes: Uint8Array, bounds: Int32Array, line: number, offset: number): void {
    const variant = this.count++;
    const fresh = this.#enterChromosome(bytes, bounds[0]!, bounds[1]!, line);
    const position = this.#parsePosition(bytes, bounds[6]!, bounds[7]!, line);
    if (!fresh && position < this.#lastPosition) throw this.#unsorted(position, line);
    if (position > 0) {
      const before = this.#here.before(bytes, bounds, !fresh && position === this.#lastPosition, line);
      if (before > 0) throw this.#duplicate(bytes, bounds, position, before, line);
    }
    this.#lastPosition = position;
    if (position === 0 || this.#chromosomes.at(-1) === "0") {
      if (this.#unplaced++ === 0) this.#firstUnplaced = line;
    }
    this.#chromosomeCode.push(fresh);
    this.#position.push(position);
    if (isDot(bytes, bounds[2]!, bounds[3]!)) {
      this.ids.missing++;
      const name = this.#madeUp(bytes, bounds, variant);
      this.ids.add(name, 0, name.length);
    } else this.ids.add(bytes, bounds[2]!, bounds[3]!);
    if (variant % BLOCK === 0) this.#startBlock(variant / BLOCK, offset);
  }

  /** Sees the labels once more, in the same order from variant 0 on, where `ids.sort` asked for it. */
  confirm(bytes: Uint8Array, bounds: Int32Array, variant: number): void {
    if (isDot(bytes, bounds[2]!, bounds[3]!)) {
      const name = this.#madeUp(bytes, bounds, variant);
      this.ids.confirm(name, 0, name.length);
    } else this.ids.confirm(bytes, bounds[2]!, bounds[3]!);
  }

  /**
   * The name of a variant without an id, in bytes: another's own id may be the same, and then gives way to a name of
   * this kind too (whether a third has that for its id is not asked).
   */
  #madeUp(bytes: Uint8Array, bounds: Int32Array, variant: number): Uint8Array {
    const name = this.#scratch;
    const cell = (at: number): void => {
      name.append(bytes.subarray(bounds[2 * at]!, bounds[2 * at + 1]!));
      name.byte(COLON);
    };
    const position = this.#position.at(variant);
    name.clear();
    cell(0);
    name.text(`${position}:`);
    cell(5);
    cell(4);
    // Variants without a position may share all of this, so their place in the file tells them apart.
    if (position === 0) name.text(`${variant + 1}:`);
    return name.bytes.subarray(0, name.length - 1);
  }

  /** The index, once `ids` has seen all it asks for. `labels` holds a .bim line a variant. */
  finish(labels: ByteSource): LabelIndex {
    const { count } = this;
    const chromosomes = this.#chromosomes;
    const chromosomeCode = this.#chromosomeCode;
    const position = this.#position;
    const blocks = new LabelBlocks(labels, count, this.#blockOffset, this.ids);
    return {
      count,
      messages: this.#messages(),
      chromosomes,
      chromosomeCode,
      position,
      async labels(start, end, wanted) {
        const rename: Rename = (variant, line) => {
          const at = position.at(variant);
          const where = `${chromosomes[chromosomeCode.at(variant)]!}:${at}`;
          const alleles = `${line.otherAllele}:${line.effectAllele}`;
          // As `#madeUp` has it.
          return at === 0 ? `${where}:${alleles}:${variant + 1}` : `${where}:${alleles}`;
        };
        const { id, effectAllele, otherAllele } = await blocks.range(start, end, rename, wanted);
        return {
          id,
          chromosome: id.map((_, i) => chromosomes[chromosomeCode.at(start + i)]!),
          position: position.slice(start, end),
          effectAllele,
          otherAllele,
        };
      },
    };
  }

  #startBlock(block: number, offset: number): void {
    if (block >= this.#blockOffset.length) {
      const larger = new Float64Array(Math.max(BLOCK, 2 * block));
      larger.set(this.#blockOffset);
      this.#blockOffset = larger;
    }
    this.#blockOffset[block] = offset;
  }

  /** Chromosomes must not come back, so only the last one has to be compared. Returns whether it is new. */
  #enterChromosome(bytes: Uint8Array, start: number, end: number, line: number): boolean {
    if (sameBytes(this.#chromosomeBytes, bytes, start, end)) return false;
    const { name: file, sort } = this.#wording;
    const name = decode(bytes, start, end, file, line);
    if (this.#known.has(name)) {
      throw new InputError(
        atLine(file, line),
        `chromosome ${name} comes back after chromosome ${this.#chromosomes.at(-1)}; each must be in one piece`,
        sort,
      );
    }
    if (this.#chromosomes.length === MOST_CHROMOSOMES) {
      throw new InputError(
        atLine(file, line),
        `more than ${thousands(MOST_CHROMOSOMES)} chromosomes`,
        "is the first column the chromosome?",
      );
    }
    this.#chromosomes.push(name);
    this.#known.add(name);
    this.#chromosomeBytes = bytes.slice(start, end);
    return true;
  }

  #parsePosition(bytes: Uint8Array, start: number, end: number, line: number): number {
    const position = parseCountBytes(bytes, start, end, LAST_POSITION);
    if (position >= 0) return position;
    const { name, positionColumn } = this.#wording;
    throw new InputError(
      atLine(name, line),
      `position ${shown(decode(bytes, start, end, name, line))} is not an integer from 0 to ${LAST_POSITION}`,
      `${positionColumn} is the position in base pairs`,
    );
  }

  #unsorted(position: number, line: number): InputError {
    return new InputError(
      atLine(this.#wording.name, line),
      `position ${position} comes after ${this.#lastPosition} on chromosome ${this.#chromosomes.at(-1)}; ` +
        "positions must not go down",
      this.#wording.sort,
    );
  }

  #duplicate(
    bytes: Uint8Array,
    bounds: Int32Array,
    position: number,
    before: number,
    line: number,
  ): InputError {
    const { name, removeDuplicates } = this.#wording;
    const text = (cell: number): string =>
      decode(bytes, bounds[2 * cell]!, bounds[2 * cell + 1]!, name, line);
    return new InputError(
      before === line ? atLine(name, line) : `${name}, lines ${before} and ${line}`,
      `the same variant twice (${this.#chromosomes.at(-1)}:${position} ${text(5)}/${text(4)})`,
      removeDuplicates,
    );
  }

  #messages(): string[] {
    const messages: string[] = [];
    const { name, alleles } = this.#wording;
    const { missing, repeated, distinct } = this.ids;
    if (missing + repeated > 0) {
      const parts = [
        missing > 0 ? `${counted(missing, "variant")} without an id (".")` : "",
        repeated > 0
          ? `${counted(repeated, "variant")} with an id that is not unique (${counted(distinct, "such id")})`
          : "",
      ].filter((part) => part !== "");
      messages.push(`${name}: ${parts.join(" and ")} named chr:pos:ref:alt${alleles}`);
    }
    if (this.#unplaced > 0) {
      messages.push(
        `${name}: ${counted(this.#unplaced, "variant")} without a place (chromosome 0 or position 0, ` +
          `first in line ${this.#firstUnplaced}) kept; --exclude takes them out`,
      );
    }
    return messages;
  }
}

function sameBytes(known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (known.length !== end - start) return false;
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[start + i]) return false;
  return true;
}
