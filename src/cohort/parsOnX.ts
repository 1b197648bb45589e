/** Pseudo-autosomal variants under a name of their own (`plink2 --split-par`), put where they lie: on X. */
import type { GenotypeBlock, GenotypeSource, Remainders, VariantLabels } from "../formats/genotypes.ts";
import { canonicalChromosome } from "./chromosomes.ts";

const PARS = new Set(["XY", "PAR", "PAR1", "PAR2"]);

/** Variants `from` to `from + count` of a source, which are `at` and on of the other. */
interface Segment {
  readonly at: number;
  readonly from: number;
  readonly count: number;
}

/**
 * `source` with the variants of `XY`, `PAR1` and `PAR2` among those of X, by position, under X's name, so that they meet the genes of X;
 * `pseudoAutosomal` remembers which they are. `source` itself where it has none.
 */
export function withParsOnX(source: GenotypeSource): GenotypeSource {
  const names = source.chromosomes.map(canonicalChromosome);
  if (!names.some((name) => PARS.has(name))) return source;
  const written = names.indexOf("X");
  const x = written < 0 ? "X" : source.chromosomes[written]!;
  const isMember = names.map((name) => name === "X" || PARS.has(name));
  const chromosomes = source.chromosomes.filter((_, code) => !isMember[code] || code === written);
  if (written < 0) chromosomes.push(x);
  const codeOf = source.chromosomes.map((name, code) => chromosomes.indexOf(isMember[code] ? x : name));
  const segments = segmentsOf(source, isMember);
  const chromosomeCode = new Uint16Array(source.variantCount);
  const position = new Int32Array(source.variantCount);
  const pseudoAutosomal = new Uint8Array(source.variantCount);
  for (const { at, from, count } of segments) {
    for (let i = 0; i < count; i++) {
      const code = source.chromosomeCode.at(from + i)!;
      chromosomeCode[at + i] = codeOf[code]!;
      position[at + i] = source.position.at(from + i)!;
      if (isMember[code] && code !== written) pseudoAutosomal[at + i] = 1;
    }
  }
  /** Calls `each` with the runs of the source that variants `start` to `end` are, in order. */
  const over = async (start: number, end: number, each: (from: number, to: number) => Promise<void>) => {
    for (const { at, from, count } of segments) {
      const [first, last] = [Math.max(start, at), Math.min(end, at + count)];
      if (first < last) await each(from + first - at, from + last - at);
    }
  };
  return {
    ...source,
    ...{ chromosomes, chromosomeCode, position, pseudoAutosomal },
    async read(start, end, sampleIndex) {
      const blocks: GenotypeBlock[] = [];
      await over(start, end, async (from, to) => void blocks.push(await source.read(from, to, sampleIndex)));
      return joined(blocks, start, sampleIndex.length);
    },
    async labels(start, end) {
      const runs: VariantLabels[] = [];
      await over(start, end, async (from, to) => void runs.push(await source.labels(from, to)));
      return {
        id: runs.flatMap(({ id }) => id),
        chromosome: Array.from(chromosomeCode.subarray(start, end), (code) => chromosomes[code]!),
        position: position.slice(start, end),
        effectAllele: runs.flatMap(({ effectAllele }) => effectAllele),
        otherAllele: runs.flatMap(({ otherAllele }) => otherAllele),
      };
    },
  };
}

/** The members by position (equal ones in the file's order) where the first of them is, all else as it was, in runs. */
function segmentsOf(
  { chromosomeCode, position, variantCount }: GenotypeSource,
  isMember: readonly boolean[],
): Segment[] {
  const members: number[] = [];
  for (let v = 0; v < variantCount; v++) if (isMember[chromosomeCode.at(v)!]) members.push(v);
  const first = members[0] ?? 0;
  members.sort((a, b) => position.at(a)! - position.at(b)! || a - b);
  const segments: { at: number; from: number; count: number }[] = [];
  let at = 0;
  const add = (v: number): void => {
    const last = segments.at(-1);
    if (last !== undefined && last.from + last.count === v) last.count++;
    else segments.push({ at, from: v, count: 1 });
    at++;
  };
  for (let v = 0; v < first; v++) add(v);
  for (const v of members) add(v);
  for (let v = first; v < variantCount; v++) if (!isMember[chromosomeCode.at(v)!]) add(v);
  return segments;
}

function joined(blocks: readonly GenotypeBlock[], start: number, samples: number): GenotypeBlock {
  const [only] = blocks;
  if (only !== undefined && blocks.length === 1) return { ...only, start };
  const stride = Math.ceil(samples / 4);
  const count = blocks.reduce((sum, block) => sum + block.count, 0);
  const packed = new Uint8Array(count * stride);
  let row = 0;
  for (const block of blocks) {
    packed.set(block.packed, row * stride);
    row += block.count;
  }
  return { start, count, samples, stride, packed, remainder: joinedRemainders(blocks, count) };
}

function joinedRemainders(blocks: readonly GenotypeBlock[], count: number): Remainders | undefined {
  const total = blocks.reduce((sum, { remainder }) => sum + (remainder?.sample.length ?? 0), 0);
  if (total === 0) return undefined;
  const joined = {
    offset: new Uint32Array(count + 1),
    sample: new Uint32Array(total),
    value: new Float64Array(total),
  };
  let row = 0;
  let at = 0;
  for (const { remainder, count: rows } of blocks) {
    for (let v = 0; v < rows; v++) joined.offset[row + v + 1] = at + (remainder?.offset[v + 1] ?? 0);
    row += rows;
    if (remainder === undefined) continue;
    joined.sample.set(remainder.sample, at);
    joined.value.set(remainder.value, at);
    at += remainder.sample.length;
  }
  return joined;
}
