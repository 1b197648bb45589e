/** A cohort of 60 samples, small enough to work out by hand, with one planted eQTL a gene. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

export const SAMPLES = 60;
const VARIANTS = 40;
const SPACING = 2_000;
const EFFECT = 2;
/** Variant that steers each gene. */
const STEERED_BY = [7, 21, 33];

/** Numbers in [0, 1), the same every time. */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const random = sequence(7);
const samples = Array.from({ length: SAMPLES }, (_, sample) => `S${sample + 1}`);
/** Copies of the effect allele, `dosage[variant][sample]`. */
const dosage = Array.from({ length: VARIANTS }, () =>
  samples.map(() => Number(random() < 0.4) + Number(random() < 0.4)),
);
const genes = STEERED_BY.map((variant, gene) => ({
  id: `GENE${gene + 1}`,
  variant,
  start: (variant + 1) * SPACING,
  values: samples.map((_, sample) => EFFECT * (dosage[variant]?.[sample] ?? 0) + random()),
}));

/** Writes PLINK and BED files into `folder` and gives their paths, as `openCohort` takes them. */
export function writeCohort(folder: string): { genotypes: string; expression: string } {
  const genotypes = join(folder, "genotypes");
  const expression = join(folder, "expression.bed");
  const bim = dosage.map((_, v) => `1\trs${v}\t0\t${(v + 1) * SPACING}\tA\tG\n`);
  writeFileSync(`${genotypes}.bim`, bim.join(""));
  writeFileSync(`${genotypes}.fam`, samples.map((id) => `0\t${id}\t0\t0\t0\t-9\n`).join(""));
  writeFileSync(`${genotypes}.bed`, Uint8Array.from([0x6c, 0x1b, 0x01, ...dosage.flatMap(packed)]));
  const rows = [
    ["#chr", "start", "end", "phenotype_id", ...samples],
    ...genes.map(({ id, start, values }) => ["chr1", start - 1, start, id, ...values]),
  ];
  writeFileSync(expression, rows.map((row) => `${row.join("\t")}\n`).join(""));
  return { genotypes, expression };
}

/** PLINK's two bits a call (0 copies of A1: 11, one: 10, two: 00), four samples a byte. */
function packed(copies: readonly number[]): number[] {
  const bytes = new Array<number>(Math.ceil(copies.length / 4)).fill(0);
  copies.forEach((count, sample) => {
    bytes[sample >> 2] =
      (bytes[sample >> 2] ?? 0) | ((count === 0 ? 3 : count === 1 ? 2 : 0) << (2 * (sample & 3)));
  });
  return bytes;
}

/** What simple regression says of each gene and the variant planted in it. */
export function expectedLeads(): { gene: string; variant: string; slope: number }[] {
  return genes.map(({ id, variant, values }) => {
    const g = dosage[variant] ?? [];
    const mean = (numbers: readonly number[]): number => numbers.reduce((sum, x) => sum + x, 0) / SAMPLES;
    const [meanG, meanY] = [mean(g), mean(values)];
    const sxy = g.reduce((sum, x, i) => sum + (x - meanG) * ((values[i] ?? 0) - meanY), 0);
    const sxx = g.reduce((sum, x) => sum + (x - meanG) * (x - meanG), 0);
    return { gene: id, variant: `rs${variant}`, slope: sxy / sxx };
  });
}

/** Pairs within `window` of a gene's start. */
export function pairsWithin(window: number): number {
  const position = (v: number): number => (v + 1) * SPACING;
  return genes.reduce(
    (sum, { start }) => sum + dosage.filter((_, v) => Math.abs(position(v) - start) <= window).length,
    0,
  );
}
