import { InputError } from "../errors.ts";
import type { VariantLabels } from "./genotypes.ts";
import { isGzip } from "./gzip.ts";
import { parseCountBytes } from "./numbers.ts";
import { SamePosition } from "./plinkDuplicates.ts";
import { BIM_COLUMNS, BLOCK, LabelBlocks } from "./plinkLabels.ts";
import { RepeatedIds } from "./repeatedIds.ts";
import type { ByteSource } from "./source.ts";
import { decode, eachLine, emptyFile, findCells } from "./text.ts";
import { atLine, counted, shown, thousands } from "./wording.ts";

const HASH = 35;
const MOST_CHROMOSOMES = 65_535;
const LAST_POSITION = 2_147_483_647;

/** What is kept of a .bim: its order, and where its lines are. */
export interface BimIndex {
  readonly count: number;
  readonly messages: readonly string[];
  readonly chromosomes: readonly string[];
  readonly chromosomeCode: Uint16Array;
  readonly position: Int32Array;
  labels(start: number, end: number): Promise<VariantLabels>;
}

/**
 * Streams a .bim once. Keeps the first `capacity` variants and counts the rest (so that the caller can
 * say that there are too many). Throws {@link InputError} at the first line that is not a variant, that
 * is out of order, or that repeats a variant.
 */
export async function indexBim(bim: ByteSource, capacity: number): Promise<BimIndex> {
  if (isGzip(await bim.read(0, Math.min(2, bim.size)))) {
    throw new InputError(bim.name, "is a gzip file; a .bim is read in any order, so unpacked", "gunzip it");
  }
  const reader = new BimReader(bim, capacity);
  await eachLine(bim, neverInflate, reader.visit);
  if (reader.count === 0) throw emptyFile(bim);
  if (reader.ids.sort() > 0) await eachLine(bim, neverInflate, reader.confirmIds);
  reader.ids.finish();
  return reader.index();
}

class BimReader {
  count = 0;
  readonly ids: RepeatedIds;
  readonly #bim: ByteSource;
  readonly #capacity: number;
  readonly #bounds = new Int32Array(2 * BIM_COLUMNS);
  readonly #chromosomes: string[] = [];
  readonly #known = new Set<string>();
  readonly #chromosomeCode: Uint16Array;
  readonly #position: Int32Array;
  readonly #blockOffset: Float64Array;
  readonly #here = new SamePosition();
  #chromosomeBytes: Uint8Array = new Uint8Array(0);
  #lastPosition = 0;
  #unplaced = 0;
  #firstUnplaced = 0;

  constructor(bim: ByteSource, capacity: number) {
    this.#bim = bim;
    this.#capacity = capacity;
    this.#chromosomeCode = new Uint16Array(capacity);
    this.#position = new Int32Array(capacity);
    this.#blockOffset = new Float64Array(Math.ceil(capacity / BLOCK));
    this.ids = new RepeatedIds(capacity);
  }

