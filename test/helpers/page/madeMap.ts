import type {
  ChromosomeSpan,
  GeneColumns,
  PairColumns,
  PointColumns,
} from "../../../src/app/engine/protocol.ts";
import { random } from "./madeDots.ts";

/** A map that is made up: as large as wanted, with towers where leads are. The same arguments give the same map. */

const LENGTHS = [
  249, 243, 198, 191, 181, 171, 159, 146, 141, 136, 135, 134, 115, 107, 103, 90, 81, 78, 59, 63, 48, 51,
];

export function madeLayout(): ChromosomeSpan[] {
  const gap = 8e6;
  let offset = 0;
  return LENGTHS.map((length, i) => {
    const span = { name: String(i + 1), first: 10_000, last: length * 1e6, offset };
    offset += span.last - span.first + gap;
    return span;
  });
}

export function madeGenes(count: number, seed = 1): GeneColumns {
  const next = random(seed);
  const layout = madeLayout();
  const total = LENGTHS.reduce((sum, length) => sum + length, 0);
  const start = new Int32Array(count);
  const end = new Int32Array(count);
  const position = new Int32Array(count);
  const numVariants = new Int32Array(count);
  const [af, slope, slopeSe, log10P, q] = Array.from({ length: 5 }, () =>
    new Float64Array(count).fill(Number.NaN),
  );
  const texts = () => new Array<string>(count).fill("");
  const columns = {
    ...{
      id: texts(),
      symbol: texts(),
      chromosome: texts(),
      strand: texts(),
      status: texts(),
      variant: texts(),
    },
    ...{ effectAllele: texts(), otherAllele: texts() },
  };
  let at = 0;
  for (const [c, span] of layout.entries()) {
    const end0 = c === 21 ? count : Math.min(count, at + Math.round((count * LENGTHS[c]!) / total));
    const here = end0 - at;
    for (let g = at; g < end0; g++) {
      start[g] = Math.round(
        span.first + 50_000 + ((g - at + next()) / here) * (span.last - span.first - 300_000),
      );
      end[g] = start[g]! + Math.round(2_000 + 90_000 * next() * next());
      columns.id[g] = `ENSG${String(100_000 + g * 7).padStart(11, "0")}.${1 + (g % 9)}`;
      columns.symbol[g] =
        g % 11 === 5 ? "" : `${["ABC", "KRT", "SLC", "ZNF", "HLA", "RPL", "CYP"][g % 7]}${(g * 13) % 977}`;
      columns.chromosome[g] = span.name;
      columns.strand[g] = next() < 0.5 ? "+" : "-";
      const untested = next() < 0.03;
      columns.status[g] = untested ? (next() < 0.5 ? "no-variants" : "constant") : "ok";
      if (untested) continue;
      numVariants[g] = 400 + Math.round(3000 * next());
      position[g] = Math.max(
        span.first,
        Math.min(span.last, start[g]! + Math.round((next() - 0.5) * (next() < 0.7 ? 120_000 : 1_600_000))),
      );
      columns.variant[g] = `${span.name}_${position[g]}`;
      columns.effectAllele[g] = "ACGT"[g % 4]!;
      columns.otherAllele[g] = "GTAC"[g % 4]!;
      const strong = next() < 0.3;
      log10P![g] = -(1.5 + 3 * next() + (strong ? 70 * next() ** 5 + 4 : 0));
      af![g] = 0.02 + 0.96 * next();
      slope![g] = (next() < 0.5 ? -1 : 1) * Math.sqrt(-log10P![g]!) * (0.05 + 0.04 * next());
      slopeSe![g] = Math.abs(slope![g]!) / Math.sqrt(-4.6 * log10P![g]!);
      q![g] = Math.min(1, 10 ** (log10P![g]! + 3.6));
    }
    at = end0;
  }
  return {
    ...columns,
    start,
    end,
    numVariants,
    position,
    af: af!,
    slope: slope!,
    slopeSe: slopeSe!,
    log10P: log10P!,
    q: q!,
    pPerm: log10P!.map((value) => Math.max(1e-3, Math.min(1, 10 ** (value + 2)))),
    log10PBeta: log10P!.map((value) => Math.min(0, value + 2)),
    log10Threshold: log10P!.map((value) => (Number.isNaN(value) ? value : -3.6)),
    log2Afc: slope!.map((value) => value / 2),
    log2AfcSe: slopeSe!.map((value) => value / 2),
    afcStatus: columns.status.map((status) => (status === "ok" ? "ok" : "")),
  };
}

