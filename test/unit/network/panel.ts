import type { GenotypeBlock, GenotypeSource } from "../../../src/formats/genotypes.ts";
import { LdReference } from "../../../src/network/ldReference.ts";
import { dot } from "../../../src/statistics/linalg.ts";
import { normalQuantile } from "../../../src/statistics/normal.ts";
import { uniform } from "../../../src/statistics/random.ts";

/** Calls of `samples` samples: runs of variants that are copies of each other but for some calls; 1,000 bp apart. */
export function panel(seed: number, samples: number, variants: number): GenotypeSource {
  const stride = Math.ceil(samples / 4);
  const packed = new Uint8Array(variants * stride);
  for (let v = 0; v < variants; v++) {
    for (let s = 0; s < samples; s++) {
      // One of two strands of a haplotype is passed on to the next variant four times in five.
      const fresh = v === 0 || uniform(seed, v, s) < 0.3;
      const draw = uniform(seed, 10_000 + v, s);
      const before = v === 0 ? 0 : (packed[(v - 1) * stride + (s >> 2)]! >> (2 * (s & 3))) & 3;
      const call = fresh ? (draw < 0.36 ? 0 : draw < 0.84 ? 1 : 2) : before;
      packed[v * stride + (s >> 2)]! |= call << (2 * (s & 3));
    }
  }
  return {
    name: "panel",
    samples: Array.from({ length: samples }, (_, s) => `s${s}`),
    variantCount: variants,
    chromosomes: ["1"],
    chromosomeCode: new Uint16Array(variants),
    position: Int32Array.from({ length: variants }, (_, v) => 1000 * (v + 1)),
    async read(start, end): Promise<GenotypeBlock> {
      const rows = packed.slice(start * stride, end * stride);
      return { start, count: end - start, samples, stride, packed: rows };
    },
    async labels(start, end) {
      const each = (text: (v: number) => string) =>
        Array.from({ length: end - start }, (_, i) => text(start + i));
      return {
        id: each((v) => `rs${v}`),
        chromosome: each(() => "1"),
        position: Int32Array.from({ length: end - start }, (_, i) => 1000 * (start + i + 1)),
        effectAllele: each(() => "A"),
        otherAllele: each(() => "G"),
      };
    },
  };
}

export function genesEvery(count: number, variants: number) {
  const start = Int32Array.from({ length: count }, (_, g) => 1000 * (1 + g * variants));
  const end = start.map((first) => first + 1000 * (variants - 1));
  const id = Array.from({ length: count }, (_, g) => `g${g}`);
  return { id, chromosome: new Int32Array(count), start, end };
}

/** z^2 of every variant for a random phenotype. */
export async function randomGwas(source: GenotypeSource, seed: number): Promise<Float64Array> {
  const reference = await LdReference.open(source, () => true, { maf: 0, pruneR2: 1 });
  const rows = await reference.rows(0, source.variantCount);
  const n = source.samples.length;
  const y = Float64Array.from({ length: n }, (_, s) => normalQuantile(uniform(seed, 77, s) || 0.5));
  const mean = y.reduce((sum, value) => sum + value, 0) / n;
  const centred = y.map((value) => value - mean);
  const scale = Math.sqrt((n - 1) / dot(centred, 0, centred, 0, n));
  return Float64Array.from(rows, (row) => (scale * dot(row, 0, centred, 0, n)) ** 2);
}
