import { InputError } from "../errors.ts";
import type { GenotypeBlock, GenotypeSource } from "./genotypes.ts";
import { isGzip } from "./gzip.ts";
import { indexBim } from "./plinkBim.ts";
import { callGatherer, recodeCalls } from "./plinkCalls.ts";
import type { RemainderReader } from "./remainders.ts";
import { famSex } from "./sex.ts";
import { type ByteSource, type Inflate, readInto } from "./source.ts";
import { checkName, emptyFile, readRows } from "./text.ts";
import type { LabelIndex } from "./variantIndex.ts";
import { atLine, counted, shown, thousands } from "./wording.ts";

/** Magic number and mode. */
const HEADER = 3;
/** PLINK bytes read at once; a longer `read` goes piece by piece. */
const PIECE = 1 << 22;
/** The shortest line of a .bim: six cells of one character. */
const SHORTEST_BIM_LINE = 11;

export interface PlinkSources {
  readonly bed: ByteSource;
  readonly bim: ByteSource;
  readonly fam: ByteSource;
}

/**
 * Genotypes of a PLINK 1 data set (variant-major .bed with its .bim and .fam). The effect allele, whose
 * copies are counted, is A1, the fifth column of the .bim (ALT where plink2 wrote it, the minor allele
 * where PLINK 1.9 did); the other is A2. Samples are named by their IID; their sex is the .fam's.
 *
 * The .bim is streamed once and checked; some 2.3 bytes a variant stay in memory (6.3 where variants lie
 * far between), plus 8 while it is opened.
 * Throws {@link InputError} for a wrong magic number, sample-major or truncated .bed, sizes that do not
 * fit together, duplicate samples, duplicate variants, and variants out of order.
 */
export async function openPlink(sources: PlinkSources, inflate: Inflate): Promise<GenotypeSource> {
  const { bed, bim, fam } = sources;
  await checkMagic(bed);
  const { samples, sex } = await readFam(fam, inflate);
  const stride = Math.ceil(samples.length / 4);
  const held = (bed.size - HEADER) / stride;
  const { total, index } = await indexBim(
    bim,
    Math.min(Math.floor(held), Math.ceil((bim.size + 1) / SHORTEST_BIM_LINE)),
  );
  if (total !== held) throw sizeMismatch(sources, samples.length, total, stride);
  const known = sex.some((code) => code !== 0) ? { sex: { of: sex, from: fam.name } } : {};
  return { ...bedSource(bed, HEADER, samples, index), ...known };
}

/**
 * The genotypes of a run of PLINK calls that starts at byte `header` of `bed`, with `remainders` where there
 * are dosages.
 */
export function bedSource(
  bed: ByteSource,
  header: number,
  samples: readonly string[],
  index: LabelIndex,
  remainders?: RemainderReader,
): GenotypeSource {
  const stride = Math.ceil(samples.length / 4);
  const spare = new SpareBytes();
  const checkRange = (start: number, end: number): void => {
    if (!(start >= 0 && start <= end && end <= index.count)) {
      throw new RangeError(`variants ${start}-${end} asked of ${index.count} (${bed.name})`);
    }
  };
  return {
    name: bed.name,
    messages: index.messages,
    samples,
    variantCount: index.count,
    chromosomes: index.chromosomes,
    chromosomeCode: index.chromosomeCode,
    position: index.position,
    remainders: remainders?.total,
    async read(start, end, sampleIndex, take = (bytes) => new ArrayBuffer(bytes)): Promise<GenotypeBlock> {
      checkRange(start, end);
      if (!sampleIndex.every((sample) => sample < samples.length)) {
        throw new RangeError(`a sample index is not below ${samples.length} (${bed.name})`);
      }
      const gatherer = callGatherer(samples.length, sampleIndex);
      const size = (end - start) * gatherer.stride;
      const packed = new Uint8Array(take(size), 0, size);
      const most = Math.max(1, Math.floor(PIECE / stride));
      const longest = Math.min(most, end - start) * stride;
      const room = gatherer.whole ? packed : spare.take(longest);
      for (let from = start; from < end; from += most) {
        const to = Math.min(from + most, end);
        const at = gatherer.whole ? (from - start) * stride : 0;
        const bytes = room.subarray(at, at + (to - from) * stride);
        await readInto(bed, bytes, header + from * stride);
        gatherer.gather(bytes, to - from, packed, from - start);
      }
      if (!gatherer.whole) spare.giveBack(room);
      recodeCalls(packed);
      return {
        start,
        count: end - start,
        samples: sampleIndex.length,
        stride: gatherer.stride,
        packed,
        remainder: await remainders?.read(start, end, sampleIndex),
      };
    },
    async labels(start, end, wanted) {
      checkRange(start, end);
      return index.labels(start, end, wanted);
    },
  };
}

