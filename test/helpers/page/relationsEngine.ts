/**
 * The engine of ./viewsEngine.ts with what relates a map to others: a GWAS, other cohorts, contexts, and a network. `reopen("network 200 0")`
 * gives modules. Never shipped.
 */
import "./viewsEngine.ts";
import type { Question, Reply } from "../../../src/app/engine/client.ts";
import type {
  Engine,
  GwasColumns,
  NetworkGraph,
  PairColumns,
  Region,
} from "../../../src/app/engine/protocol.ts";
import { random } from "./madeDots.ts";
import { madeGenes, madeLayout, madePairs } from "./madeMap.ts";

type Fake = { readonly [Name in keyof Engine]?: (...args: Parameters<Engine[Name]>) => unknown };

let genes = madeGenes(10);
const COLOURS = ["grey", "turquoise", "blue", "brown", "yellow", "green"];
const moduleOf = (gene: number) => (gene % 9 === 8 ? 0 : 1 + ((gene * 7) % 5));
const membership = (gene: number) => 0.25 + 0.7 * random(gene + 3)();

/** The GWAS has most of the gene's variants, half of them counted for the other allele, in the order of positions. */
function gwasOf(gene: number, seed: number): GwasColumns {
  const pairs: PairColumns = madePairs(genes, gene);
  const next = random(gene + seed);
  const rows = pairs.variant.map((_, i) => i).filter(() => next() < 0.85);
  const turned = rows.map(() => next() < 0.5);
  const z = Float64Array.from(rows, (row, i) => {
    const own = (0.8 * pairs.slope[row]!) / pairs.slopeSe[row]! + 1.2 * (next() + next() + next() - 1.5);
    return (turned[i] ? -1 : 1) * own;
  });
  const letters = (first: readonly string[], second: readonly string[]) =>
    rows.map((row, i) => (turned[i] ? second : first)[row]!);
  return {
    variant: rows.map((row) => pairs.variant[row]!),
    position: Int32Array.from(rows, (row) => pairs.position[row]!),
    effectAllele: letters(pairs.effectAllele, pairs.otherAllele),
    otherAllele: letters(pairs.otherAllele, pairs.effectAllele),
    frequency: Float64Array.from(rows, (row, i) => (turned[i] ? 1 - pairs.af[row]! : pairs.af[row]!)),
    ...{ z, log10P: z.map((value) => -(value * value) / 4.6 - 0.3) },
  };
}

function lociGenes(): number[] {
  return [...genes.id.keys()].filter((g) => genes.log10P[g]! < -12).slice(0, 14);
}

function graphOf(
  own: readonly number[],
  measure: NetworkGraph["measure"] = "topological overlap",
): NetworkGraph {
  const from: number[] = [];
  const to: number[] = [];
  const weight: number[] = [];
  own.forEach((a, i) => {
    own.slice(0, i).forEach((b, j) => {
      const next = random(a * 1009 + b);
      const same = moduleOf(a) === moduleOf(b);
      if (next() < (same ? 0.12 : 0.02)) {
        from.push(i);
        to.push(j);
        weight.push((same ? 0.1 : 0.03) + 0.3 * next());
      }
    });
  });
  return {
    nodes: own.map((gene) => ({
      gene: genes.id[gene]!,
      module: moduleOf(gene),
      membership: membership(gene),
    })),
    ...{ from: Uint32Array.from(from), to: Uint32Array.from(to), weight: Float64Array.from(weight) },
    measure,
    measures: ["topological overlap", "correlation"],
    says: "Edges are made up.",
  };
}

