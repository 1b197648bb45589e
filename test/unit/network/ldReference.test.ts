import { describe, expect, test } from "vitest";
import type { GenotypeBlock, GenotypeSource } from "../../../src/formats/genotypes.ts";
import { LdReference } from "../../../src/network/ldReference.ts";
import { uniform } from "../../../src/statistics/random.ts";

const SAMPLES = 41;
/** Males, females, and the last sample of unknown sex. */
const sex = Uint8Array.from({ length: SAMPLES }, (_, s) => (s === SAMPLES - 1 ? 0 : s % 2 === 0 ? 1 : 2));

/** Variants of chromosome 1 (first half) and X; on X males have 0 or 2 copies, and who is unknown no call. */
function panel(calls: (variant: number, sample: number) => number, variants: number): GenotypeSource {
  const stride = Math.ceil(SAMPLES / 4);
  const packed = new Uint8Array(variants * stride);
  for (let v = 0; v < variants; v++) {
    for (let s = 0; s < SAMPLES; s++) packed[v * stride + (s >> 2)]! |= calls(v, s) << (2 * (s & 3));
  }
  return {
    name: "panel",
    samples: Array.from({ length: SAMPLES }, (_, s) => `s${s}`),
    variantCount: variants,
    chromosomes: ["1", "X"],
    chromosomeCode: Uint16Array.from({ length: variants }, (_, v) => (v < variants / 2 ? 0 : 1)),
    position: Int32Array.from({ length: variants }, (_, v) => 1000 * (v + 1)),
    async read(start, end): Promise<GenotypeBlock> {
      const rows = packed.slice(start * stride, end * stride);
      return { start, count: end - start, samples: SAMPLES, stride, packed: rows };
    },
    labels: () => Promise.reject(new Error("no labels here")),
  };
}

describe("a reference for linkage", () => {
  const isX = (v: number): boolean => v >= 10;
  const source = panel((v, s) => {
    if (!isX(v)) return Math.floor(3 * uniform(1, v, s));
    if (sex[s] === 0) return 3;
    // Males have the allele less often: of all together the mean is not that of either sex.
    const allele = (stream: number, share: number): number => (uniform(stream, v, s) < share ? 1 : 0);
    return sex[s] === 1 ? 2 * allele(2, 0.2) : allele(2, 0.6) + allele(3, 0.6);
  }, 20);

  test("on X genotypes are about the mean of each sex; elsewhere about that of all", async () => {
    const reference = await LdReference.open(source, () => true, { maf: 0, pruneR2: 1, sexed: { sex, isX } });
    const rows = await reference.rows(0, reference.index.length);
    expect(reference.counts.kept).toBe(20);
    rows.forEach((row, i) => {
      const sum = (code: number): number =>
        row.reduce((total, value, s) => (sex[s] === code ? total + value : total), 0);
      const what = `variant ${reference.index[i]}`;
      expect(sum(0) + sum(1) + sum(2), what).toBeCloseTo(0, 12);
      expect(
        row.reduce((total, value) => total + value * value, 0),
        what,
      ).toBeCloseTo(1, 12);
      if (isX(reference.index[i]!)) {
        expect(sum(1), what).toBeCloseTo(0, 12);
        expect(row[SAMPLES - 1], what).toBe(0);
      }
    });
    // Males and females have each their own spread about 0: no linkage comes from the sexes' difference alone.
    const plain = await LdReference.open(source, () => true, { maf: 0, pruneR2: 1 });
    const mean = async (one: LdReference): Promise<number> => {
      const all = (await one.rows(0, 20)).slice(10);
      let sum = 0;
      for (const a of all) for (const b of all) sum += a === b ? 0 : dotOf(a, b) / 90;
      return sum;
    };
    expect(Math.abs(await mean(reference))).toBeLessThan(0.06);
    expect(await mean(plain)).toBeGreaterThan(0.03);
  });

  test("the frequency on X is that of females, of males where no female has a call", async () => {
    // Females have none of it, males a half of them.
    const ofMales = panel((_, s) => (sex[s] === 1 ? 2 * (s % 4 === 0 ? 1 : 0) : sex[s] === 0 ? 3 : 0), 20);
    const options = { maf: 0.05, pruneR2: 1, sexed: { sex, isX } };
    const found = await LdReference.open(ofMales, isX, options);
    expect(found.counts).toEqual({ leftOut: 0, rare: 10, pruned: 0, kept: 0 });
    const noFemale = panel((v, s) => (sex[s] === 1 ? 2 * (uniform(4, v, s) < 0.4 ? 1 : 0) : 3), 20);
    expect((await LdReference.open(noFemale, isX, options)).counts.kept).toBe(10);
  });

  test("variants left out are counted, not kept", async () => {
    const found = await LdReference.open(source, () => true, {
      ...{ maf: 0, pruneR2: 1 },
      leftOut: (v) => v % 5 === 0,
    });
    expect(found.counts.leftOut).toBe(4);
    expect(Array.from(found.index).some((v) => v % 5 === 0)).toBe(false);
  });
});

function dotOf(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}