/** Memory that reads use again, as many pieces as there are reads at once. */
class SpareBytes {
  readonly #free: Uint8Array[] = [];

  take(length: number): Uint8Array {
    const free = this.#free.pop();
    return free !== undefined && free.length >= length ? free : new Uint8Array(length);
  }

  giveBack(bytes: Uint8Array): void {
    this.#free.push(bytes);
  }
}

async function checkMagic(bed: ByteSource): Promise<void> {
  if (bed.size === 0) throw emptyFile(bed);
  const head = await bed.read(0, Math.min(HEADER, bed.size));
  if (head[0] === 0x6c && head[1] === 0x1b && head[2] === 1) return;
  if (head[0] === 0x6c && head[1] === 0x1b && head[2] === 0) {
    throw new InputError(
      bed.name,
      "is a sample-major .bed (third byte 00); variant-major is read",
      "write it again: plink --bfile PREFIX --make-bed --out NEW",
    );
  }
  const found = Array.from(head, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  throw new InputError(
    bed.name,
    `is not a PLINK 1 .bed (starts with ${found}, not 6c 1b 01)`,
    wrongBedAdvice(head),
  );
}

function wrongBedAdvice(head: Uint8Array): string {
  if (isGzip(head)) return "if it is a packed PLINK .bed, unpack it: gunzip";
  if (/^(#|chr)/i.test(String.fromCharCode(...head))) {
    return "it looks like a text BED; --genotypes takes a PLINK .bed and --expression the BED of genes";
  }
  return "write it with plink --make-bed";
}

/** IIDs in file order, and PLINK's codes of their sex. */
async function readFam(
  fam: ByteSource,
  inflate: Inflate,
): Promise<{ samples: readonly string[]; sex: Uint8Array }> {
  const seen = new Map<string, number>();
  const sex: number[] = [];
  for (const { line, cells } of await readRows(fam, inflate)) {
    // Cells of a .fam end at any white space, and no id can hold a blank.
    const fields = cells.flatMap((cell) => cell.split(/[ \t]+/));
    const where = atLine(fam.name, line);
    if (line === 1 && fields[0]?.startsWith("#")) {
      throw new InputError(
        where,
        `a .fam has no header (${shown(fields[0])})`,
        "write it with plink --make-bed",
      );
    }
    if (fields.length !== 6) {
      throw new InputError(
        where,
        `has ${counted(fields.length, "column")}, a .fam has 6 (FID IID father mother sex phenotype)`,
        "write it with plink --make-bed",
      );
    }
    const iid = fields[1]!;
    checkName(iid, "sample", where);
    const before = seen.get(iid);
    if (before !== undefined) {
      throw new InputError(
        where,
        `sample ${iid} is there already (line ${before})`,
        "samples are told apart by their IID: make these unique",
      );
    }
    seen.set(iid, line);
    sex.push(famSex(fields[4]!));
  }
  return { samples: [...seen.keys()], sex: Uint8Array.from(sex) };
}

function sizeMismatch(sources: PlinkSources, samples: number, variants: number, stride: number): InputError {
  const { bed, bim, fam } = sources;
  const expected = HEADER + variants * stride;
  const held = (bed.size - HEADER) / stride;
  const holds = Number.isInteger(held)
    ? `it holds exactly ${counted(held, "variant")}`
    : `it ends inside variant ${thousands(Math.floor(held) + 1)}`;
  return new InputError(
    bed.name,
    `has ${thousands(bed.size)} bytes, ${thousands(expected)} expected for ${counted(variants, "variant")} ` +
      `(${bim.name}) of ${counted(samples, "sample")} (${fam.name}): ${holds}`,
    bed.size < expected
      ? "it is truncated, or of another data set: copy or write all three files again"
      : "it is of another data set: copy or write all three files again",
  );
}