const fake: Fake = {
  understand: () => ({
    files: [{ name: "bmi.tsv.gz", role: "gwas", bytes: 9e7, says: "1,204,333 variants with z" }],
    ...{ ready: false, missing: [] },
  }),
  gwasLoci: () => ({
    says: [],
    loci: lociGenes().map((g) => ({
      ...{
        chromosome: genes.chromosome[g]!,
        start: genes.position[g]! - 50_000,
        end: genes.position[g]! + 50_000,
      },
      ...{ variant: genes.variant[g]!, position: genes.position[g]!, log10P: 0.6 * genes.log10P[g]! },
      genes: Uint32Array.of(g, ...(g > 0 ? [g - 1] : [])),
    })),
  }),
  region: ({ chromosome, start, end }: Region, trait?: string) => {
    const here = [...genes.id.keys()].filter(
      (g) => genes.chromosome[g] === chromosome && genes.start[g]! < end && genes.end[g]! > start,
    );
    const g = lociGenes().find(
      (one) =>
        genes.chromosome[one] === chromosome && genes.position[one]! > start && genes.position[one]! < end,
    );
    const position = Int32Array.from({ length: 40 }, (_, i) => start + Math.round((i * (end - start)) / 40));
    const next = random(start);
    return {
      genes: here.map((row) => ({
        ...{ id: genes.id[row]!, symbol: genes.symbol[row]!, strand: genes.strand[row] as "+" },
        ...{ start: genes.start[row]!, end: genes.end[row]! },
        exons: Int32Array.from(
          [0, 0.3, 0.5, 0.93].flatMap((at) => {
            const from = genes.start[row]! + at * (genes.end[row]! - genes.start[row]!);
            return [from, from + 0.06 * (genes.end[row]! - genes.start[row]!)];
          }),
        ),
      })),
      recombination: { position, rate: Float64Array.from(position, () => 60 * next() ** 9) },
      gwas: g === undefined ? undefined : gwasOf(g, trait === "height.tsv.gz" ? 6 : 5),
    };
  },
  effects: ({ gene }) => {
    const row = genes.id.indexOf(gene);
    const [slope, slopeSe] = [genes.slope[row]!, genes.slopeSe[row]!];
    return [
      { cohort: "GEUVADIS EUR", samples: 358, slope, slopeSe, log10P: genes.log10P[row]! },
      {
        cohort: "GEUVADIS YRI",
        samples: 87,
        slope: 0.8 * slope,
        slopeSe: 2.1 * slopeSe,
        log10P: genes.log10P[row]! / 6,
      },
      {
        cohort: "TwinsUK LCL",
        samples: 765,
        slope: 1.1 * slope,
        slopeSe: 0.7 * slopeSe,
        log10P: 2 * genes.log10P[row]!,
      },
      { cohort: "BLUEPRINT T cells", samples: 169, slope: 0.2 * slope, slopeSe: 1.5 * slopeSe, log10P: -0.4 },
      {
        ...{ cohort: "A third one", samples: 90, slope: Number.NaN, slopeSe: Number.NaN, log10P: Number.NaN },
        leftOut: "it does not have the gene",
      },
    ];
  },
  contexts: () => ["neutrophil share", "age"],
  interaction: ({ gene }, context) => {
    const row = genes.id.indexOf(gene);
    const next = random(row + context.length);
    const normal = () => next() + next() + next() + next() - 2;
    const genotype = Float64Array.from(
      { length: 358 },
      () => (next() < 0.4 ? 1 : 0) + (next() < 0.4 ? 1 : 0),
    );
    const values = genotype.map(() => (context === "age" ? Math.round(20 + 60 * next()) : next() * next()));
    const most = context === "age" ? 80 : 1;
    const residual = genotype.map((g, i) => (1.8 * g * values[i]!) / most + normal());
    return {
      samples: Array.from(genotype, (_, i) => `S${i}`),
      ...{ genotype, residual, context: values, expression: residual.map((value) => 12 + 2 * value) },
      ...{ effectAllele: genes.effectAllele[row] || "T", otherAllele: genes.otherAllele[row] || "C" },
    };
  },
  modules: () => {
    const module = Int32Array.from(genes.id, (_, g) => moduleOf(g));
    const sizes = Int32Array.from(COLOURS, (_, m) => module.filter((one) => one === m).length);
    const hubs = COLOURS.map((_, m) => {
      const own = [...genes.id.keys()].filter((g) => m > 0 && moduleOf(g) === m);
      return genes.id[own.sort((a, b) => membership(b) - membership(a))[0] ?? -1] ?? "";
    });
    return {
      ...{ gene: genes.id, module, membership: Float64Array.from(genes.id, (_, g) => membership(g)) },
      ...{ sizes, colours: COLOURS, hubs },
    };
  },
  graph: (of) => {
    const own = [...genes.id.keys()];
    if ("module" in of) return graphOf(own.filter((g) => moduleOf(g) === of.module).slice(0, 90), of.measure);
    const focus = genes.id.indexOf(of.gene);
    return graphOf(
      [focus, ...own.filter((g) => g !== focus && random(focus * 31 + g)() < 0.18)].slice(0, 60),
      of.measure,
    );
  },
};

const post = (reply: Reply): void => globalThis.postMessage(reply);
const rest = globalThis.onmessage;
globalThis.onmessage = function (event: MessageEvent<Question>): void {
  const { number, name, args } = event.data;
  if (name === "reopen") {
    const [kind, count] = String(args[0]).split(" ");
    genes = madeGenes(Number(count));
    if (kind === "network") {
      const view = {
        ...{
          id: String(args[0]),
          kind,
          title: "Modules of made-up genes",
          lede: `${count} genes in 5 modules.`,
          tables: [],
        },
        ...{
          lambda: Number.NaN,
          samples: 358,
          significantQ: 0.05,
          cohort: false,
          gwas: [],
          layout: madeLayout(),
          messages: [],
          manifest: {},
        },
      };
      rest?.call(
        this as never,
        new MessageEvent("message", { data: { number: -1, name: "reopen", args: [`cis ${count} 0`] } }),
      );
      post({ number, answer: view });
      return;
    }
  }
  const act = fake[name] as ((...all: readonly unknown[]) => unknown) | undefined;
  if (act === undefined) {
    rest?.call(this as never, event);
    return;
  }
  try {
    post({ number, answer: act(...args) });
  } catch (error) {
    post({ number, failure: { name: "Error", message: String(error) } });
  }
};
