import { InputError } from "../errors.ts";
import { parseDecimal } from "./numbers.ts";
import type { ByteSource, Inflate } from "./source.ts";
import { readRows } from "./text.ts";
import { atLine } from "./wording.ts";

/** The recombination rate along a chromosome: `rate[i]`, in centimorgans a megabase, holds from `position[i]` (1-based) to the next. */
export interface RecombinationMap {
  readonly position: Int32Array;
  readonly rate: Float64Array;
}

interface Point {
  readonly position: number;
  /** NaN where the file gives the map alone: then it follows from the map. */
  readonly rate: number;
  readonly map: number;
}

/**
 * Recombination by chromosome, as the file names it, from
 * - HapMap's and 1000 Genomes' `Chromosome Position(bp) Rate(cM/Mb) Map(cM)`, with a header;
 * - deCODE's `Chr Begin End cMperMb cM`, with a header;
 * - PLINK's or Beagle's map of four columns without a header: chromosome, id, cM, position.
 * Plain or gzip. Throws InputError for anything else, and for a map that falls along a chromosome.
 */
export async function readRecombination(
  source: ByteSource,
  inflate: Inflate,
): Promise<ReadonlyMap<string, RecombinationMap>> {
  const rows = (await readRows(source, inflate)).filter(({ cells }) => !cells[0]!.startsWith("##"));
  const [header] = rows;
  if (header === undefined) throw new InputError(source.name, "is empty");
  const titles = header.cells.map((title) => title.replace(/^#/, "").toLowerCase());
  const at = (pattern: RegExp): number => titles.findIndex((title) => pattern.test(title));
  const named = {
    chromosome: at(/^chr/),
    position: at(/^(position|pos|begin|start)/),
    rate: at(/^(rate|cmpermb|combined_rate)/),
    map: at(/^(map|cm$|genetic_map)/),
  };
  const plain =
    header.cells.length >= 4 &&
    /^\d+$/.test(header.cells[3]!) &&
    Number.isFinite(parseDecimal(header.cells[2]!));
  if (!plain && (named.chromosome < 0 || named.position < 0 || (named.rate < 0 && named.map < 0))) {
    throw new InputError(
      atLine(source.name, header.line),
      "names no chromosome, position and rate (cM/Mb) or map (cM)",
      "give a HapMap, deCODE or PLINK map",
    );
  }
  const columns = plain ? { chromosome: 0, position: 3, rate: -1, map: 2 } : named;
  const points = new Map<string, Point[]>();
  for (const { cells, line } of plain ? rows : rows.slice(1)) {
    const number = (column: number): number => (column < 0 ? Number.NaN : parseDecimal(cells[column] ?? ""));
    const [position, rate, map] = [number(columns.position), number(columns.rate), number(columns.map)];
    if (!(position >= 0) || (Number.isNaN(rate) && Number.isNaN(map)))
      throw new InputError(atLine(source.name, line), "has no position, or neither rate nor map");
    const chromosome = cells[columns.chromosome]!;
    const own = points.get(chromosome) ?? [];
    points.set(chromosome, own);
    own.push({ position, rate, map });
  }
  return new Map([...points].map(([chromosome, own]) => [chromosome, rated(own, source.name, chromosome)]));
}

/** Rates from the map where the file has no rates of its own. */
function rated(points: Point[], name: string, chromosome: string): RecombinationMap {
  points.sort((a, b) => a.position - b.position);
  const rate = Float64Array.from(points, (point, i) => {
    if (!Number.isNaN(point.rate)) return point.rate;
    const next = points[i + 1];
    if (next === undefined || next.position === point.position) return 0;
    const value = ((next.map - point.map) * 1e6) / (next.position - point.position);
    if (value < 0)
      throw new InputError(
        name,
        `the map of chromosome ${chromosome} falls after position ${point.position}`,
      );
    return value;
  });
  return { position: Int32Array.from(points, ({ position }) => position), rate };
}
