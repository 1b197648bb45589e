import type { GeneModel } from "../../../src/formats/geneModels.ts";
import type { RegionalData } from "../../../src/report/regional.ts";
import { uniform } from "./fixtures.ts";

/** Made regions: variants in LD with a lead, genes on both strands, recombination with a hotspot. */

export function madeGenes(start: number, end: number, number: number, seed = 3): GeneModel[] {
  const random = uniform(seed);
  return Array.from({ length: number }, (_, g) => {
    const length = 4_000 + Math.floor(random() ** 3 * 0.2 * (end - start));
    const from = Math.floor(start + random() * (end - start) - length / 2);
    const count = 2 + Math.floor(random() * 9);
    const exons = Array.from({ length: count }, (_unused, e) => {
      const at = Math.floor(from + (e * length) / count);
      return [at, Math.floor(at + length / count / 4)];
    });
    const strand = random() < 0.5 ? "+" : "-";
    return {
      ...{ id: `ENSG${String(g).padStart(5, "0")}`, symbol: `GENE${g + 1}`, strand },
      ...{ start: from, end: from + length, exons: Int32Array.from(exons.flat()) },
    };
  });
}

export function madeRegion(number: number, changes: Partial<RegionalData> = {}, seed = 11): RegionalData {
  const random = uniform(seed);
  const [start, end] = [17_400_000, 18_400_000];
  const position = Int32Array.from({ length: number }, () =>
    Math.floor(start + random() * (end - start)),
  ).sort();
  const middle = start + 0.42 * (end - start);
  const r2 = Float64Array.from(position, (at) => {
    const near = Math.exp(-(((at - middle) / 90_000) ** 2));
    return Math.min(1, near * random() ** 0.4);
  });
  let lead = 0;
  const log10P = Float64Array.from(r2, (value, i) => {
    const strength = -(value * 24 * (0.85 + 0.15 * random()) - Math.log10(random() + 1e-12));
    return i === 0 || strength < 0 ? strength : 0;
  });
  log10P.forEach((value, i) => {
    if (value < log10P[lead]!) lead = i;
  });
  r2[lead] = 1;
  const rate = Float64Array.from({ length: 60 }, (_, i) =>
    i === 34 ? 62 : i === 12 ? 28 : random() ** 6 * 8,
  );
  return {
    ...{ chromosome: "22", start, end, position, log10P, r2, lead },
    id: Array.from(position, (_, i) => `rs${1_000 + i}`),
    set: Int32Array.from(r2, (value) => (value > 0.93 ? 1 : 0)),
    threshold: { log10P: -5.2, text: "gene's threshold" },
    recombination: {
      position: Int32Array.from({ length: 60 }, (_, i) => start + i * 17_000),
      rate,
    },
    genes: madeGenes(start, end, 18),
    focus: "ENSG00004",
    title: "GENE5 (ENSG00004) · rs1100 · 358 samples",
    ...changes,
  };
}
