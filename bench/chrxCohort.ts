import { seededRandom } from "../src/bench/random.ts";
import { buildCohort, type Cohort } from "../src/cohort/cohort.ts";
import type { SexChromosomes } from "../src/cohort/sexChromosomes.ts";
import type { GenotypeSource } from "../src/formats/genotypes.ts";
import { FEMALE, MALE } from "../src/formats/sex.ts";

/** A cohort of both sexes with nothing but X outside the PARs, on which nothing is associated. */
export interface ChrXShape {
  readonly samples: number;
  /** Share of males. */
  readonly males: number;
  readonly genes: number;
  /** Variants around each gene. */
  readonly variants: number;
  /** Standard deviation of expression in males over that in females, and difference of the means in females' deviations. */
  readonly deviation: number;
  readonly shift: number;
  readonly seed: number;
  /** Tell the sexes to the map (permutations within each); else the genotypes, which are 0/2 already, are as given. */
  readonly told: boolean;
}

const FIRST = 5_000_000;
const GENE_STEP = 2_900_000;
const VARIANT_STEP = 15_000;
/** Correlation of the normal variables behind neighbouring alleles of a haplotype. */
const LINKAGE = 0.9;

/** Genotypes once; `next(number)` is the cohort with expression `number`, sex and two normal covariates among its covariates. */
export function chrXCohort(shape: ChrXShape): (number: number) => Cohort {
  const { samples: n, genes } = shape;
  const samples = Array.from({ length: n }, (_, s) => `S${s}`);
  const sex = Uint8Array.from(samples, (_, s) => (s < Math.round(shape.males * n) ? MALE : FEMALE));
  const genotypes = genotypesOf(shape, samples, sex);
  const plan: SexChromosomes = {
    build: "GRCh38",
    chrX: "0/2",
    otherChromosomes: false,
    sex,
    maleCoding: "0/2",
  };
  return (number) => {
    const random = seededRandom(1_000_003 * shape.seed + number + 1);
    const draws = Array.from({ length: 2 }, () => samples.map(() => random.normal()));
    const values = new Float64Array(genes * n);
    for (let i = 0; i < values.length; i++) {
      const s = i % n;
      const male = sex[s] === MALE;
      const noise = random.normal() + 0.5 * draws[0]![s]!;
      values[i] = (male ? shape.shift : 0) + (male ? shape.deviation : 1) * noise;
    }
    const starts = Int32Array.from({ length: genes }, (_, g) => FIRST + GENE_STEP * g);
    return buildCohort({
      genotypes,
      sexChromosomes: shape.told ? plan : undefined,
      expression: {
        name: "expression",
        samples,
        id: Array.from(starts, (_, g) => `gene${g}`),
        chromosome: Array.from(starts, () => "X"),
        start: starts,
        end: starts.map((start) => start + 1),
        strand: Array.from(starts, () => "+"),
        values,
      },
      covariates: {
        name: "covariates",
        samples,
        covariates: ["C1", "C2", "sex"],
        cells: [...draws.map((draw) => draw.map(String)), Array.from(sex, String)],
      },
    });
  };
}

function genotypesOf(shape: ChrXShape, samples: readonly string[], sex: Uint8Array): GenotypeSource {
  const random = seededRandom(shape.seed);
  const { genes, variants } = shape;
  const stride = Math.ceil(samples.length / 4);
  const packed = new Uint8Array(genes * variants * stride);
  const position = new Int32Array(genes * variants);
  const haplotypes = new Float64Array(2 * samples.length);
  for (let gene = 0; gene < genes; gene++) {
    for (let h = 0; h < haplotypes.length; h++) haplotypes[h] = random.normal();
    for (let v = 0; v < variants; v++) {
      const index = gene * variants + v;
      position[index] = FIRST + GENE_STEP * gene + (v - variants / 2) * VARIANT_STEP;
      // Normal quantiles of frequencies from 0.05 to 0.5.
      const threshold = 1.645 * random.uniform();
      for (let h = 0; h < haplotypes.length; h++) {
        haplotypes[h] = LINKAGE * haplotypes[h]! + Math.sqrt(1 - LINKAGE * LINKAGE) * random.normal();
      }
      samples.forEach((_, s) => {
        const [a, b] = [0, 1].map((k) => (haplotypes[2 * s + k]! > threshold ? 1 : 0));
        packed[index * stride + (s >> 2)]! |= (sex[s] === MALE ? 2 * a! : a! + b!) << (2 * (s & 3));
      });
    }
  }
  const labels = (start: number, end: number) => {
    const run = Array.from({ length: end - start }, (_, i) => start + i);
    return {
      id: run.map((v) => `v${v}`),
      chromosome: run.map(() => "X"),
      position: position.slice(start, end),
      effectAllele: run.map(() => "G"),
      otherAllele: run.map(() => "A"),
    };
  };
  return {
    name: "genotypes",
    samples,
    variantCount: genes * variants,
    chromosomes: ["X"],
    chromosomeCode: new Uint16Array(genes * variants),
    position,
    // Everybody is always asked for, in the file's order.
    read: async (start, end) => ({
      ...{ start, count: end - start, samples: samples.length, stride },
      packed: packed.slice(start * stride, end * stride),
    }),
    labels: async (start, end) => labels(start, end),
  };
}
