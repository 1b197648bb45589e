import type { Cohort } from "../../../cohort/cohort.ts";
import { dot } from "../../../statistics/linalg.ts";
import type { ModuleColumns, NetworkGraph } from "../answers.ts";
import { integersOf, numbersOf, type ResultTables, textsOf } from "./tables.ts";

/** Genes of a module that are drawn: those of largest membership. */
const DRAWN = 80;
/** Neighbours of a gene. */
const NEIGHBOURS = 30;

/** The modules of a network result; undefined where it has none. */
export async function modulesOf(tables: ResultTables): Promise<ModuleColumns | undefined> {
  const [genes, modules] = [await tables.open("genes"), await tables.open("modules")];
  if (genes === undefined || modules === undefined) return undefined;
  const [label, colour, size] = [
    await integersOf(modules, ["module"]),
    await textsOf(modules, ["color"]),
    await integersOf(modules, ["genes"]),
  ];
  const hub = await textsOf(modules, ["hub_gene"]);
  const most = label.reduce((max, one) => Math.max(max, one), 0);
  const places = Array.from({ length: most + 1 }, (_, m) => label.indexOf(m));
  const at = <T>(values: ArrayLike<T>, otherwise: T): T[] =>
    places.map((place) => (place < 0 ? otherwise : values[place]!));
  return {
    gene: await textsOf(genes, ["gene"]),
    module: await integersOf(genes, ["module"]),
    membership: await numbersOf(genes, ["kme"]),
    sizes: Int32Array.from(at(size, 0)),
    colours: ["grey", ...at(colour, "grey").slice(1)],
    hubs: at(hub, ""),
  };
}

/**
 * A module's genes of largest membership, or a gene and those it correlates with most; with the strongest edges between them. Edges are correlations
 * of expression with the covariates taken out, where the cohort is open; without it a module is a star around its hub.
 */
export function graphOf(
  modules: ModuleColumns | undefined,
  cohort: Cohort | undefined,
  of: { readonly module: number } | { readonly gene: string },
  limit: number,
): NetworkGraph {
  const row = new Map((modules?.gene ?? cohort?.genes.id ?? []).map((gene, i) => [gene, i]));
  const node = (gene: string) => ({
    gene,
    module: modules?.module[row.get(gene) ?? -1] ?? 0,
    membership: modules?.membership[row.get(gene) ?? -1] ?? Number.NaN,
  });
  const chosen = "gene" in of ? neighbours(cohort, of.gene) : membersOf(modules, of.module);
  const nodes = chosen.map(node);
  if (cohort === undefined) return star(nodes, limit);
  const index = new Map(cohort.genes.id.map((id, g) => [id, g]));
  const at = chosen.map((gene) => index.get(gene) ?? -1);
  const edges: { from: number; to: number; weight: number }[] = [];
  for (let a = 0; a < at.length; a++) {
    for (let b = a + 1; b < at.length; b++) {
      const weight = correlation(cohort, at[a]!, at[b]!);
      if (!Number.isNaN(weight)) edges.push({ from: a, to: b, weight });
    }
  }
  edges.sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight) || a.from - b.from || a.to - b.to);
  return { nodes, ...columns(edges.slice(0, limit)), measure: "correlation" };
}

function membersOf(modules: ModuleColumns | undefined, module: number): string[] {
  if (modules === undefined) return [];
  const size = (g: number): number => Math.abs(modules.membership[g]!) || 0;
  return [...modules.gene.keys()]
    .filter((g) => modules.module[g] === module)
    .sort((a, b) => size(b) - size(a) || a - b)
    .slice(0, DRAWN)
    .map((g) => modules.gene[g]!);
}

/** The gene first. */
function neighbours(cohort: Cohort | undefined, gene: string): string[] {
  const g = cohort?.genes.id.indexOf(gene) ?? -1;
  if (cohort === undefined || g < 0) return [gene];
  const strength = cohort.genes.id.map((_, other) =>
    other === g ? Number.NaN : Math.abs(correlation(cohort, g, other)),
  );
  const near = [...strength.keys()].filter((other) => strength[other]! > 0);
  near.sort((a, b) => strength[b]! - strength[a]! || a - b);
  return [gene, ...near.slice(0, NEIGHBOURS).map((other) => cohort.genes.id[other]!)];
}

/** Of residuals, which have mean 0 and norm 1; NaN for genes without. */
function correlation({ residuals, samples, geneStatus }: Cohort, a: number, b: number): number {
  const n = samples.length;
  if (a < 0 || b < 0 || geneStatus[a] !== "ok" || geneStatus[b] !== "ok") return Number.NaN;
  return dot(residuals, a * n, residuals, b * n, n);
}

function star(nodes: NetworkGraph["nodes"], limit: number): NetworkGraph {
  const edges = nodes
    .slice(1, limit + 1)
    .map(({ membership }, i) => ({ from: 0, to: i + 1, weight: membership }));
  return { nodes, ...columns(edges), measure: "module membership" };
}

function columns(edges: readonly { from: number; to: number; weight: number }[]) {
  return {
    from: Uint32Array.from(edges, ({ from }) => from),
    to: Uint32Array.from(edges, ({ to }) => to),
    weight: Float64Array.from(edges, ({ weight }) => weight),
  };
}
