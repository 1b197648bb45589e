import { InputError } from "../errors.ts";
import { parseDecimal } from "./numbers.ts";
import { readSampleMatrix } from "./sampleMatrix.ts";
import { GrowingPairs } from "./samplePairs.ts";
import type { ByteSource, Inflate } from "./source.ts";
import type { SampleMatrix } from "./tables.ts";
import { decode, eachLine, firstRow, readRows, type Separator, separatorOf, splitCells } from "./text.ts";
import { atLine, counted, shown } from "./wording.ts";

/** Files that say how related samples are. */
export type RelatednessSources =
  /** Text: a pair a line, or a matrix. */
  | { readonly text: ByteSource }
  /** GCTA's `--make-bK-sparse`. */
  | { readonly sparse: ByteSource; readonly ids: ByteSource }
  /** GCTA's `--make-grm-bin`. */
  | { readonly binary: ByteSource; readonly ids: ByteSource };

/** Pairs of a KING table less related than this are noise of unrelated ones: GCTA's cutoff for sparse matrices. */
const KING_CUTOFF = 0.05;

/**
 * Reads a relationship matrix: 1 of a sample with itself, 0.5 of first degree relatives. `known` are sample ids, to tell ids from numbers.
 * Throws {@link InputError} for anything that is no such matrix.
 */
export async function readRelatedness(
  sources: RelatednessSources,
  inflate: Inflate,
  known: ReadonlySet<string>,
): Promise<SampleMatrix> {
  if ("sparse" in sources) return readSparse(sources.sparse, await readIds(sources.ids, inflate), inflate);
  if ("binary" in sources) return readBinary(sources.binary, await readIds(sources.ids, inflate));
  const first = await firstRow(sources.text, inflate, "##");
  const columns = pairColumns(first);
  if (columns === undefined && first.length > 3) return readSampleMatrix(sources.text, inflate, known);
  return readPairs(sources.text, inflate, columns);
}

interface PairColumns {
  readonly first: number;
  readonly second: number;
  readonly value: number;
  /** What a value is multiplied by: 2 for kinship. */
  readonly factor: number;
}

const VALUES: readonly (readonly [RegExp, number])[] = [
  [/^kinship$/i, 2],
  [/^(value|relationship|relatedness|grm|pi_?hat|r)$/i, 1],
];

