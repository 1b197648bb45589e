/**
 * A seeded cohort of any size, written as a stream: PLINK 1 files, expression BED.gz, covariates, and the
 * planted effects. Genotypes are independent of each other (no linkage), in Hardy-Weinberg proportions, with
 * minor allele frequencies spread as 1/x from 0.01 to 0.5; only the expression is held in memory.
 */
import { createWriteStream } from "node:fs";
import { type FileHandle, mkdir, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { type Random, seededRandom } from "./random.ts";

export interface CohortShape {
  readonly samples: number;
  readonly variants: number;
  readonly genes: number;
  readonly covariates: number;
  /** Chromosomes used, 1 to this (at most 22). */
  readonly chromosomes: number;
  /** Share of calls that are missing. */
  readonly missing: number;
  /** Planted pairs within 500 kb, and on different chromosomes. */
  readonly cis: number;
  readonly trans: number;
  readonly seed: number;
}

export const DEFAULT_SHAPE: CohortShape = {
  samples: 500,
  variants: 300_000,
  genes: 5000,
  covariates: 20,
  chromosomes: 22,
  missing: 0,
  cis: 200,
  trans: 100,
  seed: 1,
};

export interface CohortPaths {
  readonly genotypes: string;
  readonly expression: string;
  readonly covariates: string;
  readonly truth: string;
}

/** Lengths of the human autosomes in Mb. */
const MEGABASES = [
  249, 242, 198, 190, 181, 170, 159, 145, 138, 133, 135, 133, 114, 107, 102, 90, 83, 80, 58, 64, 46, 50,
];
const MIN_FREQUENCY = 0.01;
const MAX_FREQUENCY = 0.5;
/** Share of variants whose counted allele is the common one. */
const FLIPPED = 0.1;
/** Effect of a planted variant on expression, in standard deviations of both. */
const CIS_EFFECT = 0.35;
const TRANS_EFFECT = 0.4;
const COVARIATE_EFFECT = 0.3;
const VARIANTS_A_WRITE = 4096;
/** PLINK's two bits for 0, 1 and 2 copies of A1, and for a missing call. */
const BITS = [3, 2, 0];
const MISSING_BITS = 1;

/** `count` things spread evenly over the chromosomes by their length. */
class Layout {
  /** First index of each chromosome, and the count at the end. */
  readonly first: number[] = [0];
  readonly #chromosomes: number;

  constructor(count: number, chromosomes: number) {
    this.#chromosomes = chromosomes;
    const total = MEGABASES.slice(0, chromosomes).reduce((sum, length) => sum + length, 0);
    let length = 0;
    for (let c = 0; c < chromosomes; c++) {
      length += MEGABASES[c]!;
      this.first.push(Math.round((count * length) / total));
    }
  }

  chromosome(index: number): number {
    for (let c = 0; c < this.#chromosomes; c++) if (index < this.first[c + 1]!) return c;
    throw new RangeError(`no chromosome holds number ${index}`);
  }

  /** 1-based, the same for the same index. */
  position(chromosome: number, index: number): number {
    const count = this.first[chromosome + 1]! - this.first[chromosome]!;
    return 1 + Math.floor(((index - this.first[chromosome]! + 0.5) * MEGABASES[chromosome]! * 1e6) / count);
  }

  /** The index nearest to a position. */
  at(chromosome: number, position: number): number {
    const first = this.first[chromosome]!;
    const count = this.first[chromosome + 1]! - first;
    const index = Math.round((position * count) / (MEGABASES[chromosome]! * 1e6) - 0.5);
    return first + Math.max(0, Math.min(count - 1, index));
  }
}

interface Planted {
  readonly kind: "cis" | "trans";
  readonly variant: number;
  readonly gene: number;
  readonly effect: number;
}

function plant(shape: CohortShape, variants: Layout, genes: Layout, random: Random): Planted[] {
  const planted: Planted[] = [];
  const sign = (): number => (random.uniform() < 0.5 ? -1 : 1);
  for (let i = 0; i < shape.cis; i++) {
    const gene = random.below(shape.genes);
    const chromosome = genes.chromosome(gene);
    const position = genes.position(chromosome, gene) + (2 * random.uniform() - 1) * 500_000;
    planted.push({
      kind: "cis",
      variant: variants.at(chromosome, position),
      gene,
      effect: CIS_EFFECT * sign(),
    });
  }
  for (let i = 0; i < shape.trans && shape.chromosomes > 1; ) {
    const gene = random.below(shape.genes);
    const variant = random.below(shape.variants);
    if (variants.chromosome(variant) === genes.chromosome(gene)) continue;
    planted.push({ kind: "trans", variant, gene, effect: TRANS_EFFECT * sign() });
    i++;
  }
  return planted;
}

function names(prefix: string, count: number): string[] {
  const width = String(count).length;
  return Array.from({ length: count }, (_, i) => `${prefix}${String(i + 1).padStart(width, "0")}`);
}

/** Writes `genotypes.{bed,bim,fam}`, `expression.bed.gz`, `covariates.tsv` and `truth.tsv` to `folder`. */
export async function generateCohort(folder: string, shape: CohortShape): Promise<CohortPaths> {
  await mkdir(folder, { recursive: true });
  const paths: CohortPaths = {
    genotypes: join(folder, "genotypes"),
    expression: join(folder, "expression.bed.gz"),
    covariates: join(folder, "covariates.tsv"),
    truth: join(folder, "truth.tsv"),
  };
  const random = seededRandom(shape.seed);
  const samples = names("S", shape.samples);
  const variants = new Layout(shape.variants, shape.chromosomes);
  const genes = new Layout(shape.genes, shape.chromosomes);
  const planted = plant(shape, variants, genes, random);
  const covariates = normals(shape.covariates * shape.samples, random);
  const expression = normals(shape.genes * shape.samples, random);
  addCovariates(expression, covariates, shape, random);
  await writeGenotypes(paths.genotypes, shape, samples, variants, planted, expression, random);
  await writeExpression(paths.expression, shape, samples, genes, expression);
  await writeFile(paths.covariates, covariateText(shape, samples, covariates));
  const truth = planted.map((p) => `${p.kind}\tv${p.variant + 1}\t${geneName(p.gene)}\t${p.effect}\n`);
  await writeFile(paths.truth, `kind\tvariant_id\tphenotype_id\teffect\n${truth.join("")}`);
  return paths;
}

function geneName(gene: number): string {
  return `GENE${String(gene + 1).padStart(6, "0")}`;
}

function normals(count: number, random: Random): Float64Array {
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = random.normal();
  return values;
}

function addCovariates(
  expression: Float64Array,
  covariates: Float64Array,
  shape: CohortShape,
  random: Random,
): void {
  const { samples } = shape;
  for (let gene = 0; gene < shape.genes; gene++) {
    for (let k = 0; k < shape.covariates; k++) {
      const weight = COVARIATE_EFFECT * random.normal();
      for (let s = 0; s < samples; s++)
        expression[gene * samples + s]! += weight * covariates[k * samples + s]!;
    }
  }
}

async function writeGenotypes(
  prefix: string,
  shape: CohortShape,
  samples: readonly string[],
  layout: Layout,
  planted: readonly Planted[],
  expression: Float64Array,
  random: Random,
): Promise<void> {
  await writeFile(`${prefix}.fam`, samples.map((sample) => `0\t${sample}\t0\t0\t0\t-9\n`).join(""));
  const effects = new Map<number, Planted[]>();
  for (const one of planted) effects.set(one.variant, [...(effects.get(one.variant) ?? []), one]);
  const stride = Math.ceil(shape.samples / 4);
  const calls = new Uint8Array(shape.samples);
  const bed = await open(`${prefix}.bed`, "w");
  const bim = await open(`${prefix}.bim`, "w");
  try {
    await bed.write(Uint8Array.of(0x6c, 0x1b, 0x01));
    for (let start = 0; start < shape.variants; start += VARIANTS_A_WRITE) {
      const end = Math.min(shape.variants, start + VARIANTS_A_WRITE);
      const packed = new Uint8Array((end - start) * stride);
      const lines: string[] = [];
      for (let v = start; v < end; v++) {
        const frequency = drawCalls(calls, shape.missing, random);
        packCalls(calls, packed, (v - start) * stride);
        for (const effect of effects.get(v) ?? []) addEffect(expression, effect, calls, frequency);
        const chromosome = layout.chromosome(v);
        lines.push(`${chromosome + 1}\tv${v + 1}\t0\t${layout.position(chromosome, v)}\tG\tA\n`);
      }
      await writeAll(bed, packed);
      await bim.write(lines.join(""));
    }
  } finally {
    await bed.close();
    await bim.close();
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
}

/** Fills `calls` with 0, 1, 2 or 3 = missing; returns the frequency of the counted allele. */
function drawCalls(calls: Uint8Array, missing: number, random: Random): number {
  const minor = MIN_FREQUENCY * (MAX_FREQUENCY / MIN_FREQUENCY) ** random.uniform();
  const frequency = random.uniform() < FLIPPED ? 1 - minor : minor;
  const none = (1 - frequency) ** 2 * 2 ** 32;
  const one = none + 2 * frequency * (1 - frequency) * 2 ** 32;
  for (let s = 0; s < calls.length; s++) {
    const draw = random.integer();
    calls[s] = draw < none ? 0 : draw < one ? 1 : 2;
  }
  if (missing > 0) {
    for (let s = 0; s < calls.length; s++) if (random.uniform() < missing) calls[s] = 3;
  }
  return frequency;
}

function packCalls(calls: Uint8Array, packed: Uint8Array, at: number): void {
  for (let s = 0; s < calls.length; s++) {
    packed[at + (s >> 2)]! |= (BITS[calls[s]!] ?? MISSING_BITS) << (2 * (s & 3));
  }
}

function addEffect(expression: Float64Array, planted: Planted, calls: Uint8Array, frequency: number): void {
  const scale = planted.effect / Math.sqrt(2 * frequency * (1 - frequency));
  const at = planted.gene * calls.length;
  for (let s = 0; s < calls.length; s++) {
    if (calls[s] !== 3) expression[at + s]! += scale * (calls[s]! - 2 * frequency);
  }
}

async function writeExpression(
  path: string,
  shape: CohortShape,
  samples: readonly string[],
  layout: Layout,
  expression: Float64Array,
): Promise<void> {
  function* lines(): Generator<string> {
    yield `#chr\tstart\tend\tgene_id\t${samples.join("\t")}\n`;
    for (let gene = 0; gene < shape.genes; gene++) {
      const chromosome = layout.chromosome(gene);
      const position = layout.position(chromosome, gene);
      const row = expression.subarray(gene * shape.samples, (gene + 1) * shape.samples);
      const cells = Array.from(row, (value) => value.toFixed(6)).join("\t");
      yield `chr${chromosome + 1}\t${position - 1}\t${position}\t${geneName(gene)}\t${cells}\n`;
    }
  }
  await pipeline(Readable.from(lines()), createGzip({ level: 1 }), createWriteStream(path));
}

function covariateText(shape: CohortShape, samples: readonly string[], covariates: Float64Array): string {
  const rows = Array.from({ length: shape.covariates }, (_, k) => {
    const row = covariates.subarray(k * shape.samples, (k + 1) * shape.samples);
    return `C${k + 1}\t${Array.from(row, (value) => value.toFixed(6)).join("\t")}\n`;
  });
  return `id\t${samples.join("\t")}\n${rows.join("")}`;
}
