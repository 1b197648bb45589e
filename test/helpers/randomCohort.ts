import type { GenotypeSource } from "../../src/formats/genotypes.ts";
import type { CovariateTable, ExpressionTable } from "../../src/formats/tables.ts";

/** A small seeded generator for tests (mulberry32): uniform in [0, 1). */
export function testRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Standard normal from two uniforms. */
export function testNormal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Genotypes in memory: `calls[variant][sample]` is 3 = missing, or copies: 0, 1, 2, or any dosage between. */
export function memoryGenotypes(
  samples: readonly string[],
  variants: readonly { chromosome: string; position: number; calls: readonly number[] }[],
): GenotypeSource {
  const chromosomes = [...new Set(variants.map((v) => v.chromosome))];
  const id = (v: number): string => `${variants[v]!.chromosome}:${variants[v]!.position}:A:G`;
  const fractions = variants.reduce((sum, { calls }) => sum + calls.filter((d) => d % 1 !== 0).length, 0);
  return {
    name: "memory",
    samples,
    variantCount: variants.length,
    chromosomes,
    chromosomeCode: Uint16Array.from(variants, (v) => chromosomes.indexOf(v.chromosome)),
    position: Int32Array.from(variants, (v) => v.position),
    ...(fractions === 0 ? {} : { remainders: fractions }),
    async read(start, end, sampleIndex) {
      const stride = Math.ceil(sampleIndex.length / 4);
      const packed = new Uint8Array((end - start) * stride);
      const offset = new Uint32Array(end - start + 1);
      const sample: number[] = [];
      const value: number[] = [];
      for (let v = start; v < end; v++) {
        sampleIndex.forEach((from, s) => {
          const dosage = variants[v]!.calls[from]!;
          const call = Math.floor(dosage + 0.5);
          packed[(v - start) * stride + (s >> 2)]! |= call << (2 * (s & 3));
          if (dosage === call) return;
          sample.push(s);
          value.push(dosage - call);
        });
        offset[v - start + 1] = sample.length;
      }
      const block = { start, count: end - start, samples: sampleIndex.length, stride, packed };
      if (sample.length === 0) return block;
      const remainder = { offset, sample: Uint32Array.from(sample), value: Float64Array.from(value) };
      return { ...block, remainder };
    },
    async labels(start, end) {
      const run = Array.from({ length: end - start }, (_, i) => start + i);
      return {
        id: run.map(id),
        chromosome: run.map((v) => variants[v]!.chromosome),
        position: Int32Array.from(run, (v) => variants[v]!.position),
        effectAllele: run.map(() => "G"),
        otherAllele: run.map(() => "A"),
      };
    },
  };
}

export interface RandomTables {
  readonly genotypes: GenotypeSource;
  readonly expression: ExpressionTable;
  readonly covariates: CovariateTable;
  readonly calls: readonly (readonly number[])[];
}

/** A cohort of random calls (with missing ones) on two chromosomes, expression with effects, and covariates. */
export function randomTables(
  seed: number,
  size: { samples: number; variants: number; genes: number; covariates: number },
): RandomTables {
  const random = testRandom(seed);
  const samples = Array.from({ length: size.samples }, (_, i) => `S${i}`);
  const variants = Array.from({ length: size.variants }, (_, i) => {
    const frequency = 0.02 + 0.96 * random() ** 2;
    const missing = random() < 0.3 ? 0.1 : 0;
    return {
      chromosome: i < size.variants / 2 ? "chr1" : "chr2",
      position: 1000 + 1000 * (i % Math.ceil(size.variants / 2)),
      calls: samples.map(() => {
        if (random() < missing) return 3;
        return (random() < frequency ? 1 : 0) + (random() < frequency ? 1 : 0);
      }),
    };
  });
  const covariateRows = Array.from({ length: size.covariates }, () => samples.map(() => testNormal(random)));
  const values = new Float64Array(size.genes * size.samples);
  for (let g = 0; g < size.genes; g++) {
    const cause = variants[Math.floor(random() * variants.length)]!;
    for (let s = 0; s < size.samples; s++) {
      const dosage = cause.calls[s] === 3 ? 0 : cause.calls[s]!;
      const nuisance = covariateRows.reduce((sum, row, c) => sum + (c + 1) * 0.3 * row[s]!, 0);
      values[g * size.samples + s] = 5 + (g % 3) * 0.4 * dosage + nuisance + testNormal(random);
    }
  }
  const span = 1000 * Math.ceil(size.variants / 2);
  const starts = Array.from({ length: size.genes }, () => Math.floor(random() * span));
  return {
    calls: variants.map((v) => v.calls),
    genotypes: memoryGenotypes(samples, variants),
    expression: {
      name: "expression",
      samples: [...samples].reverse(),
      id: starts.map((_, g) => `G${g}`),
      chromosome: starts.map((_, g) => (g % 2 === 0 ? "1" : "2")),
      start: Int32Array.from(starts),
      end: Int32Array.from(starts, (start) => start + 1),
      strand: starts.map(() => "+"),
      values: reverseRows(values, size.samples),
    },
    covariates: {
      name: "covariates",
      samples,
      covariates: covariateRows.map((_, c) => `C${c}`),
      cells: covariateRows.map((row) => row.map(String)),
    },
  };
}

/** The expression file has its samples in another order than the genotypes, on purpose. */
function reverseRows(values: Float64Array, width: number): Float64Array {
  const out = new Float64Array(values.length);
  for (let start = 0; start < values.length; start += width) {
    out.set(values.slice(start, start + width).reverse(), start);
  }
  return out;
}
