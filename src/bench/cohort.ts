/**
 * A seeded cohort of any size, made up: PLINK 1 genotypes, an expression BED, covariates, and planted effects, as
 * text and bytes in pieces. The same shape gives the same bytes on every machine. Genotypes are independent of each
 * other (no linkage); only the expression is held in memory.
 */
import { throwIfAborted } from "../errors.ts";
import { Places } from "./genome.ts";
import { drawCalls, packCalls } from "./genotypes.ts";
import { type Random, seededRandom } from "./random.ts";

export interface CohortShape {
  readonly samples: number;
  readonly variants: number;
  readonly genes: number;
  readonly covariates: number;
  /** Chromosomes used, 1 to this (at most 22). */
  readonly chromosomes: number;
  /** Length of the chromosomes, in human ones: how near variants and genes lie. */
  readonly scale: number;
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
  scale: 1,
  missing: 0,
  cis: 200,
  trans: 100,
  seed: 1,
};

/** Effect of a planted variant on expression, in standard deviations of both. */
const CIS_EFFECT = 0.35;
const TRANS_EFFECT = 0.4;
const COVARIATE_EFFECT = 0.3;
const VARIANTS_A_PIECE = 4096;
/** PLINK's two bits for 0, 1 and 2 copies of A1, and for a missing call. */
const BITS = [3, 2, 0, 1];
const BED_MAGIC = Uint8Array.of(0x6c, 0x1b, 0x01);

interface Planted {
  readonly kind: "cis" | "trans";
  readonly variant: number;
  readonly gene: number;
  readonly effect: number;
}

/** Genotypes of some variants, as they follow in the two files. */
export interface GenotypePiece {
  readonly bed: Uint8Array;
  readonly bim: string;
}

/** The cohort of a shape. Read `genotypes` to its end first: planted effects are added to the expression on the way. */
export class MadeCohort {
  readonly shape: CohortShape;
  readonly samples: readonly string[];
  readonly #random: Random;
  readonly #variants: Places;
  readonly #genes: Places;
  readonly #planted: readonly Planted[];
  readonly #covariates: Float64Array;
  readonly #expression: Float64Array;

  constructor(shape: CohortShape) {
    this.shape = shape;
    const width = String(shape.samples).length;
    this.samples = Array.from({ length: shape.samples }, (_, i) => `S${String(i + 1).padStart(width, "0")}`);
    this.#random = seededRandom(shape.seed);
    this.#variants = new Places(shape.variants, shape.chromosomes, shape.scale);
    this.#genes = new Places(shape.genes, shape.chromosomes, shape.scale);
    this.#planted = plant(shape, this.#variants, this.#genes, this.#random);
    this.#covariates = normals(shape.covariates * shape.samples, this.#random);
    this.#expression = normals(shape.genes * shape.samples, this.#random);
    addCovariates(this.#expression, this.#covariates, shape, this.#random);
  }

  fam(): string {
    return this.samples.map((sample) => `0\t${sample}\t0\t0\t0\t-9\n`).join("");
  }

  /** `.bed` and `.bim`, thousands of variants a piece. */
  *genotypes(signal?: AbortSignal): Generator<GenotypePiece> {
    const { variants, samples, missing } = this.shape;
    const effects = new Map<number, Planted[]>();
    for (const one of this.#planted) effects.set(one.variant, [...(effects.get(one.variant) ?? []), one]);
    const stride = Math.ceil(samples / 4);
    const calls = new Uint8Array(samples);
    yield { bed: BED_MAGIC, bim: "" };
    for (let start = 0; start < variants; start += VARIANTS_A_PIECE) {
      throwIfAborted(signal);
      const end = Math.min(variants, start + VARIANTS_A_PIECE);
      const bed = new Uint8Array((end - start) * stride);
      const lines: string[] = [];
      for (let v = start; v < end; v++) {
        const frequency = drawCalls(calls, missing, this.#random);
        packCalls(calls, BITS, bed, (v - start) * stride);
        for (const effect of effects.get(v) ?? []) addEffect(this.#expression, effect, calls, frequency);
        const chromosome = this.#variants.chromosome(v);
        lines.push(`${chromosome + 1}\tv${v + 1}\t0\t${this.#variants.position(chromosome, v)}\tG\tA\n`);
      }
      yield { bed, bim: lines.join("") };
    }
  }

  /** The expression BED, a gene a line. */
  *expression(): Generator<string> {
    const { genes, samples } = this.shape;
    yield `#chr\tstart\tend\tgene_id\t${this.samples.join("\t")}\n`;
    for (let gene = 0; gene < genes; gene++) {
      const chromosome = this.#genes.chromosome(gene);
      const position = this.#genes.position(chromosome, gene);
      const cells = decimals(this.#expression.subarray(gene * samples, (gene + 1) * samples));
      yield `chr${chromosome + 1}\t${position - 1}\t${position}\t${geneName(gene)}\t${cells}\n`;
    }
  }

  /** Covariates x samples. */
  covariates(): string {
    const { covariates, samples } = this.shape;
    const rows = Array.from({ length: covariates }, (_, k) => {
      return `C${k + 1}\t${decimals(this.#covariates.subarray(k * samples, (k + 1) * samples))}\n`;
    });
    return `id\t${this.samples.join("\t")}\n${rows.join("")}`;
  }

  /** The planted effects, one a line. */
  truth(): string {
    const lines = this.#planted.map(
      ({ kind, variant, gene, effect }) => `${kind}\tv${variant + 1}\t${geneName(gene)}\t${effect}\n`,
    );
    return `kind\tvariant_id\tphenotype_id\teffect\n${lines.join("")}`;
  }
}

function plant(shape: CohortShape, variants: Places, genes: Places, random: Random): Planted[] {
  const planted: Planted[] = [];
  const sign = (): number => (random.uniform() < 0.5 ? -1 : 1);
  for (let i = 0; i < shape.cis; i++) {
    const gene = random.below(shape.genes);
    const chromosome = genes.chromosome(gene);
    const position = genes.position(chromosome, gene) + (2 * random.uniform() - 1) * 500_000;
    const variant = variants.at(chromosome, position);
    planted.push({ kind: "cis", variant, gene, effect: CIS_EFFECT * sign() });
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

function geneName(gene: number): string {
  return `GENE${String(gene + 1).padStart(6, "0")}`;
}

function decimals(values: Float64Array): string {
  return Array.from(values, (value) => value.toFixed(6)).join("\t");
}

function normals(count: number, random: Random): Float64Array {
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = random.normal();
  return values;
}

function addCovariates(
  expression: Float64Array,
  covariates: Float64Array,
  { samples, genes, covariates: count }: CohortShape,
  random: Random,
): void {
  for (let gene = 0; gene < genes; gene++) {
    for (let k = 0; k < count; k++) {
      const weight = COVARIATE_EFFECT * random.normal();
      for (let s = 0; s < samples; s++)
        expression[gene * samples + s]! += weight * covariates[k * samples + s]!;
    }
  }
}

function addEffect(expression: Float64Array, planted: Planted, calls: Uint8Array, frequency: number): void {
  const scale = planted.effect / Math.sqrt(2 * frequency * (1 - frequency));
  const at = planted.gene * calls.length;
  for (let s = 0; s < calls.length; s++) {
    if (calls[s] !== 3) expression[at + s]! += scale * (calls[s]! - 2 * frequency);
  }
}
