/** An engine with a map that is made up (./madeMap.ts), for the views: `reopen("cis 20000 1000000")` gives that many genes and points. Never shipped. */
import type { Question, Reply } from "../../../src/app/engine/client.ts";
import type { Engine, GeneColumns, Region, ResultView } from "../../../src/app/engine/protocol.ts";
import { random } from "./madeDots.ts";
import { madeGenes, madeLayout, madePairs, madePoints } from "./madeMap.ts";

type Fake = { readonly [Name in keyof Engine]?: (...args: Parameters<Engine[Name]>) => unknown };

let genes: GeneColumns = madeGenes(10);
let points = 0;
let kind: "cis" | "trans" = "cis";

const fake: Fake = {
  machine: () => ({
    webgl: undefined,
    threads: 2,
    isolated: false,
    chosen: "wasm",
    why: "made up",
    storage: 0,
  }),
  kept: () => [],
  reopen: (id) => {
    const [what, count, pairs] = id.split(" ");
    kind = what === "trans" ? "trans" : "cis";
    genes = madeGenes(Number(count));
    points = Number(pairs);
    return viewOf(id);
  },
  genes: () => genes,
  points: (limit) => madePoints(genes, Math.min(limit, points), kind === "trans"),
  nullSample: () => {
    const next = random(5);
    return {
      log10P: Float64Array.from({ length: 20_000 }, () => Math.log10(1 - next()) * (1 + 0.8 * next() ** 8)),
      lambda: 1.024,
    };
  },
  pairs: (gene) => madePairs(genes, gene),
  values: ({ gene, variant }) => {
    const row = genes.id.indexOf(gene);
    const next = random(variant.length * 31 + row);
    const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(6.283 * next());
    const genotype = Float64Array.from({ length: 358 }, (_, i) =>
      i % 97 === 3 ? Number.NaN : (next() < 0.4 ? 1 : 0) + (next() < 0.4 ? 1 : 0),
    );
    const residual = genotype.map(
      (g) => (Number.isNaN(g) ? 0 : 1.5 * (genes.slope[row]! || 0.2) * g) + normal(),
    );
    return {
      samples: Array.from(genotype, (_, i) => `S${i}`),
      ...{ genotype, residual, expression: residual.map((value) => 12 + 2 * value + normal()) },
      ...{ effectAllele: genes.effectAllele[row] || "T", otherAllele: genes.otherAllele[row] || "C" },
    };
  },
  ld: (variant, others) => {
    const at = (id: string) => Number(id.split("_")[1]);
    const next = random(at(variant));
    return Float64Array.from(others, (id) =>
      id === variant
        ? 1
        : Math.min(1, Math.exp(-Math.abs(at(id) - at(variant)) / 70_000) * (0.4 + 0.65 * next())),
    );
  },
  signals: (gene) => {
    const pairs = madePairs(genes, gene);
    const lead = pairs.variant.indexOf(genes.variant[gene]!);
    const set = [lead - 1, lead, lead + 1].filter((i) => i >= 0 && i < pairs.variant.length);
    const pip = new Float64Array(pairs.variant.length);
    for (const i of set) pip[i] = i === lead ? 0.71 : 0.13;
    return {
      independent: [1, 2].map((rank) => ({
        ...{ rank, variant: genes.variant[gene]!, log10P: genes.log10P[gene]! / rank },
        given: pairs.log10P.map((value) => value / rank),
      })),
      says: ["Signals and credible sets are made up."],
      credibleSets: [
        {
          set: 1,
          coverage: 0.97,
          variants: set.map((i) => pairs.variant[i]!),
          pip: Float64Array.from(set, (i) => pip[i]!),
        },
      ],
      pip,
    };
  },
  effects: () => [],
  region: ({ chromosome, start, end }: Region) => ({
    genes: [...genes.id.keys()]
      .filter((g) => genes.chromosome[g] === chromosome && genes.start[g]! < end && genes.end[g]! > start)
      .map((g) => ({
        id: genes.id[g]!,
        symbol: genes.symbol[g]!,
        strand: genes.strand[g] as "+",
        start: genes.start[g]!,
        end: genes.end[g]!,
        exons: new Int32Array(0),
      })),
  }),
  gwasLoci: () => ({ loci: [], says: [] }),
  contexts: () => [],
  modules: () => undefined,
  exportTable: (table, format) => new Blob([`${table} as ${format}`]),
};

function viewOf(id: string): ResultView {
  const significant = genes.q.filter((q) => q <= 0.05).length;
  return {
    ...{ id, kind, title: `${kind === "cis" ? "Cis" : "Trans"} eQTL map of made-up genes` },
    lede: `Of ${genes.id.length} genes tested in 358 samples, ${significant} are associated with a variant ${kind === "cis" ? "near them" : "far from them"} (q ≤ 0.05).`,
    tables: [],
    ...{
      lambda: 1.024,
      samples: 358,
      significantQ: 0.05,
      cohort: true,
      gwas: [],
      layout: madeLayout(),
      messages: [],
      manifest: {},
    },
  };
}

const post = (reply: Reply): void => globalThis.postMessage(reply);
globalThis.onmessage = ({ data: { number, name, args } }: MessageEvent<Question>): void => {
  const act = fake[name] as ((...all: readonly unknown[]) => unknown) | undefined;
  try {
    if (act === undefined) throw new Error(`the made-up engine has no ${name}`);
    post({ number, answer: act(...args) });
  } catch (error) {
    post({ number, failure: { name: "Error", message: String(error) } });
  }
};