/** Pairs around each gene, weaker the further from its lead; `count` in all. `trans` puts most on other chromosomes. */
export function madePoints(genes: GeneColumns, count: number, trans = false, seed = 2): PointColumns {
  const next = random(seed);
  const layout = new Map(madeLayout().map((span) => [span.name, span]));
  const spans = [...layout.values()];
  const tested = [...genes.id.keys()].filter((g) => genes.variant[g] !== "");
  const rows: { x: number; y: number; gene: number; variant: string }[] = [];
  const hotspots = Array.from({ length: 5 }, () => {
    const span = spans[Math.floor(next() * spans.length)]!;
    return { span, position: Math.round(span.first + next() * (span.last - span.first)) };
  });
  for (let i = 0; i < count; i++) {
    const gene = tested[Math.floor((i * tested.length) / count)]!;
    const own = layout.get(genes.chromosome[gene]!)!;
    if (trans) {
      const local = next() < 0.35;
      const hot = next() < 0.4 ? hotspots[Math.floor(next() * 5)] : undefined;
      const span = local ? own : (hot?.span ?? spans[Math.floor(next() * spans.length)]!);
      const near = local
        ? genes.start[gene]!
        : (hot?.position ?? span.first + next() * (span.last - span.first));
      const position = Math.round(
        Math.min(span.last, Math.max(span.first, near + (local || hot ? (next() - 0.5) * 2e5 : 0))),
      );
      const y = 5 + (local ? 40 * next() ** 3 : 14 * next() ** 5);
      rows.push({ x: span.offset + position - span.first, y, gene, variant: `${span.name}_${position}` });
      continue;
    }
    const first = i === 0 || tested[Math.floor(((i - 1) * tested.length) / count)] !== gene;
    const position = first
      ? genes.position[gene]!
      : Math.max(own.first, Math.min(own.last, genes.start[gene]! + Math.round((next() - 0.5) * 2e6)));
    const far = Math.abs(position - genes.position[gene]!) / 60_000;
    const noise = -Math.log10(1 - next());
    const tower = -genes.log10P[gene]! * Math.exp(-far) * (0.25 + 0.7 * next());
    const y = first ? -genes.log10P[gene]! : Math.min(-genes.log10P[gene]!, Math.max(noise, tower));
    rows.push({ x: own.offset + position - own.first, y, gene, variant: `${own.name}_${position}` });
  }
  rows.sort((a, b) => a.x - b.x);
  const variants: string[] = [];
  const index = new Map<string, number>();
  const variant = Uint32Array.from(rows, ({ variant: id }) => {
    const known = index.get(id) ?? variants.push(id) - 1;
    index.set(id, known);
    return known;
  });
  const place = (g: number) => {
    const span = layout.get(genes.chromosome[g]!)!;
    return span.offset + genes.start[g]! - span.first;
  };
  return {
    x: Float64Array.from(rows, ({ x }) => x),
    y: Float32Array.from(rows, ({ y }) => y),
    gene: Uint32Array.from(rows, ({ gene }) => gene),
    ...{ variant, variants },
    ...(trans ? { geneX: Float64Array.from(rows, ({ gene }) => place(gene)) } : {}),
  };
}

export function madePairs(genes: GeneColumns, gene: number): PairColumns {
  const next = random(gene + 17);
  const n = Math.min(1800, genes.numVariants[gene]!);
  const lead = genes.position[gene]!;
  const position = Int32Array.from({ length: n }, (_, i) =>
    i === 0 ? lead : Math.max(1, Math.round(genes.start[gene]! + (next() - 0.5) * 2e6)),
  ).sort();
  const chromosome = genes.chromosome[gene]!;
  const log10P = Float64Array.from(position, (at) => {
    const top = -genes.log10P[gene]!;
    const far = Math.abs(at - lead);
    const second = Math.abs(at - lead - 240_000);
    const tower =
      at === lead
        ? top
        : Math.max(
            0.92 * top * Math.exp(-far / 60_000) * (0.3 + 0.7 * next()),
            0.4 * top * Math.exp(-second / 30_000) * next(),
          );
    return -(at === lead ? top : Math.min(top * 0.99, Math.max(-Math.log10(1 - next()), tower)));
  });
  const slope = log10P.map((p) => (next() < 0.5 ? -1 : 1) * 0.1 * Math.sqrt(-p));
  const letter = (shift: number) => Array.from(position, (at) => "ACGT"[(at + shift) % 4]!);
  return {
    variant: Array.from(position, (at) => `${chromosome}_${at}`),
    chromosome: Array.from(position, () => chromosome),
    position,
    ...{ effectAllele: letter(0), otherAllele: letter(1) },
    af: log10P.map(() => 0.02 + 0.96 * next()),
    ...{ slope, slopeSe: slope.map((b, i) => Math.abs(b) / Math.sqrt(-4.6 * log10P[i]! + 0.01)), log10P },
  };
}