/** The columns that a header names, as KING, plink and plink2 write them; undefined where it is no such header. */
function pairColumns(header: readonly string[]): PairColumns | undefined {
  const find = (pattern: RegExp): number => header.findIndex((cell) => pattern.test(cell));
  const first = find(/^#?I?ID_?1$/i);
  const second = find(/^I?ID_?2$/i);
  for (const [pattern, factor] of VALUES) {
    const value = find(pattern);
    if (first >= 0 && second >= 0 && value >= 0) return { first, second, value, factor };
  }
  return undefined;
}

async function readPairs(
  source: ByteSource,
  inflate: Inflate,
  header: PairColumns | undefined,
): Promise<SampleMatrix> {
  const columns = header ?? { first: 0, second: 1, value: 2, factor: 1 };
  const place = new Map<string, number>();
  const number = (id: string): number => {
    const known = place.get(id);
    if (known !== undefined) return known;
    place.set(id, place.size);
    return place.size - 1;
  };
  const pairs = new GrowingPairs(source.name, (i) => [...place.keys()][i]!);
  let separator: Separator | undefined;
  let below = 0;
  let first = true;
  await eachLine(source, inflate, (bytes, start, end, line) => {
    const text = decode(bytes, start, end, source.name, line);
    if (text.startsWith("##")) return;
    separator ??= separatorOf(bytes, start, end);
    const cells = splitCells(text, separator);
    const begins = first;
    first = false;
    if (begins && header !== undefined) return;
    const where = atLine(source.name, line);
    const [a, b, cell] = [cells[columns.first], cells[columns.second], cells[columns.value]];
    const value = parseDecimal(cell ?? "");
    // A first line with a word in place of the number is a header of other names; a misspelt number is none.
    if (begins && cells.length === 3 && /^#?[a-z_]/i.test(cell ?? "") && !/^(nan|na|inf)/i.test(cell ?? ""))
      return;
    if (!a || !b || (header === undefined && cells.length !== 3)) {
      throw new InputError(
        where,
        `has ${counted(cells.length, "column")}`,
        "a list of relatives has three: id, id and their relationship (1 of a sample with itself)",
      );
    }
    if (!Number.isFinite(value)) {
      throw new InputError(where, `${shown(cell ?? "")} is not a finite number`);
    }
    const related = columns.factor * value;
    if (columns.factor !== 1 && a !== b && related < KING_CUTOFF) {
      below++;
      return;
    }
    pairs.add(number(a), number(b), related, where);
  });
  const samples = [...place.keys()];
  const messages =
    columns.factor === 1
      ? []
      : [
          `${source.name}: kinship, doubled to relationship; ${counted(below, "pair")} below ${KING_CUTOFF} taken as unrelated`,
        ];
  if (samples.length === 0 && below === 0) throw new InputError(source.name, "holds no pairs");
  return {
    ...{ name: source.name, samples, size: samples.length, values: pairs.take() },
    ...{ absent: "unrelated" as const, messages },
  };
}

/** Sample ids (the second column) of GCTA's `.grm.id`. */
async function readIds(source: ByteSource, inflate: Inflate): Promise<string[]> {
  const rows = await readRows(source, inflate);
  const lineOf = new Map<string, number>();
  for (const { cells, line } of rows) {
    const id = cells[1];
    if (id === undefined) {
      throw new InputError(
        atLine(source.name, line),
        "has 1 column",
        "every line needs family and sample id",
      );
    }
    const before = lineOf.get(id);
    if (before !== undefined) {
      throw new InputError(atLine(source.name, line), `sample ${id} is on line ${before} too`);
    }
    lineOf.set(id, line);
  }
  return [...lineOf.keys()];
}

/** GCTA's `.grm.sp`: numbers of two samples from 0, and their relationship, a line a pair. */
async function readSparse(
  source: ByteSource,
  samples: readonly string[],
  inflate: Inflate,
): Promise<SampleMatrix> {
  const pairs = new GrowingPairs(source.name, (i) => samples[i]!);
  await eachLine(source, inflate, (bytes, start, end, line) => {
    const cells = splitCells(decode(bytes, start, end, source.name, line), separatorOf(bytes, start, end));
    const where = atLine(source.name, line);
    const [a, b, value] = cells.map(parseDecimal);
    const index = (x: number | undefined): boolean =>
      x !== undefined && Number.isInteger(x) && x >= 0 && x < samples.length;
    if (cells.length !== 3 || !index(a) || !index(b) || !Number.isFinite(value)) {
      throw new InputError(
        where,
        `${shown(cells.join(" "))} is not two numbers of samples (0 to ${samples.length - 1}) and a relationship`,
        "give GCTA's .grm.sp with the .grm.id of its own",
      );
    }
    pairs.add(a!, b!, value!, where);
  });
  return { name: source.name, samples, size: samples.length, values: pairs.take(), absent: "error" };
}

/** GCTA's `.grm.bin`: the lower triangle with its diagonal, row after row, 4-byte floats. */
async function readBinary(source: ByteSource, samples: readonly string[]): Promise<SampleMatrix> {
  const n = samples.length;
  const expected = 2 * n * (n + 1);
  if (source.size !== expected) {
    throw new InputError(
      source.name,
      `has ${source.size} bytes where ${counted(n, "sample")} of the .grm.id need ${expected}`,
      "give the .grm.bin and the .grm.id of one run of GCTA",
    );
  }
  const values = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const start = 2 * i * (i + 1);
    const bytes = await source.read(start, start + 4 * (i + 1));
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let j = 0; j <= i; j++) {
      const value = view.getFloat32(4 * j, true);
      if (!Number.isFinite(value)) {
        throw new InputError(
          source.name,
          `${samples[i]} with ${samples[j]} is ${value}, not a finite number`,
        );
      }
      values[i * n + j] = values[j * n + i] = value;
    }
  }
  return { name: source.name, samples, size: n, values, absent: "error" };
}
