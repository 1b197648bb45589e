import { UsageError } from "../errors.ts";

/** Positions of a chromosome, 1-based, both ends included. */
export interface Region {
  readonly chromosome: string;
  readonly start: number;
  readonly end: number;
}

const LAST_POSITION = 2_147_483_647;
const PATTERN = /^([^\s:]+)(?::(\d+)(-(\d+)?)?)?$/;

/**
 * Regions as people write them, separated by commas: `chr22`, `chr22:17000000-18000000`, `22:17000000-` (to the
 * end), `22:17000000` (one position). Throws {@link UsageError}.
 */
export function parseRegions(option: string, text: string): Region[] {
  return text.split(",").map((part) => {
    const match = PATTERN.exec(part.trim());
    const start = Number(match?.[2] ?? 1);
    const end = match?.[4] !== undefined ? Number(match[4]) : Number.NaN;
    const last = !Number.isNaN(end)
      ? end
      : match?.[2] !== undefined && match[3] === undefined
        ? start
        : LAST_POSITION;
    if (match === null || start > last || last > LAST_POSITION) {
      throw new UsageError(
        `${option} takes regions such as chr22:17000000-18000000 or chr22, separated by commas; got "${part}"`,
      );
    }
    return { chromosome: match[1]!, start, end: last };
  });
}

/** Chromosome names are compared without `chr`. */
export function plainChromosome(name: string): string {
  return name.replace(/^chr/i, "");
}

/** The regions of one chromosome, in order, those that touch made one. */
export function regionsOf(regions: readonly Region[], chromosome: string): Region[] {
  const plain = plainChromosome(chromosome);
  const mine = regions
    .filter((region) => plainChromosome(region.chromosome) === plain)
    .sort((a, b) => a.start - b.start);
  const merged: Region[] = [];
  for (const { start, end } of mine) {
    const last = merged.at(-1);
    if (last !== undefined && start <= last.end + 1) {
      merged[merged.length - 1] = { ...last, end: Math.max(last.end, end) };
    } else merged.push({ chromosome, start, end });
  }
  return merged;
}

/** `chr22:17000000-18000000`, as messages say it. */
export function regionText({ chromosome, start, end }: Region): string {
  if (start === 1 && end === LAST_POSITION) return chromosome;
  return `${chromosome}:${start}-${end === LAST_POSITION ? "" : end}`;
}