  readonly visit = (bytes: Uint8Array, start: number, end: number, line: number, offset: number): void => {
    const variant = this.count++;
    if (variant >= this.#capacity) return;
    const bounds = this.#bounds;
    const cells = findCells(bytes, start, end, "white", bounds);
    if (line === 1 && bytes[start] === HASH) throw this.#header(line);
    if (cells !== BIM_COLUMNS) throw this.#wrongColumns(cells, line);
    const fresh = this.#enterChromosome(bytes, bounds[0]!, bounds[1]!, line);
    const position = this.#parsePosition(bytes, bounds[6]!, bounds[7]!, line);
    if (!fresh && position < this.#lastPosition) throw this.#unsorted(position, line);
    if (position > 0) {
      const before = this.#here.before(bytes, bounds, !fresh && position === this.#lastPosition, line);
      if (before > 0) throw this.#duplicate(bytes, position, before, line);
    }
    this.#lastPosition = position;
    if (position === 0 || this.#chromosomes.at(-1) === "0") {
      if (this.#unplaced++ === 0) this.#firstUnplaced = line;
    }
    this.ids.add(bytes, bounds[2]!, bounds[3]!);
    this.#chromosomeCode[variant] = this.#chromosomes.length - 1;
    this.#position[variant] = position;
    if (variant % BLOCK === 0) this.#blockOffset[variant / BLOCK] = offset;
  };

  /** The second pass over the file, where ids may be repeated. */
  readonly confirmIds = (bytes: Uint8Array, start: number, end: number): void => {
    findCells(bytes, start, end, "white", this.#bounds);
    this.ids.confirm(bytes, this.#bounds[2]!, this.#bounds[3]!);
  };

  index(): BimIndex {
    const kept = Math.min(this.count, this.#capacity);
    const chromosomes = this.#chromosomes;
    const chromosomeCode = this.#chromosomeCode.subarray(0, kept);
    const position = this.#position.subarray(0, kept);
    const blocks = new LabelBlocks(this.#bim, kept, this.#blockOffset, this.ids);
    return {
      count: this.count,
      messages: this.#messages(),
      chromosomes,
      chromosomeCode,
      position,
      async labels(start, end) {
        const { id, effectAllele, otherAllele } = await blocks.range(start, end, (variant, line) => {
          const where = `${chromosomes[chromosomeCode[variant]!]!}:${position[variant]!}`;
          const alleles = `${line.otherAllele}:${line.effectAllele}`;
          // Variants without a position may share all of this, so their place in the file tells them apart.
          return position[variant] === 0 ? `${where}:${alleles}:${variant + 1}` : `${where}:${alleles}`;
        });
        const codes = chromosomeCode.subarray(start, end);
        return {
          id,
          chromosome: Array.from(codes, (code) => chromosomes[code]!),
          position: position.slice(start, end),
          effectAllele,
          otherAllele,
        };
      },
    };
  }

  /** Chromosomes must not come back, so only the last one has to be compared. Returns whether it is new. */
  #enterChromosome(bytes: Uint8Array, start: number, end: number, line: number): boolean {
    if (sameBytes(this.#chromosomeBytes, bytes, start, end)) return false;
    const name = decode(bytes, start, end, this.#bim.name, line);
    if (this.#known.has(name)) {
      throw new InputError(
        atLine(this.#bim.name, line),
        `chromosome ${name} comes back after chromosome ${this.#chromosomes.at(-1)}; each must be in one piece`,
        "run plink2 --sort-vars",
      );
    }
    if (this.#chromosomes.length === MOST_CHROMOSOMES) {
      throw new InputError(
        atLine(this.#bim.name, line),
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
    throw new InputError(
      atLine(this.#bim.name, line),
      `position ${shown(decode(bytes, start, end, this.#bim.name, line))} is not an integer from 0 to ${LAST_POSITION}`,
      "the fourth column is the position in base pairs",
    );
  }

  #header(line: number): InputError {
    return new InputError(
      atLine(this.#bim.name, line),
      "a .bim has no header; this looks like a .pvar",
      "write the data set with plink2 --make-bed",
    );
  }

  #wrongColumns(cells: number, line: number): InputError {
    return new InputError(
      atLine(this.#bim.name, line),
      `has ${counted(cells, "column")}, a .bim has ${BIM_COLUMNS} (chromosome id cM position A1 A2)`,
      "write the data set with plink --make-bed",
    );
  }

  #unsorted(position: number, line: number): InputError {
    return new InputError(
      atLine(this.#bim.name, line),
      `position ${position} comes after ${this.#lastPosition} on chromosome ${this.#chromosomes.at(-1)}; ` +
        "positions must not go down",
      "run plink2 --sort-vars",
    );
  }

  #duplicate(bytes: Uint8Array, position: number, before: number, line: number): InputError {
    const text = (cell: number): string =>
      decode(bytes, this.#bounds[2 * cell]!, this.#bounds[2 * cell + 1]!, this.#bim.name, line);
    return new InputError(
      `${this.#bim.name}, lines ${before} and ${line}`,
      `the same variant twice (${this.#chromosomes.at(-1)}:${position} ${text(5)}/${text(4)})`,
      "keep one of them: plink2 --rm-dup or --exclude",
    );
  }

  #messages(): string[] {
    const messages: string[] = [];
    const { missing, repeated, distinct } = this.ids;
    if (missing + repeated > 0) {
      const parts = [
        missing > 0 ? `${counted(missing, "variant")} without an id (".")` : "",
        repeated > 0
          ? `${counted(repeated, "variant")} with an id that is not unique (${counted(distinct, "such id")})`
          : "",
      ].filter((part) => part !== "");
      messages.push(`${this.#bim.name}: ${parts.join(" and ")} named chr:pos:ref:alt (A2 as ref, A1 as alt)`);
    }
    if (this.#unplaced > 0) {
      messages.push(
        `${this.#bim.name}: ${counted(this.#unplaced, "variant")} without a place (chromosome 0 or position 0, ` +
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

function neverInflate(): never {
  throw new Error("a .bim is not inflated");
}
